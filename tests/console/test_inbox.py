"""The inbox of what was not understood: found, decided, undone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.clinic import Clinic, load_clinic
from bot.console.knowing.refresh import refresh
from bot.console.learning import inbox
from bot.console.learning.exports import decided
from bot.console.learning.inbox import Decision, Refused
from bot.store import Database
from bot.store.models import Message
from bot.store.models.insight import LearningItem
from tests.console.records import asking, conversation, talk, understood

NEW_YORK = ZoneInfo("America/New_York")
FLAG = {"id": "fracture", "assertion": "present", "text": "fell", "span": [2, 6], "facts": {}}


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinic("bot/clinic/clinic.yml")


@pytest.fixture
def database(each_database: Database) -> Database:
    """One conversation with two messages that were not understood, and one that was."""
    with each_database.session() as session:
        talk(
            session,
            conversation(session, "c1"),
            ("assistant", "How bad?", asking("severity")),
            ("patient", "my name is Jordan, ring 607 555 0134", understood("out_of_scope")),
            ("assistant", "How bad?", asking("severity")),
            ("patient", "a solid gold ten", understood("inform")),
            ("assistant", "How bad?", asking("severity")),
            ("patient", "I fell, 6", understood("inform", flags=[FLAG], facts={"severity": 6})),
            ("assistant", "Where?", asking("location")),
        )
        refresh(session, NEW_YORK)
    return each_database


def test_difficult_messages_are_found_once(database: Database) -> None:
    with database.session() as session:
        row = session.scalars(select(LearningItem).where(LearningItem.guess == "inform")).one()
        assert (row.reason, row.question, row.status) == ("asked_again", "severity", "open")
        assert inbox.counts(session)["open"] == 2
        conversation_row = session.get_one(Message, row.message_id).conversation_id
        inbox.note_difficulties(session, conversation_row, [inbox.Difficulty(row.message_id, "asked_again", None)])
        session.flush()
        assert inbox.counts(session)["open"] == 2


def test_what_is_shown_to_decide_on_has_no_identifiers(database: Database, clinic: Clinic) -> None:
    with database.reading() as session:
        for item in inbox.page(session, "open"):
            shown = inbox.suggestion(session, item, clinic).example
            assert "Jordan" not in shown
            assert "555" not in shown


def test_an_answer_about_the_person_is_left_out_whole(clinic: Clinic) -> None:
    assert inbox.example_of("its maria o neill lol", "contact_name", inbox.Known()) == "NAME"


def test_a_decision_is_kept_and_undone(database: Database) -> None:
    with database.session() as session:
        item = inbox.page(session, "open")[0]
        decision = Decision("inform", " a  solid gold ten ", {"severity": 10}, [("gold TEN", "crisis", "figurative")])
        inbox.decide(session, item, decision, by="ann")
        assert (item.status, item.example, item.facts) == ("confirmed", "a solid gold ten", {"severity": 10})
        assert item.spans == [{"flag": "crisis", "assertion": "figurative", "start": 8, "end": 16}]
        assert [example.text for example in decided(session)] == ["a solid gold ten"]
        inbox.reopen(item)
        session.flush()
        assert decided(session) == []
        assert (item.status, item.example, item.facts, item.spans) == ("open", None, {}, [])


def test_another_intent_is_a_correction(database: Database) -> None:
    with database.session() as session:
        item = inbox.page(session, "open")[0]
        inbox.decide(session, item, Decision("insult", "a solid gold ten"), by="ann")
        assert item.status == "corrected"


@pytest.mark.parametrize(
    "decision",
    [
        Decision("no_such_intent", "x"),
        Decision("inform", "  "),
        Decision("inform", "x" * 501),
        Decision("inform", "x", {"severity": 11}),
        Decision("inform", "x", {"no_such_fact": 1}),
        Decision("inform", "x", {}, [("not there", "crisis", "present")]),
        Decision("inform", "x", {}, [("x", "no_such_flag", "present")]),
        Decision("inform", "x", {}, [("x", "crisis", "loudly")]),
    ],
)
def test_a_decision_that_cannot_be_is_refused(database: Database, decision: Decision) -> None:
    with database.session() as session, pytest.raises(Refused):
        inbox.decide(session, inbox.page(session, "open")[0], decision, by="ann")


def test_staff_may_add_a_message_and_only_a_patients(database: Database) -> None:
    with database.session() as session:
        ids = {message.text: message.id for message in session.scalars(select(Message))}
        item = inbox.add_by_staff(session, ids["I fell, 6"])
        assert (item.reason, item.guess) == ("staff", "inform")
        assert inbox.add_by_staff(session, ids["I fell, 6"]).id == item.id
        for wrong in (ids["Where?"], 999_999):
            with pytest.raises(Refused):
                inbox.add_by_staff(session, wrong)


def test_an_answer_about_the_person_becomes_no_example_however_it_is_written(
    database: Database, clinic: Clinic
) -> None:
    with database.session() as session:
        row = conversation(session, "named")
        lines = (("assistant", "Your name?", asking("contact_name")), ("patient", "jane roe", {}))
        message = talk(session, row, *lines)[1]
        found = inbox.suggestion(session, inbox.add_by_staff(session, message.id), clinic)
        assert "jane" not in found.example


def test_danger_signs_are_suggested_as_marks(database: Database, clinic: Clinic) -> None:
    with database.session() as session:
        message = session.scalars(select(Message).where(Message.text == "I fell, 6")).one()
        found = inbox.suggestion(session, inbox.add_by_staff(session, message.id), clinic)
        assert found.marks == [("fell", "fracture", "present")]
        assert found.facts == {"severity": 6}


def test_the_next_one_is_older_and_then_the_newest_again(database: Database) -> None:
    with database.session() as session:
        newest, oldest = inbox.page(session, "open")
        found = inbox.next_open(session, newest.id)
        assert found is not None
        assert found.id == oldest.id
        found = inbox.next_open(session, oldest.id)
        assert found is not None
        assert found.id == newest.id
