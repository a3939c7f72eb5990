"""Deciding what messages mean, on the screens, and the files that come of it."""

from __future__ import annotations

import pytest
import yaml
from sqlalchemy import select

from bot.console.knowing.refresh import refresh
from bot.store.models import LearningItem, Message
from tests.console.records import NOON, asking, conversation, talk, understood
from tests.console.site import Browser, Site
from tests.console.test_measures import NEW_YORK

RESULT = {"payload": {"result": {"disposition": "self_care", "row": "S2", "stretches": "full"}}}


@pytest.fixture
def waiting(each_site: Site) -> Site:
    """Three messages wait to be decided on."""
    with each_site.console.transactions.database.session() as session:
        row = conversation(session, "c1", created_at=NOON)
        talk(
            session,
            row,
            ("patient", "my name is Jordan Ellis, back hurts", understood("out_of_scope")),
            ("assistant", "How bad?", asking("severity")),
            ("patient", "a solid gold ten", understood("out_of_scope")),
            ("assistant", "How bad?", asking("severity")),
            ("patient", "ten", understood("inform")),
            ("assistant", "Where?", asking("location")),
            ("patient", "what does it cost", understood("ask_cost")),
            ("assistant", "Where?", asking("location")),
            ("patient", "it's me, =1+1", understood("inform")),
            ("assistant", "Here is your plan.", RESULT),
        )
        refresh(session, NEW_YORK)
    return each_site


def items(site: Site) -> list[LearningItem]:
    with site.console.transactions.database.reading() as session:
        return list(session.scalars(select(LearningItem).order_by(LearningItem.id.desc())))


def keep(browser: Browser, item: LearningItem, **fields: str) -> None:
    form = {"act": "keep", "intent": "inform", "example": "a solid gold ten", **fields}
    assert browser.post(f"/learning/{item.id}", **form).status_code == 303


def test_the_inbox_shows_words_without_names(waiting: Site) -> None:
    page = waiting.log_in("reviewer").get("/learning").text
    assert "my name is NAME, back hurts" in page
    assert "Jordan" not in page


def test_one_after_the_other_until_all_are_decided_and_back(waiting: Site) -> None:
    browser = waiting.log_in("reviewer")
    newest, oldest = items(waiting)
    answer = browser.post(
        f"/learning/{newest.id}", act="keep", intent="inform", example="a solid gold ten", facts="severity: 10"
    )
    assert answer.headers["location"] == f"/staff/learning/{oldest.id}?undo={newest.id}"
    assert f'action="/staff/learning/{newest.id}"' in browser.get(f"/learning/{oldest.id}?undo={newest.id}").text
    assert (
        browser.post(f"/learning/{oldest.id}", act="discard").headers["location"].endswith("/learning?done=all_decided")
    )
    assert [item.status for item in items(waiting)] == ["corrected", "discarded"]
    assert browser.post(f"/learning/{newest.id}", act="undo").headers["location"] == f"/staff/learning/{newest.id}"
    assert [item.status for item in items(waiting)] == ["open", "discarded"]


@pytest.mark.parametrize(
    "fields",
    [
        {"intent": "rm -rf"},
        {"facts": "severity: 99"},
        {"facts": "{{7*7}}"},
        {"facts": "!!python/object/apply:os.system ['true']"},
        {"words0": "not there", "flag0": "crisis", "assertion0": "present"},
        {"act": "explode"},
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(waiting: Site, fields: dict[str, str]) -> None:
    browser = waiting.log_in("reviewer")
    item = items(waiting)[0]
    form = {"act": "keep", "intent": "inform", "example": "a solid gold ten", **fields}
    answer = browser.post(f"/learning/{item.id}", **form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert items(waiting)[0].status == "open"


@pytest.mark.parametrize("number", ["999999", "0", "x", "1e9", "99999999999999999999"])
def test_a_message_that_is_not_there(waiting: Site, number: str) -> None:
    browser = waiting.log_in("reviewer")
    assert browser.get(f"/learning/{number}").status_code == 404
    assert browser.post(f"/learning/{number}", act="discard").status_code == 404
    assert browser.post("/learning/add", message=number).status_code == 404


def test_staff_send_a_message_here(waiting: Site) -> None:
    with waiting.console.transactions.database.reading() as session:
        message = session.scalars(select(Message).where(Message.text == "what does it cost")).one()
    manager = waiting.log_in("manager")
    assert f'name="message" value="{message.id}"' in manager.get(f"/conversations/{message.conversation_id}").text
    answer = manager.post("/learning/add", message=str(message.id))
    assert answer.status_code == 303
    assert (
        "Sent here by the team"
        in waiting.log_in("reviewer").get(answer.headers["location"].removeprefix("/staff")).text
    )


def test_only_a_manager_takes_files_out_and_it_is_written_down(waiting: Site) -> None:
    reviewer, manager = waiting.log_in("reviewer"), waiting.log_in("manager")
    keep(reviewer, items(waiting)[0])
    assert reviewer.get("/learning/files/nlu.yml").status_code == 403
    texts = [manager.get(f"/learning/files/{name}.yml").text for name in ("nlu", "intents", "answers", "flags")]
    assert "a solid gold ten" in texts[0] + texts[1]
    assert all(yaml.safe_load(text) is not None for text in texts)
    assert manager.get("/learning/files/passwd.yml").status_code == 404
    assert "learning:nlu" in manager.get("/audit").text


def test_a_conversation_becomes_a_conversation_test(waiting: Site) -> None:
    manager = waiting.log_in("manager")
    (case,) = yaml.safe_load(manager.get("/conversations/c1/test.yml").text)["cases"]
    assert case == {
        "id": "reviewed-c1",
        "opening": "my name is NAME, back hurts",
        "answers": {"severity": "ten", "location": "it's me, =1+1"},
        "expected": {"disposition": "self_care", "row": "S2", "stretches": "full"},
    }
    assert manager.get("/conversations/nobody/test.yml").status_code == 404
    assert waiting.log_in("reviewer").get("/conversations/c1/test.yml").status_code == 403


def test_a_conversation_without_a_result_is_no_test(each_site: Site) -> None:
    with each_site.console.transactions.database.session() as session:
        talk(session, conversation(session, "c1"), ("patient", "hello", understood("greet")))
    answer = each_site.log_in("manager").get("/conversations/c1/test.yml")
    assert answer.status_code == 409
    assert "no result" in answer.text
