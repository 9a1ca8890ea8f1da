"""Drift: what somebody changed by hand is named, and nothing else turns red because of it."""

import pytest
from tests.doctor.findings import Break, Diagnose, not_ok
from tests.parts import Sql

from supajobs.doctor.schema_description import read_snapshot, schema_description

CHANGES = [
    (
        "alter table plan_job_costs rename to plan_job_expenses",
        "alter table plan_job_expenses rename to plan_job_costs",
        "table plan_job_costs is missing",
    ),
    (
        "drop index plan_generation_jobs_scheduled",
        (
            "create index plan_generation_jobs_scheduled on plan_generation_jobs (run_at) "
            "where status = 'pending' and turn is null and not is_held"
        ),
        "index plan_generation_jobs_scheduled of plan_generation_jobs is missing",
    ),
    (
        "alter view plan_user_costs set (security_invoker = false)",
        "alter view plan_user_costs set (security_invoker = true)",
        "view plan_user_costs is changed",
    ),
    (
        "alter table plan_job_types alter ttl_hours type integer",
        "alter table plan_job_types alter ttl_hours type smallint",
        "column plan_job_types.ttl_hours is integer, not smallint",
    ),
    (
        "alter table plan_job_types rename description to about",
        "alter table plan_job_types rename about to description",
        "column plan_job_types.description is missing",
    ),
    (
        "alter table plan_job_types alter max_retries drop default",
        "alter table plan_job_types alter max_retries set default 3",
        "column plan_job_types.max_retries is changed",
    ),
    (
        "alter table supajobs.provider_keys add tenant uuid not null",
        "alter table supajobs.provider_keys drop tenant",
        "column supajobs.provider_keys.tenant is not the queue's and must not be null",
    ),
    (
        "alter table supajobs.provider_keys drop constraint provider_keys_pkey",
        "alter table supajobs.provider_keys add primary key (job_id)",
        "constraint provider_keys_pkey of supajobs.provider_keys is missing",
    ),
    (
        "alter table supajobs.provider_keys add constraint short check (length(ciphertext) < 10)",
        "alter table supajobs.provider_keys drop constraint short",
        "constraint short of supajobs.provider_keys is not the queue's",
    ),
    (
        "create unique index one_at_a_time on plan_generation_jobs (user_id)",
        "drop index one_at_a_time",
        "unique index one_at_a_time of plan_generation_jobs is not the queue's",
    ),
    (
        "alter table plan_generation_jobs disable trigger plan_generation_jobs_take_attempts_along",
        "alter table plan_generation_jobs enable trigger plan_generation_jobs_take_attempts_along",
        "trigger plan_generation_jobs_take_attempts_along of plan_generation_jobs is changed",
    ),
    (
        "alter function get_plan_job_key(uuid, uuid) security definer",
        "alter function get_plan_job_key(uuid, uuid) security invoker",
        "function public.get_plan_job_key(uuid,uuid) is changed",
    ),
    (
        "create function get_plan_job_key(text) returns text language sql as 'select 1'",
        "drop function get_plan_job_key(text)",
        "function public.get_plan_job_key(text) overloads one of the queue's",
    ),
    (
        "delete from plan_job_types where job_type = 'canary'",
        "insert into plan_job_types (job_type) values ('canary')",
        "job type canary is missing",
    ),
]
HARMLESS = [
    (
        "alter table plan_generation_jobs add tenant uuid",
        "alter table plan_generation_jobs drop tenant",
    ),
    (
        "create index by_project on plan_generation_jobs (project_id)",
        "drop index by_project",
    ),
    ("create table meal_plans (id int)", "drop table meal_plans"),
    (
        (
            "create trigger mine after insert on plan_generation_jobs "
            "execute function supajobs.wake_processor()"
        ),
        "drop trigger mine on plan_generation_jobs",
    ),
    (
        "update plan_job_types set max_retries = 9 where job_type = 'training_plan'",
        "update plan_job_types set max_retries = 3 where job_type = 'training_plan'",
    ),
]


@pytest.fixture
def get_plan_job_steps(sql: Sql) -> str:
    """The statement that creates the function of this name."""
    row = sql.execute(
        "select pg_get_functiondef('get_plan_job_steps'::regproc) as definition"
    ).fetchone()
    assert row
    return row["definition"]


@pytest.mark.parametrize(("statement", "repair", "said"), CHANGES)
async def test_a_change_is_named(
    diagnose: Diagnose, broken: Break, statement: str, repair: str, said: str
) -> None:
    with broken(statement, repair):
        findings = await diagnose()
    assert not_ok(findings) == {"schema": "error"}, findings
    assert said in findings["schema"].message


@pytest.mark.parametrize(("statement", "repair"), HARMLESS)
async def test_what_hinders_no_job_is_nobodys_business(
    diagnose: Diagnose, broken: Break, statement: str, repair: str
) -> None:
    with broken(statement, repair):
        assert not_ok(await diagnose()) == {}


async def test_a_function_has_another_body(
    diagnose: Diagnose, broken: Break, get_plan_job_steps: str
) -> None:
    changed = get_plan_job_steps.replace("begin", "begin -- mine", 1)
    assert changed != get_plan_job_steps
    with broken(changed, get_plan_job_steps):
        findings = await diagnose()
    assert not_ok(findings) == {"schema": "error"}
    signature = "public.get_plan_job_steps(uuid,uuid)"
    assert f"function {signature} has another body" in findings["schema"].message


async def test_a_function_is_gone(
    diagnose: Diagnose, broken: Break, get_plan_job_steps: str
) -> None:
    gone = "alter function get_plan_job_steps(uuid, uuid) rename to get_plan_job_steps_away"
    back = "alter function get_plan_job_steps_away(uuid, uuid) rename to get_plan_job_steps"
    with broken(gone, back):
        findings = await diagnose()
    assert not_ok(findings) == {"schema": "error"}
    assert "public.get_plan_job_steps(uuid,uuid) is missing" in findings["schema"].message


async def test_line_breaks_of_windows_are_no_change(
    diagnose: Diagnose, broken: Break, get_plan_job_steps: str
) -> None:
    with broken(get_plan_job_steps.replace("\n", "\r\n"), get_plan_job_steps):
        assert not_ok(await diagnose()) == {}


def test_the_snapshot_is_what_all_migrations_make(sql: Sql) -> None:
    row = sql.execute("select describe_plan_schema() as described").fetchone()
    assert row
    described = schema_description.validate_python(row["described"])
    others = {"job_types"}  # tests make theirs
    said = "run scripts/snapshot_schema, and look at what it changes"
    assert described.model_dump(exclude=others) == read_snapshot().model_dump(exclude=others), said
