"""What patients tap and type reaches the assistant as what it means, and nothing else can."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.store.models import Conversation
from tests.desk.messenger.conftest import Page
from tests.fake_graph import SECRET, words_of

PERSON = "77"
OPTIONS = [{"id": "numb", "title": "New numbness"}, {"id": "bladder", "title": "Trouble peeing"}]
CHECKLIST = {"questions": ["saddle_bladder_bowel"], "kind": "choices", "options": OPTIONS}


async def ask(page: Page, ask: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """The assistant asks; Meta's message object that arrives."""
    reply = {"type": "reply", "index": 0, "text": "The question.", "ask": ask, **parts}
    page.clinic.stub.answer = lambda _body: (reply, {"type": "done"})
    await page.post(page.text(PERSON, "go on"))
    await page.until(lambda: any("The question." in text for text in page.graph.texts(PERSON)))
    page.clinic.stub.answer = None
    return dict(page.graph.taken[PERSON][-1]["message"])


async def arrives(page: Page, event: dict[str, Any]) -> dict[str, Any]:
    before = len(page.clinic.stub.requests)
    await page.post(event)
    await page.until(lambda: len(page.clinic.stub.requests) > before)
    return page.clinic.stub.requests[-1]


@pytest.mark.parametrize(("typed", "value"), [("1 and 2", ["numb", "bladder"]), ("none", []), ("2", ["bladder"])])
async def test_numbers_typed_to_a_checklist(page: Page, typed: str, value: list[str]) -> None:
    await page.greeted(PERSON)
    await ask(page, CHECKLIST)
    request = await arrives(page, page.text(PERSON, typed))
    assert (request["kind"], request["value"]) == ("value", value)
    assert request["questions"] == ["saddle_bladder_bowel"]


async def test_words_typed_to_a_checklist_stay_words(page: Page) -> None:
    await page.greeted(PERSON)
    await ask(page, CHECKLIST)
    request = await arrives(page, page.text(PERSON, "number 1 since 3 days"))
    assert (request["kind"], request["text"]) == ("text", "number 1 since 3 days")


async def test_all_of_a_body_map_stays_words(page: Page) -> None:
    await page.greeted(PERSON)
    options = [{"id": "low_back", "title": "Low back"}, {"id": "no_pain", "title": "No pain"}]
    await ask(page, {"questions": ["location"], "kind": "body_map", "options": options})
    request = await arrives(page, page.text(PERSON, "all"))
    assert (request["kind"], request["text"]) == ("text", "all")
    request = await arrives(page, page.text(PERSON, "1"))
    assert (request["kind"], request["value"]) == ("value", ["low_back"])


async def test_a_tap_on_a_scale(page: Page) -> None:
    await page.greeted(PERSON)
    message = await ask(page, {"questions": ["severity"], "kind": "scale", "min": 0, "max": 10})
    assert [reply["title"] for reply in message["quick_replies"]] == [str(number) for number in range(11)]
    request = await arrives(page, page.tap(PERSON, message["quick_replies"][7]["payload"], "7"))
    assert (request["kind"], request["value"]) == ("value", 7)


async def test_a_tap_on_a_choice(page: Page) -> None:
    await page.greeted(PERSON)
    choices = [{"id": "book", "title": "Book a visit", "send": {"intent": "book_appointment"}}]
    message = await ask(page, {"questions": ["booking"], "kind": "yes_no"}, choices=choices)
    request = await arrives(page, page.tap(PERSON, message["quick_replies"][0]["payload"], "Book a visit"))
    assert (request["kind"], request["send"]) == ("choice", {"intent": "book_appointment"})


@pytest.mark.parametrize(
    "payload",
    ["choice|00000000.1.book", "choice|book", "value|1|true", "value|999|[]", "value|2|", 'value|2|{"a":1}'],
)
async def test_a_tap_that_was_not_offered_answers_no_question(page: Page, payload: str) -> None:
    await page.greeted(PERSON)
    await ask(page, {"questions": ["trauma"], "kind": "yes_no"})
    before = len(page.clinic.stub.requests)
    await page.post(page.tap(PERSON, payload))
    await page.until(lambda: "earlier question" in page.graph.texts(PERSON)[-1])
    assert len(page.clinic.stub.requests) == before


