"""Answers that the readers' data was not written from."""

from collections import Counter

import pytest

from bot.language import read_answer
from tests.language.answers.heldout import NOW, cases, is_right


def _scores():
    right, asked, missed = Counter(), Counter(), []
    for case in cases():
        asked[case.question] += 1
        answer = read_answer(case.question, case.text, now=NOW)
        if is_right(answer, case.expected):
            right[case.question] += 1
        else:
            missed.append((case.question, case.text, case.expected, answer))
    return right, asked, missed


def test_answers_are_read_right_overall_and_for_each_question():
    right, asked, missed = _scores()
    overall = sum(right.values()) / sum(asked.values())
    weakest = min(asked, key=lambda question: right[question] / asked[question])
    assert overall >= 0.97, missed
    assert right[weakest] / asked[weakest] >= 0.9, [miss for miss in missed if miss[0] == weakest]


@pytest.mark.parametrize("file", ["answers"])
def test_each_question_has_at_least_25_cases(file):
    counted = Counter(case.question for case in cases(file))
    assert len(counted) >= 34
    assert min(counted.values()) >= 25
