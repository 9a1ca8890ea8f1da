from typing import Any

import pytest
from pydantic import ValidationError
from tests.notifications.browser import encode
from tests.notifications.receivers import WEBHOOK_SECRET
from tests.test_auth import make_settings

from supajobs import settings as settings_module
from supajobs.notifications.channels import open_channels

VAPID: dict[str, Any] = {
    "vapid_private_key": encode(b"\x07" * 32),
    "vapid_subject": "mailto:ops@example.com",
}
WEBHOOK: dict[str, Any] = {
    "webhook_url": "https://example.com/hook",
    "webhook_secret": WEBHOOK_SECRET,
}


@pytest.mark.parametrize(
    ("given", "opened", "kinds"),
    [
        ({}, [], set[str]()),
        ({"expo_push": True}, ["expo"], {"expo"}),
        ({"expo_access_token": "x"}, [], set[str]()),
        (VAPID, ["web"], {"web"}),
        (WEBHOOK, ["webhook"], set[str]()),
        ({"expo_push": True, **VAPID, **WEBHOOK}, ["expo", "web", "webhook"], {"expo", "web"}),
    ],
)
async def test_what_is_configured_is_opened(
    given: dict[str, Any], opened: list[str], kinds: set[str]
) -> None:
    settings = make_settings(**given)
    channels = open_channels(settings)
    assert list(channels) == opened
    assert settings.push_kinds == kinds
    for channel in channels.values():
        await channel.close()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"vapid_private_key": VAPID["vapid_private_key"]}, "vapid_subject"),
        ({**VAPID, "vapid_private_key": "a-pem-file"}, "vapid_private_key"),
        ({**VAPID, "vapid_subject": "ops@example.com"}, "vapid_subject"),
        ({**WEBHOOK, "webhook_url": "example.com"}, "webhook_url"),
        ({"webhook_url": WEBHOOK["webhook_url"]}, "webhook_secret"),
        ({**WEBHOOK, "webhook_secret": "whsec_c2hvcnQ="}, "webhook_secret"),
        ({**WEBHOOK, "webhook_secret": "whsec_" + "-" * 40}, "webhook_secret"),
        ({**WEBHOOK, "webhook_secret": WEBHOOK_SECRET[6:]}, "webhook_secret"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_settings(**given)
    assert {error["loc"] for error in refused.value.errors()} == {(wrong,)}


@pytest.mark.parametrize("given", [VAPID, WEBHOOK])
def test_without_the_packages_only_expo_can_be_asked_to_send(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr(settings_module, "find_spec", find_nothing)
    with pytest.raises(ValidationError, match=r"\[notifications\]'"):
        make_settings(**given)
    assert make_settings(expo_push=True).push_kinds == {"expo"}
