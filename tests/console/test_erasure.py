"""Erasing one patient leaves no word of theirs in any table, nor in the file; the calendar can take it all away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.booking.erasure import erase_bookings
from bot.console.knowing.refresh import refresh
from bot.console.learning import inbox
from bot.console.privacy.erasure import erase_console, remove_conversation
from bot.console.reviews import remarks, summary
from bot.desk.desk import build_desk
from bot.settings import Settings
from bot.store import Database
from bot.store.models import (
    Base,
    BookingRequestRow,
    Conversation,
    ConversationTag,
    LearningItem,
    Mention,
    TrackerEvent,
    TrackerSnapshot,
)
from tests.console.records import NOON, asking, assessed, conversation, talk, understood
from tests.console.site import Site
from tests.console.test_measures import NEW_YORK
from tests.postgres import Postgres

SECRET = "zwetschgendatschi"


def leave_traces(database: Database, settings: Settings) -> None:
    """A patient's words in every place where the program or the team may put them."""
    clinic = build_desk(settings).clinic
    with database.session() as session:
        row = conversation(session, "c1", stage="result", details={"name": SECRET}, channel_user=SECRET)
        messages = talk(
            session,
            row,
            ("assistant", "Where?", asking("location")),
            ("patient", f"{SECRET} hurts", understood("out_of_scope", facts={"goal": SECRET})),
            ("assistant", f"{SECRET}?", asking("location")),
            ("patient", f"I fell, {SECRET}", understood("inform", flags=[{"id": "fracture", "text": SECRET}])),
            ("staff", f"Dear {SECRET}", {}),
        )
        messages[1].error = SECRET
        assessed(session, row, "emergency", "E9", goal=SECRET)
        session.add(TrackerEvent(sender_id="c1", position=0, type="user", timestamp=1.0, data={"text": SECRET}))
        session.add(TrackerSnapshot(sender_id="c1", position=0, state={"slot": SECRET}))
        session.add(
            BookingRequestRow(
                id="r1", kind="callback", status="waitlist", conversation_id="c1", patient_name=SECRET, note=SECRET
            )
        )
        refresh(session, NEW_YORK)
        summary.refresh(session, "c1", clinic, NOON)
        remarks.review(session, "c1", "too_low", f"they said {SECRET}", by="ann", now=NOON)
        remarks.add_note(session, "c1", f"{SECRET} called @ann", by="bob", team=["ann"])
        remarks.set_tags(session, "c1", SECRET)
        item = session.scalars(select(LearningItem)).one()
        inbox.decide(
            session, item, inbox.Decision("inform", f"{SECRET} hurts", {}, [(SECRET, "crisis", "present")]), by="a"
        )
        inbox.add_by_staff(session, messages[3].id)
    with database.session() as session:
        row = session.get_one(Conversation, "c1")
        row.updated_at = NOON
    assert SECRET in everything(database)


def everything(database: Database) -> str:
    """All rows of all tables as text."""
    with database.reading() as session:
        return str([session.execute(select(table)).all() for table in Base.metadata.sorted_tables])


def settings_of(folder: Path, url: str) -> Settings:
    return Settings.from_env(
        {"PSOAS_DATA_DIR": str(folder), "PSOAS_DATABASE_URL": url, "PSOAS_SECRET_KEY": "x", "PSOAS_ASSISTANT_PORT": "9"}
    )


def test_erased_by_staff_no_word_is_left(each_database_url: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, each_database_url)
    desk = build_desk(settings, also_erase=(erase_bookings, erase_console))
    database = desk.transactions.database
    leave_traces(database, settings)

    async def erase() -> None:
        assert await desk.eraser.by_staff("c1")
        await desk.close()

    asyncio.run(erase())
    left = Database(each_database_url)
    assert SECRET not in everything(left)
    with left.reading() as session:
        assert session.get_one(Conversation, "c1").disposition == "emergency"
    left.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("psoas.db*"))
    assert SECRET.encode() not in kept


def test_after_all_that_the_console_can_do_with_it_no_word_is_left(
    each_site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    site, one = each_site, "/conversations/c1"
    settings = site.console.settings
    database = site.console.transactions.database
    leave_traces(database, settings)
    ann = site.log_in("manager")
    for path, fields in (
        (f"{one}/reveal", {"reason": f"to call {SECRET} back"}),
        (f"{one}/tags", {"tags": SECRET}),
        (f"{one}/notes", {"text": f"{SECRET} is their word"}),
        (f"{one}/take-over", {}),
        (f"{one}/answer", {"text": f"Dear {SECRET}"}),
        (f"{one}/hand-back", {}),
        (f"{one}/verdict", {"verdict": "too_low", "why": SECRET}),
        ("/requests/r1/reveal", {"reason": f"{SECRET} waits"}),
        ("/requests/r1/close", {"outcome": "done"}),
        ("/privacy/holds", {"conversation": "c1", "reason": f"{SECRET} asked"}),
        ("/privacy/holds/c1/lift", {}),
    ):
        assert ann.post(path, **fields).status_code == 303, path
    assert ann.get(f"{one}/test.yml").status_code == 409
    for path in (one, f"{one}/print", "/learning", "/learning/files/nlu.yml", "/audit.csv"):
        assert ann.get(path).status_code == 200, path
    assert ann.get("/queue", q=SECRET, state="all").text.count('class="open"') == 1
    erased = ann.post("/privacy/erase", conversation="c1", sure="yes")
    assert erased.headers["location"] == "/staff/privacy?done=erased"

    assert SECRET not in everything(database)
    if database.is_sqlite:
        left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert SECRET.encode() not in left
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        dump = postgres.dump(str(settings.database_url))
        assert "audit_entries" in dump
        assert SECRET not in dump
        assert SECRET[:-2] not in dump, "nor its stem, in an index"
    assert SECRET not in ann.get("/audit.csv").text
    assert ann.get("/queue", q=SECRET, state="all").text.count('class="open"') == 0


def test_a_conversation_that_goes_as_a_whole_leaves_no_row(each_database_url: str, tmp_path: Path) -> None:
    database = Database(each_database_url)
    leave_traces(database, settings_of(tmp_path, each_database_url))
    with database.session() as session:
        remove_conversation(session, "c1")
    with database.reading() as session:
        assert session.scalars(select(Mention)).all() == []
        assert session.scalars(select(ConversationTag)).all() == []
    assert "'c1'" not in everything(database)
    assert SECRET not in everything(database)
    database.dispose()
