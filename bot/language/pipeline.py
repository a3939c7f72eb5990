"""The spaCy pipeline: blank English with our words, danger signs and wording that only hints at them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.language.flags import read_flags
from bot.language.normalise import LONGEST, normalise, pieces, readings

FLAGS = "danger_signs"


class PatientTokenizer:
    """Splits a text where our normaliser does, keeps every character, and sets each token's norm to what is read."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """A document of the text; any string is accepted."""
        words: list[str] = []
        spaces: list[bool] = []
        at = 0
        for start, end in pieces(text):
            _add_gap(text[at:start], words, spaces)
            words.append(text[start:end])
            spaces.append(False)
            at = end
        _add_gap(text[at:], words, spaces)
        doc = Doc(self.vocab, words=words, spaces=spaces)
        for token in doc:
            token.norm_ = " ".join(readings(token.text)) or token.text
        return doc

    def to_disk(self, path: Path, **_kwargs: Any) -> None:
        """Nothing to keep: the reading rules are code and reviewed data."""

    def from_disk(self, path: Path, **_kwargs: Any) -> PatientTokenizer:
        """Itself."""
        return self

    def to_bytes(self, **_kwargs: Any) -> bytes:
        """Nothing to keep."""
        return b""

    def from_bytes(self, _data: bytes, **_kwargs: Any) -> PatientTokenizer:
        """Itself."""
        return self


@spacy.registry.tokenizers("psoas.patient_tokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy has no types here
def patient_tokenizer() -> Callable[[Language], PatientTokenizer]:
    """The tokenizer, as spaCy's configuration names it."""
    return lambda nlp: PatientTokenizer(nlp.vocab)


@Language.component("psoas_danger_signs")  # type: ignore[untyped-decorator]  # spaCy has no types here
def danger_signs(doc: Doc) -> Doc:
    """Write the danger signs of a text into `doc._.danger_signs`."""
    doc._.set(FLAGS, tuple(read_flags(normalise(doc.text))))
    return doc


def make_pipeline() -> Language:
    """The pipeline, made new."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "psoas.patient_tokenizer.v1"}}})
    nlp.max_length = LONGEST * 10
    nlp.add_pipe("psoas_danger_signs")
    return nlp


@lru_cache(maxsize=1)
def load_pipeline() -> Language:
    """The pipeline, made once for this process; no built folder is needed."""
    return make_pipeline()


def build(folder: Path) -> None:
    """Write the pipeline to a folder that `spacy.load` takes by its path once this module is imported."""
    folder.mkdir(parents=True, exist_ok=True)
    make_pipeline().to_disk(folder)


def _add_gap(gap: str, words: list[str], spaces: list[bool]) -> None:
    if not gap:
        return
    if words and gap[0] == " ":
        spaces[-1] = True
        gap = gap[1:]
    if gap:
        words.append(gap)
        spaces.append(False)


if not Doc.has_extension(FLAGS):
    Doc.set_extension(FLAGS, default=())


if __name__ == "__main__":
    build(Path(sys.argv[1]))
