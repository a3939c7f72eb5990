"""Event streams: nothing is missed, nothing comes twice, however often the connection drops."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.desk.channels.webchat import MOST_STREAMS
from tests.desk.conftest import Clinic
from tests.stub_assistant import Script


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages]


async def test_a_stream_has_everything_from_the_start_in_order(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    for number in range(5):
        await patient.reply_to(str(number))
    async with patient.stream() as stream:
        messages = await stream.until(lambda messages: len(messages) == 11)
    assert stream.ids == [message["seq"] for message in messages] == list(range(1, 12))


async def test_a_dropped_stream_goes_on_where_it_stopped(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    seen: list[int] = []
    told: list[str] = []
    for number in range(8):
        async with patient.stream(last_event_id=seen[-1] if seen else None) as stream:
            await patient.say(str(number))
            # Drop after one message, wherever in the turn that is.
            told += texts(await stream.until(bool))
            seen += stream.ids
    async with patient.stream(last_event_id=seen[-1]) as stream:
        await stream.until(lambda messages: messages[-1:] != [] and messages[-1]["text"] == "You wrote: 7")
        told += texts(stream.messages)
        seen += stream.ids
    assert seen == list(range(1, len(seen) + 1))
    assert told == texts(await patient.messages())


async def test_after_in_the_address_resumes_as_well(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await patient.reply_to("hello")
    async with clinic.http.stream("GET", "/chat/events?after=2", headers=patient.headers) as response:
        lines = response.aiter_lines()
        first_id = ""
        while not first_id.startswith("id: "):
            first_id = await asyncio.wait_for(anext(lines), 10)
    assert first_id == "id: 3"


async def test_all_windows_show_the_same(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    async with patient.stream() as one, patient.stream() as two, patient.stream() as three:
        await patient.say("from one window")
        shown = [await stream.until(lambda messages: len(messages) == 3) for stream in (one, two, three)]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0][1]["text"] == "from one window"


async def test_too_many_windows_of_one_conversation_are_refused(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(patient.stream()) for _ in range(MOST_STREAMS)]
        for stream in streams:
            await stream.until(bool)
        refused = await sqlite_clinic.http.get("/chat/events", headers=patient.headers)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


async def test_a_quiet_stream_is_kept_alive(sqlite_clinic: Clinic) -> None:
    sqlite_clinic.desk.channels["webchat"].heartbeat = 0.05
    patient = await sqlite_clinic.greeted()
    async with patient.stream() as stream:
        await stream.until_any(lambda stream: stream.comments >= 3)


async def test_a_stream_says_what_it_is(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    async with patient.stream() as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"


async def test_a_stream_ends_when_the_conversation_is_erased(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    async with patient.stream() as stream:
        await stream.until(bool)
        await clinic.http.delete("/chat/conversation", headers=patient.headers)
        with pytest.raises(StopAsyncIteration):
            await stream.until(lambda messages: len(messages) == 99)


async def test_replies_come_as_they_are_produced(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    hold = asyncio.Event()
    lines = [
        {"type": "reply", "index": 0, "text": "at once"},
        {"type": "reply", "index": 1, "text": "later"},
        {"type": "done"},
    ]
    clinic.stub.script(Script(lines=lines, hold=hold))
    async with patient.stream() as stream:
        await patient.say("hello")
        await stream.until(lambda messages: "at once" in texts(messages))
        hold.set()
        await stream.until_any(lambda stream: stream.typing[-1:] == [False] and "later" in texts(stream.messages))
