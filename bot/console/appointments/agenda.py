"""One practitioner's day as lines to read: what is booked, what is blocked, and what is still free. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.booking.intervals import Interval, merge, minute_of, moment_of, subtract
from bot.booking.types import CalendarEntry

SHORTEST_FREE_MINUTES = 15


@dataclass(frozen=True)
class Line:
    """A span of a day. `kind` is free, or that of the calendar entry behind it; `start` and `end` are UTC."""

    kind: str
    start: datetime
    end: datetime
    practitioner: str
    entry: CalendarEntry | None = None


def lines_of(entries: Sequence[CalendarEntry], practitioner: str) -> list[Line]:
    """The lines of one practitioner in order of time; open hours show only as far as they are still free."""
    own = [entry for entry in entries if entry.practitioner == practitioner]
    open_hours = merge(_spans(own, ("open", "extra")))
    taken = merge(_spans(own, ("block", "appointment", "hold")))
    free = [
        Line("free", moment_of(start), moment_of(end), practitioner)
        for start, end in subtract(open_hours, taken)
        if end - start >= SHORTEST_FREE_MINUTES
    ]
    shown = [Line(entry.kind, entry.start, entry.end, practitioner, entry) for entry in own if entry.kind != "open"]
    return sorted(free + shown, key=lambda line: (line.start, line.kind))


def _spans(entries: Iterable[CalendarEntry], kinds: tuple[str, ...]) -> list[Interval]:
    return [(minute_of(entry.start), minute_of(entry.end)) for entry in entries if entry.kind in kinds]
