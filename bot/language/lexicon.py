"""Lay words grouped into concepts, found in a text in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

from bot.language.normalise import readings

_GROUP = re.compile(r"\(([^()]*)\)")
_END = ""


@dataclass(frozen=True)
class Occurrence:
    """Words first to last (inclusive) of a text say the concept."""

    first: int
    last: int


@dataclass
class PhraseTree:
    """Phrases by their words, so that all phrases of all concepts are looked up word by word."""

    root: dict[str, Any] = field(default_factory=dict)

    def add(self, words: Sequence[str], concept: str) -> None:
        """Let these words in a row mean the concept."""
        node = self.root
        for word in words:
            node = node.setdefault(word, {})
        node.setdefault(_END, set()).add(concept)

    def find(self, words: Sequence[str]) -> dict[str, list[Occurrence]]:
        """All occurrences by concept, in order; of one concept only the longest phrase at each place."""
        found: dict[str, list[Occurrence]] = {}
        root = self.root
        for first, word in enumerate(words):
            node = root.get(word)
            if node is None:
                continue
            longest: dict[str, int] = {}
            last = first
            while node is not None:
                for concept in node.get(_END, ()):
                    longest[concept] = last
                last += 1
                node = node.get(words[last]) if last < len(words) and words[last] else None
            for concept, end in longest.items():
                found.setdefault(concept, []).append(Occurrence(first, end))
        return found

    def vocabulary(self) -> set[str]:
        """Every single word that stands in a phrase."""
        words: set[str] = set()
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            for word, below in node.items():
                if word != _END:
                    words.add(word)
                    waiting.append(below)
        return words


def expand(phrase: str) -> Iterator[tuple[str, ...]]:
    """The wordings of a phrase written with alternatives: "(cant|unable to) feel (it|)" gives four."""
    parts: list[list[str]] = []
    position = 0
    for group in _GROUP.finditer(phrase):
        parts.append([phrase[position : group.start()]])
        parts.append(group.group(1).split("|"))
        position = group.end()
    parts.append([phrase[position:]])
    for choice in product(*parts):
        words = tuple(word for piece in "".join(choice).split() for word in _as_read(piece))
        if words:
            yield words


@lru_cache(maxsize=20_000)
def _as_read(piece: str) -> tuple[str, ...]:
    return tuple(readings(piece))


def phrase_tree(concepts: Mapping[str, Iterable[str]]) -> PhraseTree:
    """The tree of all concepts' phrases. A text item may hold several phrases parted by commas."""
    tree = PhraseTree()
    for concept, items in concepts.items():
        for item in items:
            for phrase in item.split(","):
                for words in expand(phrase.strip()):
                    tree.add(words, concept)
    return tree
