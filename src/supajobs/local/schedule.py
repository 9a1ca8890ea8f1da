"""What the README has people do in the SQL editor, done on the local stack."""

import psycopg


def schedule_processing(
    db_url: str, *, process_url: str, cron_secret: str, schedule: str = "10 seconds"
) -> None:
    """Put address and secret of the processor into Vault and register the schedules."""
    with psycopg.connect(db_url, autocommit=True) as database:
        for name, secret in [
            ("supajobs_process_url", process_url),
            ("supajobs_cron_secret", cron_secret),
        ]:
            database.execute("delete from vault.secrets where name = %s", [name])
            database.execute("select vault.create_secret(%s, %s)", [secret, name])
        database.execute("select schedule_plan_job_processing(%s)", [schedule])
