"""The stretch catalogue: each stretch, its dose ladder, and which conditions rule it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge.expressions import Condition, ConditionReader, ExpressionError
from bot.knowledge.source import ContentFile, Entry


@dataclass(frozen=True)
class Exclusion:
    """A condition under which something is not for this person, and the words for it."""

    when: Condition
    say: str


@dataclass(frozen=True)
class Stretch:
    """One stretch. `picture` names its picture without ending; `dose` replaces the ladder where it is given."""

    id: str
    name: str
    gentle: bool
    lengthens: str
    steps: tuple[str, ...]
    cautions: tuple[str, ...]
    stop_signs: tuple[str, ...]
    not_for: tuple[Exclusion, ...]
    only_after: str | None
    dose: str | None
    alt: str
    sources: tuple[str, ...]

    @property
    def picture(self) -> str:
        """The picture's name, without ending."""
        return self.id.lower()


@dataclass(frozen=True)
class Rung:
    """One step of the dose ladder."""

    name: str
    dose: str


@dataclass(frozen=True)
class PlanChoice:
    """Which stretches to take for a permission when a condition holds: the first safe one of each list."""

    permission: str
    when: Condition
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class Instead:
    """What to say and try when a person cannot do a stretch or wants another."""

    say: str
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All stretches, the ladder, and the rules of choosing.

    `common` has the texts intensity, moving_up and five_minutes; `stop_at_once`, `stop_and_call` and `ease_off` are
    the stop signs of every stretch. `instead` is by reason (hurts, cannot_kneel, something_else, ...).
    """

    all: tuple[Stretch, ...]
    ladder: tuple[Rung, ...]
    gentle_highest: str
    hypermobile_highest: str
    days_before_next_rung: int
    common: Mapping[str, str]
    stop_at_once: tuple[str, ...]
    stop_and_call: tuple[str, ...]
    ease_off: tuple[str, ...]
    never_while: tuple[Exclusion, ...]
    break_id: str
    at_most: int
    plans: tuple[PlanChoice, ...]
    instead: Mapping[str, Instead]

    def __getitem__(self, stretch_id: str) -> Stretch:
        for stretch in self.all:
            if stretch.id == stretch_id:
                return stretch
        raise KeyError(stretch_id)


def read_stretches(file: ContentFile, names: ConditionReader, sources: Mapping[str, Any]) -> Catalogue:
    """Read stretches.yml; raises ContentError."""
    root = file.root()
    stretches = tuple(_stretch(entry, names, sources) for entry in root.entries("stretches"))
    ladder = tuple(_rung(entry) for entry in root.entries("ladder"))
    common, selection = root.entry("common"), root.entry("selection")
    _check_sources(common, sources)
    known = {stretch.id for stretch in stretches}
    if len(known) != len(stretches):
        root.fail("two stretches have the same id", "stretches")
    catalogue = Catalogue(
        all=stretches,
        ladder=ladder,
        gentle_highest=root.one_of("gentle_highest", tuple(rung.name for rung in ladder)),
        hypermobile_highest=root.one_of("hypermobile_highest", tuple(rung.name for rung in ladder)),
        days_before_next_rung=int(root.number("days_before_next_rung")),
        common={key: common.text(key) for key in ("intensity", "moving_up", "five_minutes")},
        stop_at_once=common.texts("stop_at_once"),
        stop_and_call=common.texts("stop_and_call"),
        ease_off=common.texts("ease_off"),
        never_while=tuple(_exclusion(entry, names) for entry in root.entries("never_while")),
        break_id=selection.one_of("break", tuple(known)),
        at_most=int(selection.number("at_most")),
        plans=tuple(_plan(entry, names, known) for entry in selection.entries("plans")),
        instead={reason: _instead(entry, known) for reason, entry in selection.named("instead")},
    )
    for entry in (common, selection, root):
        entry.finish()
    return catalogue


def _stretch(entry: Entry, names: ConditionReader, sources: Mapping[str, Any]) -> Stretch:
    stretch_id = entry.text("id")
    if not entry.raw("stop_signs"):
        entry.fail(f"the stretch {stretch_id} has no stop signs")
    _check_sources(entry, sources)
    stretch = Stretch(
        id=stretch_id,
        name=entry.text("name"),
        gentle=entry.flag("gentle"),
        lengthens=entry.text("lengthens"),
        steps=entry.texts("steps"),
        cautions=entry.texts("cautions", required=False),
        stop_signs=entry.texts("stop_signs"),
        not_for=tuple(_exclusion(item, names) for item in entry.entries("not_for")),
        only_after=entry.text_or_none("only_after"),
        dose=entry.text_or_none("dose"),
        alt=entry.text("alt"),
        sources=entry.texts("sources"),
    )
    entry.finish()
    return stretch


def _check_sources(entry: Entry, sources: Mapping[str, Any]) -> None:
    if not entry.has("sources"):
        entry.fail("there is no source")
    for index, source in enumerate(entry.texts("sources")):
        if source not in sources:
            entry.fail(f"there is no source called {source}", "sources", index)


def _rung(entry: Entry) -> Rung:
    rung = Rung(entry.text("rung"), entry.text("dose"))
    entry.finish()
    return rung


def _condition(entry: Entry, names: ConditionReader) -> Condition:
    try:
        return names.read(entry.text("when"))
    except ExpressionError as error:
        entry.fail(str(error), "when")


def _exclusion(entry: Entry, names: ConditionReader) -> Exclusion:
    exclusion = Exclusion(_condition(entry, names), entry.text("say"))
    entry.finish()
    return exclusion


def _known(entry: Entry, key: str, known: set[str]) -> tuple[str, ...]:
    ids = entry.texts(key)
    for index, stretch_id in enumerate(ids):
        if stretch_id not in known:
            entry.fail(f"there is no stretch called {stretch_id}", key, index)
    return ids


def _plan(entry: Entry, names: ConditionReader, known: set[str]) -> PlanChoice:
    plan = PlanChoice(
        permission=entry.one_of("permission", ("gentle", "full")),
        when=_condition(entry, names),
        first=_known(entry, "first", known),
        second=_known(entry, "second", known),
    )
    entry.finish()
    return plan


def _instead(entry: Entry, known: set[str]) -> Instead:
    instead = Instead(entry.text("say"), _known(entry, "try", known))
    entry.finish()
    return instead
