"""How the pain behaves: what eases it, nights, getting up, the front of the hip, and stretching."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.language.answers.durations import elapsed_weeks
from bot.language.answers.lexicon import phrases
from bot.language.answers.polarity import declines, polarity
from bot.language.answers.quantities import quantities
from bot.language.answers.safety import outcome
from bot.language.answers.signs import read_signs
from bot.language.answers.wording import Wording
from bot.language.types import Answer


def read_relief(wording: Wording, now: datetime) -> Answer | None:
    """{relief_with_movement}, and {nonmechanical_pain: True} when nothing eases it.

    Moving and resting both named: movement counts. Painkillers, heat and the like count as rest.
    """
    reading = read_signs("relief", _without_worsening(wording))
    names = reading.names() | reading.names("possible")
    absent = reading.names("absent")
    hedged = reading.names("possible") and not reading.names()
    if "nothing" in names and not names & {"moving", "resting"}:
        hedge = phrases("relief", "nearly_nothing").search(wording.plain)
        return Answer({"relief_with_movement": False} | ({} if hedge else {"nonmechanical_pain": True}))
    if "moving" in names and not hedged:
        return Answer({"relief_with_movement": True})
    if names & {"moving", "resting"}:
        return (
            Answer({"relief_with_movement": "moving" in names})
            if not hedged or "resting" in names
            else Answer({}, status="unsure")
        )
    if absent & {"moving", "resting"} and reading.polarity == "no":
        return Answer({"relief_with_movement": False})
    said = reading.polarity
    if said == "declined":
        return Answer({}, status="declined")
    if said == "no":
        return Answer({"relief_with_movement": False, "nonmechanical_pain": True})
    if said == "unsure":
        return Answer({}, status="unsure")
    return Answer({}, clarify="unclear") if said == "yes" else None


def _without_worsening(wording: Wording) -> Wording:
    """Without what makes it worse: "walking is worse, sitting helps" is eased by sitting."""
    parts = []
    for clause in wording.clauses:
        kept = [
            part
            for part in re.split(r" , | and (?=\w+ (?:makes|hurts|is))", clause)
            if not phrases("relief", "worsens").search(part)
        ]
        parts.extend(kept)
    return Wording(wording.original, tuple(parts))


def read_night(wording: Wording, now: datetime) -> Answer | None:
    """{night_pain}: none, positional, waking or unrelenting."""
    reading = read_signs("night_pain", wording)
    names = reading.names() | reading.names("possible")
    if "waking" in names and phrases("night_pain", "gets_up").search(wording.plain):
        return Answer({"night_pain": "waking"})  # whatever moves in it: the patient gets up, and does not turn over
    if "unrelenting" in names and not ("fine" in names and reading.polarity == "no"):
        return Answer({"night_pain": "unrelenting"})
    if "positional" in names and ("waking" in names or "fine" not in names):
        return Answer(
            {"night_pain": "none" if phrases("night_pain", "settles").search(wording.plain) else "positional"}
        )
    if "waking" in names and "fine" not in names:
        return Answer({"night_pain": "waking"})
    if "fine" in names or "waking" in reading.names("absent") or "unrelenting" in reading.names("absent"):
        return Answer({"night_pain": "none"})
    said = reading.polarity
    if said in ("unsure", "declined"):
        return Answer({}, status=said)
    if said == "no":
        return Answer({"night_pain": "none"})
    return Answer({"night_pain": "waking"}, clarify="unclear") if said == "yes" else None


def read_rising(wording: Wording, now: datetime) -> Answer | None:
    """{pain_on_rising}. "Sometimes" and "a bit" are yes."""
    group = "rising_from_sitting"
    said = polarity(wording)
    if said == "declined":
        return Answer({}, status="declined")
    affirmed = phrases(group, "affirms").search(_without_denied_stiffness(wording))
    if said == "unsure" and not (affirmed and phrases("usually").search(wording.plain)):
        return Answer({}, status="unsure")
    if said == "no" or (phrases(group, "denials").search(wording.plain) and said != "yes"):
        strong = affirmed and said != "no" and not phrases(group, "denials").search(wording.plain)
        return Answer({"pain_on_rising": bool(strong)})
    if said == "yes" or affirmed:
        return Answer({"pain_on_rising": True})
    return None


def _without_denied_stiffness(wording: Wording) -> str:
    return phrases("rising_from_sitting", "not_affirms").sub(" ", wording.plain)


def read_front_of_hip(wording: Wording, now: datetime) -> Answer | None:
    """{front_hip_tightness}, and the signs of a joint, a stress fracture or an emergency."""
    group = "front_of_hip"
    reading = read_signs(group, wording)
    names = reading.names()
    facts: dict[str, Any] = {}
    for mention in reading.mentions:
        if mention.assertion == "present":
            facts |= mention.sign.facts
    if "each_step" in names and not (phrases(group, "deep").search(wording.plain)):
        facts.pop("hip_stress_fracture_pattern")
    if "tight" in reading.names("absent") and facts:
        facts.setdefault("front_hip_tightness", False)
    if (
        reading.polarity == "no"
        and names <= {"tight"}
        and (reading.denies or not phrases(group, "feelings").search(wording.plain))
    ):
        facts = {}
    if set(facts) == {"front_hip_tightness"} and reading.polarity == "unsure" and reading.names("possible"):
        facts = {}
    if not facts and declines(wording):
        return Answer({}, status="declined")
    answer = outcome(group, reading, facts)
    return Answer(answer.facts, answer.status) if answer is not None and answer.clarify == "which" else answer


def read_stretching(wording: Wording, now: datetime) -> Answer | None:
    """{prior_stretching}. Under two weeks of trying counts as none; a bare yes asks how it went."""
    group = "prior_stretching"
    text = wording.plain
    said = polarity(wording)
    tried = phrases(group, "tried").search(text)
    weeks = [
        amount.weeks() for amount in quantities(wording.counted) if amount.unit in ("day", "week", "month", "year")
    ]
    brief = phrases(group, "brief").search(text) or (weeks and max(weeks) < 2)
    if said == "unsure" and not phrases(group, "outcome").search(text):
        return Answer({}, status="unsure")
    if phrases(group, "none").search(text) and not phrases(group, "outcome").search(text):
        return Answer({"prior_stretching": "none"})
    if said == "declined":
        return Answer({}, status="declined")
    for value in ("worse", "no_help", "helped"):
        if phrases(group, value).search(text):
            if value != "worse" and brief and not (weeks and max(weeks) >= 2):
                return Answer({"prior_stretching": "none"})
            return Answer({"prior_stretching": value})
    if brief:
        return Answer({"prior_stretching": "none"})
    if said == "no":
        return Answer({"prior_stretching": "none"})
    if said == "unsure":
        return Answer({}, status="unsure")
    return Answer({}, clarify="unclear") if said == "yes" or tried else None


def read_stretch_safety(wording: Wording, now: datetime) -> Answer | None:
    """hip_replacement by its age, knee_problem, balance_problem, hypermobile, known osteoporosis."""
    group = "stretch_safety"
    reading = read_signs(group, wording)
    facts: dict[str, Any] = {}
    for mention in reading.mentions:
        if mention.assertion in ("present", "possible"):
            facts |= mention.sign.facts
    if reading.said("thr"):
        weeks = elapsed_weeks(wording.counted, now)
        recent = (weeks is not None and weeks < 52) or phrases(group, "recently").search(wording.plain) is not None
        facts["hip_replacement"] = "lt12mo" if recent else "gt12mo"
        if reading.said("groin_after_thr"):
            facts["new_groin_pain_after_thr"] = True
    else:
        facts.pop("new_groin_pain_after_thr", None)
    answer = outcome(group, reading, facts)
    if answer is not None and answer.clarify == "which":
        return Answer({}, clarify="which")
    if (
        answer is not None
        and reading.said("thr")
        and elapsed_weeks(wording.counted, now) is None
        and not phrases(group, "dated").search(wording.plain)
    ):
        return Answer(answer.facts, clarify="when")
    return answer
