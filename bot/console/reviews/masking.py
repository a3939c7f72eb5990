"""Hides who a patient is until somebody says why they need to know; what the patient says of their back stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import AppointmentRow, BookingRequestRow, Conversation

HIDDEN = "•••••"
CONTACT_QUESTIONS = frozenset({"contact_name", "contact_phone", "contact_email"})
_PROFILE_KEYS = ("name", "first_name", "last_name", "profile_name")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+\s?@\s?[^\s@<>()\[\],;:\"']+\.[a-z]{2,}", re.IGNORECASE)
_WORD = r"[^\W\d_][\w'’-]*"
_SAID_NAME = re.compile(
    rf"\b(?:(?:my|full|first|last)\s+name(?:\s+is|'?s|:)\s*|\bi'?m\s+called\s+|\bi\s+am\s+called\s+|\bcall\s+me\s+|"
    rf"\bname:\s*)({_WORD}(?:[ \t]+{_WORD})?)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")

Span = tuple[int, int]


@dataclass(frozen=True)
class Identity:
    """What the clinic knows of who a patient is: label and value, and the words that give them away."""

    known: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


class Piece(NamedTuple):
    """A part of a message: hidden, or part of a danger sign (`flag` is its place in the list of flags), or neither."""

    text: str
    hidden: bool = False
    flag: int | None = None


def identity_of(session: Session, conversation: Conversation) -> Identity:
    """Name, telephone, e-mail and profile, from bookings and from the channel."""
    known: dict[tuple[str, str], None] = {}
    for table in (AppointmentRow, BookingRequestRow):
        query = select(table.patient_name, table.patient_phone, table.patient_email).where(
            table.conversation_id == conversation.id
        )
        for row in session.execute(query).tuples():
            known.update({(label, value): None for label, value in zip(_LABELS, row, strict=True) if value})
    for key in _PROFILE_KEYS:
        if isinstance(conversation.details.get(key), str):
            known[("Messenger profile", conversation.details[key])] = None
    if conversation.channel == "messenger" and conversation.channel_user:
        known[("Messenger id", conversation.channel_user)] = None
    words = {
        part
        for label, value in known
        for part in (value, *(value.split() if "ame" in label or "prof" in label else ()))
    }
    return Identity(tuple(known), tuple(sorted((word for word in words if len(word) > 1), key=len, reverse=True)))


_LABELS = ("Name", "Telephone", "E-mail")


def identifying(text: str, identity: Identity, country: str, *, patterns: bool = True) -> list[Span]:
    """Where a text tells who somebody is; without `patterns`, only by what is known of them."""
    spans = _by_pattern(text, country) if patterns else []
    for word in identity.words:
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
        spans += [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
    return spans


def _by_pattern(text: str, country: str) -> list[Span]:
    spans = [match.span() for match in _EMAIL.finditer(text)]
    spans += [match.span(1) for match in _SAID_NAME.finditer(text)]
    if _NUMBER.search(text):
        # Imported only here: its tables of all countries would slow every start.
        import phonenumbers

        found = phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.POSSIBLE)
        spans += [(match.start, match.end) for match in found]
    return spans


def pieces(text: str, hidden: Iterable[Span], flags: Sequence[Mapping[str, Any]] = ()) -> list[Piece]:
    """The text cut where something is hidden or a danger sign begins or ends; what is hidden has no words any more."""
    marks: list[int | None] = [None] * len(text)
    for number, flag in enumerate(flags):
        start, end = _span_of(flag, len(text))
        marks[start:end] = [number] * (end - start)
    dark = [False] * len(text)
    for start, end in hidden:
        dark[start:end] = [True] * (min(end, len(text)) - start)
    cut: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or (dark[at], marks[at]) != (dark[start], marks[start]):
            part = HIDDEN if dark[start] else text[start:at]
            cut.append(Piece(part, dark[start], marks[start]))
            start = at
    return cut


def mask(text: str, identity: Identity, country: str) -> str:
    """The text with everything that identifies hidden."""
    return "".join(piece.text for piece in pieces(text, identifying(text, identity, country)))


def _span_of(flag: Mapping[str, Any], length: int) -> Span:
    span = flag.get("span")
    if not isinstance(span, (list, tuple)) or len(span) != 2 or not all(isinstance(each, int) for each in span):
        return 0, 0
    return max(0, min(span[0], length)), max(0, min(span[1], length))
