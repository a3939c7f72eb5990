"""Shorter ways through Rasa, with the same results: what it does again for every message although nothing changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.actions.action import ACTION_VALIDATE_SLOT_MAPPINGS, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


class StraightRunner:
    """Runs a loaded model's components one after another, in an order that is found once.

    Rasa's own runner plans the order anew for every message and every step of the dialogue.
    """

    def __init__(self, runner: DaskGraphRunner) -> None:
        self._nodes = runner._instantiated_nodes
        self._schema = runner._graph_schema
        self._orders: dict[str, list[tuple[str, list[str]]]] = {}

    def run(self, inputs: dict[str, Any], targets: list[str]) -> dict[str, Any]:
        """The results of the targets, by name."""
        return {target: self._result(target, inputs) for target in targets}

    def _result(self, target: str, inputs: dict[str, Any]) -> Any:
        if target not in self._orders:
            self._orders[target] = list(self._order(target, set()))
        results = dict(inputs)
        for name, needs in self._orders[target]:
            _, results[name] = self._nodes[name](*[(need, results[need]) for need in needs])
        return results[target]

    def _order(self, target: str, seen: set[str]) -> Iterable[tuple[str, list[str]]]:
        """What the target needs, each after its own needs; an input of the graph is no component."""
        if target in seen or target not in self._schema.nodes:
            return
        seen.add(target)
        needs = list(self._schema.nodes[target].needs.values())
        for need in needs:
            yield from self._order(need, seen)
        yield target, needs


def shorten(processor: MessageProcessor) -> None:
    """Let this processor take the shorter ways; does nothing the second time."""
    if not isinstance(processor.graph_runner, DaskGraphRunner):
        return
    processor.graph_runner = StraightRunner(processor.graph_runner)
    if takes_nothing_from_messages(processor.domain):
        processor.run_action_extract_slots = _extract_nothing


def takes_nothing_from_messages(domain: Domain) -> bool:
    """True where only actions fill slots. Rasa would still look at every slot, for every message."""
    own = [slot for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES]
    validated = ACTION_VALIDATE_SLOT_MAPPINGS in domain.action_names_or_texts
    mappings = [mapping for slot in own for mapping in slot.mappings]
    return not validated and all(mapping["type"] == "custom" and "action" not in mapping for mapping in mappings)


async def _extract_nothing(_output: OutputChannel, tracker: DialogueStateTracker) -> DialogueStateTracker:
    return tracker


def trust_the_endpoint() -> None:
    """Rasa compiles a JSON schema for each action's answer, which took more than half of a turn.

    Our endpoint has checked the answer already (`bot.assistant.action_endpoint`).
    """
    RemoteAction._validate_action_result = lambda _action, _result: True


def copy_slots_quickly() -> None:
    """Rasa copies all slots several times for every message, by Python's slowest way to copy."""

    def copied(slot: Slot) -> Slot:
        twin: Slot = slot.__class__.__new__(slot.__class__)
        twin.__dict__.update(slot.__dict__)
        return twin

    Slot.__copy__ = copied
