"""Yes, no, not sure, or rather not say: what a text as a whole says to a yes-or-no question."""

from __future__ import annotations

import re
from typing import Literal

from bot.language.answers.lexicon import phrases
from bot.language.answers.wording import Wording, worded

Polarity = Literal["yes", "no", "unsure", "declined"]

_ORDER: tuple[Polarity, ...] = ("declined", "no", "unsure", "yes")
_STRENGTHS = ("strong", "weak")
# After doubt only a no of its own settles it: "not sure, don't think so"; not "not sure, haven't looked".
_HEDGED_NO = re.compile(
    r"(?:i )?(?:no|none|nothing|not|dont think|dont believe|probably|possibly|doubt|unlikely|maybe|nah)(?!\S)"
)


def polarity(wording: Wording) -> Polarity | None:
    """What the text says, or None if it says neither. A hedged no is "no"; doubt without a direction is "unsure".

    After a correction ("no, wait, yes") the last statement counts; so it does in "yeah, no".
    """
    for part in _latest_first(wording.plain):
        found = _of(part, "strong") or _of(part, "weak")
        if found:
            return found
    bare = wording.original.strip().lower().strip(".!?, ")
    return {"y": "yes", "n": "no", "k": "yes"}.get(bare)  # type: ignore[return-value]  # literals of Polarity


def read_yes_no(text: str) -> Polarity | None:
    """What a text says to a yes-or-no question of our own, such as "shall I change it?"."""
    return polarity(worded(text))


def declines(wording: Wording) -> bool:
    """Whether the patient would rather not answer."""
    return phrases("polarity", "strong", "declined").search(wording.plain) is not None


def doubts(text: str) -> bool:
    """Whether words of plain text are in doubt ("maybe", "not sure")."""
    return phrases("polarity", "strong", "unsure").search(text) is not None


def _latest_first(plain: str) -> list[str]:
    """The part after the last correction, then the whole."""
    cues = list(phrases("corrections").finditer(plain))
    return [plain[cues[-1].end() :], plain] if cues else [plain]


def _of(plain: str, strength: str) -> Polarity | None:
    whole, found = plain, list[tuple[int, Polarity]]()
    searches: list[tuple[Polarity, re.Pattern[str]]] = [
        ("no", phrases("polarity", "no_like_doubt")),
        ("unsure", phrases("polarity", "doubt_like_no")),
    ]
    searches += [(name, phrases("polarity", strength, name)) for name in _ORDER]
    for name, listed in searches:

        def note(match: re.Match[str], name: Polarity = name) -> str:
            found.append((match.start(), name))
            return "_" * (match.end() - match.start())

        plain = listed.sub(note, plain)
    if not found:
        return None
    found.sort()
    kinds = {name for _, name in found}
    if "declined" in kinds:
        return "declined"
    if kinds == {"yes", "no"}:
        return _mixed(found, plain)
    if "unsure" in kinds:
        last = found[-1][1]
        plain_yes = any(name == "yes" and whole.startswith("yes", start) for start, name in found)
        ends_in_no = last == "no" and _HEDGED_NO.match(whole[found[-1][0] :])
        return "no" if ends_in_no else "yes" if plain_yes and "no" not in kinds else "unsure"
    return found[0][1]


def _mixed(found: list[tuple[int, Polarity]], plain: str) -> Polarity:
    """Yes and no in one text: "yeah, no" ends with what is meant, otherwise what comes first is the answer."""
    (first, first_kind), (second, second_kind) = found[0], found[1]
    adjacent = second - first <= len("yes , ")
    return second_kind if adjacent else first_kind
