"""What the intent classifier sees of a message: its words, parts of words, its shape and what its words mean."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.assistant.word_vectors import WordVectors
from bot.language.normalise import normalise

# What a message is about is clear from its beginning; the flag reader looks at all of it.
READ_CHARACTERS = 1_000
# How much a block counts beside the others, once each block has length 1; and in how many messages of the training
# data a feature must occur. Chosen by measurement: docs/language.md.
BLOCK_WEIGHTS = {"word": 1.0, "part": 1.0, "shape": 0.5}
_LEAST_MESSAGES = {"word": 1, "part": 2, "shape": 1}
_PART_LENGTHS = range(2, 6)
# Messages of at most so many words are one kind of length; beyond the last they are long.
_LENGTHS = (1, 2, 3, 4, 8)
_DIGIT = re.compile(r"\d")

Feature = tuple[str, str]


def words(text: str) -> list[str]:
    """The message as plain words and marks, every digit written as 0."""
    return [_DIGIT.sub("0", norm) for norm in normalise(text[:READ_CHARACTERS]).norms]


def features(tokens: Sequence[str]) -> dict[str, Counter[str]]:
    """How often each feature occurs in a message, by block."""
    return {
        "word": Counter(tokens) + Counter(f"{one} {two}" for one, two in pairwise(tokens)),
        "part": Counter(part for token in tokens for part in _parts(token)),
        "shape": Counter(_shape(tokens)),
    }


def _parts(token: str) -> Iterable[str]:
    """Runs of two to five letters, the word's edges marked by spaces, so that a misspelt word is still half known."""
    edged = f" {token} "
    for length in _PART_LENGTHS:
        for start in range(len(edged) - length + 1):
            yield edged[start : start + length]


def _shape(tokens: Sequence[str]) -> Iterable[str]:
    """How long the message is, how it begins and ends, and whether it asks."""
    yield f"length {sum(len(tokens) > length for length in _LENGTHS)}"
    if tokens:
        yield f"first {tokens[0]}"
        yield f"last {tokens[-1]}"
    if "?" in tokens:
        yield "asks"


@dataclass(frozen=True)
class Vectoriser:
    """Turns messages into weighted features: term frequency by inverse document frequency, each block of length 1.

    The first columns are the meaning of the message, one for each dimension of the word vectors.
    """

    meanings: WordVectors
    columns: Mapping[Feature, int]
    rarity: Sequence[float]

    @classmethod
    def fit(cls, texts: Sequence[str], meanings: WordVectors) -> Vectoriser:
        """Learn which features there are and how rare they are."""
        messages: Counter[Feature] = Counter()
        for text in texts:
            messages.update((block, name) for block, found in features(words(text)).items() for name in found)
        kept = sorted(feature for feature, count in messages.items() if count >= _LEAST_MESSAGES[feature[0]])
        rarity = [math.log((1 + len(texts)) / (1 + messages[feature])) + 1 for feature in kept]
        return cls(meanings, {feature: column for column, feature in enumerate(kept)}, rarity)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.meanings.dimensions + len(self.columns)

    def vector(self, text: str) -> tuple[list[int], list[float]]:
        """The columns that a message has, and their weights. Both are empty where nothing in it is known."""
        tokens = words(text)
        weights = self.meanings.meaning(tokens)
        columns = list(range(len(weights)))
        for block, found in features(tokens).items():
            known = [
                (self.columns[block, name], count) for name, count in found.items() if (block, name) in self.columns
            ]
            values = [(1 + math.log(count)) * self.rarity[column] for column, count in known]
            length = math.sqrt(sum(value * value for value in values))
            columns.extend(self.meanings.dimensions + column for column, _ in known)
            weights.extend(BLOCK_WEIGHTS[block] * value / length for value in values)
        return columns, weights
