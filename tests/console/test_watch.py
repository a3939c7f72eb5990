"""The queue follows what happens at the desk: at once, and again after a crash."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, select

from bot.console.queue import BANDS
from bot.console.reviews.watch import Watch
from bot.store.models import ConversationReview
from tests.desk.conftest import Clinic, Opening
from tests.stub_assistant import Script

EMERGENCY: tuple[dict[str, Any], ...] = (
    {"type": "understood", "intent": "inform", "confidence": 0.9, "facts": {}, "flags": []},
    {"type": "assessment", "disposition": "emergency", "row": "E2", "reasons": [{"row": "E2", "words": "because"}]},
    {"type": "reply", "index": 0, "text": "Call now.", "safety": {"row": "E2", "call": "911"}},
    {"type": "state", "stage": "result", "alert": "emergency"},
    {"type": "done"},
)


def watching(clinic: Clinic) -> Watch:
    return Watch(clinic.desk.transactions, clinic.desk.events, clinic.desk.clinic)


async def lines(clinic: Clinic) -> dict[str, tuple[str, bool]]:
    """Each conversation's band, and whether the patient was told."""
    query = select(ConversationReview.conversation_id, ConversationReview.band, ConversationReview.told)
    found = await clinic.desk.transactions.read(lambda session: session.execute(query).tuples().all())
    return {id: (BANDS[band], told) for id, band, told in found}


async def until(watch: Watch, condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for the queue's bell until the condition holds."""
    with watch.subscribe() as bell:
        deadline = time.monotonic() + 10
        while not await condition():
            assert time.monotonic() < deadline
            await bell.wait(1)


async def test_a_new_emergency_is_in_the_queue_in_less_than_a_second(opening: Opening) -> None:
    clinic = await opening()
    watch = watching(clinic)
    running = asyncio.create_task(watch.run())
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=EMERGENCY))
    await patient.post({"id": str(uuid.uuid4()), "text": "I cannot feel my legs"})
    begun = time.monotonic()

    async def is_first() -> bool:
        return (await lines(clinic)).get(patient.conversation, ("", True))[0] == "emergency"

    await until(watch, is_first)
    assert time.monotonic() - begun < 1
    assert await lines(clinic) == {patient.conversation: ("emergency", False)}
    seq = (await patient.messages())[-1]["seq"]
    await patient.http.post("/chat/seen", json={"seq": seq}, headers=patient.headers)

    async def is_told() -> bool:
        return (await lines(clinic))[patient.conversation] == ("emergency", True)

    await clinic.desk.receipts.flush()
    clinic.desk.events.publish(patient.conversation)
    await until(watch, is_told)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_was_missed_is_caught_up_with(opening: Opening) -> None:
    clinic = await opening()
    for _ in range(3):
        await clinic.greeted()
    watch = watching(clinic)
    assert await watch.catch_up() == 3
    assert await watch.catch_up() == 0
    await clinic.desk.transactions.write(lambda session: session.execute(delete(ConversationReview)))
    assert await watch.catch_up() == 3
    assert {band for band, _ in (await lines(clinic)).values()} == {"routine"}
