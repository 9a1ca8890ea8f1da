from supajobs.doctor.finding import Verdict, error, ok, warning
from supajobs.doctor.project import Project


async def check_queue(project: Project) -> Verdict:
    """Whether the queue does its work."""
    health = await project.queue.check()
    if health.status == "healthy":
        return ok("The queue does its work.")
    said = " ".join(reason.message for reason in health.reasons)
    judge = error if health.status == "unhealthy" else warning
    return judge(said, "See `supajobs queue` for what waits and runs.")
