"""What a story in the patient's own words already answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.language.answers.ages import volunteered_age
from bot.language.answers.durations import read_duration
from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.quantities import quantities
from bot.language.answers.registry import READERS, clinic_now
from bot.language.answers.signs import read_signs
from bot.language.answers.wording import Wording, worded
from bot.language.flags import find_flags
from bot.language.types import Answer

_SIGN_QUESTIONS = (
    "saddle_bladder_bowel",
    "leg_symptoms",
    "weakness_walking",
    "trauma",
    "bone_health_steroids",
    "cancer_weight_loss",
    "fever_infection",
    "belly_chest_flank_urine",
    "meds_blood_thinners",
    "pregnancy",
)
_GRAVE: Mapping[str, tuple[object, ...]] = {
    "saddle_change": ("new_or_worse",),
    "bladder_change": ("new_or_worse",),
    "bowel_change": ("new_or_worse",),
    "bilateral_new_or_worse": (True,),
    "weakness": ("new_or_progressive", "foot_drop", "both_legs", "cannot_walk"),
    "numbness": ("both_legs", "saddle"),
    "trauma": ("major_lt14d",),
    "chest_or_stroke_signs": (True,),
    "aaa_pattern": (True,),
}
_SEVERITY = re.compile(
    r"(?<![\w/.])(\d{1,2}(?:\.\d)?) ?(?:/ ?10|out of (?:10|ten))(?!\d)|(?:pain|severity|level)(?: is| of| at|"
    r" level| around| about| a)* (\d{1,2})(?!\d| ?(?:hours|days|weeks|months|years|minutes))"
)
_SITS = re.compile(
    r"(?<!\S)(?:sit|sits|sat|sitting|desk|chair|seated|chained|drive|driving|office|computer|screen)(?!\S)"
)
_REMEDY = re.compile(r"stretch|flexor|psoas|massage|laser")
_PARTS = re.compile(r" , | and (?=my|now|the|back|lower|its|been|pain)")
_PAIN = re.compile(
    r"(?<!\S)(?:pain|pains|ache|aches|aching|achy|sore|hurts|hurting|stiff|bad|back|thing|trouble|problem|this|"
    r"it|killing|tight|started|since|came)(?!\S)"
)


def read_volunteered(text: str, *, now: datetime | None = None) -> dict[str, Answer]:
    """Answers by question that a whole story gives plainly. Nothing is taken from silence, doubt or a bare yes.

    A safety question is answered with "no" only where the story denies each of its facts by name.
    """
    now = clinic_now(now)
    wording = worded(text)
    answers: dict[str, Answer] = {}
    for question, facts in (
        ("age", volunteered_age(wording)),
        ("severity", _severity(wording)),
        ("sitting", _sitting(wording)),
        ("duration", _duration(wording, now)),
        ("location", _location(wording, now)),
    ):
        if facts:
            answers[question] = Answer(facts)
    if phrases("volunteered", "for_another").search(wording.plain) and not _is_own(wording):
        answers["age"] = Answer({**(answers["age"].facts if "age" in answers else {}), "subject": "other"})
    if phrases("volunteered", "limited").search(wording.plain):
        answers["goal"] = Answer({"function_limited": True})
    flagged = [flag.facts for flag in find_flags(text) if flag.assertion == "present"]
    for question in _SIGN_QUESTIONS:
        affirmed = _affirmed(question, wording, now)
        if affirmed and not _is_grave_hearsay(affirmed, flagged):
            answers[question] = Answer(affirmed)
    return answers


def _is_own(wording: Wording) -> bool:
    return phrases("volunteered", "own").search(wording.plain) is not None


def _severity(wording: Wording) -> dict[str, Any]:
    found = _SEVERITY.search(wording.counted)
    if not found:
        return {}
    value = float(found[1] or found[2])
    return {"severity": int(value) if value.is_integer() else value} if value <= 10 else {}


def _sitting(wording: Wording) -> dict[str, Any]:
    """Hours beside a word for sitting, in one sentence."""
    for sentence in re.split(r" \. ", wording.counted):
        if not _SITS.search(sentence):
            continue
        for amount in quantities(sentence):
            if amount.unit == "hour" and amount.high <= 16 and not re.match(r" ago", sentence[amount.end :]):
                return {"sitting_hours_per_day": amount.hours()}
    return {}


def _duration(wording: Wording, now: datetime) -> dict[str, Any]:
    """A time in a sentence about the pain; guesses and bare "ages" are left out."""
    for clause in wording.clauses:
        for part in _PARTS.split(clause):
            if not _PAIN.search(part) or phrases("volunteered", "other_times").search(part):
                continue
            answer = read_duration(Wording(part, (part,)), now)
            if answer is not None and "duration_weeks" in answer.facts and answer.clarify is None:
                return dict(answer.facts)
    return {}


def _location(wording: Wording, now: datetime) -> dict[str, Any]:
    parts = (part for clause in wording.clauses for part in _PARTS.split(clause))
    painful = tuple(
        part for part in parts if phrases("volunteered", "painful").search(part) and not _REMEDY.search(part)
    )
    answer = READERS["location"](Wording(wording.original, painful), now) if painful else None
    if answer is None or answer.status != "given" or not answer.facts.get("location"):
        return {}
    return {"location": answer.facts["location"]}


def _is_grave_hearsay(facts: Mapping[str, Any], flagged: Sequence[Mapping[str, Any]]) -> bool:
    """Danger that the question's own reader hears in words that were no answer to it, and nobody else does.

    "My leg has gone numb" answers the question about the saddle area only where that was asked.
    """
    return any(
        facts.get(name) in values and not any(name in flag for flag in flagged) for name, values in _GRAVE.items()
    )


def _affirmed(question: str, wording: Wording, now: datetime) -> Mapping[str, Any]:
    """Facts of signs that are said to be there, without what their absence would give."""
    names = read_signs(question, wording).names()
    # Outside their questions "31 weeks" and "bent over" are no pregnancy and no injury.
    told = {"pregnancy": phrases("volunteered", "pregnant").search(wording.plain), "trauma": "major" in names}
    if not names or not told.get(question, True):
        return {}
    answer = READERS[question](wording, now)
    if answer is None or answer.status != "given":
        return {}
    none = lexicon()["outcomes"][question]["none"]
    return {name: value for name, value in answer.facts.items() if none.get(name, False) != value}
