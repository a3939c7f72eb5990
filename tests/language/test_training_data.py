from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.language.evaluate import HELD_OUT, intent_messages

ROOT = Path(__file__).parents[2]
# "At least 40 each"; most have far more.
FEWEST = 40


@pytest.fixture(scope="module")
def examples():
    found = []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            found += [(entry["intent"], line.removeprefix("- ")) for line in entry["examples"].splitlines()]
    return found


def test_every_intent_of_the_domain_has_examples_enough(examples):
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    counted = Counter(intent for intent, _ in examples)
    intents = {intent for intent in domain["intents"] if isinstance(intent, str)}
    assert intents >= counted.keys()
    assert {intent for intent in counted if counted[intent] < FEWEST} == set()


def test_no_message_is_an_example_of_two_intents(examples):
    taught = {}
    for intent, text in examples:
        taught.setdefault(text.lower(), set()).add(intent)
    assert {text: intents for text, intents in taught.items() if len(intents) > 1} == {}


@pytest.mark.parametrize("file", sorted(HELD_OUT.glob("intents*.yml")), ids=lambda file: file.name)
def test_what_is_measured_on_was_not_taught(examples, file):
    taught = {text.lower() for _, text in examples}
    assert [message for _, message in intent_messages(file) if message.lower() in taught] == []


@pytest.mark.parametrize("file", sorted(HELD_OUT.glob("intents*.yml")), ids=lambda file: file.name)
def test_every_intent_is_measured(examples, file):
    assert {intent for intent, _ in intent_messages(file)} >= {intent for intent, _ in examples}
