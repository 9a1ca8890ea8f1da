"""What operators are told of an exception, and what nobody is."""

import base64

import pytest
from pydantic import BaseModel, SecretStr

from supajobs.causes import HIDDEN, MAX_FRAME, MAX_FRAMES, MAX_MESSAGE, Cause, describe, print_error
from supajobs.settings import Settings

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
WEBHOOK_SECRET = f"whsec_{base64.b64encode(bytes(24)).decode()}"


class Params(BaseModel):
    weeks: int


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def tell(error: BaseException, *secrets: str) -> Cause:
    """As it is told of an exception that was raised here."""
    try:
        raise error
    except type(error) as caught:
        return describe(caught, secrets)


def test_it_names_the_class_the_message_and_where() -> None:
    hidden_local = "what only the handler knows"
    cause = tell(LookupError("no such hero"))
    assert hidden_local not in cause.model_dump_json()
    assert (cause.exception, cause.message, cause.cause) == ("LookupError", "no such hero", None)
    [frame] = cause.frames
    assert frame.startswith(__file__)
    assert frame.endswith("in tell: raise error")


def test_a_class_that_is_not_built_in_is_named_with_its_module() -> None:
    assert tell(SilentError()).exception == f"{__name__}.SilentError"


def test_what_it_was_raised_from_is_told() -> None:
    error = LookupError("outer")
    error.__cause__ = ValueError("inner")
    assert tell(error).cause == Cause(exception="ValueError", message="inner")


def test_what_is_raised_from_none_has_no_cause() -> None:
    error = LookupError("outer")
    error.__context__, error.__suppress_context__ = ValueError("inner"), True
    assert tell(error).cause is None


def test_a_secret_is_hidden_before_the_message_is_cut() -> None:
    secret = "violet-otter-in-the-harbour" * 11
    assert "violet" not in tell(LookupError(secret * 1000), secret).message


def test_of_a_group_the_first_is_told() -> None:
    group = ExceptionGroup("several", [ValueError("one"), ValueError("two")])
    assert tell(group).cause == Cause(exception="ValueError", message="one")


def test_a_chain_that_has_no_end_is_cut() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert describe(first).model_dump_json().count("first") == 2


def test_notes_are_told() -> None:
    error = ValueError("no")
    error.add_note("22P02: invalid input syntax")
    assert tell(error).message == "no\n22P02: invalid input syntax"


def test_of_invalid_params_the_fields_are_told_and_not_the_values() -> None:
    value = "pri" + "vate"  # which no line of a traceback shows
    with pytest.raises(ValueError, match="weeks") as caught:
        Params.model_validate({"weeks": value})
    cause = describe(caught.value)
    assert cause.message.startswith("weeks: Input should be a valid integer")
    assert "private" not in cause.model_dump_json()


@pytest.mark.parametrize(
    "message",
    [
        "Bearer abc.def-123",
        "{'authorization': 'Basic dXNlcjpwYXNz'}",
        "https://example.com/?api_key=abcdefgh123&x=1",
        "postgresql://postgres:hunter2@db.example.com/postgres",
        "api-key: 0123456789abcdef",
        "client_secret='correcthorsebattery'",
        "PASSWORD=correcthorsebattery",
        f"token {JWT} is expired",
        "sb_secret_abcdefghijklmnop was refused",
        "You sent sk-proj-abcdefghijkl.",
        "AKIAABCDEFGHIJKLMNOP is no user's",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
        f"signed with {WEBHOOK_SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_hidden(message: str) -> None:
    told = tell(ValueError(message)).message
    assert HIDDEN in told
    for secret in ("abc", "dXNl", "hunter2", "0123", "correct", "eyJ", "MIIB", "AAAA", "AKIA"):
        assert secret not in told


@pytest.mark.parametrize("secret", ["the project's own secret", "p@ss/wörter"])
def test_known_secrets_are_hidden_in_addresses_too(secret: str) -> None:
    error = ValueError(f"{secret} and https://example.com/p%40ss%2Fw%C3%B6rter")
    assert tell(error, secret, "p@ss/wörter").message == (
        f"{HIDDEN} and https://example.com/{HIDDEN}"
    )


def test_secrets_of_the_environment_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORY_MODEL_KEY", "correct horse battery staple")
    monkeypatch.setenv("STORY_TOKEN", "short")
    told = tell(ValueError("correct horse battery staple, in short")).message
    assert told == f"{HIDDEN}, in short"


def test_the_secrets_of_a_project_are_those_of_its_settings() -> None:
    settings = Settings.model_construct(
        supabase_secret_key=SecretStr("sb_secret_1"),
        supabase_publishable_key="sb_publishable_1",
        provider_key_secret=SecretStr("new key, old key"),
    )
    assert settings.secrets == {"sb_secret_1", "new key", "old key"}


def test_text_that_cannot_be_stored_is_cleaned() -> None:
    assert tell(ValueError("a\x00b\ud800c")).message == "a\ufffdb\ufffdc"


def test_a_message_of_any_length_is_cut_and_its_secrets_with_it() -> None:
    cause = tell(ValueError("a-" * 1_000_000), "secret" * 10)
    assert cause.message == "a-" * (MAX_MESSAGE // 2)
    cut = tell(ValueError("x" * (MAX_MESSAGE - 5) + "secret" * 10), "secret" * 10)
    assert "secretsecret" not in cut.message


def test_of_a_deep_stack_the_last_frames_are_told() -> None:
    def dive(left: int) -> None:
        if left:
            dive(left - 1)
        raise ValueError("deep")

    with pytest.raises(ValueError, match="deep") as caught:
        dive(300)
    cause = describe(caught.value)
    assert len(cause.frames) == MAX_FRAMES
    assert cause.frames[-1].endswith('in dive: raise ValueError("deep")')
    assert all(len(frame) <= MAX_FRAME for frame in cause.frames)


def test_an_exception_without_words_is_told_all_the_same() -> None:
    assert tell(SilentError()).message == "(it cannot be printed)"


def test_a_log_has_the_whole_traceback_without_values() -> None:
    class Request(BaseModel):
        weeks: int

    def read() -> None:
        try:
            Request.model_validate({"weeks": "private".upper()})
        except ValueError as error:
            raise ExceptionGroup("both", [error, KeyError("sb_secret_12345678")]) from error

    with pytest.raises(ExceptionGroup) as caught:
        read()
    printed = print_error(caught.value)
    assert "PRIVATE" not in printed
    assert "12345678" not in printed
    assert printed.count("weeks: Input should be a valid integer") == 1
    assert "in read\n    Request.model_validate(" in printed
    assert "  | KeyError: '[secret]'" in printed
