"""Lists of conversations: the queue, filtered lists and search for words, a page at a time from indexes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import Session

from bot.console.queue import BANDS
from bot.console.reviews.filters import Filters
from bot.store.models import ConversationReview, ConversationTag, Message
from bot.store.models.base import UtcDateTime

PAGE_SIZE = 50
# A search looks through so many of the newest messages with the words.
MOST_HITS = 1000
# Of a word that is in more messages than this, PostgreSQL's index gives a random share.
MOST_FROM_INDEX = 5000
MOST_COUNTED = 1000
_SQLITE_HITS = text("SELECT rowid FROM message_words WHERE message_words MATCH :words ORDER BY rowid DESC LIMIT :most")
_POSTGRESQL_HITS = text(
    "SELECT id FROM messages WHERE author IN ('patient', 'staff') "
    "AND to_tsvector('english'::regconfig, text) @@ plainto_tsquery('english'::regconfig, :words) "
    "ORDER BY id DESC LIMIT :most"
)
_CURSOR = re.compile(r"(?:([0-9])~)?([0-9T:.+-]{19,40})~([\w-]{1,40})")
_Key = tuple[Any, ...]


@dataclass(frozen=True)
class Line:
    """One conversation of a list. `held_by` has it in hand now; `hit` is the number of the message that was found."""

    review: ConversationReview
    tags: tuple[str, ...]
    held_by: str | None
    hit: int | None = None

    @property
    def band(self) -> str:
        """The name of the band."""
        return BANDS[self.review.band]


@dataclass(frozen=True)
class Page:
    """A part of a list; `after` is where the next part begins, None at the end."""

    lines: Sequence[Line]
    after: str | None
    most_hits: bool = field(default=False)  # there may be more than a search looks through


def read_page(
    session: Session,
    filters: Filters,
    *,
    me: str,
    zone: ZoneInfo,
    now: datetime,
    after: str = "",
    size: int = PAGE_SIZE,
) -> Page:
    """One page of a list. An `after` that makes no sense begins anew."""
    conditions = _conditions(filters, me, zone, now)
    if filters.q:
        return _search(session, filters, conditions, now, after, size)
    query = select(ConversationReview).where(*conditions)
    query = _from(query, filters, after).limit(size + 1)
    found = list(session.scalars(query))
    lines = _lines(session, found[:size], now)
    return Page(lines, _cursor(filters, found[size - 1]) if len(found) > size else None)


def band_counts(session: Session) -> dict[str, int]:
    """How many open conversations each band has, counted up to MOST_COUNTED."""
    counts = [
        select(func.count()).select_from(
            select(ConversationReview.band)
            .where(ConversationReview.open.is_(True), ConversationReview.band == number)
            .limit(MOST_COUNTED)
            .subquery()
        )
        for number in range(len(BANDS))
    ]
    row = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return dict(zip(BANDS, row, strict=True))


def next_in_queue(session: Session, *, me: str, now: datetime) -> str | None:
    """The first open conversation that nobody else has in hand."""
    free = or_(
        ConversationReview.claimed_by.is_(None),
        ConversationReview.claimed_by == me,
        ConversationReview.claimed_until <= now,
    )
    query = select(ConversationReview.conversation_id).where(ConversationReview.open.is_(True), free)
    key = (ConversationReview.band, ConversationReview.since, ConversationReview.conversation_id)
    return session.scalar(query.order_by(*key).limit(1))


def _conditions(filters: Filters, me: str, zone: ZoneInfo, now: datetime) -> list[ColumnElement[bool]]:
    row = ConversationReview
    wanted: list[ColumnElement[bool]] = []
    if filters.state == "open":
        wanted.append(row.open.is_(True))
    elif filters.state == "reviewed":
        wanted.append(row.reviewed_at.is_not(None))
    if filters.band:
        wanted.append(row.band == BANDS.index(filters.band))
    for name in ("channel", "handler", "verdict"):
        if getattr(filters, name):
            wanted.append(getattr(row, name) == getattr(filters, name))
    if filters.disposition:
        none = filters.disposition == "none"
        wanted.append(row.disposition.is_(None) if none else row.disposition == filters.disposition)
    held = and_(row.claimed_by.is_not(None), row.claimed_until > now)
    if filters.holder:
        wanted.append({"me": and_(held, row.claimed_by == me), "nobody": ~held, "anybody": held}[filters.holder])
    if filters.tag:
        tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag == filters.tag.lower())
        wanted.append(row.conversation_id.in_(tagged))
    if filters.since:
        wanted.append(row.last_at >= _midnight(filters.since, zone))
    if filters.until:
        wanted.append(row.last_at < _midnight(filters.until, zone, days=1))
    return wanted


def _midnight(day: str, zone: ZoneInfo, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), zone)


def _from(query: Select[Any], filters: Filters, after: str) -> Select[Any]:
    """In the list's order, beginning behind the cursor."""
    row = ConversationReview
    cursor = _CURSOR.fullmatch(after)
    when = _moment(cursor[2]) if cursor else None
    if filters.is_queue:
        query = query.order_by(row.band, row.since, row.conversation_id)
        if cursor and when and cursor[1]:
            key = tuple_(literal(int(cursor[1])), literal(when, UtcDateTime()), literal(cursor[3]))
            query = query.where(tuple_(row.band, row.since, row.conversation_id) > key)
        return query
    query = query.order_by(row.last_at.desc(), row.conversation_id.desc())
    if cursor and when:
        query = query.where(
            tuple_(row.last_at, row.conversation_id) < tuple_(literal(when, UtcDateTime()), literal(cursor[3]))
        )
    return query


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _cursor(filters: Filters, last: ConversationReview) -> str:
    if filters.is_queue:
        return f"{last.band}~{last.since.isoformat()}~{last.conversation_id}"
    return f"{last.last_at.isoformat()}~{last.conversation_id}"


