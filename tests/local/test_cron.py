import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest

from supajobs.local.cron import next_run
from supajobs.local.stack import StackInfo


class Receiver(ThreadingHTTPServer):
    """A web server that keeps what it got, and answers /slow after a second."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[Any] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride] - it serves nothing else

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies.append(json.loads(body))
        if self.path == "/slow":
            time.sleep(1)
        with suppress(BrokenPipeError):  # who asked for something slow may have gone
            self.send_response(202)
            self.send_header("content-type", "text/plain")
            self.end_headers()
            self.wfile.write(b"thanks")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server names it so
        pass


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def schedule(sql: psycopg.Connection) -> Generator[Callable[[str, str], int]]:
    """Schedules a job for the time of the test; returns its id."""
    made: list[int] = []

    def schedule(when: str, command: str) -> int:
        row = sql.execute("select cron.schedule(%s, %s)", [when, command]).fetchone()
        assert row
        made.append(row[0])
        return row[0]

    yield schedule
    for jobid in made:
        sql.execute("select cron.unschedule(%s::bigint)", [jobid])


def eventually(sql: psycopg.Connection, query: str, *arguments: Any) -> tuple[Any, ...]:
    """Ask again until there is a row, for at most a minute."""
    deadline = time.monotonic() + 60
    while (row := sql.execute(query.encode(), arguments).fetchone()) is None:
        assert time.monotonic() < deadline, query
        time.sleep(0.05)
    return row


ENDED = (
    "select status, return_message, username from cron.job_run_details"
    " where jobid = %s and status in ('succeeded', 'failed') order by runid limit 1"
)
RESPONSE = "select * from net._http_response where id = %s"


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("1 second", "2026-01-01T00:00:01"),
        ("59 seconds", "2026-01-01T00:00:59"),
        ("* * * * *", "2026-01-01T00:01:00"),
        ("*/5 2 * * mon", "2026-01-05T02:00:00"),
        ("0 12 $ * *", "2026-01-31T12:00:00"),
        ("@weekly", "2026-01-04T00:00:00"),
        ("61 * * * *", "9999-12-31T23:59:59.999999"),
    ],
)
def test_schedules(schedule: str, due: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_run(schedule, start) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_job_calls_the_processor(
    sql: psycopg.Connection, receiver: Receiver, schedule: Callable[[str, str], int]
) -> None:
    command = f"select net.http_post('{receiver.url}/process', '{{\"a\": [1]}}')"
    jobid = schedule("1 seconds", command)
    assert eventually(sql, ENDED, jobid)[::2] == ("succeeded", "postgres")
    row = eventually(sql, "select status_code, content from net._http_response limit 1")
    assert row == (202, "thanks")
    assert receiver.bodies[0] == {"a": [1]}


def test_a_failing_job_tells_why_and_runs_again(
    sql: psycopg.Connection, schedule: Callable[[str, str], int]
) -> None:
    jobid = schedule("1 seconds", "select 1 / 0")
    assert eventually(sql, ENDED, jobid)[:2] == ("failed", "ERROR: division by zero")
    eventually(sql, f"{ENDED} offset 1", jobid)


def test_a_job_does_not_overlap_itself(
    sql: psycopg.Connection, schedule: Callable[[str, str], int]
) -> None:
    jobid = schedule("1 seconds", "select pg_sleep(1.2)")
    eventually(sql, f"{ENDED} offset 1", jobid)
    overlapping = sql.execute(
        "select count(*) from cron.job_run_details a join cron.job_run_details b using (jobid)"
        " where jobid = %s and a.runid < b.runid and b.start_time < a.end_time",
        [jobid],
    ).fetchone()
    assert overlapping == (0,)


def test_a_lost_connection_is_replaced(
    stack: StackInfo, sql: psycopg.Connection, schedule: Callable[[str, str], int]
) -> None:
    jobid = schedule("1 seconds", "select 1")
    eventually(sql, ENDED, jobid)
    with psycopg.connect(stack.superuser_db_url, autocommit=True) as connection:
        lost = connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'supajobs worker'"
        )
        assert lost.rowcount == 2
    eventually(sql, f"{ENDED} offset 1", jobid)


@pytest.mark.parametrize("wrong", ["0 seconds", "60 seconds", "every day", "* * * *"])
def test_a_wrong_schedule_is_refused(sql: psycopg.Connection, wrong: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="invalid schedule"):
        sql.execute("select cron.schedule(%s, 'select 1')", [wrong])


def test_a_named_job_is_changed_not_doubled(sql: psycopg.Connection) -> None:
    for when in ("1 * * * *", "2 * * * *"):
        sql.execute("select cron.schedule('same', %s, 'select 1')", [when])
    jobs = sql.execute("select schedule, username from cron.job where jobname = 'same'").fetchall()
    assert jobs == [("2 * * * *", "postgres")]
    sql.execute("select cron.alter_job(jobid, active := false) from cron.job")
    assert sql.execute("select active from cron.job").fetchall() == [(False,)]
    assert sql.execute("select cron.unschedule('same')").fetchone() == (True,)
    with pytest.raises(psycopg.errors.RaiseException, match="could not find valid entry"):
        sql.execute("select cron.unschedule('same')")


def test_the_job_table_is_read_only_even_for_its_owner(sql: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("update cron.job set active = false")


def test_a_rolled_back_request_is_not_sent(sql: psycopg.Connection, receiver: Receiver) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute("select net.http_post(%s, '{\"sent\": false}')", [f"{receiver.url}/x"])
        time.sleep(0.5)
    row = sql.execute("select net.http_post(%s, '{}')", [f"{receiver.url}/x"]).fetchone()
    assert row
    eventually(sql, RESPONSE, row[0])
    assert receiver.bodies == [{}]


def test_timeouts_and_refusals_are_recorded(sql: psycopg.Connection, receiver: Receiver) -> None:
    query = "select net.http_post(%s, '{}', timeout_milliseconds := 200)"
    slow = sql.execute(query, [f"{receiver.url}/slow"]).fetchone()
    refused = sql.execute(query, ["http://127.0.0.1:1/"]).fetchone()
    assert slow
    assert refused
    columns = RESPONSE.replace("*", "timed_out, status_code, error_msg")
    assert eventually(sql, columns, slow[0]) == (True, None, "Timeout of 200 ms reached")
    timed_out, status, error = eventually(sql, columns, refused[0])
    assert (timed_out, status) == (False, None)
    assert error.startswith("ConnectError")
    assert sql.execute("select count(*) from net.http_request_queue").fetchone() == (0,)


def test_old_responses_are_pruned(sql: psycopg.Connection) -> None:
    sql.execute(
        "insert into net._http_response (id, created)"
        " values (-1, now() - interval '361 minutes'), (-2, now() - interval '359 minutes')"
    )
    eventually(sql, "select where not exists (select from net._http_response where id = -1)")
    assert sql.execute("delete from net._http_response where id = -2").rowcount == 1


def test_parameters_and_headers_of_requests(sql: psycopg.Connection) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute("select net.http_get('http://127.0.0.1:1/?a=1', '{\"b c\": \"ä&\"}')")
        sql.execute("select net.http_delete('http://127.0.0.1:1/')")
        queued = sql.execute(
            "select method, url from net.http_request_queue order by id"
        ).fetchall()
    assert queued == [
        ("GET", "http://127.0.0.1:1/?a=1&b%20c=%C3%A4%26"),
        ("DELETE", "http://127.0.0.1:1/"),
    ]
    with pytest.raises(psycopg.errors.RaiseException, match="Content-Type"):
        sql.execute(
            "select net.http_post('http://127.0.0.1:1/', '{}',"
            ' headers := \'{"content-type": "text/plain"}\')'
        )
