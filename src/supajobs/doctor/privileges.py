"""Whether clients can do what they should, and nothing else: by the catalog, and by trying."""

from collections.abc import Generator
from http import HTTPStatus
from uuid import uuid4

import httpx

from supajobs.doctor.connection import TABLE, read_object
from supajobs.doctor.finding import Verdict, enumerate_some, error, ok
from supajobs.doctor.project import Project
from supajobs.doctor.schema_description import (
    Grants,
    Relation,
    SchemaDescription,
    expect,
)

CLIENTS = ("anon", "authenticated", "public")
NO_SUCH_RIGHT = "permission denied for function claim_plan_jobs"

_REMEDY = (
    "Grant, revoke or enable what is named, in the SQL editor. Extra privileges often come from "
    "`grant … on all tables in schema public` or from default privileges."
)


async def check_privileges(project: Project) -> Verdict:
    """Whether Row Level Security, policies and grants are as the migrations made them."""
    described = await project.describe_schema()
    wrong = [
        *list_wrong_privileges(described, expect(project.settings.job_families)),
        *await _try_as_nobody(project),
    ]
    if wrong:
        return error(f"Not as intended: {enumerate_some(wrong)}.", _REMEDY)
    return ok("Clients can read their own rows and nothing else; they can call no function.")


def list_wrong_privileges(actual: SchemaDescription, expected: SchemaDescription) -> Generator[str]:
    """What clients may and should not, or should and may not, of what exists."""
    yield from _list_grants("schema supajobs", actual.private_schema, expected.private_schema)
    for name, should in expected.relations.items():
        if found := actual.relations.get(name):
            yield from _list_policies(name, found, should)
            yield from _list_grants(name, found.grants, should.grants)
            for column in found.columns:
                wanted = should.columns.get(column)
                yield from _list_grants(
                    f"{name}.{column}",
                    found.columns[column].grants,
                    wanted.grants if wanted else {},
                )
    for signature, function in expected.functions.items():
        if known := actual.functions.get(signature):
            yield from _list_grants(signature, known.grants, function.grants)


def _list_policies(name: str, found: Relation, should: Relation) -> Generator[str]:
    if should.row_level_security and not found.row_level_security:
        yield f"Row Level Security of {name} is off"
    for policy, definition in should.policies.items():
        if policy not in found.policies:
            yield f"policy {policy} of {name} is missing"
        elif found.policies[policy] != definition:
            yield f"policy {policy} of {name} is changed"
    for policy in sorted(found.policies.keys() - should.policies.keys()):
        yield f"policy {policy} of {name} is not the queue's"


def _list_grants(name: str, found: Grants, should: Grants) -> Generator[str]:
    for role in CLIENTS:
        for privilege in sorted(set(found.get(role, [])) - set(should.get(role, []))):
            yield f"{role} may {privilege} {name}"
    for role in (*CLIENTS, "service_role"):
        for privilege in sorted(set(should.get(role, [])) - set(found.get(role, []))):
            yield f"{role} may not {privilege} {name}"


async def _try_as_nobody(project: Project) -> list[str]:
    """What somebody with the publishable key alone can do, though it is forbidden."""
    key = project.settings.supabase_publishable_key
    claim: dict[str, object] = {
        "p_claim_id": str(uuid4()),
        "p_worker_id": "doctor",
        "p_max_jobs": 1,
        "p_job_types": [],  # so that it takes nothing where it is allowed
    }
    called = await project.call("claim_plan_jobs", claim, key=key)
    read = await project.get(TABLE, key=key)

    possible = {
        "the publishable key alone can call claim_plan_jobs": not _is_refused(called),
        "the publishable key alone can read plan_job_types": read.is_success and read.json() != [],
    }
    return [words for words, is_possible in possible.items() if is_possible]


def _is_refused(called: httpx.Response) -> bool:
    # A refusal from within the function, which lacks rights on tables, comes too late.
    is_hidden = called.status_code == HTTPStatus.NOT_FOUND
    return is_hidden or read_object(called).get("message") == NO_SUCH_RIGHT
