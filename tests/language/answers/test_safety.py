"""Signs of danger: doubt, denial and refusal are never taken for one another."""

import pytest

from bot.language import read_answer
from tests.language.answers.heldout import NOW

SAFETY = (
    "saddle_bladder_bowel",
    "sexual_function",
    "leg_symptoms",
    "weakness_walking",
    "trauma",
    "bone_health_steroids",
    "cancer_weight_loss",
    "fever_infection",
    "belly_chest_flank_urine",
    "meds_blood_thinners",
    "recent_procedures_surgery",
    "mood_safety",
)


@pytest.mark.parametrize("question", SAFETY)
@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Nope.",
        "not that I've noticed",
        "don't think so",
        "no no nothing like that",
        "👎",
        "can't say I have",
        "not that I know of",
    ],
)
def test_a_denial_even_a_hedged_one_is_no(question, text):
    answer = read_answer(question, text, now=NOW)
    assert answer.status == "given"
    assert answer.facts
    assert all(value in ("none", False) for value in answer.facts.values())


@pytest.mark.parametrize("question", SAFETY)
@pytest.mark.parametrize(
    "text",
    [
        "not sure", "maybe", "idk", "hard to say", "no idea", "sort of", "I don't know", "i dont know", "I do not know",
        "I really don't know", "can't remember", "I couldn't tell you", "beats me",
    ],
)  # fmt: skip
def test_doubt_is_kept_as_doubt(question, text):
    answer = read_answer(question, text, now=NOW)
    assert (dict(answer.facts), answer.status) == ({}, "unsure")


@pytest.mark.parametrize("question", SAFETY)
@pytest.mark.parametrize("text", ["skip", "I'd rather not say", "none of your business"])
def test_a_refusal_is_not_a_no(question, text):
    answer = read_answer(question, text, now=NOW)
    assert (dict(answer.facts), answer.status) == ({}, "declined")


@pytest.mark.parametrize("question", SAFETY)
def test_a_bare_yes_is_never_read_as_no(question):
    answer = read_answer(question, "yes", now=NOW)
    assert answer.clarify is not None or any(value not in ("none", False) for value in answer.facts.values())


@pytest.mark.parametrize("question", SAFETY)
def test_another_subject_answers_nothing(question):
    assert read_answer(question, "what time is the clinic open on tuesdays", now=NOW) is None


def test_a_negated_sign_beside_an_affirmed_one():
    answer = read_answer("saddle_bladder_bowel", "no numbness but I can't feel when I pee", now=NOW)
    assert answer.facts == {"saddle_change": "none", "bladder_change": "new_or_worse"}


def test_someone_elses_illness_is_not_the_patients():
    assert read_answer("cancer_weight_loss", "my sister had cancer", now=NOW).facts["cancer_history"] == "none"
