"""How urgent it is: the first row of the table that holds, and every other row that holds too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.knowledge import DISPOSITIONS, Knowledge
from bot.triage.content import own_knowledge

NO_STRETCHES = "none"


@dataclass(frozen=True)
class Reason:
    """Why: the row, the words for the patient, and the source keys of the row (see sources.yml)."""

    row: str
    text: str
    sources: tuple[str, ...]

    @property
    def source(self) -> str:
        """The first source key."""
        return self.sources[0]


@dataclass(frozen=True)
class Assessment:
    """The decision for one set of facts.

    `row` is the first row that holds and `matched_rows` all that hold, in the table's order; `reasons` belong to
    them. `stretches` is none, gentle or full. `card` names the safety card to show (None for self_care and
    clinic_appointment); `watch_card` says whether the watch card goes with the result (every result but emergencies).
    `content_version` is the version of the content that decided.
    """

    disposition: str
    row: str
    matched_rows: tuple[str, ...]
    stretches: str
    reasons: tuple[Reason, ...]
    card: str | None
    watch_card: bool
    content_version: str

    @property
    def urgency(self) -> int:
        """0 for emergency to 4 for self_care."""
        return DISPOSITIONS.index(self.disposition)


def assess(facts: Mapping[str, Any], *, knowledge: Knowledge | None = None) -> Assessment:
    """Decide by the table. Absent facts (or None) have their default, and names that are no facts are ignored.

    Raises FactError for a value that its fact cannot have.
    """
    known = knowledge or own_knowledge()
    matched = known.rules.matching(known.schema.filled(facts))
    first = matched[0]
    return Assessment(
        disposition=first.disposition,
        row=first.row,
        matched_rows=tuple([rule.row for rule in matched]),
        stretches=first.stretches,
        reasons=tuple([Reason(rule.row, rule.reason, rule.sources) for rule in matched]),
        card=first.card,
        watch_card=first.disposition != "emergency",
        content_version=known.version,
    )


def transition(previous: Assessment, new: Assessment) -> Literal["up", "same", "down"]:
    """Whether the new assessment is more urgent, as urgent or less urgent.

    Up and same take effect at once. Down must wait until the person has confirmed the corrected fact with a yes.
    """
    if previous.urgency != new.urgency:
        return "up" if new.urgency < previous.urgency else "down"
    return "same"


def complete(facts: Mapping[str, Any], *, knowledge: Knowledge | None = None) -> dict[str, Any]:
    """The facts with those that follow from them (facts.yml: implied_by, also_counts), ready to be assessed.

    Adds signs, and leaves out only what does not count yet (only_when: "not improving" in the first weeks). Keep the
    facts as they were given, not the result: a fact that follows must go when the fact it followed from is corrected.
    """
    known = knowledge or own_knowledge()
    result = {name: value for name, value in facts.items() if value is not None}
    for _ in range(2):  # one implied fact may imply another
        filled = known.schema.filled(result)
        result.update({name: True for name, when in known.implied.items() if not filled[name] and when.test(filled)})
    filled = known.schema.filled(result)
    for name, conditions in known.also_counts.items():
        more = sum(1 for condition in conditions if condition.test(filled))
        if more:
            maximum = known.schema[name].maximum
            result[name] = min(filled[name] + more, filled[name] + more if maximum is None else int(maximum))
    return {name: value for name, value in result.items() if _counts(known, name, filled)}


def _counts(known: Knowledge, name: str, facts: Mapping[str, Any]) -> bool:
    return name not in known.only_when or known.only_when[name].test(facts)
