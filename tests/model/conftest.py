from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from tests.model.databases import Databases

from supajobs.local.stack import StackInfo

pytest.register_assert_rewrite(
    "tests.model.machine", "tests.model.races", "tests.model.reference", "tests.model.ties"
)

HERE = Path(__file__).parent

# Of its own choice the model runs "model", the same steps each time. A search for new ones:
# pytest tests/model/test_model.py --hypothesis-profile=long --timeout=0
settings.register_profile(
    "model",
    max_examples=120,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "long", settings.get_profile("model"), max_examples=3000, derandomize=False
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The model takes more than a minute of CPU, which on a busy machine is long."""
    if config.getoption("--timeout") is None:
        for item in items:
            if item.path.parent == HERE:
                item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def databases(supajobs_stack: StackInfo) -> Databases:
    return Databases(supajobs_stack)


@pytest.fixture
def model_settings(pytestconfig: pytest.Config) -> settings:
    return settings.get_profile(pytestconfig.getoption("--hypothesis-profile") or "model")
