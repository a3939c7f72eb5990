"""A strict stand-in for Meta's Graph API: it refuses what Meta would refuse, and can be made to fail.

Run it by itself with `python -m tests.fake_graph PORT`; in tests, start `FakeGraph` and look at what it took.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

TOKEN, SECRET, PAGE = "page-token-for-tests", "app-secret-for-tests", "1000"
VERSION = "v25.0"
PROFILE_MENU, PROFILE_ICE, PROFILE_GREETING = 20, 4, 160
BUTTON_KEYS = {"postback": {"type", "title", "payload"}, "web_url": {"type", "title", "url"}}


class Refused(Exception):
    """Meta's error: code and subcode."""

    def __init__(self, why: str, code: int = 100, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(why)
        self.error = {"message": why, "type": "OAuthException", "code": code, "error_subcode": subcode}
        self.status = status


def need(condition: object, why: str) -> None:
    if not condition:
        raise Refused(why)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass
class FakeGraph:
    """`taken` has each person's messages in the order in which they were accepted.

    `faults` says, for each call, what goes wrong: None, or one of 500, html, 429, 613, reset, lost (accepted, answer
    lost), hang, or a number (Meta's error code, or "code/subcode").
    """

    faults: Callable[[dict[str, Any]], str | None] = lambda _body: None
    hang_seconds: float = 7.0
    echo: Callable[[dict[str, Any]], None] | None = None
    taken: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    calls: list[dict[str, Any]] = field(default_factory=list)
    gestures: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    uploads: int = 0
    threads: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{version}/me/messages", self._messages, methods=["POST"]),
                Route("/{version}/me/message_attachments", self._upload, methods=["POST"]),
                Route("/{version}/me/{control:str}_thread_control", self._thread, methods=["POST"]),
                Route("/{version}/me/messenger_profile", self._profile, methods=["POST"]),
                Route("/{version}/me/subscribed_apps", self._subscribe, methods=["POST"]),
                Route("/{version}/me", self._me),
            ]
        )

    def texts(self, person: str) -> list[str]:
        """What this person read, text by text."""
        return [words_of(body["message"]) for body in self.taken[person]]

    def texts_or_pictures(self, person: str) -> list[str]:
        """The same, with the number of each picture where it stands."""
        return [picture_of(body["message"]) or words_of(body["message"]) for body in self.taken[person]]

    def _check_caller(self, request: Request, proof: Any) -> None:
        if request.path_params["version"] != VERSION:
            raise Refused("not the pinned version")
        need("access_token" not in request.query_params, "the token is in the address")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused("wrong token", 190, status=401)
        expected = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        need(proof == expected, "wrong appsecret_proof")

    async def _messages(self, request: Request) -> Response:
        body = await request.json()
        self.calls.append(body)
        try:
            self._check_caller(request, body.pop("appsecret_proof", None))
            person = str(body.get("recipient", {}).get("id", ""))
            need(person.isdigit(), "no recipient")
            if "sender_action" in body:
                need(set(body) == {"recipient", "sender_action"}, "a sender action stands alone")
                need(body["sender_action"] in ("typing_on", "typing_off", "mark_seen"), "no such action")
                self.gestures.append((person, body["sender_action"]))
                return JSONResponse({"recipient_id": person})
            fault = self.faults(body)
            if fault in ("lost", "hang-after"):
                self._take(person, body)
            if fault is not None:
                return await self._fail(fault)
            return JSONResponse({"recipient_id": person, "message_id": self._take(person, body)})
        except Refused as refusal:
            self.refused.append(str(refusal))
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)

    def _take(self, person: str, body: dict[str, Any]) -> str:
        check_send(body)
        mid = f"m_{person}_{len(self.taken[person])}"
        self.taken[person].append(body)
        if self.echo is not None:
            message = {"mid": mid, "is_echo": True, "app_id": 77, "metadata": body["message"].get("metadata")}
            self.echo({"sender": {"id": PAGE}, "recipient": {"id": person}, "timestamp": 1, "message": message})
        return mid

    async def _fail(self, fault: str) -> Response:
        if fault in ("reset", "lost"):
            return _Reset()
        if fault in ("hang", "hang-after"):
            await asyncio.sleep(self.hang_seconds)
            return _Reset()
        if fault == "html":
            return HTMLResponse("<html>Sorry, something went wrong.</html>", status_code=502)
        if fault == "500":
            error = {"message": "try again", "code": 2, "is_transient": True}
            return JSONResponse({"error": error}, status_code=500)
        if fault == "429":
            return JSONResponse({"error": {"message": "slow", "code": 4}}, 429, headers={"Retry-After": "1"})
        code, _, subcode = fault.partition("/")
        error = {"message": "no", "code": int(code), **({"error_subcode": int(subcode)} if subcode else {})}
        return JSONResponse({"error": error}, status_code=400)

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        try:
            self._check_caller(request, form.get("appsecret_proof"))
            message = json.loads(str(form.get("message")))
            need(message == {"attachment": {"type": "image", "payload": {"is_reusable": True}}}, "an upload's message")
            file = form.get("filedata")
            need(isinstance(file, UploadFile) and file.content_type in ("image/png", "image/jpeg"), "an upload's file")
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)
        self.uploads += 1
        return JSONResponse({"attachment_id": str(self.uploads)})

    async def _thread(self, request: Request) -> Response:
        body = await request.json()
        try:
            self._check_caller(request, body.pop("appsecret_proof", None))
            control = request.path_params["control"]
            keys = {"take": {"recipient"}, "pass": {"recipient", "target_app_id"}}
            need(set(body) == keys.get(control), "the keys of a thread's control")
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)
        self.threads.append({"control": control, **body})
        return JSONResponse({"success": True})

    async def _profile(self, request: Request) -> Response:
        body = await request.json()
        try:
            self._check_caller(request, body.pop("appsecret_proof", None))
            check_profile(body)
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)
        self.profile.update(body)
        return JSONResponse({"result": "success"})

    async def _subscribe(self, request: Request) -> Response:
        body = await request.json()
        try:
            self._check_caller(request, body.pop("appsecret_proof", None))
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)
        self.fields = str(body["subscribed_fields"]).split(",")
        return JSONResponse({"success": True})

    async def _me(self, request: Request) -> Response:
        try:
            self._check_caller(request, request.query_params.get("appsecret_proof"))
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, status_code=refusal.status)
        return JSONResponse({"id": PAGE, "name": "A page"})


