"""One turn: what the patient's message brings, what is known before it, and what is said and kept after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions import chat as chat_slot
from actions.chat import Chat
from actions.content import Content
from actions.replies import Replies
from bot.language import read_yes_no
from bot.triage import Assessment, assess, complete

EMERGENCY = "emergency"
SURE_ENOUGH = 0.8  # below this an intent does not overrule an answer that could be read


def decide(facts: Mapping[str, Any]) -> Assessment:
    """What these facts, and what follows from them, lead to."""
    return assess(complete(facts))


class Turn:
    """The patient's message, read beside what is known; actions add replies and facts to it."""

    def __init__(self, tracker: Tracker, content: Content) -> None:
        self.content = content
        self._slots = tracker.slots
        message: Mapping[str, Any] = tracker.latest_message or {}
        self._message = message
        self.text: str = message.get("text") or ""
        intent = message.get("intent") or {}
        self.intent: str = intent.get("name") or "out_of_scope"
        self.confidence: float = float(intent.get("confidence") or 0.0)
        self.metadata: Mapping[str, Any] = message.get("metadata") or {}
        self.answer: Mapping[str, Any] | None = message.get("answer") or None
        self.message_id: str = str(self.metadata.get("message") or message.get("message_id") or "")
        self.conversation: str = tracker.sender_id
        self.chat = Chat.from_slot(tracker.get_slot(chat_slot.SLOT))
        self.facts: dict[str, Any] = {
            name: value for name in content.fact_names if (value := tracker.get_slot(name)) is not None
        }
        self.facts_before = dict(self.facts)
        self.replies = Replies(content.reply)
        self.active_form: str | None = (tracker.active_loop or {}).get("name")
        self.deferred_to: str | None = None

    @property
    def flags(self) -> list[Mapping[str, Any]]:
        """The danger signs of this message, for the patient whom it is about."""
        flags: list[Mapping[str, Any]] = list(self._message.get("flags") or [])
        if any(flag["assertion"] == "present" and flag["facts"].get("subject") == "other" for flag in flags):
            return flags  # a sign that names whose it is, such as a child that can't bear weight, says it all
        return [self._of_the_patient(flag) for flag in flags]

    def _of_the_patient(self, flag: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where somebody writes for another person, what "she" or "my mum" feels is the patient's own."""
        is_for_another = self.facts.get("subject") == "other" and flag["assertion"] == "other_person"
        return {**flag, "assertion": "present"} if is_for_another else flag

    @property
    def is_new(self) -> bool:
        """False when this message was already handled and Rasa only runs a form again."""
        return self.chat.handled != self.message_id or not self.message_id

    @property
    def is_silent(self) -> bool:
        """True while staff have the conversation: only an emergency is answered."""
        return bool(self.metadata.get("silent"))

    @property
    def is_typed(self) -> bool:
        """True for free text, false for a tapped choice or value, an event or an attachment."""
        return str(self.metadata.get("kind", "text")) == "text"

    @property
    def one_at_a_time(self) -> bool:
        """True on channels that ask each question alone."""
        return str(self.metadata.get("channel")) == "messenger"

    @property
    def language(self) -> str:
        """The language that this message was written in, as far as it was recognised."""
        return str(self._message.get("language") or "en")

    def reads_yes_no(self) -> str | None:
        """yes, no, unsure, or None when this message is none of them."""
        return read_yes_no(self.text) or {"affirm": "yes", "deny": "no", "unsure": "unsure"}.get(self.intent)

    @property
    def is_web_first(self) -> bool:
        """True on Messenger where the clinic keeps health questions to its website."""
        return self.one_at_a_time and str(self.metadata.get("mode")) == "web_first"

    @property
    def now(self) -> datetime:
        """When the message reached the desk, in the clinic's time zone."""
        at = self.metadata.get("at")
        moment = datetime.fromisoformat(at) if at else datetime.now(timezone.utc)
        return moment.astimezone(self.content.clinic.zone)

    def assessment(self) -> Assessment:
        """What the facts known now decide."""
        return decide(self.facts)

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Take these facts as given."""
        self.facts.update(facts)

    def forget(self, names: list[str]) -> None:
        """Take these facts as not given."""
        for name in names:
            self.facts.pop(name, None)

    def learned(self) -> dict[str, Any]:
        """The facts that this turn brought or changed."""
        return {name: value for name, value in self.facts.items() if self.facts_before.get(name) != value}

    def defer(self, form: str) -> None:
        """Let this form handle the message after what was said so far."""
        self.deferred_to = form

    def events(self) -> list[EventType]:
        """What Rasa must keep of this turn."""
        self.chat.handled = None if self.deferred_to else self.message_id
        self.chat.last_at = self.now.isoformat()
        changed = {**self.learned(), **{name: None for name in self.facts_before if name not in self.facts}}
        return [*(SlotSet(name, value) for name, value in changed.items()), *self.frame_events()]

    def frame_events(self) -> list[EventType]:
        """What changed of the conversation itself, without marking the message as handled."""
        events: list[EventType] = []
        state = self.chat.to_slot()
        if state != self._slots.get(chat_slot.SLOT):
            events.append(SlotSet(chat_slot.SLOT, state))
        return events
