"""Whether the database has this package's migrations, and is what they made of it."""

from supajobs.doctor.drift import list_drift
from supajobs.doctor.finding import Verdict, enumerate_some, error, ok, warning
from supajobs.doctor.project import Project
from supajobs.doctor.schema_description import SchemaDescription, expect, read_snapshot
from supajobs.errors import SupabaseUnavailableError

NO_SUCH_FUNCTION = "PGRST202"

_PUSH = (
    "Run `supajobs setup`, which copies the migrations to ./supabase/migrations and pushes them "
    "(npx supabase db push)."
)


async def check_migrations(project: Project) -> Verdict:
    """Whether all migrations of this package have been applied, and none that it does not know."""
    try:
        described = await project.describe_schema()
    except SupabaseUnavailableError as refusal:
        if refusal.sqlstate != NO_SUCH_FUNCTION:
            raise
        return error("The project has not got the queue's migrations, or not the latest.", _PUSH)
    expected = expect(project.settings.job_families)
    drift = list_drift(described, expected)
    if described.migrations is None:
        return warning(
            "The database has no history of migrations that can be read; the schema is compared "
            "all the same.",
            "Nothing, if they are applied by hand or by another tool.",
        )
    if missing := list_missing(described, expected):
        return _judge_missing(missing, is_there=not drift)
    if drift and (newer := list_newer(described)):
        return warning(
            f"The database is newer than this package: it has {enumerate_some(newer)}.",
            "Upgrade the package to the version that wrote them.",
        )
    names = [name for name in (expected.migrations or {}).values() if name]
    return ok(f"All migrations are applied: {enumerate_some(names)}.")


def _judge_missing(missing: list[str], *, is_there: bool) -> Verdict:
    if is_there:
        versions = " ".join(each.partition("_")[0] for each in missing)
        return warning(
            f"Not recorded as applied, though the schema is as if they were: "
            f"{enumerate_some(missing)}.",
            f"npx supabase migration repair --status applied {versions}",
        )
    return error(f"Migrations are not applied: {enumerate_some(missing)}.", _PUSH)


async def check_schema(project: Project) -> Verdict:
    """Whether tables and functions are what the migrations made of them."""
    described = await project.describe_schema()
    expected = expect(project.settings.job_families)
    drift = list_drift(described, expected)
    if not drift:
        return ok("Tables, views and functions are as the migrations made them.")
    message = f"The schema is not what the migrations made of it: {enumerate_some(drift)}."
    if list_newer(described):
        return warning(message, "Upgrade the package, if newer migrations have made it so.")
    return error(
        message,
        "Undo what was changed by hand: our migrations in ./supabase/migrations say how each thing "
        "was made.",
    )


def list_missing(actual: SchemaDescription, expected: SchemaDescription) -> list[str]:
    """The package's migrations that the database has no record of, as `<version>_<name>`."""
    recorded = actual.migrations or {}
    known = expected.migrations or {}
    return [f"{version}_{name}" for version, name in known.items() if version not in recorded]


def list_newer(actual: SchemaDescription) -> list[str]:
    """Migrations that look like the queue's, and came after the last one known here.

    They may be the project's own; only their effect on the queue's schema can tell.
    """
    recorded = actual.migrations or {}
    last = max(read_snapshot().migrations or {})
    return [
        f"{version}_{name}"
        for version, name in recorded.items()
        if version > last and name and "plan" in name
    ]
