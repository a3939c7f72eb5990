"""Fifty conversations while processes are killed at random: every message answered, once, in order."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.store import Database
from bot.store.models import Message, TrackerEvent
from tests.running import MODULES, RunningSystem

CONVERSATIONS = 50
KILLS_EACH = 2
SECONDS_BETWEEN_KILLS = 2.5
SETTLE_SECONDS = 150.0
SAYINGS = ("my lower back is sore", "what are hip flexors?", "how long do I hold a stretch?", "thank you")

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def system(trained_model: Path, tmp_path: Path) -> Iterator[RunningSystem]:
    system = RunningSystem(tmp_path / "var", trained_model)
    system.start()
    yield system
    system.stop()


async def insist(client: httpx.AsyncClient, method: str, path: str, **request: object) -> httpx.Response:
    """A browser's way: the same request again until the desk is there."""
    while True:
        try:
            answer = await client.request(method, path, **request)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code < 500:
            return answer
        await asyncio.sleep(0.2)


async def converse(client: httpx.AsyncClient, chance: random.Random) -> tuple[str, list[str]]:
    """Say everything, some of it before the last answer came; the conversation and the ids that were sent."""
    session = (await insist(client, "POST", "/chat/sessions", json={})).json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    ids = []
    for saying in SAYINGS:
        ids.append(str(uuid.uuid4()))
        answer = await insist(client, "POST", "/chat/messages", json={"id": ids[-1], "text": saying}, headers=headers)
        assert answer.status_code in (200, 202), answer.text
        await asyncio.sleep(chance.uniform(0.0, 4.0))
    return session["conversation"], ids


async def kill_at_random(system: RunningSystem, chance: random.Random) -> None:
    names = [*MODULES] * KILLS_EACH
    chance.shuffle(names)
    for name in names:
        await asyncio.sleep(chance.uniform(0.5, 1.5) * SECONDS_BETWEEN_KILLS)
        while not system.kill(name):
            await asyncio.sleep(0.2)


async def all_conversations(system: RunningSystem, chance: random.Random) -> dict[str, list[str]]:
    limits = httpx.Limits(max_connections=CONVERSATIONS)
    async with httpx.AsyncClient(base_url=system.base_url, timeout=20, limits=limits, trust_env=False) as client:
        conversations = [converse(client, chance) for _ in range(CONVERSATIONS)]
        *said, _ = await asyncio.gather(*conversations, kill_at_random(system, chance))
    return dict(said)


def wait_until_answered(database: Database) -> None:
    query = select(Message.status).where(Message.author == "patient")
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        with database.reading() as session:
            left = Counter(session.scalars(query))
        if set(left) == {"answered"}:
            return
        assert time.monotonic() < deadline, f"still waiting: {left}"
        time.sleep(0.5)


def test_every_message_is_answered_once_and_in_order(system: RunningSystem) -> None:
    seed = random.randrange(1 << 32)
    said = asyncio.run(all_conversations(system, random.Random(seed)))
    database = Database(system.settings.database_url)
    try:
        wait_until_answered(database)
        with database.reading() as session:
            for conversation, ids in said.items():
                check_conversation(
                    ids,
                    list(
                        session.scalars(
                            select(Message).where(Message.conversation_id == conversation).order_by(Message.seq)
                        )
                    ),
                )
            handled = Counter(
                session.execute(
                    select(TrackerEvent.sender_id, TrackerEvent.message_id).where(TrackerEvent.message_id.is_not(None))
                ).tuples()
            )
        assert max(handled.values()) == 1
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\n{system.tail()}") from error
    finally:
        database.dispose()


def check_conversation(ids: list[str], messages: list[Message]) -> None:
    mine = [message for message in messages if message.author == "patient" and message.client_id in ids]
    assert [message.client_id for message in mine] == ids
    replies = [
        [reply for reply in messages if reply.in_reply_to == message.id and is_answer(reply)] for message in mine
    ]
    for answers in replies:
        indexes = [answer.reply_index for answer in answers]
        assert indexes, "a message has no answer"
        assert indexes == list(range(len(indexes)))
    seqs = [answer.seq for answers in replies for answer in answers]
    assert seqs == sorted(seqs), "answers out of order"
    assert len({message.seq for message in messages}) == len(messages)


def is_answer(message: Message) -> bool:
    """True for the assistant's words; the desk's own notices (one moment, please) have no place in their count."""
    return message.author == "assistant" and message.reply_index is not None and message.reply_index >= 0
