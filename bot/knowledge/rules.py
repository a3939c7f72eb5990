"""The table that decides, read from rules.yml, and the check that each row can fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge.expressions import Condition, ConditionReader, ExpressionError, Points, witnesses
from bot.knowledge.facts import FactSchema
from bot.knowledge.source import ContentFile, Entry

DISPOSITIONS = ("emergency", "urgent", "routine_medical", "clinic_appointment", "self_care")
"""Most to least urgent."""
STRETCHES = ("none", "gentle", "full")


@dataclass(frozen=True)
class Rule:
    """One row of the table. `card` is the safety card shown with it; `policy` marks a choice of the clinic."""

    row: str
    when: Condition
    disposition: str
    stretches: str
    reason: str
    sources: tuple[str, ...]
    policy: bool
    ces_card: bool
    card: str | None


@dataclass(frozen=True)
class Rules:
    """The rows in order, and what is defined beside them: names (such as neuro_sign) and sums of points."""

    all: tuple[Rule, ...]
    names: ConditionReader
    definitions: Mapping[str, str]
    points: Mapping[str, Points]

    def __getitem__(self, row: str) -> Rule:
        for rule in self.all:
            if rule.row == row:
                return rule
        raise KeyError(row)

    def matching(self, facts: Mapping[str, Any]) -> list[Rule]:
        """Every row that holds for these complete facts, in order; the first decides."""
        return [rule for rule in self.all if rule.when.test(facts)]


def read_rules(file: ContentFile, schema: FactSchema, sources: Mapping[str, Any]) -> Rules:
    """Read rules.yml; raises ContentError, also for a row that can never be the first to hold."""
    root = file.root()
    names = ConditionReader(schema)
    for name, text in root.mapping("definitions").items():
        try:
            names.define(str(name), str(text))
        except ExpressionError as error:
            root.fail(str(error), "definitions", name)
    points: dict[str, Points] = {}
    for name, items in root.mapping("points").items():
        try:
            points[str(name)] = names.define_points(
                str(name), [(str(item["when"]), float(item["points"])) for item in items]
            )
        except ExpressionError as error:
            root.fail(str(error), "points", name)
        except (KeyError, TypeError, ValueError):
            root.fail(f"each item of {name} needs when and points", "points", name)
    rules = Rules(
        all=tuple(_rule(entry, names, sources) for entry in root.entries("rules")),
        names=names,
        definitions={str(name): str(text) for name, text in root.mapping("definitions").items()},
        points=points,
    )
    root.finish()
    _refuse_wrong_order(root, rules)
    _refuse_rows_that_never_fire(root, rules, schema)
    return rules


def _rule(entry: Entry, names: ConditionReader, sources: Mapping[str, Any]) -> Rule:
    try:
        when = names.read(entry.text("when"))
    except ExpressionError as error:
        entry.fail(str(error), "when")
    row = entry.text("row")
    if not entry.has("sources"):
        entry.fail(f"row {row} has no source")
    rule = Rule(
        row=row,
        when=when,
        disposition=entry.one_of("disposition", DISPOSITIONS),
        stretches=entry.one_of("stretches", STRETCHES),
        reason=entry.text("reason"),
        sources=entry.texts("sources"),
        policy=entry.flag("policy"),
        ces_card=entry.flag("ces_card"),
        card=entry.text_or_none("card"),
    )
    for index, source in enumerate(rule.sources):
        if source not in sources:
            entry.fail(f"there is no source called {source}", "sources", index)
    if rule.disposition in DISPOSITIONS[:3] and rule.stretches != "none":
        entry.fail(f"row {row} sends the person to a doctor, so it cannot allow stretches", "stretches")
    if rule.disposition in DISPOSITIONS[:3] and rule.card is None:
        entry.fail(f"row {row} needs a card that says what to do")
    entry.finish()
    return rule


def _refuse_wrong_order(root: Entry, rules: Rules) -> None:
    """Rows must be unique and go from most to least urgent: then a further fact can never lower the urgency."""
    seen: set[str] = set()
    worst = 0
    for index, rule in enumerate(rules.all):
        if rule.row in seen:
            root.fail(f"the row {rule.row} is there twice", "rules", index)
        seen.add(rule.row)
        rank = DISPOSITIONS.index(rule.disposition)
        if rank < worst:
            root.fail(f"row {rule.row} is {rule.disposition} but stands below a less urgent row", "rules", index)
        worst = rank
    if not rules.all or rules.all[-1].when.text != "always":
        root.fail("the last row must hold always, so that everyone gets an answer", "rules")


def _refuse_rows_that_never_fire(root: Entry, rules: Rules, schema: FactSchema) -> None:
    for index, rule in enumerate(rules.all):
        blockers: list[str] = []
        for facts in witnesses(rule.when, schema):
            complete = {**schema.defaults, **facts}
            first = next(other for other in rules.all if other.when.test(complete))
            if first is rule:
                break
            blockers.append(first.row)
        else:
            if not blockers:
                root.fail(f"row {rule.row} can never hold: its condition contradicts itself", "rules", index, "when")
            root.fail(f"row {rule.row} can never fire: {blockers[0]} always comes first", "rules", index, "when")
