"""What is asked for with projects, and what is answered."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from supajobs.handlers.projects import (
    PhaseProgress,
    Project,
    ProjectChanges,
    ProjectProgress,
    ProjectSkill,
    ProjectTask,
)
from supajobs.job_options import Line, Text
from supajobs.jobs import JobStatus, Progress
from supajobs.outcomes import JobError

Name = Annotated[Line, Field(min_length=1, max_length=100, description="One project of each name.")]
RepositoryUrl = Annotated[
    Text, Field(min_length=1, max_length=2000, description="As git clones it, with https.")
]
Branch = Annotated[
    Annotated[Text, Field(min_length=1, max_length=255)] | None,
    Field(description="By default, the repository's own first one."),
]
PlanPath = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=1000,
        description="Where its plan is: a path, or a pattern such as `docs/**/plan*.md`.",
    ),
]
Token = Annotated[
    Annotated[SecretStr, Field(min_length=1, max_length=512)] | None,
    Field(description="For a private repository: it is kept encrypted, and never answered."),
]

_EXAMPLES: list[JsonValue] = [
    {"name": "website", "repository_url": "https://github.com/octocat/Hello-World.git"}
]


class ProjectRequest(BaseModel):
    """The repository to connect."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    name: Name
    repository_url: RepositoryUrl
    branch: Branch = None
    plan_path: PlanPath = "PLAN.md"
    token: Token = None


class ProjectEdit(BaseModel):
    """What is to be other. What is not given stays; another repository gets no token by itself."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    repository_url: RepositoryUrl | None = None
    branch: Branch = None
    plan_path: PlanPath | None = None
    token: Token = None

    def list_columns(self) -> dict[str, Any]:
        """Those that change: null takes the branch or the token away."""
        nullable = {"branch", "token"}
        return {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name in nullable or getattr(self, name) is not None
        }


class ProjectPage(BaseModel):
    """Projects, newest first."""

    projects: list[Project]


class ProjectTasks(BaseModel):
    """The tasks of a plan, in its order."""

    tasks: list[ProjectTask]


class ProjectSkills(BaseModel):
    """What the code shows: languages first, the largest first; then tools, the surest first."""

    commit_id: str | None
    extracted_at: datetime | None
    skills: list[ProjectSkill]


class ProgressPoint(BaseModel):
    """How far the plan was at a commit."""

    commit_id: str
    committed_at: datetime | None
    completed_at: datetime
    percentage: float


class ProjectProgressDetails(BaseModel):
    """How far the plan is, and was: the last hundred times that it was read, the latest first."""

    progress: ProjectProgress | None
    phases: list[PhaseProgress]
    history: list[ProgressPoint]


class ProjectJob(BaseModel):
    """A job of a project, and what it has changed."""

    id: UUID
    job_type: str
    status: JobStatus
    progress: Progress | None
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: Annotated[int | None, Field(description="From its latest start to its end.")]
    commit_id: str | None
    changes: ProjectChanges | None


class ProjectJobPage(BaseModel):
    """Jobs, newest first."""

    jobs: list[ProjectJob]
