"""What schemathesis is told in Python."""

from typing import Any

import schemathesis

MINE = {  # of the server and of HTTP itself, not of any operation
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "server",
    "transfer-encoding",
    "vary",
    "x-accel-buffering",
}


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType] - it takes any function
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """Waits for a second at most: a minute is as good, and there are thousands of requests."""
    wait = (case.query or {}).get("wait")
    if isinstance(wait, int) and 1 < wait <= 60:
        case.query["wait"] = 1


@schemathesis.check
def documented_headers(
    context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """Every header of a documented answer is documented as well."""
    documented = case.operation.definition.raw["responses"].get(str(response.status_code))
    if documented is not None:
        known = MINE | {name.lower() for name in documented["headers"]}
        assert response.headers.keys() <= known, sorted(response.headers.keys() - known)
