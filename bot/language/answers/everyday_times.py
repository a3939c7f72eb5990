"""Hours sat in a day, minutes before getting up, and minutes of morning stiffness."""

from __future__ import annotations

import re

from bot.language.answers.lexicon import phrases
from bot.language.answers.numbers import tidy
from bot.language.answers.polarity import polarity
from bot.language.answers.quantities import NUMBER, Quantity, corrected_part, quantities, total
from bot.language.answers.wording import Wording
from bot.language.types import Answer

_WORKING_DAYS = 5
_RANGE = re.compile(
    rf"(?<![\w/.])({NUMBER})(?: ish)?(?: ,)? (?:-|to|or|maybe|or maybe|possibly|sometimes|even) ({NUMBER})(?![\w/])"
)
_SLASH = re.compile(r"(?<![\w/])(\d+)/(\d+)(?![\w/])")
_NUMBER = re.compile(rf"(?<![\w/.])({NUMBER})(?![\w/])")
_PER_WEEK = re.compile(r"(?:a|per|every|each|in a|/) ?week(?!\S| ?day| ?end)")
_SUM = re.compile(
    r"(?<!\S)(?:plus|\+|and(?: (?:then|another|about|maybe|around|at least|a))?|then|another|on top|with|as well)(?!\S)"
)
_PARTS = re.compile(
    r"(?<!\S)(?:work|desk|office|home|evening|evenings|telly|tv|couch|sofa|driving|drive|commute|commuting|car|"
    r"train|night|gaming|netflix|meals|dinner|lunch|school|uni|college|class)(?!\S)"
)
_TOTAL = re.compile(
    rf"(?:so|total|totals|altogether|all in|in all|that makes|makes|equals|all told|overall|"
    rf"say)\D{{0,18}}({NUMBER})(?: in total| all in| altogether| total)?|({NUMBER})(?: hours)? (?:in total|total|"
    rf"altogether|all in|all told|in all)"
)
_WEEKEND = re.compile(r"(?<!\S)(?:weekends?|saturdays?|sundays?|days off)(?!\S)")
_CLAUSE = re.compile(r" , | \. |(?<!\S)(?:but|and)(?!\S)")
_UP_EVERY = re.compile(r"(?<!\S)(?:get|getting|stand|up|move|walk|stretch|break|breaks|every|before|each)(?!\S)")
_FULL_DAY_HOURS, _OFFICE_HOURS, _HALF_DAY_HOURS, _LITTLE_HOURS = 10, 8, 4, 2


def read_sitting(wording: Wording) -> Answer | None:
    """{sitting_hours_per_day}. "All day" and the like give a usual value with `clarify` "bands"; over 24 none."""
    text = re.sub(r"between (\S+) and (?=\d)", r"\1 - ", corrected_part(wording))
    if re.match(r"\s*(?:-|minus )\s?\d", wording.original):
        return Answer({}, clarify="out_of_range")
    office = phrases("sitting", "office").search(text)
    if office and _tells_the_day_itself(text):
        office = None
    hours = None if office else _hours(text)
    if hours is None:
        return _hours_in_words(wording, office is not None)
    if hours > 24:
        return Answer({}, clarify="out_of_range")
    return Answer({"sitting_hours_per_day": tidy(hours)}, clarify="confirm" if hours > 16 else None)


def _tells_the_day_itself(text: str) -> bool:
    """ "9 hours, desk job": the day's hours are said, and "desk job" adds none to them."""
    told = quantities(phrases("sitting", "office").sub(" ", text))
    return any(amount.unit == "hour" and amount.hours() >= _HALF_DAY_HOURS + 1 for amount in told)


def _hours(text: str) -> float | None:
    part = _weekday_part(text)
    found = [amount for amount in quantities(part) if amount.unit in ("hour", "minute")]
    stated = _TOTAL.search(part)
    if (
        stated
        and len(_NUMBER.findall(part)) > 1
        and re.search(r"total|all in|altogether|so |makes|equals|all told", stated.group())
    ):
        return float(stated[1] or stated[2])
    if found:
        if len(found) > 1 and _adds_up(part, found):
            return total(found)
        if _PER_WEEK.search(part[found[0].end :]) and found[0].hours() > 20:
            return found[0].hours() / _WORKING_DAYS
        rest = _NUMBER.findall(part[found[0].end :])
        if rest and _adds_up(part, [found[0], found[0]]) and len(_PARTS.findall(part)) > 1:
            return found[0].hours() + float(rest[0])
        return found[0].hours()
    numbers = [float(number) for number in _NUMBER.findall(part)]
    if len(numbers) > 1 and _SUM.search(part) and len(_PARTS.findall(part)) > 1:
        return sum(numbers[:3])
    ranged = _RANGE.search(part)
    if ranged:
        return (float(ranged[1]) + float(ranged[2])) / 2
    slashed = _SLASH.search(part)
    if slashed:
        return (float(slashed[1]) + float(slashed[2])) / 2
    if not numbers:
        return None
    if _PER_WEEK.search(part) and numbers[0] > 24:
        return numbers[0] / _WORKING_DAYS
    return numbers[0]


