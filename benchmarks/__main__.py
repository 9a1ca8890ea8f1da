"""Measures supajobs beside other Postgres queues, all on one server, and prints tables."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from benchmarks import (
    backlog,
    crowd,
    dashboard,
    drain,
    events,
    latency,
    node,
    pages,
    recovery,
    requests,
    snapshot,
    sql,
    ties,
    wal,
)
from benchmarks.api import Api
from benchmarks.report import describe_conditions, render_conditions, write_json
from benchmarks.server import Server, embedded, given
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.table import Table, render
from supajobs.local.packages import link_node_modules
from supajobs.worker.memory import spare_what_stays

PARTS: dict[str, Callable[[Server, Sizes], list[Table]]] = {
    "sql": sql.run,
    "backlog": backlog.run,
    "wal": wal.run,
    "drain": drain.run,
    "latency": latency.run,
    "requests": requests.run,
    "events": events.run,
    "crowd": crowd.run,
    "snapshot": snapshot.run,
    "recovery": recovery.run,
    "ties": ties.run,
    "dashboard": dashboard.run,
    "pages": pages.run,
}
OVER_HTTP = {"drain", "latency", "requests", "events", "crowd", "dashboard", "pages"}


def main() -> None:
    arguments = _parse_arguments()
    sizes = QUICK if arguments.quick else FULL
    wanted: list[str] = arguments.only
    link_node_modules(node.DIRECTORY)
    parts: dict[str, list[Table]] = {}
    skipped: list[str] = []
    with _open_server(arguments) as server:
        conditions = describe_conditions(server)
        print(render_conditions(conditions), flush=True)
        for name in wanted:
            if reason := _why_not(name, server):
                skipped.append(name)
                print(f"{name}: skipped, for {reason}\n")
                continue
            spare_what_stays()  # else the collector looks through what earlier parts have left
            started = time.monotonic()
            parts[name] = PARTS[name](server, sizes)
            for table in parts[name]:
                print(render(table), flush=True)
            print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    if arguments.json:
        write_json(arguments.json, conditions, parts, skipped)


def _why_not(part: str, server: Server) -> str | None:
    """Why it cannot be measured here, if so."""
    if part in OVER_HTTP and server.api is None:
        return "it needs --api-url and --secret-key"
    return pages.why_not(server) if part == "pages" else None


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--only", type=_parse_parts, default=list(PARTS), metavar="PART,…")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: tells that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    parser.add_argument("--database", metavar="URL", help="instead of an embedded stack")
    parser.add_argument("--api-url", metavar="URL", help="of the project with that database")
    parser.add_argument("--secret-key", metavar="KEY", help="of that project")
    parser.add_argument("--publishable-key", metavar="KEY", help="for pages")
    return parser.parse_args()


def _parse_parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part {min(unknown)}; there are {', '.join(PARTS)}")
    return names


def _open_server(arguments: argparse.Namespace) -> AbstractContextManager[Server]:
    if not arguments.database:
        return embedded()
    keys = arguments.secret_key, arguments.publishable_key
    api = Api(arguments.api_url, *keys) if arguments.api_url and arguments.secret_key else None
    return nullcontext(given(arguments.database, api))


main()
