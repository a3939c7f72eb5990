"""Steering: why do you ask, say it again, go back, stop, start again, delete what I said."""

from __future__ import annotations

from collections.abc import Callable

from actions import pending, progress, result
from actions.base import PatientAction
from actions.turn import Turn

CAREFUL = ("emergency", "urgent")  # dispositions that starting again does not wipe out


class ActionSteer(PatientAction):
    """Steers outside the check."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_steer"

    def respond(self, turn: Turn) -> None:
        """Do what was asked, and say what could come next."""
        steer(turn)
        if turn.chat.pending is None and turn.deferred_to is None and turn.intent != "stop":
            progress.offer_next(turn)


class ActionRestart(PatientAction):
    """Takes the place of Rasa's own restart: Rasa runs it in every state, and nothing of the record is lost."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_restart"

    def respond(self, turn: Turn) -> None:
        """Start again, unless a danger sign has to be settled first."""
        restart(turn)


def steer(turn: Turn) -> None:
    """Do what this intent asks for."""
    STEERING[turn.intent](turn)


def restart(turn: Turn) -> None:
    """A new check with no answers; after a danger sign only once that was confirmed as a mistake."""
    if turn.assessment().disposition in CAREFUL:
        pending.ask_before_restarting(turn)
    else:
        progress.start_afresh(turn)


def _why(turn: Turn) -> None:
    if not turn.chat.open:
        turn.replies.say("nothing_to_repeat")
    for question in turn.chat.open:
        turn.replies.tell(turn.content.fill(turn.content.knowledge.questions[question].why))


def _repeat(turn: Turn) -> None:
    if turn.chat.checking:
        return  # the question comes again anyway
    if turn.chat.told:
        result.repeat(turn)
    else:
        turn.replies.say("nothing_to_repeat")


def _go_back(turn: Turn) -> None:
    steps = [step for step in turn.chat.steps if step != ["consent"]]
    if not steps:
        turn.replies.say("nothing_before")
        return
    last = steps[-1]
    names = {name for question in last for name in turn.content.knowledge.questions[question].fills}
    turn.chat.reopen(last)
    turn.chat.revising.update({name: turn.facts[name] for name in names & set(turn.facts)})
    turn.forget(sorted(names))
    turn.replies.say("gone_back")
    if not turn.chat.checking:
        progress.resume(turn)


def _stop(turn: Turn) -> None:
    turn.chat.checking = False
    turn.chat.open = []
    turn.replies.say("stopped", parts={"choices": [*progress.doors()[:2]]})


def _delete(turn: Turn) -> None:
    pending.ask_before_deleting(turn)


STEERING: dict[str, Callable[[Turn], None]] = {
    "why_ask": _why,
    "repeat_question": _repeat,
    "go_back": _go_back,
    "stop": _stop,
    "restart": restart,
    "delete_my_data": _delete,
}
