"""Noticing that a message is not in English, and which language it is in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.language.spelling import english_words

LANGUAGES_FILE = Path(__file__).parents[1] / "knowledge" / "languages.yml"
# Enough to tell a language by; a longer message is not read further.
_READ_CHARACTERS = 600
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Letters that Arabic does not have.
_PERSIAN, _URDU = frozenset("پچژگکی"), frozenset("ٹڈڑےں")
# A word that is in a language's list and in English too ("me", "no", "pain") tells little.
_SHARED_WORD, _UNKNOWN_WORD = 0.5, 0.25
# Too short to tell a language by, in any alphabet of letters.
_SHORT_WORD = 2
# Words of other languages that people drop into English. Alone, the greetings among them are taken as meant.
_DROPPED_IN = frozenset(
    (
        "hola",
        "ciao",
        "merci",
        "danke",
        "gracias",
        "amigo",
        "adios",
        "oui",
        "nein",
        "mucho",
        "muchas",
        "bonjour",
        "salut",
    )
)
_NEVER_ALONE = (_DROPPED_IN - {"hola", "bonjour"}) | {"hallo", "nada"}
# A face of signs and one letter is not Japanese.
_FACE = re.compile(r"[(\[][^\w\s]*ツ[^\w\s]*[)\]]")


@dataclass(frozen=True)
class _Languages:
    scripts: Mapping[str, str]  # a word of the letter's Unicode name -> language
    words: Mapping[str, frozenset[str]]  # language -> its everyday words, plain


def other_language(text: str) -> str | None:
    """The ISO 639-1 code of the language of a message, None where it is English or cannot be told."""
    text = _FACE.sub("", unicodedata.normalize("NFC", text[:_READ_CHARACTERS]))
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return None
    foreign = [script for script in map(_script, letters) if script]
    if 2 * len(foreign) >= len(letters):
        return _by_script(text, foreign)
    return _by_words([word.replace("’", "'") for word in _WORD.findall(text.lower())])


def _by_script(text: str, found: list[str]) -> str:
    letters = set(text)
    language = max(sorted(set(found)), key=found.count)
    if language == "zh" and "ja" in found:
        return "ja"
    if language == "ar" and letters & _URDU:
        return "ur"
    if language == "ar" and letters & _PERSIAN:
        return "fa"
    return language


def _by_words(words: list[str]) -> str | None:
    languages = _languages().words
    english = english_words()
    dropped_in = _NEVER_ALONE if len(set(words)) == 1 else _DROPPED_IN
    scores = dict.fromkeys(languages, 0.0)
    telling: set[str] = set()
    spoken = 0.0
    for word in words:
        plain = _plain(word)
        in_english = word.replace("'", "") in english
        at_home = [code for code, known in languages.items() if plain in known]
        for code in at_home:
            scores[code] += _SHARED_WORD if in_english else 1.0
            if not in_english and len(plain) > _SHORT_WORD and plain not in dropped_in:
                telling.add(code)
        if not at_home:
            spoken += 1.0 if in_english or len(plain) < 2 else -_UNKNOWN_WORD
    if not telling:
        return None
    best = max(sorted(telling), key=scores.__getitem__)
    return best if scores[best] > spoken and 2 * scores[best] >= len(words) * _SHARED_WORD else None


def _plain(word: str) -> str:
    """Without accents; Polish l and Turkish i have none to take off."""
    decomposed = unicodedata.normalize("NFD", word)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return bare.replace("ł", "l").replace("ı", "i").replace("đ", "d").replace("ß", "ss")


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str | None:
    if letter.isascii():
        return None
    names = unicodedata.name(letter, "").split()
    return next((code for word, code in _languages().scripts.items() if word in names[:1] + names[1:2]), None)


@lru_cache(maxsize=1)
def _languages() -> _Languages:
    content = yaml.safe_load(LANGUAGES_FILE.read_text(encoding="utf-8"))
    scripts = {name: code for code, names in content["scripts"].items() for name in names}
    words = {code: frozenset(map(_plain, written.split())) for code, written in content["words"].items()}
    return _Languages(scripts, words)
