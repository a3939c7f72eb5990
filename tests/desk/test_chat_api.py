"""The chat API, call by call, as the contract says."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from bot.store.models import Message
from tests.desk.conftest import Clinic, Opening
from tests.desk.patient import Patient
from tests.stub_assistant import Script


def ask(kind: str, **more: Any) -> list[dict[str, Any]]:
    """A turn that asks one question."""
    reply = {"type": "reply", "index": 0, "text": "A question.", "ask": {"questions": ["q"], "kind": kind, **more}}
    return [reply, {"type": "done"}]


async def asked(clinic: Clinic, kind: str, **more: Any) -> Patient:
    """A patient who was just asked a question of this kind."""
    clinic.stub.answer = lambda _body: ask(kind, **more)
    return await clinic.greeted()


async def test_a_session_gives_a_conversation_and_a_token(clinic: Clinic) -> None:
    answer = await clinic.http.post("/chat/sessions", json={})
    assert answer.status_code == 201
    assert set(answer.json()) == {"conversation", "token"}


async def test_two_sessions_share_nothing(clinic: Clinic) -> None:
    one, two = await clinic.greeted(), await clinic.greeted()
    assert one.conversation != two.conversation
    await one.reply_to("only mine")
    assert not any("only mine" in message["text"] for message in await two.messages())


async def test_a_new_patient_is_greeted_without_saying_anything(clinic: Clinic) -> None:
    patient = await clinic.patient()
    [greeting, *_] = await patient.until(bool)
    assert greeting["author"] == "assistant"
    assert greeting["seq"] == 1
    assert clinic.stub.requests[0]["event"] == "opened"


async def test_a_message_is_answered_and_both_are_kept(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    reply = await patient.reply_to("my back hurts")
    assert reply["text"] == "You wrote: my back hurts"
    messages = await patient.messages()
    assert [message["author"] for message in messages] == ["assistant", "patient", "assistant"]
    assert [message["seq"] for message in messages] == [1, 2, 3]


async def test_a_message_has_only_the_keys_that_it_needs(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await patient.reply_to("hello")
    greeting, mine, echo = await patient.messages()
    assert set(greeting) == {"seq", "author", "at", "text", "choices", "ask"}
    assert set(mine) == {"seq", "author", "at", "text", "id"}
    assert set(echo) == {"seq", "author", "at", "text"}


async def test_after_gives_only_what_is_newer(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await patient.reply_to("one")
    assert [message["seq"] for message in await patient.messages(after=2)] == [3]
    assert await patient.messages(after=3) == []


async def test_the_same_id_again_gives_the_same_number_and_does_nothing(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    body = {"id": str(uuid.uuid4()), "text": "once"}
    first = await patient.post(body)
    again = await patient.post(body)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    await patient.reply_to("something else")
    assert clinic.stub.texts().count("once") == 1


async def test_an_id_in_capitals_is_the_same_id(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    name = str(uuid.uuid4())
    first = await patient.post({"id": name, "text": "once"})
    again = await patient.post({"id": name.upper(), "text": "once"})
    assert again.status_code == 200
    assert first.json() == again.json()


async def test_ten_posts_of_one_id_at_once_are_stored_once(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    body = {"id": str(uuid.uuid4()), "text": "ten times"}
    answers = await asyncio.gather(*(patient.post(body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["seq"] for answer in answers}) == 1
    await patient.until(lambda messages: len(messages) == 3)
    assert clinic.stub.texts() == ["ten times"]


async def test_the_same_id_in_two_conversations_is_two_messages(clinic: Clinic) -> None:
    body = {"id": str(uuid.uuid4()), "text": "hello"}
    for patient in (await clinic.greeted(), await clinic.greeted()):
        assert (await patient.post(body)).status_code == 202


async def test_a_choice_is_sent_as_what_the_assistant_gave_with_it(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    [greeting] = await patient.messages()
    assert "send" not in greeting["choices"][0]
    answer = await patient.choose(greeting["choices"][0]["id"])
    assert answer.status_code == 202
    await patient.until(lambda messages: len(messages) == 3)
    request = clinic.stub.requests[-1]
    assert (request["kind"], request["send"], request["text"]) == ("choice", "/affirm", "Yes, go on")
    assert (await patient.messages())[1]["text"] == "Yes, go on"


async def test_an_old_choice_can_still_be_chosen(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    [greeting] = await patient.messages()
    await patient.reply_to("something first")
    assert (await patient.choose(greeting["choices"][0]["id"])).status_code == 202


async def test_a_choice_of_another_conversation_is_refused(clinic: Clinic) -> None:
    one, two = await clinic.greeted(), await clinic.greeted()
    [greeting] = await one.messages()
    answer = await two.choose(greeting["choices"][0]["id"])
    assert answer.status_code == 422
    assert "offered in this conversation" in answer.json()["message"]


@pytest.mark.parametrize("choice", ["yes", "/affirm", "1.yes", "00000000.1.yes", "", "x" * 5000, "99999999999.1.yes"])
async def test_a_choice_that_nobody_offered_is_refused(sqlite_clinic: Clinic, choice: str) -> None:
    patient = await sqlite_clinic.greeted()
    assert (await patient.choose(choice)).status_code == 422


@pytest.mark.parametrize(
    ("kind", "more", "value", "words"),
    [
        ("yes_no", {}, True, "Yes"),
        ("yes_no", {}, False, "No"),
        ("yes_no", {"options": [{"id": "unsure", "title": "Not sure"}]}, "unsure", "Not sure"),
        ("number", {"min": 0, "max": 120, "unit": "years"}, 41, "41 years"),
        ("number", {"min": 0}, 2.5, "2.5"),
        ("scale", {"min": 0, "max": 10}, 0, "0"),
        ("choice", {"options": [{"id": "a", "title": "Left"}, {"id": "b", "title": "Right"}]}, "b", "Right"),
        ("choices", {"options": [{"id": "a", "title": "Fever"}, {"id": "b", "title": "Chills"}]}, ["a", "b"], None),
        ("choices", {"options": [{"id": "a", "title": "Fever"}]}, [], "None of these"),
        ("body_map", {"options": [{"id": "low_back", "title": "Low back"}]}, ["low_back"], "Low back"),
        ("text", {}, "a while", "a while"),
        ("time", {}, "2026-11-24T09:00:00-05:00", "2026-11-24T09:00:00-05:00"),
    ],
)
async def test_a_value_that_fits_the_question_is_taken(
    sqlite_clinic: Clinic, kind: str, more: dict[str, Any], value: Any, words: str | None
) -> None:
    patient = await asked(sqlite_clinic, kind, **more)
    assert (await patient.give(value)).status_code == 202
    await patient.until(lambda messages: len(messages) == 3)
    request = sqlite_clinic.stub.requests[-1]
    assert (request["kind"], request["value"], request["questions"]) == ("value", value, ["q"])
    assert (await patient.messages())[1]["text"] == (words or "Fever, Chills")


@pytest.mark.parametrize(
    ("kind", "more", "value"),
    [
        ("yes_no", {}, "maybe"),
        ("yes_no", {}, 1),
        ("number", {"min": 0, "max": 120}, 121),
        ("number", {"min": 0, "max": 120}, -1),
        ("number", {}, "forty"),
        ("number", {}, True),
        ("scale", {"min": 0, "max": 10}, 11),
        ("scale", {"min": 0, "max": 10}, 3.5),
        ("choice", {"options": [{"id": "a", "title": "Left"}]}, "c"),
        ("choice", {"options": [{"id": "a", "title": "Left"}]}, ["a"]),
        ("choices", {"options": [{"id": "a", "title": "Left"}]}, ["a", "c"]),
        ("choices", {"options": [{"id": "a", "title": "Left"}]}, {"a": True}),
        ("body_map", {"options": [{"id": "hip", "title": "Hip"}]}, ["knee"]),
        ("text", {}, "   "),
        ("text", {}, {"text": "x"}),
        ("number", {}, 10**400),
    ],
)
async def test_a_value_that_does_not_fit_the_question_is_refused(
    sqlite_clinic: Clinic, kind: str, more: dict[str, Any], value: Any
) -> None:
    patient = await asked(sqlite_clinic, kind, **more)
    answer = await patient.give(value)
    assert answer.status_code == 422
    assert answer.json()["message"].endswith(".")
    assert len(await patient.messages()) == 1


async def test_a_value_without_a_question_is_refused(sqlite_clinic: Clinic) -> None:
    sqlite_clinic.stub.answer = lambda _body: [{"type": "reply", "index": 0, "text": "Hello."}, {"type": "done"}]
    patient = await sqlite_clinic.greeted()
    answer = await patient.give(3)
    assert answer.status_code == 422
    assert "No question is open" in answer.json()["message"]


async def test_a_repeat_of_a_value_is_known_though_the_question_has_changed(sqlite_clinic: Clinic) -> None:
    patient = await asked(sqlite_clinic, "yes_no")
    body = {"id": str(uuid.uuid4()), "value": True}
    sqlite_clinic.stub.answer = lambda _body: ask("number", min=0, max=10)
    first = await patient.post(body)
    await patient.until(lambda messages: len(messages) == 3)
    again = await patient.post(body)
    assert (first.status_code, again.status_code) == (202, 200)


async def test_text_that_looks_like_a_command_is_only_text(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    for text in ("/restart", '/inform{"age": 200}', "/affirm"):
        await patient.reply_to(text)
        request = clinic.stub.requests[-1]
        assert (request["kind"], request["text"]) == ("text", text)
        assert "send" not in request


async def test_typing_is_shown_while_the_assistant_works(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    hold = asyncio.Event()
    clinic.stub.script(Script(hold=hold))
    await patient.say("hello")
    async with patient.stream() as stream:
        await stream.until_any(lambda stream: stream.typing[-1:] == [True])
        assert (await patient.look())["typing"] is True
        hold.set()
        await stream.until_any(lambda stream: stream.typing[-1:] == [False])
    assert (await patient.look())["typing"] is False


async def test_the_transcript_is_text(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await patient.reply_to("my <b>back</b> hurts")
    answer = await clinic.http.get("/chat/transcript", headers=patient.headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "my <b>back</b> hurts" in answer.text
    assert answer.text.index("Hello.") < answer.text.index("You wrote")


CALLS = [
    ("POST", "/chat/messages"),
    ("GET", "/chat/messages"),
    ("GET", "/chat/events"),
    ("GET", "/chat/transcript"),
    ("POST", "/chat/seen"),
    ("DELETE", "/chat/conversation"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer nonsense", "Bearer ÿ", "Basic eDp5", "Bearer a.b.c"]
)
async def test_without_a_good_token_nothing_is_answered(
    sqlite_clinic: Clinic, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    answer = await sqlite_clinic.http.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"


async def test_a_token_in_the_address_is_not_taken(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await sqlite_clinic.http.get("/chat/messages", params={"token": patient.token})
    assert answer.status_code == 401


async def test_a_token_with_one_letter_changed_is_not_taken(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    for place in range(0, len(patient.token), 7):
        changed = "A" if patient.token[place] != "A" else "B"
        token = patient.token[:place] + changed + patient.token[place + 1 :]
        answer = await sqlite_clinic.http.get("/chat/messages", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, place


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/chat/nothing", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/chat/messages", 405),
        ("GET", "/chat/sessions", 405),
        ("POST", "/chat/transcript", 405),
    ],
)
async def test_wrong_addresses_and_methods_are_answered_in_json(
    sqlite_clinic: Clinic, method: str, path: str, status: int
) -> None:
    answer = await sqlite_clinic.http.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


async def test_more_than_the_limit_of_messages_a_minute_is_too_many(opening: Opening) -> None:
    clinic = await opening(PSOAS_RATE_LIMIT="5")
    patient = await clinic.greeted()
    body = {"id": str(uuid.uuid4()), "text": "first"}
    await patient.post(body)
    for _ in range(4):
        await patient.say("more")
    refused = await patient.post({"id": str(uuid.uuid4()), "text": "too much"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["error"] == "too_many"
    assert (await patient.post(body)).status_code == 200, "a repeat of a stored message is never too many"
    other = await clinic.greeted()
    await other.say("somebody else is not held up")


async def test_repeats_do_not_count_towards_the_limit(sqlite_opening: Opening) -> None:
    clinic = await sqlite_opening(PSOAS_RATE_LIMIT="3")
    patient = await clinic.greeted()
    body = {"id": str(uuid.uuid4()), "text": "first"}
    for _ in range(10):
        assert (await patient.post(body)).status_code in (200, 202)
    await patient.say("second")


async def test_the_limit_can_be_switched_off(sqlite_opening: Opening) -> None:
    clinic = await sqlite_opening(PSOAS_RATE_LIMIT="off")
    patient = await clinic.greeted()
    for number in range(100):
        await patient.say(str(number))


async def test_what_was_shown_is_noted_as_delivered(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    answer = await clinic.http.post("/chat/seen", json={"seq": 1}, headers=patient.headers)
    assert answer.status_code == 204
    await clinic.desk.receipts.flush()

    def status(session: Any) -> str:
        return str(session.query(Message.status).filter_by(conversation_id=patient.conversation, seq=1).scalar())

    assert await clinic.desk.transactions.read(status) == "delivered"


@pytest.mark.parametrize("seq", [None, "1", -1, 1.5, True, 10**12])
async def test_seen_wants_a_number(sqlite_clinic: Clinic, seq: Any) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await sqlite_clinic.http.post("/chat/seen", json={"seq": seq}, headers=patient.headers)
    assert answer.status_code == 422
