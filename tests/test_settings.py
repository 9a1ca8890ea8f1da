from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import ValidationError
from tests.parts import PROJECT
from tests.test_auth import make_settings

from supajobs.local.dev_settings import DevSettings
from supajobs.settings import Settings


def test_env_example_names_every_setting_once_in_order() -> None:
    names = [name.upper() for name in Settings.model_fields]
    lines = (PROJECT / ".env.example").read_text().splitlines()
    assigned = [line.lstrip("# ").split("=")[0] for line in lines if "=" in line]
    assert assigned == names


def test_env_example_is_a_valid_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = PROJECT / ".env.example"
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = Settings(_env_file=example)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument
    assert settings.supabase_origin == dotenv_values(example)["SUPABASE_URL"]


def test_settings_do_not_change_and_do_not_tell() -> None:
    settings = make_settings(cron_secret="very-secret-indeed")
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # pyright: ignore[reportAttributeAccessIssue] - that is the point
    assert "very-secret" not in repr(settings)
    assert "sb_secret_x" not in repr(settings)


def test_the_issuer_follows_the_project_unless_it_is_set() -> None:
    assert make_settings().jwt_issuer == "https://project.supabase.test/auth/v1"
    assert make_settings(supabase_jwt_issuer="https://me.test").jwt_issuer == "https://me.test"


def test_web_apps_are_named_by_their_origins() -> None:
    named = "https://app.example.com, http://localhost:5173,capacitor://localhost"
    assert make_settings(cors_origins=named).cors_origins == tuple(
        named.replace(" ", "").split(",")
    )
    assert make_settings(cors_origins="*").cors_origins == ("*",)
    assert make_settings(cors_origins="").cors_origins == ()
    assert make_settings(cors_origins="http://localhost:*").cors_origins == ("http://localhost:*",)
    for useless in (
        "app.example.com",
        "https://app.example.com/",
        "https://a.test/app",
        "https://*.example.com",
        "null",
    ):
        with pytest.raises(ValidationError, match="is not an origin"):
            make_settings(cors_origins=useless)


def test_a_name_of_our_own_comes_before_one_that_others_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SUPAJOBS_PORT=1001\nHOST=file.test\nLOG_LEVEL=debug\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "1002")
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.setenv("SUPAJOBS_HOST", "environment.test")
    needed = {"supabase_url": "https://a.test", "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x"}
    settings = Settings(**needed, SUPABASE_SECRET_KEY="sb_secret_x")  # pyright: ignore[reportArgumentType, reportCallIssue] - pydantic reads them
    assert (settings.port, settings.host, settings.log_level) == (
        1001,
        "environment.test",
        "error",
    )
    assert DevSettings().port == 1001
    monkeypatch.setenv("SUPAJOBS_PORT", "1003")
    assert DevSettings().port == 1003
