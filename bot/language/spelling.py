"""Misspelt words of the body, put right; a proper English word is never changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity

_SHORTEST = 4
_TWO_MISTAKES_FROM = 8
_LONGEST = 20


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """About 80,000 English words, apostrophes taken out."""
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split()[0].replace("'", "") for line in lines.splitlines() if line)


class Spelling:
    """Finds the one lexicon word that a misspelt word most likely is."""

    def __init__(self, vocabulary: Iterable[str], corrections: Iterable[tuple[str, str]] = ()) -> None:
        self._known = frozenset(vocabulary)
        self._corrections = dict(corrections)
        self._index = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word in self._known:
            if len(word) >= _SHORTEST and word.isalpha():
                self._index.create_dictionary_entry(word, 1)
        self._cached = lru_cache(maxsize=20_000)(self._correct)

    def correct(self, word: str) -> str:
        """The lexicon word, or the word itself when it is English, known, too short or too far off."""
        if word in self._known:
            return word
        return self._cached(word)

    def _correct(self, word: str) -> str:
        if word in self._corrections:
            return self._corrections[word]
        if not word.isalpha() or not _SHORTEST <= len(word) <= _LONGEST or word in english_words():
            return word
        if word.endswith("in") and word + "g" in self._known:
            return word + "g"
        distance = 2 if len(word) >= _TWO_MISTAKES_FROM else 1
        candidates = [
            found
            for found in self._index.lookup(word, Verbosity.CLOSEST, max_edit_distance=distance)
            if found.term[0] == word[0]
        ]
        if len(candidates) > 1:
            # An everyday word is likelier than a rare one, and the last letter is seldom the wrong one.
            candidates = [found for found in candidates if found.term in english_words()] or candidates
            candidates = [found for found in candidates if found.term[-1] == word[-1]] or candidates
        return min(candidates, key=lambda found: (len(found.term), found.term)).term if candidates else word
