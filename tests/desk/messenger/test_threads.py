"""Who has the conversation: other apps, people in the page's inbox, and what a warning may do all the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.store.models import Conversation, Message
from tests.desk.messenger.conftest import Page
from tests.fake_graph import PAGE, words_of

PERSON = "51"
CARD = {"type": "reply", "index": 0, "text": "Call 911 now.", "safety": {"row": "E1", "call": "911"}}


async def handler(page: Page) -> str:
    query = select(Conversation.handler).where(Conversation.channel_user == PERSON)
    return str(await page.clinic.desk.transactions.read(lambda session: session.scalar(query)))


async def settled(page: Page) -> None:
    """Until nothing of what was said waits any more."""
    query = select(Message.id).where(Message.status.in_(("received", "working", "pending", "sending")))

    async def is_open() -> bool:
        return bool(await page.clinic.desk.transactions.read(lambda session: session.scalar(query.limit(1))))

    while await is_open():
        pass


@pytest.mark.parametrize("known", [True, False])
async def test_what_another_app_answers_is_read_silently_and_never_answered(page: Page, known: bool) -> None:
    if known:
        await page.greeted(PERSON)
    calls = len(page.graph.taken[PERSON])
    await page.post(page.text(PERSON, "is my parcel there?"), key="standby")
    await page.until(lambda: "is my parcel there?" in page.clinic.stub.texts())
    assert page.clinic.stub.requests[-1]["silent"] is True
    await settled(page)
    assert len(page.graph.taken[PERSON]) == calls
    await page.post(page.text(PERSON, "now to you"))
    await page.answered(PERSON, "now to you")
    assert "silent" not in page.clinic.stub.requests[-1] or page.clinic.stub.requests[-1]["silent"] is False


async def test_standby_events_without_words_do_nothing(page: Page) -> None:
    await page.greeted(PERSON)
    page.clinic.stub.requests.clear()
    await page.post(
        page.event(PERSON, postback={"title": "A button"}), page.event(PERSON, read={"watermark": 5}), key="standby"
    )
    await page.post(page.text(PERSON, "after"))
    await page.answered(PERSON, "after")
    assert page.clinic.stub.texts() == ["after"]


async def test_a_warning_takes_the_thread_from_another_app(page: Page) -> None:
    await page.greeted(PERSON)
    page.clinic.stub.answer = lambda _body: (CARD, {"type": "done"})
    page.graph.faults = lambda _body: None if page.graph.threads else "100/2018300"
    await page.post(page.text(PERSON, "I can't feel my legs"), key="standby")
    await page.until(lambda: any("Call 911 now." in text for text in page.graph.texts(PERSON)))
    assert page.graph.threads == [{"control": "take", "recipient": {"id": PERSON}}]


async def test_an_ordinary_answer_takes_no_thread(page: Page) -> None:
    await page.greeted(PERSON)
    page.graph.faults = lambda body: "100/2018300" if "one" in words_of(body["message"]) else None
    await page.post(page.text(PERSON, "one"), page.text(PERSON, "two"))
    await page.answered(PERSON, "two")
    assert page.graph.threads == []


async def test_who_asks_for_the_thread_gets_it(page: Page) -> None:
    await page.greeted(PERSON)
    await page.post(page.event(PERSON, request_thread_control={"requested_owner_app_id": 263902037430900}))
    await page.until(lambda: bool(page.graph.threads))
    assert page.graph.threads == [{"control": "pass", "recipient": {"id": PERSON}, "target_app_id": "263902037430900"}]
    assert await handler(page) == "staff"
    await page.post(page.event(PERSON, pass_thread_control={"new_owner_app_id": "77"}))
    await page.until(lambda: page.clinic.stub.requests[-1].get("event") == "handed_back")
    assert await handler(page) == "assistant"


async def test_an_echo_of_our_own_app_without_our_mark_is_nobody(page: Page) -> None:
    echoes: list[dict] = []
    page.graph.echo = echoes.append
    await page.greeted(PERSON)
    await page.post(*echoes)
    message = {"mid": "m_other_sender", "is_echo": True, "app_id": "77", "text": "A broadcast."}
    await page.post({"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": 9, "message": message})
    await page.post(page.text(PERSON, "still there?"))
    await page.answered(PERSON, "still there?")
    assert await handler(page) == "assistant"
