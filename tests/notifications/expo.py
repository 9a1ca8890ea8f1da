"""Expo's push service, with answers as the real one gives them."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fastapi import Response
from tests.notifications.receivers import Call, Reply

Json = dict[str, Any]


def error(code: str, **more: Any) -> Json:
    return {"status": "error", "message": f"It is {code}.", "details": {"error": code, **more}}


@dataclass
class Expo:
    """Gives each message a ticket, and each ticket a receipt, unless it is told otherwise."""

    tickets: dict[str, Json] = field(default_factory=dict[str, Json])
    """By the token of the message."""
    receipts: dict[str, Json | None] = field(default_factory=dict[str, Json | None])
    """By the token, too; None: there is none yet."""
    project_of: dict[str, str] = field(default_factory=dict[str, str])
    sent: list[Json] = field(default_factory=list[Json])
    token_of: dict[str, str] = field(default_factory=dict[str, str])
    """By the ids of the tickets that it gave."""

    def reply(self, call: Call) -> Response:
        match call.path:
            case "/--/api/v2/push/send":
                return self._send(call.json)
            case "/--/api/v2/push/getReceipts":
                return self._get_receipts(call.json["ids"])
            case _:
                return Response(status_code=404)

    def _send(self, messages: list[Json]) -> Response:
        assert len(messages) <= 100
        projects = {self.project_of.get(message["to"], "@me/app") for message in messages}
        if len(projects) > 1:
            told = {"code": "PUSH_TOO_MANY_EXPERIENCE_IDS", "message": "All must be of one."}
            return _respond({"errors": [told]}, 400)
        self.sent += messages
        tickets = [self.tickets.get(each["to"]) or self._issue(each["to"]) for each in messages]
        return _respond({"data": tickets})

    def _issue(self, token: str) -> Json:
        ticket = str(uuid4())
        self.token_of[ticket] = token
        return {"status": "ok", "id": ticket}

    def _get_receipts(self, ids: list[str]) -> Response:
        assert len(ids) <= 1000
        found = {
            ticket: self.receipts.get(self.token_of[ticket], {"status": "ok"}) for ticket in ids
        }
        return _respond({"data": {ticket: each for ticket, each in found.items() if each}})


def _respond(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def respond(body: Any, status: int = 200, **headers: str) -> Reply:
    """A reply that is always the same."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _call: Response(json.dumps(body), status, named, "application/json")
