"""Takes out of a patient's words what could tell who they are.

It takes out too much rather than too little, and a person looks at the result before it leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bot.knowledge

NAME, PHONE, EMAIL, DATE, ADDRESS, NUMBER = "NAME", "PHONE", "EMAIL", "DATE", "ADDRESS", "NUMBER"
_LEXICON = Path(bot.knowledge.__file__).parent / "lexicon"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY, _YEAR = r"\d{1,2}(?:st|nd|rd|th)?", r"(?:19|20)\d\d"
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|crescent|boulevard|blvd|terrace|place|pl|way|"
    r"gardens|square|sq|grove|parkway|pkwy|highway|hwy)"
)
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\"']+\s?@\s?[^\s@,;:<>()\[\]\"']+|"
    r"\b[\w.+-]+\s*(?:[\[(]\s*at\s*[\])]|\s+at\s+)\s*[\w-]+\s*(?:[\[(]\s*dot\s*[\])]|\s+dot\s+|\.)\s*[a-z]{2,}\b",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<!\w)@\w{2,}")
_FULL_DATE = re.compile(
    rf"\b\d{{1,2}}\s*[/.-]\s*\d{{1,2}}\s*[/.-]\s*\d{{2,4}}\b|\b{_YEAR}\s*[/.-]\s*\d{{1,2}}\s*[/.-]\s*\d{{1,2}}\b|"
    rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}\.?,?\s+(?:{_YEAR}|'\d\d|\d\d)\b|\b{_MONTH}\.?\s+{_DAY},?\s+(?:{_YEAR}|'\d\d)\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    rf"\b((?:born|birthday|dob|d\.o\.b\.?|date of birth)\b\W*(?:is|on|in|was|the)?\W*(?:the\s+)?)"
    rf"(?:{_DAY}(?:\s+(?:of\s+)?{_MONTH})?(?:,?\s+{_YEAR})?|{_MONTH}(?:\s+{_DAY})?(?:,?\s+{_YEAR})?|{_YEAR}|\d{{6,8}})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    rf"\b(?:(?:flat|apt\.?|apartment|unit|suite|no\.?)\s*\d+\w?,?\s+)?\d{{1,5}}[a-z]?,?\s+(?:[\w'.-]+\s+){{1,3}}?"
    rf"{_STREET}\b\.?(?:,?\s+(?:flat|apt\.?|apartment|unit|suite)\s*\w+)?|"
    rf"\b(?:flat|apt\.?|apartment)\s+\d+\w?\b|\bp\.?\s?o\.?\s+box\s+\d+",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}\b|\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?\b|\b\d{5}-\d{4}\b|"
    r"\b(?:zip|postcode|zip\s?code)\W{0,3}(?:is\s+)?\w{3,8}(?:\s\d\w\w)?\b"
)
_LONG_NUMBER = re.compile(r"\b\d(?:[\s().-]?\d){5,}\b")
_WORD = r"[^\W\d_][\w'’-]*"
# What follows is a name, however it is written.
_SAID_NAME = re.compile(
    rf"\b((?:my|the|his|her|full|first|last)\s+(?:name|surname)(?:\s+is|'?s|:)\s*|\bi'?m\s+called\s+|"
    rf"\bi\s+am\s+called\s+|\bcall\s+me\s+|\bname:\s*|\bsigned,?\s+)({_WORD}(?:[ \t]+{_WORD})?)",
    re.IGNORECASE,
)
_TITLE = re.compile(rf"\b((?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|nurse|sir|madam)\.?\s+)([A-Z]{_WORD[7:]})")
_CAPITAL = re.compile(r"(?<![\w'’])[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s*|^\W+)$")
# fmt: off
_NOT_NAMES = frozenset({
    "i", "i'm", "i've", "i'd", "i'll", "im", "ive",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "christmas", "easter", "english", "american", "british",
    "facebook", "messenger", "google", "youtube", "instagram", "whatsapp",
})
_AFTER_NAME = frozenset({"and", "but", "i", "my", "the", "is", "with", "from", "or", "who", "it"})
# fmt: on


@dataclass(frozen=True)
class Known:
    """What is known about whose words these are: `people` are names to take out, `clinic` are words that stay."""

    country: str = "US"
    people: tuple[str, ...] = ()
    clinic: frozenset[str] = frozenset()


def redact(text: str, known: Known | None = None) -> str:
    """The text with names, telephone numbers, e-mail addresses, dates of birth, addresses and numbers replaced."""
    known = known or Known()
    for person in known.people:
        for part in sorted({person, *person.split()}, key=len, reverse=True):
            if len(part) > 1:
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", NAME, text, flags=re.IGNORECASE)
    text = _EMAIL.sub(EMAIL, _LINK.sub(ADDRESS, text))
    text = _HANDLE.sub(NAME, text)
    text = _FULL_DATE.sub(DATE, text)
    text = _BIRTH.sub(rf"\1{DATE}", text)
    text = _ADDRESS.sub(ADDRESS, text)
    text = _POSTCODE.sub(ADDRESS, text)
    text = _phones(text, known.country)
    text = _LONG_NUMBER.sub(NUMBER, text)
    text = _SAID_NAME.sub(_after_name, text)
    stays = known.clinic
    text = _TITLE.sub(lambda found: found[0] if found[2].lower() in stays else f"{found[1]}{NAME}", text)
    text = _capitals(text, stays)
    return re.sub(rf"\b{NAME}(?:[ \t]+{NAME})+\b", NAME, text)


def _phones(text: str, country: str) -> str:
    # Imported only here: its tables of all countries would slow every start.
    import phonenumbers

    found = phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.POSSIBLE)
    for match in reversed(list(found)):
        text = f"{text[: match.start]}{PHONE}{text[match.end :]}"
    return text


def _after_name(found: re.Match[str]) -> str:
    """A name of one or two words: the second may already belong to the sentence."""
    words = found[2].split()
    rest = [word for word in words[1:] if word.lower() in _AFTER_NAME]
    return " ".join([f"{found[1]}{NAME}", *rest])


def _capitals(text: str, stays: frozenset[str]) -> str:
    """Words written like names. Not at the start of a sentence, and not where most words are written so."""
    words = re.findall(_WORD, text)
    if sum(word[0].isupper() for word in words) > 0.6 * len(words) and len(words) > 3:
        return text

    def judge(found: re.Match[str]) -> str:
        word = found[0]
        lower = word.lower().replace("’", "'")
        bare = re.sub(r"'?s$", "", lower)
        if word in (NAME, PHONE, EMAIL, DATE, ADDRESS, NUMBER) or word.isupper() or {lower, bare} & _NOT_NAMES:
            return word
        if bare in stays or bare in _ordinary() or _SENTENCE_START.search(text[: found.start()]):
            return word
        return NAME

    return _CAPITAL.sub(judge, text)


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    """The words of the reviewed lexicon: illnesses, medicines, parts of the body."""
    words: set[str] = set()
    for file in _LEXICON.rglob("*.yml"):
        words.update(word.lower() for word in re.findall(r"[^\W\d_]{3,}", file.read_text(encoding="utf-8")))
    return frozenset(words)


def clinic_words(names: Iterable[str]) -> frozenset[str]:
    """The words of the clinic's own names, which everybody may read."""
    return frozenset(word.lower() for name in names for word in re.findall(r"[^\W\d_]+", name))
