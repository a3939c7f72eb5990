"""Amounts with a unit ("a couple of hours", "5 or 10 mins", "1hr 30"), in the order in which a text gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.language.answers.lexicon import phrases
from bot.language.answers.numbers import tidy
from bot.language.answers.wording import Wording

NUMBER = r"\d{1,6}(?:\.\d{1,3})?"
UNITS = {
    "second": ("s", "sec", "secs", "second", "seconds"),
    "minute": ("m", "minute", "minutes", "mns", "minuets", "minites"),
    "hour": ("h", "hour", "hours", "hr", "hrs", "ours"),
    "day": ("d", "day", "days", "night", "nights"),
    "week": ("w", "week", "weeks", "fortnight", "fortnights", "wk", "wks"),
    "month": ("month", "months", "mo", "mos", "mth", "mths"),
    "year": ("y", "year", "years", "yr", "yrs", "decade", "decades"),
}
_UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}
_UNIT = "|".join(sorted(_UNIT_OF, key=len, reverse=True))
_LOOSE = (
    r"(?: (?:ish|or so|odd|plus|\+|good|solid|whole|full|long|straight|max|tops|about|approx|roughly|maybe|an?|more|"
    r"at least|bloody|bad|of|,|-))*"
)
_QUANTITY = re.compile(
    rf"(?<!\S)(?P<low>{NUMBER}|an?|one|past|last)(?P<open>(?: (?:ish|\+))*)"
    rf"(?:(?: (?P<first>{_UNIT}))?(?: ,)? (?:-|to|or|maybe|till|until|and|\?|or maybe|maybe even|possibly|"
    rf"sometimes|, maybe|, sometimes|\? maybe|\? or)"
    rf"(?: maybe| even| sometimes)? (?P<high>{NUMBER})(?: ish| \+)*)?"
    rf"{_LOOSE} (?P<unit>{_UNIT})(?: and an? (?P<half>half|quarter))?(?:(?: and)? (?P<rest>{NUMBER})(?: minutes?|"
    rf" m)?(?!\S))?(?: ,? ?(?:or|maybe|or maybe|sometimes|possibly|"
    rf"to) (?P<more>{NUMBER})(?! (?:{_UNIT})(?!\S)))?(?!\S)"
)
_PER = re.compile(rf"(?<!\S)(?:{_UNIT}|times|once|twice|{NUMBER})\s*$")
_HOURS_IN = {
    "second": 1 / 3600,
    "minute": 1 / 60,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 730.5,
    "year": 8766.0,
}


@dataclass(frozen=True)
class Quantity:
    """An amount from `low` to `high` (the same unless a range) of `unit`; `start`..`end` is its place in the text."""

    low: float
    high: float
    unit: str
    start: int
    end: int

    def hours(self, *, upper: bool = False) -> float:
        """The amount in hours; the middle of a range, or its upper end."""
        return (self.high if upper else (self.low + self.high) / 2) * _HOURS_IN[self.unit]

    def minutes(self) -> float:
        """The middle of the amount, in minutes."""
        return self.hours() * 60

    def weeks(self) -> float:
        """The middle of the amount, in weeks; a month is 4.35 weeks."""
        return self.hours() / 168


def quantities(text: str) -> list[Quantity]:
    """All amounts with a unit in a text whose number words are digits."""
    found = []
    for match in _QUANTITY.finditer(text):
        # In "2 hours a day" and "3 times a week" the day and the week are no amounts.
        if match["low"][0].isdigit() or not _PER.search(text[: match.start()]):
            found.append(_quantity(match))
    return found


def _quantity(match: re.Match[str]) -> Quantity:
    low = float(match["low"]) if match["low"][0].isdigit() else 1.0
    high = float(match["high"]) if match["high"] else low
    unit_word = match["unit"]
    unit = _UNIT_OF[unit_word]
    times = 2 if unit_word.startswith("fortnight") else 10 if unit_word.startswith("decade") else 1
    extra = {"half": 0.5, "quarter": 0.25, None: 0.0}[match["half"]]
    if match["rest"] and unit == "hour" and float(match["rest"]) < 60:
        extra += float(match["rest"]) / 60
    if match["first"] and _UNIT_OF[match["first"]] != unit:
        low = low * _HOURS_IN[_UNIT_OF[match["first"]]] / _HOURS_IN[unit]
    if match["more"] and float(match["more"]) > low:
        high = float(match["more"])
    if high < low and not match["first"]:
        low, high = high, low
    return Quantity((low + extra) * times, (high + extra) * times, unit, match.start(), match.end())


def plain_numbers(text: str) -> list[float]:
    """All bare numbers of a text, in order."""
    return [float(found) for found in re.findall(rf"(?<![\w.]){NUMBER}(?![\w.]*\d)(?!\S*[a-z])", text)]


def corrected_part(wording: Wording) -> str:
    """The text from the last correction on ("7, no wait, 8" gives "8") if a number follows it, else all of it."""
    text = wording.counted
    retaken = list(re.finditer(r"(?<=\d)(?: \w+)? ?[,.…]* ?no ?[,.…]* ?(?=(?:its |about )?\d)", text))
    if retaken:
        return text[retaken[-1].end() :]
    for cue in reversed(list(phrases("corrections").finditer(text))):
        after = text[cue.end() :]
        if re.search(r"\d", after):
            return after
    return text


def middle(low: float, high: float) -> float | int:
    """The middle of a range, as a whole number where it is one."""
    return tidy((low + high) / 2)


def total(found: Iterable[Quantity]) -> float:
    """The sum of amounts, in hours."""
    return sum(quantity.hours() for quantity in found)
