"""Questions about warning signs: what is there, what is not, and what is only an old or explained matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.language.answers.durations import elapsed_weeks
from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.numbers import digitised
from bot.language.answers.signs import Reading, read_signs, signs_of
from bot.language.answers.wording import Wording
from bot.language.types import Answer

RECENT_WEEKS = 2.0
LONG_AGO_WEEKS = 520.0
_OF_ONES_OWN = ("saddle_bladder_bowel", "sexual_function", "leg_symptoms", "weakness_walking", "mood_safety")
Interpreter = Callable[[Reading, Wording, datetime], dict[str, Any]]


def outcome(group: str, reading: Reading, facts: Mapping[str, Any]) -> Answer | None:
    """The answer for facts found: else a clear no, doubt, refusal, or a bare yes that asks which.

    Signs that are said to be there are never cancelled by a "no" elsewhere in the same text.
    """
    none = lexicon()["outcomes"][group]["none"]
    if facts:
        return Answer(dict(facts))
    explained = any(mention.assertion == "present" for mention in reading.mentions)
    if reading.polarity == "declined" and not reading.denies:
        return Answer({}, status="declined")
    if reading.names("possible") and reading.polarity != "no":
        return Answer({}, status="unsure")
    if reading.denies or reading.polarity == "no":
        return Answer(dict(none))
    if reading.names("absent") and not reading.names("possible") and reading.polarity not in ("yes", "unsure"):
        return Answer(dict(none))
    if reading.denies or ((explained or reading.explained) and reading.polarity != "unsure"):
        return Answer(dict(none))
    if reading.names("other_person") and not reading.names("possible"):
        # In a family's history that is a no; of numb legs it has to be asked again whose they are.
        return None if group in _OF_ONES_OWN else Answer(dict(none))
    if reading.polarity == "unsure":
        return Answer({}, status="unsure")
    if reading.polarity == "yes":
        return Answer(dict(lexicon()["outcomes"][group]["yes"]), clarify="which")
    return None


def _denied(reading: Reading, signs: Mapping[str, str], value: Any) -> dict[str, Any]:
    """Facts of signs that the text denies by name, beside another that is there."""
    absent = reading.names("absent")
    return {fact: value for sign, fact in signs.items() if sign in absent}


def pelvic(wording: Wording, now: datetime) -> Answer | None:
    """saddle_change, bladder_change and bowel_change; unknown timing counts as new."""
    group = "saddle_bladder_bowel"
    reading = read_signs(group, wording)
    facts: dict[str, Any] = {}
    for mention in reading.said("saddle", "bladder", "bowel"):
        facts[f"{mention.sign.name}_change"] = _pelvic_timing(mention.sign.name, wording, now)
    if facts:
        facts = (
            _denied(reading, {"saddle": "saddle_change", "bladder": "bladder_change", "bowel": "bowel_change"}, "none")
            | facts
        )
    elif reading.polarity != "no" and not reading.denies and phrases(group, "sensory_loss").search(wording.plain):
        facts = {"saddle_change": "new_or_worse"}
    return outcome(group, reading, facts)


def _pelvic_timing(sign: str, wording: Wording, now: datetime) -> str:
    group, text = "saddle_bladder_bowel", wording.plain
    old = phrases(group, "longstanding").search(text) is not None
    weeks = elapsed_weeks(wording.counted, now)
    changed = phrases(group, "newly").search(text) is not None
    if sign == "saddle" and phrases(group, "transient").search(text) and not changed:
        return "transient_explained"
    if changed or not (old or (weeks is not None and weeks > RECENT_WEEKS)):
        return "new_or_worse"
    if phrases(group, "unassessed").search(text):
        return "long_stable_unassessed"
    if old or phrases(group, "known").search(text):
        return "known_longstanding" if phrases(group, "known").search(text) else "long_stable_unassessed"
    return "long_stable_unassessed" if phrases(group, "stable").search(text) else "new_or_worse"


def sexual(wording: Wording, now: datetime) -> Answer | None:
    """sexual_change: new, unless it is long-standing or explained."""
    group = "sexual_function"
    reading = read_signs(group, wording)
    new = reading.said("sexual") and not phrases(group, "longstanding").search(wording.plain)
    if (
        not new
        and not reading.said("sexual")
        and phrases(group, "not_tested").search(wording.plain)
        and reading.polarity != "yes"
    ):
        return Answer({"sexual_change": "none"})
    return outcome(group, reading, {"sexual_change": "new"} if new else {})


def strength(wording: Wording, now: datetime) -> Answer | None:
    """weakness, the gravest kind that is said; without a word on time it counts as new."""
    group = "weakness_walking"
    reading = read_signs(group, wording)
    names = reading.names()
    if comes_with_walking(wording):
        names = names - {"both", "weaker"}  # "legs get heavy when I walk" says nothing of their strength
    facts: dict[str, Any] = {}
    if "pain_stops_standing" in names or _pain_stops_standing(wording):
        return outcome(group, reading, {"cannot_stand": True, "weakness": "none"})
    for name, value in (("cannot_walk", "cannot_walk"), ("both", "both_legs"), ("foot_drop", "foot_drop")):
        if name in names:
            facts = {"weakness": value}
            break
    else:
        if "weaker" in names:
            stable = phrases(group, "stable").search(wording.plain) and not phrases(group, "progressive").search(
                _unnegated(wording)
            )
            facts = {"weakness": "mild_stable" if stable else "new_or_progressive"}
    return outcome(group, reading, facts)


def _pain_stops_standing(wording: Wording) -> bool:
    """ "Can't stand because of the pain" says why, and so is no weakness, but it is told all the same."""
    [sign] = [sign for sign in signs_of("weakness_walking") if sign.name == "pain_stops_standing"]
    return sign.pattern.search(wording.plain) is not None


def comes_with_walking(wording: Wording) -> bool:
    """Whether both legs trouble the patient only on walking, are eased by sitting, and nothing about it is new."""
    group, text = "leg_symptoms", wording.plain
    return bool(
        phrases(group, "walking").search(text)
        and phrases(group, "eased").search(text)
        and not phrases("saddle_bladder_bowel", "newly").search(text)
    )


def _unnegated(wording: Wording) -> str:
    return phrases("weakness_walking", "stable").sub(" ", wording.plain)


def injury(wording: Wording, now: datetime) -> Answer | None:
    """trauma by how hard and how long ago, and sudden_severe_onset."""
    group = "trauma"
    reading = read_signs(group, wording)
    names = reading.names()
    weeks = elapsed_weeks(wording.counted, now)
    if weeks is None and phrases("recent_procedures_surgery", "old").search(wording.plain):
        weeks = LONG_AGO_WEEKS
    facts: dict[str, Any] = {}
    if "sudden" in names:
        facts["sudden_severe_onset"] = True
    if "major" in names and not _low_fall(wording):
        return _major_injury(wording, weeks, facts)
    if names & {"minor", "major"} and not (reading.polarity == "no" and reading.denies):
        facts["trauma"] = "minor" if weeks is None or weeks <= 12 else "none"
    elif "sudden" in names:
        facts["trauma"] = "none"
    answer = outcome(group, reading, facts)
    if answer is not None and answer.clarify == "which":
        return Answer(answer.facts, clarify="how_bad")
    return answer


def _major_injury(wording: Wording, weeks: float | None, facts: dict[str, Any]) -> Answer:
    checked = phrases("trauma", "checked").search(wording.plain) and not phrases("trauma", "unchecked").search(
        wording.plain
    )
    if weeks is None or weeks <= RECENT_WEEKS:
        unsaid = weeks is None and not checked
        return Answer({**facts, "trauma": "major_lt14d"}, clarify="when" if unsaid else None)
    if weeks <= 6 and not checked:
        return Answer({**facts, "trauma": "major_2_6wk_unassessed"})
    return Answer({**facts, "trauma": "none"})


def _low_fall(wording: Wording) -> bool:
    """A fall of under a metre, or of fewer than five steps."""
    text = " ".join(digitised(wording.plain.split()))
    found = phrases("trauma", "low_fall").search(text)
    return found is not None


def bones(wording: Wording, now: datetime) -> Answer | None:
    """bone_fragility, new_deformity, and known osteoporosis with unchanged pain."""
    group = "bone_health_steroids"
    reading = read_signs(group, wording)
    facts = _facts_of(reading)
    if facts.get("bone_fragility") and phrases(group, "usual_pain").search(wording.plain):
        facts |= {"known_osteoporosis_unchanged_pain": True, "new_pain": False}
    if "new_deformity" in facts and "fragile" in reading.names("absent"):
        facts["bone_fragility"] = False
    return outcome(group, reading, facts)


def cancer(wording: Wording, now: datetime) -> Answer | None:
    """cancer_history (past or current), weight_loss_unexplained, fatigue_unexplained, cancer_pain_features."""
    group = "cancer_weight_loss"
    reading = read_signs(group, wording)
    facts: dict[str, Any] = {}
    text = wording.plain
    for mention in reading.said("cancer"):
        current = phrases(group, "current").search(mention.clause) or phrases(group, "current").search(text)
        past = phrases(group, "past").search(mention.clause)
        ended = phrases(group, "ended").search(text)
        facts["cancer_history"] = (
            "current" if current and not ended and not (past and not phrases(group, "ongoing").search(text)) else "past"
        )
    if reading.said("weight_loss"):
        unintended = phrases(group, "unintended").search(text)
        if unintended or not phrases(group, "intended").search(text):
            facts["weight_loss_unexplained"] = True
    if reading.said("tired"):
        facts["fatigue_unexplained"] = True
    if facts.get("cancer_history") and reading.said("features"):
        facts["cancer_pain_features"] = True
    if facts:
        facts = (
            _denied(reading, {"weight_loss": "weight_loss_unexplained"}, False)
            | _denied(reading, {"cancer": "cancer_history"}, "none")
            | facts
        )
    return outcome(group, reading, facts)


def infection(wording: Wording, now: datetime) -> Answer | None:
    """fever, rigors_or_very_unwell and infection_risk; temperatures count from 37.8 °C or 100 °F."""
    group = "fever_infection"
    reading = read_signs(group, wording)
    facts = _facts_of(reading)
    if facts.get("infection_risk") and _only_controlled_diabetes(reading, wording):
        facts["infection_risk"] = False
        facts = {} if set(facts) == {"infection_risk"} else facts
    measured = _temperature(wording)
    if measured is not None:
        facts.pop("fever", None)
        if measured:
            facts["fever"] = True
        elif not facts:
            return Answer(dict(lexicon()["outcomes"][group]["none"]))
    if facts:
        facts = _denied(reading, {"fever": "fever", "risk": "infection_risk"}, False) | facts
    return outcome(group, reading, facts)


def _only_controlled_diabetes(reading: Reading, wording: Wording) -> bool:
    """Diabetes in good control is the only risk that the text names."""
    risks = {mention.clause[mention.start : mention.end].split()[0][:6] for mention in reading.said("risk")}
    if risks != {"diabet"} or phrases("fever_infection", "uncontrolled").search(wording.plain):
        return False
    return phrases("fever_infection", "controlled").search(wording.plain) is not None


def _temperature(wording: Wording) -> bool | None:
    for number in re.findall(
        r"(?<![\w./])(\d{2,3}(?:\.\d+)?)(?![\w./]|\s*(?:years?|weeks?|days?|mg|minutes?|hours?|%))", wording.counted
    ):
        value = float(number)
        if 34 <= value <= 43:
            return value >= 37.8
        if 94 <= value <= 110:
            return value >= 100.0
    return None


def organs(wording: Wording, now: datetime) -> Answer | None:
    """Chest, blood vessels, kidneys, urine, vomiting and patterns with meals or periods."""
    group = "belly_chest_flank_urine"
    reading = read_signs(group, wording)
    facts = _facts_of(reading)
    if "flank_colic" in facts and phrases(group, "severe").search(wording.plain):
        facts["flank_colic"] = "severe"
    if "cyclical" in reading.names() and "colic" in reading.names() and "waves" in wording.plain:
        facts.pop("cyclical_or_visceral_pattern")
    return outcome(group, reading, facts)


def procedures(wording: Wording, now: datetime) -> Answer | None:
    """recent_spinal_procedure (6 weeks) and recent_surgery_lt12wk; without a time it counts as recent, and asks."""
    group = "recent_procedures_surgery"
    reading = read_signs(group, wording)
    names = reading.names()
    weeks = elapsed_weeks(wording.counted, now)
    old = weeks is None and phrases(group, "old").search(wording.plain) is not None
    facts: dict[str, Any] = {}
    unsaid = False
    if "spinal" in names:
        if not old and (weeks is None or weeks <= 6.1):
            facts["recent_spinal_procedure"] = "worse" if _worse_since(reading, wording) else "stable"
            unsaid = weeks is None and not phrases(group, "recently").search(wording.plain)
        elif weeks is not None and weeks <= 12:
            facts["recent_surgery_lt12wk"] = "injection" not in wording.plain and "epidural" not in wording.plain
    elif "surgery" in names and not old and (weeks is None or weeks <= 12.2):
        facts["recent_surgery_lt12wk"] = True
        unsaid = weeks is None and not phrases(group, "recently").search(wording.plain)
    facts = {name: value for name, value in facts.items() if value}
    if not facts and names & {"spinal", "surgery"}:
        return Answer(dict(lexicon()["outcomes"][group]["none"]))
    answer = outcome(group, reading, facts)
    if answer is None or answer.status != "given":
        return answer
    return Answer(answer.facts, clarify="when" if unsaid or answer.clarify else None)


def _worse_since(reading: Reading, wording: Wording) -> bool:
    better = phrases("recent_procedures_surgery", "not_worse").search(wording.plain)
    return bool(reading.said("worse")) and not better


def pregnancy(wording: Wording, now: datetime) -> Answer | None:
    """pregnant, pregnancy_warning, and sex where it is said ("I'm a bloke")."""
    group = "pregnancy"
    reading = read_signs(group, wording)
    names = reading.names()
    text = wording.plain
    if phrases(group, "male").search(text) and not names & {"pregnant", "postpartum"}:
        return Answer({"pregnant": "no", "sex": "male"})
    weeks = elapsed_weeks(wording.counted, now)
    facts: dict[str, Any] = {}
    if "warning" in names and phrases(group, "of_the_baby").search(text):
        return Answer({"pregnant": "yes", "pregnancy_warning": True})
    if "postpartum" in names and not (names & {"pregnant"} and "had" not in text and "birth" not in text):
        facts = {"pregnant": "postpartum_lt12wk"} if weeks is None or weeks <= 12.2 else {"pregnant": "no"}
    elif phrases(group, "cannot").search(text) and "pregnant" not in names:
        return Answer({"pregnant": "no"})
    elif "perhaps" in names or "pregnant" in reading.names("possible"):
        facts = {"pregnant": "unsure"}
    elif (
        "pregnant" in names
        or (reading.polarity == "yes" and not names & {"warning"})
        or ("warning" in names and reading.polarity == "yes")
    ):
        facts = {"pregnant": "yes"}
    if "warning" in names and facts.get("pregnant") not in (None, "no"):
        facts["pregnancy_warning"] = True
    if not facts and reading.polarity == "unsure":
        return Answer({"pregnant": "unsure"}, status="unsure")
    if not facts and "warning" in names and reading.polarity != "no":
        return Answer({}, clarify="clarify_possible")
    return outcome(group, reading, facts)


def mood(wording: Wording, now: datetime) -> Answer | None:
    """suicidal: active before passive; a bare yes is passive and asks."""
    group = "mood_safety"
    reading = read_signs(group, wording)
    names = reading.names() | reading.names("possible")
    if names and phrases(group, "past").search(wording.plain) and reading.polarity != "yes":
        return Answer({"suicidal": "none"}) if reading.polarity == "no" else Answer({}, status="unsure")
    if "active" in names:
        return Answer({"suicidal": "active"})
    if "passive" in names:
        return Answer({"suicidal": "passive"})
    answer = outcome(group, reading, {})
    if answer is not None and answer.clarify == "which":
        return Answer(answer.facts, clarify="clarify_possible")
    return answer


def _facts_of(reading: Reading) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for mention in reading.mentions:
        if mention.assertion == "present":
            facts |= mention.sign.facts
    return facts
