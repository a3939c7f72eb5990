"""Bounding a live tracker: an old conversation costs no more per turn than a young one.

Rasa copies the tracker and replays all its events for every action, and sends all of them to the action
server. Here the head of a long tracker is replaced by the few events that restore what it had come to.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

# Rules look a turn or two back; the actions look at slots. Measured in docs/developing.md.
KEPT_TURNS = 3
MOST_TURNS = 6


@dataclass(frozen=True)
class LiveTracker:
    """A conversation in memory.

    `written` counts the tracker's events that need no writing (stored, or standing for stored ones);
    `position` is where the next new event goes in the database.
    """

    tracker: DialogueStateTracker
    written: int
    position: int

    @property
    def new_events(self) -> list[Event]:
        """The events that are not in the database yet."""
        return list(self.tracker.events)[self.written :]

    def compacted(self, domain: Domain) -> Compacted | None:
        """The same conversation with a shorter past; None while it is short enough."""
        events = list(self.tracker.events)
        starts = [index for index in range(1, len(events)) if _starts_turn(events, index)]
        if len(starts) <= MOST_TURNS:
            return None
        cut = starts[-KEPT_TURNS]
        head = _head(self.tracker, events[:cut])
        tracker = rebuild(self.tracker.sender_id, domain, [*head, *events[cut:]])
        tracker.model_id, tracker.assistant_id = self.tracker.model_id, self.tracker.assistant_id
        live = LiveTracker(tracker, len(tracker.events), self.position)
        return Compacted(live, head, self.position - (len(events) - cut))


@dataclass(frozen=True)
class Compacted:
    """A shortened conversation: `head` stands for all events before `position`."""

    live: LiveTracker
    head: list[Event]
    position: int


def rebuild(sender_id: str, domain: Domain, events: list[Event]) -> DialogueStateTracker:
    """A tracker that has lived through these events."""
    tracker = DialogueStateTracker(sender_id, domain.slots)
    for event in events:
        tracker.update(event, domain)
    return tracker


def _starts_turn(events: list[Event], index: int) -> bool:
    """True where a patient's message follows the assistant's waiting for one."""
    before = events[index - 1]
    return (
        isinstance(events[index], UserUttered)
        and isinstance(before, ActionExecuted)
        and before.action_name == ACTION_LISTEN_NAME
    )


def _head(tracker: DialogueStateTracker, events: list[Event]) -> list[Event]:
    """The shortest events after which a tracker stands where `events` leave it, listening."""
    past = tracker.init_copy()
    for event in events:
        past.update(event)
    at = events[-1].timestamp
    head: list[Event] = [SlotSet(slot.name, slot.value, at) for slot in past.slots.values() if slot.has_been_set]
    loop = past.active_loop
    if loop is not None and loop.name is not None:
        # Rasa shows rules the message that started the loop for as long as the loop goes on.
        started_by = past.get_last_event_for(UserUttered)
        head += [started_by] if started_by is not None else []
        head += [ActionExecuted(loop.name, timestamp=at), ActiveLoop(loop.name, at)]
    head.append(ActionExecuted(ACTION_LISTEN_NAME, timestamp=at))
    if loop is not None and loop.is_interrupted:
        head.append(LoopInterrupted(True, at))
    if loop is not None and loop.rejected:
        head.append(ActionExecutionRejected(loop.name, timestamp=at))
    if past.is_paused():
        head.append(ConversationPaused(at))
    return head
