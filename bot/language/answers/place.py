"""The clinic that patients write to: its time zone and country decide how dates and numbers are read."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clinic.loader import load_clinic

_CLINIC_FILE = Path(__file__).parents[2] / "clinic" / "clinic.yml"
# Countries that write the month before the day.
_MONTH_FIRST = frozenset({"US", "PH", "FM", "PW", "MH", "GU", "PR"})


@lru_cache(maxsize=1)
def _place() -> tuple[str, ZoneInfo]:
    clinic = load_clinic(os.environ.get("PSOAS_CLINIC") or _CLINIC_FILE)
    return clinic.country, ZoneInfo(str(clinic.time_zone))


def country() -> str:
    """The two-letter country of the clinic."""
    return _place()[0]


def time_zone() -> ZoneInfo:
    """The clinic's time zone."""
    return _place()[1]


def month_first() -> bool:
    """Whether 12/1 is the first of December there."""
    return country() in _MONTH_FIRST
