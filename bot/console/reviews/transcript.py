"""One conversation as staff read it: each message with what was understood, each decision with its row, the summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.reviews.masking import CONTACT_QUESTIONS, Identity, Piece, Span, identifying, identity_of, pieces
from bot.store.models import Alert, AppointmentRow, Assessment, Conversation, Message

MOST_MESSAGES = 500
EMERGENCY = "emergency"
# A patient's message: has the assistant answered it? Any other: where is it on its way?
_MARKS = {
    ("patient", "received"): "stored",
    ("patient", "working"): "being answered",
    ("patient", "answered"): "answered",
    ("patient", "failed"): "not answered",
    ("", "pending"): "waiting to be sent",
    ("", "sending"): "being sent",
    ("", "sent"): "sent",
    ("", "delivered"): "delivered",
    ("", "failed"): "not delivered",
    ("", "erased"): "erased",
    ("patient", "erased"): "erased",
}


class Flag(NamedTuple):
    """A danger sign in a message: `counts` when it is there or may be there, and not only spoken about."""

    id: str
    assertion: str
    counts: bool


class Decision(NamedTuple):
    """A level that was decided on, with the row that decided it. `change` is false where it only was found again."""

    at: datetime
    disposition: str
    row: str
    reasons: tuple[tuple[str, str], ...]  # row and plain words
    matched: tuple[str, ...]
    stretches: str
    hip_flexor: Mapping[str, Any] | None
    content_version: str
    change: bool

    @property
    def deciding(self) -> tuple[tuple[str, str], ...]:
        """The reasons of the rows of this level: rows that call for less are no reason for it."""
        return tuple((row, words) for row, words in self.reasons if row[:1] == self.row[:1])

    @property
    def lesser(self) -> tuple[str, ...]:
        """The rows that hold besides and call for less; none beside an emergency, where they say nothing."""
        return () if self.disposition == EMERGENCY else tuple(row for row in self.matched if row[:1] != self.row[:1])


@dataclass(frozen=True)
class Entry:
    """One message. `by` is who of the team wrote it; `asks` are the ids of the questions it asked."""

    id: int
    seq: int
    author: str
    at: datetime
    kind: str
    pieces: Sequence[Piece]
    mark: str
    failed: bool
    by: str | None
    asks: Sequence[str]
    safety: bool
    intent: str | None
    confidence: float | None
    facts: Sequence[tuple[str, str]]
    flags: Sequence[Flag]
    decisions: Sequence[Decision]


@dataclass(frozen=True)
class Visit:
    """An appointment of the conversation."""

    service: str
    practitioner: str
    start_at: datetime
    status: str


@dataclass(frozen=True)
class Transcript:
    """All of one conversation; times are in the clinic's time zone.

    `stretches` are those that the patient was given, in order; `earlier` messages are not among the entries.
    """

    conversation: Conversation
    entries: Sequence[Entry]
    decision: Decision | None
    facts: Sequence[tuple[str, str]]
    stretches: Sequence[str]
    visits: Sequence[Visit]
    alerts: Sequence[Alert]
    identity: Identity
    earlier: int


def read_transcript(
    session: Session, conversation_id: str, *, zone: ZoneInfo, country: str, revealed: bool = False
) -> Transcript | None:
    """The conversation; who the patient is stays hidden unless `revealed`. None if there is none."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    newest = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > 0)
        .order_by(Message.seq.desc())
        .limit(MOST_MESSAGES)
    )
    messages = list(reversed(session.scalars(newest).all()))
    levels = session.scalars(
        select(Assessment).where(Assessment.conversation_id == conversation_id).order_by(Assessment.id)
    ).all()
    decisions = list(_decisions(levels, zone))
    identity = _with_given(identity_of(session, conversation), messages)
    by_message: dict[int | None, list[Decision]] = {}
    for level, decision in zip(levels, decisions, strict=True):
        by_message.setdefault(level.message_id, []).append(decision)
    entries = list(_entries(messages, by_message, identity, zone, country, revealed))
    visits = session.scalars(
        select(AppointmentRow)
        .where(AppointmentRow.conversation_id == conversation_id)
        .order_by(AppointmentRow.start_at)
    )
    return Transcript(
        conversation=conversation,
        entries=entries,
        decision=decisions[-1] if decisions else None,
        facts=in_words(levels[-1].facts, hide=not revealed) if levels else (),
        stretches=tuple(_stretches(messages)),
        visits=[Visit(row.service, row.practitioner, row.start_at.astimezone(zone), row.status) for row in visits],
        alerts=session.scalars(select(Alert).where(Alert.conversation_id == conversation_id).order_by(Alert.id)).all(),
        identity=identity,
        earlier=messages[0].seq - 1 if messages else 0,
    )


