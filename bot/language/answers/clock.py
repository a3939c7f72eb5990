"""Times of day in a text about an appointment: clock times, limits, and parts of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time

PARTS = {"morning": (time(8), time(12)), "afternoon": (time(12), time(17)), "evening": (time(17), time(21))}
_CLOCK = (
    r"(?:(?P<{n}half>half|quarter)(?: (?P<{n}side>past|to|after|till|"
    r"of))? )?(?P<{n}hour>\d{{1,2}})(?:[:.h](?P<{n}minute>\d\d))?(?: (?P<{n}spoken>15|30|45))?"
    r"(?: ?(?P<{n}oclock>oclock|o clock))?(?: ?(?P<{n}half_day>am|pm|a m|p m|in the morning|in the afternoon|"
    r"in the evening|at night))?"
)
_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_NOT_CLOCK = r"(?![\d/]|(?: ?(?:st|nd|rd|th|days?|weeks?|months?|years?|hours?|minutes?|of|" + _MONTHS + r"))(?!\S))"
_BETWEEN = re.compile(
    rf"(?<!\S)(?:between |from |any ?time between |any ?time from )?{_CLOCK.format(n='a')}(?: ish)? ?(?:-|and|to|"
    rf"until|till) {_CLOCK.format(n='b')}{_NOT_CLOCK}(?!\S)"
)
_LIMIT = re.compile(
    rf"(?<!\S)(?P<neg>not |no |nothing |cant do |cant make |never )?(?P<limit>after|before|past|from|until|till|"
    rf"by|later than|earlier than|no later than|no earlier than|onwards from|any ?time after|any ?time before|"
    rf"sooner than) (?:about |around )?{_CLOCK.format(n='a')}{_NOT_CLOCK}(?P<on> onwards?| or later| or after|"
    rf" or before| or earlier)?(?!\S)"
)
_ONWARDS = re.compile(
    rf"(?<!\S){_CLOCK.format(n='a')}{_NOT_CLOCK} (?:onwards?|or later|or after|or earlier|or before|earliest|"
    rf"latest)(?!\S)"
)
_ABOUT = re.compile(
    rf"(?<!\S)(?:about|around|roughly|approx|approximately|near|circa|"
    rf"like) {_CLOCK.format(n='a')}{_NOT_CLOCK}(?!\S)|(?<!\S){_CLOCK.format(n='b')} ?ish(?!\S)"
)
_AT = re.compile(rf"(?<!\S)(?P<at>at |@ |for |say )?{_CLOCK.format(n='a')}{_NOT_CLOCK}(?!\S)")
_NAMED_PARTS = (
    ("first thing", time(8), time(10), "morning"),
    ("early morning", time(8), time(10), "morning"),
    ("late morning", time(10, 30), time(12), "morning"),
    ("mid morning", time(9, 30), time(11, 30), "morning"),
    ("early afternoon", time(12), time(14, 30), "afternoon"),
    ("mid afternoon", time(14), time(16), "afternoon"),
    ("late afternoon", time(15, 30), time(18), "afternoon"),
    ("early evening", time(17), time(19), "evening"),
    ("lunchtime", time(12), time(14), None),
    ("lunch time", time(12), time(14), None),
    ("lunch hour", time(12), time(14), None),
    ("over lunch", time(12), time(14), None),
    ("at lunch", time(12), time(14), None),
    ("lunch", time(12), time(14), None),
    ("midday", time(12), time(13), None),
    ("mid day", time(12), time(13), None),
    ("noonish", time(11, 30), time(13), None),
    ("noon", time(12), time(13), None),
    ("after work", time(17), time(21), "evening"),
    ("after school", time(15), time(18), None),
    ("before work", time(7), time(9), "morning"),
    ("end of the day", time(16), time(19), None),
    ("end of day", time(16), time(19), None),
    ("before school", time(7), time(9), "morning"),
    ("before lunch", time(8), time(12), "morning"),
    ("after lunch", time(13), time(17), "afternoon"),
    ("teatime", time(16), time(18), None),
    ("school hours", time(9), time(15), None),
    ("mornings", *PARTS["morning"], "morning"),
    ("morning", *PARTS["morning"], "morning"),
    ("mornin", *PARTS["morning"], "morning"),
    ("afternoons", *PARTS["afternoon"], "afternoon"),
    ("afternoon", *PARTS["afternoon"], "afternoon"),
    ("arvo", *PARTS["afternoon"], "afternoon"),
    ("pm", *PARTS["afternoon"], "afternoon"),
    ("am", *PARTS["morning"], "morning"),
    ("evenings", *PARTS["evening"], "evening"),
    ("evening", *PARTS["evening"], "evening"),
    ("eve", *PARTS["evening"], "evening"),
    ("tonight", *PARTS["evening"], "evening"),
    ("night", *PARTS["evening"], "evening"),
    ("nights", *PARTS["evening"], "evening"),
    ("late", time(16), time(21), None),
    ("early", time(8), time(10), "morning"),
)
_REFUSED = re.compile(
    r"(?:not|no|except|but not|anything but|never|cant (?:do|make|manage)?|avoid|bar|hate|isnt|apart from|"
    r"other than|rather not|besides|excluding|outside|i work|im at work|im working|dont (?:do|like|want|"
    r"work for)?)(?: (?:in|on|the|a|any|do|too|for|me|really|of|during))*$"
)


@dataclass
class DayTimes:
    """What a text asks of the time of day. `span` is a window within a day; the rest are wishes for any day."""

    span: tuple[time, time] | None = None
    not_before: time | None = None
    not_after: time | None = None
    parts: list[str] = field(default_factory=list)
    exclude_parts: list[str] = field(default_factory=list)
    impossible: bool = False
    exact: time | None = None

    @property
    def any(self) -> bool:
        """Whether the text says anything about the time of day."""
        return bool(self.span or self.not_before or self.not_after or self.parts or self.exclude_parts)


def day_times(text: str) -> DayTimes:
    """Read the times of a text from which dates were taken out."""
    found = DayTimes()
    late = re.search(r"(?<!\S)(?:evenings?|afternoons?|tonight|arvo|after work|night)(?!\S)", text) is not None
    early = re.search(r"(?<!\S)(?:mornings?|first thing|before work)(?!\S)", text) is not None
    for pattern, take in ((_BETWEEN, _between), (_LIMIT, _limit), (_ONWARDS, _onwards), (_ABOUT, _about), (_AT, _at)):
        for match in pattern.finditer(text):
            take(found, match, late, early)
        text = pattern.sub(" ; ", text)
    _named(found, text)
    return found


def _moment(match: re.Match[str], name: str, late: bool, early: bool, other: int | None = None) -> time | None:
    """The clock time of one group set; without am or pm, 1 to 7 are afternoon and 8 to 11 morning."""
    hour, minute = int(match[f"{name}hour"]), int(match[f"{name}minute"] or match[f"{name}spoken"] or 0)
    half = match[f"{name}half"]
    if half:
        minute = 30 if half == "half" else 15
        if half == "quarter" and match[f"{name}side"] in {"to", "till", "of"}:
            hour, minute = hour - 1, 45
    half_day = match[f"{name}half_day"] or ""
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if half_day:
        if hour > 12:
            return time(hour % 24, minute)
        return time(hour % 12 + (0 if half_day in {"am", "a m", "in the morning"} else 12), minute)
    if early and 6 <= hour <= 11:
        return time(hour, minute)
    if 1 <= hour <= 7 or (late and hour < 12 and not (early and hour >= 8)):
        hour += 12
    return time(hour % 24, minute)


def _between(found: DayTimes, match: re.Match[str], late: bool, early: bool) -> None:
    if match["bhalf_day"] and not match["ahalf_day"]:
        late = late or (
            match["bhalf_day"] in {"pm", "p m"}
            and int(match["ahour"]) < int(match["bhour"])
            and int(match["bhour"]) != 12
        )
    start, end = _moment(match, "a", late, early), _moment(match, "b", late, early)
    if start is None or end is None:
        found.impossible = True
    elif start < end:
        found.span = (start, end)
    elif end.hour < 12 and start < time(end.hour + 12, end.minute):
        found.span = (start, time(end.hour + 12, end.minute))


def _limit(found: DayTimes, match: re.Match[str], late: bool, early: bool) -> None:
    moment = _moment(match, "a", late, early)
    if moment is None:
        found.impossible = True
        return
    limit = match["limit"]
    starts = limit.endswith(("after", "past")) or limit in {
        "from",
        "later than",
        "onwards from",
        "no earlier than",
        "earlier than",
        "sooner than",
    }
    if limit in {"later than", "earlier than", "sooner than"}:
        starts = limit == "later than"
    if match["neg"] and limit not in {"no later than", "no earlier than"}:
        starts = not starts
    if starts:
        found.not_before = moment
    else:
        found.not_after = moment


def _onwards(found: DayTimes, match: re.Match[str], late: bool, early: bool) -> None:
    moment = _moment(match, "a", late, early)
    if moment is None:
        found.impossible = True
    elif match.group().endswith(("earlier", "before", "latest")):
        found.not_after = moment
    else:
        found.not_before = moment


def _about(found: DayTimes, match: re.Match[str], late: bool, early: bool) -> None:
    moment = _moment(match, "a" if match["ahour"] else "b", late, early)
    if moment is None:
        found.impossible = True
    elif found.span is None:
        found.span = (_shifted(moment, -30), _shifted(moment, 60))
        found.exact = moment


def _at(found: DayTimes, match: re.Match[str], late: bool, early: bool) -> None:
    moment = _moment(match, "a", late, early)
    if moment is None:
        found.impossible = True
    elif found.span is None:
        found.span = (moment, _shifted(moment, 60))
        found.exact = moment


def _shifted(moment: time, minutes: int) -> time:
    total = max(0, min(moment.hour * 60 + moment.minute + minutes, 23 * 60 + 59))
    return time(total // 60, total % 60)


def _named(found: DayTimes, text: str) -> None:
    spans: list[tuple[time, time]] = []
    for name, start, end, part in _NAMED_PARTS:
        for match in re.finditer(rf"(?<!\S){name}(?!\S)", text):
            if _REFUSED.search(text[: match.start()].rstrip(" ,")):
                if part and part not in found.exclude_parts:
                    found.exclude_parts.append(part)
                continue
            spans.append((start, end))
            if part and part not in found.parts:
                found.parts.append(part)
        text = re.sub(rf"(?<!\S){name}(?!\S)", ";", text)
    found.parts = [part for part in found.parts if part not in found.exclude_parts]
    if spans and found.span is None and not (found.not_before or found.not_after):
        found.span = (min(start for start, _ in spans), max(end for _, end in spans))
