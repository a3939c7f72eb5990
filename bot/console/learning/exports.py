"""What was decided, as files: examples to train with (Rasa's NLU YAML) and to measure with (the held-out files)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.learning.intents import intents
from bot.store.models.insight import LearningItem

# One example in so many is kept for measuring; what is measured with must never have been taught.
HELD_OUT_EVERY = 4
# Rasa reads these as the marks of an entity.
_ENTITY_MARKS = str.maketrans("[]{}", "()()")


@dataclass(frozen=True)
class Example:
    """A decided message. `spans` as in `LearningItem`."""

    text: str
    intent: str
    question: str | None
    facts: Mapping[str, Any]
    spans: Sequence[Mapping[str, Any]]

    @property
    def is_held_out(self) -> bool:
        """Whether it measures instead of teaching: decided by the words alone, so it never changes sides."""
        digest = hashlib.sha256(self.text.lower().encode()).digest()
        return digest[0] % HELD_OUT_EVERY == 0


def decided(session: Session) -> list[Example]:
    """Every confirmed or corrected message; of the same words the newest decision counts."""
    query = (
        select(LearningItem)
        .where(LearningItem.status.in_(("confirmed", "corrected")), LearningItem.example.is_not(None))
        .order_by(LearningItem.decided_at.desc(), LearningItem.id.desc())
    )
    newest: dict[str, Example] = {}
    for item in session.scalars(query):
        text = as_example_text(str(item.example))
        if text:
            example = Example(text, str(item.intent), item.question, item.facts, item.spans)
            newest.setdefault(text.lower(), example)
    return sorted(newest.values(), key=lambda example: example.text)


def as_example_text(text: str) -> str:
    """The words without what Rasa would read as a command or as the marks of an entity."""
    return text.translate(_ENTITY_MARKS).lstrip("/ ").strip()


def nlu_yaml(examples: Iterable[Example]) -> str:
    """Training examples by intent, in Rasa's format 3.1."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        if not example.is_held_out:
            by_intent[example.intent].append(example.text)
    entries = [
        {"intent": intent, "examples": _Block("".join(f"- {text}\n" for text in by_intent[intent]))}
        for intent in intents()
        if intent in by_intent
    ]
    return _dump({"version": _Quoted("3.1"), "nlu": entries})


def held_out_intents(examples: Iterable[Example]) -> str:
    """Messages by intent, one a line (as intents.yml of the held-out files)."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        if example.is_held_out:
            by_intent[example.intent].append(example.text)
    return _dump(
        {intent: _Block("".join(f"{t}\n" for t in by_intent[intent])) for intent in intents() if intent in by_intent}
    )


def held_out_flags(examples: Iterable[Example]) -> str:
    """Messages by danger sign and how it was said (as flags_*.yml of the held-out files)."""
    signs: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for example in examples:
        for span in example.spans:
            texts = signs[span["flag"]][span["assertion"]]
            if example.text not in texts:
                texts.append(example.text)
    return _dump({"signs": {flag: dict(said) for flag, said in sorted(signs.items())}})


def held_out_answers(examples: Iterable[Example]) -> str:
    """Answers by question, each with the facts that must be read (as answers.yml of the held-out files)."""
    answers: dict[str, dict[str, Any]] = defaultdict(dict)
    for example in examples:
        if example.question is None or example.intent not in ("inform", "affirm", "deny", "unsure"):
            continue
        if example.facts:
            answers[example.question][_Quoted(example.text)] = dict(example.facts)
        elif example.intent == "unsure":
            answers[example.question][_Quoted(example.text)] = "unsure"
    return _dump({question: answers[question] for question in sorted(answers)})


class _Block(str):
    """Text of many lines, written as a block."""


class _Quoted(str):
    """Text that is always quoted, so that no reader takes it for a number or a truth value."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|"))
_Dumper.add_representer(_Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def _dump(content: Mapping[str, Any]) -> str:
    return yaml.dump(dict(content), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