def _stretches(messages: Iterable[Message]) -> dict[str, None]:
    cards = (message.payload.get("card") or {} for message in messages)
    return {str(card.get("name")): None for card in cards if card.get("kind") == "stretch"}


def in_words(facts: Mapping[str, Any] | None, *, hide: bool = True) -> tuple[tuple[str, str], ...]:
    """Facts as (label, value), for reading; a patient's contact is hidden."""
    return tuple(
        (label(name), "•••••" if hide and name in CONTACT_QUESTIONS else _value(value))
        for name, value in (facts or {}).items()
    )


def label(name: str) -> str:
    """The name of a fact, a question, a level or a sign, for reading."""
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _decisions(levels: Iterable[Assessment], zone: ZoneInfo) -> Iterator[Decision]:
    before: tuple[str, str] | None = None
    for level in levels:
        yield Decision(
            level.at.astimezone(zone),
            level.disposition,
            level.row,
            tuple((str(reason.get("row", "")), str(reason.get("words", ""))) for reason in level.reasons),
            tuple(map(str, level.matched_rows)),
            level.stretches,
            level.hip_flexor,
            level.content_version,
            (level.disposition, level.row) != before,
        )
        before = (level.disposition, level.row)


def _with_given(identity: Identity, messages: Iterable[Message]) -> Identity:
    """With the name and addresses that the patient gave in answers, booked or not."""
    given = {
        (label(name).removeprefix("contact ").capitalize(), str(value))
        for message in messages
        for name, value in ((message.understood or {}).get("facts") or {}).items()
        if name in CONTACT_QUESTIONS and value
    }
    words = {part for _, value in given for part in (value, *value.split()) if len(part) > 1}
    known = (*identity.known, *sorted(given - set(identity.known)))
    return Identity(known, tuple(sorted({*identity.words, *words}, key=len, reverse=True)))


def _entries(
    messages: Iterable[Message],
    decisions: Mapping[int | None, Sequence[Decision]],
    identity: Identity,
    zone: ZoneInfo,
    country: str,
    revealed: bool,
) -> Iterator[Entry]:
    asked: tuple[str, ...] = ()
    for message in messages:
        understood = message.understood or {}
        flags = [flag for flag in understood.get("flags") or () if isinstance(flag, dict)]
        hidden: list[Span] = []
        if not revealed:
            is_contact = message.author == "patient" and bool(CONTACT_QUESTIONS.intersection(asked))
            hidden = _hidden(message, identity, country, is_contact)
        asks = tuple(message.payload.get("ask", {}).get("questions", ()))
        yield Entry(
            id=message.id,
            seq=message.seq,
            author=message.author,
            at=message.at.astimezone(zone),
            kind=message.kind,
            pieces=pieces(message.text, hidden, flags),
            mark=_MARKS.get(("patient" if message.author == "patient" else "", message.status), message.status),
            failed=message.status == "failed",
            by=message.payload.get("staff") if message.author == "staff" else None,
            asks=asks,
            safety=bool(message.payload.get("safety")),
            intent=understood.get("intent"),
            confidence=understood.get("confidence"),
            facts=in_words(understood.get("facts"), hide=not revealed),
            flags=[Flag(str(flag.get("id")), str(flag.get("assertion")), _counts(flag)) for flag in flags],
            decisions=decisions.get(message.id, ()),
        )
        asked = asks if message.author == "assistant" and asks else asked


def _counts(flag: Mapping[str, Any]) -> bool:
    return bool(flag.get("facts")) and flag.get("assertion") in ("present", "possible")


def _hidden(message: Message, identity: Identity, country: str, is_contact: bool) -> list[Span]:
    if is_contact and message.text:
        return [(0, len(message.text))]
    if message.author == "patient":
        return identifying(message.text, identity, country)
    # The clinic's own numbers stand in the assistant's words: there, only what is known of the patient is hidden.
    return identifying(message.text, identity, country, patterns=False)
