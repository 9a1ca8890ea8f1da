"""Params come to the handler as they were asked for, whatever their model does with JSON."""

import math
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    computed_field,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass

from supajobs.errors import InvalidRequestError
from supajobs.job_types import RunningJob, job_type
from supajobs.outcomes import Completed
from supajobs.params import dump, keep, load


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    story_hero: str
    bed_time: date


class OtherAliases(BaseModel):
    hero: str = Field(validation_alias=AliasChoices("who", "name"), serialization_alias="HERO")
    nested: str = Field(validation_alias=AliasPath("deep", "down"))


class Computed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chapters: int

    @computed_field
    @property
    def words(self) -> int:
        return 100 * self.chapters


class Colour(Enum):
    RED = "red"


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    id: UUID
    at: datetime
    takes: timedelta
    price: Decimal
    colour: Colour
    tags: set[str]
    pair: tuple[int, str]


@dataclass
class Login:
    password: SecretStr


class Secrets(BaseModel):
    token: SecretStr
    none: SecretStr | None = None
    raw: SecretBytes
    pin: Secret[int]
    logins: list[Login]
    by_name: dict[str, SecretStr]


class Cat(BaseModel):
    kind: Literal["cat"]
    parent: "Cat | None" = None


class Dog(BaseModel):
    kind: Literal["dog"]
    loud: bool


class Pets(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Anything(BaseModel, extra="allow"):
    pass


PARAMS: list[BaseModel] = [
    Camel.model_validate({"storyHero": "Fox", "bedTime": "2026-11-30"}),
    OtherAliases.model_validate({"name": "Fox", "deep": {"down": "x"}}),
    Computed(chapters=3),
    Strict(
        id=uuid4(),
        at=datetime.now(UTC),
        takes=timedelta(seconds=1.5),
        price=Decimal("1.10"),
        colour=Colour.RED,
        tags={"a", "b"},
        pair=(1, "x"),
    ),
    Secrets(
        token=SecretStr("t0ken"),
        raw=SecretBytes(b"bytes"),
        pin=Secret(1234),
        logins=[Login(SecretStr("pass")), Login(SecretStr("word"))],
        by_name={"x": SecretStr("y")},
    ),
    Pets(pet=Cat(kind="cat", parent=Cat(kind="cat"))),
    Anything.model_validate({"deep": [{"er": None}]}),
]


@pytest.mark.parametrize("params", PARAMS, ids=lambda params: type(params).__name__)
def test_they_come_back_as_they_were(params: BaseModel) -> None:
    assert load(type(params), dump(params)) == params


def test_a_client_may_use_aliases_and_the_names_of_fields() -> None:
    by_alias = load(Camel, {"storyHero": "Fox", "bedTime": "2026-11-30"})
    assert load(Camel, {"story_hero": "Fox", "bed_time": "2026-11-30"}) == by_alias


def shout(text: str) -> str:
    return f"{text}!"


class Shouted(BaseModel):
    text: Annotated[str, AfterValidator(shout)]
    calm: str = "x"


class Swapped(BaseModel):
    one: int = Field(alias="other")
    other: int = Field(alias="one")


class OneWay(BaseModel):
    at: Annotated[datetime, PlainSerializer(lambda _at: "later")]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (Shouted(text="hey"), "Shouted reads something else than it has written, .*: text$"),
        (Swapped.model_validate({"one": 1, "other": 2}), "Swapped reads something else"),
        (OneWay(at=datetime.now(UTC)), "OneWay does not take back what it writes: .*at"),
        (Anything.model_validate({"x": object()}), "Anything does not take back"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseModel) else "",
)
def test_what_would_come_back_as_something_else_is_not_kept(
    params: BaseModel, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        dump(params)


class Longer(Camel):
    chapters: int


async def tell(job: RunningJob, request: Camel) -> Completed:
    raise NotImplementedError


def test_what_a_handlers_own_model_would_not_read_is_not_kept() -> None:
    longer = Longer.model_validate({"storyHero": "Fox", "bedTime": "2026-11-30", "chapters": 3})
    with pytest.raises(TypeError, match=r"Camel does not take back what .*chapters"):
        job_type(tell).dump(longer)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    number: float = 0
    any: Any = None
    by_key: dict[Any, Any] = {}


class Written(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")

    at: Annotated[float, PlainSerializer(str)] = math.inf


UNSTORABLE = [
    ({"number": math.inf}, "params.number"),
    ({"any": -math.inf}, "params.any"),
    ({"any": {"deep": [1, math.nan]}}, "params.any.deep.1"),
    ({"any": 10**400}, "params.any"),
    ({"any": "a\x00"}, "params.any"),
    ({"any": "\ud800"}, "params.any"),
    ({"by_key": {None: 1}}, "params.by_key.None"),
    ({"by_key": {math.nan: 1}}, "params.by_key.nan"),
    ({"by_key": {"a\x00": 1}}, "params.by_key.a\ufffd"),
    ({"by_key": {1: 1, "1": 2}}, "params.by_key.1"),
]


@pytest.mark.parametrize(("params", "field"), UNSTORABLE, ids=ascii)
def test_what_cannot_be_stored_as_it_is_is_refused_by_name(
    params: dict[str, Any], field: str
) -> None:
    for give in (lambda: keep(params), lambda: dump(Open.model_validate(params))):
        with pytest.raises(InvalidRequestError) as refused:
            give()
        assert [each["field"] for each in refused.value.errors] == [field]


@pytest.mark.parametrize("key", [None, math.nan, "a\x00"])
def test_a_name_that_is_none_is_refused(key: Any) -> None:
    with pytest.raises(InvalidRequestError):
        keep({key: 1})


def test_a_number_that_its_model_writes_as_text_is_kept() -> None:
    assert dump(Written()) == {"at": "inf"}


def test_a_secret_among_loose_params_reaches_the_handler() -> None:
    given = {"at": date(2026, 11, 30), "token": [SecretStr("what opens it")]}
    assert keep(given) == {"at": "2026-11-30", "token": ["what opens it"]}


class Hashed(BaseModel):
    secret: Annotated[SecretStr, Field(max_length=8), AfterValidator(lambda _: SecretStr("s" * 9))]


def test_what_is_not_kept_is_told_without_its_values() -> None:
    with pytest.raises(TypeError, match=r"Hashed does not take back .*: secret: ") as refused:
        dump(Hashed(secret=SecretStr("x")))
    assert "sss" not in "".join(traceback.format_exception(refused.value))


class Hidden(BaseModel):
    key: str = Field(default="", exclude=True)


class HidesBeneath(BaseModel):
    parts: list[dict[str, Hidden]] = []


class Function(BaseModel):
    call: Callable[[], int]


class Numbers(RootModel[list[int]]):
    pass


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Hidden, r"story: Hidden\.key is excluded when it is written, so it would not reach"),
        (HidesBeneath, r"story: Hidden\.key is excluded"),
        (Function, "story: Function has a field that JSON cannot hold, as params have to: .*Call"),
        (Numbers, "story: Numbers is no object of JSON"),
    ],
)
def test_a_model_that_cannot_do_it_is_refused_when_the_job_type_is_made(
    model: type[BaseModel], message: str
) -> None:
    async def story(job: RunningJob, request: Any) -> Completed:
        raise NotImplementedError

    story.__annotations__["request"] = model
    with pytest.raises(TypeError, match=message):
        job_type(story)