def _search(
    session: Session, filters: Filters, conditions: Sequence[ColumnElement[bool]], now: datetime, after: str, size: int
) -> Page:
    """Conversations with the words, the newest message first; the pages of a search are numbered."""
    hits = _hits(session, filters.q)
    if not hits:
        return Page((), None)
    skip = int(after) if after.isascii() and after.isdigit() and len(after) < 5 else 0
    newest = func.max(Message.id).label("newest")
    query = (
        select(Message.conversation_id, newest)
        .join(ConversationReview, ConversationReview.conversation_id == Message.conversation_id)
        .where(Message.id.in_(hits), *conditions)
        .group_by(Message.conversation_id)
        .order_by(newest.desc())
        .offset(skip)
        .limit(size + 1)
    )
    found = session.execute(query).tuples().all()
    shown = dict(found[:size])
    reviews = {
        review.conversation_id: review
        for review in session.scalars(select(ConversationReview).where(ConversationReview.conversation_id.in_(shown)))
    }
    lines = _lines(session, [reviews[each] for each in shown], now, shown)
    return Page(lines, str(skip + size) if len(found) > size else None, len(hits) == MOST_HITS)


def _hits(session: Session, words: str) -> list[int]:
    """The newest messages with all these words (or other forms of them)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL gin_fuzzy_search_limit = {MOST_FROM_INDEX}"))
        return list(session.scalars(_POSTGRESQL_HITS, {"words": words, "most": MOST_HITS}))
    # Each word in quotes: nothing that is typed is read as FTS5's own language.
    plain = re.findall(r"[^\W_]+", words)
    if not plain:
        return []
    return list(session.scalars(_SQLITE_HITS, {"words": " ".join(f'"{word}"' for word in plain), "most": MOST_HITS}))


def _lines(
    session: Session, reviews: Sequence[ConversationReview], now: datetime, hits: Mapping[str, int] | None = None
) -> list[Line]:
    ids = [review.conversation_id for review in reviews]
    tags: dict[str, list[str]] = {}
    for conversation_id, tag in session.execute(
        select(ConversationTag.conversation_id, ConversationTag.tag)
        .where(ConversationTag.conversation_id.in_(ids))
        .order_by(ConversationTag.tag)
    ).tuples():
        tags.setdefault(conversation_id, []).append(tag)
    return [
        Line(
            review,
            tuple(tags.get(review.conversation_id, ())),
            review.claimed_by if review.claimed_until is not None and review.claimed_until > now else None,
            (hits or {}).get(review.conversation_id),
        )
        for review in reviews
    ]
