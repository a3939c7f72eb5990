"""Reads numbers typed in answer to a numbered list."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERS = re.compile(r"\d{1,2}(?:(?:\s*[,;&+/]\s*|\s+and\s+|\s*,\s*and\s+|\s+)\d{1,2})*")
MOST_CHARACTERS = 60
_JUNK = " .!()#\t\r\n"


def may_be_numbers(text: str, none_words: Sequence[str]) -> bool:
    """Whether it is worth looking which question is open."""
    return len(text) <= MOST_CHARACTERS and (any(sign.isdigit() for sign in text) or _plain(text) in none_words)


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(_JUNK)


def read_numbers(text: str, options: Sequence[str], none_words: Sequence[str]) -> list[str] | None:
    """The ids of the options that the text names by number, none for "none"; None when it is anything else."""
    words = _plain(text)
    if words in none_words:
        return []
    if not _NUMBERS.fullmatch(words):
        return None
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if any(not 1 <= number <= len(options) for number in numbers):
        return None
    return [options[number - 1] for number in dict.fromkeys(numbers)]
