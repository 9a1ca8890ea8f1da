"""One embedded Supabase: PostgreSQL, its REST and Auth server, and the cron and HTTP worker."""

import fcntl
import os
import shutil
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

from supajobs.local.config import ProjectConfig, read_config
from supajobs.local.errors import LocalStackError
from supajobs.local.migrating import apply_migrations, list_left_out
from supajobs.local.packages import Packages, install
from supajobs.local.postgres import (
    FAST_SHUTDOWN,
    SUPERUSER,
    Postgres,
    accepts,
    bootstrap,
    data_place,
    kill_orphans,
)
from supajobs.local.processes import free_port, spawn, stop_all
from supajobs.local.rest import RestServer, is_healthy
from supajobs.local.state import StackState

_OWN_ENTRIES = {"lock", "dev.lock", "state.json", "state.new", "logs", "server", "postgres"}


class StackInfo(BaseModel):
    """A running stack, as others need it."""

    model_config = ConfigDict(frozen=True)

    api_url: str
    publishable_key: str
    secret_key: str
    cron_secret: str
    """For an API in front of it, which is started anew again and again."""
    jwks_url: str
    db_url: str
    """The database as role `postgres`: what a hosted project gives, not a superuser."""
    superuser_db_url: str
    dir: Path
    pids: dict[str, int]
    """Of `postgres`, `rest` and `worker`."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which applications look for a Supabase project."""
        return {
            "SUPABASE_URL": self.api_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_SECRET_KEY": self.secret_key,
            "SUPABASE_JWKS_URL": self.jwks_url,
            "SUPABASE_DB_URL": self.db_url,
        }


class Stack:
    """A stack lives in the directory `dir`; `project` is where its `supabase/` folder lies.

    The migrations that are `shipped` complete those of the project.
    """

    def __init__(
        self,
        dir: Path,  # noqa: A002 - its name in the CLI
        project: Path | None = None,
        *,
        shipped: Sequence[Path] = (),
    ) -> None:
        self.dir = dir.resolve()
        self.project = (project or Path.cwd()).resolve()
        self._shipped = shipped
        self._state_file = self.dir / "state.json"
        self._logs = self.dir / "logs"
        self._rest = RestServer(self.dir / "server", self._logs / "rest.log")
        self._worker = [sys.executable, "-m", "supajobs.local.worker", str(self.dir)]

    def up(self) -> StackInfo:
        """Start what is not running, apply new migrations, and tell how to reach it all.

        The first time on a machine it installs the packages (see `packages.install`).

        Raises:
            LocalStackError: something did not start, or a migration failed. What runs stays up.
        """
        config = read_config(self.project)
        packages = install()
        with self._locked():
            self._logs.mkdir(exist_ok=True)
            state = StackState.read(self._state_file) or StackState()
            state.write(self._state_file)  # from here on `down` has something to stop
            self._start_postgres(state, packages)
            self._start_rest(state, config, packages)
            apply_migrations(self.project, state.db_url("postgres"), shipped=self._shipped)
            self._start_worker(state)
            return self._info(state)

    def list_left_out(self) -> list[str]:
        """Which of the project's migrations the running stack does not have, and why."""
        info = self.status()
        return list_left_out(self.project, info.db_url) if info else []

    def down(self, *, purge: bool = False) -> bool:
        """Stop all processes; with `purge` also erase the data, the keys and the logs.

        Tells whether there is a stack at all.
        """
        if not self._state_file.exists():
            return False
        with self._locked():
            if state := StackState.read(self._state_file):
                self._stop(state)
            if purge:
                self._erase()
        return True

    def status(self) -> StackInfo | None:
        """Tell how to reach the stack if all its processes run, else return None."""
        state = StackState.read(self._state_file)
        return self._info(state) if state and state.is_running else None

    @contextmanager
    def reserved(self) -> Generator[None]:
        """Keep any other `supajobs dev` off this stack; a process that dies keeps nothing.

        Raises:
            LocalStackError: one runs on it.
        """
        with self._locked():
            lock = (self.dir / "dev.lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalStackError(
                    f"Another `supajobs dev` runs on {self.dir}: stop that, or take another --dir."
                ) from None
            yield

    def _start_postgres(self, state: StackState, packages: Packages) -> None:
        if state.postgres and state.postgres.alive and accepts(state.postgres_port):
            return
        self._stop(state)  # what is left would hold on to a database that is gone
        place = data_place(self.dir)
        postgres = Postgres(packages.postgres_bin, place / "data", self._logs / "postgres.log")
        state.postgres_port = free_port(state.postgres_port)
        state.postgres = postgres.start(state.postgres_port)
        state.write(self._state_file)
        bootstrap(state.db_url(SUPERUSER))

    def _start_rest(self, state: StackState, config: ProjectConfig, packages: Packages) -> None:
        if state.rest and state.rest.alive and is_healthy(state.rest_port):
            return
        stop_all(state.rest, self._rest.argv)
        state.rest_port = free_port(state.rest_port)
        try:
            state.rest = self._rest.start(state, config, packages)
        except LocalStackError:
            if free_port(state.rest_port) == state.rest_port:
                raise
            # Somebody took the port while the server started.
            state.rest_port = free_port()
            state.rest = self._rest.start(state, config, packages)
        state.write(self._state_file)

    def _start_worker(self, state: StackState) -> None:
        if state.worker and state.worker.alive:
            return
        stop_all(state.worker, self._worker)
        state.worker = spawn(self._worker, log=self._logs / "worker.log", cwd=self.dir)
        state.write(self._state_file)

    def _stop(self, state: StackState) -> None:
        stop_all(state.worker, self._worker)
        stop_all(state.rest, self._rest.argv)
        if state.postgres:
            state.postgres.stop(FAST_SHUTDOWN, timeout=30)
        kill_orphans(self.dir / "postgres" / "data")

    def _erase(self) -> None:
        data = self.dir / "postgres"
        shutil.rmtree(data.resolve(), ignore_errors=True)
        if data.is_symlink():
            data.unlink()
        for entry in _OWN_ENTRIES:
            path = self.dir / entry
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        with suppress(OSError):  # somebody put something else there
            self.dir.rmdir()

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Keep other commands on this stack waiting."""
        while True:
            self.dir.mkdir(parents=True, exist_ok=True)
            if strangers := {entry.name for entry in self.dir.iterdir()} - _OWN_ENTRIES:
                raise LocalStackError(f"{self.dir} is not a stack: it holds {min(strangers)}")
            with (self.dir / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # A purge that held the lock may have erased the file we waited on.
                if _is_same_file(lock, self.dir / "lock"):
                    yield
                    return

    def _info(self, state: StackState) -> StackInfo:
        processes = {"postgres": state.postgres, "rest": state.rest, "worker": state.worker}
        return StackInfo(
            api_url=state.api_url,
            publishable_key=state.publishable_key,
            cron_secret=state.cron_secret,
            secret_key=state.secret_key,
            jwks_url=f"{state.api_url}/auth/v1/.well-known/jwks.json",
            db_url=state.db_url("postgres"),
            superuser_db_url=state.db_url(SUPERUSER),
            dir=self.dir,
            pids={name: process.pid for name, process in processes.items() if process},
        )


def _is_same_file(opened: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened.fileno()), path.stat())
    except FileNotFoundError:
        return False
