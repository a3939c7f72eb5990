"""One text for several questions."""

import pytest

from bot.language import read_answers
from tests.language.answers.heldout import NOW

PELVIC = ("saddle_bladder_bowel", "sexual_function")
JOINERS = (" ", "\n", ". ", ", ")


@pytest.mark.parametrize("joiner", JOINERS)
def test_one_denial_after_another(joiner):
    got = read_answers(PELVIC, joiner.join(["no i dont think so, all seems normal", "not that ive noticed"]), now=NOW)
    assert got["saddle_bladder_bowel"].facts["saddle_change"] == "none"
    assert got["sexual_function"].facts == {"sexual_change": "none"}


@pytest.mark.parametrize("joiner", JOINERS)
def test_a_no_to_one_question_does_not_erase_a_sign_in_another(joiner):
    got = read_answers(PELVIC, joiner.join(["I can't tell when my bladder is full", "No changes there"]), now=NOW)
    assert got["saddle_bladder_bowel"].facts["bladder_change"] == "new_or_worse"
    assert got["sexual_function"].facts == {"sexual_change": "none"}


@pytest.mark.parametrize("joiner", JOINERS)
def test_refusals_go_to_both(joiner):
    got = read_answers(PELVIC, joiner.join(["skip", "none of your business"]), now=NOW)
    assert {answer.status for answer in got.values()} == {"declined"}
    assert set(got) == set(PELVIC)


@pytest.mark.parametrize("joiner", JOINERS)
def test_number_then_yes_then_no(joiner):
    questions = ("sitting", "rising_from_sitting", "front_of_hip")
    got = read_answers(questions, joiner.join(["8 hours", "yes a bit", "not that i can tell"]), now=NOW)
    assert got["sitting"].facts == {"sitting_hours_per_day": 8}
    assert got["rising_from_sitting"].facts == {"pain_on_rising": True}
    assert got["front_of_hip"].facts == {"front_hip_tightness": False}


@pytest.mark.parametrize("joiner", JOINERS)
def test_place_and_time(joiner):
    got = read_answers(("location", "duration"), joiner.join(["low back both sides", "8 months, on and off"]), now=NOW)
    assert got["location"].facts == {"location": ["low_back"], "side": "both"}
    assert got["duration"].facts == {"duration_weeks": 35, "recurrent": True}


def test_one_no_serves_all_questions():
    got = read_answers(("recent_procedures_surgery", "pregnancy"), "no", now=NOW)
    assert got["recent_procedures_surgery"].facts["recent_surgery_lt12wk"] is False
    assert got["pregnancy"].facts == {"pregnant": "no"}


def test_a_question_without_an_answer_stays_open():
    assert set(read_answers(("severity", "relief"), "about a 6", now=NOW)) == {"severity"}
