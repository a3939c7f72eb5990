"""The age, from digits, words, birth years and near misses such as "turning 40 in May"."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.language.answers.quantities import corrected_part
from bot.language.answers.signs import assertion
from bot.language.answers.wording import Wording
from bot.language.types import Answer

OLDEST = 120
_BORN = re.compile(
    r"(?:born|birth|dob|bday|birthday|from|vintage|class of|of|b)\D{0,24}?(?:\d{1,2}\D{1,12}){0,2}?((?:19|20)\d\d)"
)
_YEAR = re.compile(r"(?<!\d)((?:19[0-9]|20[0-2])\d)(?!\d)")
_SHORT_YEAR = re.compile(
    r"(?:born|birth|vintage)(?: in| back in)?(?: the)?(?: year| spring| summer| autumn| fall| winter)? (?:of )?"
    r"'?(\d\d)(?!\d)|(?:a|an) (\d\d) (?:baby|model|"
    r"vintage)"
)
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]((?:19|20)?\d\d)(?!\d)")
_NEXT = re.compile(
    r"(?:turn|turning|turns|will be|ill be|be|gonna be|going to be|hit|hitting|almost|nearly|nearing|approaching|"
    r"coming up|coming up to|coming up on|pushing|just under|not quite|going on|getting on for|close to|"
    r"knocking on|knocking on for)(?: the big)? (\d{1,3})(?! (?:years|year) (?:ago))"
)
_JUST = re.compile(
    r"(?:just turned|turned|recently turned|just|im|age|aged|am|is|only|hes|shes|currently|still) (\d{1,3})(?!\d)"
)
_DECADE = re.compile(
    r"(?<!\S)(\d0) ?s(?!\S)|(?<!\S)(?:early|mid|late|mid -|my|in my|in the) ?-? ?(\d0(?! ?th)|thirties|forties|"
    r"fifties|sixties|seventies|eighties|twenties)(?! ?\d)|(twenties|thirties|forties|fifties|sixties|seventies|"
    r"eighties|teens|\d0s|fortys|thirtys|fiftys|sixtys)"
)
_DECADES = {"twent": 20, "thirt": 30, "fort": 40, "fift": 50, "sixt": 60, "sevent": 70, "eight": 80, "teens": 16}
_VAGUE = re.compile(
    r"(?<!\S)(?:over|above|under|below|older than|younger than|past|more than|less than|between|"
    r"the wrong side of|north of|around|about|roughly) (\d0)(?!\d)"
)
_OTHER = re.compile(
    r"(?<!\S)(?:hes|shes|he|she|(?:my|our) (?:mum|dad|mother|father|husband|wife|son|daughter|kid|boy|girl|"
    r"partner|nan|gran))(?!\S)"
)
_AGO = re.compile(
    r"\d+ (?:years?|months?|weeks?|days?) ago|since \d+|\d+ (?:hours?|minutes?|kg|lbs?|stone|cm|feet|foot|ft|"
    r"kids|weeks?|days?)(?!\S)"
)


def read_age(wording: Wording, now: datetime) -> Answer | None:
    """{age} in whole years; about someone else also {subject: other}.

    A decade ("40s") gives its middle with `clarify` "about"; an age over 120 gives none, with "out_of_range".
    """
    text = corrected_part(wording)
    answer = _read(text, wording.original, now)
    if answer is None and text != wording.counted:
        answer = _read(wording.counted, wording.original, now)
    if answer is not None and "age" in answer.facts and _OTHER.search(wording.plain):
        return Answer({**answer.facts, "subject": "other"}, clarify=answer.clarify)
    return answer


def _read(text: str, original: str, now: datetime) -> Answer | None:
    year = _birth_year(text, original, now)
    if year is not None:
        return year
    decade = _decade(text)
    if decade is not None:
        return decade
    babies = re.search(r"(?<!\S)(\d+) (months?|weeks?) old", text)
    if babies:
        return _given(int(int(babies[1]) / (12 if babies[2].startswith("month") else 52)))
    text = _AGO.sub(" ", text)
    coming = _NEXT.search(text)
    others = re.findall(r"(?<![\d/.])(\d{1,4})(?:\.\d+)?(?![\d/])", _NEXT.sub(" ", text))
    if coming and not others:
        return _given(int(coming[1]) - 1)
    if re.search(r"(?<!\S)- ?\d", text) and re.match(r"\s*-\s?\d", original):
        return Answer({}, clarify="out_of_range")
    if not others:
        return None
    birthday = re.search(r"(\d{1,3}) ?th birthday", text)
    if birthday:
        return _given(int(birthday[1]))
    said = _JUST.search(_NEXT.sub(" ", text))
    return _given(int(said[1]) if said else int(others[0]))


def _given(age: int) -> Answer:
    return Answer({"age": age}) if 0 <= age <= OLDEST else Answer({}, clarify="out_of_range")


def _birth_year(text: str, original: str, now: datetime) -> Answer | None:
    dated = _DATE.search(original)
    if dated:
        return _by_year(int(dated[1]), now, original)
    found = _BORN.search(text) or _YEAR.search(text)
    if found:
        return _by_year(int(found[1]), now, text)
    short = _SHORT_YEAR.search(text) or re.fullmatch(r"\s*'(\d\d)\s*", original)
    if short:
        return _by_year(int(next(group for group in short.groups() if group)), now, text)
    return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _by_year(year: int, now: datetime, text: str) -> Answer:
    if year < 100:
        year += 2000 if year <= now.year % 100 else 1900
    age = now.year - year
    if age < 0:
        return Answer({}, clarify="impossible")
    month = next(
        (number for number, name in enumerate(_MONTHS, 1) if re.search(rf"(?<![a-z]){name}", text.lower())), None
    )
    if month is not None and month > now.month:
        age -= 1
    return _given(age)


def _decade(text: str) -> Answer | None:
    found = _DECADE.search(text)
    if found:
        word = next(group for group in found.groups() if group)
        start = (
            int(word[:2])
            if word[0].isdigit()
            else next(value for stem, value in _DECADES.items() if word.startswith(stem))
        )
        part = re.search(r"early|mid|late", text[: found.end()])
        inside = {"early": 2, "mid": 5, "late": 8, None: 5}[part.group() if part else None]
        return Answer({"age": start + (0 if word == "teens" else inside)}, clarify="about")
    vague = _VAGUE.search(text)
    if vague and not re.search(r"\d", text[: vague.start()] + text[vague.end() :]):
        return Answer({"age": int(vague[1])}, clarify="about")
    return None


def volunteered_age(wording: Wording) -> dict[str, Any]:
    """{age} where a story says so plainly: "I'm 34", "34 year old", "34f", "aged 34"."""
    for found in _STATED.finditer(wording.counted):
        age = int(next(group for group in found.groups() if group))
        if 1 <= age <= OLDEST and assertion(wording.counted, found.start(), found.end()) == "present":
            return {"age": age}
    return {}


_STATED = re.compile(
    r"(?<!\S)(?:(?:im|am|aged|age|just turned|turned|iam) (?:a |only |now |age |aged )?(\d{1,3})(?!\d)"
    r"(?! ?(?:weeks?|months?|days?|hours?|minutes?|kg|lbs?|stone|pounds|st|cm|ft|feet|%|th|percent|out|st|miles?|"
    r"km|or|/|-|to|mg)(?!\w))"
    r"|(\d{1,3})(?: -)? (?:years?|yrs?|y)(?: -)? ?(?:old|of age|young)|(\d{2}) ?(?:f|m|yo|male|female|y o|man|"
    r"woman)(?=\s|$))"
)
