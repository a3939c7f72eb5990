"""Where, in a text without full stops, one answer ends and the next begins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.polarity import polarity
from bot.language.answers.signs import Mention, read_signs
from bot.language.answers.wording import Wording, worded

_UNIT = re.compile(
    r"(?:hours?|hrs?|h|minutes?|mins?|days?|weeks?|months?|years?|to|or|out|of|but|a|per|more|less)(?!\S)"
)
_FEWEST_WORDS = 2  # "no cancer fever" may be a list; "no cancer a bit feverish yesterday" is none


def at_answers(part: str, questions: Sequence[str]) -> list[str]:
    """The part cut before every word that begins an answer of its own ("no no not that ive noticed").

    Returns the part itself where there is nothing to cut, else plain lower-case words.
    """
    plain = worded(part).plain.replace(" . ", " ")
    starts = [match.start() for match in phrases("joined", "starts").finditer(plain) if match.start() > 0]
    starts = [start for start in starts if not phrases("joined", "goes_before").fullmatch(plain[:start].split()[-1])]
    bounds = sorted({0, *starts, *_after_complete_answers(plain), len(plain)})
    bits = [plain[a:b].strip(" ,") for a, b in itertools.pairwise(bounds)]
    with_signs = [question for question in questions if "signs" in lexicon().get(question, {})]
    parted = [piece for bit in bits if bit for piece in _at_denied_signs(bit, with_signs)]
    return parted if len(parted) > 1 else [part]


def _after_complete_answers(plain: str) -> Iterator[int]:
    """Where a statement follows an answer that is complete: "not really | had my left hip replaced"."""
    for match in phrases("joined", "complete").finditer(plain):
        if phrases("joined", "states").match(plain, match.end() + 1):
            yield match.end() + 1
    for match in phrases("joined", "guessed").finditer(plain):
        if plain[match.end() + 1 : match.end() + 2].isalpha() and not _UNIT.match(plain, match.end() + 1):
            yield match.end() + 1


def _at_denied_signs(bit: str, questions: Sequence[str]) -> list[str]:
    """Cut where a "no" to one question has ended and a sign of a later one begins: "no leg pain | my foot drags".

    The denial would otherwise reach into what follows it, and a danger sign be lost.
    """
    whole = Wording(bit, (bit,))
    for place, question in enumerate(questions[1:], 1):
        denied = [mention for mention in read_signs(question, whole).mentions if mention.assertion == "absent"]
        starts = {start for mention in denied for start in _starts(bit, mention)}
        for start in sorted(starts):
            before, after = bit[:start].strip(" ,"), bit[start:]
            if before and _is_complete(before, questions[:place]) and _tells(after, question):
                return [before, *_at_denied_signs(after, questions)]
    return [bit]


def _starts(bit: str, mention: Mention) -> Iterator[int]:
    """Where a sign's statement may begin: before it, or at a word of it ("nothing in the legs | my foot is weak")."""
    yield _begin(bit, mention)
    for word in re.finditer(r"\S+", bit[mention.start : mention.end]):
        yield mention.start + word.start()


def _begin(bit: str, mention: Mention) -> int:
    """Where the statement begins that a sign stands in: with the small words right before it."""
    start = mention.start
    for word in reversed(bit[: mention.start].split()):
        if not phrases("joined", "leads_in").fullmatch(word):
            break
        start = bit.rindex(word, 0, start)
    return start


def _is_complete(before: str, questions: Sequence[str]) -> bool:
    """Whether the words are a whole no to one of these questions, which wants nothing after it."""
    if polarity(Wording(before, (before,))) != "no" and not any(
        read_signs(question, Wording(before, (before,))).denies for question in questions
    ):
        return False
    words = before.split()
    if len(words) < _FEWEST_WORDS:
        return False
    if any(phrases("joined", "closes").fullmatch(" ".join(words[-many:])) for many in (1, 2)):
        return True
    return any(_ends_with_its_words(question, before) for question in questions)


def _ends_with_its_words(question: str, before: str) -> bool:
    reading = read_signs(question, Wording(before, (before,)))
    if any(mention.end == len(before) for mention in reading.mentions):
        return True
    if question not in lexicon()["topics"]:
        return False
    return any(match.end() == len(before) for match in phrases("topics", question).finditer(before))


def _tells(after: str, question: str) -> bool:
    """Whether the words affirm a sign when they are read alone, and are more than its name."""
    is_named_alone = len(after.split()) < _FEWEST_WORDS and not phrases("joined", "names").fullmatch(after)
    return not is_named_alone and bool(read_signs(question, Wording(after, (after,))).names())
