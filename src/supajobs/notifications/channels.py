"""The ways to a receiver, as the settings have them."""

from collections.abc import Sequence
from typing import Protocol

from supajobs.notifications.outbox import Attempt, Delivery
from supajobs.settings import Settings


class Channel(Protocol):
    """Sends up to `max_deliveries` at once, and says what came of each, in their order."""

    max_deliveries: int

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Sends them. It takes less than half a minute."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The configured channels, by name. Their SDKs are loaded only here, if they are wanted."""
    channels: dict[str, Channel] = {}
    if settings.expo_push:
        from supajobs.notifications.expo import ExpoPush  # noqa: PLC0415 - of an extra

        channels["expo"] = ExpoPush(
            access_token=settings.expo_access_token, base_url=str(settings.expo_base_url)
        )
    if settings.vapid_private_key and settings.vapid_subject:
        from supajobs.notifications.web_push import WebPush  # noqa: PLC0415

        channels["web"] = WebPush(
            private_key=settings.vapid_private_key, subject=settings.vapid_subject
        )
    if settings.webhook_url and settings.webhook_secret:
        from supajobs.notifications.webhook import Webhook  # noqa: PLC0415

        channels["webhook"] = Webhook(url=str(settings.webhook_url), secret=settings.webhook_secret)
    return channels
