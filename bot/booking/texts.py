"""The words of the booking pages, e-mails and calendar files, from one reviewed file."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.knowledge.source import ContentFile, Entry

TEXTS = Path(__file__).parent.parent / "knowledge" / "booking_texts.yml"

PLACEHOLDERS = frozenset(
    {"clinic", "phone", "website", "emergency", "time", "from", "until", "hours", "zone", "name", "place"}
    | {"practitioner", "reference", "link", "day", "clock"}
)


@dataclass(frozen=True)
class Texts:
    """The parts of the file. Values are texts, lists of texts or mappings of texts."""

    calendar: Mapping[str, str]
    pages: Mapping[str, Any]
    problems: Mapping[str, str]
    emails: Mapping[str, Any]


@cache
def load_texts(path: Path = TEXTS) -> Texts:
    """Read and check the file; raises ContentError with file, line and what is wrong."""
    root = ContentFile(path).root()
    texts = Texts(
        calendar=_checked(root, "calendar"),
        pages=_checked(root, "pages"),
        problems=_checked(root, "problems"),
        emails=_checked(root, "emails"),
    )
    root.finish()
    return texts


def _checked(root: Entry, key: str) -> dict[str, Any]:
    part = root.mapping(key)
    if not part:
        root.fail(f"write the texts for '{key}'", key)
    for name, value in part.items():
        _check(root, (key, name), value)
    return part


def _check(root: Entry, where: tuple[str | int, ...], value: Any) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(root, (*where, name), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check(root, (*where, index), inner)
    elif not isinstance(value, str) or not value.strip():
        root.fail("write a text here", *where)
    else:
        unknown = {field for _, field, _, _ in string.Formatter().parse(value) if field} - PLACEHOLDERS
        if unknown:
            root.fail(f"{{{sorted(unknown)[0]}}} is not something that can be filled in", *where)
