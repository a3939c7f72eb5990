"""Counts over all conversations, and the very conversations behind each count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from bot.console.knowing.figures import STEPS
from bot.store.models import ConversationFigures, ConversationFlag
from bot.store.models.review import ConversationReview

# Whoever wrote nothing for so long has left.
LEFT_AFTER = timedelta(hours=1)
# Upper ends in milliseconds, and the words for a bar of the chart.
WAITS = ((500, "under ½ s"), (1_000, "½ to 1 s"), (2_000, "1 to 2 s"), (5_000, "2 to 5 s"), (15_000, "5 to 15 s"))
SLOWEST = "over 15 s"
ANY = "any"
F = ConversationFigures


@dataclass(frozen=True)
class Period:
    """The clinic's days from `first` to `last`, both included; `channel` narrows to one."""

    first: date
    last: date
    channel: str | None = None

    @property
    def days(self) -> list[date]:
        """Every day, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def holds(self, table: type[ConversationFigures] | type[ConversationFlag] = F) -> ColumnElement[bool]:
        """The condition on a table with `day` and `channel`."""
        inside = table.day.between(self.first.isoformat(), self.last.isoformat())
        return inside if self.channel is None else and_(inside, table.channel == self.channel)


class Count(NamedTuple):
    """One bar or line of a table: its key (what the list behind it is asked by) and how many."""

    key: str
    number: int


class DayFigures(NamedTuple):
    """One day's sums."""

    opened: Counter[str]  # by channel
    typed: int
    not_understood: int
    asked_again: int


@dataclass(frozen=True)
class Overview:
    """Everything that comes from one look over the figures."""

    funnel: tuple[Count, ...]
    dispositions: tuple[Count, ...]
    channels: tuple[Count, ...]
    booked_only: int
    days: dict[str, DayFigures]

    @property
    def total(self) -> int:
        """All conversations of the period."""
        return self.funnel[0].number

    @property
    def understood_share(self) -> float | None:
        """The share of typed messages that were of use at once; None without any."""
        typed = sum(day.typed for day in self.days.values())
        lost = sum(day.not_understood for day in self.days.values())
        return 1 - lost / typed if typed else None


def overview(session: Session, period: Period) -> Overview:
    """Funnel, dispositions, channels and days."""
    reached, dispositions, booked_only = [0] * len(STEPS), Counter[str](), 0
    levels = select(F.step, F.disposition, F.booked_only, func.count()).where(period.holds())
    for step, disposition, only, count in session.execute(levels.group_by(F.step, F.disposition, F.booked_only)):
        for passed in range(step + 1):
            reached[passed] += count
        if disposition is not None:
            dispositions[disposition] += count
        booked_only += count * only
    channels = Counter[str]()
    opened: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in period.days}
    sums: dict[str, list[int]] = {day: [0, 0, 0] for day in opened}
    words = (func.sum(F.typed), func.sum(F.not_understood), func.sum(F.asked_again))
    daily = select(F.day, F.channel, func.count(), *words).where(period.holds()).group_by(F.day, F.channel)
    for day, channel, count, *said in session.execute(daily):
        channels[channel] += count
        opened[day][channel] += count
        sums[day] = [a + int(b) for a, b in zip(sums[day], said, strict=True)]
    return Overview(
        funnel=tuple(Count(*pair) for pair in zip(STEPS, reached, strict=True)),
        dispositions=tuple(Count(*pair) for pair in dispositions.most_common()),
        channels=tuple(Count(*pair) for pair in channels.most_common()),
        booked_only=booked_only,
        days={day: DayFigures(opened[day], *sums[day]) for day in opened},
    )


def flags(session: Session, period: Period) -> list[Count]:
    """In how many conversations each danger sign was said to be there, or perhaps."""
    seen = ConversationFlag.assertion.in_(("present", "possible"))
    query = (
        select(ConversationFlag.flag, func.count())
        .where(period.holds(ConversationFlag), seen)
        .group_by(ConversationFlag.flag)
        .order_by(func.count().desc(), ConversationFlag.flag)
    )
    return [Count(*row) for row in session.execute(query)]


def left_at(session: Session, period: Period, now: datetime) -> list[Count]:
    """At which question patients left before they got a level."""
    query = (
        select(F.open_question, func.count())
        .where(period.holds(), _left(now))
        .group_by(F.open_question)
        .order_by(func.count().desc(), F.open_question)
    )
    return [Count(str(question), count) for question, count in session.execute(query)]


def _left(now: datetime) -> ColumnElement[bool]:
    return and_(F.open_question.is_not(None), F.disposition.is_(None), F.as_of < now - LEFT_AFTER)


def waits(session: Session, period: Period) -> list[Count]:
    """How many conversations had which usual time to an answer."""
    bar = case(*((F.answer_ms < end, name) for end, name in WAITS), else_=SLOWEST)
    query = select(bar, func.count()).where(period.holds(), F.answer_ms.is_not(None)).group_by(bar)
    counts = dict(session.execute(query).tuples().all())
    return [Count(name, counts.get(name, 0)) for name in (*(name for _, name in WAITS), SLOWEST)]


def staff_median_seconds(session: Session, period: Period) -> int | None:
    """The usual time from a patient's message to the first answer of the team."""
    times = select(F.staff_seconds).where(period.holds(), F.staff_seconds.is_not(None))
    found = [seconds for seconds in session.scalars(times) if seconds is not None]
    return round(median(found)) if found else None


class Unknown(LookupError):
    """There is no such count; the message names it."""


def behind(measure: str, key: str, period: Period, now: datetime) -> Select[Any]:
    """The ids of the very conversations that one count has counted, newest first; raises Unknown."""
    query = select(F.conversation_id).where(period.holds()).order_by(F.as_of.desc())
    if measure == "funnel" and key in STEPS:
        return query.where(F.step >= STEPS.index(key))
    if measure == "booked_only":
        return query.where(F.booked_only)
    if measure == "disposition":
        return query.where(F.disposition == key)
    if measure == "channel":
        return query.where(F.channel == key)
    if measure == "day":
        return query.where(F.day == key)
    if measure == "left_at":
        return query.where(_left(now), F.open_question == key)
    if measure == "not_understood":
        return query.where(F.not_understood > 0)
    if measure == "wait":
        return query.where(_wait(key))
    if measure == "verdict":
        given = ConversationReview.verdict.is_not(None) if key == ANY else ConversationReview.verdict == key
        return query.where(F.conversation_id.in_(select(ConversationReview.conversation_id).where(given)))
    if measure == "flag":
        seen = select(ConversationFlag.conversation_id).where(
            ConversationFlag.flag == key, ConversationFlag.assertion.in_(("present", "possible"))
        )
        return query.where(F.conversation_id.in_(seen))
    raise Unknown(measure)


def _wait(key: str) -> ColumnElement[bool]:
    names = [name for _, name in WAITS]
    if key == SLOWEST:
        return F.answer_ms >= WAITS[-1][0]
    if key not in names:
        raise Unknown(key)
    index = names.index(key)
    return and_(F.answer_ms >= (WAITS[index - 1][0] if index else 0), F.answer_ms < WAITS[index][0])


def how_many(session: Session, query: Select[Any]) -> int:
    """The length of a list of `behind`."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def shares(counts: Sequence[Count]) -> list[tuple[Count, float]]:
    """Each count with its share of the first."""
    whole = counts[0].number if counts else 0
    return [(count, count.number / whole if whole else 0.0) for count in counts]