async def test_a_foreign_payload_is_only_its_words(page: Page) -> None:
    await page.greeted(PERSON)
    request = await arrives(page, page.tap(PERSON, "/affirm", "Yes please"))
    assert (request["kind"], request["text"]) == ("text", "Yes please")


async def web_link(page: Page) -> str:
    await page.post(page.event(PERSON, postback={"payload": "say|web_chat", "title": "Private web chat"}))
    await page.until(lambda: "/chat/continue/" in page.graph.texts(PERSON)[-1])
    return "/chat/continue/" + page.graph.texts(PERSON)[-1].rpartition("/chat/continue/")[2]


async def test_the_conversation_moves_to_the_private_web_chat_once(page: Page) -> None:
    await page.greeted(PERSON)
    link, http = await web_link(page), page.clinic.http
    looked = await http.get(link)
    assert looked.status_code == 200
    assert "hello" not in looked.text
    moved = await http.post(link, headers={"Accept": "application/json"})
    headers = {"Authorization": f"Bearer {moved.json()['token']}"}
    messages = (await http.get("/chat/messages", headers=headers)).json()["messages"]
    assert "You wrote: hello" in [message.get("text") for message in messages]
    sent = len(page.graph.taken[PERSON])
    body = {"id": "7b0c2e4e-6a52-4a2e-9a53-2d9e7b8f0a11", "text": "something private"}
    assert (await http.post("/chat/messages", json=body, headers=headers)).status_code == 202
    await page.until(lambda: "something private" in page.clinic.stub.texts())
    assert (await http.post(link)).status_code == 410
    assert (await http.get(link)).status_code == 410
    assert len(page.graph.taken[PERSON]) == sent
    await page.post(page.text(PERSON, "back again"))
    await page.answered(PERSON, "back again")
    assert all("private" not in words_of(body["message"]) for body in page.graph.taken[PERSON][sent:])


async def test_a_made_up_link_opens_nothing(page: Page) -> None:
    for token in ("x", "x.y.z", "WyJhIiwwXQ.aaaa.bbbb"):
        assert (await page.clinic.http.post(f"/chat/continue/{token}")).status_code == 410


def signed_request(user: str, secret: str = SECRET) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"algorithm": "HMAC-SHA256", "user_id": user}).encode()).rstrip(b"=")
    signature = base64.urlsafe_b64encode(hmac.new(secret.encode(), payload, hashlib.sha256).digest()).rstrip(b"=")
    return f"{signature.decode()}.{payload.decode()}"


@pytest.mark.parametrize(("user", "says"), [(PERSON, "is deleted"), ("another-id", "DELETE")])
async def test_a_deletion_asked_for_at_meta(page: Page, user: str, says: str) -> None:
    await page.greeted(PERSON)
    answer = await page.clinic.http.post("/messenger/deletion", data={"signed_request": signed_request(user)})
    assert set(answer.json()) == {"url", "confirmation_code"}
    assert answer.json()["confirmation_code"] in answer.json()["url"]
    status = await page.clinic.http.get(answer.json()["url"])
    assert status.status_code == 200
    assert says in status.text
    query = select(Conversation).where(Conversation.erased_at.is_not(None))
    erased = await page.clinic.desk.transactions.read(lambda session: session.scalars(query).all())
    assert len(erased) == (1 if user == PERSON else 0)


@pytest.mark.parametrize("address", ["/messenger/deletion", "/messenger/deauthorize"])
async def test_an_unsigned_request_deletes_nothing(page: Page, address: str) -> None:
    await page.greeted(PERSON)
    for forged in (signed_request(PERSON, "another secret"), "", "a.b", "nonsense"):
        answer = await page.clinic.http.post(address, data={"signed_request": forged})
        assert answer.status_code == 403
    await page.post(page.text(PERSON, "still here"))
    await page.answered(PERSON, "still here")


async def test_no_words_tokens_or_people_in_logs_and_metrics(page: Page, capfd: pytest.CaptureFixture[str]) -> None:
    person = "8675309867530"
    page.graph.faults = lambda body: "551" if "burning" in words_of(body["message"]) else None
    await page.post(page.text(person, "a burning pain"), page.text(person, "done"))
    await page.answered(person, "done")
    metrics = (await page.clinic.http.get("/metrics")).text
    out, err = capfd.readouterr()
    for secret in (person, "burning", SECRET, "page-token-for-tests", "verify-me"):
        assert secret not in out + err + metrics
