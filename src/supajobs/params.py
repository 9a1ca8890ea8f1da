"""The params of jobs: from a pydantic model into the JSON that the queue keeps, and back.

By the names of fields, for no aliases lead both ways; without computed fields, which nobody may
hand in; with secrets as they are, for the handler needs them. The job's owner can read them.
"""

from collections.abc import Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from enum import Enum
from inspect import isclass
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, JsonValue, Secret, SecretBytes, SecretStr
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import to_json, to_jsonable_python

from supajobs import storable
from supajobs.causes import read_message
from supajobs.errors import InvalidRequestError
from supajobs.outcomes import JsonObject
from supajobs.storable import MAX_WHERE, UnstorableError, cut, require_kept

Params = TypeVar("Params", bound=BaseModel)

_PLAIN = (str, int, float, list, dict)

_MASK = b"**********"  # what pydantic writes for a secret


def load(model: type[Params], stored: JsonObject) -> Params:
    """The params of this model, whose fields go by their names or by their aliases.

    Raises:
        pydantic.ValidationError: they are none.
    """
    # As JSON: a strict model takes a UUID from its text there, and nowhere else.
    return model.model_validate_json(to_json(stored), by_alias=True, by_name=True)


def require_params(params: object, model: type[BaseModel]) -> None:
    """Checks what is to be the params of a handler that takes this model.

    Raises:
        TypeError: they are something else.
    """
    if not isinstance(params, model):
        wanted = model.__name__
        raise TypeError(f"the job takes {wanted}, not {type(params).__name__}: {wanted}(…)")


def dump(
    params: BaseModel, model: type[BaseModel] | None = None, *, within: str = "params"
) -> JsonObject:
    """The params as the queue keeps them, for a handler that takes this model: without one, theirs.

    Raises:
        InvalidRequestError: some are nothing that JSON or the database can hold, and are named, as
            parts of the field `within`.
        TypeError: they are no such model, or the handler would be given something else.
    """
    model = model or type(params)
    require_params(params, model)
    try:
        stored = _write(params, within)
        read = load(model, stored)
        again = _write(read, within)
    except ValueError as error:  # of pydantic
        told = f"{model.__name__} does not take back what it writes: {read_message(error)}"
        raise TypeError(told) from None  # it has what was written, secrets too
    changed = [
        name
        for name in {**stored, **again}
        if _ignore_order(stored.get(name)) != _ignore_order(again.get(name))
    ]
    if changed or stored.keys() != again.keys():
        raise TypeError(
            f"{model.__name__} reads something else than it has written, "
            f"so the handler would get other params: {', '.join(changed)}"
        )
    for where, given, got in _list_other_kinds(params, read, within):
        raise TypeError(
            f"{where} is a {type(given).__name__}, of which the handler would get a "
            f"{type(got).__name__}: annotate the field with what it holds"
        )
    return stored


def _list_other_kinds(given: Any, got: Any, where: str) -> Generator[tuple[str, Any, Any]]:
    """The parts of params that come back as less than they were, each with what comes back.

    That is a model which has fields that its annotation has not, or what JSON has no word for where
    the annotation names no kind of it.
    """
    match given:
        case BaseModel():
            if isinstance(got, _PLAIN) or not _has_all_fields(given, got):
                yield where, given, got
            yield from _list_other_kinds_within(_list_parts(given), _list_parts(got), where)
        case Mapping():
            parts = dict(cast("Mapping[Any, Any]", given))
            yield from _list_other_kinds_within(parts, got, where)
        case list() | tuple():
            pairs = zip(cast("Sequence[Any]", given), got, strict=False)
            for index, (each, other) in enumerate(pairs):
                yield from _list_other_kinds(each, other, f"{where}.{index}")
        case None | str() | int() | float() | Enum():
            return
        case _:
            if isinstance(got, _PLAIN) and given != got:
                yield where, given, got


def _list_other_kinds_within(
    given: Mapping[Any, Any], got: Any, where: str
) -> Generator[tuple[str, Any, Any]]:
    others = cast("Mapping[Any, Any]", got if isinstance(got, Mapping) else {})
    for name in given.keys() & others.keys():
        yield from _list_other_kinds(given[name], others[name], f"{where}.{name}")


