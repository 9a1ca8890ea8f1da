"""Whether the two API keys are of the right kind, and the project takes them."""

from http import HTTPStatus

from supajobs.doctor.connection import TABLE, read_object
from supajobs.doctor.finding import Verdict, error, ok
from supajobs.doctor.project import Project
from supajobs.project_access import KeyKind, tell_kind

SCHEMA_NOT_SERVED = "PGRST106"
_WHERE = "Dashboard → Settings → API Keys"


async def check_publishable_key(project: Project) -> Verdict:
    """Whether SUPABASE_PUBLISHABLE_KEY is one, and the project's."""
    key = project.settings.supabase_publishable_key
    kind = tell_kind(key)
    if kind == KeyKind.SECRET:
        return error(
            f"SUPABASE_PUBLISHABLE_KEY is {kind}{_say_if_swapped(project)}: whoever has it can do "
            "everything.",
            "Set it to sb_publishable_… (or the legacy anon key). If an app or a browser was given "
            f"this one, rotate it: {_WHERE}.",
        )
    if kind == KeyKind.UNKNOWN:
        return error(
            f"SUPABASE_PUBLISHABLE_KEY is {kind}.",
            f"Set it to sb_publishable_… (or the legacy anon key): {_WHERE}.",
        )
    return await _try(project, "SUPABASE_PUBLISHABLE_KEY", key)


async def check_secret_key(project: Project) -> Verdict:
    """Whether SUPABASE_SECRET_KEY is one, and the project's."""
    key = project.settings.supabase_secret_key.get_secret_value()
    kind = tell_kind(key)
    if kind != KeyKind.SECRET:
        return error(
            f"SUPABASE_SECRET_KEY is {kind}{_say_if_swapped(project)}.",
            f"Set it to sb_secret_… (or the legacy service_role key): {_WHERE}.",
        )
    return await _try(project, "SUPABASE_SECRET_KEY", key)


def _say_if_swapped(project: Project) -> str:
    given = project.settings.supabase_publishable_key, project.settings.supabase_secret_key
    kinds = tell_kind(given[0]), tell_kind(given[1].get_secret_value())
    is_swapped = kinds == (KeyKind.SECRET, KeyKind.PUBLISHABLE)
    return " (the two keys are swapped)" if is_swapped else ""


async def _try(project: Project, name: str, key: str) -> Verdict:
    response = await project.get(TABLE, key=key)
    body = read_object(response)
    code = str(body.get("code") or "")
    # The gateway refuses keys without a code of PostgREST's, which refuses tokens with PGRST30x.
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and (
        not code or code.startswith("PGRST30")
    ):
        return error(
            f"The project refuses {name}: {body.get('message')}",
            f"Copy it again, from the project that SUPABASE_URL names: {_WHERE}.",
        )
    if code == SCHEMA_NOT_SERVED:
        return error(
            "The project's Data API does not serve the schema public.",
            "Add public to the exposed schemas: Dashboard → Settings → Data API.",
        )
    if response.is_server_error:
        return error(
            f"{name} could not be tried: the project answers {response.status_code}.",
            "Try again; see the Dashboard's logs and status.supabase.com.",
        )
    return ok(f"{name} is taken.")
