"""The assistant's side of docs/protocol.md, against a real small model and a real action server."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from rasa.core.run import configure_app, load_agent_on_start
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from bot.assistant import action_endpoint
from bot.assistant.action_endpoint import ActionEndpoint
from bot.assistant.channel import PsoasInput
from bot.assistant.tracker_store import PsoasTrackerStore
from bot.assistant.turn import own_store
from bot.store import Database

SECRET = "the desk's secret"
Send = Callable[..., Any]

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Actions:
    """An action server that remembers what it was asked and can be told to fail."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"events": [], "responses": [{"text": "Noted."}]}
        self.status = 200
        self.hold: asyncio.Event | None = None

    async def handle(self, request: web.Request) -> web.Response:
        self.calls.append(await request.json())
        if self.hold is not None:
            await self.hold.wait()
        return web.json_response(self.answer, status=self.status)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def action_server() -> AsyncIterator[tuple[Actions, str]]:
    actions = Actions()
    app = web.Application()
    app.router.add_post("/webhook", actions.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield actions, f"http://127.0.0.1:{port}/webhook"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(
    small_model: Path, action_server: tuple[Actions, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Sanic, int]]:
    """One assistant for all tests: Sanic can be started once in a process."""
    url = f"sqlite:///{tmp_path_factory.mktemp('channel') / 'psoas.db'}"
    Database(url).migrate()
    store = EndpointConfig(type="bot.assistant.tracker_store.PsoasTrackerStore", database_url=url)
    action = EndpointConfig(action_server[1], enable_selective_domain=True)
    endpoints = AvailableEndpoints(tracker_store=store, action=action)
    app = configure_app([PsoasInput(SECRET)], auth_token="token")
    await load_agent_on_start(str(small_model), endpoints, None, app, asyncio.get_running_loop())
    own_store(app.ctx.agent)
    server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True, access_log=False)
    await server.startup()
    yield app, server.server.sockets[0].getsockname()[1]
    await server.close()
    app.ctx.agent.action_endpoint.close()


@pytest.fixture
def app(server: tuple[Sanic, int]) -> Sanic:
    return server[0]


@pytest.fixture
def actions(action_server: tuple[Actions, str]) -> Actions:
    """The action server, as if just started."""
    action_server[0].__init__()
    return action_server[0]


@pytest_asyncio.fixture(loop_scope="module")
async def client(server: tuple[Sanic, int], actions: Actions) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server[1]}", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def sender() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def send(client: httpx.AsyncClient, sender: str) -> Send:
    """Sends one message and gives the lines of the answer."""

    async def send(text: str = "", **keys: Any) -> list[dict[str, Any]]:
        body = {"conversation": sender, "message": uuid.uuid4().hex, "channel": "webchat", "kind": "text"}
        content = json.dumps({**body, "text": text, **keys})
        answer = await client.post("/webhooks/psoas/messages", content=content)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]

    return send


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


async def test_health_says_when_a_model_is_loaded(client: httpx.AsyncClient) -> None:
    assert (await client.get("/webhooks/psoas/")).json() == {"status": "ok", "ready": True}


async def test_a_message_is_understood_answered_and_done(send: Send) -> None:
    lines = await send("good morning")
    assert [line["type"] for line in lines] == ["understood", "state", "reply", "done"]
    assert lines[0]["intent"] == "greet"
    assert 0 < lines[0]["confidence"] <= 1
    assert lines[1] == {"type": "state", "stage": "opened"}
    (choice,) = lines[2]["choices"]
    assert (lines[2]["index"], lines[2]["text"], choice["title"]) == (0, "Hello.", "Book")
    assert choice["send"] == {"intent": "book_appointment", "entities": [{"entity": "service", "value": "laser"}]}


async def test_a_choice_sends_its_intent_without_reading(send: Send) -> None:
    lines = await send("Book", kind="choice", send={"intent": "book_appointment"})
    assert (lines[0]["intent"], lines[0]["confidence"]) == ("book_appointment", 1.0)
    (reply,) = of_type(lines, "reply")
    assert reply["card"] == {"kind": "plan"}
    assert reply["ask"] == {"questions": ["severity"], "kind": "scale"}


async def test_a_value_reaches_the_action_with_its_questions(send: Send, actions: Actions) -> None:
    await send(
        "6 out of 10", kind="value", value=6, questions=["severity"], mode="full", at="2026-05-04T10:00:00+02:00"
    )
    latest = actions.calls[0]["tracker"]["latest_message"]
    assert latest["intent"]["name"] == "inform"
    assert latest["answer"] == {"questions": ["severity"], "value": 6}
    assert latest["metadata"]["at"] == "2026-05-04T10:00:00+02:00"
    assert latest["metadata"]["value"] == 6
    assert latest["text"] == "6 out of 10"


