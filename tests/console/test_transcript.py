"""A conversation as staff read it: what was understood, why it was decided, and nothing of who the patient is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.console.reviews.masking import HIDDEN, Identity, identifying, mask, pieces
from bot.console.reviews.transcript import Decision, Transcript, read_transcript
from bot.store import Database
from bot.store.models import Assessment, Conversation
from tests.console.records import NOON, asking, assessed, conversation, talk, understood

ZONE = ZoneInfo("America/New_York")
JANE = Identity((("Name", "Jane Doe"),), ("Jane Doe", "Jane", "Doe"))
FEVER = {"id": "infection", "assertion": "present", "facts": {"fever": True}, "span": [9, 14], "text": "fever"}


def read(database: Database, *, revealed: bool = False) -> Transcript:
    with database.session() as session:
        found = read_transcript(session, "one", zone=ZONE, country="US", revealed=revealed)
    assert found is not None
    return found


def words(transcript: Transcript) -> list[str]:
    return ["".join(piece.text for piece in entry.pieces) for entry in transcript.entries]


@pytest.fixture
def database(each_database: Database) -> Database:
    with each_database.session() as session:
        row = conversation(session, "one")
        stored = talk(
            session,
            row,
            ("assistant", "Do you have a fever?", asking("fever_infection")),
            ("patient", "I have a fever", understood("inform", facts={"fever": True}, flags=[FEVER])),
            ("assistant", "What is your name?", asking("contact_name")),
            ("patient", "it's jane doe", understood("inform", facts={"contact_name": "Jane Doe"})),
            ("assistant", "Thank you, Jane. Call us on (212) 555-0100.", {}),
            ("patient", "mail jane.doe@mail.example or 212-555-0123, Jane", understood("inform")),
            ("staff", "This is the clinic.", {"payload": {"staff": "wendy"}, "status": "sent"}),
            ("assistant", "Goodbye.", {"status": "failed"}),
        )
        assessed(session, row, "urgent", "U4")
        session.execute(update(Assessment).values(message_id=stored[1].id))
    return each_database


def test_identifiers_are_hidden_everywhere(database: Database) -> None:
    transcript = read(database)
    all_words = " ".join(words(transcript)) + repr([entry.facts for entry in transcript.entries])
    for secret in ("jane", "doe", "mail.example", "0123"):
        assert secret not in all_words.lower()
    assert words(transcript)[3] == HIDDEN
    assert words(transcript)[4] == f"Thank you, {HIDDEN}. Call us on (212) 555-0100.", "the clinic's own number stays"


def test_revealed_it_is_whole(database: Database) -> None:
    transcript = read(database, revealed=True)
    assert words(transcript)[3] == "it's jane doe"
    assert transcript.identity.known == (("Name", "Jane Doe"),)


def test_what_was_understood_stands_beside_each_message(database: Database) -> None:
    entry = read(database).entries[1]
    assert (entry.intent, entry.confidence) == ("inform", 0.9)
    assert entry.facts == (("fever", "yes"),)
    assert [(flag.id, flag.assertion, flag.counts) for flag in entry.flags] == [("infection", "present", True)]
    assert [(piece.text, piece.flag) for piece in entry.pieces] == [("I have a ", None), ("fever", 0)]


def test_decisions_stand_with_their_row_and_reason(database: Database) -> None:
    transcript = read(database)
    decision = transcript.entries[1].decisions[0]
    assert (decision.disposition, decision.row, decision.reasons, decision.change) == (
        "urgent",
        "U4",
        (("U4", "because"),),
        True,
    )
    assert transcript.decision == decision
    assert transcript.facts == (("age", "47"),)


@pytest.mark.parametrize(
    ("level", "row", "deciding", "lesser"),
    [
        ("emergency", "E2", [("E2", "a"), ("E7", "b")], ()),
        ("urgent", "U4", [("U4", "c")], ("S2",)),
    ],
)
def test_rows_that_call_for_less_are_no_reason(
    level: str, row: str, deciding: list[tuple[str, str]], lesser: tuple[str, ...]
) -> None:
    reasons = (("E2", "a"), ("E7", "b"), ("S2", "d")) if level == "emergency" else (("U4", "c"), ("S2", "d"))
    matched = tuple(name for name, _ in reasons)
    decision = Decision(NOON, level, row, reasons, matched, "none", None, "1", True)
    assert list(decision.deciding) == deciding
    assert decision.lesser == lesser


def test_the_stretches_that_were_given_stand_in_the_summary_once(database: Database) -> None:
    with database.session() as session:
        row = session.get_one(Conversation, "one")
        card = {"card": {"kind": "stretch", "name": "Pelvic tilt"}}
        talk(session, row, ("assistant", "", {"payload": card}), ("assistant", "", {"payload": card}))
    assert read(database).stretches == ("Pelvic tilt",)


def test_delivery_marks_times_and_authors(database: Database) -> None:
    entries = read(database).entries
    assert [entry.mark for entry in entries[-2:]] == ["sent", "not delivered"]
    assert entries[-2].by == "wendy"
    assert entries[0].at.strftime("%H:%M %Z") == "12:00 EST"


def test_there_is_no_such_conversation(database: Database) -> None:
    with database.session() as session:
        assert read_transcript(session, "none", zone=ZONE, country="US") is None


@pytest.mark.parametrize(
    "text",
    [
        "my name is Ann Other",
        "call me Bob",
        "write to a.b+c@host.example please",
        "my number is +44 20 7946 0958",
        "(212) 555-0123",
        "I'm called Ann-Marie",
    ],
)
def test_what_identifies_is_seen_without_a_booking(text: str) -> None:
    assert HIDDEN in mask(text, Identity(), "US")


@pytest.mark.parametrize(
    "text",
    ["it hurts 7 out of 10 since 2019", "L4/L5 disc, 3 times a day", "pain for 10 to 12 weeks, 400mg ibuprofen", ""],
)
def test_what_the_patient_says_of_their_back_stays(text: str) -> None:
    assert mask(text, JANE, "US") == text


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=4),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=4),
)
def test_cutting_a_text_loses_nothing(text: str, spans: list[tuple[int, int]], hidden: list[tuple[int, int]]) -> None:
    flags = [{"span": list(span)} for span in spans]
    assert "".join(piece.text for piece in pieces(text, [], flags)) == text
    dark = [(max(start, 0), max(end, start, 0)) for start, end in hidden]
    shown = [piece for piece in pieces(text, dark, flags) if not piece.hidden]
    assert sum(len(piece.text) for piece in shown) == sum(
        not any(start <= at < end for start, end in dark) for at in range(len(text))
    )


def test_names_are_found_only_as_whole_words() -> None:
    assert identifying("Janet's doer", JANE, "US") == []
