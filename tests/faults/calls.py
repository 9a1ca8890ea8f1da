"""The queue's functions as calls that can be made twice, at once, or in an open transaction."""

import asyncio
import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter
from tests.parts import Sql
from tests.serving import eventually

from supajobs.jobs import ClaimedJob
from supajobs.outcomes import JsonObject
from supajobs.queue.database import Database

SETTLES = ("complete_plan_jobs", "fail_plan_jobs", "release_plan_jobs", "suspend_plan_jobs")
NO_PARAMS: JsonObject = {}
ERROR: JsonObject = {"code": "x", "message": "x"}

_json = TypeAdapter(dict[str, Any])
_anything = TypeAdapter[Any](Any)
_entries = TypeAdapter(list[dict[str, Any]])


@dataclass(frozen=True)
class Call:
    """One call of one function, with its arguments by name."""

    function: str
    arguments: dict[str, Any]

    async def send(self, database: Database) -> Any:
        """Makes it as a worker does: again and again, until no job of it is busy."""
        while True:
            answer = await self.ask(database)
            if not is_busy(answer):
                return answer
            await asyncio.sleep(0.05)

    async def ask(self, database: Database) -> Any:
        """Makes it once: over HTTP, through supabase-py, until it is answered."""
        return await database.call(self.function, self.arguments, _anything)

    def execute(self, connection: Sql) -> Any:
        """Makes it on a connection, whose transaction the caller may leave open."""
        arguments = _json.dump_python(self.arguments, mode="json")
        query = SQL("select {}({}) as answer").format(
            Identifier(*self.function.split(".")),
            SQL(", ").join(SQL("{} => %s").format(Identifier(name)) for name in arguments),
        )
        values = [Jsonb(v) if _is_json(v) else v for v in arguments.values()]
        [row] = connection.execute(query, values).fetchall()
        return row["answer"]


def _is_json(value: Any) -> bool:
    match value:
        case {} | [{}, *_]:
            return True
        case _:
            return False


def is_busy(answer: Any) -> bool:
    """Whether a settle has passed over a job that somebody has locked."""
    return isinstance(answer, list) and any(
        each.get("outcome") == "busy" for each in _entries.validate_python(answer)
    )


def told(answer: Any) -> Any:
    """The gist of an answer: the outcome, or whether a claim took jobs."""
    match answer:
        case {"outcome": outcome} | [{"outcome": outcome}]:
            return outcome
        case []:
            return "nothing"
        case [*_]:
            return "claimed"
        case _:
            return answer


def enqueue(user_id: UUID, job_type: str, **more: Any) -> Call:
    arguments = {"p_user_id": user_id, "p_job_type": job_type, "p_params": NO_PARAMS, **more}
    return Call("enqueue_plan_job", arguments)


def claim(claim_id: UUID, job_type: str, max_jobs: int = 1) -> Call:
    given = {"p_claim_id": claim_id, "p_worker_id": "test", "p_max_jobs": max_jobs}
    return Call("claim_plan_jobs", {**given, "p_job_types": [job_type]})


def advance(*jobs: ClaimedJob, claim_id: UUID, max_jobs: int = 1) -> Call:
    """Completes jobs of one type and claims others of it."""
    [job_type] = {job.job_type for job in jobs}
    ended, claimed = _batch("", jobs, result={"n": 1}), claim(claim_id, job_type, max_jobs)
    return Call("advance_plan_jobs", {**ended.arguments, **claimed.arguments})


def complete(*jobs: ClaimedJob) -> Call:
    return _batch("complete_plan_jobs", jobs, result={"n": 1}, plan={"n": 1})


def fail(*jobs: ClaimedJob) -> Call:
    return _batch("fail_plan_jobs", jobs, error=ERROR, retry_after=60)


def fail_for_good(*jobs: ClaimedJob) -> Call:
    return _batch("fail_plan_jobs", jobs, error=ERROR, retryable=False)


def suspend(*jobs: ClaimedJob) -> Call:
    return _batch("suspend_plan_jobs", jobs, kind="signal", name="approval", seconds=3600)


def signal(job_id: UUID, user_id: UUID) -> Call:
    given = {"p_job_id": job_id, "p_user_id": user_id, "p_name": "approval"}
    return Call("signal_plan_job", {**given, "p_payload": {"n": 1}})


def enqueue_many(entries: Sequence[dict[str, Any]]) -> Call:
    return Call("enqueue_plan_jobs", {"p_jobs": list(entries)})


def release(*jobs: ClaimedJob) -> Call:
    return _batch("release_plan_jobs", jobs)


def beat(*jobs: ClaimedJob) -> Call:
    progress = {"phase": "base", "percentage": 10, "message": ""}
    return _batch("heartbeat_plan_jobs", jobs, progress=progress)


def save_step(job: ClaimedJob) -> Call:
    given = {"p_job_id": job.id, "p_claim_id": job.claim_id}
    return Call("save_plan_job_step", {**given, "p_name": "draft", "p_output": {"n": 1}})


def cancel(job_id: UUID, user_id: UUID) -> Call:
    return Call("cancel_plan_job", {"p_job_id": job_id, "p_user_id": user_id})


def retry(job_id: UUID, user_id: UUID) -> Call:
    return Call("retry_plan_job", {"p_job_id": job_id, "p_user_id": user_id})


def sweep() -> Call:
    return Call("supajobs.sweep", {})


def _batch(function: str, jobs: Sequence[ClaimedJob], **entry: Any) -> Call:
    entries = [{"job_id": job.id, "claim_id": job.claim_id, **entry} for job in jobs]
    return Call(function, {"p_jobs": entries})


@dataclass(frozen=True)
class Connections:
    """Where the exact order of two calls is made: the first one's transaction stays open."""

    db_url: str

    @contextlib.contextmanager
    def open(self) -> Generator[Sql]:
        """A transaction, rolled back at the end unless it was committed."""
        with contextlib.closing(Sql.connect(self.db_url, row_factory=dict_row)) as connection:
            yield connection

    async def send(self, call: Call, database: Database) -> Any:
        """Makes a call over HTTP, or, where PostgREST does not serve it, on a connection."""
        return await (
            asyncio.to_thread(self._execute, call) if "." in call.function else call.send(database)
        )

    def _execute(self, call: Call) -> Any:
        with Sql.connect(self.db_url, autocommit=True, row_factory=dict_row) as connection:
            return call.execute(connection)

    async def in_order(
        self, first: Call, second: Call, database: Database, *, waits: bool, commits: bool = True
    ) -> tuple[Any, Any]:
        """The answers to two calls, the second of which comes while the first is under way.

        `waits`: the second ends when the first has: it waits, or, as a settle, it comes again.
        """
        with self.open() as connection:
            answer = first.execute(connection)
            following = asyncio.create_task(self.send(second, database))
            if waits and second.function in SETTLES:
                assert is_busy(await second.ask(database))
            elif waits:
                await self.until_waiting(1)
            else:
                await asyncio.wait_for(following, timeout=5)
            connection.commit() if commits else connection.rollback()
            return answer, await following

    async def until_waiting(self, count: int) -> None:
        """Returns when so many transactions wait for a lock."""
        with Sql.connect(self.db_url, autocommit=True, row_factory=dict_row) as watching:

            def enough_wait() -> bool:
                query = "select distinct pid from pg_locks where not granted"
                return watching.execute(query).rowcount >= count

            await eventually(enough_wait)
