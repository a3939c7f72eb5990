"""A patient's text made ready for the readers: plain words in clauses, with numbers as digits where wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from bot.language.answers.numbers import digitised
from bot.language.answers.spelling import corrected
from bot.language.normalise import normalise

# The chat takes 4,000 characters; what is longer is read at its beginning and its end.
LONGEST = 4000

_AND_A_HALF = re.compile(r"(?<!\d )(?<!\S)(?:an? )?(hour|year|month|week|day) and (?:a|1) half(?!\S)")
_ENDS = frozenset({".", "!", ";", "...", "?"})
_PICTURES = {"👍": "yes", "✅": "yes", "✔": "yes", "👌": "ok", "👎": "no", "❌": "no", "🙅": "no", "🤷": "dont know"}
_FULL_FORMS = re.compile(
    r"(?<!\S)(?:(?P<verb>do|does|did|is|are|was|were|has|have|had|could|would|should|ca|wo|will|must) (?:not|nt)"
    r"|(?P<can>can) not|i (?P<am>am|have)(?= (?:not |never )?\w)|(?P<it>it|that|what|there|everything) is)(?!\S)"
)
# "2nd" would be read as "2 and".
_ORDINAL = re.compile(r"(\d) ?(?:nd|rd|st)\b", re.IGNORECASE)
_VERTEBRA = re.compile(r"\b[lL][1-5](?:\s?[/-]\s?[lLsS]?[1-5])?\b")
_TURNS = re.compile(
    r" (?=(?:but|however|although|though|except|apart from|other than|until|tho)(?: |$))"
    r"| , (?=(?:i|ive|im|my|its|it|theres|there|we|he|she|they|yes|only|just|actually|then|now|had|have|got|been|"
    r"started|feel|feels|can|and i|and my|and its)(?: |$))"
)


@dataclass(frozen=True)
class Wording:
    """A text as it was read. Every clause is plain lower-case words and commas, separated by single spaces."""

    original: str
    clauses: tuple[str, ...]

    @cached_property
    def plain(self) -> str:
        """All clauses in one line, a full stop between them."""
        return " . ".join(self.clauses)

    @cached_property
    def counted(self) -> str:
        """All clauses in one line, with number words as digits ("twenty five" is "25")."""
        return _AND_A_HALF.sub(r"1.5 \1s", " ".join(digitised(self.plain.split())))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words alone, without marks."""
        return tuple(word for word in self.plain.split() if word[0].isalnum())


def worded(text: str) -> Wording:
    """Read any string; never raises, and the work grows in step with the text, up to LONGEST characters."""
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]
    clauses: list[str] = []
    for line in _VERTEBRA.sub("lumbar", _ORDINAL.sub(r"\1th", text)).splitlines():
        for sentence in _sentences(line):
            plain = _contracted(" ".join(sentence))
            clauses.extend(clause for clause in (part.strip(" ,") for part in _TURNS.split(plain)) if clause)
    return Wording(text, tuple(clauses))


def _sentences(line: str) -> list[list[str]]:
    words = normalise(line).words
    sentences: list[list[str]] = [[]]
    for number, word in enumerate(words):
        norm = word.norm
        if norm in _ENDS:
            if norm == "?" and sentences[-1]:
                sentences[-1].append("?")
            sentences.append([])
        elif word.is_mark:
            sentences[-1].extend(
                _mark(norm, words[number - 1].norm if number else "", _spaced(line, word.start, word.end))
            )
        else:
            sentences[-1].append(corrected(norm))
    return [sentence for sentence in sentences if sentence]


def _mark(mark: str, before: str, spaced: bool) -> list[str]:
    if mark[0] in _PICTURES:
        return [",", *_PICTURES[mark[0]].split(), ","]
    if mark in {"-", "–", "—", "~"}:
        return ["-"] if before[:1].isdigit() else [","] if spaced or mark == "—" else []
    if mark == "/":
        return ["or"]
    if mark in {"+", "%", "@"}:
        return [mark]
    return [","] if mark in {",", ":", "(", ")"} else []


def _spaced(line: str, start: int, end: int) -> bool:
    return line[max(0, start - 1) : start].isspace() or line[end : end + 1].isspace()


def _contracted(plain: str) -> str:
    return _FULL_FORMS.sub(_short_form, plain)


def _short_form(match: re.Match[str]) -> str:
    if match["verb"]:
        return {"will": "wont"}.get(match["verb"], match["verb"] + "nt")
    if match["can"]:
        return "cant"
    if match["am"]:
        return {"am": "im", "have": "ive"}[match["am"]]
    return match["it"] + "s"
