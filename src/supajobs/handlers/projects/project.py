"""Projects and what was found in them, in the words of the tables."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

PROJECT_REFRESH = "project_refresh"
PROJECT_PROCESSING = "project_processing"
SKILLS_EXTRACTION = "skills_extraction"
PROJECT_JOB_TYPES = (PROJECT_REFRESH, PROJECT_PROCESSING, SKILLS_EXTRACTION)

TaskState = Literal["open", "doing", "done", "dropped"]


class PhaseProgress(BaseModel):
    """How far a phase of the plan is, with all phases below it."""

    path: str
    names: Annotated[list[str], Field(description="Its headings, the outermost first.")]
    percentage: float
    done_weight: float
    total_weight: float


class ProjectProgress(BaseModel):
    """How far a plan is, in percent of the weight of all tasks that are not dropped."""

    percentage: float
    done_weight: float
    total_weight: float
    by_state: dict[TaskState, int]


class ProjectWarning(BaseModel):
    """What could not be understood, and where."""

    path: str
    line: int | None
    code: str
    message: str


class Project(BaseModel):
    """A repository that a user has connected, and what was found there at last."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    repository_url: str
    branch: Annotated[str | None, Field(description="Null: the repository's own first one.")]
    plan_path: Annotated[str, Field(description="A path, or a pattern such as `docs/**/plan*.md`.")]
    has_token: Annotated[bool, Field(description="Whether one for a private repository is kept.")]
    commit_id: str | None
    committed_at: datetime | None
    title: str | None
    progress: ProjectProgress | None
    processed_at: Annotated[datetime | None, Field(description="When its plan was last read.")]
    skills_extracted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ProjectDetails(Project):
    """A project with what may be much of it."""

    phases: Annotated[list[PhaseProgress], Field(description="In the order of the plan.")]
    warnings: list[ProjectWarning]


class ProjectTask(BaseModel):
    """A task of the plan."""

    key: Annotated[str, Field(description="The same while it moves, or is ticked off.")]
    position: int
    parent_key: str | None
    path: str
    line: int
    phase: Annotated[list[str], Field(description="The headings above it, outermost first.")]
    number: str | None
    text: str
    state: TaskState
    due: date | None
    owners: list[str]
    weight: Annotated[float, Field(description="In days, where the plan says so; else 1.")]
    estimated: bool
    links: list[str]


class Evidence(BaseModel):
    """Where a skill is seen."""

    path: str
    line: int | None


class ProjectSkill(BaseModel):
    """What the code shows: a language, with its bytes and its percent of all, or a tool."""

    kind: str
    name: str
    bytes: int | None
    share: float | None
    confidence: float
    versions: list[str]
    evidence: list[Evidence]


class ProjectChanges(BaseModel):
    """What a job found to be other than before; what it has not looked at, is null."""

    percentage_before: float | None = None
    percentage: float | None = None
    added: int | None = None
    removed: int | None = None
    completed: int | None = None
    reopened: int | None = None
    skills_added: list[str] | None = None
    skills_removed: list[str] | None = None


class ProjectRefresh(BaseModel):
    """What a completed job has found, also when the job itself is forgotten."""

    job_id: UUID
    job_type: str
    commit_id: str
    committed_at: datetime | None
    percentage: float | None
    changes: ProjectChanges
    completed_at: datetime
