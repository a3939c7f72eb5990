"""What an opening story answers, and what it does not."""

import pytest

from bot.language import read_volunteered
from tests.language.answers.heldout import NOW


def _facts(text):
    return {name: value for answer in read_volunteered(text, now=NOW).values() for name, value in answer.facts.items()}


def test_a_story_gives_what_it_says_plainly():
    facts = _facts("Hi, I'm 34. Lower back pain for 3 weeks, sit 9 hours a day at work, about 6/10")
    assert facts["age"] == 34
    assert facts["duration_weeks"] == 3
    assert facts["sitting_hours_per_day"] == 9
    assert facts["severity"] == 6
    assert facts["location"] == ["low_back"]


def test_a_sign_in_the_story_is_kept():
    assert _facts("my back hurts and my left foot has gone numb")["numbness"] == "one_leg"


@pytest.mark.parametrize(
    "text", ["hello", "do you do massage on saturdays?", "no thanks", "yes", "what are hip flexors"]
)
def test_nothing_is_taken_from_small_talk(text):
    assert _facts(text) == {}


def test_silence_is_no_denial():
    assert not any(value in ("none", False, "no") for value in _facts("my lower back aches after sitting").values())


def test_weeks_of_pain_are_no_pregnancy_and_weeks_of_pregnancy_no_duration():
    assert "pregnant" not in _facts("back pain for 3 weeks, I sit all day")
    facts = _facts("31 weeks pregnant and my lower back is killing me")
    assert facts["pregnant"] == "yes"
    assert "duration_weeks" not in facts


def test_the_time_of_the_pain_not_of_the_job():
    assert _facts("worked at a desk for 12 years, back pain started last week")["duration_weeks"] == 1
