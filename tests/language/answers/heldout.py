"""The held-out answers: reading them, and judging what the readers make of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.knowledge.facts import fact_schema
from bot.language.types import Answer

FOLDER = Path(__file__).parents[1] / "heldout"
FILES = ("answers", "answers_fresh", "answers_third", "answers_fifth")
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Case:
    question: str
    text: str
    expected: dict[str, Any] | str


def cases(*files: str) -> Iterator[Case]:
    for name in files or FILES:
        for question, answers in yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")).items():
            for text, expected in answers.items():
                yield Case(question, text, expected)


def is_right(answer: Answer | None, expected: dict[str, Any] | str) -> bool:
    if expected == "nothing":
        return answer is None or (not answer.facts and answer.clarify is not None)
    if expected == "ask_or_nothing":
        return answer is None or answer.clarify is not None
    if answer is None:
        return False
    if expected == "ask":
        return answer.clarify is not None or answer.status == "unsure"
    if isinstance(expected, str):
        return answer.status == expected
    return all(_is_value(name, answer.facts.get(name), value) for name, value in expected.items())


def _is_value(name: str, got: Any, expected: Any) -> bool:
    if got is None:
        defaults = fact_schema().defaults
        return name in defaults and defaults[name] == expected and expected in ("none", "no", False)
    if name == "duration_weeks":
        return abs(got - expected) <= max(0.15, 0.04 * expected)
    if name == "location":
        return sorted(got) == sorted(expected)
    return bool(got == expected)
