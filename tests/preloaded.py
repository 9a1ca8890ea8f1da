"""What every fork has imported, and never gives back.

It is set aside from the garbage collector, which in a fork would look through all of it, and so
copy it.
"""

import gc
from importlib import import_module

MODULES = (
    "pytest",
    "tests.faults.worker",
    *(
        f"supajobs.cli.{command}"
        for command in ("doctor", "jobs", "openapi", "programs", "queue", "schedules", "setup")
    ),
    "supajobs.handlers.training_plan.model_planner",
    "supajobs.models.language_model",
    "supajobs.notifications.webhook",
    "pydantic_ai.models.openai",
    "pydantic_ai.providers.deepseek",
    # What these import when they are first used.
    "anyio._backends._asyncio",
    "encodings.idna",
    "genai_prices.data",
    "httpcore",
    "openai.resources.chat.completions.completions",
    "rich.markdown",
    "typer.rich_utils",
)

for module in MODULES:
    import_module(module)
gc.collect()
gc.freeze()
