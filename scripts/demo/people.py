"""Who takes part in the demonstration: 200 invented patients, the same ones every time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("people.yml")
LEAVES_EARLY = 0.16
SAYS_ASIDE = 0.12
SAYS_UNCLEAR = 0.05
ON_MESSENGER = 0.3
MOST_QUESTIONS_BEFORE_LEAVING = 14


@dataclass(frozen=True)
class Person:
    """One patient: what they open with (None: they only look), what they answer, and how it ends.

    `leaves_after` is the number of answers after which they are gone; None stays to the end. `asides` are said in
    between, by the number of the answer they come before. `reads_the_end` is False for whoever closes the page before
    the last message is there.
    """

    number: int
    kind: str
    channel: str
    name: str
    phone: str
    opening: str | None
    answers: Mapping[str, str]
    asides: Mapping[int, str]
    leaves_after: int | None
    asks_only: bool
    then: str | None
    thanks: str | None
    reads_the_end: bool


def people(count: int, seed: int = 20261123) -> list[Person]:
    """`count` patients in the order in which they come, mixed as in people.yml."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    draw = random.Random(seed)  # noqa: S311 - a demonstration, the same every time
    kinds = [name for name, kind in content["kinds"].items() for _ in range(kind["count"])]
    draw.shuffle(kinds)
    mixed = [kinds[number % len(kinds)] for number in range(count)]
    return [_person(number, name, content["kinds"][name], content, draw) for number, name in enumerate(mixed)]


def _ways(line: Any) -> list[str]:
    """The ways of a line, of which one is drawn."""
    return str(line).split(" / ")


def _person(number: int, name: str, kind: Mapping[str, Any], content: Mapping[str, Any], draw: random.Random) -> Person:
    special = kind.get("answers", {})
    answers = {name: draw.choice(_ways(special.get(name, line))) for name, line in content["answers"].items()}
    checks = not kind.get("asks")
    asides = {}
    for turn in range(1, 20):
        if checks and draw.random() < SAYS_ASIDE / 2:
            asides[turn] = draw.choice(_ways(content["asides"]))
        elif checks and draw.random() < SAYS_UNCLEAR:
            asides[turn] = draw.choice(_ways(content["unclear"]))
    leaves = checks and not special and draw.random() < LEAVES_EARLY * 2
    return Person(
        number=number,
        kind=name,
        channel="messenger" if draw.random() < ON_MESSENGER else "webchat",
        name=draw.choice(_ways(content["names"])),
        phone=f"(607) 555-01{draw.randrange(100):02}",
        opening=draw.choice(_ways(kind["opening"])) if "opening" in kind else None,
        answers=answers,
        asides=asides,
        leaves_after=draw.randrange(MOST_QUESTIONS_BEFORE_LEAVING) if leaves else None,
        asks_only=not checks,
        then=kind.get("then"),
        thanks=draw.choice(_ways(content["thanks"])) if draw.random() < 0.5 else None,
        reads_the_end=draw.random() > 0.08,
    )
