"""SUPABASE_URL, the clocks and the published keys, as gateways and networks spoil them."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from tests.doctor.findings import Diagnose, not_ok
from tests.doctor.gateway import Gateway
from tests.stand_in import Reply

from supajobs.doctor import jwks
from supajobs.doctor.connection import measure_skew
from supajobs.doctor.examination import CHECKS
from supajobs.doctor.jwks import PATH as JWKS
from supajobs.doctor.jwks import SLOW

TABLE = "/rest/v1/plan_job_types"
HTML = {"Content-Type": "text/html"}


async def test_nothing_at_the_address(diagnose: Diagnose) -> None:
    findings = await diagnose(supabase_url="http://127.0.0.1:9")
    assert "does not answer" in findings["supabase_reachable"].message
    assert "SUPABASE_URL" in str(findings["supabase_reachable"].remedy)
    others = {check.name: "skipped" for check in CHECKS[1:] if not check.family}
    assert not_ok(findings) == {"supabase_reachable": "error", **others}
    assert findings["queue"].message == "Not before migrations is well."


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply("<h1>Hello</h1>", headers=HTML), "is no Supabase: it answers 200, text/html"),
        (Reply("[]"), "is no Supabase"),
        (Reply("", HTTPStatus.BAD_GATEWAY, HTML), "answers 502"),
    ],
)
async def test_something_else_at_the_address(
    diagnose: Diagnose, front: Gateway, reply: Reply, said: str
) -> None:
    front.replies[TABLE] = reply
    findings = await diagnose(supabase_url=front.url)
    assert said in findings["supabase_reachable"].message


@pytest.mark.parametrize(
    ("ahead", "status", "said"),
    [
        (timedelta(seconds=-5), "warning", "ahead"),
        (timedelta(seconds=5), "warning", "behind"),
        (timedelta(minutes=-1), "error", "s ahead. Valid tokens"),
    ],
)
async def test_the_clock_is_wrong(
    diagnose: Diagnose, front: Gateway, ahead: timedelta, status: str, said: str
) -> None:
    front.ahead = ahead
    findings = await diagnose(supabase_url=front.url)
    assert not_ok(findings) == {"clock": status}
    assert said in findings["clock"].message


def test_a_slow_answer_is_no_skew() -> None:
    assert measure_skew(100.0, sent_at=96.0, received_at=106.0) == 0
    assert measure_skew(100.0, sent_at=100.9, received_at=101.0) == 0
    assert measure_skew(100.0, sent_at=104.0, received_at=105.0) == 3
    assert measure_skew(100.0, sent_at=95.0, received_at=97.0) == -3


async def test_the_project_signs_with_the_legacy_secret(diagnose: Diagnose, front: Gateway) -> None:
    front.replies[JWKS] = Reply('{"keys": []}')
    findings = await diagnose(supabase_url=front.url)
    assert not_ok(findings) == {"jwks": "error"}
    assert "SUPABASE_JWT_SECRET" in str(findings["jwks"].remedy)

    findings = await diagnose(supabase_url=front.url, supabase_jwt_secret="x" * 32)
    assert not_ok(findings) == {"jwks": "warning"}


@pytest.mark.parametrize(
    "reply", [Reply("{}", HTTPStatus.NOT_FOUND), Reply("<h1>Hello</h1>", headers=HTML)]
)
async def test_no_keys_are_published(diagnose: Diagnose, front: Gateway, reply: Reply) -> None:
    front.replies[JWKS] = reply
    findings = await diagnose(supabase_url=front.url)
    assert not_ok(findings) == {"jwks": "error"}
    assert "no keys" in findings["jwks"].message


async def test_the_published_keys_come_late(
    diagnose: Diagnose, front: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "SLOW", SLOW)
    front.delays[JWKS] = 1.1
    findings = await diagnose(supabase_url=front.url)
    assert not_ok(findings) == {"jwks": "warning"}
    told = re.search(r"took (\S+) s;", findings["jwks"].message)
    assert told
    assert float(told[1]) >= 1.1
