"""Works out what the reviewed examples teach, and keeps it: `python -m bot.language.learning`, after they changed.

Kernel ridge regression: one equation for each example, which says how much its likeness speaks for each sign.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.language.examples import EXAMPLES, Examples, read_examples
from bot.language.flags import lexicon, words_of
from bot.language.indirect import FEWEST_WORDS, LEARNT_FILE, WORDS_SHARE, Hint, features_of
from bot.language.lexicon import PhraseTree
from bot.language.meaning import MODEL_FILE, SentenceEncoder, load_encoder

_RIDGE = 0.1
_FEWEST_USES = 3  # a word that stands in fewer examples teaches nothing of others


@dataclass(frozen=True)
class Lesson:
    """The words of one example, and the number of the hint that it gives; None for a harmless one."""

    words: Sequence[str]
    hint: int | None


def digest() -> str:
    """Changes when the examples or the model of meaning change: then there is something to learn anew."""
    files = [MODEL_FILE, *sorted(EXAMPLES.glob("*.yml"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def lessons(examples: Iterable[Examples]) -> tuple[list[Hint], list[Lesson]]:
    """The kinds of hints, and all lessons; what is only possible teaches nothing."""
    hints: list[Hint] = []
    found: list[Lesson] = []
    for group in examples:
        if group.assertion == "possible":
            continue
        number = None
        if group.flag is not None and group.assertion == "present":
            hint = Hint(group.flag, group.facts)
            if hint not in hints:
                hints.append(hint)
            number = hints.index(hint)
        found += [Lesson(words, number) for said in group.said if len(words := words_of(said)) >= FEWEST_WORDS]
    return hints, found


def learn(hints: Sequence[Hint], lessons: Sequence[Lesson], encoder: SentenceEncoder, concepts: PhraseTree) -> Any:
    """The arrays that `indirect.py` reads."""
    flags = sorted({hint.flag for hint in hints})
    targets = np.full((len(lessons), len(flags) + len(hints)), -1.0, np.float32)
    for row, lesson in enumerate(lessons):
        if lesson.hint is not None:
            targets[row, flags.index(hints[lesson.hint].flag)] = 1
            targets[row, len(flags) + lesson.hint] = 1
    vectors = np.concatenate([encoder.encode([lesson.words]) for lesson in lessons])
    said = [features_of(lesson.words, concepts) for lesson in lessons]
    uses = Counter(feature for features in said for feature in features)
    columns = {feature: i for i, feature in enumerate(sorted(f for f, n in uses.items() if n >= _FEWEST_USES))}
    rows = np.zeros((len(lessons), len(columns)), np.float32)
    for row, features in enumerate(said):
        known = [columns[feature] for feature in features if feature in columns]
        rows[row, known] = 1 / np.sqrt(max(len(known), 1))
    likeness = np.exp(2 * (vectors @ vectors.T - 1)) + WORDS_SHARE * rows @ rows.T
    mean = targets.mean(axis=0)
    weights = np.linalg.solve(likeness + _RIDGE * np.eye(len(lessons), dtype=np.float32), targets - mean)
    return {
        "hints": _as_bytes(json.dumps([{"flag": hint.flag, "facts": hint.facts} for hint in hints])),
        "examples": vectors.astype(np.float16),
        "weights": weights.astype(np.float16),
        "mean": mean,
        "features": _as_bytes("\n".join(columns)),
        "feature_weights": (rows.T @ weights).astype(np.float16),
        "digest": _as_bytes(digest()),
    }


def _as_bytes(text: str) -> Any:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def main() -> None:
    """Learn, and write the file."""
    hints, found = lessons(read_examples())
    np.savez_compressed(LEARNT_FILE, **learn(hints, found, load_encoder(), lexicon().tree))
    sys.stdout.write(f"learnt {len(found)} examples of {len(hints)} kinds of signs\n")


if __name__ == "__main__":
    main()
