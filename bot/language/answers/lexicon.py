"""The lay words of every question, as reviewed data, compiled to patterns.

A phrase in the data is words in order. `..` stands for up to five words between, `[word]` may be missing, `word*` is
any ending, `a|b` either, `a_b` two words in a choice, `#` a number, and `<name>` is any of a list of words kept under
`lists`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.knowledge.source import ContentFile

FOLDER = Path(__file__).parents[2] / "knowledge" / "lexicon" / "answers"
GAP = r"(?: [^ ,]+){0,5}?"


@dataclass(frozen=True)
class Vocabulary:
    """All words that the data uses, and those worth correcting to, by first letter."""

    all: frozenset[str]
    stems: tuple[str, ...]
    by_letter: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def lexicon() -> Mapping[str, Any]:
    """All answer data, one mapping from the top names of all files. Raises ContentError for unreadable files."""
    merged: dict[str, Any] = {"lists": {}}
    for path in sorted(FOLDER.glob("*.yml")):
        for name, value in ContentFile(path).data.items():
            if name == "lists":
                merged["lists"].update(value)
            else:
                merged[name] = value
    return merged


@lru_cache(maxsize=1)
def spellings() -> Mapping[str, str]:
    """Common misspellings that are too far off, or too short, to be found by distance."""
    return {str(wrong): str(right) for wrong, right in lexicon().get("spellings", {}).items()}


@lru_cache(maxsize=1)
def known_words() -> Vocabulary:
    """The words in the data. A word is corrected only to words of five letters or more."""
    data = lexicon()
    texts = list(_texts({name: value for name, value in data.items() if name != "spellings"}))
    words = {word for text in texts for word in re.findall(r"[a-z]{3,}", text)}
    words |= set(str(data.get("ordinary_words", "")).split())
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) >= 5:
            by_letter.setdefault(word[0], []).append(word)
    stems = tuple(sorted({stem for text in texts for stem in re.findall(r"([a-z]{4,})\*", text)}))
    return Vocabulary(frozenset(words), stems, {letter: tuple(found) for letter, found in by_letter.items()})


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@lru_cache(maxsize=4096)
def phrase_source(phrase: str) -> str:
    """The regular expression of one phrase, over words separated by single spaces."""
    source, begun = "", False
    for word in str(phrase).split():
        if word == "..":
            source += GAP
        elif word.startswith("[") and word.endswith("]"):
            source += f"(?: {_word(word[1:-1])})?" if begun else f"(?:{_word(word[1:-1])} )?"
        else:
            source += f" {_word(word)}" if begun else _word(word)
            begun = True
    return source


def _word(word: str) -> str:
    choices: list[str] = []
    for choice in word.split("|"):
        if choice.startswith("<") and choice.endswith(">"):
            listed = lexicon()["lists"][choice[1:-1]]
            choices.extend(phrase_source(str(item)) for item in listed)
        elif choice == "#":
            choices.append(r"\d[\d.]*")
        else:
            choices.append(re.escape(choice).replace(r"\*", r"[^ ,]*").replace("_", " "))
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all phrases, the longer ones first; matches whole words."""
    ordered = sorted({str(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase.split()), phrase))
    return re.compile(r"(?<!\S)(?:" + "|".join(phrase_source(phrase) for phrase in ordered) + r")(?!\S)")


@lru_cache(maxsize=256)
def phrases(*path: str) -> re.Pattern[str]:
    """The pattern of the phrase list at this path of the data. Raises KeyError if there is none."""
    value: Any = lexicon()
    for name in path:
        value = value[name]
    return pattern(value)
