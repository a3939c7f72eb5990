"""Retention, holds, erasing, the audit and the switches, on the screens."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.desk.conversations import is_switched_off
from bot.store.models import Conversation, LegalHold, Message
from bot.store.models.staff import AuditEntry
from tests.console.records import NOON, conversation, talk, understood
from tests.console.site import Site

WORDS = "zwetschgendatschi hurts"


@pytest.fixture
def kept(each_site: Site) -> Site:
    """One conversation that is long over."""
    with each_site.console.transactions.database.session() as session:
        row = conversation(session, "c1", created_at=NOON - timedelta(days=100))
        talk(session, row, ("patient", WORDS, understood("inform")))
    return each_site


def said(site: Site) -> list[str]:
    with site.console.transactions.database.reading() as session:
        return list(session.scalars(select(Message.text)))


def test_a_look_erases_nothing_and_a_run_does(kept: Site) -> None:
    browser = kept.log_in("admin")
    assert "<td>30</td><td>1</td>" in browser.get("/privacy").text
    assert said(kept) == [WORDS]
    assert browser.post("/privacy/run").status_code == 303
    assert said(kept) == [""]
    page = browser.get("/privacy").text
    assert "a-admin" in page
    assert "messages 1" in page


def test_a_hold_keeps_it_from_the_calendar_and_from_staff(kept: Site) -> None:
    browser = kept.log_in("manager")
    assert "problem=no_such" in browser.post("/privacy/holds", conversation="nobody", reason="x").headers["location"]
    assert "problem=why" in browser.post("/privacy/holds", conversation="c1", reason=" ").headers["location"]
    browser.post("/privacy/holds", conversation="c1", reason="a claim <b>")
    assert "a claim &lt;b&gt;" in browser.get("/privacy").text
    browser.post("/privacy/run")
    assert "under a legal hold" in browser.get("/privacy/erase?conversation=c1").text
    assert "problem=held" in browser.post("/privacy/erase", conversation="c1", sure="yes").headers["location"]
    assert said(kept) == [WORDS]
    browser.post("/privacy/holds/c1/lift")
    with kept.console.transactions.database.reading() as session:
        assert session.get(LegalHold, "c1") is None


def test_erasing_needs_to_be_meant_and_is_written_down(kept: Site) -> None:
    browser = kept.log_in("manager")
    assert "1 message" in browser.get("/privacy/erase?conversation=c1").text
    browser.post("/privacy/erase", conversation="c1")
    assert said(kept) == [WORDS]
    assert browser.post("/privacy/erase", conversation="c1", sure="yes").status_code == 303
    assert said(kept) == [""]
    assert "conversation:c1" in browser.get("/audit?action=erase").text
    assert "problem=no_such" in browser.post("/privacy/erase", conversation="x", sure="yes").headers["location"]


def test_the_audit_is_filtered_and_checked(kept: Site) -> None:
    browser = kept.log_in("admin")
    browser.post("/switches/webchat", to="off")
    kept.clock.wait(timedelta(days=2))
    browser = kept.log_in("admin")
    assert "switch off" in browser.get("/audit").text.split("<tbody>")[1]
    for hides in ("who=nobody", "action=erase", "object=conversation", "from=2026-11-24", "to=2026-11-22", "before=1"):
        assert "switch off" not in browser.get(f"/audit?{hides}").text.split("<tbody>")[1], hides
    assert "switch off" in browser.get("/audit?who=a-admin&object=channel:&to=2026-11-23").text.split("<tbody>")[1]
    assert "Every line is there and unchanged." in browser.get("/audit?verify=1").text


def test_a_line_that_was_changed_is_found(site: Site) -> None:
    browser = site.log_in("admin")
    with site.console.transactions.database.session() as session:
        connection = session.connection()
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        session.execute(update(AuditEntry).where(AuditEntry.seq == 1).values(who="somebody"))
    assert "The audit is not whole" in browser.get("/audit?verify=1").text


def test_the_audits_file_runs_no_formula(kept: Site) -> None:
    with kept.console.transactions.database.session() as session:
        kept.console.audit.record(session, "=1+1", "open", "@SUM(A1)", {"a": "b"})
    answer = kept.log_in("manager").get("/audit.csv")
    cells = [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
    assert {"'=1+1", "'@SUM(A1)", "a: b"} <= set(cells)


def test_a_channel_is_off_in_one_click_and_the_desk_sees_it(kept: Site) -> None:
    browser = kept.log_in("manager")
    page = browser.get("/switches").text
    assert kept.console.clinic.phone.display in page
    assert kept.console.clinic.emergency.number in page
    for to in ("off", "on"):
        browser.post("/switches/webchat", to=to, reason="<script>")
        with kept.console.transactions.database.reading() as session:
            assert is_switched_off(session, "webchat") is (to == "off")
            assert not is_switched_off(session, "messenger")
    assert "<script>" not in browser.get("/switches").text
    assert browser.post("/switches/fax", to="off").status_code == 404


def test_a_conversation_of_nobody_cannot_be_looked_at(kept: Site) -> None:
    browser = kept.log_in("manager")
    for name in ("", "x", "c1'--", "%"):
        assert "problem=no_such" in browser.get("/privacy/erase", conversation=name).headers["location"]
    with kept.console.transactions.database.reading() as session:
        assert session.get_one(Conversation, "c1").erased_at is None
