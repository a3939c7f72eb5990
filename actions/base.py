"""What every action does first: look for danger, then say and keep what the turn brought."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import pending, safety
from actions.content import content
from actions.turn import Turn


class PatientAction(Action, ABC):  # type: ignore[misc]  # rasa_sdk ships no types
    """An action that answers a patient.

    Danger comes before everything in every state; while staff have the conversation nothing else is said. A message
    is answered once, however often Rasa runs an action on it.
    """

    may_block = False

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Rasa's entry point; what may wait for a database or another system runs in a thread."""
        if self.may_block:
            return await asyncio.to_thread(self._handle, dispatcher, tracker)
        return self._handle(dispatcher, tracker)

    def _handle(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        turn = Turn(tracker, content())
        events: list[EventType] = []
        if turn.is_new:
            if not safety.heed(turn) and not turn.is_silent and not pending.settle(turn):
                self.respond(turn)
            turn.replies.send(dispatcher)
            events = turn.events()
            if turn.deferred_to:
                events.append(FollowupAction(turn.deferred_to))
        return [*events, *self.frame(turn)]

    @abstractmethod
    def respond(self, turn: Turn) -> None:
        """Answer this message."""

    def frame(self, turn: Turn) -> list[EventType]:
        """Events that tell Rasa how to go on."""
        return []


class FormStep(PatientAction):
    """An action that Rasa runs for each message while a form is active."""

    slot: str

    @abstractmethod
    def goes_on(self, turn: Turn) -> bool:
        """Whether the form waits for another answer."""

    def frame(self, turn: Turn) -> list[EventType]:
        """Ask for the form's one slot again, or end the form."""
        return [SlotSet("requested_slot", self.slot if self.goes_on(turn) else None)]
