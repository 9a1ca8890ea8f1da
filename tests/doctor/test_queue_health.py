from collections.abc import Callable

from tests.doctor.findings import Diagnose, not_ok
from tests.parts import Person, Sql, enqueue

from supajobs.queue.job_queue import JobQueue


async def test_jobs_wait_for_too_long(
    diagnose: Diagnose,
    sql: Sql,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
) -> None:
    job_type = make_job_type()  # which no processor knows
    job_id = await enqueue(queue, person, job_type)
    for age, status in (("10 minutes", "warning"), ("2 hours", "error")):
        sql.execute(
            "update plan_generation_jobs set run_at = now() - %(age)s::interval, "
            "created_at = now() - %(age)s::interval where id = %(id)s",
            {"age": age, "id": job_id},
        )
        findings = await diagnose()
        assert not_ok(findings) == {"queue": status}
        assert f'A job of type "{job_type}" has been due' in findings["queue"].message
    sql.execute("delete from plan_generation_jobs where id = %s", [job_id])
