"""What common English words mean, as short vectors, so that words the examples lack are still half understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

# 40,000 words by 64 numbers of 8 bits, cut down from WordLlama's static embeddings (MIT); see docs/language.md.
VECTORS_FILE = Path(__file__).with_name("word_vectors.npz")


@dataclass(frozen=True)
class WordVectors:
    """Vectors of words; words of similar use point the same way."""

    rows: dict[str, int]
    vectors: Any  # words x dimensions, 8-bit integers

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])

    def meaning(self, words: Iterable[str]) -> list[float]:
        """The direction of a message: its words' vectors added up, with length 1. Empty when no word is known."""
        known = [self.rows[word] for word in words if word in self.rows]
        if not known:
            return []
        total = self.vectors[known].sum(axis=0, dtype=np.float32)
        length = float(np.linalg.norm(total))
        return [float(value) / length for value in total] if length else []


@lru_cache(maxsize=1)
def load_word_vectors() -> WordVectors:
    """The vectors that come with the program."""
    with np.load(VECTORS_FILE, allow_pickle=False) as arrays:
        words = arrays["words"].tobytes().decode("utf-8").split("\n")
        return WordVectors({word: row for row, word in enumerate(words)}, arrays["vectors"])
