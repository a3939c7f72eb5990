"""Times in words: always weekday, date, clock and zone, and the patient's own time where it differs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.booking.types import DualTime


def clock(moment: datetime) -> str:
    """The wall clock of an aware datetime, as in "9:15 am"."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'am' if moment.hour < 12 else 'pm'}"


def day(moment: datetime) -> str:
    """Weekday and date, as in "Tuesday, November 24"."""
    return f"{moment:%A, %B} {moment.day}"


def zone_name(moment: datetime) -> str:
    """The zone of an aware datetime: its abbreviation, or the city where it has none ("Sao Paulo time")."""
    short = moment.tzname() or ""
    if short.isalpha():
        return short
    key = getattr(moment.tzinfo, "key", "")
    return f"{key.rpartition('/')[2].replace('_', ' ')} time" if key else f"UTC{short}"


def short_time(moment: datetime) -> str:
    """For lists, as in "Tue 9:15 am EST"."""
    return f"{moment:%a} {clock(moment)} {zone_name(moment)}"


def full_time(moment: datetime) -> str:
    """All of it, as in "Tuesday, November 24, 2026, 9:15 am EST"."""
    return f"{day(moment)}, {moment.year}, {clock(moment)} {zone_name(moment)}"


def both_times(moment: datetime, clinic_zone: ZoneInfo, patient_zone: str | None) -> tuple[str, str | None]:
    """The moment in the clinic's words and, where the patient's clock differs, in theirs."""
    times = DualTime.of(moment, clinic_zone, patient_zone)
    return full_time(times.clinic), full_time(times.patient) if times.patient else None
