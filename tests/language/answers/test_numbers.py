"""Numbers in words and digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.answers.numbers import digitised, in_words


@given(st.integers(0, 9999))
def test_a_number_in_words_comes_back_as_digits(number):
    assert digitised(in_words(number).split()) == [str(number)]


@given(st.integers(0, 99), st.integers(0, 99))
def test_two_numbers_stay_two(first, second):
    words = [*in_words(first).split(), "or", *in_words(second).split()]
    assert digitised(words) == [str(first), "or", str(second)]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("two and a half hours", "2.5 hours"),
        ("half an hour", "0.5 hour"),
        ("a couple of weeks", "2 weeks"),
        ("three quarters of an hour", "0.75 hour"),
        ("one hundred and twenty", "120"),
        ("six seven", "6 7"),
    ],
)
def test_amounts_in_words(text, digits):
    assert " ".join(digitised(text.split())) == digits


def test_words_outside_the_range_are_refused():
    with pytest.raises(ValueError, match="10000"):
        in_words(10000)
