import pytest
from tests.doctor.findings import Break, Diagnose, not_ok

CLAIM = "claim_plan_jobs(uuid, text, integer, text[])"
OUTSIDER = "create role outsider; grant {} to outsider; grant outsider to anon with inherit true"
NO_OUTSIDER = "drop owned by outsider; drop role outsider"
CHANGES = [
    (
        "grant select on supajobs.provider_keys to authenticated",
        "revoke select on supajobs.provider_keys from authenticated",
        "authenticated may select supajobs.provider_keys",
    ),
    (
        "grant insert on plan_generation_jobs to anon",
        "revoke insert on plan_generation_jobs from anon",
        "anon may insert plan_generation_jobs",
    ),
    (
        "grant select on plan_user_costs to public",
        "revoke select on plan_user_costs from public",
        "public may select plan_user_costs",
    ),
    (
        "grant select (claim_id) on plan_generation_jobs to authenticated",
        "revoke select (claim_id) on plan_generation_jobs from authenticated",
        "authenticated may select plan_generation_jobs.claim_id",
    ),
    (
        "revoke select (status) on plan_generation_jobs from authenticated",
        "grant select (status) on plan_generation_jobs to authenticated",
        "authenticated may not select plan_generation_jobs.status",
    ),
    (
        "alter table weekly_base_plans disable row level security",
        "alter table weekly_base_plans enable row level security",
        "Row Level Security of weekly_base_plans is off",
    ),
    (
        "alter policy plan_job_types_closed_to_clients on plan_job_types using (true)",
        "alter policy plan_job_types_closed_to_clients on plan_job_types using (false)",
        "policy plan_job_types_closed_to_clients of plan_job_types is changed",
    ),
    (
        "alter policy plan_job_types_closed_to_clients on plan_job_types rename to shut",
        "alter policy shut on plan_job_types rename to plan_job_types_closed_to_clients",
        (
            "policy plan_job_types_closed_to_clients of plan_job_types is missing; "
            "policy shut of plan_job_types is not the queue's"
        ),
    ),
    (
        "create policy everybody on weekly_base_plans for select to authenticated using (true)",
        "drop policy everybody on weekly_base_plans",
        "policy everybody of weekly_base_plans is not the queue's",
    ),
    (
        "grant execute on function enqueue_plan_job to authenticated",
        "revoke execute on function enqueue_plan_job from authenticated",
        "authenticated may execute public.enqueue_plan_job(",
    ),
    (
        "grant execute on function set_up_plan_job_processing to public",
        "revoke execute on function set_up_plan_job_processing from public",
        "public may execute public.set_up_plan_job_processing(text,text,text)",
    ),
    (
        "revoke execute on function get_plan_job_steps from service_role",
        "grant execute on function get_plan_job_steps to service_role",
        "service_role may not execute public.get_plan_job_steps(uuid,uuid)",
    ),
    (
        f"grant execute on function {CLAIM} to anon",
        f"revoke execute on function {CLAIM} from anon",
        "the publishable key alone can call claim_plan_jobs",
    ),
    # What no list of the queue's own grants shows, and trying does.
    (
        OUTSIDER.format(f"execute on function {CLAIM}"),
        NO_OUTSIDER,
        "the publishable key alone can call claim_plan_jobs",
    ),
]


@pytest.mark.parametrize(("statement", "repair", "said"), CHANGES)
async def test_a_change_is_named(
    diagnose: Diagnose, broken: Break, statement: str, repair: str, said: str
) -> None:
    with broken(statement, repair):
        findings = await diagnose()
    assert not_ok(findings) == {"privileges": "error"}, findings
    assert said in findings["privileges"].message


async def test_a_table_that_anybody_can_read_is_tried(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "grant select on plan_job_types to anon; "
        "create policy everybody on plan_job_types for select to anon using (true)",
        "revoke select on plan_job_types from anon; drop policy everybody on plan_job_types",
    ):
        findings = await diagnose()
    assert not_ok(findings) == {"privileges": "error"}
    assert "the publishable key alone can read plan_job_types" in findings["privileges"].message


async def test_further_rights_of_the_service_are_nobodys_business(
    diagnose: Diagnose, broken: Break
) -> None:
    with broken(
        "grant truncate on plan_generation_jobs to service_role",
        "revoke truncate on plan_generation_jobs from service_role",
    ):
        assert not_ok(await diagnose()) == {}
