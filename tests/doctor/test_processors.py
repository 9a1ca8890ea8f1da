import re
from collections.abc import Generator
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from tests.doctor.findings import Break, Diagnose, not_ok
from tests.doctor.gateway import Gateway, gateway
from tests.parts import Sql
from tests.stand_in import Reply

from supajobs.doctor import processors
from supajobs.doctor.processors import SLOW, is_loopback

PATH = "/v1/queue/process"


@pytest.fixture
def address(sql: Sql, process_url: str) -> Generator[Sql]:
    """Where Vault says that the processor is; execute `MOVE` to move it."""
    yield sql
    sql.execute(MOVE, [process_url])


MOVE = "select vault.update_secret(id, %s) from vault.secrets where name = 'supajobs_process_url'"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/v1/queue/process", "does not answer: ConnectError"),
        ("ftp://127.0.0.1/", "does not answer: UnsupportedProtocol"),
        ("http://127.0.0.1:port/", "does not answer: InvalidURL"),
    ],
)
async def test_nobody_is_there(diagnose: Diagnose, address: Sql, url: str, said: str) -> None:
    address.execute(MOVE, [url])
    findings = await diagnose()
    assert not_ok(findings) == {"processor_endpoint": "error"}
    assert said in findings["processor_endpoint"].message
    assert "supajobs setup --process-url" in str(findings["processor_endpoint"].remedy)


async def test_it_is_at_another_path(diagnose: Diagnose, address: Sql, process_url: str) -> None:
    address.execute(MOVE, [process_url.replace("process", "proces")])
    findings = await diagnose()
    assert not_ok(findings) == {"processor_endpoint": "error"}
    assert "answers 404" in findings["processor_endpoint"].message


async def test_it_has_another_secret(diagnose: Diagnose) -> None:
    findings = await diagnose(cron_secret="another-secret-than-it-has")
    assert not_ok(findings) == {"processor_endpoint": "error"}
    assert "refuses the CRON_SECRET" in findings["processor_endpoint"].message


async def test_the_secret_is_not_known_here(diagnose: Diagnose) -> None:
    findings = await diagnose(cron_secret=None)
    assert not_ok(findings) == {"processor_endpoint": "warning"}
    assert "CRON_SECRET is not set here" in findings["processor_endpoint"].message


async def test_it_has_no_secret(diagnose: Diagnose, address: Sql, process_url: str) -> None:
    async with gateway(process_url) as front:
        front.replies[PATH] = Reply(
            '{"code": "secret_not_configured"}', HTTPStatus.SERVICE_UNAVAILABLE
        )
        address.execute(MOVE, [f"{front.url}{PATH}"])
        findings = await diagnose()
    assert not_ok(findings) == {"processor_endpoint": "error"}
    assert "answers 503 secret_not_configured" in findings["processor_endpoint"].message


async def test_it_is_slow(
    diagnose: Diagnose, address: Sql, process_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "SLOW", SLOW)
    async with gateway(process_url) as front:
        front.delays[PATH] = 1.1
        address.execute(MOVE, [f"{front.url}{PATH}"])
        findings = await diagnose()
    assert not_ok(findings) == {"processor_endpoint": "warning"}
    told = re.search(r"after (\S+) s: longer than 1 s", findings["processor_endpoint"].message)
    assert told
    assert float(told[1]) >= 1.1


async def test_its_address_is_not_encrypted(
    diagnose: Diagnose, address: Sql, process_url: str
) -> None:
    # A name of this machine that does not say so.
    address.execute(MOVE, [process_url.replace("127.0.0.1", "0.0.0.0")])
    findings = await diagnose()
    assert not_ok(findings) == {"processor_endpoint": "warning"}
    assert "is not https" in findings["processor_endpoint"].message


async def test_a_hosted_project_cannot_reach_this_machine(
    diagnose: Diagnose, front: Gateway
) -> None:
    hosted = f"http://0.0.0.0:{urlsplit(front.url).port}"
    findings = await diagnose(supabase_url=hosted)
    assert not_ok(findings) == {"processor_endpoint": "error"}
    assert "Supabase cannot reach it" in findings["processor_endpoint"].message


def test_what_is_this_machine() -> None:
    here = ["http://127.0.0.1:8000/x", "http://localhost", "http://[::1]:80/"]
    there = ["https://api.example.com", "http://10.0.0.1", "nonsense"]
    assert [is_loopback(url) for url in here + there] == [True] * 3 + [False] * 3


async def test_no_processor_has_been_seen(diagnose_unseen: Diagnose) -> None:
    findings = await diagnose_unseen(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert not_ok(findings) == {"processors": "warning"}
    assert findings["processors"].message == (
        "No processor runs; the last was seen at 2026-01-02 03:04:05 UTC."
    )


async def test_a_processor_is_of_another_version(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "select note_plan_processor('old', '0.0.1', 1, 0)", "select forget_plan_processor('old')"
    ):
        findings = await diagnose()
    assert not_ok(findings) == {"processors": "warning"}
    assert "version 0.0.1" in findings["processors"].message
