"""Danger signs told indirectly: what the patterns do not see is compared with reviewed examples.

A linear classifier (ridge regression on words, word pairs and the lexicon's concepts) learns from the examples when
it is first needed, in a tenth of a second; nothing has to be built, and the same examples give the same classifier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bot.language.lexicon import PhraseTree

# Below this a sentence hints at nothing; between the two the patient is asked. Measured in docs/language.md.
LEAST_SCORE = 0.0
SURE_SCORE = 0.35
_FEWEST_WORDS = 5
_RIDGE = 1.0


@dataclass(frozen=True)
class Hint:
    """One kind of danger sign that is told indirectly, with what it says of the patient."""

    flag: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """A sentence as read, and the hint that it is an example of; None when it is harmless."""

    words: Sequence[str]
    hint: int | None


class IndirectSigns:
    """Scores a sentence for every kind of hint."""

    def __init__(self, hints: Sequence[Hint], examples: Sequence[Example], concepts: PhraseTree) -> None:
        self._hints = tuple(hints)
        self._concepts = concepts
        said = [self._features(example.words) for example in examples]
        counts = Counter(feature for features in said for feature in features)
        self._columns = {feature: i for i, feature in enumerate(sorted(f for f, n in counts.items() if n > 1))}
        rows = np.stack([self._row(features) for features in said])
        targets = np.full((len(examples), len(hints)), -1.0, np.float32)
        for number, example in enumerate(examples):
            if example.hint is not None:
                targets[number, example.hint] = 1.0
        self._mean = targets.mean(axis=0)
        # The dual form: there are fewer examples than features.
        kernel = rows @ rows.T + _RIDGE * np.eye(len(examples), dtype=np.float32)
        self._weights: Any = rows.T @ np.linalg.solve(kernel, targets - self._mean)

    def read(self, words: Sequence[str]) -> tuple[Hint, bool] | None:
        """The hint that a sentence gives, and whether it is sure; None when it gives none."""
        words = [word for word in words if word[:1].isalnum()]
        if len(words) < _FEWEST_WORDS:
            return None
        columns = [self._columns[feature] for feature in self._features(words) if feature in self._columns]
        if not columns:
            return None
        scores = self._mean + self._weights[sorted(columns)].sum(axis=0) / np.sqrt(len(columns))
        best = int(scores.argmax())
        if scores[best] < LEAST_SCORE:
            return None
        return self._hints[best], bool(scores[best] >= SURE_SCORE)

    def _features(self, words: Sequence[str]) -> set[str]:
        words = [word for word in words if word[:1].isalnum()]
        return {
            *words,
            *(f"{one} {two}" for one, two in pairwise(words)),
            *(f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False)),
            *self._concepts.find(words),
        }

    def _row(self, features: Iterable[str]) -> Any:
        row = np.zeros(len(self._columns), np.float32)
        known = [self._columns[feature] for feature in features if feature in self._columns]
        if known:
            row[known] = 1 / np.sqrt(len(known))
        return row
