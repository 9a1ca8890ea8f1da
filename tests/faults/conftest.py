"""The fault suite: what the queue claims to survive, caused on purpose, counted and checked.

It takes a minute. SUPAJOBS_FAULT_ROUNDS=20 does 20 times over what depends on chance (default 1).
"""

import os
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

pytest.register_assert_rewrite(
    "tests.faults.calls", "tests.faults.invariants", "tests.faults.scene"
)

# Only after the line above, which is about their asserts.
from tests.faults.calls import Connections  # noqa: E402
from tests.faults.invariants import Invariants  # noqa: E402
from tests.faults.proxy import LossyProxy, lossy_proxy  # noqa: E402
from tests.faults.scene import Scene, add_user  # noqa: E402
from tests.faults.worker import Worker  # noqa: E402
from tests.parts import PROJECT, Sql, make_settings  # noqa: E402

from supajobs.local.stack import Stack, StackInfo  # noqa: E402
from supajobs.queue.database import Database  # noqa: E402
from supajobs.queue.job_queue import JobQueue  # noqa: E402

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("SUPAJOBS_FAULT_ROUNDS", "1"))
DEADLOCK = re.compile(
    # With the lines that tell what was waited for.
    r"^.* deadlock detected\n(?:(?!.* (?:STATEMENT|LOG|ERROR|FATAL): ).*\n)*",
    re.MULTILINE,
)
IS_WHOLE = pytest.StashKey[bool]()
FAULTS = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.path.parent == HERE]
    for item in ours:
        item.add_marker(pytest.mark.timeout(120 * ROUNDS))
    items.sort(key=lambda item: item.path == HERE / "test_tally.py")  # else all stay in order
    config.stash[FAULTS] = Counter()
    config.stash[IS_WHOLE] = (
        {item.path for item in ours} == set(HERE.glob("test_*.py"))
        and not config.getoption("keyword")
        and not any("::" in argument for argument in config.args)
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if faults := config.stash.get(FAULTS, None):
        kinds = ", ".join(f"{count} {kind}" for kind, count in faults.most_common())
        terminalreporter.write_line(f"{faults.total()} faults injected: {kinds}")


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often to do what depends on chance."""
    return ROUNDS


@pytest.fixture(scope="session")
def faults(pytestconfig: pytest.Config) -> Counter[str]:
    """The faults that were injected, by kind. Who injects one counts it."""
    return pytestconfig.stash[FAULTS]


@pytest.fixture
def whole_suite(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.stash[IS_WHOLE]:
        pytest.skip("only a part of the suite runs")


@pytest.fixture(scope="session", autouse=True)
def postgres_logs(supajobs_stack: StackInfo) -> dict[Path, int]:
    """The logs of the databases under test, and how long they were when the first test began."""
    log = supajobs_stack.dir / "logs" / "postgres.log"
    return {log: log.stat().st_size}


@pytest.fixture(scope="session")
def doomed(
    tmp_path_factory: pytest.TempPathFactory, postgres_logs: dict[Path, int]
) -> Generator[Stack]:
    """A stack of its own for what would disturb everybody else."""
    stack = Stack(tmp_path_factory.mktemp("doomed"), project=PROJECT)
    try:
        stack.up()
        postgres_logs[stack.dir / "logs" / "postgres.log"] = 0
        yield stack
    finally:
        stack.down(purge=True)


@pytest.fixture
def find_deadlocks(postgres_logs: dict[Path, int]) -> Callable[[], str]:
    """Which transactions waited for each other so far, and for what.

    From the logs, because what Postgres counts comes late and does not survive a crash.
    """

    def find_deadlocks() -> str:
        written = (
            log.read_bytes()[start:].decode(errors="replace")
            for log, start in postgres_logs.items()
        )
        return "\n".join(deadlock for log in written for deadlock in DEADLOCK.findall(log))

    return find_deadlocks


@pytest.fixture
def user_id(sql: Sql) -> UUID:
    return add_user(sql)


@pytest.fixture
def invariants(sql: Sql) -> Generator[Invariants]:
    """Checked when the test is over, for the jobs of each type that it made."""
    invariants = Invariants(sql)
    yield invariants
    invariants.check()
    invariants.finish()


@pytest.fixture
def make_job_type(make_job_type: Callable[..., str], invariants: Invariants) -> Callable[..., str]:
    def make(**limits: Any) -> str:
        invariants.job_types.append(make_job_type(**limits))
        return invariants.job_types[-1]

    return make


@pytest.fixture
def make_scene(
    user_id: UUID,
    make_job_type: Callable[..., str],
    queue: JobQueue,
    sql: Sql,
    invariants: Invariants,
) -> Callable[..., Scene]:
    def make_scene(**limits: Any) -> Scene:
        return Scene(user_id, make_job_type(**limits), queue, sql, invariants)

    return make_scene


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()


@pytest.fixture
async def proxy(stack: StackInfo, faults: Counter[str]) -> AsyncGenerator[LossyProxy]:
    async with lossy_proxy(stack.api_url, faults) as proxy:
        yield proxy


@pytest.fixture
async def lossy_database(stack: StackInfo, proxy: LossyProxy) -> AsyncGenerator[Database]:
    database = Database(make_settings(stack, supabase_url=proxy.url), patience=10)
    yield database
    await database.close()


@pytest.fixture
def lossy_queue(lossy_database: Database) -> JobQueue:
    return JobQueue(lossy_database)


@pytest.fixture
def start_worker(stack: StackInfo) -> Generator[Callable[..., Worker]]:
    """Starts worker processes, with settings as keywords; none outlives the test."""
    workers: list[Worker] = []

    def start_worker(job_type: str, **settings: Any) -> Worker:
        environment = {
            **stack.environment,
            "WORKER_POLL_SECONDS": "0.1",
            "WORKER_CONCURRENCY": "4",
            **{name.upper(): str(value) for name, value in settings.items()},
        }
        workers.append(Worker(job_type, environment))
        return workers[-1]

    yield start_worker
    for worker in workers:
        worker.kill()


@pytest.fixture
def connections(stack: StackInfo) -> Connections:
    return Connections(stack.db_url)