def _list_parts(model: Any) -> Mapping[str, Any]:
    return {**vars(model), **(model.model_extra or {})} if isinstance(model, BaseModel) else {}


def _has_all_fields(given: BaseModel, got: Any) -> bool:
    names = type(got).model_fields if isinstance(got, BaseModel) else type(given).model_fields
    return type(given).model_fields.keys() <= names.keys()


def keep(params: Mapping[str, Any], *, within: str = "params") -> JsonObject:
    """Params that are JSON already, or what can become it, as the queue keeps them.

    Raises:
        InvalidRequestError: as `dump`.
    """
    with _refusing():
        stored: Any = storable.keep(_reveal_loose(params), within)
        return stored


@contextmanager
def _refusing() -> Generator[None]:
    try:
        yield
    except UnstorableError as error:
        where = cut(error.where, MAX_WHERE)
        raise InvalidRequestError([{"loc": (where,), "msg": error.why}]) from None


def require_round_trip(model: type[BaseModel]) -> None:
    """Refuses a model, as far as that can be told without params of it.

    Raises:
        TypeError: what it writes is not what it reads.
    """
    if not model.__pydantic_complete__:
        return  # a class that it names comes later
    for each in _list_models(model, set()):
        for name, field in each.model_fields.items():
            if field.exclude:
                raise TypeError(
                    f"{each.__name__}.{name} is excluded when it is written, so it would not reach "
                    "the handler: take exclude=True away"
                )
    try:
        schema = model.model_json_schema(mode="serialization")
    except PydanticInvalidForJsonSchema as error:
        reason = str(error).partition("\n")[0]
        raise TypeError(
            f"{model.__name__} has a field that JSON cannot hold, as params have to: {reason}"
        ) from error
    if schema.get("type", "object") != "object":
        raise TypeError(f"{model.__name__} is no object of JSON, as params have to be")


def _list_models(annotation: Any, seen: set[type[BaseModel]]) -> Generator[type[BaseModel]]:
    """The models that an annotation names, and those of their fields."""
    if isclass(annotation) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from _list_models(field.annotation, seen)
    for argument in get_args(annotation):
        yield from _list_models(argument, seen)


def _write(params: BaseModel, within: str) -> JsonObject:
    stored = params.model_dump(mode="json", round_trip=True, by_alias=False)
    given = params.model_dump(round_trip=True, by_alias=False)
    with _refusing():
        require_kept(stored, given, within)
        return _reveal(stored, given, within)


def _reveal(stored: JsonObject, given: Mapping[str, Any], within: str) -> JsonObject:
    """What is stored, with the secrets that were given."""
    if _MASK not in to_json(stored):
        return stored
    revealed: Any = storable.keep(_put_back(stored, given), within)
    return revealed


def _reveal_loose(value: Any) -> Any:
    """The same with the secrets that stand in it as they are."""
    match value:
        case SecretBytes():
            return value.get_secret_value().decode()
        case SecretStr() | Secret():
            return cast("Secret[Any]", value).get_secret_value()
        case Mapping():
            parts = cast("Mapping[Any, Any]", value).items()
            return {key: _reveal_loose(each) for key, each in parts}
        case list() | tuple():
            return [_reveal_loose(each) for each in cast("Sequence[Any]", value)]
        case _:
            return value


def _put_back(stored: Any, value: Any) -> Any:
    """What is stored, with the secrets that the value has in the same place."""
    match value:
        case SecretBytes():
            return value.get_secret_value().decode()
        case SecretStr() | Secret():
            return to_jsonable_python(cast("Secret[Any]", value).get_secret_value())
        case Mapping():
            parts = zip(stored.items(), cast("Mapping[Any, Any]", value).values(), strict=True)
            return {key: _put_back(part, of) for (key, part), of in parts}
        case list() | tuple() | AbstractSet():
            parts = zip(stored, cast("Sequence[Any]", value), strict=True)
            return [_put_back(part, of) for part, of in parts]
        case _:
            return stored


def _ignore_order(value: JsonValue) -> JsonValue:
    """The same with its lists sorted: a set is written in any order."""
    if isinstance(value, dict):
        return {name: _ignore_order(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_ignore_order(each) for each in value), key=repr)
    return value
