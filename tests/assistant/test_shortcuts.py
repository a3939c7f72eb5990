"""The shorter ways through Rasa lead where Rasa's own do."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.shortcuts import StraightRunner, copy_slots_quickly, shorten, takes_nothing_from_messages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def agent(small_model: Path) -> Agent:
    return Agent.load(str(small_model))


def test_the_straight_runner_gives_what_rasas_own_gives(agent: Agent) -> None:
    own = agent.processor.graph_runner
    straight = StraightRunner(own)
    metadata = agent.processor.model_metadata
    tracker = DialogueStateTracker.from_events("x", [], agent.domain.slots)
    for text in ("about two weeks", "hello", ""):
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: tracker}
        read = [runner.run(inputs, [metadata.nlu_target]) for runner in (own, straight)]
        mine, rasas = (found[metadata.nlu_target][0].as_dict() for found in read)
        assert mine == rasas
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(text, mine["intent"], parse_data=mine))
        decided = [
            runner.run({PLACEHOLDER_TRACKER: tracker}, [metadata.core_target])[metadata.core_target]
            for runner in (own, straight)
        ]
        assert vars(decided[0]) == vars(decided[1])


def test_shortening_twice_is_shortening_once(agent: Agent) -> None:
    shorten(agent.processor)
    runner = agent.processor.graph_runner
    shorten(agent.processor)
    assert agent.processor.graph_runner is runner


DOMAIN = (
    "version: '3.1'\nintents: [inform]\nentities: [age]\nslots:\n  age:\n    type: any\n    mappings: [{mapping}]\n"
)


@pytest.mark.parametrize(
    ("mapping", "nothing"),
    [
        ("{type: custom}", True),
        ("{type: custom, conditions: [{active_loop: x, requested_slot: age}]}", True),
        ("{type: custom, action: action_find_age}", False),
        ("{type: from_entity, entity: age}", False),
        ("{type: from_text}", False),
    ],
)
def test_extraction_is_left_out_only_where_it_can_find_nothing(mapping: str, nothing: bool) -> None:
    domain = Domain.from_yaml(DOMAIN.replace("{mapping}", mapping))
    assert takes_nothing_from_messages(domain) is nothing


def test_extraction_is_left_out_for_the_assistants_own_domain() -> None:
    assert takes_nothing_from_messages(Domain.load(ROOT / "domain.yml"))


def test_a_quickly_copied_slot_is_a_slot_of_its_own(monkeypatch: pytest.MonkeyPatch, small_domain: Domain) -> None:
    monkeypatch.setattr(Slot, "__copy__", None, raising=False)
    copy_slots_quickly()
    for slot in small_domain.slots:
        twin = copy.copy(slot)
        assert type(twin) is type(slot)
        assert twin.__dict__ == slot.__dict__
        twin.value = ["changed"]
        assert slot.value != ["changed"]
