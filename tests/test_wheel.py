"""What `pip install supajobs` brings."""

from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder
from tests.parts import PROJECT


def test_the_wheel_has_the_migrations_and_what_they_are_written_from(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(PROJECT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("migrations", "schemas"):
        files = list((PROJECT / "supabase" / folder).glob("*.sql"))
        assert files
        assert {f"supajobs/{folder}/{file.name}" for file in files} <= names
    assert "supajobs/doctor/schema.json" in names
    starter = list((PROJECT / "src" / "supajobs" / "cli" / "starter").iterdir())
    assert {f"supajobs/cli/starter/{file.name}" for file in starter if file.is_file()} <= names
