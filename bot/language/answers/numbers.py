"""Numbers as people write them: words to digits, digits to words, and ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = (
    {word: value for value, word in enumerate(_ONES)}
    | {word: 10 * (place + 2) for place, word in enumerate(_TENS)}
    | {"fourty": 40, "fivety": 50, "fourtey": 40, "ninty": 90, "fiveteen": 15, "eightteen": 18, "won": 1}
    | {"nought": 0, "tree": 3, "fife": 5, "fore": 4, "sevn": 7, "ate": 8, "sixtey": 60, "thirtey": 30, "twelv": 12}
)
del _VALUES["won"], _VALUES["tree"], _VALUES["ate"], _VALUES["fore"]
_ARTICLES = {"a", "an"}
_DIGITS = re.compile(r"\d{1,12}(?:\.\d{1,6})?$")


def in_words(number: int) -> str:
    """The English words of a whole number from 0 to 9,999. Raises ValueError outside."""
    if not 0 <= number <= 9999:
        raise ValueError(f"no words for {number}")
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    many, rest = divmod(number, size)
    joint = " and " if rest and rest < 100 else " "
    return f"{in_words(many)} {name}" + (joint + in_words(rest) if rest else "")


def digitised(words: Sequence[str]) -> list[str]:
    """The words with every spelled number as digits: "two and a half hours" gives 2.5 hours, "half an hour" 0.5."""
    result: list[str] = []
    place = 0
    while place < len(words):
        value, length = _number_at(words, place)
        if length:
            result.append(_shown(value))
            place += length
            continue
        result.append(words[place])
        place += 1
    return result


def _number_at(words: Sequence[str], place: int) -> tuple[float, int]:
    """The number that starts at this word, and how many words it takes (0: none)."""
    value, length = _amount_at(words, place)
    if length:
        return value, length
    value, length = _whole_at(words, place)
    if not length:
        return 0, 0
    fraction, taken = _fraction_at(words, place + length)
    return value + fraction, length + taken


def _amount_at(words: Sequence[str], place: int) -> tuple[float, int]:
    """Half, quarter, couple, few, dozen: with the little words around them."""
    start = place
    if words[place] in _ARTICLES:
        place += 1
    if tuple(words[place : place + 5]) == ("three", "quarters", "of", "an", "hour"):
        return 0.75, place + 4 - start
    word = words[place] if place < len(words) else ""
    following = words[place + 1] if place + 1 < len(words) else ""
    if word in {"half", "quarter"}:
        value = 0.5 if word == "half" else 0.25
        if following == "of":
            following, place = (words[place + 2] if place + 2 < len(words) else ""), place + 1
        if following in _ARTICLES:
            place += 1
            following = words[place + 1] if place + 1 < len(words) else ""
        if following in {"hour", "hours", "day", "week", "month", "year", "minute"}:
            return value, place + 1 - start
        return 0, 0
    value = {"couple": 2.0, "cple": 2.0, "cpl": 2.0, "coupla": 2.0, "few": 3.0, "dozen": 12.0, "several": 5.0}.get(
        word, 0
    )
    if not value:
        return 0, 0
    return value, place + 1 - start + (following == "of")


def _whole_at(words: Sequence[str], place: int) -> tuple[float, int]:
    word = words[place]
    if _DIGITS.match(word):
        return float(word), 1
    total, current, taken = 0, 0, 0
    last = 10_000
    while place + taken < len(words):
        word = words[place + taken]
        if word in _VALUES and _fits(_VALUES[word], last):
            current += _VALUES[word]
            last = _VALUES[word]
        elif word in {"hundred", "thousand"} and (taken or _follows_article(words, place)):
            size = 100 if word == "hundred" else 1000
            current = max(current, 1) * size
            if size == 1000:
                total, current = total + current, 0
            last = size
        elif (
            word == "and"
            and last in (100, 1000)
            and place + taken + 1 < len(words)
            and words[place + taken + 1] in _VALUES
        ):
            taken += 1
            continue
        else:
            break
        taken += 1
    return float(total + current), taken


def _fits(value: int, last: int) -> bool:
    """Whether a number word can go on a number: "twenty five", "hundred five"; not "six seven"."""
    if last >= 100:
        return True
    return last >= 20 and last % 10 == 0 and 0 < value < 10


def _follows_article(words: Sequence[str], place: int) -> bool:
    return place > 0 and words[place - 1] in _ARTICLES


def _fraction_at(words: Sequence[str], place: int) -> tuple[float, int]:
    following = tuple(words[place : place + 3])
    if following == ("and", "a", "half"):
        return 0.5, 3
    if following[:2] == ("and", "half"):
        return 0.5, 2
    if following[:2] == ("1/2",) or following[:1] == ("½",):
        return 0.5, 1
    if following == ("point", "five", "") or following[:2] == ("point", "five"):
        return 0.5, 2
    return 0.0, 0


def _shown(value: float) -> str:
    return f"{value:g}" if value < 1_000_000 else str(int(value))


def tidy(value: float) -> float | int:
    """A whole number as int, so that 9.0 is kept as 9."""
    return int(value) if float(value).is_integer() else round(value, 2)
