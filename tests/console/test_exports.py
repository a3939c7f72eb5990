"""What staff decided, as files to train and to measure with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.nlu.training_data.formats import RasaYAMLReader

from bot.console.learning.exports import (
    Example,
    as_example_text,
    held_out_answers,
    held_out_flags,
    held_out_intents,
    nlu_yaml,
)
from bot.console.learning.intents import intents
from tests.language.evaluate import FlagCase, flag_cases, intent_messages

ROOT = Path(__file__).parents[2]
NASTY = (
    "[back](flag)",
    "a: b # c",
    "- not a list",
    'it\'s "quoted"',
    "{a: 1}",
    "no",
    "null",
    "5",
    "back\\slash",
    "ünï 🙂",
)


def example(text: str, intent: str = "inform", **more: Any) -> Example:
    return Example(text, intent, more.get("question"), more.get("facts", {}), more.get("spans", ()))


def many(intent: str = "ask_cost") -> list[Example]:
    return [example(f"how much would number {n} be", intent) for n in range(60)]


def test_the_menu_has_every_intent_of_the_assistant() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(intents()) == {name for name in domain["intents"] if isinstance(name, str)}


def test_an_example_teaches_or_measures_but_never_both(tmp_path: Path) -> None:
    examples = many()
    taught = yaml.safe_load(nlu_yaml(examples))["nlu"][0]["examples"].splitlines()
    file = tmp_path / "intents.yml"
    file.write_text(held_out_intents(examples), encoding="utf-8")
    measured = [text for _, text in intent_messages(file)]
    assert {line.removeprefix("- ") for line in taught}.isdisjoint(measured)
    assert len(taught) + len(measured) == len(examples)
    assert 0 < len(measured) < len(examples) / 2


def test_nlu_is_what_rasa_reads() -> None:
    examples = [example(as_example_text(f"{text} {n}")) for text in NASTY for n in range(4)]
    read = RasaYAMLReader().reads(nlu_yaml(examples))
    taught = {one.text for one in examples if not one.is_held_out}
    assert {message.get("text") for message in read.intent_examples} == taught
    assert read.entities == set()


def test_flags_are_in_the_held_out_format(tmp_path: Path) -> None:
    span = {"flag": "cauda_equina", "assertion": "present", "start": 0, "end": 4}
    file = tmp_path / "flags_console.yml"
    file.write_text(held_out_flags([example("numb down there", spans=[span, span]), example("fine")]), encoding="utf-8")
    assert flag_cases(file) == [FlagCase("numb down there", "cauda_equina", "present")]


@pytest.mark.parametrize("text", ["yes", "5", "about 3 weeks: maybe", "null"])
def test_answers_are_in_the_held_out_format(text: str) -> None:
    written = held_out_answers([example(text, question="duration", facts={"duration_weeks": 3}), example("hello")])
    assert yaml.safe_load(written) == {"duration": {text: {"duration_weeks": 3}}}
