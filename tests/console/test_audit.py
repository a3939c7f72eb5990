"""The audit only grows, and shows when somebody tampers with it behind its back."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bot.console import accounts
from bot.console.audit import Audit
from bot.store import Database

AUDIT = Audit("a secret")


@pytest.fixture
def written(each_database: Database) -> Database:
    """Six lines."""
    with each_database.session() as session:
        for number in range(6):
            AUDIT.record(session, "ann", "open", f"conversation:{number}", {"why": "reading"})
    return each_database


def problems(database: Database) -> list[str]:
    with database.session() as session:
        return list(AUDIT.problems(session))


def behind_its_back(database: Database, *statements: str) -> None:
    """As somebody with the database's own password would."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_entries_no_update"))
            connection.execute(text("DROP TRIGGER audit_entries_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_audit_is_whole(written: Database) -> None:
    assert problems(written) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET who = 'bob' WHERE seq = 2", "DELETE FROM audit_entries WHERE seq = 2"]
)
def test_the_database_itself_refuses_changes(statement: str, written: Database) -> None:
    with pytest.raises(DatabaseError, match="only grows"), written.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET who = 'bob' WHERE seq = 3",
        "UPDATE audit_entries SET details = '{}' WHERE seq = 3",
        "UPDATE audit_entries SET seal = (SELECT seal FROM audit_entries WHERE seq = 1) WHERE seq = 3",
        "DELETE FROM audit_entries WHERE seq = 1",
        "DELETE FROM audit_entries WHERE seq = 4",
        "DELETE FROM audit_entries WHERE seq = 6",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries SELECT 7, at, who, action, object, details, seal FROM audit_entries WHERE seq = 6",
        "INSERT INTO audit_entries SELECT 0, at, who, action, object, details, seal FROM audit_entries WHERE seq = 1",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 5",
    ],
)
def test_any_changed_or_missing_line_is_noticed(statement: str, written: Database) -> None:
    behind_its_back(written, statement)
    assert problems(written)


def test_an_audit_that_is_gone_as_a_whole(written: Database) -> None:
    with written.session() as session:
        accounts.add(session, "ann", "ann@clinic.example", "manager")
    behind_its_back(written, "DELETE FROM audit_entries", "DELETE FROM audit_head")
    assert problems(written)


def test_two_lines_changed_places(written: Database) -> None:
    behind_its_back(
        written,
        "UPDATE audit_entries SET seq = 100 WHERE seq = 2",
        "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
        "UPDATE audit_entries SET seq = 3 WHERE seq = 100",
    )
    assert problems(written)


def test_an_end_cut_off_with_its_head_needs_the_secret(written: Database) -> None:
    behind_its_back(written, "DELETE FROM audit_entries WHERE seq = 6", "UPDATE audit_head SET seq = 5")
    assert problems(written)


def test_the_audit_goes_on_after_a_rolled_back_act(written: Database) -> None:
    with pytest.raises(RuntimeError), written.session() as session:
        AUDIT.record(session, "ann", "open", "conversation:x")
        raise RuntimeError
    with written.session() as session:
        assert AUDIT.record(session, "ann", "open", "conversation:y") == 7
    assert problems(written) == []
