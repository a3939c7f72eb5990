"""What is counted of one conversation."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.console.knowing.figures import STEPS, Spoken, figures_of, step_of

BEGIN = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)


class Talk:
    """Messages one after the other."""

    def __init__(self) -> None:
        self.messages: list[Spoken] = []

    def _add(self, author: str, seconds: float, **parts: Any) -> None:
        at = (self.messages[-1].at if self.messages else BEGIN) + timedelta(seconds=seconds)
        number = len(self.messages) + 1
        self.messages.append(
            Spoken(
                number,
                author,
                parts.get("kind", "text"),
                at,
                parts.get("payload", {}),
                parts.get("understood"),
                parts.get("in_reply_to"),
            )
        )

    def asks(self, *questions: str, after: float = 0.4) -> Talk:
        said = [message.id for message in self.messages if message.author == "patient"]
        payload = {"ask": {"questions": list(questions)}} if questions else {}
        self._add("assistant", after, payload=payload, in_reply_to=said[-1] if said else None)
        return self

    def says(self, intent: str, kind: str = "text", flags: list[dict[str, Any]] | None = None) -> Talk:
        self._add("patient", 20, kind=kind, understood={"intent": intent, "flags": flags or []})
        return self

    def staff(self, after: float) -> Talk:
        self._add("staff", after)
        return self


def reasons(talk: Talk) -> list[tuple[str, str | None]]:
    return [(d.reason, d.question) for d in figures_of(talk.messages).difficulties]


def test_nonsense_without_a_question_was_not_understood() -> None:
    assert reasons(Talk().asks().says("out_of_scope").asks()) == [("not_understood", None)]


def test_an_unknown_intent_that_answered_the_question_was_understood() -> None:
    assert reasons(Talk().asks("age").says("out_of_scope").asks("location")) == []


def test_the_same_question_again_after_an_answer_is_a_difficulty() -> None:
    assert reasons(Talk().asks("severity").says("inform").asks("severity")) == [("asked_again", "severity")]


def test_the_same_question_again_after_an_interruption_is_none() -> None:
    assert reasons(Talk().asks("severity").says("ask_cost").asks("severity")) == []


def test_what_was_tapped_cannot_be_misread() -> None:
    assert reasons(Talk().asks("severity").says("out_of_scope", kind="choice").asks("severity")) == []


def test_words_with_a_danger_sign_were_understood() -> None:
    sign = {"id": "crisis", "assertion": "present"}
    assert reasons(Talk().asks().says("out_of_scope", flags=[sign]).asks()) == []


def test_times_to_the_first_answer() -> None:
    talk = Talk().asks().says("greet").asks(after=0.2).asks(after=5).says("inform").asks(after=0.6)
    figures = figures_of(talk.messages)
    assert (figures.answer_ms, figures.slowest_ms) == (400, 600)


def test_the_teams_time_counts_from_the_patients_last_words() -> None:
    talk = Talk().asks().says("ask_human").says("ask_human").staff(after=90).staff(after=500)
    assert figures_of(talk.messages).staff_seconds == 90


def test_a_question_stays_open_only_while_nobody_answered() -> None:
    assert figures_of(Talk().asks("age", "sex").messages).open_question == "age"
    assert figures_of(Talk().asks("age").says("inform").messages).open_question is None


def test_a_sign_is_remembered_by_its_strongest_assertion() -> None:
    talk = Talk()
    for assertion in ("absent", "present", "possible"):
        talk.says("inform", flags=[{"id": "fracture", "assertion": assertion}])
    assert figures_of(talk.messages).flags == {"fracture": "present"}


def test_an_empty_conversation_has_figures_too() -> None:
    figures = figures_of([])
    assert (figures.typed, figures.answer_ms, figures.open_question, dict(figures.flags)) == (0, None, None, {})


@pytest.mark.parametrize(
    ("stage", "disposition", "step", "booked_only"),
    [
        (None, None, "opened", False),
        ("opened", None, "opened", False),
        ("consented", None, "consented", False),
        ("symptom", None, "symptom", False),
        ("opened", "emergency", "level", False),
        ("result", "self_care", "level", False),
        ("advice_seen", "self_care", "advice", False),
        ("booked", "clinic_appointment", "booked", False),
        ("booked", None, "opened", True),
    ],
)
def test_how_far_a_patient_came(stage: str | None, disposition: str | None, step: str, booked_only: bool) -> None:
    assert step_of(stage, disposition) == (STEPS.index(step), booked_only)
