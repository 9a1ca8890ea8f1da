"""What the page says of refusals. Its commands are run by test_starter."""

import json

import httpx
from tests.parts import Person
from tests.shown import GUIDE, find_shown


async def test_the_refusal_that_it_shows(api: httpx.AsyncClient, person: Person) -> None:
    body = {"job_type": "training_plan", "priority": "urgent"}
    answer = await api.post("/v1/jobs", json=body, headers=person.headers)
    [shown] = map(json.loads, find_shown(GUIDE / "developing.md", "json"))
    assert answer.json() == {**shown, "trace_id": answer.json()["trace_id"]}
