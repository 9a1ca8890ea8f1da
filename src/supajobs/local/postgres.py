"""The PostgreSQL server of a stack."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psutil
import psycopg

from supajobs.local.errors import LocalStackError
from supajobs.local.packages import keep
from supajobs.local.processes import (
    ProcessRef,
    User,
    find,
    run_as,
    spawn,
    wait_until_ready,
)

SUPERUSER = "supabase_admin"
FAST_SHUTDOWN = signal.SIGINT
_BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "shared_preload_libraries": "pg_stat_statements",
    "wal_level": "logical",
    # The one shortcut: a power cut may cost this machine its development data. Commits are
    # otherwise as on Supabase (synchronous, full pages), so that what is measured here means
    # something.
    "fsync": "off",
}


@dataclass(frozen=True)
class Postgres:
    """One database cluster: its programs, where its data lies, where it logs."""

    bin: Path
    data: Path
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Beside, or instead of, those of every stack."""

    def start(self, port: int) -> ProcessRef:
        """Start the server, making its cluster first if need be, and wait until it serves.

        Raises:
            LocalStackError: it did not start.
        """
        if not self.data.exists():
            self._create()
        kill_orphans(self.data)
        # A killed server leaves its pid there, which by now may be somebody else's.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = {**_SETTINGS, **self.settings, "port": str(port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process = spawn(
            [str(self.bin / "postgres"), "-D", str(self.data), *options],
            log=self.log,
            cwd=Path("/"),
            user=self._user,
        )
        wait_until_ready(process, lambda: accepts(port), name="PostgreSQL", log=self.log)
        return process

    @property
    def _user(self) -> User | None:
        """Whom the server runs as: ourselves (None), except for root, which Postgres refuses."""
        if os.geteuid() != 0:
            return None
        owner = self.data.parent.stat()
        return User(owner.st_uid, owner.st_gid)

    def _create(self) -> None:
        """Copy the empty cluster that initdb made once on this machine: it takes two seconds."""
        draft = self.data.with_name("draft")  # an interrupted copy must not look complete
        shutil.rmtree(draft, ignore_errors=True)
        name = f"cluster-{sha256(repr(self._initdb).encode()).hexdigest()[:16]}"
        empty = keep(name, self._initialize, "an empty cluster")
        # Not shutil.copytree, which takes as long as initdb.
        _run("cp", "-R", str(empty / "data"), str(draft))
        if user := self._user:
            for path in (draft, *draft.rglob("*")):
                os.chown(path, user.uid, user.gid)
        draft.chmod(0o700)
        draft.rename(self.data)

    @property
    def _initdb(self) -> list[str]:
        """What makes a cluster, but for its place."""
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        return [
            *(str(self.bin / "initdb"), "-U", SUPERUSER, f"--locale={locale}"),
            *("--auth=trust", "--encoding=UTF8", "--no-sync"),
        ]

    def _initialize(self, directory: Path) -> None:
        if user := self._user:
            os.chown(directory, user.uid, user.gid)
        _run(*self._initdb, "-D", str(directory / "data"), user=self._user)
        _run("chmod", "-R", "a+rX", str(directory))


def _run(*command: str, user: User | None = None) -> None:
    # Where the system has its programs, whatever the caller's PATH.
    environment = {**os.environ, "PATH": os.defpath}
    result = subprocess.run(  # noqa: S603 - constant commands with paths of our own
        command,
        cwd="/",
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        **run_as(user),
    )
    if result.returncode:
        raise LocalStackError(f"{Path(command[0]).name} failed:\n{result.stderr.strip()}")


def kill_orphans(data: Path) -> None:
    """Kill what still works on the cluster, as the children of a killed server do."""

    def works_here(process: psutil.Process) -> bool:
        return process.name().startswith("postgres") and process.cwd() == str(data.resolve())

    for orphan in find(works_here):
        orphan.stop(signal.SIGKILL)


def accepts(port: int) -> bool:
    """Tell whether a server takes connections on the port."""
    try:
        with psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname="postgres"):
            return True
    except psycopg.OperationalError:
        return False


def bootstrap(db_url: str) -> None:
    """Give a new cluster the roles, schemas and extensions of a hosted project."""
    with psycopg.connect(db_url) as connection:
        done = connection.execute("select from pg_roles where rolname = 'postgres'").rowcount
        if not done:
            connection.execute(_BOOTSTRAP.read_bytes())


def data_place(stack: Path) -> Path:
    """Return the directory for a stack's cluster, made where it is missing.

    It is `postgres` in the stack's directory; for root a link from there to `/var/lib`, because
    the user who runs Postgres may be unable to reach a checkout below somebody's home.
    """
    place = stack / "postgres"
    if os.geteuid() == 0 and not place.exists():
        target = Path("/var/lib/supajobs") / sha256(str(stack).encode()).hexdigest()[:16]
        target.mkdir(parents=True, exist_ok=True)
        target.parent.chmod(0o755)
        user = _unprivileged_user()
        os.chown(target, user.uid, user.gid)
        place.unlink(missing_ok=True)
        place.symlink_to(target)
    place.mkdir(exist_ok=True)
    place.chmod(0o700)
    return place.resolve()


def _unprivileged_user() -> User:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid)
    raise LocalStackError("PostgreSQL refuses root, and there is no user postgres or nobody")
