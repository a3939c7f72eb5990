"""The messages to learn from: found by themselves or by staff, decided one by one, and undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clinic import Clinic
from bot.console.knowing.figures import ASSERTIONS, Difficulty
from bot.console.learning.intents import intents
from bot.console.learning.redaction import NAME, Known, clinic_words, redact
from bot.knowledge.facts import FactError, fact_schema
from bot.store.models import AppointmentRow, BookingRequestRow, Message, utc_now
from bot.store.models.insight import LearningItem
from bot.triage.content import own_knowledge

STATUSES = ("open", "confirmed", "corrected", "discarded")
LONGEST_EXAMPLE = 500
# Whatever answers these is about a person, not about a back.
_PRIVATE_QUESTIONS = frozenset({"contact_name", "contact_phone", "contact_email"})


class Refused(ValueError):
    """A decision that cannot be taken; the message is a sentence for the person who tried."""


@dataclass(frozen=True)
class Decision:
    """What a reviewer says a message means. `marks` are (words, flag, assertion)."""

    intent: str
    example: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    marks: Sequence[tuple[str, str, str]] = ()


def note_difficulties(session: Session, conversation_id: str, difficulties: Iterable[Difficulty]) -> None:
    """Put these messages into the inbox; one that is there already stays as it is."""
    noted = set(session.scalars(select(LearningItem.message_id).where(LearningItem.conversation_id == conversation_id)))
    for difficulty in difficulties:
        if difficulty.message_id not in noted:
            message = session.get_one(Message, difficulty.message_id)
            session.add(_item(message, difficulty.reason, difficulty.question))


def add_by_staff(session: Session, message_id: int) -> LearningItem:
    """Put a patient's message into the inbox because staff say that it was misread; raises Refused."""
    known = session.scalars(select(LearningItem).where(LearningItem.message_id == message_id)).one_or_none()
    if known is not None:
        known.status, known.reason = "open", "staff"
        return known
    message = session.get(Message, message_id)
    if message is None or message.author != "patient" or message.status == "erased" or not message.text:
        raise Refused("There is no such message of a patient.")
    item = _item(message, "staff", _question_before(session, message))
    session.add(item)
    session.flush()
    return item


def _question_before(session: Session, message: Message) -> str | None:
    """What the message may answer: an answer about the person themselves must not become an example."""
    earlier = (
        select(Message.payload)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.seq.between(1, message.seq - 1),
            Message.author == "assistant",
        )
        .order_by(Message.seq.desc())
        .limit(10)
    )
    asked = (payload.get("ask", {}).get("questions", ()) for payload in session.scalars(earlier))
    return next((questions[0] for questions in asked if questions), None)


def _item(message: Message, reason: str, question: str | None) -> LearningItem:
    understood = message.understood or {}
    return LearningItem(
        message_id=message.id,
        conversation_id=message.conversation_id,
        found_at=message.at,
        reason=reason,
        question=question,
        guess=understood.get("intent"),
        confidence=understood.get("confidence"),
        status="open",
    )


def suggestion(session: Session, item: LearningItem, clinic: Clinic) -> Decision:
    """What the form shows first: the redacted words and what the assistant made of them."""
    message = session.get_one(Message, item.message_id)
    understood = message.understood or {}
    example = item.example or example_of(message.text, item.question, known_of(session, item.conversation_id, clinic))
    marks = [
        (redacted, str(flag.get("id")), str(flag.get("assertion")))
        for flag in understood.get("flags") or ()
        if (redacted := str(flag.get("text", ""))) and redacted.lower() in example.lower()
    ]
    if item.status in ("confirmed", "corrected"):
        marks = [(example[mark["start"] : mark["end"]], mark["flag"], mark["assertion"]) for mark in item.spans]
    return Decision(
        intent=item.intent or item.guess or "out_of_scope",
        example=example,
        facts=item.facts or understood.get("facts") or {},
        marks=marks,
    )


def known_of(session: Session, conversation_id: str, clinic: Clinic) -> Known:
    """The names that a conversation has given to its bookings, and the clinic's own."""
    people = {
        name
        for table in (AppointmentRow, BookingRequestRow)
        for name in session.scalars(select(table.patient_name).where(table.conversation_id == conversation_id))
        if name
    }
    own = (clinic.name, clinic.assistant_name, *(person.name for person in clinic.practitioners))
    return Known(clinic.country, tuple(sorted(people)), clinic_words(own))


def example_of(text: str, question: str | None, known: Known) -> str:
    """One line that may leave the house; an answer about the person themselves is left out whole."""
    if question in _PRIVATE_QUESTIONS:
        return NAME
    return re.sub(r"\s+", " ", redact(text, known)).strip()[:LONGEST_EXAMPLE]


def decide(session: Session, item: LearningItem, decision: Decision, *, by: str) -> None:
    """Keep what the reviewer says; raises Refused with a sentence."""
    example = re.sub(r"\s+", " ", decision.example).strip()
    if decision.intent not in intents():
        raise Refused("Choose what the message is for.")
    if not example or len(example) > LONGEST_EXAMPLE:
        raise Refused(f"The example must have 1 to {LONGEST_EXAMPLE} characters.")
    facts = dict(decision.facts)
    for name, value in facts.items():
        try:
            fact_schema().check(name, value)
        except (FactError, KeyError) as error:
            raise Refused(f"A fact is not right: {error}") from None
    item.spans = [_span(example, *mark) for mark in decision.marks]
    item.status = "confirmed" if decision.intent == item.guess and item.reason != "staff" else "corrected"
    item.intent, item.example, item.facts = decision.intent, example, facts
    item.decided_by, item.decided_at = by, utc_now()


def _span(example: str, words: str, flag: str, assertion: str) -> dict[str, Any]:
    """Where the marked words stand in the example."""
    start = example.lower().find(words.strip().lower())
    if start < 0 or not words.strip():
        raise Refused(f"The marked words “{words.strip()}” are not in the example.")
    if flag not in own_knowledge().red_flags or assertion not in ASSERTIONS:
        raise Refused("Choose a danger sign, and how it was said.")
    return {"flag": flag, "assertion": assertion, "start": start, "end": start + len(words.strip())}


def discard(item: LearningItem, *, by: str) -> None:
    """Nothing can be learnt from this message."""
    reopen(item)
    item.status, item.decided_by, item.decided_at = "discarded", by, utc_now()


def reopen(item: LearningItem) -> None:
    """Undo a decision: nothing of it is kept."""
    item.status, item.intent, item.example, item.facts, item.spans = "open", None, None, {}, []
    item.decided_by = item.decided_at = None


def counts(session: Session) -> dict[str, int]:
    """How many messages there are of each status."""
    found = dict(
        session.execute(select(LearningItem.status, func.count()).group_by(LearningItem.status)).tuples().all()
    )
    return {status: found.get(status, 0) for status in STATUSES}


def page(session: Session, status: str, *, after: int | None = None, size: int = 25) -> list[LearningItem]:
    """The newest messages of one status; `after` is the id of the last one seen."""
    query = select(LearningItem).where(LearningItem.status == status).order_by(LearningItem.id.desc()).limit(size)
    if after is not None:
        query = query.where(LearningItem.id < after)
    return list(session.scalars(query))


def next_open(session: Session, after: int) -> LearningItem | None:
    """The open message to look at after this one: the next older, else the newest."""
    return next(iter(page(session, "open", after=after, size=1) or page(session, "open", size=1)), None)


def forget(session: Session, conversation_id: str) -> None:
    """Take everything out that was learnt from one conversation."""
    session.execute(delete(LearningItem).where(LearningItem.conversation_id == conversation_id))
