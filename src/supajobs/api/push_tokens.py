from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response, status

from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import refuses
from supajobs.api.refusals import PushNotOfferedError
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import UserGoneError
from supajobs.notifications.push_tokens import PushToken, Registration

router = APIRouter(prefix="/push-tokens", tags=["push-tokens"], route_class=StrictJsonRoute)

_EXAMPLES = [
    {"kind": "expo", "token": "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]"},
    {
        "kind": "web",
        "subscription": {
            "endpoint": "https://push.example.com/send/fK3z",
            "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8"
                "pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg",
            },
        },
    },
]


@router.put(
    "",
    responses={
        200: {"description": "You have registered it before."},
        201: {"model": PushToken, "description": "It is registered."},
        **refuses(UserGoneError, PushNotOfferedError),
    },
)
async def register_device(
    device: Annotated[Registration, Body(examples=_EXAMPLES)],
    user: CurrentUser,
    parts: PartsDep,
    response: Response,
) -> PushToken:
    """Register this device for notifications of your jobs.

    Do so at each start of the app: tokens change, and a device is its latest user's alone. You may
    have twenty; one more takes the place of the one that was registered longest ago.
    """
    if device.kind not in parts.settings.push_kinds:
        raise PushNotOfferedError
    registered = await parts.push_tokens.register(user.id, device)
    if registered.outcome == "created":
        response.status_code = status.HTTP_201_CREATED
    return registered.push_token


@router.delete("/{push_token_id}", status_code=status.HTTP_204_NO_CONTENT)
async def forget_device(push_token_id: UUID, user: CurrentUser, parts: PartsDep) -> None:
    """Forget a device, when its user signs out of it. One that is not there is forgotten."""
    await parts.push_tokens.delete(push_token_id, user.id)
