"""Misspelt words of the field, set right against the words that the answer lexicon uses."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.language.answers.lexicon import known_words, spellings

SHORTEST = 5


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """The word itself, or the lexicon's word that it misspells (one slip in 5 to 8 letters, two in 9 or more)."""
    fixed = spellings().get(word)
    if fixed is not None:
        return fixed
    vocabulary = known_words()
    if len(word) < SHORTEST or len(word) > 20 or word in vocabulary.all or not word.isalpha():
        return word
    if word.startswith(vocabulary.stems):
        return word
    slips = 1 if len(word) < 9 else 2
    found = process.extractOne(
        word, vocabulary.by_letter.get(word[0], ()), scorer=DamerauLevenshtein.distance, score_cutoff=slips
    )
    return found[0] if found else word
