"""The screens of the queue and of a conversation, as staff use them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.console.revealing import REVEALED_FOR
from bot.console.reviews.claims import CLAIM_FOR
from bot.console.reviews.summary import refresh
from bot.console.screens import TEMPLATES
from bot.store.models import Conversation, ConversationReview, Message
from bot.store.models.staff import AuditEntry
from tests.console.records import asking, assessed, conversation, talk, understood
from tests.console.site import Site

CONSOLE = TEMPLATES.parent
NASTY = "<script>alert(1)</script> {{ 7 * 7 }} ${7*7} {% raw %} =cmd|' /C calc'!A0"
FEVER = {"id": "infection", "assertion": "present", "facts": {"fever": True}, "span": [9, 14], "text": "fever"}


@pytest.fixture
def clinic(site: Site) -> Site:
    return fill(site)


@pytest.fixture
def each_clinic(each_site: Site) -> Site:
    return fill(each_site)


def fill(site: Site) -> Site:
    """Two conversations, one of them dangerous."""
    console = site.console
    with console.desk.transactions.database.session() as session:
        danger = conversation(session, "danger")
        talk(
            session,
            danger,
            ("assistant", "Do you have a fever?", asking("fever_infection")),
            ("patient", "I have a fever", understood("inform", facts={"fever": True}, flags=[FEVER])),
            ("assistant", "What is your name?", asking("contact_name")),
            ("patient", "Jane Doe", understood("inform", facts={"contact_name": "Jane Doe"})),
        )
        assessed(session, danger, "urgent", "U4")
        nasty = conversation(session, "nasty")
        talk(session, nasty, ("patient", NASTY, understood("out_of_scope")))
        for name in ("danger", "nasty"):
            refresh(session, name, console.clinic, site.clock())
    return site


def acts(site: Site, conversation_id: str) -> list[tuple[str, str]]:
    """Who did what with a conversation, from the audit."""
    query = select(AuditEntry.who, AuditEntry.action).where(AuditEntry.object == f"conversation:{conversation_id}")
    with site.console.desk.transactions.database.reading() as session:
        return list(session.execute(query.order_by(AuditEntry.seq)).tuples())


def handler(site: Site, conversation_id: str) -> str:
    with site.console.desk.transactions.database.reading() as session:
        return session.get_one(Conversation, conversation_id).handler


def test_the_queue_shows_the_reason_and_escapes_what_patients_write(clinic: Site) -> None:
    page = clinic.log_in("reviewer").get("/queue").text
    assert page.index("danger") < page.index("nasty")
    assert "U4" in page
    assert "I have a fever" in page
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page, "a patient's braces are only words"
    assert "Jane" not in page


def test_an_address_cannot_claim_what_did_not_happen(clinic: Site) -> None:
    browser = clinic.log_in("reviewer")
    assert "It is put back." in browser.get("/queue", done="released").text
    assert 'class="notice"' not in browser.get("/queue", done="you won a prize").text


def test_every_notice_after_a_form_has_its_words() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(CONSOLE.rglob("*.py")))
    said = set(re.findall(r'visit\.go\([^\n]*?, (?:done=)?"([a-z_]+)"\)', code))
    words = (CONSOLE / "templates" / "notices.html").read_text(encoding="utf-8")
    assert said
    assert {name for name in said if f'"{name}":' not in words} == set()


def test_opening_is_written_down_and_looking_at_the_list_is_not(clinic: Site) -> None:
    browser = clinic.log_in("reviewer")
    browser.get("/queue")
    assert acts(clinic, "danger") == []
    page = browser.get("/conversations/danger").text
    assert acts(clinic, "danger") == [("a-reviewer", "read")]
    assert '<mark class="counts" title="infection: present">fever</mark>' in page
    assert "Jane" not in page
    assert "fever: <b>yes</b>" in page


def test_a_conversation_that_is_not_there(clinic: Site) -> None:
    browser = clinic.log_in("manager")
    for path in ("", "/live", "/print"):
        assert browser.get(f"/conversations/none{path}").status_code == 404
    for act in ("claim", "take-over", "answer", "hand-back", "verdict", "tags", "notes", "reveal"):
        answer = browser.post(f"/conversations/none/{act}", text="hello", verdict="agree", reason="must know")
        assert answer.status_code == 404, act
    assert acts(clinic, "none") == []


def test_who_the_patient_is_shows_for_a_reason_to_this_person_for_some_minutes(each_clinic: Site) -> None:
    browser, other = each_clinic.log_in("clinician"), each_clinic.log_in("manager")
    assert browser.post("/conversations/danger/reveal", reason=" . ").status_code == 422
    assert "Jane" not in browser.get("/conversations/danger").text
    assert browser.post("/conversations/danger/reveal", reason="to call her back").status_code == 303
    assert "Jane Doe" in browser.get("/conversations/danger").text
    assert "Jane" not in other.get("/conversations/danger").text
    assert ("a-clinician", "reveal") in acts(each_clinic, "danger")
    each_clinic.clock.wait(REVEALED_FOR + timedelta(seconds=1))
    assert "Jane" not in browser.get("/conversations/danger").text


def test_what_is_in_hand_cannot_be_taken_by_another(clinic: Site) -> None:
    ann, bob = clinic.log_in("clinician", "ann"), clinic.log_in("clinician", "bob")
    assert ann.post("/conversations/danger/take-over").status_code == 303
    assert handler(clinic, "danger") == "staff"
    for act in ("claim", "take-over", "hand-back", "answer", "verdict"):
        refused = bob.post(f"/conversations/danger/{act}", text="hello", verdict="agree")
        assert refused.status_code == 409, act
        assert "ann has this conversation in hand" in refused.text
    assert handler(clinic, "danger") == "staff"
    assert bob.post("/conversations/danger/release").status_code == 303
    assert bob.post("/conversations/danger/claim").status_code == 409, "it was not bob's to put back"
    clinic.clock.wait(CLAIM_FOR)
    assert bob.post("/conversations/danger/claim").status_code == 303


def test_take_over_answer_and_hand_back(each_clinic: Site) -> None:
    ann = each_clinic.log_in("clinician", "ann")
    early = ann.post("/conversations/danger/answer", text="Hello, this is Ann.")
    assert early.status_code == 422
    assert "Hello, this is Ann." in early.text, "what was written is not lost"
    ann.post("/conversations/danger/take-over")
    assert ann.post("/conversations/danger/answer", text="Hello, this is Ann.").status_code == 303
    assert ann.post("/conversations/danger/answer", text="").status_code == 422
    assert ann.post("/conversations/danger/answer", text="x" * 2001).status_code == 422
    assert ann.post("/conversations/danger/hand-back").status_code == 303
    assert handler(each_clinic, "danger") == "assistant"
    with each_clinic.console.desk.transactions.database.reading() as session:
        said = session.scalars(select(Message).where(Message.author == "staff")).all()
        assert [(message.text, message.payload["staff"]) for message in said] == [("Hello, this is Ann.", "ann")]
    done = [act for _, act in acts(each_clinic, "danger")]
    assert done == ["take_over", "answer", "hand_back"]


def test_only_approved_replies_can_be_sent(clinic: Site) -> None:
    ann, boss = clinic.log_in("clinician", "ann"), clinic.log_in("manager", "boss")
    assert ann.post("/replies/write", title="Hours", text="We are open from nine.").status_code == 303
    ann.post("/conversations/danger/take-over")
    assert ann.post("/conversations/danger/answer", ready="1").status_code == 422
    assert ann.post("/replies/1/approve").status_code == 403
    assert boss.post("/replies/1/approve").status_code == 303
    assert ann.post("/conversations/danger/answer", ready="1").status_code == 303
    assert "We are open from nine." in ann.get("/conversations/danger").text
    ann.post("/replies/write", title="Hours", text="Changed.")
    assert ann.post("/conversations/danger/answer", ready="1").status_code == 422, "a changed one is approved anew"
    assert boss.post("/replies/9/approve").status_code == 404
    assert boss.post("/replies/1/remove").status_code == 303
    assert "Hours" not in ann.get("/replies").text


def test_a_review_takes_it_out_of_the_queue(clinic: Site) -> None:
    browser = clinic.log_in("reviewer")
    assert browser.post("/conversations/danger/verdict", verdict="too_high").status_code == 422
    assert browser.post("/conversations/danger/verdict", verdict="wrong", why="x").status_code == 422
    sent = browser.post("/conversations/danger/verdict", verdict="too_high", why="Only a cold.", then="next")
    assert sent.headers["location"].startswith("/staff/queue")
    assert "/conversations/danger" not in browser.get("/queue").text
    assert "/conversations/danger" in browser.get("/queue", state="reviewed", verdict="too_high").text
    assert "Only a cold." in browser.get("/conversations/danger/print").text
    with clinic.console.desk.transactions.database.reading() as session:
        row = session.get_one(ConversationReview, "danger")
        assert (row.verdict, row.reviewed_by) == ("too_high", "a-reviewer")


def test_the_next_one_is_the_most_dangerous_that_is_free(clinic: Site) -> None:
    ann, bob = clinic.log_in("reviewer", "ann"), clinic.log_in("reviewer", "bob")
    assert ann.post("/queue/next").headers["location"] == "/staff/conversations/danger"
    assert bob.post("/queue/next").headers["location"] == "/staff/conversations/nasty"
    assert clinic.log_in("reviewer", "cy").post("/queue/next").headers["location"].startswith("/staff/queue")


def test_tags_notes_and_mentions(each_clinic: Site) -> None:
    ann, bob = each_clinic.log_in("reviewer", "ann"), each_clinic.log_in("clinician", "bob")
    assert ann.post("/conversations/danger/tags", tags="Call back, fragile").status_code == 303
    assert ann.post("/conversations/danger/tags", tags="<b>").status_code == 422
    assert "danger" in ann.get("/queue", tag="call back").text
    note = ann.post("/conversations/danger/notes", text=f"@bob please call. {NASTY}")
    assert note.status_code == 303
    assert "You are named in a note" in bob.get("/queue").text
    assert "You are named in a note" not in ann.get("/queue").text
    page = bob.get("/conversations/danger").text
    assert "@bob please call." in page
    assert "<script>alert" not in page
    assert "You are named in a note" not in bob.get("/queue").text, "bob has seen it"
    assert ann.post("/conversations/danger/notes", text=" ").status_code == 422


def test_views_are_ones_own(clinic: Site) -> None:
    ann, bob = clinic.log_in("reviewer", "ann"), clinic.log_in("reviewer", "bob")
    assert ann.post("/views", name="Mine <b>", band="urgent", tag="fragile").status_code == 303
    page = ann.get("/queue").text
    assert "Mine &lt;b&gt;" in page
    assert "/staff/queue?band=urgent&amp;tag=fragile" in page
    assert "Mine" not in bob.get("/queue").text
    bob.post("/views/1/remove")
    assert "Mine" in ann.get("/queue").text, "another's view is left alone"
    ann.post("/views/1/remove")
    assert "Mine" not in ann.get("/queue").text
    assert ann.post("/views", name="").status_code == 422


def test_who_else_is_looking(clinic: Site) -> None:
    ann, bob = clinic.log_in("reviewer", "ann"), clinic.log_in("reviewer", "bob")
    ann.get("/conversations/danger")
    assert "Being viewed by ann" in bob.get("/conversations/danger").text


def test_made_up_ids_find_nothing(clinic: Site) -> None:
    browser = clinic.log_in("manager")
    for id in ("..%2Faccounts", "danger'--", "%00", "danger%0d%0aX-Evil: 1", "{{7*7}}", "1 OR 1=1", "x" * 3000):
        answer = browser.http.get(f"/staff/conversations/{id}")
        assert answer.status_code == 404, id
        assert "x-evil" not in answer.headers
    assert [act for _, act in acts(clinic, "danger")] == []


def test_a_search_for_anything_is_answered(clinic: Site) -> None:
    browser = clinic.log_in("reviewer")
    for words in (NASTY, "' OR 1=1 --", '" NEAR/2 x', "a" * 5000):
        answer = browser.get("/queue", q=words)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
