"""What a patient erased is in no table, no file and no memory any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.store.models import Base, Conversation, TrackerEvent, TrackerSnapshot
from tests.desk.conftest import Clinic, Opening
from tests.desk.patient import Patient
from tests.stub_assistant import Script

SECRET = "unforgettablewords"
TURN = [
    {
        "type": "understood",
        "intent": "inform",
        "confidence": 1,
        "facts": {"goal": SECRET},
        "flags": [{"id": "crisis", "assertion": "present", "facts": {}, "span": [0, 1], "text": SECRET}],
    },
    {
        "type": "reply",
        "index": 0,
        "text": f"You said {SECRET}.",
        "choices": [{"id": SECRET, "title": "x", "send": "y"}],
    },
    {
        "type": "assessment",
        "disposition": "self_care",
        "row": "S1",
        "matched_rows": ["S1"],
        "stretches": "full",
        "reasons": [{"row": "S1", "words": SECRET}],
        "facts": {"goal": SECRET},
        "hip_flexor": {"score": 1, "points": {SECRET: 1}},
        "content_version": "1",
    },
    {"type": "done"},
]


def everything(session: Session) -> str:
    """All tables, as text."""
    return "\n".join(str(row) for table in Base.metadata.tables.values() for row in session.execute(select(table)))


async def confided(clinic: Clinic) -> Patient:
    """A patient who said something; the assistant has written it down as well."""
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=TURN))
    await patient.say(f"My {SECRET}")
    await patient.until(lambda messages: len(messages) == 3)

    def remember(session: Session) -> None:
        key = patient.conversation
        data = {"text": SECRET}
        session.add(TrackerEvent(sender_id=key, position=1, message_id="m", type="user", timestamp=1.0, data=data))
        session.add(TrackerSnapshot(sender_id=key, position=1, state=data))

    await clinic.desk.transactions.write(remember)
    return patient


async def test_nothing_is_left_in_the_database(clinic: Clinic, tmp_path: Path) -> None:
    patient = await confided(clinic)
    assert SECRET in await clinic.desk.transactions.read(everything)
    answer = await clinic.http.delete("/chat/conversation", headers=patient.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert SECRET not in await clinic.desk.transactions.read(everything)
    files = [file for file in tmp_path.rglob("psoas.db*") if file.is_file()]
    assert not any(SECRET.encode() in file.read_bytes() for file in files)


async def test_the_assistant_is_told(clinic: Clinic) -> None:
    patient = await confided(clinic)
    await clinic.http.delete("/chat/conversation", headers=patient.headers)
    assert clinic.stub.forgotten == [patient.conversation]


async def test_an_assistant_that_was_away_is_told_later(opening: Opening) -> None:
    clinic = await opening()
    patient = await confided(clinic)
    await clinic.stop_stub()
    answer = await clinic.http.delete("/chat/conversation", headers=patient.headers)
    assert answer.status_code == 204
    assert clinic.stub.forgotten == []
    await clinic.start_stub()
    await clinic.desk.eraser.catch_up()
    await clinic.desk.eraser.catch_up()
    assert clinic.stub.forgotten == [patient.conversation], "once is enough"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chat/messages"),
        ("POST", "/chat/messages"),
        ("GET", "/chat/events"),
        ("GET", "/chat/transcript"),
        ("POST", "/chat/seen"),
        ("DELETE", "/chat/conversation"),
    ],
)
async def test_the_token_is_dead(sqlite_clinic: Clinic, method: str, path: str) -> None:
    patient = await sqlite_clinic.greeted()
    await sqlite_clinic.http.delete("/chat/conversation", headers=patient.headers)
    body: dict[str, Any] = {"id": "3d0e1e0a-0000-4000-8000-000000000001", "text": "x", "seq": 1}
    more = {"json": body} if method == "POST" else {}
    answer = await sqlite_clinic.http.request(method, path, headers=patient.headers, **more)
    assert answer.status_code == 401


async def test_other_conversations_stay(clinic: Clinic) -> None:
    one, two = await clinic.greeted(), await clinic.greeted()
    await two.reply_to("still here")
    await clinic.http.delete("/chat/conversation", headers=one.headers)
    assert [message["text"] for message in await two.messages()][1:] == ["still here", "You wrote: still here"]


async def test_an_answer_that_comes_after_the_erasure_is_dropped(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    hold = asyncio.Event()
    clinic.stub.script(Script(lines=[{"type": "state"}, TURN[1], {"type": "done"}], delay=0.05, hold=hold))
    await patient.say(SECRET)
    while len(clinic.stub.requests) < 2:
        await asyncio.sleep(0.01)
    await clinic.http.delete("/chat/conversation", headers=patient.headers)
    hold.set()
    other = await clinic.greeted()
    await other.reply_to("the desk goes on")
    assert SECRET not in await clinic.desk.transactions.read(everything)


async def test_asked_for_in_the_chat_the_confirmation_stays_and_one_can_begin_anew(clinic: Clinic) -> None:
    patient = await confided(clinic)
    confirmation = [
        {"type": "reply", "index": 0, "text": "All gone."},
        {"type": "state", "erase": True},
        {"type": "done"},
    ]
    clinic.stub.script(Script(lines=confirmation))
    await patient.say(f"delete my {SECRET}")
    while not clinic.stub.forgotten:
        await patient.look()
    assert [message["text"] for message in await patient.messages()] == ["All gone."]
    assert SECRET not in await clinic.desk.transactions.read(everything)
    assert (await patient.reply_to("hello again"))["text"] == "You wrote: hello again"


async def test_staff_can_erase(clinic: Clinic) -> None:
    patient = await confided(clinic)
    assert await clinic.desk.eraser.by_staff(patient.conversation)
    assert not await clinic.desk.eraser.by_staff("nobody")
    assert SECRET not in await clinic.desk.transactions.read(everything)


async def test_that_and_when_is_kept(clinic: Clinic) -> None:
    patient = await confided(clinic)
    await clinic.http.delete("/chat/conversation", headers=patient.headers)
    kept = await clinic.desk.transactions.read(lambda session: session.get(Conversation, patient.conversation))
    assert kept is not None
    assert kept.erased_at is not None
    assert kept.disposition == "self_care"


async def test_what_other_rooms_keep_is_erased_in_the_same_transaction(tmp_path: Path, sqlite_clinic: Clinic) -> None:
    patient = await confided(sqlite_clinic)

    def fail(session: Session, _conversation_id: str) -> None:
        session.execute(text("SELECT 1"))
        raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await replace(sqlite_clinic.desk.eraser, also=(fail,)).by_staff(patient.conversation)
    assert SECRET in await sqlite_clinic.desk.transactions.read(everything)
