"""The chat API from a script, inside the browser's own network: quick, and the same every time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

WIDGET = Path(__file__).parent.parent.parent / "bot" / "widget"
DESK = "https://desk.example"
CLINIC = "https://clinic.example"
POLICY = (
    f"default-src 'none'; script-src {DESK}; connect-src {DESK}; img-src {DESK}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = (
    '<!doctype html><html lang="en"><title>Clinic</title><meta name="viewport" content="width=device-width">'
    "<main><h1>Clinic</h1><p>Words of the clinic.</p></main>"
    '<script type="module" src="{desk}/widget.js" {data}></script>'
)
CORS = {
    "Access-Control-Allow-Origin": CLINIC,
    "Access-Control-Allow-Headers": "authorization, content-type, last-event-id",
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
}
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass
class FakeDesk:
    """Stores what the patient sends, and shows `messages`; `down` cuts every call to the chat API."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)  # each id once
    ratings: list[dict[str, Any]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)  # a text that is answered 422, and with which words
    opened: int = 0
    streams: int = 0
    down: bool = False
    data: str = ""  # the script tag's attributes
    stream: str = "retry: 1000\n\n"

    def listen(self, context: BrowserContext) -> None:
        """Answer for the desk and for the clinic's page."""
        context.route(f"{DESK}/**", self)
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
        context.route(
            f"{CLINIC}/**",
            lambda route: route.fulfill(status=200, headers=headers, body=PAGE.format(desk=DESK, data=self.data)),
        )

    def say(self, text: str, **more: Any) -> None:
        """The assistant's next message."""
        self.messages.append({"seq": len(self.messages) + 1, "author": "assistant", "text": text, **more})

    def texts(self) -> list[str]:
        """What the patient wrote, in the order of its arrival."""
        return [body["text"] for body in self.posted]

    def __call__(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(DESK).split("?")[0]
        if not path.startswith("/chat/"):
            self._file(route, path)
        elif self.down:
            route.abort()
        elif request.method == "OPTIONS":
            route.fulfill(status=200, headers=CORS)
        elif path == "/chat/sessions":
            self.opened += 1
            self._json(route, {"conversation": "c", "token": f"token-{self.opened}"}, 201)
        elif request.headers.get("authorization", "").removeprefix("Bearer ") in self.ended:
            self._json(route, {"message": "ended"}, 401)
        elif path == "/chat/messages" and request.method == "GET":
            after = int(request.url.split("after=")[1])
            self._json(route, {"messages": [m for m in self.messages if m["seq"] > after], "typing": False})
        elif path == "/chat/messages":
            self._take(route, request.post_data_json)
        elif path == "/chat/feedback":
            self.ratings.append(request.post_data_json)
            route.fulfill(status=204, headers=CORS)
        elif path == "/chat/events":
            self.streams += 1
            route.fulfill(status=200, headers={**CORS, "Content-Type": "text/event-stream"}, body=self.stream)
        elif path == "/chat/transcript":
            route.fulfill(status=200, headers=CORS, body="The whole conversation")
        else:
            route.fulfill(status=204, headers=CORS)

    def _take(self, route: Route, body: dict[str, Any]) -> None:
        if reason := self.refused.get(body.get("text", "")):
            self._json(route, {"message": reason}, 422)
            return
        if body["id"] not in [known["id"] for known in self.posted]:
            self.posted.append(body)
            text = str(body.get("text", body.get("value", body.get("choice"))))
            self.messages.append({"seq": len(self.messages) + 1, "author": "patient", "text": text, "id": body["id"]})
        self._json(route, {"seq": len(self.messages)}, 202)

    def _file(self, route: Route, path: str) -> None:
        file = WIDGET / path.removeprefix("/widget/").lstrip("/")
        if file.is_file():
            route.fulfill(path=file, headers={**CORS, "Content-Type": TYPES[file.suffix]})
        else:
            route.fulfill(status=404, headers=CORS)

    def _json(self, route: Route, body: dict[str, Any], status: int = 200) -> None:
        route.fulfill(status=status, headers={**CORS, "Content-Type": "application/json"}, body=json.dumps(body))


def open_panel(page: Page) -> None:
    """Open the chat by its launcher."""
    page.locator("psoas-chat .launcher").click()
    expect(page.locator("psoas-chat .panel")).to_be_visible()
