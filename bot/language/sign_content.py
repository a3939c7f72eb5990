"""The signs of patterns.yml, read strictly: what is wrong is refused with its file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from bot.knowledge.source import ContentFile, Entry
from bot.language.grammar import Pattern, compile_pattern
from bot.language.types import Assertion

# Concepts that are found by counting, not listed in the lexicon.
NUMBER_CONCEPTS = frozenset({"NUM", "NUMWEEKS", "YEARPAST", "FEVERNUM", "HOTNUM"})


@dataclass(frozen=True)
class Sign:
    """One way in which a danger sign shows, and how its words are to be taken."""

    flag: str
    facts: Mapping[str, Any]
    patterns: tuple[Pattern, ...]
    unless: tuple[str, ...]
    idiom: tuple[str, ...]
    near: tuple[str, ...]
    needs: tuple[str, ...]
    history: bool
    keep_subject: bool
    said_as: Assertion | None
    only_possible: bool
    trauma: bool
    recent: bool
    rhetorical: bool


def read_concepts(path: Path) -> dict[str, list[str]]:
    """The concepts of one lexicon file, by name; ContentError where they are no lists of phrases."""
    root = ContentFile(path).root()
    if not root.has("concepts"):
        return {}
    entry = root.entry("concepts")
    return {str(name): list(entry.texts(str(name))) for name in entry.data}


def read_signs(path: Path, concepts: Collection[str]) -> Iterator[Sign]:
    """Every sign of the file; ContentError for unknown keys, concepts and assertions."""
    for flag, ways in ContentFile(path).root().named("signs"):
        for name in ways.data:
            yield _read_sign(flag, ways.entry(str(name)), concepts)


def _read_sign(flag: str, way: Entry, concepts: Collection[str]) -> Sign:
    patterns: list[Pattern] = []
    for index, source in enumerate(way.texts("say")):
        compiled = compile_pattern(source)
        for name in (name for pattern in compiled for part in pattern.parts for name in part.names):
            _check(name, way, concepts, "say", index)
        patterns += compiled
    allowed = (*get_args(Assertion), "")
    sign = Sign(
        flag=flag,
        facts=way.mapping("facts"),
        patterns=tuple(patterns),
        unless=_names("unless", way, concepts),
        idiom=_names("idiom", way, concepts),
        near=_names("near", way, concepts),
        needs=_names("needs", way, concepts),
        history=way.flag("history"),
        keep_subject=way.flag("keep"),
        said_as=way.one_of("said_as", allowed) if way.has("said_as") else None,  # type: ignore[arg-type]  # just checked
        only_possible=way.has("as") and way.one_of("as", ("possible",)) == "possible",
        trauma=way.flag("trauma"),
        recent=way.flag("recent"),
        rhetorical=way.flag("rhetorical"),
    )
    way.finish()
    return sign


def _names(key: str, way: Entry, concepts: Collection[str]) -> tuple[str, ...]:
    names = way.texts(key, required=False)
    for index, name in enumerate(names):
        _check(name, way, concepts, key, index)
    return names


def _check(name: str, way: Entry, concepts: Collection[str], *where: str | int) -> None:
    if name.isupper() and name not in concepts and name not in NUMBER_CONCEPTS:
        way.fail(f"no concept is called '{name}': list its phrases, or correct its spelling", *where)
