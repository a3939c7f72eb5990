"""Whatever is sent, the desk answers with the right status, loses nothing and shows it as it was."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx
import pytest

from tests.desk.conftest import Clinic, Opening
from tests.desk.naughty import NAUGHTY
from tests.desk.patient import Patient

NAME = "00000000-0000-4000-8000-000000000000"


def as_stored(text: str) -> str:
    """What a database can hold of a text."""
    return "".join(
        "\ufffd" if character == "\0" or "\ud800" <= character <= "\udfff" else character for character in text
    )


async def send_raw(patient: Patient, raw: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = {**patient.headers, "Content-Type": content_type}
    return await patient.http.post("/chat/messages", content=raw, headers=headers)


async def test_naughty_texts_come_back_as_they_were(opening: Opening) -> None:
    clinic = await opening(PSOAS_RATE_LIMIT="off")
    patient = await clinic.greeted()
    assert len(NAUGHTY) >= 200
    for text in NAUGHTY:
        # ASCII JSON, so that lone surrogates travel as escapes, as a browser sends them.
        answer = await send_raw(patient, json.dumps({"id": str(uuid.uuid4()), "text": text}).encode())
        assert answer.status_code == 202, ascii(text)
    messages = await patient.until(lambda messages: len(messages) == 1 + 2 * len(NAUGHTY))
    mine = [message["text"] for message in messages if message["author"] == "patient"]
    assert mine == [as_stored(text) for text in NAUGHTY]
    replies = [message["text"] for message in messages if message["author"] == "assistant"][1:]
    assert replies == [f"You wrote: {as_stored(text)}" for text in NAUGHTY]
    assert clinic.stub.texts() == [as_stored(text) for text in NAUGHTY]
    fetched = await patient.messages()
    assert [message["text"] for message in fetched] == [message["text"] for message in messages]
    transcript = await clinic.http.get("/chat/transcript", headers=patient.headers)
    assert transcript.status_code == 200
    assert all(as_stored(text).strip("\r\n") in transcript.text for text in NAUGHTY)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"3",
        b"\xff\xfe",
        b'{"id": "\xff", "text": "x"}',
        b"[" * 30000,
        b'{"a":' * 10000,
        b'{"text": NaN}',
        b'{"value": Infinity}',
        b'{"value": ' + b"9" * 20000 + b"}",
        b"\x00",
        b"{'id': 'x'}",
    ],
)
async def test_a_body_that_is_no_json_object_is_malformed(sqlite_clinic: Clinic, raw: bytes) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await send_raw(patient, raw)
    assert answer.status_code == 422
    assert answer.json()["error"] == "malformed"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({}, "UUID"),
        ({"text": "x"}, "UUID"),
        ({"id": "1", "text": "x"}, "UUID"),
        ({"id": 7, "text": "x"}, "UUID"),
        ({"id": None, "text": "x"}, "UUID"),
        ({"id": NAME + "0", "text": "x"}, "UUID"),
        ({"id": NAME.replace("-", ""), "text": "x"}, "UUID"),
        ({"id": NAME}, "exactly one"),
        ({"id": NAME, "text": None}, "exactly one"),
        ({"id": NAME, "text": "x", "choice": "y"}, "exactly one"),
        ({"id": NAME, "text": "x", "value": 0}, "exactly one"),
        ({"id": NAME, "text": "x", "value": False}, "exactly one"),
        ({"id": NAME, "text": 5}, "string"),
        ({"id": NAME, "text": ["x"]}, "string"),
        ({"id": NAME, "text": {"a": 1}}, "string"),
        ({"id": NAME, "text": ""}, "empty"),
        ({"id": NAME, "text": " \n\t\u3000 "}, "empty"),
        ({"id": NAME, "choice": 5}, "choice"),
        ({"id": NAME, "choice": ["x"]}, "choice"),
    ],
)
async def test_a_malformed_message_is_refused_with_what_is_wrong(
    sqlite_clinic: Clinic, body: dict[str, Any], hint: str
) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.post(body)
    assert answer.status_code == 422
    assert hint in answer.json()["message"]
    assert len(await patient.messages()) == 1


async def test_4000_characters_are_taken_and_4001_are_too_large(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    for letter in ("a", "é", "😀"):
        assert (await patient.post({"id": str(uuid.uuid4()), "text": letter * 4000})).status_code == 202
        refused = await patient.post({"id": str(uuid.uuid4()), "text": letter * 4001})
        assert refused.status_code == 413
        assert "4000 characters" in refused.json()["message"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/json", "json"])
async def test_only_json_is_read(sqlite_clinic: Clinic, content_type: str) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await send_raw(patient, json.dumps({"id": NAME, "text": "x"}).encode(), content_type)
    assert answer.status_code == 415
    assert answer.json()["error"] == "unsupported_media_type"


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
async def test_json_may_say_its_character_set(sqlite_clinic: Clinic, content_type: str) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await send_raw(patient, json.dumps({"id": NAME, "text": "x"}).encode(), content_type)
    assert answer.status_code == 202


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/sessions", "/chat/seen", "/nothing"])
async def test_a_body_of_ten_megabytes_is_refused_at_once(sqlite_clinic: Clinic, path: str) -> None:
    patient = await sqlite_clinic.greeted()
    started = time.monotonic()
    headers = {**patient.headers, "Content-Type": "application/json"}
    answer = await patient.http.post(path, content=b'"' + b"x" * 10_000_000 + b'"', headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    assert time.monotonic() - started < 5


async def test_a_large_body_that_does_not_say_its_length_is_refused_too(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()

    async def pieces() -> Any:
        for _ in range(100):
            yield b"x" * 10_000

    headers = {**patient.headers, "Content-Type": "application/json"}
    answer = await patient.http.post("/chat/messages", content=pieces(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "٣", "", "1e3", "0x1"])
async def test_after_wants_a_number(sqlite_clinic: Clinic, after: str) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.http.get("/chat/messages", params={"after": after}, headers=patient.headers)
    assert answer.status_code == 422


async def test_a_wrong_last_event_id_is_refused(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.http.get("/chat/events", headers={**patient.headers, "Last-Event-ID": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize("body", [b"[]", b"{", b"null"])
async def test_a_session_wants_an_object(sqlite_clinic: Clinic, body: bytes) -> None:
    answer = await sqlite_clinic.http.post("/chat/sessions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_keys_that_nobody_knows_are_passed_over(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.post({"id": NAME, "text": "x", "author": "staff", "seq": 1, "send": "/crisis"})
    assert answer.status_code == 202
    await patient.until(lambda messages: len(messages) == 3)
    assert "send" not in sqlite_clinic.stub.requests[-1]
    assert (await patient.messages())[1]["author"] == "patient"
