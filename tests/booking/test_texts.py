"""The words of pages, e-mails and calendar files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.booking.texts import TEXTS, load_texts
from bot.booking.wording import both_times, clock, full_time
from bot.knowledge.source import ContentError
from tests.booking.conftest import NEW_YORK, local
from tests.knowledge.reading import grade

HEALTH = re.compile(r"pain|back|hip|massage|laser|pregnan|cancer|medicine|stretch|bladder|numb|leg\b", re.IGNORECASE)


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{name}.{number}")
    else:
        yield name, str(value)


ALL = [
    pair for part in ("calendar", "pages", "problems", "emails") for pair in _texts(getattr(load_texts(), part), part)
]


@pytest.mark.parametrize(("name", "text"), [pair for pair in ALL if len(pair[1].split()) > 4])
def test_sentences_read_at_grade_8_or_below(name: str, text: str) -> None:
    assert grade(text) <= 8, f"{name}: {text}"


@pytest.mark.parametrize(("name", "text"), [pair for pair in ALL if pair[0].startswith(("calendar", "emails"))])
def test_what_others_may_see_is_neutral(name: str, text: str) -> None:
    assert not HEALTH.search(text.replace("free again", "")), f"{name}: {text}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{phone}", "{fone}", "fone"),
        ("title: Your appointment", "title: 5", "write a text"),
        ("problems:", "problem:", "problems"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "booking_texts.yml"
    file.write_text(TEXTS.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=message):
        load_texts(file)


@pytest.mark.parametrize(
    ("hour", "minute", "words"), [(0, 5, "12:05 am"), (9, 0, "9:00 am"), (12, 0, "12:00 pm"), (23, 59, "11:59 pm")]
)
def test_the_clock(hour: int, minute: int, words: str) -> None:
    assert clock(local(2026, 12, 1, hour, minute)) == words


def test_times_name_their_zone() -> None:
    winter, summer = local(2026, 12, 1, 9), local(2026, 7, 1, 9)
    assert full_time(winter) == "Tuesday, December 1, 2026, 9:00 am EST"
    assert full_time(summer) == "Wednesday, July 1, 2026, 9:00 am EDT"
    assert both_times(winter, NEW_YORK, "America/Sao_Paulo")[1] == "Tuesday, December 1, 2026, 11:00 am Sao Paulo time"
    assert both_times(winter, NEW_YORK, "Asia/Tokyo")[1] == "Tuesday, December 1, 2026, 11:00 pm JST"


@pytest.mark.parametrize("zone", [None, "", "America/New_York", "America/Toronto", "nowhere", "../../etc/passwd"])
def test_no_second_time_where_there_is_none(zone: str | None) -> None:
    assert both_times(local(2026, 12, 1, 9), NEW_YORK, zone)[1] is None
