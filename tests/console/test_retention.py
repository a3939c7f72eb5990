"""Erasing by the calendar: what is due goes, what is held or new stays, and no word is left in the file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.clinic import Retention
from bot.console.knowing.measures import Period, overview
from bot.console.knowing.refresh import refresh
from bot.console.learning import inbox
from bot.console.privacy.command import retention
from bot.console.privacy.retention import Keeper, dry_run, lift_hold, recent_runs, set_hold
from bot.store import Database, Transactions
from bot.store.models import Assessment, Conversation, Message, TrackerEvent
from tests.console.records import NOON, asking, assessed, conversation, talk, understood

RULES = Retention(messages=30, facts=20, conversations=400, appointments=30, audit=2000)
SECRET = "zwetschgendatschi"
NEW_YORK = ZoneInfo("America/New_York")
AGES = {"new": 1, "facts": 25, "words": 40, "gone": 500, "held": 500}


def say_something_secret(session, name: str, begin: datetime) -> None:
    row = conversation(session, name, created_at=begin, stage="result")
    talk(
        session,
        row,
        ("assistant", "Where?", asking("location")),
        ("patient", f"{SECRET} hurts", understood("out_of_scope", facts={"goal": SECRET})),
        ("assistant", f"{SECRET}?", asking("location")),
    )
    assessed(session, row, "self_care", "S2", goal=SECRET)
    session.add(TrackerEvent(sender_id=name, position=0, type="user", timestamp=1.0, data={"text": SECRET}))


@pytest.fixture
def database(each_database: Database) -> Iterator[Database]:
    """Conversations of several ages, one of them held."""
    with each_database.session() as session:
        for name, days in AGES.items():
            say_something_secret(session, name, NOON - timedelta(days=days))
        refresh(session, NEW_YORK)
        for item in inbox.page(session, "open"):
            inbox.decide(session, item, inbox.Decision("inform", f"{SECRET} hurts"), by="ann")
        set_hold(session, "held", "a claim", by="ann")
    yield each_database


def run(database: Database) -> dict[str, int]:
    transactions = Transactions(database)
    try:
        return asyncio.run(Keeper(transactions, RULES, clock=lambda: NOON).run_once("test"))
    finally:
        transactions.close()


def texts(database: Database, name: str) -> str:
    with database.reading() as session:
        words = list(session.scalars(select(Message.text).where(Message.conversation_id == name)))
        facts = list(session.scalars(select(Assessment.facts).where(Assessment.conversation_id == name)))
        return f"{words} {facts}"


def test_a_dry_run_counts_and_changes_nothing(database: Database) -> None:
    with database.reading() as session:
        counts = dry_run(session, RULES, NOON)
    assert counts == {"messages": 2, "facts": 3, "conversations": 1, "appointments": 0, "held": 1}
    with database.reading() as session:
        assert dry_run(session, RULES, NOON) == counts


def test_each_category_goes_after_its_own_time(database: Database) -> None:
    assert run(database) == {"messages": 2, "facts": 3, "conversations": 1, "appointments": 0}
    assert texts(database, "new").count(SECRET) == 3
    assert texts(database, "facts").count(SECRET) == 2
    assert SECRET not in texts(database, "words")
    with database.reading() as session:
        left = set(session.scalars(select(Conversation.id)))
        assert left == {"new", "facts", "words", "held"}
        assert session.get_one(Conversation, "words").disposition == "self_care"
        counts = dry_run(session, RULES, NOON)
        assert [counts[name] for name in ("messages", "facts", "conversations")] == [0, 0, 0]


def test_a_hold_keeps_everything_until_it_is_lifted(database: Database) -> None:
    run(database)
    assert texts(database, "held").count(SECRET) == 3
    with database.session() as session:
        assert lift_hold(session, "held")
        assert not lift_hold(session, "held")
    run(database)
    with database.reading() as session:
        assert session.get(Conversation, "held") is None


def test_what_was_counted_stays_counted(database: Database) -> None:
    run(database)
    with database.session() as session:
        refresh(session, NEW_YORK)
        period = Period((NOON - timedelta(days=60)).date(), NOON.date())
        seen = overview(session, period)
        assert seen.total == 3
        assert sum(day.not_understood for day in seen.days.values()) == 3


def test_a_run_is_written_down(database: Database) -> None:
    counts = run(database)
    with database.reading() as session:
        (only,) = recent_runs(session)
        assert (only.by, only.counts) == ("test", counts)


def test_it_runs_by_itself_once_a_day(database: Database) -> None:
    clock = [NOON]
    transactions = Transactions(database)
    keeper = Keeper(transactions, RULES, clock=lambda: clock[0])

    async def days() -> list[bool]:
        due = [await keeper.is_due()]
        await keeper.run_once("calendar")
        due.append(await keeper.is_due())
        clock[0] += timedelta(hours=24)
        due.append(await keeper.is_due())
        return due

    try:
        assert asyncio.run(days()) == [True, False, True]
    finally:
        transactions.close()


def test_no_word_is_left_in_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'psoas.db'}")
    database.migrate()
    with database.session() as session:
        say_something_secret(session, "c1", NOON - timedelta(days=100))
        refresh(session, NEW_YORK)
    run(database)
    database.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("psoas.db*"))
    assert SECRET.encode() not in kept


@pytest.mark.parametrize("options", [["--dry-run"], []])
def test_the_command_line_says_how_much(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSOAS_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'psoas.db'}")
    database.migrate()
    with database.session() as session:
        say_something_secret(session, "c1", NOON - timedelta(days=100))
    result = CliRunner().invoke(retention, ["run", *options])
    assert result.exit_code == 0, result.output
    assert "messages:       1" in result.output
    assert (SECRET in texts(database, "c1")) is bool(options)
    database.dispose()
