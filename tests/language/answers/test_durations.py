"""How long ago it began."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import read_answer
from bot.language.answers.numbers import in_words
from tests.language.answers.heldout import NOW

WEEKS = {"days": 1 / 7, "weeks": 1, "months": 4.348, "years": 52.18}


@given(
    st.integers(2, 60),
    st.sampled_from(sorted(WEEKS)),
    st.booleans(),
    st.sampled_from(["{}", "about {} ago", "for the last {}"]),
)
def test_an_amount_and_its_unit_give_weeks(many, unit, in_letters, form):
    text = form.format(f"{in_words(many) if in_letters else many} {unit}")
    answer = read_answer("duration", text, now=NOW)
    assert answer is not None
    assert answer.facts["duration_weeks"] == pytest.approx(many * WEEKS[unit], rel=0.02, abs=0.51)


def test_the_present_episode_counts_not_the_history():
    answer = read_answer("duration", "on and off for 10 yrs but this lot since easter", now=NOW)
    assert answer.facts == {"duration_weeks": 33, "recurrent": True}


def test_a_correction_replaces_the_number():
    assert read_answer("duration", "3 weeks, no wait, 4 weeks", now=NOW).facts["duration_weeks"] == 4


def test_a_word_without_a_number_asks_for_a_band():
    assert read_answer("duration", "ages", now=NOW).clarify == "bands"


def test_longer_than_a_life_is_out_of_range():
    answer = read_answer("duration", "500 years", now=NOW)
    assert (dict(answer.facts), answer.clarify) == ({}, "out_of_range")
