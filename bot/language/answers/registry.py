"""Which reader answers which question."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.language.answers import body, contact, mechanics, medication, moments, safety, yes_no
from bot.language.answers.ages import read_age
from bot.language.answers.durations import read_duration
from bot.language.answers.everyday_times import read_breaks, read_sitting, read_stiffness
from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.place import time_zone
from bot.language.answers.polarity import polarity
from bot.language.answers.severity import read_severity
from bot.language.answers.signs import read_signs
from bot.language.answers.wording import Wording, worded
from bot.language.flags import find_flags
from bot.language.types import Answer, Flag

Reader = Callable[[Wording, datetime], Answer | None]

READERS: Mapping[str, Reader] = {
    "consent": yes_no.read_consent,
    "age": read_age,
    "location": body.read_location,
    "duration": read_duration,
    "severity": lambda wording, now: read_severity(wording),
    "leg_symptoms": body.read_legs,
    "saddle_bladder_bowel": safety.pelvic,
    "sexual_function": safety.sexual,
    "weakness_walking": safety.strength,
    "trauma": safety.injury,
    "bone_health_steroids": safety.bones,
    "cancer_weight_loss": safety.cancer,
    "fever_infection": safety.infection,
    "belly_chest_flank_urine": safety.organs,
    "meds_blood_thinners": medication.read_medicines,
    "recent_procedures_surgery": safety.procedures,
    "pregnancy": safety.pregnancy,
    "night_pain": mechanics.read_night,
    "morning_stiffness": lambda wording, now: read_stiffness(wording),
    "mood_safety": safety.mood,
    "sitting": lambda wording, now: read_sitting(wording),
    "sitting_breaks": lambda wording, now: read_breaks(wording),
    "rising_from_sitting": mechanics.read_rising,
    "front_of_hip": mechanics.read_front_of_hip,
    "relief": mechanics.read_relief,
    "prior_stretching": mechanics.read_stretching,
    "stretch_safety": mechanics.read_stretch_safety,
    "activity_level": yes_no.read_activity,
    "goal": yes_no.read_goal,
    "booking": yes_no.read_booking,
    "appointment_service": yes_no.read_service,
    "appointment_time": moments.read_moment,
    "contact_name": lambda wording, now: contact.read_name(wording.original),
    "contact_phone": lambda wording, now: contact.read_phone(wording.original),
    "contact_email": lambda wording, now: contact.read_email(wording.original),
}

# Numbers and the like: here "skip" and "not sure" are looked at only when the reader finds nothing.
MERE_WORDS = 3  # a text of no more words is an answer, not a description
_DOUBT_LAST = frozenset({"age", "duration", "severity", "sitting", "sitting_breaks", "morning_stiffness", "location"})


def read_answer(question: str, text: str, *, now: datetime | None = None) -> Answer | None:
    """What a text says to one question, or None if it does not answer it.

    `now` is an aware time and defaults to the clinic's. Raises KeyError for a question that does not exist, and
    ValueError for a naive `now`; no text raises anything.
    """
    return read_wording(question, worded(text), clinic_now(now))


def read_wording(question: str, wording: Wording, now: datetime) -> Answer | None:
    """As read_answer, for a text already made ready."""
    answer = READERS[question](wording, now)
    if question in lexicon()["outcomes"] and len(wording.words) > MERE_WORDS:
        return _with_flags(question, wording, answer)
    if question not in _DOUBT_LAST or (answer is not None and answer.facts):
        return answer
    said = polarity(wording)
    if said == "declined":
        return Answer({}, status="declined")
    if answer is None and said == "unsure":
        return Answer({}, status="unsure")
    return answer


def _with_flags(question: str, wording: Wording, answer: Answer | None) -> Answer | None:
    """Signs in words that the question's own data does not know, beside those that it does know."""
    flags = find_flags(wording.original)
    own = own_facts(question)
    if answer is not None and not (answer.clarify == "which" or _denies_unheard(question, wording, answer)):
        return _with_more(question, wording, answer, _told(flags, "present", own))
    if facts := _told(flags, "present", own):
        return Answer(facts)
    if facts := _told(flags, "other_person", own):
        # "He hasn't peed since yesterday" answers for the patient; of whose mother it is said, has to be asked.
        return None if phrases("context", "a_relative").search(wording.plain) else Answer(facts)
    # "All works, but my bits have gone sort of dull": the doubt is asked about, not taken for a no.
    return Answer({}, status="unsure") if answer is not None and _told(flags, "possible", own) else answer


def _with_more(question: str, wording: Wording, answer: Answer, told: Mapping[str, Any]) -> Answer:
    """An answer with what else the danger signs hear of the same question; a no of its own words stays a no."""
    none = lexicon()["outcomes"][question]["none"]
    affirms = any(none.get(name, False) != value for name, value in answer.facts.items())
    if answer.status != "given" or answer.facts.get("claudication_pattern_stable"):
        return answer
    if not affirms:
        denies = "signs" in lexicon().get(question, {}) and read_signs(question, wording).denies
        return Answer(dict(told)) if told and not denies else answer
    more = {name: value for name, value in told.items() if answer.facts.get(name, none.get(name)) == none.get(name)}
    return replace(answer, facts={**answer.facts, **more})


def _told(flags: Iterable[Flag], assertion: str, names: Container[str]) -> dict[str, Any]:
    """What the flags of one assertion say of these facts."""
    return {
        name: value
        for flag in flags
        if flag.assertion == assertion
        for name, value in flag.facts.items()
        if name in names
    }


def _denies_unheard(question: str, wording: Wording, answer: Answer) -> bool:
    """Whether this is a no in which none of the question's own words were heard, or a no with a "but"."""
    if answer.status != "given" or answer.facts != lexicon()["outcomes"][question]["none"]:
        return False
    if "signs" not in lexicon().get(question, {}):
        return False
    reading = read_signs(question, wording)
    if reading.mentions or reading.explained:
        return False
    return not reading.denies or phrases("context", "but").search(wording.plain) is not None


def own_facts(question: str) -> frozenset[str]:
    """The names of the facts that a question about signs can give."""
    names = set(lexicon()["outcomes"][question]["none"])
    for sign in lexicon().get(question, {}).get("signs", {}).values():
        names |= set(sign.get("facts", {}))
    return frozenset(names)


def clinic_now(now: datetime | None) -> datetime:
    """The time given, or the present in the clinic's zone. Raises ValueError if it has no zone."""
    if now is None:
        return datetime.now(time_zone())
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now
