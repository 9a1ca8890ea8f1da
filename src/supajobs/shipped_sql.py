"""The SQL that goes with the package."""

import filecmp
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from supajobs.setting_sources import JobFamily

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class FamilySql:
    """What a family of jobs adds to the queue: a migration, and what that makes.

    Tables with their columns, functions with their arguments, job types.
    """

    migration: str
    tables: Mapping[str, tuple[str, ...]]
    functions: tuple[str, ...]
    job_types: tuple[str, ...]


FAMILIES: dict[JobFamily, FamilySql] = {
    "training_plan": FamilySql(
        migration="create_training_plans",
        tables={"weekly_base_plans": ("id", "user_id", "job_id", "plan")},
        functions=("supajobs.store_plan(jsonb,jsonb)",),
        job_types=("training_plan",),
    ),
    "projects": FamilySql(
        migration="create_projects",
        tables={
            "plan_projects": ("id", "user_id", "name", "repository_url", "branch", "plan_path"),
            "plan_project_tasks": ("project_id", "key", "text", "state"),
            "plan_project_skills": ("project_id", "kind", "name"),
            "plan_project_refreshes": ("job_id", "project_id", "changes"),
            "supajobs.added_projects": ("project_id", "user_id", "added_at"),
            "supajobs.project_secrets": ("project_id", "name", "ciphertext"),
        },
        functions=(
            "public.create_plan_project(uuid,jsonb,integer,integer)",
            "public.delete_plan_project(uuid,uuid)",
            "public.get_plan_job_project(uuid,uuid)",
            "public.get_plan_project_pause(uuid,uuid,text,integer,integer)",
            "public.get_plan_project_webhook(uuid)",
            "public.set_plan_project_webhook(uuid,uuid,text)",
            "supajobs.keep_project_secret(uuid,text,text)",
            "supajobs.store_project(jsonb,jsonb)",
            "supajobs.store_project_skills(uuid,jsonb)",
            "supajobs.store_project_tasks(uuid,jsonb)",
            "public.update_plan_project(uuid,uuid,jsonb)",
        ),
        job_types=("project_processing", "project_refresh", "skills_extraction"),
    ),
}

QUEUE_JOB_TYPES = ("canary",)  # that the queue's own migration makes
JOB_TYPES = (*QUEUE_JOB_TYPES, *(name for family in FAMILIES.values() for name in family.job_types))


def list_unwanted(families: Iterable[JobFamily]) -> list[FamilySql]:
    """The families that are none of these."""
    wanted = set(families)
    return [family for name, family in FAMILIES.items() if name not in wanted]


def find_migrations(families: Iterable[JobFamily]) -> list[Path]:
    """This package's migrations of the queue and of these families, in their order.

    They are in it, or beside it in a checkout.
    """
    installed = _PACKAGE / "migrations"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "supabase" / "migrations"
    unwanted = {family.migration for family in list_unwanted(families)}
    return [
        file for file in sorted(folder.glob("*.sql")) if file.stem.partition("_")[2] not in unwanted
    ]


def copy_migrations(folder: Path, families: Iterable[JobFamily]) -> list[str]:
    """Copies those of the queue and of these families that the folder lacks.

    Returns the names of their files.

    Raises:
        OSError: it cannot be written, or has another file under one of the names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copied: list[str] = []
    for migration in find_migrations(families):
        copy = folder / migration.name
        if not copy.exists():
            shutil.copyfile(migration, copy)
            copied.append(migration.name)
        elif not filecmp.cmp(migration, copy, shallow=False):
            raise FileExistsError(f"{copy} is not the migration of this package; restore it.")
    return copied
