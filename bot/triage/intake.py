"""What to ask next: safety before content, never what is known, never what can change nothing for this person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.knowledge import Card, Knowledge, Question
from bot.knowledge.questions import CardPlan
from bot.triage.assessment import assess, complete
from bot.triage.content import own_knowledge

YOUNGEST_TO_ASK = 13
"""Below this age nothing more is collected (COPPA)."""


def next_question(
    facts: Mapping[str, Any], asked: Collection[str], *, hurry: bool = False, knowledge: Knowledge | None = None
) -> Question | None:
    """The next question of the check, None when it is over.

    `asked` holds the ids of questions that were asked and are closed: answered, declined, or left open after two tries.
    In a hurry the questions that only refine the advice are left out, and the others stand in longer lists; no safety
    question is ever left out.
    """
    return next((question for _, question in _open(facts, asked, hurry, knowledge or own_knowledge())), None)


def next_card(
    facts: Mapping[str, Any],
    asked: Collection[str],
    *,
    one_at_a_time: bool,
    hurry: bool = False,
    knowledge: Knowledge | None = None,
) -> Card | None:
    """The next message of the check, None when it is over.

    On the website (`one_at_a_time` false) it asks what is still open of the next card; on Messenger (true) one
    question in its Messenger wording. See `next_question` for the rest.
    """
    known = knowledge or own_knowledge()
    open_now = list(_open(facts, asked, hurry, known))
    if not open_now:
        return None
    plan, first = open_now[0]
    if one_at_a_time:
        return known.questions.card([first], messenger=True)
    return known.questions.card([question for other, question in open_now if other is plan], plan=plan)


def question_card(question_id: str, *, messenger: bool = False, knowledge: Knowledge | None = None) -> Card:
    """The card that asks one question by itself: to repeat or correct it, or outside the check (booking, goal)."""
    known = knowledge or own_knowledge()
    return known.questions.card([known.questions[question_id]], messenger=messenger)


def _open(
    facts: Mapping[str, Any], asked: Collection[str], hurry: bool, known: Knowledge
) -> Iterator[tuple[CardPlan, Question]]:
    """The open questions in the order of asking, each with the card that it stands on."""
    given = {name: value for name, value in facts.items() if value is not None}
    age = given.get("age")
    disposition = assess(complete(given, knowledge=known), knowledge=known).disposition
    if disposition == "emergency" or (age is not None and age < YOUNGEST_TO_ASK):
        return
    stages = {"urgent": ("safety",), "routine_medical": ("safety", "picture")}.get(
        disposition, ("safety", "picture", "content")
    )
    for plan in known.questions.hurry_plans if hurry else known.questions.plans:
        for name in plan.questions:
            question = known.questions[name]
            if question.stage in stages and not _closed(question, given, asked):
                yield plan, question


def _closed(question: Question, given: Mapping[str, Any], asked: Collection[str]) -> bool:
    if question.id in asked:
        return True
    if question.fills and all(name in given for name in question.fills):
        return True
    return question.skip_when is not None and question.skip_when.holds_for_sure(given)
