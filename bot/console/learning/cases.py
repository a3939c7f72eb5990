"""A reviewed conversation as a test: what the patient said to which question, and what must come of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from bot.console.learning.inbox import example_of
from bot.console.learning.redaction import Known
from bot.store.models import Message

OPENING = "opening_message"
# Whatever else a message is for, it leaves the question open, and the test's patient does not say it.
_ANSWERING = frozenset(
    {"inform", "affirm", "deny", "unsure", "skip", "report_red_flag", "crisis", "out_of_scope", None}
)


class NotATest(ValueError):
    """A test could not expect anything of this conversation; the message is a sentence for staff."""


def case_of(name: str, messages: Sequence[Message], known: Known) -> dict[str, Any]:
    """One case as tests/conversations/cases.yml has them, up to the first result; raises NotATest.

    `messages` are in order. An answer that was asked for again is kept in its last words.
    """
    if any(message.status == "erased" for message in messages):
        raise NotATest("Parts of this conversation were erased.")
    opening: list[str] = []
    answers: dict[str, str] = {}
    asked: list[str] = []
    answered = OPENING
    for message in messages:
        if message.author == "patient" and message.kind != "event":
            question = asked[0] if asked else None
            text = example_of(message.text, question, known)
            if not asked:
                opening.append(text)
            elif (message.understood or {}).get("intent") in _ANSWERING:
                answers[asked[0]], answered = text, asked[0]
        elif message.author == "staff":
            raise NotATest("A person answered before there was a result.")
        elif message.author == "assistant":
            if result := message.payload.get("result"):
                return _case(name, opening, answers, result, answered)
            asked = (message.payload.get("ask") or {}).get("questions") or asked
    raise NotATest("This conversation has no result yet.")


def _case(
    name: str, opening: Sequence[str], answers: dict[str, str], result: dict[str, Any], answered: str
) -> dict[str, Any]:
    if not opening:
        raise NotATest("The patient has said nothing before the first question.")
    expected = {key: result[key] for key in ("disposition", "row", "stretches")}
    if expected["disposition"] == "emergency":
        expected["no_later_than"] = answered
    return {"id": case_name(name), "opening": " ".join(opening), "answers": answers, "expected": expected}


def case_name(name: str) -> str:
    """A name as the tests have them: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "conversation"


def case_yaml(case: dict[str, Any]) -> str:
    """The case as YAML, to be added under `cases` of tests/conversations/cases.yml."""
    return yaml.safe_dump({"cases": [case]}, allow_unicode=True, sort_keys=False, width=10_000)