def _weekday_part(text: str) -> str:
    """The text without what it says of weekends, when something is left."""
    parts = [part for part in re.split(r" , | \. ", text) if not _WEEKEND.search(part)]
    kept = " , ".join(parts)
    return kept if re.search(r"\d", kept) else text


def _adds_up(text: str, found: list[Quantity]) -> bool:
    if len(found) > 1 and len(_PARTS.findall(text)) > 1:
        return True
    return len(found) > 1 and _SUM.search(text) is not None and len(_PARTS.findall(text)) > 0


def _hours_in_words(wording: Wording, office: bool) -> Answer | None:
    text = wording.counted
    if office:
        more = [
            amount.hours()
            for amount in quantities(phrases("sitting", "office").sub(" ", text))
            if amount.unit in ("hour", "minute")
        ]
        return Answer({"sitting_hours_per_day": tidy(_OFFICE_HOURS + sum(more))}, clarify=None if more else "bands")
    for name, hours in (
        ("little", _LITTLE_HOURS),
        ("most_day", _OFFICE_HOURS),
        ("half_day", _HALF_DAY_HOURS),
        ("all_day", _FULL_DAY_HOURS),
    ):
        if phrases("sitting", name).search(wording.plain) or phrases("sitting", name).search(text):
            return Answer({"sitting_hours_per_day": hours}, clarify="bands")
    if phrases("sitting", "much").search(wording.plain):
        return Answer({}, clarify="bands")
    return None


def read_breaks(wording: Wording) -> Answer | None:
    """{sitting_break_minutes}: minutes sat before getting up. "Every half hour" is 30; no breaks: "unclear"."""
    text = re.sub(r"(?<=\d)-(?=\d)", " - ", corrected_part(wording))
    text = re.sub(
        r"(?<!\S)(?:hourly|once an hour|every hour|on the hour|per hour|an hour at a time)(?!\S)", "1 hour", text
    )
    text = re.sub(r"(?<!\S)(?:twice an hour|half hourly)(?!\S)", "30 minutes", text)
    text = re.sub(r"(?<!\S)every half(?!\S)(?! hour)", "30 minutes", text)
    found = quantities(text)
    if found:
        minutes = found[0].minutes()
        return (
            Answer({"sitting_break_minutes": tidy(minutes)}) if minutes <= 1440 else Answer({}, clarify="out_of_range")
        )
    ranged = _RANGE.search(text)
    numbers = _NUMBER.findall(text)
    if numbers:
        minutes = (float(ranged[1]) + float(ranged[2])) / 2 if ranged else float(numbers[0])
        return (
            Answer({"sitting_break_minutes": tidy(minutes)}) if minutes <= 1440 else Answer({}, clarify="out_of_range")
        )
    for phrase, minutes in (("lunch", 240), ("few minutes", 3), ("constantly", 10), ("all the time", 10)):
        if phrase in text:
            return Answer({"sitting_break_minutes": minutes}, clarify="unclear")
    if re.search(
        r"(?<!\S)(?:never|hardly|rarely|dont|no breaks|forget|hours|not often|ages|barely|seldom|until|whenever|"
        r"depends|varies|long|lots)(?!\S)",
        text,
    ):
        return Answer({}, clarify="unclear")
    return None


def read_stiffness(wording: Wording) -> Answer | None:
    """{morning_stiffness_min}. Not stiff is 0; "till lunch" a guess with `clarify` "bands"; a bare yes asks."""
    text = re.sub(r"(?<=\d)-(?=\d)", " - ", corrected_part(wording))
    found = [amount for amount in quantities(text) if amount.unit in ("second", "minute", "hour")]
    if found:
        return _stiff(found[0].minutes())
    ranged = _RANGE.search(text)
    numbers = _NUMBER.findall(re.sub(r"\d+ (?:am|pm|steps?|days?|weeks?|coffees?)", " ", text))
    clock = re.search(
        r"(?:until|till|til|before|by|gone|past|about|around)(?: about| around)? (\d{1,2})(?: ?am| oclock)", text
    )
    if clock and 8 <= int(clock[1]) <= 12:
        return Answer({"morning_stiffness_min": 60 * (int(clock[1]) - 7)}, clarify="bands")
    if numbers:
        return _stiff((float(ranged[1]) + float(ranged[2])) / 2 if ranged else float(numbers[0]))
    for name, minutes in (
        ("instant", 1),
        ("moment", 2),
        ("short", 10),
        ("medium", 20),
        ("long", 60),
        ("half_morning", 240),
        ("all_day", 480),
    ):
        if phrases("stiffness", name).search(wording.plain):
            return Answer({"morning_stiffness_min": minutes}, clarify="bands" if minutes > 2 else None)
    said = polarity(wording)
    if phrases("stiffness", "none").search(wording.plain) or said == "no":
        return Answer({"morning_stiffness_min": 0})
    if said == "yes" or phrases("stiffness", "stiff").search(wording.plain):
        return Answer({}, clarify="bands")
    return None


def _stiff(minutes: float) -> Answer:
    if minutes > 480:
        return Answer({}, clarify="out_of_range")
    return Answer({"morning_stiffness_min": tidy(minutes)})
