"""Names of days, months and holidays, and the dates that they stand for."""

from __future__ import annotations

from datetime import date, timedelta

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
    "wensday": 2,
    "wednsday": 2,
    "wednesdy": 2,
    "thrusday": 3,
    "thursdy": 3,
    "tusday": 1,
    "teusday": 1,
    "tuesdy": 1,
    "saterday": 5,
    "mondy": 0,
    "fridy": 4,
    "wendsday": 2,
    "thirsday": 3,
}
WEEKDAYS = {name: number for number, name in enumerate(_DAYS)} | _SHORT_DAYS
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
MONTHS = (
    {name: number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(_MONTHS, 1) if name not in ("may", "march")}
    | {"sept": 9, "feburary": 2, "febuary": 2, "agust": 8, "novemeber": 11, "decmber": 12, "mar": 3}
)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holiday(name: str, today: date) -> date | None:
    """The latest day of this holiday that is not after today; None for names not known."""
    for year in (today.year, today.year - 1):
        day = _holiday_in(name, year)
        if day is None:
            return None
        if day <= today:
            return day
    return None


def _holiday_in(name: str, year: int) -> date | None:
    if name == "easter":
        return easter(year)
    if name == "thanksgiving":
        return _nth_weekday(year, 11, 3, 4)
    if name == "labor day":
        return _nth_weekday(year, 9, 0, 1)
    if name == "memorial day":
        return date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    if name == "bank holiday":
        return date(year, 8, 31) - timedelta(days=date(year, 8, 31).weekday())
    fixed = {
        "christmas": (12, 25),
        "xmas": (12, 25),
        "boxing day": (12, 26),
        "halloween": (10, 31),
        "bonfire night": (11, 5),
        "july 4th": (7, 4),
        "4th of july": (7, 4),
        "fourth of july": (7, 4),
        "independence day": (7, 4),
    }
    if name.startswith("new year"):
        return date(year, 1, 1)
    if name.startswith("valentine"):
        return date(year, 2, 14)
    return date(year, *fixed[name]) if name in fixed else None


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
