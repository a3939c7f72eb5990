"""Greetings, thanks, rude words and small talk: kind, short, and back to the matter."""

from __future__ import annotations

from actions import opening, progress
from actions.base import PatientAction
from actions.turn import Turn

SMALL_TALK = {
    "thank": "you_are_welcome",
    "goodbye": "goodbye",
    "insult": "sorry_frustrating",
    "chitchat": "chitchat",
}


class ActionGreet(PatientAction):
    """Answers a greeting, a new conversation and a patient who returns."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_greet"

    def respond(self, turn: Turn) -> None:
        """Say hello in the way that fits how they came."""
        opening.greet(turn)


class ActionSmallTalk(PatientAction):
    """Answers what needs no answer but deserves one."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_small_talk"

    def respond(self, turn: Turn) -> None:
        """A short reply."""
        say_something_kind(turn)
        if turn.intent == "insult" or not turn.answer:
            progress.offer_next(turn)


def say_something_kind(turn: Turn) -> None:
    """The reply to small talk; a rude message is met kindly and offered a person."""
    asks = (turn.answer or {}).get("door") == "ask"
    turn.replies.say("ask_away" if asks else SMALL_TALK[turn.intent])
