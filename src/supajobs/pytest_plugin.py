"""Fixtures for pytest, which loads this wherever supajobs is installed: it imports nothing else.

`-p no:supajobs` leaves them out.
"""

from collections.abc import Generator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from supajobs.local.stack import StackInfo
    from supajobs.testing.stack_queue import StackQueue


@pytest.fixture(scope="session")
def supajobs_stack(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Generator["StackInfo"]:
    """An embedded Supabase for the whole run, with your `supabase/migrations` and the queue's."""
    if not find_spec("psycopg"):
        from supajobs.extras import install_command  # noqa: PLC0415 - when it is used

        pytest.fail(f"supajobs_stack needs the extra `local`: {install_command('local')}")
    from supajobs.local.dev_settings import DevSettings  # noqa: PLC0415 - when it is used
    from supajobs.local.stack import Stack  # noqa: PLC0415 - when it is used
    from supajobs.shipped_sql import find_migrations  # noqa: PLC0415 - when it is used

    project = pytestconfig.rootpath
    families = DevSettings(_env_file=project / ".env").job_families  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument
    folder = tmp_path_factory.mktemp("supajobs_stack")
    stack = Stack(folder, project=project, shipped=find_migrations(families))
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def supajobs_queue(supajobs_stack: "StackInfo", pytestconfig: pytest.Config) -> "StackQueue":
    """The queue of that Supabase, without the jobs of other tests."""
    from supajobs.testing.stack_queue import StackQueue  # noqa: PLC0415 - when it is used

    queue = StackQueue(supajobs_stack, pytestconfig.rootpath / ".env")
    queue.clear()
    return queue
