"""Signs in an answer: which of a question's lay phrases are there, and whether they are said to be so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from bot.language.answers.lexicon import lexicon, pattern, phrases
from bot.language.answers.polarity import Polarity, polarity
from bot.language.answers.wording import Wording

Assertion = Literal["present", "absent", "possible", "past", "other_person", "asked"]
_LONGEST_YES = 4  # words

# "Legs are not strong": what would deny a sign is itself denied.
_TURNED = re.compile(
    r"(?<!\S)(?:not|isnt|arent|dont|doesnt|wasnt|never|less)(?: (?:feel|feeling|all|that|so|very|as|quite|"
    r"really)){0,2} $"
)


_TURNED_WITHIN = re.compile(r"(?<!\S)(?:less|(?:not|isnt|arent) (?:as|so|that|very|all that))(?!\S)")
_STATED = re.compile(r"(?<!\S)(?:i|ive|im|got|had|have|been)(?!\S)")


@dataclass(frozen=True)
class Sign:
    """One sign of a question's data: its name, the facts it sets and how patients say it."""

    name: str
    facts: Mapping[str, Any]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Mention:
    """A sign found in a clause, with what the clause says of it."""

    sign: Sign
    assertion: Assertion
    clause: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """All that one text says to a question of signs."""

    mentions: tuple[Mention, ...]
    denies: bool
    polarity: Polarity | None
    explained: bool = False

    def names(self, assertion: Assertion = "present") -> set[str]:
        """Names of the signs with this assertion."""
        return {mention.sign.name for mention in self.mentions if mention.assertion == assertion}

    def said(self, *names: str) -> list[Mention]:
        """Mentions of these signs that are said to be so."""
        return [mention for mention in self.mentions if mention.assertion == "present" and mention.sign.name in names]


@lru_cache(maxsize=64)
def signs_of(group: str) -> tuple[Sign, ...]:
    """The signs of a group in the data."""
    listed = lexicon()[group]["signs"]
    return tuple(Sign(name, spec.get("facts", {}), pattern(spec["phrases"])) for name, spec in listed.items())


@lru_cache(maxsize=64)
def _extra(group: str, name: str) -> re.Pattern[str] | None:
    listed = lexicon()[group].get(name)
    return pattern(listed) if listed else None


def read_signs(group: str, wording: Wording) -> Reading:
    """Every sign of the group in the text, the group's own ways to deny, and the text's yes or no."""
    mentions: list[Mention] = []
    denies = explained = False
    subject_other = False
    for clause in wording.clauses:
        subject_other = _about_someone_else(clause, subject_other)
        taken = _spans(_extra(group, "not_signs"), clause)
        denied = [
            span
            for span in _spans(_extra(group, "denials"), clause)
            if not _overlap(span, taken) and not _is_turned(clause, *span)
        ]
        denies = denies or bool(denied)
        explained = explained or bool(taken)
        for sign in signs_of(group):
            for match in sign.pattern.finditer(clause):
                if not _overlap(match.span(), taken) and not _overlap(match.span(), denied):
                    said = "other_person" if subject_other else assertion(clause, *match.span())
                    mentions.append(Mention(sign, said, clause, *match.span()))
    return Reading(tuple(_without_nested(mentions)), denies, _said_plainly(wording), explained)


def _is_turned(clause: str, start: int, end: int) -> bool:
    return bool(_TURNED.search(clause[:start]) or _TURNED_WITHIN.search(clause[start:end]))


def _said_plainly(wording: Wording) -> Polarity | None:
    """The text's yes or no; "every day" or "positive" within a sentence is no yes to a danger sign."""
    said = polarity(wording)
    is_long = len(wording.words) > _LONGEST_YES
    if said == "yes" and is_long and not phrases("polarity", "strong", "yes").match(wording.plain):
        return None
    return said


def assertion(clause: str, start: int, end: int) -> Assertion:
    """What a clause says of the words at start..end: so, not so, in doubt, or only asked about."""
    before, after = clause[:start], clause[end:]
    if phrases("context", "hypothetical").search(before) or (
        clause.endswith("?") and phrases("context", "asking").match(clause)
    ):
        return "asked"
    if _negated_before(before) or _negated_after(before, after.lstrip()):
        return "absent"
    near = before.rsplit(" , ", 1)[-1]
    if phrases("context", "doubt").search(near) or phrases("context", "doubt_after").match(after.lstrip()):
        return "possible"
    return "present"


def _negated_after(before: str, after: str) -> bool:
    """Whether the words right after deny what came before ("numbness: none", "balance fine").

    After a statement ("I have myeloma no nothing") a no belongs to what follows.
    """
    found = phrases("context", "negates_after").match(after)
    if not found or (_STATED.search(before) and found.group().split()[-1] in ("no", "none", "nothing", "never")):
        return False
    rest = after[found.end() :].strip()
    return not rest or rest.startswith((",", "now", "though", "either", "at all", "thank", "and", "as", "or", "really"))


def _negated_before(before: str) -> bool:
    """Whether a negation in the words before still reaches their end."""
    masked = phrases("context", "false_negations").sub(lambda match: "_" * len(match.group()), before)
    cues = list(phrases("context", "negations").finditer(masked))
    if not cues:
        return False
    if phrases("context", "complete_denials").fullmatch(masked[cues[-1].start() :].strip()):
        return False
    between = masked[cues[-1].end() :]
    if cues[-1].group() in {"no", "no no", "nothing", "never"} and phrases("context", "new_statement").match(
        between.lstrip(" ,")
    ):
        return False
    return not phrases("context", "ends_negation").search(between) and len(between.split()) <= 12


def _about_someone_else(clause: str, before: bool) -> bool:
    if phrases("context", "myself").search(clause):
        return False
    opening = phrases("context", "openings").sub("", clause).lstrip(" ,")
    if phrases("context", "others_first").match(opening):
        return True
    return phrases("context", "others").search(clause) is not None or (
        before and clause.startswith(("he ", "she ", "they "))
    )


def _spans(listed: re.Pattern[str] | None, clause: str) -> list[tuple[int, int]]:
    return [match.span() for match in listed.finditer(clause)] if listed else []


def _overlap(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def _without_nested(mentions: list[Mention]) -> list[Mention]:
    """A negated sign inside a longer, affirmed one ("can't feel when I wipe") is part of it."""
    kept = []
    for mention in mentions:
        inside = any(
            other.clause == mention.clause
            and other.sign is mention.sign
            and other.start <= mention.start
            and mention.end <= other.end
            and other.end - other.start > mention.end - mention.start
            for other in mentions
        )
        if not inside:
            kept.append(mention)
    return kept
