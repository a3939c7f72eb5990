"""The queue follows what happens at the desk: at once, and again after a crash."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.console.queue import BANDS
from bot.console.reviews.watch import Watch
from bot.store.models import ConversationReview, utc_now
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
    # Of three, so that a busy machine is not taken for a slow queue.
    waits = [await emergency(clinic, watch) for _ in range(3)]
    assert min(waits) < 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def emergency(clinic: Clinic, watch: Watch) -> float:
    """From the patient's words to the line in the queue, in seconds."""
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=EMERGENCY))
    begun = time.monotonic()
    await patient.post({"id": str(uuid.uuid4()), "text": "I cannot feel my legs"})

    async def is_there() -> bool:
        return (await lines(clinic)).get(patient.conversation) == ("emergency", False)

    await until(watch, is_there)
    return time.monotonic() - begun


async def test_the_queue_hears_that_the_advice_has_arrived(opening: Opening) -> None:
    clinic = await opening()
    watch = watching(clinic)
    patient = await clinic.greeted()
    clinic.stub.script(Script(lines=EMERGENCY))
    await patient.post({"id": str(uuid.uuid4()), "text": "I cannot feel my legs"})
    seq = (await patient.until(lambda messages: "safety" in messages[-1]))[-1]["seq"]
    await watch.catch_up()
    assert await lines(clinic) == {patient.conversation: ("emergency", False)}
    await patient.http.post("/chat/seen", json={"seq": seq}, headers=patient.headers)
    await clinic.desk.receipts.flush()
    later = replace(watch, clock=lambda: utc_now() + timedelta(minutes=1))
    running = asyncio.create_task(later.run())

    async def is_told() -> bool:
        return await lines(clinic) == {patient.conversation: ("emergency", True)}

    await until(later, is_told)
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
