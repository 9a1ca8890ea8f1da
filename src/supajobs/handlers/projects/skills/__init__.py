"""The skills that a repository shows: its languages by bytes, and what its manifests ask for."""

from supajobs.handlers.projects.skills.finding import find_skills
from supajobs.handlers.projects.skills.found import (
    Evidence,
    Language,
    Skill,
    Skills,
    SkillWarning,
)

__all__ = ["Evidence", "Language", "Skill", "SkillWarning", "Skills", "find_skills"]
