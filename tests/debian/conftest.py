"""Debian's PostgreSQL 15 with the real pg_cron, below the same REST server and migrations.

pg_net and Vault are no Debian packages: they stay stand-ins. Nothing of the machine is changed; the
server is a copy of Debian's with their files added.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from tests.parts import PROJECT, make_settings

from supajobs.local.config import read_config
from supajobs.local.migrating import apply_migrations
from supajobs.local.net import run_net
from supajobs.local.packages import install
from supajobs.local.postgres import FAST_SHUTDOWN, SUPERUSER, Postgres
from supajobs.local.rest import RestServer
from supajobs.local.stack import StackInfo
from supajobs.local.state import StackState
from supajobs.settings import Settings

LIBRARIES = Path("/usr/lib/postgresql/15")
SHARE = Path("/usr/share/postgresql/15")
LOCAL = PROJECT / "src" / "supajobs" / "local"
STAND_INS = ("pg_net*", "supabase_vault*")
NEEDED = ("pg_cron.control", "pgtap.control", "plpgsql_check.control")

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements,pg_cron",
    "cron.database_name": "postgres",
    "cron.host": "127.0.0.1",
    "jit": "off",  # for speed; the embedded server has none
}

# What a hosted project has beyond the migrations' reach: extensions that only a superuser may make,
# and what Supabase grants on pg_cron.
EXTENSIONS = """
create extension pgtap with schema extensions;
create extension plpgsql_check with schema extensions;
create extension pg_cron;
grant usage on schema cron to postgres with grant option;
grant all on all tables in schema cron to postgres with grant option;
grant all on all sequences in schema cron to postgres with grant option;
grant all on all functions in schema cron to postgres with grant option;
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
"""


@pytest.fixture(scope="session")
def place() -> Generator[Path]:
    """A folder that the user who runs Postgres may enter."""
    if not all((SHARE / "extension" / name).exists() for name in NEEDED):
        pytest.skip(
            "Debian's PostgreSQL 15 with pg_cron is not here: scripts/test_cron installs it"
        )
    place = Path(tempfile.mkdtemp(prefix="supajobs-debian-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def postgres(place: Path) -> Postgres:
    """The server, which finds its libraries and extensions from where its program lies."""
    lib, share = (place / path.relative_to("/usr") for path in (LIBRARIES, SHARE))
    shutil.copytree(LIBRARIES / "bin", lib / "bin")
    (lib / "lib").symlink_to(LIBRARIES / "lib")
    shutil.copytree(SHARE, share)
    for pattern in STAND_INS:
        for file in (LOCAL / "extensions").glob(pattern):
            shutil.copy(file, share / "extension")
    owned = place / "postgres"
    owned.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(owned, "postgres", "postgres")
    return Postgres(lib / "bin", owned / "data", place / "postgres.log", SETTINGS)


@pytest.fixture(scope="session")
def stack(place: Path, postgres: Postgres) -> Generator[StackInfo]:
    """As the stack of all other tests, without the worker: pg_cron fires by itself."""
    state = StackState()
    with contextlib.ExitStack() as started:
        server = postgres.start(state.postgres_port)
        started.callback(server.stop, FAST_SHUTDOWN)
        with psycopg.connect(state.db_url(SUPERUSER)) as database:
            bootstrap = (LOCAL / "bootstrap.sql").read_text()
            # PostgreSQL 16 made that role.
            database.execute(bootstrap.replace(", pg_create_subscription", "").encode())
            database.execute(EXTENSIONS)
        rest = RestServer(place / "server", place / "rest.log")
        started.callback(rest.start(state, read_config(PROJECT), install()).stop)
        apply_migrations(PROJECT, state.db_url("postgres"))
        yield StackInfo(
            api_url=state.api_url,
            publishable_key=state.publishable_key,
            cron_secret=state.cron_secret,
            secret_key=state.secret_key,
            jwks_url=f"{state.api_url}/auth/v1/.well-known/jwks.json",
            db_url=state.db_url("postgres"),
            superuser_db_url=state.db_url(SUPERUSER),
            dir=place,
            pids={},
        )


@pytest.fixture(scope="session")
def settings(stack: StackInfo) -> Settings:
    return make_settings(stack)


@pytest.fixture
async def deliveries(stack: StackInfo) -> AsyncGenerator[None]:
    """Sends the requests that the stand-in pg_net queues, as long as the test runs."""
    async with await AsyncConnection[dict[str, Any]].connect(
        stack.superuser_db_url, autocommit=True, row_factory=dict_row
    ) as connection:
        sending = asyncio.create_task(run_net(connection))
        yield
        sending.cancel()
        await asyncio.wait([sending])
