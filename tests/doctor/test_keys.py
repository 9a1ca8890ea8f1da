import jwt
import pytest
from tests.doctor.findings import Diagnose, not_ok
from tests.doctor.gateway import Gateway
from tests.parts import CRON_SECRET
from tests.stand_in import Reply

from supajobs.local.stack import StackInfo
from supajobs.local.state import StackState
from supajobs.project_access import KeyKind, tell_kind

AFTER_SECRET_KEY = dict.fromkeys(
    [
        "migrations",
        "schema",
        "privileges",
        "job_types",
        "stores",
        "pg_cron",
        "pg_net",
        "vault_secrets",
        "schedules",
        "processor_endpoint",
        "processors",
        "queue",
    ],
    "skipped",
)


@pytest.fixture(scope="module")
def legacy(stack: StackInfo) -> dict[str, str]:
    """The project's legacy keys, by role."""
    state = StackState.read(stack.dir / "state.json")
    assert state
    return {
        role: jwt.encode({"role": role, "iss": "supabase"}, state.jwt_secret)
        for role in ("anon", "service_role")
    }


def test_the_kind_of_a_key(legacy: dict[str, str]) -> None:
    kinds = {
        "sb_publishable_x": KeyKind.PUBLISHABLE,
        "sb_secret_x": KeyKind.SECRET,
        legacy["anon"]: KeyKind.PUBLISHABLE,
        legacy["service_role"]: KeyKind.SECRET,
        jwt.encode({"role": "authenticated"}, "x" * 32): KeyKind.UNKNOWN,
        "sb_secret_…": KeyKind.UNKNOWN,
        "something": KeyKind.UNKNOWN,
    }
    assert {key: tell_kind(key) for key in kinds} == kinds


async def test_legacy_keys_are_as_good(diagnose: Diagnose, legacy: dict[str, str]) -> None:
    findings = await diagnose(
        SUPABASE_PUBLISHABLE_KEY=legacy["anon"], SUPABASE_SECRET_KEY=legacy["service_role"]
    )
    assert not_ok(findings) == {}


@pytest.mark.parametrize("key", ["sb_secret", "service_role"])
async def test_the_publishable_key_is_a_secret_one(
    diagnose: Diagnose, stack: StackInfo, legacy: dict[str, str], key: str
) -> None:
    given = legacy.get(key, stack.secret_key)
    findings = await diagnose(SUPABASE_PUBLISHABLE_KEY=given)
    assert not_ok(findings) == {"publishable_key": "error", "privileges": "skipped"}
    assert "is a secret key" in findings["publishable_key"].message
    assert "rotate it" in str(findings["publishable_key"].remedy)


async def test_the_keys_are_swapped(diagnose: Diagnose, stack: StackInfo) -> None:
    findings = await diagnose(
        SUPABASE_PUBLISHABLE_KEY=stack.secret_key, SUPABASE_SECRET_KEY=stack.publishable_key
    )
    assert not_ok(findings) == {
        "publishable_key": "error",
        "secret_key": "error",
        **AFTER_SECRET_KEY,
    }
    for check in ("publishable_key", "secret_key"):
        assert "the two keys are swapped" in findings[check].message


@pytest.mark.parametrize("key", ["sb_secret_…", "eyJhbGciOiJub25lIn0.e30.", "changeme"])
async def test_the_secret_key_is_none(diagnose: Diagnose, key: str) -> None:
    findings = await diagnose(SUPABASE_SECRET_KEY=key)
    assert not_ok(findings) == {"secret_key": "error", **AFTER_SECRET_KEY}
    assert "SUPABASE_SECRET_KEY is no API key of Supabase" in findings["secret_key"].message


async def test_the_secret_key_is_a_publishable_one(diagnose: Diagnose, stack: StackInfo) -> None:
    findings = await diagnose(SUPABASE_SECRET_KEY=stack.publishable_key)
    assert not_ok(findings) == {"secret_key": "error", **AFTER_SECRET_KEY}
    assert "SUPABASE_SECRET_KEY is a publishable key" in findings["secret_key"].message


async def test_the_keys_are_those_of_another_project(diagnose: Diagnose) -> None:
    findings = await diagnose(
        SUPABASE_PUBLISHABLE_KEY="sb_publishable_of_another",
        SUPABASE_SECRET_KEY="sb_secret_of_another",
    )
    assert not_ok(findings) == {
        "publishable_key": "error",
        "secret_key": "error",
        **AFTER_SECRET_KEY,
    }
    assert "refuses SUPABASE_SECRET_KEY: Invalid API key" in findings["secret_key"].message


async def test_the_schema_is_not_served(diagnose: Diagnose, front: Gateway) -> None:
    front.replies["/rest/v1/plan_job_types"] = Reply(
        '{"code": "PGRST106", "message": "The schema must be one of the following: api"}'
    )
    findings = await diagnose(supabase_url=front.url)
    assert "does not serve the schema public" in findings["secret_key"].message


async def test_no_finding_tells_a_secret(diagnose: Diagnose, stack: StackInfo) -> None:
    for given in (
        {"SUPABASE_PUBLISHABLE_KEY": stack.secret_key},
        {"SUPABASE_SECRET_KEY": f"{stack.secret_key}\n\x7f"},
        {"supabase_url": "http://127.0.0.1:9"},
    ):
        said = " ".join(finding.model_dump_json() for finding in (await diagnose(**given)).values())
        assert stack.secret_key not in said
        assert CRON_SECRET not in said
