"""Saying facts back in the patient's plain words, from bot/knowledge/fact_words.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import bot.knowledge

WORDS_FILE = Path(bot.knowledge.__file__).with_name("fact_words.yml")
WEEKS_IN_MONTH = 4.345
WEEKS_IN_YEAR = 52.18


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    return content


def summary(facts: Mapping[str, Any]) -> str:
    """The facts in words, joined by commas; facts that are never said back are left out."""
    return ", ".join(phrase for name, value in facts.items() if (phrase := said_back(name, value)))


def said_back(name: str, value: Any) -> str | None:
    """One fact in words, or None."""
    words = _words()
    if name == "location":
        return " and ".join(words["places"][place] for place in value) or None
    if name in words["flags"]:
        return str(words["flags"][name][0 if value else 1])
    if name in words["numbers"]:
        return str(words["numbers"][name]).format(n=f"{float(value):g}", span=span(float(value)))
    known = words["values"].get(name, {}).get(value)
    return None if known is None else str(known)


def span(weeks: float) -> str:
    """A number of weeks as people say it: "about 3 days", "about 8 months"."""
    spans = _words()["spans"]
    days = weeks * 7
    if days < 1:
        return str(spans["hours"])
    if days < 13:
        unit, count = "day", round(days)
    elif weeks < 11:
        unit, count = "week", round(weeks)
    elif weeks < 103:
        unit, count = "month", round(weeks / WEEKS_IN_MONTH)
    else:
        unit, count = "year", round(weeks / WEEKS_IN_YEAR)
    return str(spans[unit]).format(n=count).replace("(s)", "" if count == 1 else "s")
