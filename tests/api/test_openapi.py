import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from tests.parts import PROJECT, make_settings
from tests.serving import serve

from supajobs.api.problems import MEDIA_TYPE
from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.settings import Settings
from supajobs.shipped_sql import FAMILIES

SNAPSHOT = PROJECT / "docs" / "openapi.json"
HOW_TO_WRITE_IT = "run: .venv/bin/supajobs openapi > docs/openapi.json"

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return json.loads(SNAPSHOT.read_text())


def with_everything(stack: StackInfo) -> Settings:
    """All families of jobs, which is what is described."""
    return make_settings(stack, job_families=tuple(FAMILIES))


def operations(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_the_committed_description_is_that_of_the_app(stack: StackInfo, schema: Schema) -> None:
    assert create_app(with_everything(stack)).openapi() == schema, HOW_TO_WRITE_IT


def test_the_command_writes_the_committed_description_without_any_settings(tmp_path: Path) -> None:
    written = subprocess.run(
        [sys.executable, "-m", "supajobs", "openapi"],
        cwd=tmp_path,
        env={},
        check=True,
        capture_output=True,
        text=True,
    )
    assert written.stdout == SNAPSHOT.read_text(), HOW_TO_WRITE_IT


async def test_the_app_serves_it(stack: StackInfo, schema: Schema) -> None:
    async with serve(create_app(with_everything(stack))) as api:
        assert (await api.get("/openapi.json")).json() == schema


def test_it_is_valid_openapi(schema: Schema) -> None:
    assert schema["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(schema).validate()
    for model in schema["components"]["schemas"].values():
        jsonschema_rs.meta.validate(model)


def test_every_operation_has_a_name_of_its_own(schema: Schema) -> None:
    names = [operation["operationId"] for _, operation in operations(schema)]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(name.isidentifier() for name in names)


def test_every_operation_is_in_a_section_that_is_described(schema: Schema) -> None:
    described = {tag["name"] for tag in schema["tags"] if tag["description"]}
    used = {tag for _, operation in operations(schema) for tag in operation["tags"]}
    assert used == described


def test_every_operation_says_who_may_call_it(schema: Schema) -> None:
    schemes = set(schema["components"]["securitySchemes"])
    assert schemes == {"userToken", "operator", "cronSecret", "forgeSignature"}
    for name, operation in operations(schema):
        if "health" in operation["tags"]:
            assert "security" not in operation, name
        else:
            [requirement] = operation["security"]
            assert requirement.keys() <= schemes, name


def test_every_refusal_is_a_problem(schema: Schema) -> None:
    for name, operation in operations(schema):
        refusals = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        if name == "GET /v1/health/jobs":
            del refusals["503"]  # this one is an answer, not a refusal
        for status, refusal in refusals.items():
            assert set(refusal["content"]) == {MEDIA_TYPE}, (name, status)
            [content] = refusal["content"].values()
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert content["examples"], (name, status)
        assert "500" in refusals, name
        assert ("401" in refusals) == ("security" in operation), name
        assert ("413" in refusals) == ("requestBody" in operation), name
        assert ("422" in refusals) == bool(
            operation.get("parameters") or operation.get("requestBody")
        ), name


def test_every_answer_says_which_request_it_is_to(schema: Schema) -> None:
    for name, operation in operations(schema):
        for status, response in operation["responses"].items():
            headers = set(response["headers"])
            assert {"X-Request-Id", "traceparent"} <= headers, (name, status)
            if int(status) == HTTPStatus.TOO_MANY_REQUESTS:
                assert "Retry-After" in headers, name


def test_every_reference_leads_somewhere_and_everything_is_referred_to(schema: Schema) -> None:
    text = json.dumps(schema)
    for section in ("schemas", "headers", "examples"):
        for name in schema["components"][section]:
            assert f'"#/components/{section}/{name}"' in text, f"{section}/{name} is not used"
    for reference in set(text.split('"$ref": "')[1:]):
        _, _, section, name = reference.split('"')[0].split("/")
        assert name in schema["components"][section], reference


def test_nothing_of_the_frameworks_own_words_is_left(schema: Schema) -> None:
    text = json.dumps(schema)
    assert "HTTPValidationError" not in text
    assert "Successful Response" not in text
    assert "itemSchema" not in text  # OpenAPI 3.2
