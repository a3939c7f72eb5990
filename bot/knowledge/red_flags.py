"""The warning signs: how we ask, how patients say them, what only sounds like them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge.facts import FactSchema
from bot.knowledge.rules import DISPOSITIONS, Rules
from bot.knowledge.source import ContentFile, Entry
from bot.knowledge.texts import SafetyTexts, Source, known_sources

_NOT_LETTERS = re.compile(r"[^\w']+")


@dataclass(frozen=True)
class FlagPattern:
    """One way in which a warning sign shows: the facts that it sets and the phrases that say it."""

    id: str
    facts: Mapping[str, Any]
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class RedFlag:
    """One warning sign of the contract (`Flag.id`).

    `clarify` is the one question asked when it is unclear; it already says what to do. `card` names a safety card.
    """

    id: str
    title: str
    disposition: str
    rows: tuple[str, ...]
    card: str
    questions: tuple[str, ...]
    clarify: str
    patterns: tuple[FlagPattern, ...]
    hard_negatives: tuple[str, ...]
    sources: tuple[str, ...]


def read_red_flags(
    file: ContentFile, schema: FactSchema, rules: Rules, safety: SafetyTexts, sources: Mapping[str, Source]
) -> dict[str, RedFlag]:
    """Read red_flags.yml, by flag; raises ContentError."""
    root = file.root()
    rows = {rule.row for rule in rules.all}
    flags: dict[str, RedFlag] = {}
    for name, entry in root.named("flags"):
        flag = RedFlag(
            id=name,
            title=entry.text("title"),
            disposition=entry.one_of("disposition", DISPOSITIONS),
            rows=entry.texts("rows"),
            card=entry.one_of("card", tuple(safety.cards)),
            questions=entry.texts("questions"),
            clarify=entry.text("clarify"),
            patterns=tuple(_pattern(key, item, schema) for key, item in entry.named("patterns")),
            hard_negatives=entry.texts("hard_negatives"),
            sources=known_sources(entry, sources),
        )
        for index, row in enumerate(flag.rows):
            if row not in rows:
                entry.fail(f"there is no row called {row}", "rows", index)
        if flag.disposition == "emergency" and not {"{emergency}", "{maternity}"} & set(
            re.findall(r"{\w+}", flag.clarify)
        ):
            entry.fail("the clarifying question must already name {emergency}", "clarify")
        _refuse_own_negatives(entry, flag)
        entry.finish()
        flags[name] = flag
    root.finish()
    return flags


def _pattern(name: str, entry: Entry, schema: FactSchema) -> FlagPattern:
    facts = entry.mapping("facts")
    if not facts:
        entry.fail(f"the pattern {name} sets no facts")
    for fact, value in facts.items():
        if fact not in schema:
            entry.fail(f"there is no fact called {fact}", "facts", fact)
        if not schema[fact].accepts(value):
            entry.fail(f"{fact} cannot be {value!r}: {schema.describe(fact)}", "facts", fact)
    pattern = FlagPattern(name, facts, entry.texts("phrases"))
    entry.finish()
    return pattern


def _refuse_own_negatives(entry: Entry, flag: RedFlag) -> None:
    negatives = {_plain(phrase) for phrase in flag.hard_negatives}
    for pattern in flag.patterns:
        for index, phrase in enumerate(pattern.phrases):
            if _plain(phrase) in negatives:
                sentence = f"{phrase!r} is both a sign of {flag.id} and one of its hard negatives"
                entry.fail(sentence, "patterns", pattern.id, "phrases", index)


def _plain(phrase: str) -> str:
    return _NOT_LETTERS.sub(" ", phrase.lower().replace("’", "'")).strip()
