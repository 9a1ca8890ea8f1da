"""The SQL that goes with the package."""

import filecmp
import shutil
from pathlib import Path

_PACKAGE = Path(__file__).parent


def find_migrations() -> Path:
    """Where this package's migrations are: in it, or beside it in a checkout."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "supabase" / "migrations"


def copy_migrations(folder: Path) -> list[str]:
    """Copies those that the folder lacks; returns the names of their files.

    Raises:
        OSError: it cannot be written, or has another file under one of the names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copied: list[str] = []
    for migration in sorted(find_migrations().glob("*.sql")):
        copy = folder / migration.name
        if not copy.exists():
            shutil.copyfile(migration, copy)
            copied.append(migration.name)
        elif not filecmp.cmp(migration, copy, shallow=False):
            raise FileExistsError(f"{copy} is not the migration of this package; restore it.")
    return copied
