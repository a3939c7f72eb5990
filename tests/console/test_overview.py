"""The page of figures: charts, tables, and links that lead to exactly what was counted."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.console.knowing.measures import Period, behind, how_many
from bot.console.knowing.overview import figures, list_href, period_of, words_for
from bot.store import Database
from bot.store.models.review import ConversationReview
from tests.console.records import NOON
from tests.console.test_measures import LATER, PERIOD, fill

TODAY = date(2026, 11, 23)


def review(database: Database) -> None:
    """The team has judged some of them."""
    with database.session() as session:
        for number, verdict in enumerate(["agree", "agree", "too_low", "too_high", "agree"]):
            session.add(
                ConversationReview(
                    conversation_id=f"c{number}",
                    as_of=NOON,
                    channel="webchat",
                    last_at=NOON,
                    band=7,
                    since=NOON,
                    handler="assistant",
                    verdict=verdict,
                )
            )


def test_every_number_of_every_table_leads_to_as_many_conversations(each_database: Database) -> None:
    fill(each_database)
    review(each_database)
    with each_database.reading() as session:
        shown = figures(session, PERIOD, LATER)
        checked = 0
        for figure in shown:
            for row in figure.rows:
                assert len(row.cells) == len(figure.header), figure.id
                if row.href is None or figure.id == "understanding":
                    continue
                query = {name: values[0] for name, values in parse_qs(urlsplit(row.href).query, True).items()}
                number = row.cells[-1] if figure.id in ("over_time", "triage") else row.cells[1]
                behind_it = behind(query["of"], query["is"], period_of(query, TODAY + timedelta(days=30)), LATER)
                assert how_many(session, behind_it) == number, (figure.id, row)
                assert words_for(query["of"], query["is"])
                checked += 1
        assert checked > 50
        assert all(str(figure.chart).startswith("<svg") for figure in shown)


def test_over_and_under_triage_are_shares_of_what_was_reviewed(each_database: Database) -> None:
    fill(each_database)
    review(each_database)
    with each_database.reading() as session:
        triage = next(figure for figure in figures(session, PERIOD, LATER) if figure.id == "triage")
    totals = [sum(int(str(row.cells[column])) for row in triage.rows) for column in range(1, 5)]
    assert totals == [3, 1, 1, 5]


@pytest.mark.parametrize(
    ("query", "first", "last", "channel"),
    [
        ({}, "2026-10-27", "2026-11-23", None),
        ({"from": "2026-11-01", "to": "2026-11-02"}, "2026-11-01", "2026-11-02", None),
        ({"from": "2026-11-05", "to": "2026-11-02"}, "2026-10-06", "2026-11-02", None),
        ({"from": "1999-01-01"}, "2026-10-27", "2026-11-23", None),
        ({"to": "2099-01-01"}, "2026-10-27", "2026-11-23", None),
        ({"from": "yesterday", "channel": "messenger"}, "2026-10-27", "2026-11-23", "messenger"),
        ({"channel": "'; drop table"}, "2026-10-27", "2026-11-23", None),
    ],
)
def test_a_period_is_read_from_the_address(query: dict[str, str], first: str, last: str, channel: str | None) -> None:
    assert period_of(query, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last), channel)


def test_a_link_keeps_the_period_and_escapes_its_key() -> None:
    href = list_href("wait", "½ to 1 s&x=1", Period(TODAY, TODAY, "webchat"))
    assert parse_qs(urlsplit(href).query) == {
        "of": ["wait"],
        "is": ["½ to 1 s&x=1"],
        "from": ["2026-11-23"],
        "to": ["2026-11-23"],
        "channel": ["webchat"],
    }
