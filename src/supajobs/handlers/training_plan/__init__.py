"""The training planner: asks nothing of the network, and checks what it (or a model) wrote."""

from supajobs.handlers.training_plan.handler import (
    TRAINING_PLAN,
    Planner,
    create_training_plan_type,
    write_built_in_plan,
)
from supajobs.handlers.training_plan.plan import (
    OUTLINE_ADAPTER,
    PLAN_ADAPTER,
    Outline,
    TrainingPlan,
    Week,
)
from supajobs.handlers.training_plan.planner import assemble, outline, write_week
from supajobs.handlers.training_plan.request import TrainingPlanRequest, check_dates
from supajobs.handlers.training_plan.zones import TRAINING_ZONES

__all__ = [
    "OUTLINE_ADAPTER",
    "PLAN_ADAPTER",
    "TRAINING_PLAN",
    "TRAINING_ZONES",
    "Outline",
    "Planner",
    "TrainingPlan",
    "TrainingPlanRequest",
    "Week",
    "assemble",
    "check_dates",
    "create_training_plan_type",
    "outline",
    "write_built_in_plan",
    "write_week",
]
