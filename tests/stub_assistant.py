"""A stand-in for the assistant that speaks docs/protocol.md, for tests and load tests of the desk.

Run it by itself with `python -m tests.stub_assistant PORT SECRET`; in tests, start `StubAssistant` and script it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Lines = Sequence[dict[str, Any]]

GREETING: Lines = (
    {"type": "state", "stage": "opened"},
    {
        "type": "reply",
        "index": 0,
        "text": "Hello. In an emergency, call 911. May I ask about your back?",
        "choices": [{"id": "yes", "title": "Yes, go on", "send": "/affirm"}],
        "ask": {"questions": ["consent"], "kind": "yes_no"},
    },
    {"type": "done"},
)


@dataclass
class Script:
    """How one request is answered."""

    lines: Lines | None = None  # None: an echo of the text
    status: int = 200
    delay: float = 0.0  # seconds before each line
    cut_after: int | None = None  # close the connection after so many lines, without `done`
    hold: asyncio.Event | None = None  # wait for this before the last line


@dataclass
class StubAssistant:
    """Answers as scripted, in order; with nothing scripted, greets and echoes."""

    secret: str
    scripts: deque[Script] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], Lines] | None = None
    ready: bool = True
    latency: float = 0.0
    replies: dict[str, Lines] = field(default_factory=dict)  # what a message id got, for repeats
    runs: dict[str, int] = field(default_factory=dict)  # how often a message id was really run
    running: dict[str, int] = field(default_factory=dict)  # messages at work, by conversation
    most_running: int = 0  # the most messages of one conversation that were ever at work at once

    def script(self, *scripts: Script) -> None:
        """Answer the next requests like this."""
        self.scripts.extend(scripts)

    def texts(self) -> list[str]:
        """The texts that arrived, in order, repeats included."""
        return [request["text"] for request in self.requests if request["kind"] != "event"]

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/webhooks/psoas/", self._health),
                Route("/webhooks/psoas/messages", self._messages, methods=["POST"]),
                Route("/webhooks/psoas/conversations/{id}", self._forget, methods=["DELETE"]),
            ]
        )

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", "ready": self.ready})

    async def _forget(self, request: Request) -> Response:
        if not self._is_desk(request):
            return Response(status_code=401)
        self.forgotten.append(request.path_params["id"])
        return Response(status_code=204)

    def _is_desk(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.secret}"

    async def _messages(self, request: Request) -> Response:
        if not self._is_desk(request):
            return Response(status_code=401)
        if not self.ready:
            return Response(status_code=503)
        body = await request.json()
        self.requests.append(body)
        script = self.scripts.popleft() if self.scripts else Script()
        if script.status != 200:
            return Response(status_code=script.status)
        return StreamingResponse(self._stream(body, script), media_type="application/x-ndjson")

    def _lines(self, body: dict[str, Any], script: Script) -> Lines:
        if script.lines is not None:
            return script.lines
        if body["message"] in self.replies:
            return self.replies[body["message"]]
        self.runs[body["message"]] = self.runs.get(body["message"], 0) + 1
        lines = self.answer(body) if self.answer else echo(body)
        self.replies[body["message"]] = lines
        return lines

    async def _stream(self, body: dict[str, Any], script: Script) -> AsyncIterator[bytes]:
        conversation = body["conversation"]
        self.running[conversation] = self.running.get(conversation, 0) + 1
        self.most_running = max(self.most_running, self.running[conversation])
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            lines = self._lines(body, script)
            for position, line in enumerate(lines):
                if script.cut_after is not None and position >= script.cut_after:
                    raise ConnectionResetError("cut as scripted")
                if script.delay:
                    await asyncio.sleep(script.delay)
                if script.hold is not None and position == len(lines) - 1:
                    await script.hold.wait()
                yield json.dumps(line).encode() + b"\n"
        finally:
            self.running[conversation] -= 1


def echo(body: dict[str, Any]) -> Lines:
    """A greeting for an event, else what was written."""
    if body["kind"] == "event":
        return GREETING
    return (
        {"type": "understood", "intent": "inform", "confidence": 0.9, "facts": {}, "flags": []},
        {"type": "reply", "index": 0, "text": f"You wrote: {body['text']}"},
        {"type": "done"},
    )


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[str]:
    """The application on a loopback port, for as long as the block runs; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="critical", lifespan="on", timeout_graceful_shutdown=1)
    )
    server.install_signal_handlers = lambda: None  # tests handle their own signals
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server did not start")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


if __name__ == "__main__":
    uvicorn.run(StubAssistant(sys.argv[2]).app(), port=int(sys.argv[1]), log_level="warning", http="httptools")
