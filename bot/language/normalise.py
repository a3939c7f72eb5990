"""Phone typing made plain: lower case, one apostrophe-free spelling, no stretched letters, with a way back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# Beyond this many characters a message is not read: nobody writes it by hand, and the desk takes 4,000.
LONGEST = 100_000

_WORD = re.compile(
    r"""
    \d+(?:[.,:/]\d+)*%?                      # 10, 38.5, 7/10, 1,000
    | (?:[^\W\d_]|[@$€!*](?=[^\W\d_])|(?<=[^\W\d_])[0134@$*!](?=[^\W\d_])|['’‘`´ʼ](?=[^\W\d_])|[\u0300-\u036f])+
    | \.{2,}|…                               # a pause
    | [\U0001F1E6-\U0001FAFF\u2600-\u27BF\u2B50\u2764]
    | [^\s\w]
    | _+
    """,
    re.VERBOSE,
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ", "'"))
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "@": "a", "$": "s", "€": "e", "!": "i"})
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")

# Spellings that stand for another word everywhere, apostrophes already taken out.
_SPELLINGS = {
    "loosing": "losing",
    "looseing": "losing",
    "cnt": "cant",
    "nmb": "numb",
    "nub": "numb",
    "u": "you",
    "ur": "your",
    "r": "are",
    "y": "why",
    "n": "and",
    "nd": "and",
    "&": "and",
    "w": "with",
    "bc": "because",
    "cuz": "because",
    "cos": "because",
    "coz": "because",
    "cus": "because",
    "becos": "because",
    "rly": "really",
    "realy": "really",
    "v": "very",
    "pls": "please",
    "plz": "please",
    "thru": "through",
    "tho": "though",
    "altho": "although",
    "nite": "night",
    "tonite": "tonight",
    "2nite": "tonight",
    "2day": "today",
    "2moro": "tomorrow",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "b4": "before",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "hav": "have",
    "av": "have",
    "ave": "have",
    "iv": "ive",
    "wen": "when",
    "wot": "what",
    "wat": "what",
    "dat": "that",
    "da": "the",
    "teh": "the",
    "hte": "the",
    "mi": "my",
    "ma": "my",
    "meself": "myself",
    "mysel": "myself",
    "meslef": "myself",
    "myslef": "myself",
    "bak": "back",
    "bck": "back",
    "cannot": "cant",
    "carnt": "cant",
    "cann": "can",
    "canny": "cant",
    "cannae": "cant",
    "dinnae": "dont",
    "didnae": "didnt",
    "havnt": "havent",
    "havn": "havent",
    "hvnt": "havent",
    "hvent": "havent",
    "dnt": "dont",
    "doesent": "doesnt",
    "dosent": "doesnt",
    "dosnt": "doesnt",
    "dsnt": "doesnt",
    "wont": "wont",
    "isint": "isnt",
    "aint": "aint",
    "didint": "didnt",
    "dident": "didnt",
    "wasent": "wasnt",
    "coudnt": "couldnt",
    "couldent": "couldnt",
    "shouldent": "shouldnt",
    "wouldent": "wouldnt",
    "ain": "aint",
    "nuthin": "nothing",
    "nothin": "nothing",
    "nuffin": "nothing",
    "somethin": "something",
    "sumthing": "something",
    "summat": "something",
    "goin": "going",
    "feelin": "feeling",
    "bin": "been",
    "ben": "been",
    "sumtimes": "sometimes",
    "wk": "week",
    "wks": "weeks",
    "mth": "month",
    "mths": "months",
    "mnths": "months",
    "yr": "year",
    "yrs": "years",
    "hr": "hour",
    "hrs": "hours",
    "hrd": "hard",
    "mins": "minutes",
    "min": "minute",
    "dr": "doctor",
    "doc": "doctor",
    "docs": "doctors",
    "gp": "doctor",
    "hosp": "hospital",
    "mum": "mum",
    "mom": "mum",
    "mam": "mum",
    "mummy": "mum",
    "mommy": "mum",
    "nope": "no",
    "nah": "no",
    "naw": "no",
    "nae": "no",
    "noo": "no",
    "yh": "yes",
    "yeh": "yes",
    "yeah": "yes",
    "yep": "yes",
    "yup": "yes",
    "ye": "yes",
    "aye": "yes",
    "dunno": "dont know",
    "idk": "dont know",
    "abit": "a bit",
    "alot": "a lot",
    "infront": "in front",
    "cant't": "cant",
    "def": "definitely",
    "prob": "probably",
    "probs": "probably",
    "prolly": "probably",
    "prbly": "probably",
    "mebbe": "maybe",
    "mabye": "maybe",
    "temp": "temperature",
    "tempreture": "temperature",
    "tempature": "temperature",
    "temprature": "temperature",
    "diff": "different",
    "bowls": "bowels",
    "bum's": "bum",
    "w/": "with",
    "w/o": "without",
    "wo": "without",
    "ppl": "people",
    "atm": "now",
    "rn": "now",
    "tday": "today",
    "yest": "yesterday",
    "yday": "yesterday",
    "ystrday": "yesterday",
    "yesterdy": "yesterday",
    "cancer's": "cancer",
}
# Clitics that become a word of their own, so that "bum's asleep" and "bum is asleep" read alike.
_CLITICS = (("'s", "is"), ("'re", "are"), ("'ll", "will"), ("'d", "would"))
_WHOLE_CONTRACTIONS = {"i'm": "im", "i've": "ive", "i'd": "id", "i'll": "ill", "let's": "lets", "o'clock": "oclock"}
_PAST_FORMS = {"wee'd": "weed", "pee'd": "peed", "poo'd": "pooed", "poop'd": "pooped", "od'd": "overdosed"}
# Read before stretched letters are shortened.
_ABBREVIATIONS = {"aaa": "aneurysm"}
_STARRED = {
    "c*nt": "cant",
    "p*ss": "piss",
    "sh*t": "shit",
    "f*ck": "fuck",
    "a*se": "arse",
    "ar*e": "arse",
    "a*s": "ass",
    "d*ck": "dick",
    "c*ck": "cock",
    "p*ssy": "pussy",
    "c*m": "cum",
    "s*icide": "suicide",
    "su*cide": "suicide",
    "d*e": "die",
    "k*ll": "kill",
    "p*e": "pee",
    "p*o": "poo",
    "sh*ting": "shitting",
    "v*gina": "vagina",
    "sh*tting": "shitting",
    "p*ssing": "pissing",
    "f*cking": "fucking",
    "f*cked": "fucked",
    "sh*t's": "shit",
}


@dataclass(frozen=True)
class Word:
    """One word or mark, as read (`norm`) and where it stands in the text as written."""

    norm: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        """Whether this is punctuation or a picture rather than a word or number."""
        return not (self.norm[:1].isalnum())


@dataclass(frozen=True)
class Normalised:
    """A text as written, and the words it was read as."""

    text: str
    words: tuple[Word, ...]

    @cached_property
    def norms(self) -> tuple[str, ...]:
        """The words as read, in order."""
        return tuple(word.norm for word in self.words)

    @cached_property
    def plain(self) -> str:
        """The words as read, joined with single spaces."""
        return " ".join(self.norms)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Characters of the original text that words first..last (inclusive) cover."""
        return self.words[first].start, self.words[last].end


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the words and marks of a text stand, as (start, end), in order and not overlapping."""
    for match in _WORD.finditer(text):
        yield match.start(), match.end()


def readings(piece: str) -> list[str]:
    """The words one written piece is read as; most pieces give exactly one."""
    word = unicodedata.normalize("NFKC", piece).translate(_APOSTROPHES).casefold()
    if not word:
        return []
    if word[0].isdigit():
        return [word.rstrip("%")] if word.endswith("%") else [word]
    if not any(character.isalpha() for character in word):
        return ["..." if word[0] in ".…" and len(piece) > 0 and (len(word) > 1 or word == "…") else word]
    word = _plain_word(word.strip("'"))
    return word.split() if word else []


def normalise(text: str) -> Normalised:
    """Read a text word by word. Time grows in step with the text; any string is accepted."""
    text = text[:LONGEST]
    words: list[Word] = []
    for start, end in pieces(text):
        words.extend(Word(norm, start, end) for norm in readings(text[start:end]))
    return Normalised(text, tuple(words))


def _plain_word(word: str) -> str:
    if "*" in word:
        word = _STARRED.get(word, word.replace("*", ""))
    if any(character in "0134@$€!" for character in word):
        word = word.rstrip("!").translate(_LEET)
    if word in _ABBREVIATIONS:
        return _ABBREVIATIONS[word]
    word = _STRETCHED.sub(_shorten, word)
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    if word in _WHOLE_CONTRACTIONS:
        return _WHOLE_CONTRACTIONS[word]
    if word in _PAST_FORMS:
        return _PAST_FORMS[word]
    for ending, reading in _CLITICS:
        if word.endswith(ending) and len(word) > len(ending):
            stem = _spell(word[: -len(ending)].replace("'", ""))
            return f"{stem} {reading}"
    return _spell(word.replace("'", ""))


def _spell(word: str) -> str:
    return _SPELLINGS.get(word, word)


def _shorten(match: re.Match[str]) -> str:
    letter: str = match.group(1)
    # "soooo" is "so"; "feeeel" and "weee" keep the pair that English has.
    return letter * 2 if letter in "eols" and match.start() > 0 and letter != "o" else letter
