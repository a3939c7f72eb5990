"""Whether an answer helped, as the patient says it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store.models import Message
from tests.desk.conftest import Clinic
from tests.desk.patient import Patient


async def rate(patient: Patient, seq: Any, helpful: Any) -> int:
    body = {"seq": seq, "helpful": helpful}
    return (await patient.http.post("/chat/feedback", json=body, headers=patient.headers)).status_code


async def rating(patient: Patient, seq: int) -> Any:
    return next(message for message in await patient.messages() if message["seq"] == seq).get("helpful")


async def test_a_thumb_is_kept_with_its_answer(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    answer = await patient.reply_to("what are hip flexors")
    for helpful in (True, False, None):
        assert await rate(patient, answer["seq"], helpful) == 204
        assert await rating(patient, answer["seq"]) is helpful


async def test_the_rest_of_the_answer_stays_as_it_was(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.reply_to("what are hip flexors")
    await rate(patient, answer["seq"], True)
    after = next(message for message in await patient.messages() if message["seq"] == answer["seq"])
    assert after == {**answer, "helpful": True}


async def test_a_patients_own_words_cannot_be_rated(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    seq = await patient.say("hello")
    assert await rate(patient, seq, True) == 422


async def test_nobody_rates_the_answers_of_another(sqlite_clinic: Clinic) -> None:
    one, two = await sqlite_clinic.greeted(), await sqlite_clinic.greeted()
    answer = await one.reply_to("what are hip flexors")
    assert await rate(two, answer["seq"], True) == 422
    assert await rating(one, answer["seq"]) is None
    two.token = "forged"
    assert await rate(two, answer["seq"], True) == 401


@pytest.mark.parametrize(("seq", "helpful"), [(1, "yes"), (1, 1), ("1", True), (-1, True), (True, True), (None, True)])
async def test_a_malformed_rating_is_refused(sqlite_clinic: Clinic, seq: Any, helpful: Any) -> None:
    patient = await sqlite_clinic.greeted()
    assert await rate(patient, seq, helpful) == 422


async def test_a_rating_says_what_it_is(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.http.post("/chat/feedback", json={"seq": 1}, headers=patient.headers)
    assert answer.status_code == 422


async def test_erasing_takes_the_ratings_too(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await patient.reply_to("what are hip flexors")
    await rate(patient, answer["seq"], False)
    await patient.http.delete("/chat/conversation", headers=patient.headers)
    with sqlite_clinic.desk.transactions.database.session() as session:
        assert all("helpful" not in message.payload for message in session.query(Message))
