"""Reads numbers typed in answer to a numbered list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.desk.channels.messenger.texts import MessengerTexts

_NUMBER = r"#?\d{1,2}[.)]?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:[\s,;&+/]+{_NUMBER})*")
_RANGE = re.compile(r"(\d{1,2})\s*(?:-|\N{EN DASH})\s*(\d{1,2})")
MOST_CHARACTERS = 60
_JUNK = " .!()#\t\r\n"


def may_be_numbers(text: str, texts: MessengerTexts) -> bool:
    """Whether it is worth looking which question is open."""
    return len(text) <= MOST_CHARACTERS and (
        any(sign.isdigit() for sign in text)
        or _plain(text) in (*texts.none_words, *texts.all_words)
        or any(word in texts.number_words for word in _plain(text).replace(",", " ").split())
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(_JUNK)


def read_numbers(text: str, options: Sequence[str], texts: MessengerTexts) -> list[str] | None:
    """The ids of the options that the text names by number, none for "none"; None when it is anything else."""
    words = _plain(text)
    if words in texts.none_words:
        return []
    if words in texts.all_words:
        return list(options)
    span = _RANGE.fullmatch(words)
    numbers = range(int(span[1]), int(span[2]) + 1) if span else _listed(words, texts)
    if not numbers or any(not 1 <= number <= len(options) for number in numbers):
        return None
    return [options[number - 1] for number in dict.fromkeys(numbers)]


def _listed(words: str, texts: MessengerTexts) -> list[int]:
    """The numbers of a text that has nothing else in it; empty when it has."""
    known = [texts.number_words.get(word, word) for word in re.findall(r"[^\s,;&+/]+|[,;&+/]", words)]
    plain = " ".join(word for word in known if word not in texts.filler_words)
    return [int(number) for number in re.findall(r"\d+", plain)] if _NUMBERS.fullmatch(plain) else []
