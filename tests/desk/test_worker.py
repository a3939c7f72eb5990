"""Every message gets its answer, once and in order, whatever happens to the assistant or the desk."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.desk import claims, turns, worker
from bot.desk.app import create_app
from bot.desk.desk import build_desk
from bot.desk.fallback import Danger
from bot.desk.incoming import Incoming
from bot.desk.turns import Turn
from bot.store.models import Alert, Assessment, Conversation, Message
from tests.desk.conftest import IMPATIENT, Clinic, Opening, free_port, make_settings
from tests.desk.patient import Patient
from tests.postgres import Postgres
from tests.stub_assistant import Script, StubAssistant, serving

TURN = [
    {"type": "understood", "intent": "inform", "confidence": 0.8, "facts": {"age": 40}, "flags": []},
    {"type": "reply", "index": 0, "text": "first"},
    {
        "type": "assessment",
        "disposition": "self_care",
        "row": "S1",
        "matched_rows": ["S1"],
        "stretches": "full",
        "reasons": [],
        "facts": {"age": 40},
        "hip_flexor": {"score": 5, "band": "some"},
        "content_version": "1",
    },
    {"type": "state", "stage": "result", "handler": "waiting", "alert": "emergency"},
    {"type": "reply", "index": 1, "text": "second"},
    {"type": "done"},
]


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages]


def said(text: str) -> Any:
    """A condition: this was said."""
    return lambda messages: text in texts(messages)


async def answered(patient: Patient, clinic: Clinic, text: str) -> list[str]:
    """Say something, wait for the end of the turn, and give what was said after it."""
    seq = await patient.say(text)
    async with patient.stream() as stream:
        await stream.until_any(
            lambda stream: stream.typing[-1:] == [False] and bool(stream.messages) and stream.messages[-1]["seq"] > seq
        )
    return texts(await patient.messages(after=seq))


async def rows(clinic: Clinic, kind: Any) -> list[Any]:
    def read(session: Session) -> list[Any]:
        return list(session.scalars(select(kind).order_by(kind.id)))

    return await clinic.desk.transactions.read(read)


async def conversation(clinic: Clinic, patient: Patient) -> Conversation:
    found = await clinic.desk.transactions.read(lambda session: session.get(Conversation, patient.conversation))
    assert found is not None
    return found


async def test_many_messages_at_once_are_handled_in_order_one_at_a_time(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    clinic.stub.latency = 0.005
    for number in range(20):
        await patient.say(str(number))
    await patient.until(said("You wrote: 19"))
    assert clinic.stub.texts() == [str(number) for number in range(20)]
    assert clinic.stub.most_running == 1
    replies = [text for text in texts(await patient.messages()) if text.startswith("You wrote")]
    assert replies == [f"You wrote: {number}" for number in range(20)]


async def test_a_message_sent_before_the_greeting_waits_for_it(clinic: Clinic) -> None:
    clinic.stub.latency = 0.05
    patient = await clinic.patient()
    await patient.say("too quick")
    messages = await patient.until(said("You wrote: too quick"))
    assert [message["author"] for message in messages] == ["patient", "assistant", "assistant"]
    assert [request["kind"] for request in clinic.stub.requests] == ["event", "text"]


async def test_conversations_do_not_wait_for_each_other(clinic: Clinic) -> None:
    slow, quick = await clinic.greeted(), await clinic.greeted()
    hold = asyncio.Event()
    clinic.stub.script(Script(hold=hold))
    await slow.say("takes long")
    await quick.reply_to("hello")
    hold.set()
    await slow.until(said("You wrote: takes long"))


async def test_what_the_assistant_says_is_stored(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=TURN))
    assert await answered(patient, clinic, "I am 40") == ["first", "second"]
    messages = await rows(clinic, Message)
    mine = next(message for message in messages if message.author == "patient")
    assert (mine.status, mine.understood["facts"]) == ("answered", {"age": 40})
    [assessment] = await rows(clinic, Assessment)
    assert (assessment.row, assessment.message_id) == ("S1", mine.id)
    [alert] = await rows(clinic, Alert)
    assert (alert.kind, alert.message_id) == ("emergency", mine.id)
    stored = await conversation(clinic, patient)
    assert (stored.disposition, stored.row, stored.stage, stored.handler) == ("self_care", "S1", "result", "waiting")


@pytest.mark.parametrize("cut_after", range(len(TURN)))
async def test_a_turn_that_is_cut_anywhere_is_finished_once(sqlite_clinic: Clinic, cut_after: int) -> None:
    patient = await sqlite_clinic.greeted()
    sqlite_clinic.stub.script(Script(lines=TURN, cut_after=cut_after), Script(lines=TURN))
    await patient.say("hello")
    messages = await patient.until(said("second"))
    assert texts(messages)[2:] == ["first", "second"]
    await patient.reply_to("next")
    assert len(await rows(sqlite_clinic, Assessment)) == 1
    assert len(await rows(sqlite_clinic, Alert)) == 1
    ids = {request["message"] for request in sqlite_clinic.stub.requests if request.get("text") == "hello"}
    assert len(ids) == 1, "a repeat has the same id"


@pytest.mark.parametrize(
    "failure",
    [
        Script(status=500),
        Script(status=503),
        Script(status=409),
        Script(lines=[{"type": "error", "code": "busy"}]),
        Script(lines=[{"type": "error", "code": "internal"}]),
        Script(lines=[{"type": "reply", "text": "without an index"}, {"type": "done"}]),
        Script(lines=[{"no": "type"}]),
        Script(lines=[]),
    ],
)
async def test_a_failure_is_tried_again(sqlite_clinic: Clinic, failure: Script) -> None:
    patient = await sqlite_clinic.greeted()
    sqlite_clinic.stub.script(failure)
    reply = await patient.reply_to("hello")
    assert reply["text"] == "You wrote: hello"
    assert sqlite_clinic.stub.texts() == ["hello", "hello"] or failure.status == 503


async def test_a_message_that_always_fails_is_apologised_for_and_handed_to_staff(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    clinic.stub.script(*[Script(status=500)] * IMPATIENT.most_failures)
    await patient.say("poison")
    messages = await patient.until(lambda messages: messages[-1]["author"] == "system")
    assert "911" in messages[-1]["text"]
    assert (await conversation(clinic, patient)).handler == "waiting"
    poison = next(row for row in await rows(clinic, Message) if row.text == "poison")
    assert poison.status == "failed"
    reply = await patient.reply_to("next")
    assert reply["text"] == "You wrote: next", "the next message is not held up"


async def test_a_message_that_the_assistant_refuses_is_not_tried_again(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=[{"type": "error", "code": "bad_request"}]))
    await patient.say("refused")
    await patient.until(lambda messages: messages[-1]["author"] == "system")
    assert clinic.stub.texts() == ["refused"]


async def test_while_the_assistant_is_away_one_notice_is_given_and_nothing_is_lost(opening: Opening) -> None:
    clinic = await opening(assistant=False)
    patient = await clinic.patient()
    [notice] = await patient.until(bool)
    assert notice["author"] == "system"
    assert "911" in notice["text"]
    for number in range(3):
        await patient.say(str(number))
    await clinic.start_stub()
    messages = await patient.until(said("You wrote: 2"))
    assert sum(message["author"] == "system" for message in messages) == 1
    assert [text for text in texts(messages) if text.startswith("You wrote")] == [f"You wrote: {n}" for n in range(3)]


async def test_each_outage_has_its_own_notice(sqlite_opening: Opening) -> None:
    clinic = await sqlite_opening(assistant=False)
    patient = await clinic.patient()
    for number in range(2):
        await patient.until(lambda messages, n=number: sum(m["author"] == "system" for m in messages) == n + 1)
        clinic.stub.ready = True
        if number == 0:
            await clinic.start_stub()
            await patient.reply_to("back again")
            clinic.stub.ready = False
            await patient.say("away again")


async def test_typing_is_not_shown_while_the_assistant_is_away(sqlite_opening: Opening) -> None:
    clinic = await sqlite_opening(assistant=False)
    patient = await clinic.patient()
    async with patient.stream() as stream:
        await stream.until(bool)
        await stream.until_any(lambda stream: stream.typing[-1:] == [False])


async def test_danger_is_answered_by_the_desk_while_the_assistant_is_away(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "look_for_danger", lambda text: Danger("crisis", "E1") if "danger" in text else None)
    clinic = await opening(assistant=False, patience=replace(IMPATIENT, emergency_after=0.0))
    patient = await clinic.patient()
    await patient.say("hello")
    await patient.until(bool)
    await clinic.start_stub()
    await patient.reply_to("well")
    clinic.stub.ready = False
    await patient.say("danger")
    messages = await patient.until(lambda messages: any("card" in message for message in messages))
    card = next(message for message in messages if "card" in message)
    assert card["safety"] == {"row": "E1", "call": "911"}
    assert card["card"]["kind"] == "emergency"
    assert [alert.kind for alert in await rows(clinic, Alert)] == ["crisis"]
    clinic.stub.ready = True
    messages = await patient.until(said("You wrote: danger"))
    assert sum("card" in message for message in messages) == 1


async def test_staff_have_the_conversation_so_the_assistant_is_silent(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await clinic.desk.staffing.set_handler(patient.conversation, "staff")
    clinic.stub.script(Script(lines=[{"type": "state", "handler": "assistant"}, {"type": "done"}]))
    await patient.say("are you a person?")
    await _until(lambda: len(clinic.stub.requests) == 2)
    assert clinic.stub.requests[-1]["silent"] is True
    assert (await conversation(clinic, patient)).handler == "staff"
    await clinic.desk.staffing.set_handler(patient.conversation, "assistant")
    await _until(lambda: clinic.stub.requests[-1].get("event") == "handed_back")
    await patient.reply_to("hello again")
    assert clinic.stub.requests[-1]["silent"] is False


async def _until(condition: Any) -> None:
    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 10)


@pytest.mark.parametrize("step", ["accepted", "claimed", "half answered", "answered but not done"])
async def test_a_desk_that_went_down_between_two_steps_goes_on_after_its_start(
    each_database_url: str, tmp_path: Path, step: str
) -> None:
    """The steps are done by hand, then a desk is started on what they left."""

    settings = make_settings(tmp_path, each_database_url)
    before = build_desk(settings)
    inbox = replace(before.inbox, wake=lambda _conversation: None)
    access = await inbox.open("webchat")

    await inbox.accept(access, Incoming("one", "text", text="hello"))
    lines: list[dict[str, Any]] = [{"type": "reply", "index": 0, "text": "Hello, patient."}]
    if step != "accepted":
        job = await before.transactions.write(
            lambda session: claims.claim_next(session, access.conversation_id, before.worker.owner)
        )
        assert isinstance(job, claims.Job)
        if step != "claimed":
            stored = lines if step == "half answered" else [*lines, {"type": "reply", "index": 1, "text": "More."}]
            await before.transactions.write(lambda session: turns.apply(session, Turn(job), stored))
    await before.close()

    stub = StubAssistant(settings.assistant_secret)
    greeting = [*lines, {"type": "reply", "index": 1, "text": "More."}, {"type": "done"}]
    stub.script(Script(lines=greeting))
    desk = build_desk(settings, patience=IMPATIENT)

    async with (
        serving(stub.app(), settings.assistant_port),
        serving(create_app(settings, desk=desk), settings.port),
        httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as http,
    ):
        patient = Patient(http, access.conversation_id, desk.tokens.issue(access))
        messages = await patient.until(said("You wrote: hello"))
    assert sorted(texts(messages)) == ["Hello, patient.", "More.", "You wrote: hello", "hello"]
    assert stub.texts() == ["hello"]


async def test_messages_that_were_claimed_while_they_were_stored_outlive_their_desk(
    each_database_url: str, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, each_database_url)
    before = build_desk(settings)
    started: list[claims.Job] = []
    inbox = replace(before.inbox, wake=lambda _conversation: None, start=started.append)
    access = await inbox.open("webchat")
    await before.transactions.write(lambda session: session.execute(update(Message).values(status="answered")))
    for text in ("one", "two"):
        await inbox.accept(access, Incoming(text, "text", text=text))
    assert [job.text for job in started] == ["one"], "the second waits for the first"
    await before.close()

    stub = StubAssistant(settings.assistant_secret)
    desk = build_desk(settings, patience=IMPATIENT)
    async with (
        serving(stub.app(), settings.assistant_port),
        serving(create_app(settings, desk=desk), settings.port),
        httpx.AsyncClient(base_url=settings.base_url, trust_env=False) as http,
    ):
        patient = Patient(http, access.conversation_id, desk.tokens.issue(access))
        messages = await patient.until(said("You wrote: two"))
    assert texts(messages) == ["one", "two", "You wrote: one", "You wrote: two"]
    assert stub.texts() == ["one", "two"]


async def test_two_desks_share_one_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    """Each conversation is worked on by one desk at a time, and each desk shows what the other stored."""

    url = postgres.new_database()
    assistant_port = str(free_port())
    async with AsyncExitStack() as stack:
        desks = []
        for _ in range(2):
            settings = make_settings(tmp_path, url, PSOAS_ASSISTANT_PORT=assistant_port)
            desk = build_desk(settings, patience=IMPATIENT)
            desks.append((settings, desk))
        stub = StubAssistant(desks[0][0].assistant_secret, latency=0.01)
        await stack.enter_async_context(serving(stub.app(), int(assistant_port)))
        https = []
        for settings, desk in desks:
            await stack.enter_async_context(serving(create_app(settings, desk=desk), settings.port))
            https.append(
                await stack.enter_async_context(httpx.AsyncClient(base_url=settings.base_url, trust_env=False))
            )
        patients = [await Patient.arrive(https[number % 2]) for number in range(6)]
        for number in range(5):
            for index, patient in enumerate(patients):
                patient.http = https[(number + index) % 2]
                await patient.say(str(number))
        for index, patient in enumerate(patients):
            patient.http = https[(index + 1) % 2]
            messages = await patient.until(said("You wrote: 4"))
            replies = [text for text in texts(messages) if text.startswith("You wrote")]
            assert replies == [f"You wrote: {number}" for number in range(5)]
        assert stub.most_running == 1
        assert all(runs == 1 for runs in stub.runs.values())
