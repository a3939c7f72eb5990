"""What Meta sends: each message is answered once, in order; what is not signed does nothing."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from sqlalchemy import func, select

from bot.store.models import Conversation, Message, MessengerEvent
from tests.desk.messenger.conftest import VERIFY, Page, signed
from tests.fake_graph import PAGE, SECRET


async def rows(page: Page) -> int:
    def count(session) -> int:
        return sum(session.scalar(select(func.count()).select_from(t)) for t in (Message, MessengerEvent, Conversation))

    return await page.clinic.desk.transactions.read(count)


@pytest.mark.parametrize(
    ("mode", "token", "status"),
    [("subscribe", VERIFY, 200), ("subscribe", "wrong", 403), ("unsubscribe", VERIFY, 403), ("subscribe", "", 403)],
)
async def test_verification_gives_back_the_challenge_alone(page: Page, mode: str, token: str, status: int) -> None:
    query = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}
    answer = await page.clinic.http.get("/messenger/webhook", params=query)
    assert answer.status_code == status
    assert (answer.text == "1158201444") == (status == 200)


async def test_a_batch_is_answered_wholly_once_and_in_order(each_page: Page) -> None:
    page = each_page
    people = [str(number) for number in range(5001, 5006)]
    events = [page.text(person, f"{number}", at=number) for number in range(5) for person in people]
    events = [*reversed(events), *events]
    await page.post(*events)
    await page.post(*events[::3])
    for person in people:
        await page.until(lambda person=person: len(page.answers(person)) == 5)
        assert page.answers(person) == ["0", "1", "2", "3", "4"]
    await page.post(*events)
    await page.post(page.text("5001", "last"))
    await page.answered("5001", "last")
    assert page.answers("5001") == ["0", "1", "2", "3", "4", "last"]
    assert page.graph.refused == []


async def test_notifications_that_overtake_each_other_are_put_in_order(page: Page) -> None:
    await page.greeted("7")
    second, first = page.text("7", "second", at=60), page.text("7", "first", at=50)
    await page.post(second)
    await page.post(first)
    await page.answered("7", "second")
    assert page.answers("7") == ["hello", "first", "second"]


async def test_times_written_as_text_still_order(page: Page) -> None:
    await page.greeted("7")
    events = [page.text("7", "second", at=60), page.text("7", "first", at=50)]
    await page.post(*({**event, "timestamp": str(event["timestamp"])} for event in events))
    await page.answered("7", "second")
    assert page.answers("7") == ["hello", "first", "second"]


async def test_a_message_is_heard_though_much_of_its_envelope_is_missing(page: Page) -> None:
    event = {"sender": {"id": 7}, "message": {"mid": "m_bare", "text": "hello"}}
    body = json.dumps({"object": "page", "entry": [{"messaging": [event]}, {"messaging": []}, {}]}).encode()
    for _ in range(2):
        assert (await page.post_raw(body, **{"X-Hub-Signature-256": signed(body)})).status_code == 200
    await page.answered("7", "hello")
    await page.post(page.text("7", "last"))
    await page.answered("7", "last")
    assert page.answers("7") == ["hello", "last"]


async def test_events_without_a_mid_count_once(page: Page) -> None:
    await page.greeted("7")
    tap = page.event("7", postback={"payload": "say|check", "title": "Check my back"})
    bare = {key: value for key, value in tap.items() if key != "timestamp"}
    for events in ([tap, tap], [tap], [bare], [bare]):
        await page.post(*events)
    await page.until(lambda: len(page.answers("7")) == 3)
    await page.post(page.text("7", "last"))
    await page.answered("7", "last")
    assert page.answers("7") == ["hello", "Check my back", "Check my back", "last"]


def _sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()


async def test_what_is_not_signed_leaves_no_trace(page: Page) -> None:
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [page.text("9", "hi")]}]}).encode()
    good = signed(body)
    for headers in (
        {},
        {"X-Hub-Signature": _sha1(body)},
        {"X-Hub-Signature-256": _sha1(body)},
        {"X-Hub-Signature-256": good.upper()},
        {"X-Hub-Signature-256": good[:-1]},
        {"X-Hub-Signature-256": signed(body, "another secret")},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "md5=" + hashlib.md5(body).hexdigest()},
    ):
        assert (await page.post_raw(body, **headers)).status_code == 403
    assert (await page.post_raw(b"{not json", **{"X-Hub-Signature-256": good})).status_code == 403
    assert await rows(page) == 0
    assert page.graph.calls == []


async def test_the_signature_is_of_the_bytes_that_came(page: Page) -> None:
    event = page.text("9", "gr\u00fc\u00df dich")
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [event]}]}, indent=3).encode()
    body = body.replace(b'"page"', b'"\\u0070age"')
    assert (await page.post_raw(body, **{"X-Hub-Signature-256": signed(body)})).status_code == 200
    await page.answered("9", "gr\u00fc\u00df dich")


ODD_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"object":"instagram","entry":[{"id":"1000","messaging":[{"sender":{"id":"1"}}]}]}',
    b'{"object":"page"}',
    b'{"object":"page","entry":{}}',
    b'{"object":"page","entry":[null,1,"x",{"messaging":null},{"messaging":[null,5,[]]}]}',
    b'{"object":"page","entry":[{"id":"1000","changes":[{"field":"feed"}]}]}',
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
async def test_signed_nonsense_is_taken_and_ignored(page: Page, body: bytes) -> None:
    assert (await page.post_raw(body, **{"X-Hub-Signature-256": signed(body)})).status_code == 200
    assert await rows(page) == 0


async def test_every_kind_of_event_is_answered_or_knowingly_ignored(page: Page) -> None:
    await page.greeted("3")
    page.clinic.stub.requests.clear()
    odd = [
        page.event("3", reaction={"reaction": "love", "mid": "m_1"}),
        page.event("3", message_edit={"mid": "m_1", "text": "x"}),
        page.event("3", optin={"ref": "x"}),
        page.event("3", referral={"ref": "x", "source": "SHORTLINK"}),
        page.event("3", account_linking={"status": "linked"}),
        page.event("3", postback="nonsense"),
        page.event("3", message="a string"),
        page.event("3", read={"watermark": "soon"}),
        page.event("3", something_new={"a": 1}),
        {"recipient": {"id": PAGE}, "timestamp": 5, "policy_enforcement": {"action": "warning"}},
        {"sender": {"id": PAGE}, "recipient": {"id": "3"}, "message": {"mid": "m_x", "text": "from the page"}},
        {**page.text("3", "no time"), "timestamp": "never"},
        page.event("3", read={"watermark": "1790000000001"}),
        page.event("3", delivery={"mids": None, "watermark": None}),
        page.event("3", message=None, postback=None),
        page.event("3", message={"mid": "m_e", "is_echo": "true", "text": "an echo to the page?"}),
        {"sender": {"id": ["3"]}, "recipient": {"id": PAGE}, "message": {"mid": "m_y", "text": "who?"}},
    ]
    await page.post(*odd)
    await page.answered("3", "no time")
    assert page.clinic.stub.texts() == ["no time"]


@pytest.mark.parametrize(
    "attachments",
    [
        [{"type": "image", "payload": {"url": "https://cdn.example/secret-picture"}}],
        [{"type": "sticker", "payload": {"sticker_id": 369}}],
        [{"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}],
        [{"type": "fallback"}],
        [{"type": "audio", "payload": None}],
        [{"type": "something_new"}, {"type": "image"}],
        [],
        "nonsense",
    ],
)
async def test_whatever_is_sent_gets_an_answer_and_only_its_type_is_kept(page: Page, attachments: object) -> None:
    await page.greeted("4")
    page.clinic.stub.requests.clear()
    event = page.event("4")
    await page.post({**event, "message": {"mid": f"m_{attachments}", "attachments": attachments}})
    await page.until(lambda: bool(page.clinic.stub.requests))
    (request,) = page.clinic.stub.requests
    assert request["kind"] == "attachment"
    assert "cdn.example" not in json.dumps(request)


async def test_a_large_body_is_read_and_a_larger_one_refused(page: Page) -> None:
    event = page.text("8", "a" * 1_000_000)
    await page.post(event)
    await page.until(lambda: "a" * 4000 in page.clinic.stub.texts())
    body = b"x" * (2 * 1024 * 1024 + 1)
    assert (await page.post_raw(body, **{"X-Hub-Signature-256": signed(body)})).status_code == 413


async def test_many_events_in_one_notification(page: Page) -> None:
    people = [str(6000 + number) for number in range(10)]
    await page.post(*(page.text(person, f"n{number}") for number in range(25) for person in people))
    for person in people:
        await page.until(lambda person=person: len(page.answers(person)) == 25)
        assert page.answers(person) == [f"n{number}" for number in range(25)]


async def test_typed_commands_are_only_text(page: Page) -> None:
    await page.post(page.text("5", '/affirm{"age": 3}'))
    await page.answered("5", '/affirm{"age": 3}')
    (request,) = [request for request in page.clinic.stub.requests if request["kind"] != "event"]
    assert request["kind"] == "text"
    assert "send" not in request


async def test_the_webhook_answers_while_the_assistant_is_away(page: Page) -> None:
    await page.clinic.stop_stub()
    await page.post(page.text("5", "anybody there?"))
    await page.clinic.start_stub()
    await page.answered("5", "anybody there?")
