"""Danger signs in words that no pattern knows: a sentence is compared with reviewed examples.

Two likenesses count: of meaning, by the vectors of `meaning.py`, and of words, word pairs and the lexicon's concepts.
What the examples teach is worked out beforehand (`learning.py`) and kept in `sign_examples.npz`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bot.language.lexicon import PhraseTree
from bot.language.meaning import SentenceEncoder, load_encoder

LEARNT_FILE = Path(__file__).with_name("sign_examples.npz")
# From SURE_SCORE up a sign is told; from LEAST_SCORE up the patient is asked. It takes LEAST_ASIDE where something
# speaks against it (the past, a denial, a pattern that was seen and judged), and LEAST_SHORT in a few words, which
# patterns know better. Measured in docs/language.md.
LEAST_SCORE, LEAST_ASIDE, SURE_SCORE, LEAST_SHORT = -0.2, 0.1, 0.15, 0.3
FEW_WORDS = 6
FEWEST_WORDS = 3
WORDS_SHARE = 0.5  # how much likeness of words counts beside likeness of meaning


@dataclass(frozen=True)
class Hint:
    """One kind of danger sign that is told indirectly, with what it says of the patient."""

    flag: str
    facts: Mapping[str, Any]


class IndirectSigns:
    """Scores a sentence for every kind of hint."""

    def __init__(self, encoder: SentenceEncoder, concepts: PhraseTree, learnt: Mapping[str, Any]) -> None:
        self._encoder = encoder
        self._concepts = concepts
        told = json.loads(learnt["hints"].tobytes())
        self._hints = [Hint(hint["flag"], hint["facts"]) for hint in told]
        self._flags = sorted({hint.flag for hint in self._hints})
        self._examples = learnt["examples"].astype(np.float32)
        self._weights = learnt["weights"].astype(np.float32)
        self._mean = learnt["mean"]
        features = learnt["features"].tobytes().decode("utf-8").split("\n")
        self._features = {feature: row for row, feature in enumerate(features)}
        self._feature_weights = learnt["feature_weights"].astype(np.float32)

    def read(self, sentences: Sequence[Sequence[str]]) -> list[tuple[float, Hint] | None]:
        """How near each sentence is to the signs (about -1 to 1) and to which; None for too few words, near to none."""
        long_enough = [words for words in sentences if len(words) >= FEWEST_WORDS]
        vectors = iter(self._encoder.encode(long_enough) if long_enough else ())
        return [self._nearest(next(vectors), words) if len(words) >= FEWEST_WORDS else None for words in sentences]

    def _nearest(self, vector: Any, words: Sequence[str]) -> tuple[float, Hint]:
        likeness = np.exp(2 * (self._examples @ vector - 1))
        scores = self._mean + likeness @ self._weights
        rows = [self._features[feature] for feature in features_of(words, self._concepts) if feature in self._features]
        if rows:
            scores = scores + WORDS_SHARE * self._feature_weights[rows].sum(axis=0) / np.sqrt(len(rows))
        flags = scores[: len(self._flags)]
        flag = self._flags[int(flags.argmax())]
        kinds = [number for number, hint in enumerate(self._hints) if hint.flag == flag]
        best = max(kinds, key=lambda number: float(scores[len(self._flags) + number]))
        return float(flags.max()), self._hints[best]


def least_score(words: int, *, is_plain: bool) -> float:
    """The score from which a sentence of so many words is asked about; `is_plain`: nothing speaks against it."""
    least = LEAST_SCORE if is_plain else LEAST_ASIDE
    return max(least, LEAST_SHORT) if words < FEW_WORDS else least


def features_of(words: Sequence[str], concepts: PhraseTree) -> set[str]:
    """What is compared of the words themselves: words, pairs with at most one between, and concepts."""
    words = [word for word in words if word[:1].isalnum()]
    return {
        *words,
        *(f"{one} {two}" for one, two in pairwise(words)),
        *(f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False)),
        *concepts.find(words),
    }


def load_indirect_signs(concepts: PhraseTree) -> IndirectSigns:
    """What the examples taught."""
    with np.load(LEARNT_FILE, allow_pickle=False) as learnt:
        return IndirectSigns(load_encoder(), concepts, {name: learnt[name] for name in learnt.files})
