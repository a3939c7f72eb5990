"""Where it hurts, on which side, and whether it goes into a leg."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.language.answers.lexicon import phrases
from bot.language.answers.safety import comes_with_walking, outcome
from bot.language.answers.signs import Reading, read_signs
from bot.language.answers.wording import Wording, worded
from bot.language.types import Answer

_SPINE = ("low_back", "mid_back", "neck")


def read_location(wording: Wording, now: datetime) -> Answer | None:
    """{location: list, side}, or {no_pain: True, location: []}. After a correction what follows it counts."""
    cues = list(phrases("corrections").finditer(wording.plain))
    corrected = _read_location(worded(wording.plain[cues[-1].end() :])) if cues else None
    return corrected if corrected is not None and corrected.facts.get("location") else _read_location(wording)


def _read_location(wording: Wording) -> Answer | None:
    if phrases("location", "no_pain").search(wording.plain):
        return Answer({"no_pain": True, "location": []})
    reading = read_signs("location", wording)
    places = [
        mention
        for mention in reading.mentions
        if mention.assertion in ("present", "possible") and not mention.clause[mention.end :].startswith(" of ")
    ]
    names: list[str] = []
    for mention in sorted(places, key=lambda mention: (wording.clauses.index(mention.clause), mention.start)):
        inside = any(
            other is not mention
            and other.clause == mention.clause
            and other.start <= mention.start
            and mention.end <= other.end
            and (other.end - other.start) > (mention.end - mention.start)
            for other in places
        )
        if not inside and mention.sign.name not in names:
            names.append(mention.sign.name)
    facts: dict[str, Any] = {"location": names} if names else {}
    side = read_side(wording)
    if side:
        facts["side"] = side
    if not facts:
        return Answer({}, status="declined") if reading.polarity == "declined" else _vague(reading)
    return Answer(facts, clarify=None if names else "unclear")


def _vague(reading: Reading) -> Answer | None:
    return Answer({}, status="unsure") if reading.polarity == "unsure" else None


def read_side(wording: Wording) -> str | None:
    """left, right, both or middle, where a side is named."""
    found = {
        name for name in ("left", "right", "both", "middle") if phrases("location", "side", name).search(wording.plain)
    }
    if "right" in found and _right_means_just(wording):
        found.remove("right")
    if "both" in found or {"left", "right"} <= found:
        return "both"
    for name in ("left", "right", "middle"):
        if name in found:
            return name
    return None


def _right_means_just(wording: Wording) -> bool:
    """ "Right in the middle", "right across": not a side."""
    return phrases("location", "right_adverb").search(wording.plain) is not None


def _sides(wording: Wording) -> set[str]:
    return {name for name in ("left", "right") if phrases("location", "side", name).search(wording.plain)}


def read_legs(wording: Wording, now: datetime) -> Answer | None:
    """radiates_to_leg, numbness, both-legs patterns, weakness and signs of a clot."""
    group = "leg_symptoms"
    reading = read_signs(group, wording)
    names = reading.names()
    facts: dict[str, Any] = {}
    if (
        {"left", "right"} <= _sides(wording)
        and reading.polarity != "no"
        and phrases(group, "joined").search(wording.plain)
    ):
        names = names | {"both"}
    both = "both" in names and not (phrases(group, "muscle_soreness").search(wording.plain) and "numb" not in names)
    if "both" in names and not both:
        return outcome(group, reading, {"radiates_to_leg": "none", "numbness": "none"})
    if reading.denies and reading.polarity == "no" and not names & {"numb", "dvt", "both"}:
        return outcome(group, reading, {})
    if both:
        facts = _both_legs(reading, wording)
    elif "pain" in names:
        facts["radiates_to_leg"] = "one"
    if "numb" in names and not both:
        facts["numbness"] = "one_leg"
    if facts and phrases(group, "not_improving").search(wording.plain):
        facts["not_improving"] = True
    for name in ("dvt", "weakness", "foot_drop"):
        for mention in reading.said(name):
            facts |= mention.sign.facts
    if facts and "numb" in reading.names("absent") and "numb" not in names:
        facts["numbness"] = "none"
    if (
        facts
        and "pain" in reading.names("absent")
        and not both
        and "pain" not in names
        and phrases(group, "no_pain").search(wording.plain)
    ):
        facts["radiates_to_leg"] = "none"
    return outcome(group, reading, facts)


def _both_legs(reading: Reading, wording: Wording) -> dict[str, Any]:
    facts: dict[str, Any] = {"radiates_to_leg": "both"}
    if comes_with_walking(wording):
        return {**facts, "claudication_pattern_stable": True}
    if "numb" in reading.names():
        facts["numbness"] = "both_legs"
    return {**facts, "bilateral_new_or_worse": True}
