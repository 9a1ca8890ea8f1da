"""What `pip install supajobs` brings."""

from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder
from tests.parts import PROJECT


def test_the_wheel_has_the_migrations(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(PROJECT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    migrations = (PROJECT / "supabase" / "migrations").glob("*.sql")
    assert {f"supajobs/migrations/{migration.name}" for migration in migrations} <= names
    assert "supajobs/doctor/schema.json" in names
