"""Which conversation staff look at first: the most dangerous, and of these the one that waits longest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

BANDS = ("emergency", "urgent", "crisis", "untold", "waiting", "failed", "unclear", "routine")
"""The bands of the queue, first to last; a band's number is its index."""
TITLES = {
    "emergency": "Emergency",
    "urgent": "Urgent",
    "crisis": "Crisis",
    "untold": "Left before being told",
    "waiting": "Waiting for a person",
    "failed": "Not delivered",
    "unclear": "Not understood",
    "routine": "Routine",
}
# A patient who has been silent for so long has left.
LEFT_AFTER = timedelta(minutes=10)
# Advice that has not arrived is looked for again: often at first, then now and then, then no more.
SOON, LATER = timedelta(seconds=5), timedelta(minutes=5)
OFTEN_FOR, WATCHED_FOR = timedelta(minutes=10), timedelta(days=2)
_NEEDS_DOCTOR = ("emergency", "urgent", "routine_medical")


class Level(NamedTuple):
    """One decision of the check: when, what, by which row and why; the patient's words; whether they were told."""

    at: datetime
    disposition: str
    row: str
    reason: str
    words: str
    told: bool


class Sign(NamedTuple):
    """A danger sign that is or may be there, and the patient's words for it."""

    at: datetime
    flag: str
    words: str


class Trouble(NamedTuple):
    """A message that did not arrive, or that was not understood, and its words."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Signs:
    """All that a conversation's place depends on, since it was last reviewed."""

    opened_at: datetime
    last_patient_at: datetime | None = None
    last_words: str = ""
    levels: Sequence[Level] = ()
    flags: Sequence[Sign] = ()
    crisis: Sequence[Sign] = ()
    waiting_since: datetime | None = None
    failed: Sequence[Trouble] = ()
    unclear: Sequence[Trouble] = ()


@dataclass(frozen=True)
class Place:
    """A place in the queue, with the reason for it. `told` is false while advice has not reached the patient."""

    band: str
    since: datetime
    rule: str | None
    reason: str
    words: str
    told: bool = True
    recheck_at: datetime | None = None

    @property
    def key(self) -> tuple[int, datetime]:
        """What the queue is sorted by."""
        return BANDS.index(self.band), self.since


def in_order(places: Iterable[tuple[str, Place]]) -> list[tuple[str, Place]]:
    """Conversations (id, place) as staff should look at them."""
    return sorted(places, key=lambda each: (*each[1].key, each[0]))


def place_of(signs: Signs, now: datetime) -> Place:
    """The first band that the signs call for."""
    danger = _danger(signs)
    if danger is not None:
        return _watched(danger, signs, now)
    untold = _untold(signs, now)
    if untold is not None and untold.band == "untold":
        return untold
    calm = _calm(signs)
    if untold is None:
        return calm
    # Signs were found and the check goes on: look again when the patient may have left.
    return Place(calm.band, calm.since, calm.rule, calm.reason, calm.words, False, untold.recheck_at)


def _danger(signs: Signs) -> Place | None:
    for disposition in ("emergency", "urgent"):
        found = [level for level in signs.levels if level.disposition == disposition]
        if found:
            first = found[0]
            return Place(disposition, first.at, first.row, first.reason, first.words, any(each.told for each in found))
    if signs.crisis:
        first_sign = signs.crisis[0]
        return Place("crisis", first_sign.at, first_sign.flag, "Thoughts of self-harm", first_sign.words)
    return None


def _watched(place: Place, signs: Signs, now: datetime) -> Place:
    """The same place, to be looked at again while the advice has not arrived."""
    recheck = None if place.told else _next_look(place.since, now)
    return Place(place.band, place.since, place.rule, place.reason, place.words, place.told, recheck)


def _next_look(since: datetime, now: datetime) -> datetime | None:
    waited = now - since
    if waited > WATCHED_FOR:
        return None
    return now + (SOON if waited < OFTEN_FOR else LATER)


def _untold(signs: Signs, now: datetime) -> Place | None:
    """Danger was found, and the patient went away before they were told what to do."""
    for level in signs.levels:
        if level.disposition in _NEEDS_DOCTOR and not level.told:
            reason = f"{level.reason} The advice has not reached the patient.".strip()
            return _left(signs, now, Place("untold", level.at, level.row, reason, level.words, False))
    if signs.flags and not signs.levels:
        sign = signs.flags[0]
        reason = "A danger sign came up, and the check was not finished."
        return _left(signs, now, Place("untold", sign.at, sign.flag, reason, sign.words, False))
    return None


def _left(signs: Signs, now: datetime, place: Place) -> Place:
    """The place once the patient has left; until then a routine one that is looked at again."""
    left_at = (signs.last_patient_at or place.since) + LEFT_AFTER
    if now < left_at:
        return Place("routine", place.since, place.rule, place.reason, place.words, False, left_at)
    return Place(place.band, place.since, place.rule, place.reason, place.words, False, _next_look(place.since, now))


def _calm(signs: Signs) -> Place:
    last = signs.levels[-1] if signs.levels else None
    rule = last.row if last else None
    if signs.waiting_since is not None:
        return Place("waiting", signs.waiting_since, rule, "The patient waits for a person.", signs.last_words)
    if signs.failed:
        return Place("failed", signs.failed[0].at, rule, "A message did not arrive.", signs.failed[0].words)
    if signs.unclear:
        trouble = signs.unclear[0]
        return Place("unclear", trouble.at, rule, "The assistant did not understand this.", trouble.words)
    if last is not None:
        return Place("routine", last.at, last.row, last.reason, last.words)
    return Place("routine", signs.opened_at, None, "", signs.last_words)
