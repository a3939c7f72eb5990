"""Over- and under-triage: what the team thought of the levels given, week by week."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.console.knowing.measures import Period
from bot.store.models import ConversationFigures
from bot.store.models.review import ConversationReview

NAMES = ("agree", "too_high", "too_low")
WORDS = {"any": "Reviewed by the team", "agree": "The team agrees", "too_high": "Too high", "too_low": "Too low"}


class Week(NamedTuple):
    """The verdicts on the conversations that were opened in the days from `begin` to `end`."""

    begin: date
    end: date
    counts: Counter[str]

    def share(self, verdict: str) -> float | None:
        """The share of one verdict; None where nothing was reviewed."""
        return self.counts[verdict] / self.counts.total() if self.counts else None


def weeks(session: Session, period: Period) -> list[Week]:
    """Every week of the period, in order."""
    query = (
        select(ConversationFigures.day, ConversationReview.verdict, func.count())
        .join(ConversationReview, ConversationReview.conversation_id == ConversationFigures.conversation_id)
        .where(period.holds(), ConversationReview.verdict.is_not(None))
        .group_by(ConversationFigures.day, ConversationReview.verdict)
    )
    by_day: dict[str, Counter[str]] = {}
    row: Any
    for row in session.execute(query):
        by_day.setdefault(row[0], Counter())[str(row[1])] += row[2]
    days = period.days
    found = []
    for first in range(0, len(days), 7):
        counts = sum((by_day.get(day.isoformat(), Counter()) for day in days[first : first + 7]), Counter[str]())
        found.append(Week(days[first], days[min(first + 6, len(days) - 1)], counts))
    return found
