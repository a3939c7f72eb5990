"""What no text for patients may say, and the search for it in every content file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.knowledge.source import ContentFile, Where

NOT_FOR_PATIENTS = frozenset({
    "about", "also_counts", "asked_as", "definitions", "hard_negatives", "implied_by", "only_when", "phrases", "points",
    "scripts", "skip_when", "sources", "when", "words",
})  # fmt: skip
"""Keys whose texts no patient sees."""


@dataclass(frozen=True)
class Claim:
    """A pattern that must not occur, why, and the files it is limited to (all when empty)."""

    pattern: re.Pattern[str]
    because: str
    files: tuple[str, ...]


def read_claims(file: ContentFile) -> tuple[Claim, ...]:
    """Read claims.yml; raises ContentError."""
    root = file.root()
    claims = []
    for entry in root.entries("must_not_be_claimed"):
        try:
            pattern = re.compile(entry.text("pattern"), re.IGNORECASE)
        except re.error as error:
            entry.fail(f"this is not a regular expression: {error}", "pattern")
        claims.append(Claim(pattern, entry.text("because"), entry.texts("in", required=False)))
        entry.finish()
    root.finish()
    return tuple(claims)


def refuse_claims(file: ContentFile, claims: tuple[Claim, ...]) -> None:
    """Raise ContentError at the first text in the file that says what must not be claimed."""
    mine = [claim for claim in claims if not claim.files or file.path.name in claim.files]
    joined = re.compile("|".join(f"(?:{claim.pattern.pattern})" for claim in mine), re.IGNORECASE)
    for where, text in patient_texts(file.data, ()):
        if joined.search(text):
            for claim in mine:
                found = claim.pattern.search(text)
                if found:
                    raise file.error(where, f"{found.group(0)!r} must not be claimed: {claim.because}")


def patient_texts(data: Any, where: Where) -> Iterator[tuple[Where, str]]:
    """Every text in the data that a patient may see, with its place."""
    if isinstance(data, str):
        yield where, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in NOT_FOR_PATIENTS:
                yield from patient_texts(value, (*where, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from patient_texts(value, (*where, index))
