"""Plain questions: consent, activity, the goal, and whether to book what."""

from __future__ import annotations

import re
from datetime import datetime

from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.numbers import tidy
from bot.language.answers.polarity import polarity
from bot.language.answers.quantities import quantities
from bot.language.answers.wording import Wording
from bot.language.types import Answer

_REFUSAL = re.compile(r"(?<!\S)(?:no|not|dont|never|wont|cant)(?!\S)")
BRISK_MINUTES = 150  # a week
_SESSIONS = re.compile(
    r"(\d+)(?: (?:or|to|-) (\d+))? ?(?:x|times|days|sessions|classes|runs|walks|swims|evenings|mornings)(?: (?:a|"
    r"per|each|every|in a|of the) week)?"
)
_MILES = re.compile(r"(\d+)(?: (?:or|to|-) (\d+))? ?(?:miles|mile|k|km|kilomet\w+)")
_STEPS = re.compile(r"(\d[\d,]*)\s?(k)? steps")
_SCORE = re.compile(r"(?<![\w/.])(\d{1,2}) ?(?:/ ?10|out of (?:10|ten))")


def read_consent(wording: Wording, now: datetime) -> Answer | None:
    """{consent: True or False}; doubt is "unsure"."""
    said = polarity(wording)
    if phrases("consent", "idioms").search(wording.plain):
        return Answer({"consent": True})
    if phrases("consent", "no").search(wording.plain):
        return Answer({"consent": False})
    if said == "unsure" and not phrases("consent", "yes").search(wording.plain):
        return Answer({}, status="unsure")
    if phrases("consent", "yes").search(wording.plain) and (said != "no" or not _REFUSAL.search(wording.plain)):
        return Answer({"consent": True})
    if said in ("no", "declined"):
        return Answer({"consent": False})
    return Answer({"consent": True}) if said == "yes" else None


def read_activity(wording: Wording, now: datetime) -> Answer | None:
    """{low_activity}: under 150 minutes of brisk activity a week.

    The question is "do you get less than 150 minutes?", so a bare yes is low.
    """
    minutes = _weekly_minutes(wording)
    if minutes is not None:
        return Answer({"low_activity": minutes < 0.9 * BRISK_MINUTES})
    if not wording.words:
        return None
    low, high = (
        phrases("activity_level", "low").search(wording.plain),
        phrases("activity_level", "high").search(wording.plain),
    )
    said = polarity(wording)
    bare = len(wording.words) <= 3 and wording.words[0] in ("yes", "no") and not high
    if bare and said in ("yes", "no"):
        return Answer({"low_activity": said == "yes"})
    if phrases("activity_level", "answers_less").search(wording.plain):
        return Answer({"low_activity": said != "no"})
    if said == "unsure" and len(wording.words) <= 6:
        return Answer({}, status=said)
    if high and not (low and low.start() < high.start()):
        return Answer({"low_activity": False})
    if low:
        return Answer({"low_activity": True})
    if said in ("unsure", "declined"):
        return Answer({}, status=said)
    return Answer({"low_activity": said == "yes"}) if said else None


