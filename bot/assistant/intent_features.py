"""What the intent classifier sees of a message: words, parts of words, cues from the reviewed lexicon, its shape."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

from bot.language.normalise import normalise

CUES_FILE = Path(__file__).with_name("intent_cues.yml")
# What a message is about is clear from its beginning; the flag reader looks at all of it.
READ_CHARACTERS = 1_000
_DIGIT = re.compile(r"\d")
_PART_LENGTHS = range(2, 6)
# How much a block counts beside the others, once each block has length 1. Chosen on the development set.
BLOCK_WEIGHTS = {"word": 1.0, "part": 1.0, "cue": 0.4, "shape": 0.5}
_LEAST_MESSAGES = {"word": 1, "part": 2, "cue": 1, "shape": 1}
# Messages of at most so many words are one kind of length; beyond the last they are long.
_LENGTHS = (1, 2, 3, 4, 8)

Feature = tuple[str, str]


class CuesError(ValueError):
    """The lexicon of intent cues is malformed; the message says where."""


def words(text: str) -> list[str]:
    """The message as plain words and marks, every digit written as 0."""
    return [_DIGIT.sub("0", norm) for norm in normalise(text[:READ_CHARACTERS]).norms]


@dataclass(frozen=True)
class Cues:
    """Phrases of words, and the names of the cues that each one gives."""

    phrases: Mapping[tuple[str, ...], frozenset[str]]
    longest: int

    @classmethod
    def read(cls, lexicon: Mapping[str, Sequence[str]]) -> Cues:
        """From {cue: phrases as patients write them}; raises CuesError."""
        phrases: dict[tuple[str, ...], set[str]] = {}
        for cue, written in lexicon.items():
            if not written or not all(isinstance(phrase, str) and words(phrase) for phrase in written):
                raise CuesError(
                    f"cue {cue!r}: write a list of phrases, each in quotes if it looks like a number or a yes"
                )
            for phrase in written:
                phrases.setdefault(tuple(words(phrase)), set()).add(cue)
        if not phrases:
            raise CuesError("the lexicon of intent cues is empty")
        return cls({phrase: frozenset(names) for phrase, names in phrases.items()}, max(map(len, phrases)))

    @classmethod
    def load(cls, path: Path = CUES_FILE) -> Cues:
        """From a YAML file; raises CuesError."""
        lexicon = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(lexicon, dict) or not all(isinstance(phrases, list) for phrases in lexicon.values()):
            raise CuesError(f"{path.name}: write `cue: [phrase, phrase, ...]`")
        return cls.read(lexicon)

    def found(self, tokens: Sequence[str]) -> list[str]:
        """The names of the cues in a message, each once, in alphabetical order."""
        names: set[str] = set()
        for first in range(len(tokens)):
            for length in range(1, self.longest + 1):
                names |= self.phrases.get(tuple(tokens[first : first + length]), frozenset())
        return sorted(names)


def features(text: str, cues: Cues) -> dict[str, Counter[str]]:
    """How often each feature occurs in a message, by block."""
    tokens = words(text)
    return {
        "word": Counter(tokens) + Counter(f"{one} {two}" for one, two in pairwise(tokens)),
        "part": Counter(part for token in tokens for part in _parts(token)),
        "cue": Counter(_with_pairs(cues.found(tokens))),
        "shape": Counter(_shape(tokens)),
    }


def _parts(token: str) -> Iterable[str]:
    """Runs of two to five letters, the word's edges marked by spaces, so that a misspelt word is still half known."""
    edged = f" {token} "
    for length in _PART_LENGTHS:
        for start in range(len(edged) - length + 1):
            yield edged[start : start + length]


def _with_pairs(names: Sequence[str]) -> Iterable[str]:
    yield from names
    for position, name in enumerate(names):
        for other in names[position + 1 :]:
            yield f"{name} {other}"


def _shape(tokens: Sequence[str]) -> Iterable[str]:
    """How long the message is, how it begins and ends, and whether it asks."""
    longer_than = sum(len(tokens) > length for length in _LENGTHS)
    yield f"length {longer_than}"
    if tokens:
        yield f"first {tokens[0]}"
        yield f"last {tokens[-1]}"
    if "?" in tokens:
        yield "asks"


@dataclass(frozen=True)
class Vectoriser:
    """Turns messages into weighted features: term frequency by inverse document frequency, each block of length 1."""

    cues: Cues
    columns: Mapping[Feature, int]
    rarity: Sequence[float]

    @classmethod
    def fit(cls, texts: Sequence[str], cues: Cues) -> Vectoriser:
        """Learn which features there are and how rare they are."""
        messages: Counter[Feature] = Counter()
        for text in texts:
            messages.update((block, name) for block, found in features(text, cues).items() for name in found)
        kept = sorted(feature for feature, count in messages.items() if count >= _LEAST_MESSAGES[feature[0]])
        rarity = [math.log((1 + len(texts)) / (1 + messages[feature])) + 1 for feature in kept]
        return cls(cues, {feature: column for column, feature in enumerate(kept)}, rarity)

    def vector(self, text: str) -> tuple[list[int], list[float]]:
        """The columns that a message has, and their weights."""
        columns: list[int] = []
        weights: list[float] = []
        for block, found in features(text, self.cues).items():
            known = [
                (self.columns[block, name], count) for name, count in found.items() if (block, name) in self.columns
            ]
            values = [(1 + math.log(count)) * self.rarity[column] for column, count in known]
            length = math.sqrt(sum(value * value for value in values))
            columns.extend(column for column, _ in known)
            weights.extend(BLOCK_WEIGHTS[block] * value / length for value in values)
        return columns, weights
