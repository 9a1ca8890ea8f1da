import pytest
from pydantic import ValidationError
from tests.test_auth import make_settings

from supajobs.app import create_app
from supajobs.handlers.families import create_job_types, create_tools


def paths(job_families: str) -> set[str]:
    return create_app(make_settings(job_families=job_families)).openapi()["paths"].keys()


def test_training_plans_are_there_unless_another_family_is_said() -> None:
    settings = make_settings()
    assert settings.job_families == ("training_plan",)
    assert list(create_job_types(settings)) == ["training_plan"]
    assert list(create_tools(settings)) == ["training_zones"]


def test_without_a_family_the_queue_is_there_and_nothing_else() -> None:
    settings = make_settings(job_families="none")
    assert create_job_types(settings) == {}
    assert create_tools(settings) == {}


def test_the_routes_of_plans_come_with_their_type() -> None:
    gone = paths("training_plan") - paths("none")
    assert gone
    assert all(path.startswith("/v1/plan") for path in gone)
    assert "/v1/jobs" in paths("none")


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(ValidationError, match="training_plan"):
        make_settings(job_families="training_plans")
