"""What `supajobs dev` says as it starts: where everything is, and what to do next."""

from pathlib import Path

import psycopg
import typer

from supajobs.first_job import write_request
from supajobs.local.stack import StackInfo
from supajobs.settings import ANY_PORT
from supajobs.shipped_sql import JOB_TYPES

LOCAL_ORIGINS = tuple(f"http://{host}{ANY_PORT}" for host in ("localhost", "127.0.0.1"))

_WIDTH = 17


def greet(
    info: StackInfo, api: str, *, page: str, dashboard_secret: str | None, is_default: bool
) -> None:
    """Prints addresses, keys, where settings come from, and the next three commands.

    `page`: where it is, or why it is not; `dashboard_secret`: what opens its dashboard, if that is
    on; `is_default`: whether the stack is in the folder that commands look for one in.
    """
    file = Path(".env").absolute()
    for name, value in {
        "Page": page,
        "Dashboard": f"{api}/dashboard, with the secret {dashboard_secret}"
        if dashboard_secret
        else "off",
        "API": api,
        "Supabase": info.api_url,
        "publishable key": info.publishable_key,
        "secret key": info.secret_key,
        "Postgres": info.db_url,
        "Settings": f"the environment, and {file}"
        if file.exists()
        else f"the environment; there is no {file}",
    }.items():
        typer.echo(f"{name:<{_WIDTH}}{value}")
    where = "" if is_default else f" --dir {info.dir}"
    typer.echo("Next, in another terminal:")
    typer.echo(f"  export $(supajobs local env{where})")
    typer.echo(f"  {write_request(_find_job_type(info.db_url))}")
    typer.echo("  supajobs jobs show ID --result    # the id that enqueue has printed")


def _find_job_type(db_url: str) -> str:
    """One of the project's own, if it has any."""
    with psycopg.connect(db_url) as database:
        found = database.execute(
            "select job_type from plan_job_types where job_type <> all (%s)"
            " order by job_type limit 1",
            [list(JOB_TYPES)],
        ).fetchone()
    return str(found[0]) if found else "TYPE"
