"""How profiles and requests are read: liberal in spelling, strict in content, clear in refusing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_snake
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

MOST_REFUSALS = 20  # of one kind; nobody reads more, and each takes a search for what was meant
LONGEST_NAME = 100  # characters; a longer text is none


def refusal(loc: tuple[str | int, ...], reason: str, value: object = None) -> ValidationError:
    """A validation error at exactly `loc`; raised inside a validator, outer locations are added."""
    return refusals([(loc, reason, value)])


def refusals(found: Iterable[tuple[tuple[str | int, ...], str, object]]) -> ValidationError:
    """Several refusals in one validation error."""
    return ValidationError.from_exception_data(
        "training_plan",
        [
            InitErrorDetails(
                # The reason travels as a parameter, because a template would read its braces.
                type=PydanticCustomError("impossible", "{reason}", {"reason": reason}),
                loc=loc,
                input=value,
            )
            for loc, reason, value in found
        ],
    )


@dataclass(frozen=True)
class Between:
    """Bounds of a number whose refusal names the unit and why: `Annotated[int, Between(...)]`."""

    low: float
    high: float
    unit: str
    why: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The number's own schema, then the bounds."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The number's own JSON schema with the bounds, so that a form can show them."""
        return {**handler(schema), "minimum": self.low, "maximum": self.high}

    def _check(self, value: float) -> float:
        if not self.low <= value <= self.high:
            raise ValueError(
                f"{value:g} {self.unit} is outside {self.low:g} to {self.high:g} {self.unit}: "
                f"{self.why}"
            )
        return value


def named(choices: type[StrEnum]) -> BeforeValidator:
    """Accepts a choice in any case and spelling ("Muscle gain", "muscleGain", "MUSCLE_GAIN")."""

    def read(value: object) -> object:
        if not isinstance(value, str) or isinstance(value, choices):
            return value
        wanted = _plain(value) if len(value) <= LONGEST_NAME else None
        for choice in choices:
            if _plain(choice) == wanted:
                return choice
        known = ", ".join(choices)
        raise ValueError(f"unknown: {value[:LONGEST_NAME]!r}; known are {known}")

    return BeforeValidator(read)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def snake_keys(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields under their snake_case names; refuses a field that is spelled twice."""
    named_fields: dict[str, Any] = {}
    for key, value in data.items():
        name = to_snake(key)
        if name in named_fields:
            raise refusal((key,), f"given twice: {key} and {name} are the same field", value)
        named_fields[name] = value
    return named_fields


def refuse_unknown(data: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse every field that is not known, with the name that was probably meant."""
    names = list(known)
    unknown = [(key, value) for key, value in data.items() if key not in names][:MOST_REFUSALS]
    if unknown:
        raise refusals(((key,), _unknown_field(key, names), value) for key, value in unknown)


def _unknown_field(key: str, known: list[str]) -> str:
    likely = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {likely[0]}?" if likely else f"known are {', '.join(known)}"
    return f"unknown field {key}: {hint}"


class Profile(BaseModel):
    """Base of the profiles: snake_case or camelCase in, unknown fields refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _read_fields(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        fields = snake_keys(cast("Mapping[str, Any]", data))
        refuse_unknown(fields, cls.model_fields)
        return fields


def refuse_disagreement(training_days: int | None, weekdays: Sequence[object]) -> None:
    """Refuse a number of training days beside another number of weekdays.

    Raises:
        pydantic.ValidationError: located at training_days.
    """
    if training_days not in {None, len(weekdays)}:
        raise refusal(
            ("training_days",),
            f"{training_days} training days, but {len(weekdays)} weekdays: "
            f"leave one of the two out or make them agree",
            training_days,
        )
