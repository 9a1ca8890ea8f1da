"""The command line of supajobs; with the extra `local`, more of it."""

import importlib.util

import typer

from supajobs.cli import doctor, jobs, openapi, processes, queue, setup

app = typer.Typer(
    help="Durable background jobs for Supabase apps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


if importlib.util.find_spec("psycopg"):  # the extra `local`, which production goes without
    from supajobs.local import cli as local_cli

    app.add_typer(local_cli.app, name="local")
    app.command()(local_cli.dev)

app.command()(processes.api)
app.command()(processes.work)
app.command()(processes.process)
app.command()(openapi.openapi)
app.add_typer(jobs.app, name="jobs")
app.command()(queue.queue)
app.command()(doctor.doctor)
app.command()(setup.setup)