class _Reset(Response):
    """Closes the connection without an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise ConnectionResetError("reset as scripted")


def check_send(body: dict[str, Any]) -> None:
    """Refuse what the Send API would refuse."""
    need(body.get("messaging_type") in ("RESPONSE", "UPDATE", "MESSAGE_TAG"), "no messaging_type")
    need(("tag" in body) == (body["messaging_type"] == "MESSAGE_TAG"), "tag and type do not go together")
    need(body.get("tag", "HUMAN_AGENT") == "HUMAN_AGENT", "a tag that is gone")
    need(set(body) <= {"recipient", "message", "messaging_type", "tag"}, "an unknown key")
    message = body["message"]
    need(set(message) <= {"text", "attachment", "quick_replies", "metadata"}, "an unknown key in message")
    need(("text" in message) != ("attachment" in message), "exactly one of text and attachment")
    if "text" in message:
        need(message["text"].strip() and units(message["text"]) <= 2000, "text is empty or too long")
    else:
        _check_attachment(message["attachment"])
    if "quick_replies" in message:
        replies = message["quick_replies"]
        need(1 <= len(replies) <= 13, "1 to 13 quick replies")
        for reply in replies:
            need(set(reply) == {"content_type", "title", "payload"}, "a quick reply's keys")
            need(reply["content_type"] == "text" and 1 <= units(reply["title"]) <= 20, "a quick reply's title")
            need(1 <= units(reply["payload"]) <= 1000, "a quick reply's payload")
    need(units(message.get("metadata", "")) <= 1000, "metadata too long")


def _check_attachment(attachment: dict[str, Any]) -> None:
    payload = attachment["payload"]
    if attachment["type"] == "image":
        need(set(payload) == {"attachment_id"}, "an image by attachment_id")
        return
    need(attachment["type"] == "template", "an unknown attachment")
    if payload["template_type"] == "button":
        need(set(payload) == {"template_type", "text", "buttons"}, "a button template's keys")
        need(payload["text"].strip() and units(payload["text"]) <= 640, "a button template's text")
        _check_buttons(payload["buttons"])
        return
    need(payload["template_type"] == "generic" and 1 <= len(payload["elements"]) <= 10, "a carousel's cards")
    for element in payload["elements"]:
        need(1 <= units(element["title"]) <= 80 and len(element) >= 2, "a card's title")
        need(1 <= units(element.get("subtitle", "-")) <= 80, "a card's subtitle")
        _check_buttons(element["buttons"])


def _check_buttons(buttons: list[dict[str, Any]]) -> None:
    need(1 <= len(buttons) <= 3, "1 to 3 buttons")
    for button in buttons:
        need(set(button) == BUTTON_KEYS.get(button.get("type", "")), "a button's keys")
        need(1 <= units(button["title"]) <= 20, "a button's title")
        need(1 <= units(button.get("payload", "-")) <= 1000, "a button's payload")
        need(button.get("url", "https://").startswith(("https://", "http://")), "a button's address")


def check_profile(profile: dict[str, Any]) -> None:
    """Refuse what the Messenger Profile API would refuse."""
    need(set(profile) <= {"get_started", "greeting", "ice_breakers", "persistent_menu"}, "an unknown field")
    need("get_started" in profile, "a menu needs get_started")
    for greeting in profile["greeting"]:
        need(1 <= units(greeting["text"]) <= PROFILE_GREETING, "the greeting")
    for part in profile["ice_breakers"]:
        need(1 <= len(part["call_to_actions"]) <= PROFILE_ICE, "ice breakers")
    need(any(menu["locale"] == "default" for menu in profile["persistent_menu"]), "no default menu")
    for menu in profile["persistent_menu"]:
        need(menu.get("composer_input_disabled", False) is False, "people must be able to write")
        need(1 <= len(menu["call_to_actions"]) <= PROFILE_MENU, "the menu's items")
        need(all(units(item["title"]) <= 30 for item in menu["call_to_actions"]), "a menu title")


def picture_of(message: dict[str, Any]) -> str:
    """ "(image N)" for a picture, "" for anything else."""
    attachment = message.get("attachment") or {}
    return f"(image {attachment['payload']['attachment_id']})" if attachment.get("type") == "image" else ""


def words_of(message: dict[str, Any]) -> str:
    """The words of a message, whatever its form."""
    if "text" in message:
        return str(message["text"])
    payload = message["attachment"]["payload"]
    if "text" in payload:
        return str(payload["text"])
    return " / ".join(element["title"] for element in payload.get("elements", ()))


def at_random(seed: int, share: float) -> Callable[[dict[str, Any]], str | None]:
    """Faults for this share of all calls."""
    chance = random.Random(seed)
    kinds = ("500", "html", "429", "613", "reset", "hang")

    def choose(_body: dict[str, Any]) -> str | None:
        return chance.choice(kinds) if chance.random() < share else None

    return choose


if __name__ == "__main__":
    uvicorn.run(FakeGraph().app(), port=int(sys.argv[1]), log_level="warning")
