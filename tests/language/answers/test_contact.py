"""Names, numbers and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import read_answer
from bot.language.answers.contact import read_phone


@given(
    st.integers(200, 989).filter(lambda area: area % 100 != 11),
    st.integers(0, 99),
    st.sampled_from(["{}-555-01{:02d}", "({}) 555 01{:02d}", "{}55501{:02d}", "+1 {} 555 01{:02d}"]),
)
def test_a_number_is_the_same_however_it_is_written(area, line, form):
    answer = read_phone(f"my number is {form.format(area, line)}", region="US")
    assert answer.facts == {"contact_phone": f"+1{area}55501{line:02d}"}


def test_a_number_without_its_area_code_is_not_kept():
    answer = read_answer("contact_phone", "555-0123")
    assert (dict(answer.facts), answer.clarify) == ({}, "impossible")


@pytest.mark.parametrize("text", ["Kim@Example.com", "kim at example dot com", "it's kim@example.com."])
def test_addresses(text):
    assert read_answer("contact_email", text).facts == {"contact_email": "kim@example.com"}


@pytest.mark.parametrize(("text", "name"), [("its bob smith", "Bob Smith"), ("MARY-ANN O'NEIL", "Mary-Ann O'Neil")])
def test_names_are_tidied(text, name):
    assert read_answer("contact_name", text).facts == {"contact_name": name}
