"""The facts: their names, values and defaults, and the check that a value is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.knowledge.source import ContentFile, Entry

KINDS = ("flag", "choice", "number", "whole", "list")
FACTS_FILE = Path(__file__).with_name("facts.yml")


class FactError(ValueError):
    """A fact has a value that the schema does not know; the message names both."""


@dataclass(frozen=True)
class Fact:
    """One fact.

    `kind` is flag (true or false), choice (one of `values`), number, whole (a whole number) or list (of `values`).
    `default` is None where absence has no stand-in (sitting_break_minutes). `implied_by` is a condition under which
    a flag is true too; `also_counts` are conditions that each add one to a count; `only_when` is one without which
    a flag that was said does not count yet.
    """

    name: str
    kind: str
    values: tuple[str, ...]
    default: Any
    minimum: float | None
    maximum: float | None
    about: str
    implied_by: str | None
    also_counts: tuple[str, ...]
    only_when: str | None

    def accepts(self, value: Any) -> bool:
        """Whether the value is one that this fact may have."""
        if self.kind == "flag":
            return value is True or value is False
        if self.kind == "choice":
            return isinstance(value, str) and value in self.values
        if self.kind == "list":
            return not isinstance(value, str) and all(item in self.values for item in value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.kind == "whole" and value != int(value):
            return False
        return (self.minimum or 0) <= value <= (self.maximum if self.maximum is not None else float("inf"))


class FactSchema:
    """All facts by name. `defaults` is what a rule reads for facts that nobody gave."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = dict(facts)
        self.defaults: dict[str, Any] = {name: fact.default for name, fact in facts.items()}

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> Fact:
        return self.facts[name]

    def check(self, name: str, value: Any) -> None:
        """Raise FactError unless the fact exists and may have this value."""
        fact = self.facts.get(name)
        if fact is None:
            raise FactError(f"there is no fact called {name}")
        if not fact.accepts(value):
            raise FactError(f"{name} cannot be {value!r}: {self.describe(name)}")

    def describe(self, name: str) -> str:
        """What may be written for this fact, in a few words."""
        fact = self.facts[name]
        if fact.kind == "flag":
            return "write true or false"
        if fact.kind in ("choice", "list"):
            return f"{'write' if fact.kind == 'choice' else 'list some of'} {', '.join(fact.values)}"
        return f"write a {'whole ' if fact.kind == 'whole' else ''}number from {fact.minimum:g} to {fact.maximum:g}"

    def filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The given facts over the defaults.

        A value of None counts as absent and names that are no facts are left out. Raises FactError for a value
        that the fact cannot have: guessing there could turn a warning sign into a "no".
        """
        filled = dict(self.defaults)
        facts = self.facts
        for name, value in given.items():
            if value is None or name not in facts:
                continue
            if not facts[name].accepts(value):
                self.check(name, value)
            filled[name] = value
        return filled


def read_facts(file: ContentFile) -> FactSchema:
    """Read facts.yml; raises ContentError."""
    root = file.root()
    facts = {name: _fact(name, entry) for name, entry in root.named("facts")}
    root.finish()
    return FactSchema(facts)


@lru_cache(maxsize=1)
def fact_schema() -> FactSchema:
    """The schema of the program's own facts.yml."""
    return read_facts(ContentFile(FACTS_FILE))


def _fact(name: str, entry: Entry) -> Fact:
    kind = entry.one_of("kind", KINDS)
    values = entry.texts("values", required=kind in ("choice", "list"))
    default = entry.raw("default")
    if kind == "choice" and default is None:
        default = values[0]
    elif kind == "flag":
        default = entry.flag("default")
    elif kind == "list":
        default = ()
    elif name == "age":
        default = 40
    fact = Fact(
        name=name,
        kind=kind,
        values=values,
        default=default,
        minimum=entry.number_or_none("min"),
        maximum=entry.number_or_none("max"),
        about=entry.text("about"),
        implied_by=entry.text_or_none("implied_by"),
        also_counts=entry.texts("also_counts", required=False),
        only_when=entry.text_or_none("only_when"),
    )
    if kind in ("number", "whole") and (fact.minimum is None or fact.maximum is None):
        entry.fail(f"the number {name} needs min and max")
    if default is not None and not fact.accepts(default):
        entry.fail(f"the default of {name} is not a value that it can have", "default")
    entry.finish()
    return fact
