"""The projects of one Supabase project: added and changed for users, read by running jobs."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, SecretStr, TypeAdapter

from supajobs.errors import EnqueueRateLimitedError
from supajobs.handlers.projects.project import Project, ProjectDetails
from supajobs.handlers.projects.refusals import (
    ProjectNameTakenError,
    ProjectNotFoundError,
    TooManyProjectsError,
    WebhookUnreadableError,
)
from supajobs.jobs import ClaimedJob
from supajobs.models.provider_keys import ProviderKeys, UnreadableKeyError
from supajobs.outcomes import PermanentError, UnavailableError
from supajobs.queue.answers import ClaimLostError
from supajobs.queue.database import Database


class Place(BaseModel):
    """Where the plan of a project is."""

    repository_url: str
    branch: str | None
    plan_path: str


class _Found(BaseModel):
    outcome: Literal["found", "gone", "stale"]
    project: Place | None = None
    token: str | None = None


class _Changed(BaseModel):
    outcome: Literal[
        "created",
        "existing",
        "updated",
        "deleted",
        "name_taken",
        "too_many",
        "rate_limited",
        "not_found",
    ]
    project: ProjectDetails | None = None
    retry_after: int | None = None


class _Webhook(BaseModel):
    user_id: UUID
    ciphertext: str


_CHANGED = TypeAdapter(_Changed)
_FOUND = TypeAdapter(_Found)
_PROJECTS = TypeAdapter(list[Project])
_PAUSE = TypeAdapter[int | None](int | None)
_WEBHOOK = TypeAdapter[_Webhook | None](_Webhook | None)


class Projects:
    """All of them; each belongs to a user. Tokens are encrypted before the database sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._secrets = ProviderKeys(database.settings.provider_key_secret)

    async def add(self, user_id: UUID, columns: dict[str, Any]) -> tuple[ProjectDetails, bool]:
        """Connects a repository; True with it: it is new. One just like it gets this token.

        Raises:
            EnqueueRateLimitedError: the user has added as many in the last hour as a user may.
            ProjectNameTakenError: the user has another one of this name.
            ProviderKeysNotOfferedError: it has a token, and there is no secret to encrypt it.
            TooManyProjectsError: the user has as many as a user may have.
            UserGoneError: auth.users has no such user.
        """
        answer = await self._call(
            "create_plan_project", p_user_id=user_id, p_project=self._encrypt(columns)
        )
        if answer.outcome == "rate_limited":
            raise EnqueueRateLimitedError(retry_after=answer.retry_after)
        if answer.outcome == "too_many":
            raise TooManyProjectsError
        if answer.outcome == "name_taken" or answer.project is None:
            raise ProjectNameTakenError
        return answer.project, answer.outcome == "created"

    async def get(self, project_id: UUID) -> Project:
        """The project, whoever has it.

        Raises:
            ProjectNotFoundError: there is none.
        """
        query = self._database.service.from_("plan_projects").select(",".join(Project.model_fields))
        found = await self._database.send(query.eq("id", str(project_id)), _PROJECTS)
        if not found:
            raise ProjectNotFoundError
        return found[0]

    async def change(
        self, project_id: UUID, user_id: UUID, columns: dict[str, Any]
    ) -> ProjectDetails:
        """Changes columns of a project. Another repository does not get the token of the last one.

        Raises:
            ProjectNameTakenError: the user has another one of this name.
            ProjectNotFoundError: the user has no such project.
            ProviderKeysNotOfferedError: see `add`.
        """
        answer = await self._call(
            "update_plan_project",
            p_project_id=project_id,
            p_user_id=user_id,
            p_changes=self._encrypt(columns),
        )
        if answer.outcome == "name_taken":
            raise ProjectNameTakenError
        if answer.project is None:
            raise ProjectNotFoundError
        return answer.project

    async def find_pause(
        self, project_id: UUID, user_id: UUID, idempotency_key: str | None
    ) -> int | None:
        """For how many seconds the user may not ask for another refresh; None: one may now."""
        params = {
            "p_project_id": project_id,
            "p_user_id": user_id,
            "p_idempotency_key": idempotency_key,
        }
        return await self._database.call("get_plan_project_pause", params, _PAUSE)

    async def delete(self, project_id: UUID, user_id: UUID) -> None:
        """Deletes a project with what was found in it; its jobs end.

        Raises:
            ProjectNotFoundError: the user has no such project.
        """
        answer = await self._call("delete_plan_project", p_project_id=project_id, p_user_id=user_id)
        if answer.outcome == "not_found":
            raise ProjectNotFoundError

    async def set_webhook(self, project_id: UUID, user_id: UUID, secret: SecretStr | None) -> None:
        """What its forge signs calls with from now on; None: it is to call no more.

        Raises:
            ProjectNotFoundError: the user has no such project.
            ProviderKeysNotOfferedError: there is no secret to encrypt this one.
        """
        answer = await self._call(
            "set_plan_project_webhook",
            p_project_id=project_id,
            p_user_id=user_id,
            p_ciphertext=self._secrets.encrypt(secret),
        )
        if answer.outcome == "not_found":
            raise ProjectNotFoundError

    async def find_webhook(self, project_id: UUID) -> tuple[UUID, SecretStr] | None:
        """Whose project it is, and what its forge signs calls with; None: it has no webhook.

        Raises:
            WebhookUnreadableError: this process cannot decrypt it.
        """
        found = await self._database.call(
            "get_plan_project_webhook", {"p_project_id": project_id}, _WEBHOOK
        )
        if found is None:
            return None
        try:
            return found.user_id, self._secrets.decrypt(found.ciphertext)
        except UnreadableKeyError as error:
            raise WebhookUnreadableError from error

    async def find_place(self, job: ClaimedJob) -> tuple[Place, SecretStr | None]:
        """Where a running job is to look, and the token for a private repository.

        Raises:
            ClaimLostError: the job is no longer this worker's.
            PermanentError: its user has no such project.
            UnavailableError: this process cannot decrypt the token, though another one may.
        """
        found = await self._database.call(
            "get_plan_job_project", {"p_job_id": job.id, "p_claim_id": job.claim_id}, _FOUND
        )
        if found.outcome == "stale":
            raise ClaimLostError
        if found.project is None:
            raise PermanentError(ProjectNotFoundError.tell(), code=ProjectNotFoundError.code)
        if found.token is None:
            return found.project, None
        try:
            return found.project, self._secrets.decrypt(found.token)
        except UnreadableKeyError as error:
            raise UnavailableError(
                message="The project's token cannot be read. Should that not pass, give it anew.",
                code="token_unreadable",
            ) from error

    async def _call(self, function: str, **arguments: Any) -> _Changed:
        return await self._database.call(function, arguments, _CHANGED)

    def _encrypt(self, columns: dict[str, Any]) -> dict[str, Any]:
        token = columns.get("token")
        if not isinstance(token, SecretStr):
            return columns
        return {**columns, "token": self._secrets.encrypt(token)}
