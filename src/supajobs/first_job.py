"""The job type that `supajobs init` writes, as one asks for it."""

FIRST_TYPE = "poem"
_PARAMS = '{"hero": "Fox"}'


def write_request(job_type: str) -> str:
    """The command that asks for a job of this type; what others want to know is to be filled in."""
    params = _PARAMS if job_type == FIRST_TYPE else "{…}"
    return f"supajobs jobs enqueue {job_type} --params '{params}'"