def test_a_model_that_is_not_complete_yet_is_looked_at_later() -> None:
    class Later(BaseModel):
        part: "DefinedBelow"  # noqa: F821 # pyright: ignore[reportUndefinedVariable]

    async def story(job: RunningJob, request: Later) -> Completed:
        raise NotImplementedError

    story.__annotations__["request"] = Later
    assert job_type(story).params is Later


class Base(BaseModel):
    a: int = 1


class Sub(Base):
    b: int = 2


class OfBases(BaseModel):
    base: Base = Base()
    many: dict[str, list[Base]] = {}


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    anything: Any = None


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (OfBases(base=Sub()), "params.base is a Sub, of which the handler would get a Base"),
        (OfBases(many={"k": [Base(), Sub()]}), "params.many.k.1 is a Sub, of which .* a Base"),
        (Loose(anything=NOON), "params.anything is a datetime, of which .* a str"),
        (Loose(anything=[Base()]), "params.anything.0 is a Base, of which .* a dict"),
        (Loose(anything={"a": {1, 2}}), "params.anything.a is a set, of which .* a list"),
        (Loose.model_validate({"key": SecretStr("s")}), "params.key is a SecretStr, .* a str"),
    ],
)
def test_what_the_handler_would_get_less_of_is_refused_by_name(
    params: BaseModel, told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        dump(params)


def test_a_subclass_without_fields_of_its_own_loses_none() -> None:
    class Same(Base):
        pass

    loose = Loose.model_validate({"anything": [1, {"a": (2,)}], "other": None})
    assert dump(OfBases(base=Same())) == {"base": {"a": 1}, "many": {}}
    assert dump(loose) == {"anything": [1, {"a": [2]}], "other": None}