async def test_words_typed_as_a_value_are_still_read(send: Send) -> None:
    lines = await send("stop now", kind="value", value="stop now", questions=["goal"])
    assert lines[0]["intent"] == "stop"


async def test_attachments_and_events_carry_their_kind(send: Send, app: Sanic, sender: str) -> None:
    assert (await send(kind="attachment", attachment="sticker"))[0]["intent"] == "out_of_scope"
    assert (await send(kind="event", event="opened"))[0]["intent"] == "greet"
    tracker = await own_store(app.ctx.agent).retrieve_full_tracker(sender)
    metadata = [event.metadata for event in tracker.events if event.type_name == "user"]
    assert [found.get("attachment") or found.get("event") for found in metadata] == ["sticker", "opened"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "  /restart",
        "／restart",
        '/greet{"service": "laser"}',
        "//session_start",
        "/back",
        "/\n/inform",
        "/",
        "/restart/",
        "\u00a0/inform",
    ],
)
async def test_command_syntax_from_a_patient_is_only_text(send: Send, app: Sanic, sender: str, text: str) -> None:
    await send("about two weeks")
    lines = await send(text)
    assert lines[-1] == {"type": "done"}
    assert lines[0]["confidence"] < 1.0 or lines[0]["intent"] == "out_of_scope"
    tracker = await own_store(app.ctx.agent).retrieve_full_tracker(sender)
    assert tracker.latest_message.text == text.strip()
    assert tracker.latest_message.entities == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0", "\ud800", "🩹" * 3_000, "x" * 50_000, "שלום", "<script>alert(1)</script>"],
    ids=["empty", "blank", "NUL", "surrogate", "emoji", "long", "right to left", "HTML"],
)
async def test_any_text_gets_an_answer(send: Send, text: str) -> None:
    assert (await send(text))[-1] == {"type": "done"}


async def test_the_same_message_runs_once_and_answers_the_same(send: Send, actions: Actions) -> None:
    actions.answer = {
        "events": [{"event": "slot", "name": "severity", "value": 6, "timestamp": None}],
        "responses": [
            {"text": "One."},
            {"custom": {"line": "assessment", "disposition": "self_care", "row": "S1"}},
            {"text": "Two.", "custom": {"safety": {"row": "E2", "call": "112"}}, "image": "/pictures/hip.svg"},
        ],
    }
    first = await send("about two weeks", message="same")
    await send("it is a six")
    assert await send("about two weeks", message="same") == first
    assert len(actions.calls) == 2
    assert [line.get("index") for line in of_type(first, "reply")] == [0, 1]
    assert of_type(first, "assessment") == [{"type": "assessment", "disposition": "self_care", "row": "S1"}]
    assert first[-2]["image"] == {"src": "/pictures/hip.svg", "alt": ""}
    assert first[-2]["safety"] == {"row": "E2", "call": "112"}


async def test_a_message_that_is_running_is_refused_and_finishes_without_a_listener(
    send: Send, client: httpx.AsyncClient, actions: Actions, sender: str
) -> None:
    actions.hold = asyncio.Event()
    body = {"conversation": sender, "message": "same", "channel": "webchat", "kind": "text", "text": "about two weeks"}
    async with client.stream("POST", "/webhooks/psoas/messages", json=body) as answer:
        first = await anext(answer.aiter_lines())
        assert json.loads(first)["type"] == "understood"
        again = await client.post("/webhooks/psoas/messages", json=body)
        assert again.status_code == 409
    actions.hold.set()
    while (last := await client.post("/webhooks/psoas/messages", json=body)).status_code == 409:
        await asyncio.sleep(0.01)
    lines = [json.loads(line) for line in last.text.splitlines()]
    assert [line["type"] for line in lines] == ["understood", "reply", "done"]
    assert len(actions.calls) == 1


async def test_a_failing_action_fails_the_turn_and_a_retry_runs_it_again(send: Send, actions: Actions) -> None:
    actions.status = 500
    assert (await send("about two weeks", message="same"))[-1] == {"type": "error", "code": "busy"}
    actions.status = 200
    lines = await send("about two weeks", message="same")
    assert [line["type"] for line in lines] == ["understood", "reply", "done"]


@pytest.mark.parametrize(
    "nonsense", [[], {"events": {}}, {"events": ["x"]}, {"events": [{"name": "x"}]}, {"responses": [None]}]
)
async def test_an_answer_of_an_action_that_cannot_be_one_fails_the_turn(
    send: Send, actions: Actions, nonsense: Any
) -> None:
    actions.answer = nonsense
    assert (await send("about two weeks"))[-1] == {"type": "error", "code": "busy"}


