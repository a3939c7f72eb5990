"""Two people cannot have one conversation in hand, on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.clinic import load_clinic
from bot.console.reviews import claims
from bot.console.reviews.summary import refresh
from bot.settings import Settings
from bot.store import Database
from bot.store.models import Conversation
from tests.console.records import NOON, conversation

SOON = NOON + timedelta(minutes=1)


@pytest.fixture
def database(each_database: Database) -> Database:
    clinic = load_clinic(Settings.from_env({}).clinic_file)
    with each_database.session() as session:
        conversation(session, "one")
        refresh(session, "one", clinic, NOON)
    return each_database


def take(database: Database, staff: str) -> bool:
    with database.session() as session:
        return claims.claim(session, "one", staff, NOON)


def test_of_many_at_once_one_gets_it(database: Database) -> None:
    staff = [f"person {number}" for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        won = list(threads.map(lambda each: take(database, each), staff))
    assert sum(won) == 1
    with database.session() as session:
        assert claims.holder(session, "one", NOON) == staff[won.index(True)]


def test_a_claim_is_kept_given_back_and_lapses(database: Database) -> None:
    assert take(database, "wendy")
    assert take(database, "wendy"), "again is harmless"
    assert not take(database, "sam")
    with database.session() as session:
        assert claims.keep(session, "one", "wendy", SOON)
        assert not claims.keep(session, "one", "sam", SOON)
        assert not claims.release(session, "one", "sam")
        assert claims.holder(session, "one", SOON + claims.CLAIM_FOR) is None
        assert claims.claim(session, "one", "sam", SOON + claims.CLAIM_FOR), "it lapsed"
        assert not claims.keep(session, "one", "wendy", SOON + claims.CLAIM_FOR)
        assert claims.release(session, "one", None), "a manager may free it"
        assert claims.holder(session, "one", SOON) is None


def test_a_claim_outlives_what_happens_in_the_conversation(database: Database) -> None:
    assert take(database, "wendy")
    clinic = load_clinic(Settings.from_env({}).clinic_file)
    with database.session() as session:
        session.get_one(Conversation, "one").handler = "waiting"
        session.flush()
        refresh(session, "one", clinic, SOON)
        assert claims.holder(session, "one", SOON) == "wendy"


def test_who_is_looking(database: Database) -> None:
    with database.session() as session:
        claims.look(session, "one", "wendy", NOON)
        claims.look(session, "one", "sam", NOON)
        claims.look(session, "one", "sam", NOON + timedelta(seconds=40))
        assert claims.viewers(session, "one", NOON + timedelta(seconds=50)) == ["sam", "wendy"]
        assert claims.viewers(session, "one", NOON + timedelta(seconds=90)) == ["sam"]


def test_a_conversation_that_is_not_there_cannot_be_claimed(database: Database) -> None:
    with database.session() as session:
        assert not claims.claim(session, "none", "wendy", NOON)
