"""The team and a patient, each in a browser of their own, on the real system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select

from bot.store import Database
from bot.store.models import Alert, ConversationReview, Message
from bot.store.models.staff import StaffAccount
from tests.browser.chat import asks, open_chat, tap, write
from tests.browser.conftest import photograph, violations
from tests.console.site import PASSWORD, hired
from tests.running import RunningSystem

DESKTOP, TABLET = {"width": 1440, "height": 900}, {"width": 820, "height": 1180}
DANGER = "I can't feel anything when I wipe since this morning"
LogIn = Callable[..., Page]


@pytest.fixture(autouse=True)
def patient_expectations() -> Iterator[None]:
    """The whole system answers, on whatever machine."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def database(running_system: RunningSystem) -> Iterator[Database]:
    opened = Database(running_system.settings.database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def log_in(browser: Browser, running_system: RunningSystem, database: Database) -> Iterator[LogIn]:
    """Somebody new of the team, in a browser of their own, before the queue."""
    contexts: list[BrowserContext] = []
    with database.reading() as session:
        taken = set(session.scalars(select(StaffAccount.name)))

    def enter(name: str, role: str, **options: object) -> Page:
        name = name if name not in taken else f"{name}-{len(taken)}"
        taken.add(name)
        secret = hired(database, name, role)
        context = browser.new_context(**{"viewport": DESKTOP, "bypass_csp": True, **options})  # axe is a script
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{running_system.base_url}/staff/queue")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=code]").fill(pyotp.TOTP(secret).at(datetime.now(timezone.utc)))
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Conversations")).to_be_visible()
        expect(page.locator("[data-following]")).to_be_attached()
        return page

    yield enter
    for context in contexts:
        context.close()


def newest(database: Database) -> str:
    """The conversation that changed last."""
    with database.reading() as session:
        query = select(ConversationReview.conversation_id).order_by(ConversationReview.last_at.desc()).limit(1)
        return str(session.scalars(query).one())


def authors_after(database: Database, conversation_id: str, seq: int) -> list[str]:
    """Who has written since, in order."""
    with database.reading() as session:
        query = select(Message.author).where(Message.conversation_id == conversation_id, Message.seq > seq)
        return list(session.scalars(query.order_by(Message.seq)))


def test_claim_take_over_answer_and_hand_back(page: Page, log_in: LogIn, database: Database) -> None:
    ann, bob = log_in("ann", "clinician"), log_in("bob", "clinician")
    panel = open_chat(page)
    tap(page, "Check my back")
    tap(page, "I agree")
    asks(page, "How old are you?")
    one = newest(database)
    for person in (ann, bob):
        person.goto(f"{person.url.removesuffix('/queue')}/conversations/{one}")
        expect(person.get_by_text("Being viewed by").or_(person.locator("[data-following]")).first).to_be_visible()

    ann.get_by_role("button", name="Take in hand").click()
    expect(bob.get_by_text("In hand of ann")).to_be_visible()
    for act in ("Take in hand", "Take over"):
        expect(bob.get_by_role("button", name=act)).to_have_count(0)
    form = {"csrf": bob.locator("input[name=csrf]").first.get_attribute("value") or ""}
    refused = bob.request.post(f"{bob.url}/take-over", form=form)
    assert refused.status == 409
    assert "has this conversation in hand" in refused.text()

    with database.reading() as session:
        before = session.scalars(select(func.max(Message.seq)).where(Message.conversation_id == one)).one()
    ann.get_by_role("button", name="Take over").click()
    expect(panel.get_by_text("A person from the clinic's team has joined")).to_be_visible()
    ann.get_by_label("Your words").fill("Hello, this is Ann from the clinic. What is the trouble?")
    ann.get_by_role("button", name="Send", exact=True).click()
    expect(panel.get_by_text("Hello, this is Ann from the clinic.").last).to_be_visible()
    write(page, "My back is stiff in the mornings. I am 45.")
    expect(ann.locator("li.patient").last).to_contain_text("stiff in the mornings")
    photograph(page, "console-patient")
    write(page, DANGER)
    expect(panel.locator(".emergency").last).to_be_visible()
    expect(ann.locator("li.patient mark.counts").first).to_be_visible()
    photograph(ann, "console-conversation")
    assert violations(ann) == []
    with database.reading() as session:
        assert [alert.kind for alert in session.scalars(select(Alert).where(Alert.conversation_id == one))] == [
            "emergency"
        ]
        cards = select(Message.payload).where(
            Message.conversation_id == one, Message.seq > before, Message.author == "assistant"
        )
        assert all(payload.get("safety") for payload in session.scalars(cards)), "nothing but the warning"
    told = authors_after(database, one, before)
    assert told[:4] == ["system", "staff", "patient", "patient"], "the assistant says nothing in between"

    ann.get_by_role("button", name="Hand back").click()
    expect(panel.get_by_text("again, the automated assistant")).to_be_visible()
    expect(bob.get_by_role("button", name="Take in hand")).to_be_visible()
    expect(bob.get_by_text("the assistant answers").first).to_be_visible()


def test_a_whole_review_by_keyboard(page: Page, log_in: LogIn, database: Database) -> None:
    open_chat(page)
    write(page, DANGER)
    staff = log_in("kim", "reviewer")
    expect(staff.locator(".queue li.emergency").first).to_be_visible()
    staff.keyboard.press("j")
    focused = staff.evaluate("document.activeElement.getAttribute('href')")
    one = focused.rpartition("/")[2]
    staff.keyboard.press("Enter")
    expect(staff.locator("li.patient").first).to_be_visible()
    staff.keyboard.press("j")
    assert staff.evaluate("document.activeElement.id").startswith("message-")
    staff.keyboard.press("v")
    staff.keyboard.press("Space")
    for _ in range(3):
        staff.keyboard.press("Tab")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("heading", name="Conversations")).to_be_visible()
    expect(staff.locator(f"a[href$='{one}']")).to_have_count(0)
    with database.reading() as session:
        assert session.get_one(ConversationReview, one).verdict == "agree"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_screen_on_a_tablet_reads_well(
    log_in: LogIn, running_system: RunningSystem, colours: str, database: Database
) -> None:
    staff = log_in("lee", "manager", viewport=TABLET, color_scheme=colours)
    one = newest(database)
    for path, name in (
        ("/queue?state=all", "queue-tablet"),
        (f"/conversations/{one}", "conversation-tablet"),
        (f"/conversations/{one}/print", "print"),
        ("/replies", "replies"),
    ):
        staff.goto(f"{running_system.base_url}/staff{path}")
        assert violations(staff) == [], path
        assert staff.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if colours == "dark":
            name = f"{name}-dark"
        photograph(staff, f"console-{name}")


def test_it_works_without_script(browser: Browser, log_in: LogIn) -> None:
    with_script = log_in("max", "clinician")
    context = browser.new_context(java_script_enabled=False, storage_state=with_script.context.storage_state())
    page = context.new_page()
    page.goto(with_script.url)
    page.locator("input[type=search]").fill("wipe")
    page.locator("select[name=state]").select_option("all")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".queue a.open").first.click()
    page.get_by_role("button", name="Take in hand").click()
    expect(page.get_by_role("button", name="Put back")).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("button", name="Take in hand")).to_be_visible()
    context.close()
