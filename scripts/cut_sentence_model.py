"""Cuts bot/language/sentence_model.npz out of all-MiniLM-L6-v2: three layers, the words of English, 8 bits.

    python -m scripts.cut_sentence_model FOLDER

FOLDER holds the published model's `model.safetensors` and `tokenizer.json`. Needed only to make the file anew.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bot.language.examples import read_examples
from bot.language.flags import words_of
from bot.language.meaning import LONGEST_SENTENCE, MODEL_FILE, SentenceEncoder
from bot.language.spelling import english_words

LAYERS = 3
_ENGLISH_PIECE = re.compile(r"##[a-z]+|[a-z]|[0-9]{1,3}|##[0-9]{1,2}|[.,;:!?'\"()/%&+-]|\[(?:UNK|CLS|SEP)\]")


def read_tensors(file: Path) -> dict[str, Any]:
    """Every tensor of a safetensors file, as 32-bit numbers."""
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    tensors: dict[str, Any] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(content[first:last], np.float32).reshape(entry["shape"])
    return tensors


def kept_pieces(tokenizer: Path) -> dict[str, int]:
    """The pieces of words that English needs, with their rows in the model."""
    vocabulary: dict[str, int] = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    english = english_words()
    return {piece: row for piece, row in vocabulary.items() if piece in english or _ENGLISH_PIECE.fullmatch(piece)}


def in_8_bits(numbers: Any, axis: int) -> tuple[Any, Any]:
    """Whole numbers from -127 to 127, and the scales along `axis` that turn them back."""
    scales = np.abs(numbers).max(axis=axis, keepdims=True) / 127
    return np.rint(numbers / scales).astype(np.int8), scales.astype(np.float32).squeeze(axis)


def cut(tensors: dict[str, Any], pieces: dict[str, int]) -> dict[str, Any]:
    """The arrays of the file."""
    found: dict[str, Any] = {"layers": np.int64(LAYERS)}
    found["vocabulary"] = np.frombuffer("\n".join(pieces).encode(), np.uint8)
    rows = tensors["embeddings.word_embeddings.weight"][list(pieces.values())]
    found["embeddings"], found["embedding_scales"] = in_8_bits(rows, axis=1)
    places = tensors["embeddings.position_embeddings.weight"][:LONGEST_SENTENCE]
    found["positions"] = places + tensors["embeddings.token_type_embeddings.weight"][0]
    found["norm"] = _norm(tensors, "embeddings.LayerNorm")
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        _keep(found, f"{number}.attention", np.concatenate([tensors[f"{part}.weight"] for part in parts]))
        found[f"{number}.attention_bias"] = np.concatenate([tensors[f"{part}.bias"] for part in parts])
        for ours, theirs in (
            ("joined", "attention.output"),
            ("widened", "intermediate"),
            ("narrowed", "output"),
        ):
            _keep(found, f"{number}.{ours}", tensors[f"{name}.{theirs}.dense.weight"])
            found[f"{number}.{ours}_bias"] = tensors[f"{name}.{theirs}.dense.bias"]
            if ours != "widened":
                found[f"{number}.{ours}_norm"] = _norm(tensors, f"{name}.{theirs}.LayerNorm")
    found["centre"] = np.zeros(rows.shape[1], np.float32)
    encoder = SentenceEncoder(found)
    talk = [said for group in read_examples() if group.flag is None for said in group.said]
    found["centre"] = np.mean([encoder.average([words_of(said)])[0] for said in talk], axis=0)
    return found


def _norm(tensors: dict[str, Any], name: str) -> Any:
    return np.stack([tensors[f"{name}.weight"], tensors[f"{name}.bias"]])


def _keep(found: dict[str, Any], name: str, weights: Any) -> None:
    found[name], found[f"{name}.scales"] = in_8_bits(weights.T, axis=0)


def main() -> None:
    """Write the file."""
    folder = Path(sys.argv[1])
    arrays = cut(read_tensors(folder / "model.safetensors"), kept_pieces(folder / "tokenizer.json"))
    np.savez(MODEL_FILE, **arrays)
    sys.stdout.write(f"{MODEL_FILE}: {MODEL_FILE.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
