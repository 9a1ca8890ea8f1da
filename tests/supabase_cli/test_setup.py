"""`supajobs setup` with the official CLI, in a folder that has nothing yet."""

from pathlib import Path

import pytest
from tests.cli.running import run
from tests.parts import CRON_SECRET, PROJECT

from supajobs.doctor.schema_description import expect, read_snapshot
from supajobs.local.node import NODE
from supajobs.local.stack import StackInfo
from supajobs.setting_sources import DEFAULT_FAMILIES


@pytest.fixture
def cli_on_path(entry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "supabase"
    program.write_text(f'#!/bin/sh\nexec "{NODE}" "{entry}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.usefixtures("cli_on_path")
async def test_migrations_are_pushed(empty: StackInfo, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / ".env").write_text(f"SUPABASE_DB_URL={empty.db_url}?sslmode=disable\n")
    env = {
        "SUPABASE_URL": empty.api_url,
        "SUPABASE_PUBLISHABLE_KEY": empty.publishable_key,
        "SUPABASE_SECRET_KEY": empty.secret_key,
        "CRON_SECRET": CRON_SECRET,
        "SUPABASE_TELEMETRY_DISABLED": "1",
        "DO_NOT_TRACK": "1",
        "HOME": str(tmp_path),
    }
    ran = await run("setup", "--yes", env=env, cwd=folder)
    known = expect(DEFAULT_FAMILIES).migrations or {}
    copied = "; ".join(f"{version}_{name}.sql" for version, name in known.items())
    assert (
        "! The project has not got the queue's migrations, or not the latest.\n"
        f"✓ Copied to ./supabase/migrations: {copied}.\n"
    ) in ran.out
    assert f"✓ All migrations are applied: {'; '.join(map(str, known.values()))}." in ran.out, ran
    assert ran.err.endswith("Give --process-url https://<your api>/v1/queue/process.\n")
    shipped = list((PROJECT / "supabase" / "migrations").glob("*.sql"))
    assert len(shipped) == len(read_snapshot().migrations or {})
