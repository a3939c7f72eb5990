"""What goes out: in order, once, inside Meta's window, whatever Meta's API does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from bot.desk.channels.messenger.gate import Gate
from bot.desk.channels.messenger.graph import (
    GraphError,
    Limited,
    OtherOwner,
    Permanent,
    Stopped,
    Temporary,
    Uncertain,
    read_answer,
)
from bot.store.models import Alert, Conversation, Message, MessengerPicture, utc_now
from tests.desk.messenger.conftest import Page
from tests.fake_graph import at_random, words_of

PERSON = "42"


def once(*faults: str) -> Callable[[dict[str, Any]], str | None]:
    left = list(faults)
    return lambda _body: left.pop(0) if left else None


async def conversation(page: Page, person: str = PERSON) -> Conversation:
    query = select(Conversation).where(Conversation.channel_user == person)
    return await page.clinic.desk.transactions.read(lambda session: session.scalars(query).one())


async def failures(page: Page) -> list[str]:
    query = select(Message.error).where(Message.status == "failed").order_by(Message.id)
    return await page.clinic.desk.transactions.read(lambda session: list(session.scalars(query)))


async def let_time_pass(page: Page, **passed: float) -> None:
    at = utc_now() - timedelta(**passed)
    change = update(Conversation).values(last_patient_at=at, created_at=at)
    await page.clinic.desk.transactions.write(lambda session: session.execute(change) and None)


@pytest.mark.parametrize("fault", ["500", "html", "429", "613", "1200", "reset", "4"])
async def test_a_passing_fault_neither_loses_nor_doubles_nor_reorders(page: Page, fault: str) -> None:
    await page.greeted(PERSON)
    page.graph.faults = once(fault)
    await page.post(page.text(PERSON, "one"), page.text(PERSON, "two"))
    await page.answered(PERSON, "two")
    assert page.answers(PERSON) == ["hello", "one", "two"]


async def test_an_echo_tells_that_a_lost_answer_was_a_yes(page: Page) -> None:
    await page.greeted(PERSON)
    echoes: list[dict[str, Any]] = []
    page.graph.echo, page.graph.faults = echoes.append, once("lost")
    page.channel.echo_seconds = 1.0
    await page.post(page.text(PERSON, "one"))
    await page.until(lambda: len(echoes) == 1)
    await page.post(*echoes)
    await page.post(page.text(PERSON, "two"))
    await page.answered(PERSON, "two")
    assert page.answers(PERSON) == ["hello", "one", "two"]


async def test_the_echo_of_our_own_words_pauses_nothing(page: Page) -> None:
    echoes: list[dict[str, Any]] = []
    page.graph.echo = echoes.append
    await page.greeted(PERSON)
    await page.post(*echoes)
    await page.post(page.text(PERSON, "still there?"))
    await page.answered(PERSON, "still there?")


async def test_a_storm_of_faults(page: Page) -> None:
    page.graph.faults, page.graph.hang_seconds = at_random(7, 0.2), 0.5
    people = [str(7000 + number) for number in range(30)]
    for number in range(5):
        await page.post(*(page.text(person, f"n{number}") for person in people))
    for person in people:
        await page.until(lambda person=person: len(page.answers(person)) == 5)
        assert page.answers(person) == [f"n{number}" for number in range(5)]
    assert page.graph.refused == []


@pytest.mark.parametrize("code", ["551", "100/2018001", "10/2018278", "2018300", "100/2018300"])
async def test_a_final_refusal_is_kept_for_staff_and_not_repeated(page: Page, code: str) -> None:
    await page.greeted(PERSON)
    page.graph.faults = once(code)
    before = len(page.graph.calls)
    await page.post(page.text(PERSON, "one"))
    await page.post(page.text(PERSON, "two"))
    await page.answered(PERSON, "two")
    assert page.answers(PERSON) == ["hello", "two"]
    assert [code in error for error in await failures(page)] == [True]
    sends = [call for call in page.graph.calls[before:] if "message" in call]
    assert [words_of(call["message"]) for call in sends] == ["You wrote: one", "You wrote: two"]


@pytest.mark.parametrize("code", ["190", "10", "368", "200/2018028", "10/1893063"])
async def test_a_refusal_of_the_page_stops_everybody_and_loses_nothing(page: Page, code: str) -> None:
    await page.greeted(PERSON)
    page.graph.faults = once(code)
    await page.post(page.text(PERSON, "one"))
    await page.until(lambda: page.channel.gate.hold() > 0)
    calls = len(page.graph.calls)
    await page.post(page.text("43", "hello"))
    await page.until(lambda: "hello" in page.clinic.stub.texts()[1:])
    assert len(page.graph.calls) == calls
    assert await failures(page) == []


async def test_a_long_answer_that_breaks_in_the_middle_is_taken_up_there(page: Page) -> None:
    await page.greeted(PERSON)
    long = " ".join(f"This is sentence number {number}." for number in range(200))
    lines = ({"type": "reply", "index": 0, "text": long}, {"type": "done"})
    page.clinic.stub.answer = lambda _body: lines
    page.graph.faults = _second_fails()
    await page.post(page.text(PERSON, "tell me all"))
    await page.until(lambda: "number 199." in page.graph.texts(PERSON)[-1])
    assert " ".join(page.graph.texts(PERSON)[-3:]) == long


def _second_fails() -> Callable[[dict[str, Any]], str | None]:
    seen: list[int] = []

    def fault(_body: dict[str, Any]) -> str | None:
        seen.append(1)
        return "500" if len(seen) == 2 else None

    return fault


async def test_what_follows_a_lost_part_of_an_answer_is_not_sent_alone(page: Page) -> None:
    await page.greeted(PERSON)
    replies = [{"type": "reply", "index": index, "text": text} for index, text in enumerate(("a", "b", "c"))]
    page.clinic.stub.answer = lambda _body: (*replies, {"type": "done"})
    page.graph.faults = lambda body: "551" if words_of(body["message"]) == "b" else None
    await page.post(page.text(PERSON, "go"))
    await page.until(lambda: "a" in page.graph.texts(PERSON))
    page.clinic.stub.answer = None
    await page.post(page.text(PERSON, "next"))
    await page.answered(PERSON, "next")
    assert page.graph.texts(PERSON)[-2:] == ["a", "You wrote: next"]
    assert len(await failures(page)) == 2


async def test_staff_may_write_later_than_the_assistant(page: Page) -> None:
    await page.greeted(PERSON)
    known = await conversation(page)
    await let_time_pass(page, hours=25)
    await page.clinic.desk.staffing.set_handler(known.id, "staff")
    await page.clinic.desk.staffing.post_staff_message(known.id, "A person here.", by="ann")
    await page.until(lambda: "A person here." in page.graph.texts(PERSON))
    assert "A person from the clinic" in page.graph.texts(PERSON)[-2]
    for body in page.graph.taken[PERSON][-2:]:
        assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    await let_time_pass(page, days=7, seconds=1)
    calls = len(page.graph.calls)
    await page.clinic.desk.staffing.post_staff_message(known.id, "Too late.", by="ann")
    await page.post(page.text(PERSON, "me again"))
    await page.until(lambda: "me again" in page.clinic.stub.texts())
    await page.clinic.desk.staffing.set_handler(known.id, "assistant")
    await page.until(lambda: page.clinic.stub.requests[-1].get("event") == "handed_back")
    assert all(words_of(call["message"]) != "Too late." for call in page.graph.calls[calls:] if "message" in call)
    assert await failures(page) == ["outside the window in which Meta lets the page write"]


async def test_a_person_in_the_inbox_pauses_the_assistant_until_handed_back(page: Page) -> None:
    await page.greeted(PERSON)
    message = {"mid": "m_person", "is_echo": True, "app_id": 263902037430900, "text": "Hi, it's Ann."}
    await page.post({**page.event("1000", message=message), "recipient": {"id": PERSON}})
    await page.post(page.text(PERSON, "thanks Ann"))
    await page.until(lambda: "thanks Ann" in page.clinic.stub.texts())
    assert page.clinic.stub.requests[-1]["silent"] is True
    known = await conversation(page)
    assert known.handler == "staff"
    await page.clinic.desk.staffing.set_handler(known.id, "assistant")
    await page.until(lambda: page.clinic.stub.requests[-1].get("event") == "handed_back")


async def test_get_started_greets_and_the_mode_goes_to_the_assistant(page: Page) -> None:
    await page.post(page.event(PERSON, postback={"payload": "GET_STARTED", "title": "Get Started", "mid": "m_1"}))
    await page.until(lambda: len(page.graph.taken[PERSON]) == 1)
    (request,) = page.clinic.stub.requests
    assert (request["event"], request["channel"], request["mode"]) == ("opened", "messenger", "full")


async def test_an_unsent_message_is_erased(page: Page) -> None:
    await page.greeted(PERSON)
    event = page.text(PERSON, "something private")
    await page.post(event)
    await page.answered(PERSON, "something private")
    message = {"mid": event["message"]["mid"], "is_deleted": True}
    await page.post(page.event(PERSON, message=message))
    await page.post(page.text(PERSON, "after"))
    await page.answered(PERSON, "after")
    query = select(Message.text).where(Message.author == "patient").order_by(Message.seq)
    texts = await page.clinic.desk.transactions.read(lambda session: list(session.scalars(query)))
    assert texts == ["hello", "", "after"]


async def test_what_was_read_is_marked_as_delivered(page: Page) -> None:
    await page.greeted(PERSON)
    watermark = int(utc_now().timestamp() * 1000) + 1000
    await page.post(page.event(PERSON, read={"watermark": watermark}))
    await page.post(page.text(PERSON, "after"))
    await page.answered(PERSON, "after")
    query = select(Message.status).where(Message.author == "assistant").order_by(Message.seq)
    statuses = await page.clinic.desk.transactions.read(lambda session: list(session.scalars(query)))
    assert statuses[:2] == ["delivered", "delivered"]


async def test_seen_and_typing_are_shown_and_their_failure_harms_nothing(page: Page) -> None:
    await page.greeted(PERSON)
    await page.until(lambda: (PERSON, "typing_on") in page.graph.gestures)
    assert page.graph.gestures[0] == (PERSON, "mark_seen")


async def picture_rows(page: Page) -> int:
    query = select(func.count()).select_from(MessengerPicture)
    return int(await page.clinic.desk.transactions.read(lambda session: session.scalar(query)) or 0)


def with_picture(page: Page) -> None:
    reply = {
        "type": "reply",
        "index": 0,
        "text": "Kneel.",
        "image": {"src": "/widget/pictures/stretch-a1.svg", "alt": "x"},
    }
    page.clinic.stub.answer = lambda _body: (reply, {"type": "done"})


async def test_a_stretch_comes_with_its_picture_uploaded_once(page: Page) -> None:
    await page.greeted(PERSON)
    with_picture(page)
    await page.post(page.text(PERSON, "show me"))
    await page.until(lambda: page.graph.texts_or_pictures(PERSON)[-2:] == ["(image 1)", "Kneel."])
    await page.post(page.text(PERSON, "again"))
    await page.until(lambda: len(page.graph.taken[PERSON]) >= 6)
    assert page.graph.texts_or_pictures(PERSON)[-2:] == ["(image 1)", "Kneel."]
    assert page.graph.uploads == 1


async def test_a_picture_that_meta_lost_is_uploaded_again(page: Page) -> None:
    await page.greeted(PERSON)
    with_picture(page)
    page.graph.faults = once("100/2018074")
    await page.post(page.text(PERSON, "show me"))
    await page.until(lambda: page.graph.texts_or_pictures(PERSON)[-2:] == ["(image 2)", "Kneel."])
    assert await picture_rows(page) == 1


async def test_the_words_go_without_a_picture_that_meta_never_takes(page: Page) -> None:
    await page.greeted(PERSON)
    with_picture(page)
    page.graph.faults = lambda body: "100/2018047" if "attachment" in body["message"] else None
    await page.post(page.text(PERSON, "show me"))
    await page.until(lambda: page.graph.texts_or_pictures(PERSON)[-1] == "Kneel.")
    assert await failures(page) == []


async def test_a_stopped_page_calls_staff_once(page: Page) -> None:
    await page.greeted(PERSON)
    page.graph.faults = lambda _body: "190"
    await page.post(page.text(PERSON, "one"), page.text("43", "one"))
    await page.until(lambda: page.channel.gate.hold() > 0)
    await page.until(lambda: len(page.clinic.stub.texts()) == 3)
    read = page.clinic.desk.transactions.read
    while not (kinds := await read(lambda session: list(session.scalars(select(Alert.kind))))):
        await asyncio.sleep(0.02)
    assert kinds == ["messenger stopped"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, {"error": {"message": "busy", "code": 503}}, Uncertain),
        (500, {"error": {"message": "busy"}}, Uncertain),
        (500, {"error": "busy"}, Uncertain),
        (429, {"error": {"message": "slow", "code": 99}}, Limited),
        (400, {"error": {"code": "613"}}, Limited),
        (400, {"error": {"code": 613, "error_subcode": 2018338}}, Limited),
        (200, {"error": {"code": "4"}}, Limited),
        (500, {"error": {"code": 1200}}, Temporary),
        (400, {"error": {"code": 99, "is_transient": True}}, Temporary),
        (500, {"error": {"code": 190}}, Stopped),
        (400, {"error": {"code": "10", "error_subcode": "2018278"}}, Permanent),
        (400, {"error": {"code": 100, "error_subcode": 2018300}}, OtherOwner),
        (400, {"error": {"code": 100}}, Permanent),
        (400, {}, Permanent),
    ],
)
def test_what_each_refusal_means(status: int, body: dict[str, Any], error: type[GraphError]) -> None:
    with pytest.raises(GraphError) as raised:
        read_answer(httpx.Response(status, json=body))
    assert type(raised.value) is error


@pytest.mark.parametrize(("header", "wait"), [("2", 2.0), ("0.5", 0.5), ("soon", None), ("", None), ("99999", 300.0)])
def test_how_long_meta_asks_to_wait(header: str, wait: float | None) -> None:
    with pytest.raises(Limited) as raised:
        read_answer(httpx.Response(429, headers={"Retry-After": header}))
    assert raised.value.wait == wait


def test_one_persons_limit_holds_nobody_else_back_but_a_row_of_them_holds_the_page() -> None:
    now = [100.0]
    gate = Gate(clock=lambda: now[0])
    gate.limited(30.0)
    gate.passed(0)
    gate.limited(30.0)
    gate.limited(None)
    assert gate.hold() == 0
    gate.limited(30.0)
    assert gate.hold() == 30.0
    now[0] += 31
    assert gate.hold() == 0
    gate.passed(usage=96)
    assert gate.hold() > 0
