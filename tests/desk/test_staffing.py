"""Staff write to the patient, and the switch of a channel turns people away kindly."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.store.models import ChannelSwitch, Conversation, utc_now
from tests.desk.conftest import Clinic
from tests.stub_assistant import Script, echo


def switch_off(session: Session) -> None:
    session.merge(ChannelSwitch(channel="webchat", enabled=False, changed_by="wendy"))


async def test_a_message_of_the_team_reaches_open_windows(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    async with patient.stream() as stream:
        await stream.until(bool)
        seq = await clinic.desk.staffing.post_staff_message(patient.conversation, "This is the clinic.", by="wendy")
        messages = await stream.until(lambda messages: len(messages) == 2)
    assert set(messages[-1]) == {"seq", "author", "at", "text"}, "who of the team wrote is not shown"
    assert (messages[-1]["seq"], messages[-1]["author"]) == (seq, "staff")


async def test_there_is_nobody_to_write_to(sqlite_clinic: Clinic) -> None:
    with pytest.raises(LookupError):
        await sqlite_clinic.desk.staffing.post_staff_message("nobody", "Hello?", by="wendy")
    with pytest.raises(LookupError):
        await sqlite_clinic.desk.staffing.set_handler("nobody", "staff")


async def test_while_staff_have_the_conversation_nothing_is_being_typed(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await clinic.desk.staffing.set_handler(patient.conversation, "staff")
    clinic.stub.latency = 0.3
    await patient.say("hello")
    assert (await patient.look())["typing"] is False


async def test_what_the_assistant_was_about_to_say_is_not_said_after_staff_took_over(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    warning = {"type": "reply", "index": 1, "text": "Call now.", "safety": {"row": "E2", "call": "911"}}
    clinic.stub.script(
        Script(lines=[*echo({"text": "late", "kind": "text"})[:-1], warning, {"type": "done"}], delay=0.2)
    )
    await patient.say("hello")
    await clinic.desk.staffing.set_handler(patient.conversation, "staff")
    await clinic.desk.staffing.post_staff_message(patient.conversation, "This is the clinic.", by="wendy")
    messages = await patient.until(lambda messages: messages[-1]["text"] == "Call now.")
    assert [message["author"] for message in messages] == ["assistant", "patient", "system", "staff", "assistant"]


async def test_a_patient_is_told_once_that_a_person_has_joined(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    for _ in range(2):
        await clinic.desk.staffing.set_handler(patient.conversation, "staff")
    await clinic.desk.staffing.set_handler(patient.conversation, "assistant")
    messages = await patient.until(lambda messages: messages[-1]["author"] == "assistant" and len(messages) > 2)
    assert [message["author"] for message in messages] == ["assistant", "system", "assistant"]
    assert "A person from the clinic" in messages[1]["text"]
    assert set(messages[1]) == {"seq", "author", "at", "text"}


async def test_a_channel_that_is_off_says_so_and_starts_nothing(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await clinic.desk.transactions.write(switch_off)
    answer = await patient.post({"id": str(uuid.uuid4()), "text": "is anybody there?"})
    assert answer.status_code == 202
    messages = await patient.messages()
    assert [message["author"] for message in messages] == ["assistant", "patient", "system"]
    assert "911" in messages[-1]["text"]
    assert clinic.stub.texts() == []
    newcomer = await clinic.patient()
    assert [message["author"] for message in await newcomer.messages()] == ["system"]
    await clinic.desk.transactions.write(lambda session: session.merge(ChannelSwitch(channel="webchat", enabled=True)))
    assert (await patient.reply_to("and now?"))["text"] == "You wrote: and now?"


async def test_after_a_long_pause_the_assistant_hears_that_they_are_back(clinic: Clinic) -> None:
    patient = await clinic.greeted()
    await patient.reply_to("hello")
    long_ago = utc_now() - timedelta(hours=clinic.desk.clinic.resume_hours + 1)
    await clinic.desk.transactions.write(
        lambda session: session.execute(update(Conversation).values(last_patient_at=long_ago))
    )
    await patient.say("I am back")
    await patient.until(lambda messages: messages[-1]["text"] == "You wrote: I am back")
    assert [request.get("event", request["kind"]) for request in clinic.stub.requests] == [
        "opened",
        "text",
        "returned",
        "text",
    ]
