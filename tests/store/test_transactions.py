"""Work handed in from many tasks at once is done once each, and fails only for itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store import Database, Transactions
from bot.store.models import Conversation


@pytest.fixture
def transactions(each_database: Database) -> Iterator[Transactions]:
    made = Transactions(each_database)
    yield made
    made.close()


def add(conversation_id: str, session: Session) -> str:
    session.add(Conversation(id=conversation_id, channel="webchat"))
    session.flush()
    return conversation_id


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Conversation)) or 0


async def test_every_write_is_there_when_it_returns(transactions: Transactions) -> None:
    results = await asyncio.gather(
        *(transactions.write(lambda session, name=str(n): add(name, session)) for n in range(100))
    )
    assert sorted(results) == sorted(map(str, range(100)))
    assert await transactions.read(count) == 100


async def test_a_failing_write_undoes_only_itself(transactions: Transactions) -> None:
    def fail(session: Session) -> None:
        add("bad", session)
        raise LookupError("on purpose")

    work = [transactions.write(lambda session, name=str(n): add(name, session)) for n in range(20)]
    work.insert(10, transactions.write(fail))
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(result) for result in results].count(LookupError) == 1
    assert await transactions.read(count) == 20
    assert await transactions.read(lambda session: session.get(Conversation, "bad")) is None


async def test_work_handed_in_is_done_though_its_caller_goes_away(transactions: Transactions) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        started.set()
        go_on.wait(5)
        add("kept", session)

    task = asyncio.create_task(transactions.write(slow))
    await asyncio.to_thread(started.wait, 5)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def until_kept() -> None:
        while await transactions.read(lambda session: session.get(Conversation, "kept")) is None:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(until_kept(), 5)


async def test_writers_do_not_overwrite_each_other(transactions: Transactions) -> None:
    await transactions.write(lambda session: add("one", session))

    def increase(session: Session) -> None:
        query = select(Conversation).where(Conversation.id == "one").with_for_update()
        session.scalars(query).one().last_seq += 1

    await asyncio.gather(*(transactions.write(increase) for _ in range(50)))
    conversation = await transactions.read(lambda session: session.get(Conversation, "one"))
    assert conversation is not None
    assert conversation.last_seq == 50


def test_closing_finishes_what_was_handed_in(each_database: Database) -> None:
    async def run() -> None:
        transactions = Transactions(each_database)
        tasks = [
            asyncio.create_task(transactions.write(lambda session, name=str(n): add(name, session))) for n in range(10)
        ]
        await asyncio.sleep(0)
        await asyncio.to_thread(transactions.close)
        await asyncio.gather(*tasks)

    asyncio.run(run())
    with each_database.reading() as session:
        assert count(session) == 10
