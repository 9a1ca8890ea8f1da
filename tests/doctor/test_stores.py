from tests.doctor.findings import Break, Diagnose, not_ok
from tests.parts import Sql

FUNCTION = """
create schema app;
grant usage on schema app to service_role;
create function app.store_story(p_job jsonb, p_store jsonb) returns jsonb
language sql as 'select p_store';
revoke execute on function app.store_story from public;
grant execute on function app.store_story to service_role;
"""
JOB_TYPE = "insert into plan_job_types (job_type, stored_by) values ('tale', 'app.store_story');"
GONE = "delete from plan_job_types where job_type = 'tale'; drop schema app cascade"


async def test_a_function_that_can_store(diagnose: Diagnose, broken: Break) -> None:
    with broken(FUNCTION + JOB_TYPE, GONE):
        findings = await diagnose()
    assert not_ok(findings) == {}
    assert findings["stores"].message == "All functions that job types name can store."


async def test_a_function_that_clients_can_call(
    diagnose: Diagnose, broken: Break, sql: Sql
) -> None:
    with broken(FUNCTION + JOB_TYPE, GONE):
        sql.execute("grant usage on schema app to anon, authenticated")
        sql.execute("grant execute on function app.store_story to anon")
        findings = await diagnose()
    assert not_ok(findings) == {"stores": "error"}
    assert (
        findings["stores"].message
        == "tale: Clients (anon) may execute app.store_story(jsonb,jsonb)."
    )
    assert str(findings["stores"].remedy).startswith("revoke execute on function app.store_story")


async def test_a_function_that_is_gone(diagnose: Diagnose, broken: Break, sql: Sql) -> None:
    with broken(FUNCTION + JOB_TYPE, GONE):
        sql.execute("drop function app.store_story")
        findings = await diagnose()
    assert not_ok(findings) == {"stores": "error"}
    assert findings["stores"].message == "tale: There is no function app.store_story(jsonb, jsonb)."
