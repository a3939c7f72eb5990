"""Patterns over concepts: which words, in which order, how far apart."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, product

from bot.language.lexicon import Occurrence

# How many words may stand between two parts of a pattern when it does not say ("numb" all around the "bum").
USUAL_GAP = 2
_GAP = re.compile(r"\.\.(\d+)$")


@dataclass(frozen=True)
class Part:
    """One part of a pattern: a concept's name or plain words, and how far it may follow the part before."""

    names: tuple[str, ...]
    gap: int


@dataclass(frozen=True)
class Pattern:
    """Parts that must follow each other within one sentence."""

    parts: tuple[Part, ...]

    @cached_property
    def first_words(self) -> tuple[str, ...]:
        """What the pattern can begin with."""
        return self.parts[0].names


class Evidence:
    """What was found in a text, word by word: plain words, concepts, and where sentences end."""

    def __init__(self, words: Sequence[str], ends: Sequence[bool], concepts: Mapping[str, list[Occurrence]]) -> None:
        self.words = words
        self._found: dict[str, list[Occurrence]] = dict(concepts)
        for index, word in enumerate(words):
            self._found.setdefault(word, []).append(Occurrence(index, index))
        self._starts: dict[str, list[int]] = {}
        self._ends_before = list(accumulate(ends, initial=0))

    def has(self, name: str) -> bool:
        """Whether the concept or word occurs at all."""
        return name in self._found

    def names(self) -> list[str]:
        """Every concept and word that occurs."""
        return list(self._found)

    def occurrences(self, name: str) -> list[Occurrence]:
        """Where the concept or word occurs, in order."""
        return self._found.get(name, [])

    def starting(self, name: str, low: int, high: int) -> Iterator[Occurrence]:
        """Occurrences whose first word lies in low..high (inclusive)."""
        found = self._found.get(name)
        if not found:
            return
        starts = self._starts.get(name)
        if starts is None:
            starts = self._starts[name] = [occurrence.first for occurrence in found]
        index = bisect_left(starts, low)
        while index < len(found) and starts[index] <= high:
            yield found[index]
            index += 1

    def same_sentence(self, first: int, last: int) -> bool:
        """Whether no sentence ends between the two words."""
        return self._ends_before[last] == self._ends_before[first]


def compile_pattern(source: str) -> list[Pattern]:
    """Read a pattern.

    Lower-case parts are words (`a|b` either), upper-case parts are concepts. `part?` may be missing, `A & B` stand in
    any order, `..5` lets up to five words stand before the next part (two when nothing is said), `+` lets none.
    """
    if " & " in source:
        left, right = source.split(" & ", 1)
        gap = "..4 " if not (match := re.match(r"\.\.(\d+) ", right)) else ""
        if match:
            gap, right = f"..{match.group(1)} ", right[match.end() :]
        return [*compile_pattern(f"{left} {gap}{right}"), *compile_pattern(f"{right} {gap}{left}")]
    slots: list[list[Part | None]] = []
    gap_width = USUAL_GAP
    for piece in source.split():
        if piece == "+":
            gap_width = 0
        elif match := _GAP.match(piece):
            gap_width = int(match.group(1))
        else:
            part = Part(tuple(piece.rstrip("?").split("|")), gap_width)
            slots.append([part, None] if piece.endswith("?") else [part])
            gap_width = USUAL_GAP
    return [Pattern(tuple(part for part in choice if part)) for choice in product(*slots) if any(choice)]


class PatternIndex:
    """Patterns with what they stand for, looked up by the words and concepts that a text holds."""

    def __init__(self, patterns: Sequence[tuple[Pattern, int]]) -> None:
        self._by_start: dict[str, list[tuple[Pattern, int]]] = {}
        for pattern, meaning in patterns:
            for name in pattern.first_words:
                self._by_start.setdefault(name, []).append((pattern, meaning))

    def find(self, evidence: Evidence, names: Sequence[str]) -> Iterator[tuple[int, Occurrence]]:
        """Every match as (meaning, the words it covers)."""
        for name in names:
            for pattern, meaning in self._by_start.get(name, ()):
                rest = pattern.parts[1:]
                if not all(any(evidence.has(option) for option in part.names) for part in rest):
                    continue
                for start in evidence.occurrences(name):
                    last = _complete(evidence, start.last, rest)
                    if last is not None:
                        yield meaning, Occurrence(start.first, last)


def _complete(evidence: Evidence, last: int, parts: Sequence[Part]) -> int | None:
    """The last word of the match that goes on after word `last`, or None."""
    if not parts:
        return last
    part, rest = parts[0], parts[1:]
    for name in part.names:
        for candidate in evidence.starting(name, last + 1, last + 1 + part.gap):
            if evidence.same_sentence(last, candidate.first):
                end = _complete(evidence, candidate.last, rest)
                if end is not None:
                    return end
    return None
