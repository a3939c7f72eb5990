"""How long ago, in weeks, as far as a sign's context needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone

_NUMBERS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "couple": 2.0, "three": 3.0, "few": 3.0, "four": 4.0, "five": 5.0,
    "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0, "several": 5.0, "twenty": 20.0,
    "last": 1.0, "fifteen": 15.0, "thirty": 30.0, "some": 4.0,
}  # fmt: skip
_WEEKS = {
    "day": 1 / 7, "days": 1 / 7, "week": 1.0, "weeks": 1.0, "fortnight": 2.0, "month": 4.35, "months": 4.35,
    "year": 52.0, "years": 52.0, "decade": 520.0, "decades": 520.0, "yrs": 52.0, "wks": 1.0, "hours": 0.01,
}  # fmt: skip
_LONG = {"childhood", "kid", "child", "teenager", "school", "uni", "younger", "teens", "youth"}


def since_when(words: Sequence[str], first: int, last: int) -> float | None:
    """Weeks since what words first..last tell of; None when they name no time ("ago", "last year", "in 2015")."""
    today = datetime.now(timezone.utc).date()
    for index in range(first, last + 1):
        word = words[index]
        if word in _WEEKS:
            number = _count(words, index)
            following = words[index + 1] if index + 1 < len(words) else ""
            after = words[index + 2] if index + 2 < len(words) else ""
            before = words[index - 1] if index else ""
            if following in {"ago", "back", "since"} or after == "ago" or before == "last":
                return number * _WEEKS[word]
        if len(word) == 4 and word.isdigit() and 1930 <= int(word) < today.year:
            # The least that it can be.
            return (today - date(int(word), 12, 31)).days / 7
        if word in _LONG and index > first and words[index - 1] in {"a", "as", "at", "in", "was", "my"}:
            return 500.0
    return None


def _count(words: Sequence[str], index: int) -> float:
    for back in range(1, 4):
        if index - back < 0:
            break
        word = words[index - back]
        if word in _NUMBERS:
            return _NUMBERS[word]
        if word.isdigit():
            return float(word)
    return 4.0
