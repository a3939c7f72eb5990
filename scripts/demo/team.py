"""The invented team of the demonstration: their accounts, and the work that they have done already."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.clinic import Clinic
from bot.console import accounts
from bot.console.audit import Audit
from bot.console.knowing.refresh import refresh
from bot.console.learning import inbox
from bot.console.reviews import remarks, shelf, summary
from bot.desk import conversations
from bot.settings import Settings
from bot.store.models import (
    Alert,
    Conversation,
    ConversationFigures,
    ConversationFlag,
    ConversationReview,
    LearningItem,
)
from bot.store.models.staff import StaffAccount

PASSWORD = "walk a little every day"  # noqa: S105 - opens nothing but invented conversations
TEAM = {"robin": "manager", "casey": "clinician", "jamie": "reviewer", "alex": "admin"}
LATELY = timedelta(hours=3)  # what came so lately, nobody has looked at yet
ANSWERS = (
    "Hello, this is Robin from the front desk. I have looked it up: everything is in order. Is there anything else?",
    "Hi, this is Casey from the clinic. Thank you for waiting. I have passed this on, and we will call you today.",
)
READY = (
    (
        "On our way back to you",
        "Thank you for writing. A person of our team answers within one working day.",
    ),
    ("Bring with you", "Please bring comfortable clothes and any letters or scans that you have about your back."),
)
WHYS = {
    "too_high": ("The numbness was old and already looked at.", "Was seen by a doctor for this last month."),
    "too_low": ("Six months with leg pain: I would have liked to see them sooner.",),
}


def hire(session: Session) -> None:
    """An account for each of the team, with the same password and second factor set up."""
    for name, role in TEAM.items():
        account, first = accounts.add(session, name, f"{name}@attunedvitality.example", role)
        accounts.change_password(account, first, PASSWORD)
        account.totp_secret = pyotp.random_base32()


def codes(session: Session) -> list[tuple[str, str, str]]:
    """Everybody's name, role, and the code that their phone would show now."""
    query = select(StaffAccount).where(StaffAccount.name.in_(TEAM)).order_by(StaffAccount.id)
    return [(one.name, one.role, pyotp.TOTP(one.totp_secret or "").now()) for one in session.scalars(query)]


def answer(session: Session, conversation_id: str, number: int) -> None:
    """Somebody of the team has answered a patient who asked for a person."""
    conversation = conversations.lock(session, conversation_id)
    if conversation is None or conversation.handler != "waiting":
        return
    by = ("robin", "casey")[number % 2]
    said = conversations.add_message(
        session, conversation, author="staff", text=ANSWERS[number % 2], payload={"staff": by}
    )
    conversation.handler = "assistant"
    if said is not None:
        said.status = "delivered"


def forget_derived(session: Session) -> None:
    """Throw away what the console worked out at the times of playing; it is worked out again from the moved times."""
    for table in (LearningItem, ConversationFlag, ConversationFigures, ConversationReview):
        session.execute(delete(table))


def look_back(session: Session, settings: Settings, clinic: Clinic, now: datetime, draw: random.Random) -> None:
    """The team has looked at most of what came before the last hours."""
    audit = Audit.of(settings)
    while refresh(session, clinic.zone):
        pass
    rows = session.scalars(select(Conversation).order_by(Conversation.updated_at)).all()
    for row in rows:
        summary.refresh(session, row.id, clinic, row.updated_at)
        share = 0.95 if row.disposition in ("emergency", "urgent") else 0.6
        if row.updated_at < now - LATELY and row.disposition is not None and draw.random() < share:
            _review(session, audit, row, draw)
        elif row.updated_at < now - LATELY and row.disposition is None and row.handler == "assistant":
            _set_aside(session, row)
        summary.refresh(session, row.id, clinic, now)
    for alert in session.scalars(select(Alert).where(Alert.at < now - LATELY)):
        alert.acknowledged_by = draw.choice(["robin", "casey"])
        alert.acknowledged_at = alert.at + timedelta(minutes=draw.uniform(1, 12))
    _learn(session, clinic, draw)
    for title, text in READY:
        reply = shelf.write_reply(session, title, text, by="casey")
        shelf.approve_reply(session, reply.id, by="robin", now=now)


def _set_aside(session: Session, row: Conversation) -> None:
    """Somebody saw that nothing came of this conversation."""
    remarks.review(session, row.id, "agree", "", by="jamie", now=row.updated_at + timedelta(hours=1))


def _review(session: Session, audit: Audit, row: Conversation, draw: random.Random) -> None:
    if session.get(ConversationReview, row.id) is None:
        return
    by = draw.choice(["casey", "jamie"])
    at = row.updated_at + timedelta(hours=draw.uniform(0.3, 20))
    verdict = draw.choices(["agree", "too_high", "too_low"], [88, 9, 3])[0]
    why = draw.choice(WHYS[verdict]) if verdict in WHYS else ""
    audit.record(session, by, "open", f"conversation:{row.id}", now=at)
    remarks.review(session, row.id, verdict, why, by=by, now=at)
    if row.disposition == "emergency":
        whom = "@robin" if draw.random() < 0.1 else "Nothing more to do."
        remarks.add_note(session, row.id, f"Called back: they are being seen. {whom}", by=by, team=list(TEAM))
        remarks.set_tags(session, row.id, "called back")


def _learn(session: Session, clinic: Clinic, draw: random.Random) -> None:
    """Half of what was not understood is decided."""
    items = inbox.page(session, "open", size=200)
    for item in items[len(items) // 2 :]:
        suggested = inbox.suggestion(session, item, clinic)
        if draw.random() < 0.3:
            inbox.discard(item, by="jamie")
            continue
        intent = "inform" if item.question else suggested.intent
        inbox.decide(session, item, inbox.Decision(intent, suggested.example), by="jamie")