def _weekly_minutes(wording: Wording) -> float | None:
    """Minutes of activity a week, where the text counts them."""
    text = re.sub(r"(?<=\d)-(?=\d)", " - ", wording.counted)
    text = re.sub(r"(?<!\S)once(?: or twice)? (?:a|per) week", "1 times a week", text)
    text = re.sub(r"(?<!\S)twice (?:a|per) week", "2 times a week", text)
    if re.search(r"(?<!\S)(?:less|under|fewer|more|over|below|above) (?:than )?(?:150|that|1 50)", text):
        return (
            0.0 if re.search(r"less|under|fewer|below", text) and not re.search(r"not (?:less|under)", text) else 999.0
        )
    if "used to" in text:
        return None
    steps = _STEPS.search(text)
    if steps:
        count = float(steps[1].replace(",", "")) * (1000 if steps[2] else 1)
        return 999.0 if count >= 7500 else 0.0
    found = [amount for amount in quantities(text) if amount.unit in ("minute", "hour")]
    sessions = _SESSIONS.search(text)
    times = (float(sessions[1]) + float(sessions[2] or sessions[1])) / 2 if sessions else None
    if times is None and re.search(r"every (?:day|morning|evening|night|lunch\w*)|daily|a day|each day|7 days", text):
        times = 7.0
    if times is None and re.search(
        r"most (?:days|mornings|evenings|nights)|every other day|almost every|weekdays", text
    ):
        times = 7.0 if "other" not in text and "weekdays" not in text else 3.5 if "other" in text else 5.0
    if found and not re.search(r"sit|desk|drive", text):
        return found[0].minutes() * (
            times if times is not None and not re.search(r"total|all week|(?:a|per) week in", text) else 1
        )
    miles = _MILES.search(text)
    if miles and times is None:
        return float(miles[2] or miles[1]) * 12
    if times is not None and phrases("activity_level", "sport").search(text):
        return times * 60
    return None


def read_goal(wording: Wording, now: datetime) -> Answer | None:
    """{goal: the patient's own words, function_limited}, with {goal_score} from 0 to 10; a plain no leaves it out."""
    text = " ".join(wording.original.split())
    if not wording.words:
        return None
    said = polarity(wording)
    if len(wording.words) <= 6 and said in ("declined", "unsure"):
        return Answer({}, status=said)
    if phrases("goal", "none").fullmatch(wording.plain) or (len(wording.words) <= 3 and wording.words[0] == "no"):
        return Answer({"function_limited": False})
    if len(wording.words) <= 2 and said == "yes":
        return Answer({}, clarify="unclear")
    if phrases("goal", "unlimited").search(wording.plain) and not phrases("context", "but").search(wording.plain):
        return Answer({"function_limited": False})
    score = _SCORE.search(wording.counted)
    facts: dict[str, object] = {"goal": text[:300], "function_limited": True}
    if score and int(score[1]) <= 10:
        facts["goal_score"] = tidy(float(score[1]))
    return Answer(facts)


def read_booking(wording: Wording, now: datetime) -> Answer | None:
    """{wants_appointment}; "maybe" is unsure, "let me see how I go first" is no."""
    text = wording.plain
    if phrases("booking", "no").search(text):
        return Answer({"wants_appointment": False})
    said = polarity(wording)
    wants = phrases("booking", "yes").search(text) is not None
    if said == "no" and not (wants and text.startswith("why not")):
        return Answer({"wants_appointment": "why not" in text})
    if wants and (said != "unsure" or "how much" not in text):
        return Answer({"wants_appointment": True})
    if said == "declined":
        return Answer({"wants_appointment": False})
    if said == "unsure" or phrases("booking", "unsure").search(text):
        return Answer({}, status="unsure")
    return Answer({"wants_appointment": True}) if said == "yes" else None


def read_service(wording: Wording, now: datetime) -> Answer | None:
    """{appointment_service}: consultation, massage or laser; two named, or a bare yes, asks which."""
    reading = {
        name
        for name in lexicon()["appointment_service"]
        if phrases("appointment_service", name).search(_wanted(wording))
    }
    if len(reading) > 1 and reading != {"massage", "laser"}:
        reading.discard("consultation")
    if len(reading) == 1:
        return Answer({"appointment_service": reading.pop()})
    said = polarity(wording)
    if reading:
        return Answer({}, clarify="which")
    if said == "unsure" or phrases("service_any").search(wording.plain):
        return Answer({}, status="unsure")
    if said == "declined":
        return Answer({}, status="declined")
    return Answer({}, clarify="which") if said == "yes" else None


def _wanted(wording: Wording) -> str:
    """The text from a correction on ("laser, no, make it a massage"), without services that are refused."""
    cues = list(phrases("corrections").finditer(wording.plain))
    last = wording.plain[cues[-1].end() :] if cues else ""
    named = any(phrases("appointment_service", name).search(last) for name in lexicon()["appointment_service"])
    return phrases("service_refused").sub(" ", last if named else wording.plain)
