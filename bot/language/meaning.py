"""What a sentence means, as one vector: the first layers of a small language model, in plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

# The first three layers of all-MiniLM-L6-v2 (Apache 2.0), its numbers kept in 8 bits; see docs/language.md.
MODEL_FILE = Path(__file__).with_name("sentence_model.npz")
LONGEST_SENTENCE = 64  # pieces of words; what is beyond is not looked at
_HEADS = 12
_LEAST_VARIANCE = 1e-12
_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 24


@dataclass(frozen=True)
class Layer:
    """One layer's weights, each laid out to be multiplied from the right."""

    attention: Any  # width x 3 widths: query, key and value
    attention_bias: Any
    joined: Any
    joined_bias: Any
    joined_norm: Any  # 2 x width: factor and shift
    widened: Any  # width x 4 widths
    widened_bias: Any
    narrowed: Any
    narrowed_bias: Any
    narrowed_norm: Any


class SentenceEncoder:
    """Turns the words of a sentence into a vector of length 1; sentences of like meaning point the same way."""

    def __init__(self, arrays: Any) -> None:
        names = arrays["vocabulary"].tobytes().decode("utf-8").split("\n")
        self._pieces = {piece: row for row, piece in enumerate(names)}
        self._embeddings = arrays["embeddings"]
        self._embedding_scales = arrays["embedding_scales"]
        self._positions = arrays["positions"]
        self._norm = arrays["norm"]
        self._centre = arrays["centre"]
        self._layers = [
            Layer(**{name: _weights(arrays, f"{number}.{name}") for name in Layer.__dataclass_fields__})
            for number in range(int(arrays["layers"]))
        ]

    def encode(self, sentences: Sequence[Sequence[str]]) -> Any:
        """One vector for each sentence of lower-case words. Several at once take little longer than one, 2 ms."""
        vectors = self.average(sentences) - self._centre
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def average(self, sentences: Sequence[Sequence[str]]) -> Any:
        """The average of the pieces' vectors, from which what all sentences share is not yet taken away."""
        rows = [self._rows(words) for words in sentences]
        lengths = [len(each) for each in rows]
        flat = [row for each in rows for row in each]
        places = [place for length in lengths for place in range(length)]
        owner = np.repeat(np.arange(len(rows)), lengths)
        # Pieces look only at pieces of their own sentence.
        apart = np.where(owner[:, None] == owner[None, :], np.float32(0), np.float32(-1e9))
        state = self._embeddings[flat] * self._embedding_scales[flat][:, None] + self._positions[places]
        state = _normalised(state, self._norm)
        for layer in self._layers:
            state = _attended(state, layer, apart)
            state = _transformed(state, layer)
        starts = np.cumsum([0, *lengths[:-1]])
        return np.add.reduceat(state, starts, axis=0) / np.array(lengths, np.float32)[:, None]

    def _rows(self, words: Sequence[str]) -> list[int]:
        pieces = [piece for word in words[:LONGEST_SENTENCE] for piece in self._split(word)]
        return [self._pieces[piece] for piece in (_BEGIN, *pieces[: LONGEST_SENTENCE - 2], _END)]

    def _split(self, word: str) -> list[str]:
        """The longest known pieces that make up a word, from its beginning."""
        if word in self._pieces:
            return [word]
        pieces: list[str] = []
        start = 0
        while start < len(word[:_LONGEST_WORD]):
            mark = "##" if start else ""
            lengths = range(len(word), start, -1)
            end = next((end for end in lengths if mark + word[start:end] in self._pieces), None)
            if end is None:
                return [_UNKNOWN]
            pieces.append(mark + word[start:end])
            start = end
        return pieces


@lru_cache(maxsize=1)
def load_encoder() -> SentenceEncoder:
    """The encoder that comes with the program."""
    with np.load(MODEL_FILE, allow_pickle=False) as arrays:
        return SentenceEncoder({name: arrays[name] for name in arrays.files})


def _weights(arrays: Any, name: str) -> Any:
    """Weights as they are calculated with; what is kept in 8 bits has a scale for each column."""
    kept = arrays[name]
    return kept * arrays[f"{name}.scales"] if f"{name}.scales" in arrays else kept


def _normalised(state: Any, norm: Any) -> Any:
    state = state - state.mean(axis=1, keepdims=True)
    variance = np.mean(state * state, axis=1, keepdims=True)
    return state / np.sqrt(variance + _LEAST_VARIANCE) * norm[0] + norm[1]


def _attended(state: Any, layer: Layer, apart: Any) -> Any:
    length, width = state.shape
    projected = (state @ layer.attention + layer.attention_bias).reshape(length, 3, _HEADS, width // _HEADS)
    query, key, value = projected.transpose(1, 2, 0, 3)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(np.float32(width // _HEADS)) + apart
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))  # the largest becomes 1, so that all stay finite
    weights /= weights.sum(axis=2, keepdims=True)
    joined = (weights @ value).transpose(1, 0, 2).reshape(length, width)
    return _normalised(state + joined @ layer.joined + layer.joined_bias, layer.joined_norm)


def _transformed(state: Any, layer: Layer) -> Any:
    wide = state @ layer.widened + layer.widened_bias
    # GELU, by its usual approximation.
    wide *= 0.5 * (1 + np.tanh(np.float32(0.7978845608) * (wide + np.float32(0.044715) * wide * wide * wide)))
    return _normalised(state + wide @ layer.narrowed + layer.narrowed_bias, layer.narrowed_norm)
