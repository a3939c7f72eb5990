"""Figures of all conversations: every count equals the list behind it."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.console.knowing import measures
from bot.console.knowing.measures import Period, behind, how_many, overview
from bot.console.knowing.refresh import refresh
from bot.store import Database
from bot.store.models import Conversation
from tests.console.records import NOON, asking, assessed, conversation, talk, understood

NEW_YORK = ZoneInfo("America/New_York")
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))
LATER = NOON + timedelta(days=10)
STAGES = (("opened", None), ("consented", None), ("symptom", None), ("result", "self_care"), ("advice_seen", "urgent"),
          ("booked", "clinic_appointment"), ("booked", None), ("symptom", "emergency"))  # fmt: skip


def fill(database: Database, count: int = 60) -> None:
    """Conversations of every kind."""
    draw = random.Random(5)
    with database.session() as session:
        for number in range(count):
            stage, disposition = STAGES[number % len(STAGES)]
            row = conversation(
                session,
                f"c{number}",
                channel=draw.choice(["webchat", "messenger"]),
                stage=stage,
                created_at=NOON + timedelta(hours=draw.randrange(-100, 100)),
            )
            flags = [{"id": draw.choice(["fracture", "crisis"]), "assertion": draw.choice(["present", "absent"])}]
            intent = draw.choice(["inform", "out_of_scope"])
            talk(
                session,
                row,
                ("assistant", "How old?", asking("age")),
                ("patient", "what", understood(intent, flags=flags if draw.random() < 0.5 else [])),
                ("assistant", "How old?", asking(draw.choice(["age", "location"]))),
            )
            if disposition is not None:
                assessed(session, row, disposition, "X1")
    while True:
        with database.session() as session:
            if not refresh(session, NEW_YORK, most=25):
                return


@pytest.mark.parametrize("channel", [None, "messenger"])
def test_every_count_equals_the_list_behind_it(each_database: Database, channel: str | None) -> None:
    fill(each_database)
    period = Period(PERIOD.first, PERIOD.last, channel)
    with each_database.reading() as session:
        seen = overview(session, period)
        counted = {
            "funnel": seen.funnel,
            "disposition": seen.dispositions,
            "channel": seen.channels,
            "booked_only": [measures.Count("", seen.booked_only)],
            "day": [measures.Count(day, sum(f.opened.values())) for day, f in seen.days.items()],
            "flag": measures.flags(session, period),
            "left_at": measures.left_at(session, period, LATER),
            "wait": measures.waits(session, period),
        }
        for measure, counts in counted.items():
            assert counts, measure
            for count in counts:
                behind_it = session.scalars(behind(measure, count.key, period, LATER)).all()
                assert len(behind_it) == len(set(behind_it)) == count.number, (measure, count)
                assert how_many(session, behind(measure, count.key, period, LATER)) == count.number


def test_the_funnel_only_narrows_and_begins_with_everybody(each_database: Database) -> None:
    fill(each_database)
    with each_database.reading() as session:
        funnel = overview(session, PERIOD).funnel
    counts = [count.number for count in funnel]
    assert counts[0] == 60
    assert counts == sorted(counts, reverse=True)
    assert [count.key for count in funnel] == ["opened", "consented", "symptom", "level", "advice", "booked"]


def test_a_day_is_the_clinics_day(each_database: Database) -> None:
    with each_database.session() as session:
        conversation(session, "late", created_at=datetime(2026, 11, 11, 3, 30, tzinfo=ZoneInfo("UTC")))
        refresh(session, NEW_YORK)
    with each_database.reading() as session:
        assert list(session.scalars(behind("day", "2026-11-10", PERIOD, LATER))) == ["late"]


def test_what_changes_is_counted_anew(each_database: Database) -> None:
    with each_database.session() as session:
        conversation(session, "c1", stage="consented")
        assert refresh(session, NEW_YORK) == 1
        assert refresh(session, NEW_YORK) == 0
    with each_database.session() as session:
        row = session.get_one(Conversation, "c1")
        row.stage, row.updated_at = "symptom", row.updated_at + timedelta(seconds=1)
        assert refresh(session, NEW_YORK) == 1
        assert overview(session, PERIOD).funnel[2].number == 1


def test_nobody_has_left_who_wrote_a_moment_ago(each_database: Database) -> None:
    with each_database.session() as session:
        row = conversation(session, "c1")
        talk(session, row, ("assistant", "How old?", asking("age")))
        refresh(session, NEW_YORK)
        assert measures.left_at(session, PERIOD, row.updated_at + timedelta(minutes=5)) == []
        assert measures.left_at(session, PERIOD, row.updated_at + timedelta(hours=2)) == [("age", 1)]


def test_an_unknown_list_is_refused(each_database: Database) -> None:
    for measure, key in (("drop table", ""), ("funnel", "x"), ("wait", "forever")):
        with pytest.raises(measures.Unknown):
            behind(measure, key, PERIOD, LATER)
