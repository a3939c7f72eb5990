"""Blood thinners among the medicines that a patient names, misspelt brands too."""

from __future__ import annotations

from datetime import datetime

from bot.language.answers.lexicon import known_words, phrases
from bot.language.answers.numbers import digitised
from bot.language.answers.polarity import declines
from bot.language.answers.safety import outcome
from bot.language.answers.signs import read_signs
from bot.language.answers.wording import Wording
from bot.language.types import Answer

GROUP = "meds_blood_thinners"


def read_medicines(wording: Wording, now: datetime) -> Answer | None:
    """{blood_thinner}; a medicine that we do not know gives "unsure" with `clarify` "unknown_drug"."""
    reading = read_signs(GROUP, wording)
    if reading.said("thinner"):
        return Answer({"blood_thinner": True})
    if reading.names("possible") or (
        reading.polarity == "unsure" and not phrases(GROUP, "harmless").search(wording.plain)
    ):
        return Answer({}, status="unsure")
    if reading.names("absent") or reading.denies:
        return Answer({"blood_thinner": False})
    if phrases(GROUP, "harmless").search(wording.plain):
        return Answer({"blood_thinner": False})
    if any(mention.assertion == "present" for mention in reading.mentions):
        return Answer({"blood_thinner": False})
    if reading.polarity == "no":
        return Answer({"blood_thinner": False})
    if declines(wording):
        return Answer({}, status="declined")
    if _names_a_medicine(wording):
        return Answer({}, status="unsure", clarify="unknown_drug")
    if reading.names("other_person") or phrases(GROUP, "stopped").search(wording.plain):
        return Answer({"blood_thinner": False})
    answer = outcome(GROUP, reading, {})
    if answer is not None and answer.clarify == "which":
        return Answer(answer.facts)
    return answer


def _names_a_medicine(wording: Wording) -> bool:
    """Whether the text seems to name a medicine: a dose, "I take ...", or a lone long word that is no common one."""
    plain = " ".join(digitised(wording.plain.split()))
    if phrases(GROUP, "medicine").search(plain):
        return True
    strange = [word for word in wording.words if len(word) >= 6 and word not in known_words().all and word.isalpha()]
    return bool(strange) and len(wording.words) <= 4
