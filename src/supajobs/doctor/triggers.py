"""What starts jobs that nobody else starts: pg_cron, pg_net, Vault and the schedules."""

from supajobs.doctor.finding import Verdict, error, ok, skipped, warning
from supajobs.doctor.project import Project
from supajobs.doctor.trigger_description import (
    CLEANUP_SCHEDULE,
    PROCESS_SCHEDULE,
    TriggerDescription,
)

SCHEDULES = (PROCESS_SCHEDULE, CLEANUP_SCHEDULE)

_SET_UP = "Run `supajobs setup`, which writes them, or select public.set_up_plan_job_processing(…)."


async def check_pg_cron(project: Project) -> Verdict:
    """Whether the project has pg_cron."""
    return _judge_extension(await project.describe_triggers(), "pg_cron")


async def check_pg_net(project: Project) -> Verdict:
    """Whether the project has pg_net."""
    return _judge_extension(await project.describe_triggers(), "pg_net")


def _judge_extension(triggers: TriggerDescription, name: str) -> Verdict:
    if triggers.extensions.get(name):
        return ok(f"{name} is enabled.")
    if triggers.has_living_processor:
        return warning(
            f"{name} is not enabled: nothing but processors that always run starts jobs.",
            f"Enable {name} (Dashboard → Database → Extensions) and run `supajobs setup`, or keep "
            "`supajobs work` running.",
        )
    return error(
        f"{name} is not enabled, and no processor runs: nothing starts jobs.",
        f"Enable {name} (Dashboard → Database → Extensions) and run `supajobs setup`. Where it "
        "cannot be had, run `supajobs work`, or `supajobs process --once` from a crontab.",
    )


async def check_vault_secrets(project: Project) -> Verdict:
    """Whether the processor's address and secret are in Vault."""
    triggers = await project.describe_triggers()
    if not triggers.extensions.get("supabase_vault"):
        return _judge_extension(triggers, "supabase_vault")
    if missing := [name for name, is_there in triggers.secrets.items() if not is_there]:
        message = f"Vault lacks {' and '.join(missing)}."
        if triggers.has_living_processor:
            return warning(f"{message} Only processors that always run start jobs.", _SET_UP)
        return error(f"{message} The trigger does not know whom to call.", _SET_UP)
    return ok("Vault has the processor's address and secret.")


async def check_schedules(project: Project) -> Verdict:
    """Whether the schedules run, and the processor answers them."""
    triggers = await project.describe_triggers()
    if missing := [name for name, is_there in triggers.extensions.items() if not is_there]:
        return skipped(f"There are none without {' and '.join(missing)}.")
    if not all(triggers.secrets.values()):
        return skipped("They cannot work before vault_secrets is well.")
    scheduled = {schedule.name for schedule in triggers.schedules}
    if missing := [name for name in SCHEDULES if name not in scheduled]:
        return _judge_unscheduled(" and ".join(missing), triggers)
    if dead := [schedule for schedule in triggers.schedules if not schedule.is_alive]:
        return error(
            " ".join(f"{each.name} does not do its work. {each.reason}" for each in dead),
            "See processor_endpoint, and cron.job_run_details and net._http_response for more.",
        )
    return ok(", ".join(f"{each.name} runs ({each.schedule})" for each in triggers.schedules) + ".")


def _judge_unscheduled(names: str, triggers: TriggerDescription) -> Verdict:
    remedy = "Run `supajobs setup`, or select public.schedule_plan_job_processing('30 seconds')."
    if triggers.has_living_processor:
        return warning(
            f"{names} is not scheduled: jobs are started by processors that always run, and by "
            "nobody when those are down.",
            remedy,
        )
    return error(f"{names} is not scheduled, and no processor runs: nothing starts jobs.", remedy)
