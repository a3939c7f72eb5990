"""Sessions commit or roll back whole, readers do not wait for writers, and constraints keep the promises."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from bot.store import Database
from bot.store.models import Alert, Conversation, Message, TrackerEvent

PARIS = timezone(timedelta(hours=2))


def add_conversation(database: Database, conversation_id: str = "one") -> None:
    with database.session() as session:
        session.add(Conversation(id=conversation_id, channel="webchat"))


def test_a_failed_session_leaves_nothing(each_database: Database) -> None:
    with pytest.raises(RuntimeError), each_database.session() as session:
        session.add(Conversation(id="one", channel="webchat"))
        session.flush()
        raise RuntimeError
    with each_database.reading() as session:
        assert session.get(Conversation, "one") is None


def test_times_come_back_aware_and_in_utc(each_database: Database) -> None:
    at = datetime(2026, 7, 1, 12, 0, tzinfo=PARIS)
    with each_database.session() as session:
        session.add(Conversation(id="one", channel="webchat", last_patient_at=at))
    with each_database.reading() as session:
        stored = session.get(Conversation, "one")
        assert stored is not None
        assert stored.last_patient_at == at
        assert stored.last_patient_at.tzinfo == timezone.utc


def test_a_time_without_a_zone_is_refused(each_database: Database) -> None:
    with pytest.raises(StatementError), each_database.session() as session:
        session.add(Conversation(id="one", channel="webchat", last_patient_at=datetime(2026, 7, 1)))


@pytest.mark.parametrize(
    "twice",
    [
        {"seq": 1},
        {"client_id": "the same"},
        {"in_reply_to": 1, "reply_index": 0},
    ],
)
def test_a_message_cannot_be_there_twice(each_database: Database, twice: dict[str, object]) -> None:
    add_conversation(each_database)

    def message(**more: object) -> Message:
        return Message(**{"conversation_id": "one", "author": "patient", **more})

    with each_database.session() as session:
        session.add(message(seq=99))
        session.flush()
        session.add(message(**{"seq": 2, **twice}))
    with pytest.raises(IntegrityError), each_database.session() as session:
        session.add(message(**{"seq": 3, **twice}))


def test_a_patients_turn_is_one_tracker_event(each_database: Database) -> None:
    def event(position: int) -> TrackerEvent:
        return TrackerEvent(sender_id="one", position=position, message_id="m", type="user", timestamp=1.0, data={})

    with each_database.session() as session:
        session.add(event(1))
    with pytest.raises(IntegrityError), each_database.session() as session:
        session.add(event(2))


def test_an_alert_needs_its_conversation(each_database: Database) -> None:
    with pytest.raises(IntegrityError), each_database.session() as session:
        session.add(Alert(conversation_id="nobody", kind="emergency"))


def test_a_reader_does_not_wait_for_a_writer(each_database: Database) -> None:
    add_conversation(each_database)
    with each_database.session() as writer:
        writer.add(Conversation(id="two", channel="webchat"))
        writer.flush()
        with each_database.reading() as reader:
            assert list(reader.scalars(select(Conversation.id))) == ["one"]


def test_errors_do_not_quote_what_was_to_be_stored(each_database: Database) -> None:
    add_conversation(each_database)
    with pytest.raises(IntegrityError) as error, each_database.session() as session:
        session.add(Message(conversation_id="nobody", seq=1, author="patient", text="my secret back"))
        session.flush()
    assert "secret" not in str(error.value)


def test_scrubbed_words_are_in_no_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'psoas.db'}")
    database.migrate()
    add_conversation(database)
    with database.session() as session:
        session.add(Message(conversation_id="one", seq=1, author="patient", text="unforgettable words " * 500))
    assert any(b"unforgettable" in file.read_bytes() for file in tmp_path.iterdir())
    with database.session() as session:
        session.scalars(select(Message)).one().text = ""
    database.scrub()
    assert not any(b"unforgettable" in file.read_bytes() for file in tmp_path.iterdir())
    database.dispose()
