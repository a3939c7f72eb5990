"""Arithmetic on half-open intervals of whole Unix minutes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timezone

Interval = tuple[int, int]
"""(from, until): minutes since 1970-01-01 UTC, `until` excluded."""


def minute_of(moment: datetime) -> int:
    """The Unix minute that a moment lies in."""
    return int(moment.timestamp() // 60)


def minute_after(moment: datetime) -> int:
    """The first Unix minute that is not before the moment."""
    return -int(-moment.timestamp() // 60)


def moment_of(minute: int) -> datetime:
    """The aware UTC datetime of a Unix minute."""
    return datetime.fromtimestamp(minute * 60, timezone.utc)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time, sorted, without overlaps; touching ones are joined, empty ones dropped."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(intervals: list[Interval], taken: list[Interval]) -> list[Interval]:
    """What is left of `intervals` without `taken`; both sorted and without overlaps."""
    left: list[Interval] = []
    for start, end in intervals:
        at = max(bisect_left(taken, (start,)) - 1, 0)
        if at < len(taken) and taken[at][1] <= start:
            at += 1
        while at < len(taken) and taken[at][0] < end:
            if taken[at][0] > start:
                left.append((start, taken[at][0]))
            start = max(start, taken[at][1])
            at += 1
        if start < end:
            left.append((start, end))
    return left