async def test_a_quick_turn_is_one_piece(client: httpx.AsyncClient, sender: str) -> None:
    body = {"conversation": sender, "message": "m", "channel": "webchat", "kind": "text", "text": "about two weeks"}
    async with client.stream("POST", "/webhooks/psoas/messages", json=body) as answer:
        pieces = [piece async for piece in answer.aiter_raw()]
    assert len(pieces) == 1
    assert [json.loads(line)["type"] for line in pieces[0].splitlines()] == ["understood", "reply", "done"]


async def test_an_action_server_that_is_away_makes_the_turn_busy(
    send: Send, app: Sanic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action_endpoint, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(app.ctx.agent.processor, "action_endpoint", ActionEndpoint("http://127.0.0.1:9/webhook"))
    assert (await send("about two weeks"))[-1] == {"type": "error", "code": "busy"}


async def test_a_database_error_fails_the_turn_and_tells_nothing_of_the_patient(
    send: Send, app: Sanic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: PsoasTrackerStore, tracker: Any) -> None:
        raise RuntimeError(f"cannot write {tracker.latest_message.text}")

    monkeypatch.setattr(PsoasTrackerStore, "save", fail)
    with caplog.at_level(logging.INFO):
        lines = await send("about two weeks, and my secret")
    assert lines[-1] == {"type": "error", "code": "internal"}
    assert "RuntimeError" in caplog.text
    assert "my secret" not in caplog.text


async def test_conversations_run_side_by_side_and_one_stays_in_order(send: Send, app: Sanic, actions: Actions) -> None:
    senders = [uuid.uuid4().hex for _ in range(6)]

    async def converse(sender: str) -> None:
        for number in range(4):
            await send("about two weeks", conversation=sender, message=f"m-{number}")

    await asyncio.gather(*map(converse, senders))
    for sender in senders:
        tracker = await own_store(app.ctx.agent).retrieve_full_tracker(sender)
        ids = [event.message_id for event in tracker.events if event.type_name == "user"]
        assert ids == [f"m-{number}" for number in range(4)]


async def test_what_the_action_server_is_sent_does_not_grow(send: Send, actions: Actions) -> None:
    for _ in range(20):
        await send("about two weeks")
    sizes = [len(json.dumps(call)) for call in actions.calls]
    assert max(sizes[10:]) <= max(sizes[:10]) + 20  # numbers in the ids and times may be longer
    assert all(call["tracker"]["events"] == [] for call in actions.calls)
    assert actions.calls[0]["tracker"]["latest_message"]["text"] == "about two weeks"
    assert "domain" not in actions.calls[0]


async def test_erasing_a_conversation(send: Send, client: httpx.AsyncClient, app: Sanic, sender: str) -> None:
    await send("good morning", message="same")
    assert (await client.delete(f"/webhooks/psoas/conversations/{sender}")).status_code == 204
    assert await own_store(app.ctx.agent).retrieve_full_tracker(sender) is None
    assert (await send("good morning", message="same"))[-1] == {"type": "done"}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer £"}])
async def test_a_wrong_secret_is_refused(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    client.headers.pop("Authorization")
    raw = {key: value.encode("utf-8") for key, value in header.items()}
    for method, path in (("POST", "messages"), ("DELETE", "conversations/c-1")):
        answer = await client.request(method, f"/webhooks/psoas/{path}", headers=raw)
        assert answer.status_code == 401


GOOD = {"conversation": "c-1", "message": "m-1", "channel": "webchat", "kind": "text", "text": "hello"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"conversation": None}, "conversation"),
        ({"conversation": "c" * 41}, "conversation"),
        ({"message": ""}, "message"),
        ({"message": 7}, "message"),
        ({"channel": "fax"}, "channel"),
        ({"mode": "half"}, "mode"),
        ({"kind": "shout"}, "kind"),
        ({"text": None}, "text"),
        ({"text": ["hello"]}, "text"),
        ({"silent": "yes"}, "silent"),
        ({"kind": "choice", "send": "/restart"}, "send"),
        ({"kind": "choice", "send": {"intent": 1}}, "send"),
        ({"kind": "value"}, "value"),
        ({"kind": "value", "value": 0}, "questions"),
        ({"kind": "attachment"}, "attachment"),
        ({"kind": "event", "event": "exploded"}, "event"),
    ],
)
async def test_a_malformed_request_is_named(client: httpx.AsyncClient, change: dict[str, Any], named: str) -> None:
    answer = await client.post("/webhooks/psoas/messages", json={**GOOD, **change})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(named)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null"])
async def test_a_body_that_is_no_object_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    assert (await client.post("/webhooks/psoas/messages", content=body)).status_code == 422


async def test_without_a_model_the_desk_is_told_to_wait(
    client: httpx.AsyncClient, app: Sanic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.ctx.agent, "processor", None)
    assert (await client.get("/webhooks/psoas/")).json()["ready"] is False
    assert (await client.post("/webhooks/psoas/messages", json=GOOD)).status_code == 503
