"""Any text at all: no exception, and time in step with its length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge import load_knowledge
from bot.language import read_answer, read_answers, read_volunteered
from bot.language.answers.registry import READERS
from tests.language.answers.heldout import NOW, cases

WALLS = ["a" * 50_000, "👍" * 50_000, "1" * 50_000, " " * 50_000, "no numb leg and 5 or 6 " * 2200, "@a." * 16_000]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(text):
    for question in READERS:
        read_answer(question, text, now=NOW)
    read_volunteered(text, now=NOW)
    read_answers(("sitting", "rising_from_sitting", "front_of_hip"), text, now=NOW)


@pytest.mark.parametrize("plan", load_knowledge().questions.plans, ids=lambda plan: plan.questions[0])
def test_no_string_of_answers_raises(plan):
    texts = [case.text for case in cases("answers")]
    for start in range(0, len(texts), 7):
        read_answers(plan.questions, " ".join(texts[start : start + len(plan.questions)]), now=NOW)


@pytest.mark.parametrize("wall", WALLS, ids=["letters", "pictures", "digits", "spaces", "words", "signs"])
def test_a_wall_of_text_is_read_in_bounded_time(wall):
    started = time.process_time()
    for question in READERS:
        read_answer(question, wall, now=NOW)
    assert time.process_time() - started < 0.5 * len(READERS)


def test_an_answer_takes_a_few_milliseconds():
    sample = list(cases("answers"))
    for case in sample[:50]:
        read_answer(case.question, case.text, now=NOW)
    started = time.process_time()
    for case in sample:
        read_answer(case.question, case.text, now=NOW)
    assert (time.process_time() - started) / len(sample) < 0.005


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        read_answer("age", "40", now=NOW.replace(tzinfo=None))
