"""Which stretches suit this person: at most two besides the standing break, and never one that is ruled out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge import Catalogue, Knowledge, Stretch
from bot.triage.assessment import NO_STRETCHES, assess
from bot.triage.content import own_knowledge

PERMISSIONS = ("none", "gentle", "full")


@dataclass(frozen=True)
class PlannedStretch:
    """One stretch of a plan, with its rung (L1 to L5) and the dose in words."""

    stretch: Stretch
    rung: str
    dose: str


@dataclass(frozen=True)
class StretchPlan:
    """What to do at home.

    `permission` is what was really allowed (never more than the assessment allows). `pause` is the standing break and
    `stretches` at most two more; all are empty when nothing is allowed, and `withheld` says why in words. `excluded`
    has the words for each stretch that is ruled out for this person. `highest_rung` is as far as the ladder goes.
    """

    permission: str
    pause: PlannedStretch | None
    stretches: tuple[PlannedStretch, ...]
    excluded: Mapping[str, str]
    highest_rung: str
    withheld: str | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of everything in the plan."""
        planned = (*((self.pause,) if self.pause else ()), *self.stretches)
        return tuple(item.stretch.id for item in planned)


@dataclass(frozen=True)
class Alternative:
    """Another stretch and the sentence that leads to it."""

    say: str
    stretch: PlannedStretch


def choose_stretches(
    facts: Mapping[str, Any],
    permission: str,
    *,
    rung: str = "L1",
    limits_unknown: bool = False,
    knowledge: Knowledge | None = None,
) -> StretchPlan:
    """The plan for these facts and a permission (none, gentle, full).

    `limits_unknown`: the question about hips, knees and balance was not answered, so only gentle stretches are safe.
    A permission above what the facts themselves allow is lowered to it. Raises FactError for an impossible fact and
    ValueError for an unknown permission.
    """
    known = knowledge or own_knowledge()
    catalogue, filled = known.stretches, known.schema.filled(facts)
    allowed = _lower(permission, assess(facts, knowledge=known).stretches)
    if limits_unknown:
        allowed = _lower(allowed, "gentle")
    withheld = next((item.say for item in catalogue.never_while if item.when.test(filled)), None)
    excluded = _excluded(catalogue, filled, allowed)
    highest = _highest_rung(catalogue, filled, allowed)
    if allowed == NO_STRETCHES or withheld is not None:
        return StretchPlan(NO_STRETCHES, None, (), excluded, highest, withheld or "")
    plan = next(item for item in catalogue.plans if item.permission == allowed and item.when.test(filled))
    chosen: list[str] = []
    for candidates in (plan.first, plan.second):
        pick = next((name for name in candidates if name not in excluded and name not in chosen), None)
        if pick is not None and len(chosen) < catalogue.at_most:
            chosen.append(pick)
    start = _capped(catalogue, rung, highest)
    planned = tuple(_planned(catalogue, name, start) for name in chosen)
    return StretchPlan(allowed, _planned(catalogue, catalogue.break_id, start), planned, excluded, highest, None)


def another_stretch(
    facts: Mapping[str, Any], plan: StretchPlan, reason: str, *, knowledge: Knowledge | None = None
) -> Alternative | None:
    """A stretch to offer instead, by reason: hurts, cannot_kneel, cannot_lie_down, cannot_stand_long, something_else.

    None when nothing else is safe, or nothing was allowed at all. Raises KeyError for another reason.
    """
    known = knowledge or own_knowledge()
    instead = known.stretches.instead[reason]
    if plan.permission == NO_STRETCHES:
        return None
    excluded = _excluded(known.stretches, known.schema.filled(facts), plan.permission)
    pick = next((name for name in instead.candidates if name not in excluded and name not in plan.ids), None)
    return None if pick is None else Alternative(instead.say, _planned(known.stretches, pick, "L1"))


def unsuitable(facts: Mapping[str, Any], permission: str, *, knowledge: Knowledge | None = None) -> Mapping[str, str]:
    """The stretches that this person must not do, by id, each with the reason in plain words."""
    known = knowledge or own_knowledge()
    return _excluded(known.stretches, known.schema.filled(facts), permission)


def next_rung(
    rung: str, plan: StretchPlan, *, good_days: int, stop_sign: bool = False, knowledge: Knowledge | None = None
) -> str:
    """The rung to go on with: one up after enough good days, two down after any stop sign."""
    catalogue = (knowledge or own_knowledge()).stretches
    names = [item.name for item in catalogue.ladder]
    place = names.index(rung)
    if stop_sign:
        return names[max(place - 2, 0)]
    if good_days >= catalogue.days_before_next_rung:
        place += 1
    return _capped(catalogue, names[min(place, len(names) - 1)], plan.highest_rung)


def _lower(one: str, other: str) -> str:
    return PERMISSIONS[min(PERMISSIONS.index(one), PERMISSIONS.index(other))]


def _excluded(catalogue: Catalogue, filled: Mapping[str, Any], allowed: str) -> dict[str, str]:
    excluded: dict[str, str] = {}
    for stretch in catalogue.all:
        say = next((item.say for item in stretch.not_for if item.when.test(filled)), None)
        if say is not None:
            excluded[stretch.id] = say
        elif allowed != "full" and not stretch.gentle:
            excluded[stretch.id] = "Only gentle stretches for now."
        elif stretch.only_after is not None:
            excluded[stretch.id] = f"Only after two good weeks of {catalogue[stretch.only_after].name.lower()}."
    return excluded


def _highest_rung(catalogue: Catalogue, filled: Mapping[str, Any], allowed: str) -> str:
    highest = catalogue.ladder[-1].name if allowed == "full" else catalogue.gentle_highest
    return _capped(catalogue, highest, catalogue.hypermobile_highest) if filled["hypermobile"] else highest


def _capped(catalogue: Catalogue, rung: str, highest: str) -> str:
    names = [item.name for item in catalogue.ladder]
    return names[min(names.index(rung), names.index(highest))]


def _planned(catalogue: Catalogue, name: str, rung: str) -> PlannedStretch:
    stretch = catalogue[name]
    dose = stretch.dose or next(item.dose for item in catalogue.ladder if item.name == rung)
    return PlannedStretch(stretch, rung, dose)
