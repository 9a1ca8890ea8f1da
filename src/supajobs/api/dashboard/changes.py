"""What is changed on the operator's page: in the log with who did it, and seen there at once."""

from typing import Annotated

from fastapi import Depends

from supajobs.api.dashboard.answers import DashboardAnswers
from supajobs.api.dashboard.session import require_session
from supajobs.api.dependencies import PartsDep
from supajobs.loggers import get_logger

logger = get_logger(__name__)


class Changes:
    """Those of one request."""

    def __init__(self, who: str, answers: DashboardAnswers) -> None:
        self._who = who
        self._answers = answers

    def note(self, what: str, **which: object) -> None:
        """Something was changed."""
        logger.info("dashboard_change", who=self._who, what=what, **which)
        self._answers.forget()


async def _changes(parts: PartsDep, who: Annotated[str, Depends(require_session)]) -> Changes:
    return Changes(who, parts.dashboard)


ChangesDep = Annotated[Changes, Depends(_changes)]
