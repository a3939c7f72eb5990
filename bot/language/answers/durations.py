"""How long ago something began: amounts, "since Tuesday", holidays, years, and which of several times is meant."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from bot.language.answers.calendar_words import MONTHS, WEEKDAYS, holiday
from bot.language.answers.lexicon import phrases
from bot.language.answers.numbers import tidy
from bot.language.answers.quantities import corrected_part, quantities
from bot.language.answers.wording import Wording
from bot.language.types import Answer

_LONGEST_WEEKS = 100 * 52.2
_RECENT = {
    "today": 0.5,
    "this morning": 0.5,
    "this afternoon": 0.2,
    "this evening": 0.2,
    "just now": 0.1,
    "just started": 0.5,
    "tonight": 0.1,
    "earlier today": 0.3,
    "an hour ago": 0.05,
    "last night": 1,
    "yesterday": 1,
    "day before yesterday": 2,
    "other day": 3,
    "other night": 3,
    "overnight": 0.5,
    "in the night": 0.5,
    "this week": 3,
    "last week": 7,
    "week before last": 14,
    "last month": 30,
    "month before last": 60,
    "last year": 365,
    "year before last": 730,
    "this month": 10,
    "this year": 150,
    "lunchtime": 0.3,
    "lunch": 0.3,
    "breakfast": 0.5,
    "few moments ago": 0.1,
    "woke up": 0.5,
    "first thing": 0.5,
    "recently": 10,
    "early hours": 0.5,
    "week ago last": 9,
}  # in days
_SEASONS = {"spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1}
_VAGUE = {"days": 4 / 7, "weeks": 3.0, "months": 13.0}
_BANDLESS = re.compile(
    r"(?<!\S)(?:ages|a while|awhile|long time|for ever|forever|donkeys|yonks|quite some time|some time|a bit|"
    r"eternity|too long|good while|long while|lockdown)(?!\S)"
)
_YEARS = re.compile(
    r"(?<!\S)(?:years|decades|donkeys years|all my life|whole life|entire life|lifelong|my teens|my twenties|"
    r"i was a (?:kid|child|teen\w*|lad|girl|boy)|childhood|school|always|since birth)(?!\S)"
)
_THIS_EPISODE = re.compile(
    r"(?<!\S)(?:this (?:lot|time|episode|bout|flare|flare up|one|spell|round|attack|latest|particular|current|"
    r"bit)|latest|current (?:one|episode|bout|flare)|recent (?:one|bout|flare)|now its|flared(?: up)?|lately|"
    r"bad for|badly for|bad since|worse (?:for|since|in)|really bad)(?!\S)"
)
_RECURRENT = re.compile(
    r"(?<!\S)(?:on and off|off and on|on an off|on n off|on or off|comes and goes|come and go|comes n goes|"
    r"came and went|keeps coming back|keep coming back|comes back|came back|coming back"
    r"|again|recurr\w+|(?:third|fourth|forth|fifth|nth|umpteenth|hundredth|\d+ ?th) time|flares? up|flare ups?|"
    r"every (?:few|couple|so|now|2|3|two|three|year|month|winter|summer)\b.{0,15}"
    r"|intermittent\w*|episodes|bouts|plenty of times|many times|several times|loads of times|repeatedly|"
    r"it returns|regularly|back again|sporadic\w*)(?!\S)"
)
_FIRST = re.compile(
    r"(?<!\S)(?:first (?:time|ever|episode|one|bout|back)|never (?:had|happened|experienced|felt|suffered|"
    r"been)(?: \w+){0,5} (?:before|like this|like it|back pain|this|it)|never before|first ever|new to me|"
    r"brand new|never had it)(?!\S)"
)
_ONSET = re.compile(
    r"(?<!\S)(?:came on (?:over|in|within)|developed over|built up over|over the course of|lasts|lasting|"
    r"for the first|each time|at a time|takes|every)(?: \w+){0,2}$"
)
_AGED = re.compile(
    r"(?<!\S)(?:since|from) (?:i was |age |about |around |my )*(\d{1,2})(?!\S| (?:days|weeks|months|years))"
)
_JUST_BEFORE = re.compile(r"(?:days?|weeks?|months?|years?|hours?)(?: now| or so| ago| for)? ?$")
_NOW_AGED = re.compile(r"(?<!\S)(?:im|now|am|aged|nearly|almost) (\d{2})(?!\S)")
_EARLIER = re.compile(
    r"(?<!\S)(?:had it|had this|happened|previous\w*|last time|before that|another|hurt it|years back)(?!\S)"
)


def read_duration(wording: Wording, now: datetime) -> Answer | None:
    """{duration_weeks}, with recurrent and first_ever_episode where they are said.

    Of several times the one of this episode counts ("10 years on and off, this lot since Easter"), else the first.
    "Ages" gives no number and `clarify` "bands"; bare "weeks" or "months" a guess with "bands".
    """
    text = corrected_part(wording)
    facts: dict[str, object] = {}
    weeks, clarify = _weeks(text, now)
    if weeks is None and clarify is None and text != wording.counted:
        weeks, clarify = _weeks(_in_its_unit(text, wording.counted), now)
    if weeks is not None:
        if weeks > _LONGEST_WEEKS:
            return Answer({}, clarify="out_of_range")
        if weeks < 0:
            return Answer({}, clarify="impossible")
        facts["duration_weeks"] = round(weeks) if weeks >= 4 else tidy(round(weeks, 2))
    if _RECURRENT.search(wording.counted) and not re.search(r"never|not again|first time", wording.counted):
        facts["recurrent"] = True
    if _FIRST.search(wording.counted):
        facts["first_ever_episode"] = True
    if facts and phrases("leg_symptoms", "not_improving").search(wording.plain):
        facts["not_improving"] = True
    if not facts and clarify is None:
        return None
    if weeks is None and clarify is None:
        clarify = "unclear"
    return Answer(facts, clarify=clarify)


def _in_its_unit(corrected: str, whole: str) -> str:
    """A corrected number with the unit that it was given before ("2 months, actually nearer 3"); else all of it."""
    number = re.fullmatch(r"[a-z ]*?(\d{1,3})(?: or so| ish| probably)?[ .!]*", corrected.strip())
    amounts = quantities(whole)
    return f"{number[1]} {amounts[-1].unit}s" if number and amounts else whole


def elapsed_weeks(text: str, now: datetime) -> float | None:
    """Weeks since the first time that a counted text gives, or None if it gives none."""
    weeks, _ = _weeks(text, now)
    return weeks


def _weeks(text: str, now: datetime) -> tuple[float | None, str | None]:
    this = _THIS_EPISODE.search(text)
    if this:
        before, after = _times(text[: this.start()], now), _times(text[this.end() :], now)
        if before and _JUST_BEFORE.search(text[: this.start()]):
            return before[-1][1], None  # "3 days this time, the fourth time this year"
        if after or before:
            return (after or before)[0][1], None
    found = _times(text, now)
    if found:
        earlier = [weeks for place, weeks in found if not _EARLIER.search(text[max(0, place - 30) : place])]
        return (earlier or [found[0][1]])[0], None
    for word, weeks in _VAGUE.items():
        if re.search(rf"(?<!\S){word}(?!\S)", text):
            return weeks, None if word == "days" else "bands"
    if re.search(r"donkeys|yonks", text):
        return None, "bands"
    if _YEARS.search(text):
        return 104.0 if re.search(r"(?<!\S)years(?!\S)", text) else 520.0, None
    return None, "bands" if _BANDLESS.search(text) else None


def _times(text: str, now: datetime) -> list[tuple[int, float]]:
    """Every time in the text, as (place, weeks ago), in order of place."""
    found: list[tuple[int, float]] = []
    taken: list[tuple[int, int]] = []
    for quantity in quantities(text):
        before = text[: quantity.start].rstrip()
        if not _ONSET.search(before) and not re.match(
            r" (?:a|per|each|every) (?:day|week|night|month|year)", text[quantity.end :]
        ):
            found.append((quantity.start, quantity.weeks()))
            taken.append((quantity.start, quantity.end))
    for place, end, days in _named_times(text, now):
        if not any(start < end and place < stop for start, stop in taken):
            found.append((place, days / 7))
            taken.append((place, end))
    if not found:
        bare = re.fullmatch(
            r"(?:for |about |around |a |the |past |last |nearly |almost |over |just |under |maybe |only )*(month|"
            r"week|year|fortnight|day)(?: ish| or so| now| roughly| ago| maybe)*",
            text.strip(),
        )
        if bare:
            found.append((0, {"month": 4.35, "week": 1.0, "year": 52.2, "fortnight": 2.0, "day": 1 / 7}[bare[1]]))
    return sorted(found)


def _named_times(text: str, now: datetime) -> list[tuple[int, int, float]]:
    """Times named by day, month, season, holiday or year, as (start, end, days ago); the longer names first."""
    found: list[tuple[int, int, float]] = []
    weekend = (now.weekday() - 5) % 7 or 7
    named = dict(_RECENT)
    named |= {
        "weekend before last": weekend + 7.0,
        "weekend before": weekend + 7.0,
        "last weekend": float(weekend),
        "weekend": float(weekend),
    }
    for name in sorted(named, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\S){name}(?!\S)", text):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((match.start(), match.end(), named[name]))
    found.extend(_weekdays(text, now))
    found.extend(_dates(text, now))
    kept: list[tuple[int, int, float]] = []
    for one in sorted(found, key=lambda item: (item[0], -item[1])):
        if not any(start < one[1] and one[0] < end for start, end, _ in kept):
            kept.append(one)
    return kept


def _weekdays(text: str, now: datetime) -> list[tuple[int, int, float]]:
    found = []
    names = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
    for match in re.finditer(
        rf"(?<!\S)(?:(last|this|a week) |the )?({names})( before last| gone| last| week ago)?(?!\S)", text
    ):
        days = (now.weekday() - WEEKDAYS[match[2]]) % 7 or 7
        if match[3] == " before last" or match[1] == "a week":
            days += 7
        found.append((match.start(), match.end(), float(days)))
    return found


def _dates(text: str, now: datetime) -> list[tuple[int, int, float]]:
    found = []
    months = "|".join(sorted(MONTHS, key=len, reverse=True))
    for match in re.finditer(
        rf"(?<!\S)(?:the )?(?:(?:(?P<day>\d{{1,2}})(?: ?(?:st|nd|rd|th))?|(?P<first>first)) (?:of )?)?"
        rf"(?P<part>(?:early|mid|late|end of|start of|beginning of|middle of|last) )?(?P<month>{months})"
        rf"(?: (?P<after>\d{{1,2}})(?: ?(?:st|nd|rd|th))?(?! ?\d))?(?: (?P<year>(?:19|20)\d\d))?(?!\S)",
        text,
    ):
        if match["month"] in {"may", "mar", "march", "sat", "sun", "fall"} and not re.search(
            r"(?:since|in|from|last|around|early|mid|late|of|on|about|\d|until|before|after|back)\s*$",
            text[: match.start("month")],
        ):
            continue
        day = int(
            match["day"]
            or match["after"]
            or (match["first"] and 1)
            or {"early": 5, "start of": 3, "beginning of": 3, "late": 25, "end of": 27}.get(
                (match["part"] or "").strip(), 15
            )
        )
        found.append((match.start(), match.end(), _days_since(now, MONTHS[match["month"]], day, match["year"])))
    for match in re.finditer(r"(?<!\S)(\d{1,2})/(\d{1,2})(?:/((?:20)?\d\d))?(?!\S)", text):
        month, day = int(match[1]), int(match[2])
        if month > 12 >= day:
            month, day = day, month
        if 1 <= month <= 12 and 1 <= day <= 31 and re.search(r"since|from|on|started|began", text):
            found.append(
                (
                    match.start(),
                    match.end(),
                    _days_since(now, month, day, match[3] and match[3][-2:].rjust(4, "2").replace("22", "20", 1)),
                )
            )
    for match in re.finditer(
        r"(?<!\S)(?:(?:since|in|from|around|about|back in|early|late|mid|was) )((?:19|20)\d\d)(?!\S)|^((?:19|20)\d\d)$",
        text,
    ):
        year = int(match[1] or match[2])
        found.append((match.start(), match.end(), max(0.0, (now.year - year) * 365.25 + (now.month - 6) * 30.4)))
    for match in re.finditer(
        r"(?<!\S)(?:last |this |the |early |late )?(spring|summer|autumn|fall|winter)(?!\S)", text
    ):
        if match[1] != "fall" or "since" in text or "last fall" in text:
            found.append((match.start(), match.end(), _days_since(now, _SEASONS[match[1]], 15, None)))
    for match in re.finditer(
        r"(?<!\S)(?:since |around |last |about |before |after |over |from |at )*(christmas|xmas|easter|"
        r"new years?(?: eve| day)?|thanksgiving|halloween|bonfire night|valentines(?: day)?|labor day|"
        r"memorial day|july 4th|4th of july|bank holiday|boxing day|fourth of july|independence day)(?!\S)",
        text,
    ):
        then = holiday(match[1], now.date())
        if then:
            found.append((match.start(), match.end(), float((now.date() - then).days)))
    aged = _AGED.search(text)
    if aged and 5 <= int(aged[1]) <= 60 and "since" in text:
        present = _NOW_AGED.search(text[aged.end() :])
        years = int(present[1]) - int(aged[1]) if present and int(present[1]) > int(aged[1]) else 10
        found.append((aged.start(), aged.end(), years * 365.25))
    return found


def _days_since(now: datetime, month: int, day: int, year: str | None) -> float:
    day = min(day, 28) if month == 2 else min(day, 30) if month in (4, 6, 9, 11) else min(day, 31)
    if year:
        return float((now.date() - date(int(year), month, day)).days)
    then = date(now.year, month, day)
    if then > now.date():
        # This month still to come ("since November" said on the 10th) began with the month.
        then = date(now.year, month, 1) if month == now.month else then.replace(year=now.year - 1)
    return float(max((now.date() - then) / timedelta(days=1), 0.5))


def is_longstanding(text: str, group: str) -> bool:
    """Whether the data of a question calls a time in this text long past."""
    return phrases(group, "longstanding").search(text) is not None
