"""When an appointment would suit: days, dates, times and wishes, as a window in the clinic's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.language.answers.calendar_words import MONTHS, WEEKDAYS
from bot.language.answers.clock import DayTimes, day_times
from bot.language.answers.lexicon import phrases
from bot.language.answers.place import month_first
from bot.language.answers.polarity import polarity
from bot.language.answers.wording import Wording, worded
from bot.language.types import Answer

HORIZON_DAYS = 60  # how far ahead a wish without a date looks
SOON_DAYS = 7
_DAY_NAMES = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_MONTH_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_PAST = re.compile(rf"(?<!\S)(?:yesterday|last (?:week|month|year|night|{_DAY_NAMES})|\d+ (?:days?|weeks?) ago)(?!\S)")
_NUMERIC = re.compile(r"(?<![\w/.])(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d\d))?(?![\w/])")
_ISO = re.compile(r"(?<!\d)(20\d\d)-(0?[1-9]|1[0-2])-(\d{1,2})(?!\d)")
_MONTH_LIST = [name for name in MONTHS if MONTHS[name] and len(name) > 2][:12]
_ORDINALS = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        1,
    )
} | {
    f"twenty {word}": 20 + n
    for n, word in enumerate(["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"], 1)
}
_ORDINALS |= {"thirtieth": 30, "thirty first": 31}
_ORDINAL_WORDS = re.compile(
    r"\b("
    + "|".join(
        word.replace(" ", "[ -]")
        for word in sorted(_ORDINALS, key=len, reverse=True)
        if word not in {"first", "second", "third"}
    )
    + r"|(?<=the )(?:first|second|third)(?! (?:thing|available|slot|week|half|opening|one)))\b",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"(?<!\S)(?:the )?(?:(?P<d1>\d{{1,2}}) ?(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH_NAMES})|"
    rf"(?P<m2>{_MONTH_NAMES}) (?:the )?(?P<d2>\d{{1,2}})(?: ?(?:st|nd|rd|th))?(?! ?(?:am|pm|"
    rf":)))(?: ,)?(?: (?P<year>20\d\d))?(?!\S)"
)
_ORDINAL = re.compile(
    r"(?<!\S)(?:on )?(?:the )?(\d{1,2}) ?(?:st|nd|rd|th)(?: of (?P<which>this|next) month| (?:this|next) month)?(?!\S)"
)
_RELATIVE = re.compile(
    r"(?<!\S)(?:in |within )?(?:the next )?(\d+)(?: (?:-|to|or) \d+)? (days?|weeks?|months?)(?:s? time|"
    r" from (?:now|today))?(?!\S)"
)
_FIRST_WEEKDAY = re.compile(
    rf"(?<!\S)(first|last|second|third) ({_DAY_NAMES}) (?:of|in) ({_MONTH_NAMES}|next month|the month)(?!\S)"
)
_EXCLUDED_DAY = re.compile(
    rf"(?<!\S)(?:not|no|except|but not|anything but|any day but|bar|never|cant do|cant make|cant|apart from|"
    rf"other than|avoid|excluding|besides|rather not)(?: (?:on|a|the|any|for|next|this|for me|"
    rf"do))* ({_DAY_NAMES})s?(?!\S)(?:(?: or| and| ,) ({_DAY_NAMES})s?(?!\S))?"
)
_FULL_DAY_NAMES = "|".join(name for name in WEEKDAYS if name.endswith("day"))
_EVERY = re.compile(rf"(?<!\S)(?:any|every|most|all) ({_DAY_NAMES})s?(?!\S)|(?<!\S)({_FULL_DAY_NAMES})s(?!\S)")


@dataclass
class _Days:
    """Days asked for: a first and a last one (inclusive), or none; weekdays wished for; whether that is impossible."""

    first: date | None = None
    last: date | None = None
    weekdays: list[int] | None = None
    impossible: bool = False
    past: bool = False
    rest: str = ""
    listed: bool = False


def read_moment(wording: Wording, now: datetime) -> Answer | None:
    """{appointment_window: (start, end), appointment_preferences: {...}}, aware, in the zone of `now`.

    A past time asks with `clarify` "past_time", a date that cannot be with "impossible", "next week some time" is a
    whole window. Conventions: docs/language-answers.md.
    """
    text = _prepared(wording)
    days = _days(text, now)
    if days.impossible:
        return Answer({}, clarify="impossible")
    times = day_times(days.rest)
    if times.impossible:
        return Answer({}, clarify="impossible")
    asap = phrases("moments", "asap").search(text) is not None
    anytime = phrases("moments", "any").search(text) is not None
    if not (days.first or days.weekdays or times.any or asap or anytime or days.past):
        return _no_time(wording)
    if days.past and not days.first:
        return Answer({}, clarify="past_time")
    preferences = _preferences(days, times, asap)
    window = _window(days, times, asap, now)
    if window[1] <= now:
        return Answer({"appointment_preferences": preferences}, clarify="past_time")
    return Answer({"appointment_window": window, "appointment_preferences": preferences})


def _no_time(wording: Wording) -> Answer | None:
    said = polarity(wording)
    if said in ("unsure", "declined"):
        return Answer({}, status=said)
    if said == "no":
        return Answer({}, status="declined")
    return Answer({}, clarify="unclear") if said == "yes" else None


def _prepared(wording: Wording) -> str:
    original = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", wording.original, flags=re.I)
    original = (
        re.sub(r"(?<=\d)[:.](?=\d\d\b(?!\s*[/.]))", ":", original)
        if not re.search(r"\d\.\d+\.\d", original)
        else original
    )
    original = re.sub(r"\b(\d{1,2})(\d\d)\s?(?:hrs|hours|h)\b", r"\1:\2", original)
    original = _ISO.sub(lambda found: f"{_MONTH_LIST[int(found[2]) - 1]} {found[3]} {found[1]}", original)
    original = _ORDINAL_WORDS.sub(lambda found: f"{_ORDINALS[found[1].lower().replace('-', ' ')]}th", original)
    original = re.sub(
        r"\b(before|after|until|till|by|from|past) (?:noon|midday|mid-day)\b", r"\1 12pm", original, flags=re.I
    )
    original = re.sub(r"\b2\s?(?:moro|morro|morrow|mrw|moz|mo)\b", "tomorrow", original, flags=re.I)
    original = re.sub(r"\b2(?=day\b|night\b)", "to", original, flags=re.I)
    text = " " + worded(original).counted + " "
    cues = list(phrases("corrections").finditer(text))
    if cues and re.search(rf"\d|{_DAY_NAMES}|tomorrow|morning|afternoon|evening|week", text[cues[-1].end() :]):
        text = text[cues[-1].end() :]
    text = (
        text.replace(" . but ", " but ")
        .replace(" , but ", " but ")
        .replace(" . ", " , ")
        .replace(" day after tomorrow", " dayafter")
    )
    return re.sub(r"\s+", " ", text).strip()


def _days(text: str, now: datetime) -> _Days:
    """Take the day words out of the text; `rest` keeps the others for the clock."""
    found = _Days(rest=text)
    today = now.date()
    excluded: list[int] = []
    for match in _EXCLUDED_DAY.finditer(text):
        excluded += [WEEKDAYS[name] for name in match.groups() if name]
    if excluded:
        found.rest = text = _EXCLUDED_DAY.sub(" ", text)
        found.weekdays = [day for day in range(7) if day not in excluded]
    dated = _explicit(text, today, found)
    if dated:
        return found
    if _PAST.search(text):
        found.past = True
        found.rest = text = _PAST.sub(" ", text)
    repeated = [WEEKDAYS[name] for pair in _EVERY.findall(text) for name in pair if name]
    if repeated:
        found.weekdays = sorted({*repeated})
        found.rest = text = _EVERY.sub(" ", text)
        found.listed = True
    _weekday_or_week(text, today, found)
    return found


def _explicit(text: str, today: date, found: _Days) -> bool:
    """A date with its day of the month; reports dates that cannot be."""
    for pattern, read in ((_MONTH_DAY, _month_day), (_NUMERIC, _numeric), (_ORDINAL, _ordinal)):
        match = pattern.search(text)
        if not match:
            continue
        if pattern is _ORDINAL and not re.search(r"\d ?(?:st|nd|rd|th)", match.group()):
            continue
        day = read(match, today)
        found.rest = re.sub(rf"(?<!\S)(?:on |next |this )?(?:{_DAY_NAMES})(?!\S)", " ", pattern.sub(" ", text, count=1))
        if day is None:
            found.impossible = True
        else:
            found.first = found.last = day
        return True
    return False


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_day(match: re.Match[str], today: date) -> date | None:
    month, day = MONTHS[match["m1"] or match["m2"]], int(match["d1"] or match["d2"])
    return _coming(today, month, day, match["year"])


def _numeric(match: re.Match[str], today: date) -> date | None:
    first, second = int(match[1]), int(match[2])
    month, day = (first, second) if month_first() else (second, first)
    if month > 12 >= day:
        month, day = day, month
    return _coming(today, month, day, match[3])


def _coming(today: date, month: int, day: int, year: str | None) -> date | None:
    """The date in the year given, else the nearest: one that passed within the last month stays past."""
    if year:
        return _valid(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    if _valid(2028, month, day) is None:  # a leap year: 29 February may be
        return None
    this_year = _valid(today.year, month, day)
    if this_year is not None and (this_year >= today or (today - this_year).days <= 31):
        return this_year
    return _valid(today.year + 1, month, day) or (None if this_year is None else this_year)


def _ordinal(match: re.Match[str], today: date) -> date | None:
    day = int(match[1])
    if not 1 <= day <= 31:
        return None
    year, month = today.year, today.month
    if "next month" in match.group():
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return _valid(year, month, day)
    for _ in range(12):
        candidate = _valid(year, month, day)
        if candidate is not None and candidate >= today:
            return candidate
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _weekday_or_week(text: str, today: date, found: _Days) -> None:
    monday = today - timedelta(days=today.weekday())
    spans = {
        r"week after next|following week|week after": (monday + timedelta(14), monday + timedelta(20)),
        r"(?:beginning|start|early|first part|early part)(?: of| in)? next week": (
            monday + timedelta(7),
            monday + timedelta(8),
        ),
        r"(?:middle|mid)(?: of)? next week": (monday + timedelta(8), monday + timedelta(10)),
        r"(?:end of|late|later|end)(?: of)? next week": (monday + timedelta(10), monday + timedelta(11)),
        r"(?:end of|later|late)(?: in)?(?: the| this)? week": (
            max(today, monday + timedelta(3)),
            monday + timedelta(4),
        ),
        r"mid ?week": (max(today, monday + timedelta(1)), monday + timedelta(3)),
        r"next weekend": (monday + timedelta(12), monday + timedelta(13)),
        r"(?:this |the )?weekends?": (monday + timedelta(5), monday + timedelta(6)),
        r"(?:the )?dayafter": (today + timedelta(2), today + timedelta(2)),
        r"(?:a )?week (?:tomorrow|from tomorrow)": (today + timedelta(8), today + timedelta(8)),
        r"tomorrow|tomorow|tommorow|tommorrow|tomoz|tmw|2moz|tomorro": (today + timedelta(1), today + timedelta(1)),
        r"(?:a )?week (?:from )?today|this time next week": (today + timedelta(7), today + timedelta(7)),
        r"today|tonight|this (?=morning|afternoon|evening|arvo)": (today, today),
        r"later (?:this|in the) month|this month": (today, _month_end(today)),
        r"(?:the )?end of (?:the |this )?month": (_month_end(today) - timedelta(6), _month_end(today)),
        r"(?:early |start of |beginning of )?next month": (
            _month_end(today) + timedelta(1),
            _month_end(_month_end(today) + timedelta(1)),
        ),
    }
    week_named = re.search(r"(?<!\S)(week after next|week after|next week|this week|following week)(?!\S)", text)
    day_named = re.search(
        rf"(?<!\S)(?:(?P<how>next|this|coming|this coming|on|following|a week on|week on|a week from|"
        rf"a week) )?(?P<day>{_DAY_NAMES})(?P<week> week| after next| next week)?(?!\S)",
        text,
    )
    several = [WEEKDAYS[name] for name in re.findall(rf"(?<!\S)({_DAY_NAMES})(?!\S)", text)]
    if day_named:
        _named_days(text, today, found, day_named, week_named, several)
        return
    if re.search(r"(?<!\S)weekdays?(?!\S)", text):
        found.weekdays = [0, 1, 2, 3, 4]
        found.rest = text = re.sub(r"(?<!\S)weekdays?(?!\S)", " ", text)
    for name, (first, last) in spans.items():
        match = (
            re.search(rf"(?<!\S)(?:{name})(?= |$)", text) or re.search(rf"(?<!\S)(?:{name})", text)
            if "(?=" in name
            else re.search(rf"(?<!\S)(?:{name})(?!\S)", text)
        )
        if match:
            if "weekends" in match.group():
                found.weekdays, found.rest = [5, 6], text.replace(match.group(), " ")
                return
            found.first, found.last = first, last
            keep = "tonight" if "tonight" in match.group() else ""
            found.rest = text[: match.start()] + f" {keep} " + text[match.end() :]
            return
    if week_named:
        weeks = {"next week": 7, "following week": 14, "this week": 0}.get(week_named[1], 14)
        first = monday + timedelta(weeks)
        found.first, found.last = max(first, today), first + timedelta(6)
        found.rest = text.replace(week_named.group(), " ")
        return
    _relative_or_month(text, today, found)


def _named_days(
    text: str, today: date, found: _Days, match: re.Match[str], week: re.Match[str] | None, several: list[int]
) -> None:
    monday = today - timedelta(days=today.weekday())
    listed = sorted(set(several))
    found.rest = re.sub(
        rf"(?<!\S)(?:(?:next|this|coming|on|following|a week on|week on|a week from|a week|"
        rf"either) )*(?:{_DAY_NAMES})(?: after next| next week)?(?!\S)",
        " ",
        text,
    )
    ranged = re.search(rf"({_DAY_NAMES}) (?:-|to|through|thru|until) ({_DAY_NAMES})", text)
    if ranged:
        earliest, latest = WEEKDAYS[ranged[1]], WEEKDAYS[ranged[2]]
        listed = list(range(earliest, latest + 1)) if earliest <= latest else listed
    base = {"next week": 7, "this week": 0}.get(week[1], 14) if week else None
    if week:
        found.rest = found.rest.replace(week.group(), " ")
    how, after = match["how"] or "", match["week"] or ""
    if len(listed) > 1:
        found.weekdays = listed
        if base is not None or how == "next":
            first = monday + timedelta(base if base is not None else 7)
            found.first, found.last = max(first, today), first + timedelta(6)
        return
    weekday = WEEKDAYS[match["day"]]
    ahead = (weekday - today.weekday()) % 7
    if base is not None:
        day = monday + timedelta(base + weekday)
    elif after == " next week" or how in {"next", "following"}:
        day = monday + timedelta(7 + weekday)
    elif after in {" week", " after next"} or how.startswith(("a week", "week")):
        day = today + timedelta((ahead or 7) + 7)
        found.rest = re.sub(r"(?<!\S)week(?!\S)", " ", found.rest)
    elif how == "this":
        day = monday + timedelta(weekday)
    else:
        day = today + timedelta(ahead or 7)
    found.first = found.last = day


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _relative_or_month(text: str, today: date, found: _Days) -> None:
    relative = _RELATIVE.search(text)
    if relative:
        many, unit = int(relative[1]), relative[2]
        days = many * (1 if unit.startswith("day") else 7 if unit.startswith("week") else 30)
        if days > 3650:
            found.impossible = True
            return
        day = today + timedelta(days=days)
        found.rest = _RELATIVE.sub(" ", text, count=1)
        if "within" in relative.group() or "next" in relative.group():
            found.first, found.last = today, day
        else:
            found.first, found.last = day, day + timedelta(days=0 if unit.startswith("day") else 6)
        return
    month = re.search(
        rf"(?<!\S)(?P<part>early |mid |late |start of |beginning of |end of )?(?:in |"
        rf"sometime in )?(?P<month>{_MONTH_NAMES})(?!\S)",
        text,
    )
    if month and not (
        month["month"] in {"may", "mar", "march"}
        and not re.search(r"(?<!\S)(?:in|early|mid|late|of) (?:may|mar|march)", text)
    ):
        number = MONTHS[month["month"]]
        year = today.year + (number < today.month)
        first = date(year, number, 1)
        last = _month_end(first)
        part = (month["part"] or "").strip()
        if part in {"early", "start of", "beginning of"}:
            last = first + timedelta(9)
        elif part == "mid":
            first, last = first + timedelta(10), first + timedelta(19)
        elif part in {"late", "end of"}:
            first = last - timedelta(9)
        found.first, found.last = max(first, today), last
        found.rest = text.replace(month.group(), " ")


def _preferences(days: _Days, times: DayTimes, asap: bool) -> dict[str, Any]:
    wishes: dict[str, Any] = {"asap": True} if asap else {}
    if days.weekdays:
        wishes["weekdays"] = days.weekdays
    for name, moment in (("not_before", times.not_before), ("not_after", times.not_after)):
        if moment is not None:
            wishes[name] = f"{moment:%H:%M}"
    if times.span and not days.first:
        wishes.setdefault("not_before", f"{times.span[0]:%H:%M}")
        wishes.setdefault("not_after", f"{times.span[1]:%H:%M}")
    if times.parts:
        wishes["parts"] = times.parts
    if times.exclude_parts:
        wishes["exclude_parts"] = times.exclude_parts
    return wishes


def _window(days: _Days, times: DayTimes, asap: bool, now: datetime) -> tuple[datetime, datetime]:
    if days.first is None or days.last is None:
        if times.exact is not None and not days.weekdays and not times.parts:
            day = now.date() if _at(now, now.date(), times.exact) > now else now.date() + timedelta(1)
            return _at(now, day, times.span[0] if times.span else times.exact), _at(
                now, day, times.span[1] if times.span else times.exact
            )
        length = SOON_DAYS if asap else HORIZON_DAYS
        return now, _at(now, now.date() + timedelta(length), time(0))
    start, end = _at(now, days.first, time(0)), _at(now, days.last + timedelta(1), time(0))
    if days.first == days.last or times.span:
        first, last = times.span or (times.not_before, times.not_after)
        if first is not None:
            start = _at(now, days.first, first)
        if last is not None:
            end = _at(now, days.last, last)
    if start <= now < end:
        start = now
    return start, end


def _at(now: datetime, day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=now.tzinfo)
