"""Pain from 0 to 10: numbers, ranges, fractions and words."""

from __future__ import annotations

import re

from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.numbers import tidy
from bot.language.answers.polarity import polarity
from bot.language.answers.quantities import NUMBER, corrected_part
from bot.language.answers.wording import Wording
from bot.language.types import Answer

_PERCENT = re.compile(rf"({NUMBER}) ?(?:%|percent|per cent|out of 100|outta 100)")
_OUT_OF = re.compile(
    rf"(?<![\w/.])({NUMBER})(?: (?:-|to|or) ({NUMBER}))? ?(?:/ ?10(?!\d)|out of (?:a )?10|outta 10|out of ten|"
    rf"of 10|on 10|over 10|in 10)(?!\d)"
)
_SLASH = re.compile(r"(?<![\w/.])(\d+)/(\d+)(?![\w/])")
_RANGE = re.compile(
    rf"(?<![\w/.])({NUMBER})(?: ish)?(?: ,)? (?:-|to|or|maybe|maybe even|possibly|verging on|bordering on|and|"
    rf"between|, sometimes|occasionally|or maybe|going on|pushing|touching|nearly) (?:an? )?({NUMBER})(?![\w/])"
)
_NUMBER = re.compile(rf"(?<![\w/.])({NUMBER})(?![\w/])")
_NEGATIVE = re.compile(r"^\s*(?:-|minus )\s?\d")
_AVERAGE = re.compile(
    rf"(?:average\w*|usual\w*|normal\w*|mostly|overall|general\w*|typical\w*|most of the time|day to day|"
    rf"on the whole|at the moment|right now|today|now)(?: (?:its|is|id say|about|around|a|it|at|roughly|like|say|"
    rf"probably|sits|of|was|out)| ,)* ({NUMBER})(?![\w/])|({NUMBER})(?: (?:on|or so|ish|at the|,))? (?:average|"
    rf"on average|usually|normally|mostly|overall|most of the time|right now|at the moment|now|today)"
)
_TIMES = re.compile(
    rf"(?<!\S){NUMBER} (?:days?|weeks?|months?|years?|hours?|minutes?|times?|nights?|tablets?|mg)(?!\S)|since {NUMBER}"
)
_PAST = re.compile(
    r"(?:was|were|used to be|started (?:at|as|off)|started out|from|been) (?:at |a |an |about |around )*" + NUMBER
)


def read_severity(wording: Wording) -> Answer | None:
    """{severity} from 0 to 10. A range gives its upper end; over 10 gives 10 with `clarify` "out_of_range"."""
    text = corrected_part(wording)
    if _NEGATIVE.match(wording.original):
        return Answer({}, clarify="out_of_range")
    value = _number(text)
    if value is not None:
        if value > 10:
            return Answer({"severity": 10}, clarify="out_of_range")
        return Answer({"severity": tidy(value)})
    return _in_words(wording)


def _number(text: str) -> float | None:
    text = re.sub(r"(?<=\d)-(?=\d)", " - ", _TIMES.sub(" ", text))
    percent = _PERCENT.search(text)
    if percent:
        return float(percent[1]) / 10
    usual = _AVERAGE.search(_plain_fractions(text))
    if usual:
        return float(usual[1] or usual[2])
    text = _plain_fractions(text)
    now = _PAST.sub(" ", text)
    text = now if _NUMBER.search(now) else text
    ranged = _RANGE.search(text)
    if ranged and abs(float(ranged[2]) - float(ranged[1])) <= 4:
        return max(float(ranged[1]), float(ranged[2]))
    numbers = [float(found) for found in _NUMBER.findall(text)]
    if not numbers:
        return None
    if re.search(r"(?:worst|bad days?|bad|flares?|peaks?|when (?:it|i)|in between|at rest|spikes?)", text):
        return max(numbers[:3])
    return numbers[0]


def _plain_fractions(text: str) -> str:
    text = _OUT_OF.sub(lambda found: f" {(found[2] and max(float(found[1]), float(found[2]))) or found[1]} ", text)
    return _SLASH.sub(
        lambda found: f" {max(int(found[1]), int(found[2]))} " if int(found[2]) != 10 else f" {found[1]} ", text
    )


def _in_words(wording: Wording) -> Answer | None:
    plain = phrases("severity_words", "softened").sub("lowish", wording.plain)
    for name, level in lexicon()["severity_words"]["levels"].items():
        if name == "none" and polarity(wording) in ("unsure", "declined"):
            return None  # "no idea how you'd put a number on it"
        if phrases("severity_words", name).search(plain):
            return Answer({"severity": level["is"]}, clarify=level.get("ask"))
    return None
