"""Lists of conversations: the queue's order, filters, pages and the search for words, on each database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from bot.clinic import Clinic, load_clinic
from bot.console.queue import BANDS
from bot.console.reviews.filters import Filters, read_filters
from bot.console.reviews.listing import Page, band_counts, next_in_queue, read_page
from bot.console.reviews.remarks import forget_review, review, set_tags
from bot.console.reviews.summary import refresh
from bot.settings import Settings
from bot.store import Database
from bot.store.models import ConversationReview, Message
from tests.console.records import NOON, assessed, conversation, talk, understood

ZONE = ZoneInfo("America/New_York")
LATER = NOON + timedelta(hours=2)
CALF = {"id": "dvt", "assertion": "present", "facts": {"dvt_signs": True}, "span": [3, 15], "text": "swollen calf"}


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinic(Settings.from_env({}).clinic_file)


def fill(session: Session, clinic: Clinic) -> None:
    """A conversation of most bands, the calm ones first."""
    calm = conversation(session, "calm")
    talk(session, calm, ("patient", "stiff after sitting", understood("inform")))
    assessed(session, calm, "self_care", "S1")
    waits = conversation(session, "waits", handler="waiting")
    talk(session, waits, ("patient", "can I speak to Jane Doe? I am jane@doe.example", understood("ask_human")))
    left = conversation(session, "left", channel="messenger")
    talk(session, left, ("patient", "my swollen calf hurts", understood("inform", flags=[CALF])))
    for name, minutes in (("second", 5), ("first", 0)):
        danger = conversation(session, name, created_at=NOON + timedelta(minutes=minutes))
        talk(session, danger, ("patient", "I cannot feel my saddle area", understood("inform")))
        assessed(session, danger, "emergency", "E2")
    session.flush()
    for name in ("calm", "waits", "left", "second", "first"):
        refresh(session, name, clinic, LATER)


def ids(page: Page) -> list[str]:
    return [line.review.conversation_id for line in page.lines]


def listed(session: Session, after: str = "", size: int = 50, **filters: str) -> Page:
    return read_page(session, Filters(**filters), me="wendy", zone=ZONE, now=LATER, after=after, size=size)


def test_the_queue_is_in_the_order_of_danger_and_age(each_database: Database, clinic: Clinic) -> None:
    with each_database.session() as session:
        fill(session, clinic)
    with each_database.session() as session:
        page = listed(session)
        assert ids(page) == ["first", "second", "left", "waits", "calm"]
        assert [line.band for line in page.lines] == ["emergency", "emergency", "untold", "waiting", "routine"]
        assert page.lines[0].review.rule == "E2"
        assert page.lines[0].review.words == "I cannot feel my saddle area"
        assert not page.lines[0].review.told
        assert "jane" not in page.lines[3].review.words.lower(), "lists never show who somebody is"
        assert band_counts(session) == {
            **dict.fromkeys(BANDS, 0),
            "emergency": 2,
            "untold": 1,
            "waiting": 1,
            "routine": 1,
        }
        assert next_in_queue(session, me="wendy", now=LATER) == "first"


@pytest.mark.parametrize("state", ["open", "all"])
def test_pages_follow_each_other_without_gap_or_repeat(each_database: Database, clinic: Clinic, state: str) -> None:
    with each_database.session() as session:
        fill(session, clinic)
    with each_database.session() as session:
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = listed(session, after, 2, state=state)
            seen += ids(page)
            after = page.after
        assert sorted(seen) == ["calm", "first", "left", "second", "waits"]
        assert seen == ids(listed(session, state=state))


@pytest.mark.parametrize("after", ["~", "9~9~9", "0~yesterday~x", "0~2026-11-10T12:00:00~x", "' or 1=1", "~" * 90])
def test_a_cursor_that_makes_no_sense_begins_anew(each_database: Database, clinic: Clinic, after: str) -> None:
    with each_database.session() as session:
        fill(session, clinic)
        assert len(listed(session, after).lines) == 5
        assert len(listed(session, after, q="calf").lines) == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"band": "emergency"}, ["first", "second"]),
        ({"channel": "messenger"}, ["left"]),
        ({"handler": "waiting"}, ["waits"]),
        ({"disposition": "self_care"}, ["calm"]),
        ({"disposition": "none"}, ["left", "waits"]),
        ({"tag": "call back"}, ["waits"]),
        ({"since": "2026-11-11"}, []),
        ({"until": "2026-11-10", "band": "routine"}, ["calm"]),
        ({"holder": "me"}, []),
        ({"state": "reviewed"}, []),
    ],
)
def test_filters(each_database: Database, clinic: Clinic, filters: dict[str, str], found: list[str]) -> None:
    with each_database.session() as session:
        fill(session, clinic)
        set_tags(session, "waits", "Call Back, fragile")
    with each_database.session() as session:
        assert ids(listed(session, **filters)) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("calf", ["left"]),
        ("CALF swollen", ["left"]),
        ("feeling", ["first", "second"]),
        ("calf saddle", []),
        ('"calf" OR NEAR(', []),
        ("calf*", ["left"]),
        ("'); DROP TABLE messages; --", []),
        ("%", []),
    ],
)
def test_search(each_database: Database, clinic: Clinic, words: str, found: list[str]) -> None:
    with each_database.session() as session:
        fill(session, clinic)
    with each_database.session() as session:
        assert sorted(ids(listed(session, q=words))) == found


def test_search_says_which_message(each_database: Database, clinic: Clinic) -> None:
    with each_database.session() as session:
        fill(session, clinic)
        line = listed(session, q="calf").lines[0]
        assert session.get_one(Message, line.hit).text == "my swollen calf hurts"


def test_changed_and_erased_words_are_not_found_any_more(each_database: Database, clinic: Clinic) -> None:
    with each_database.session() as session:
        fill(session, clinic)
    with each_database.session() as session:
        gone = update(Message).where(Message.conversation_id == "left")
        session.execute(gone.values(text="", understood=None, status="erased"))
        forget_review(session, "left")
        refresh(session, "left", clinic, LATER)
    with each_database.session() as session:
        assert ids(listed(session, q="calf")) == []
        assert session.get_one(ConversationReview, "left").words == ""


def test_what_was_reviewed_leaves_the_queue_and_comes_back_with_news(each_database: Database, clinic: Clinic) -> None:
    with each_database.session() as session:
        fill(session, clinic)
        review(session, "first", "agree", "", by="wendy", now=LATER)
        refresh(session, "first", clinic, LATER)
    with each_database.session() as session:
        assert "first" not in ids(listed(session))
        assert ids(listed(session, state="reviewed", verdict="agree")) == ["first"]
        row = session.get_one(ConversationReview, "first")
        assert row.verdict == "agree"
        message = Message(
            conversation_id="first", seq=9, author="patient", text="and now?", at=LATER + timedelta(minutes=1)
        )
        session.add(message)
        session.flush()
        refresh(session, "first", clinic, LATER + timedelta(minutes=2))
        session.refresh(row)
        assert row.open
        assert row.verdict == "agree", "what was said of it before stays"


def test_an_address_gives_the_same_filters_again() -> None:
    filters = read_filters({"q": " bad  calf ", "state": "all", "tag": "call back", "since": "2026-11-01"})
    assert filters.query == "q=bad+calf&state=all&tag=call+back&since=2026-11-01"
    assert Filters().query == ""


@pytest.mark.parametrize(
    "given",
    [{"state": "x"}, {"band": "<script>"}, {"since": "soon"}, {"tag": "{{7*7}}"}, {"nothing": "1"}, {"q": "\x00"}],
)
def test_filters_that_make_no_sense_are_left_out(given: dict[str, str]) -> None:
    assert read_filters(given) == Filters()


def test_pages_are_read_from_indexes(tmp_path: Path, clinic: Clinic) -> None:
    """What keeps a page of 100,000 conversations as quick as one of ten: nothing is scanned, nothing is sorted."""
    database = Database(f"sqlite:///{tmp_path / 'psoas.db'}")
    database.migrate()
    with database.session() as session:
        fill(session, clinic)
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _c, _u, statement, values, *_: asked.append((statement, values)),
    )
    with database.reading() as session:
        page = listed(session, size=2)
        listed(session, page.after or "", 2)
        listed(session, size=2, state="all")
        listed(session, q="calf")
        band_counts(session)
    plans: list[str] = []
    with database.engine.connect() as connection:
        for statement, values in asked:
            if statement.startswith("SELECT"):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [str(row[3]) for row in plan]
    database.dispose()
    scans = [plan for plan in plans if plan.startswith(("SCAN conversation", "SCAN messages")) and "INDEX" not in plan]
    assert scans == [], plans
    assert sum("ix_conversation_reviews_queue" in plan for plan in plans) == 2 + len(BANDS), plans
    assert sum("ix_conversation_reviews_last_at" in plan for plan in plans) == 1, plans
