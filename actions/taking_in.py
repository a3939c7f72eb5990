"""What a patient tells us outside the check: a story that starts it, a change after it, an answer to an offer."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import answers, fallback, pending, progress, result, stretches
from actions.base import PatientAction
from actions.content import content
from actions.turn import Turn
from actions.wording import summary


class ActionTakeIn(PatientAction):
    """Reads free words outside the check."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_take_in"

    def respond(self, turn: Turn) -> None:
        """Start the check, change an answer, or take up what was offered."""
        if turn.chat.told and turn.intent == "correct_answer":
            _take_change(turn)
        elif turn.chat.open == ["booking"]:
            _take_booking_offer(turn)
        elif turn.chat.told:
            if not stretches.change_plan(turn):
                _take_change(turn)
        elif turn.intent == "deny" and turn.chat.consent is False:
            turn.replies.say("booking_noted")
            progress.offer_next(turn)
        else:
            turn.defer(progress.CHECK_FORM)


class ActionDangerSign(PatientAction):
    """Runs when the language pipeline saw a sign; the safety step of every action has done the work by then."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_danger_sign"

    def respond(self, turn: Turn) -> None:
        """Reached only when the sign alone is no emergency: it belongs in the check."""
        if turn.chat.told:
            _take_change(turn)
        else:
            turn.defer(progress.CHECK_FORM)


class ActionGiveResult(PatientAction):
    """Runs when the check has ended."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_give_result"

    def _handle(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Tell the result if it is due; the message itself was handled by the check."""
        turn = Turn(tracker, content())
        if turn.chat.stage == progress.DUE:
            result.tell(turn)
        elif turn.chat.stage == "booking":
            turn.chat.stage, turn.chat.handled = "opened", None  # the booking form answers this message
            turn.defer(progress.BOOKING_FORM)
        turn.replies.send(dispatcher)
        follow_up = [FollowupAction(turn.deferred_to)] if turn.deferred_to else []
        return [*turn.frame_events(), *follow_up]

    def respond(self, turn: Turn) -> None:
        """Not used: `run` does it all."""


def _take_booking_offer(turn: Turn) -> None:
    answer = answers.read(turn, ["booking"]).get("booking")
    wants = answer.facts.get("wants_appointment") if answer else None
    if wants:
        turn.chat.open = []
        turn.defer(progress.BOOKING_FORM)
    elif answer is not None:
        turn.chat.open = []
        turn.replies.say("booking_noted", parts={"choices": progress.after_result(turn)})
    else:
        _take_change(turn)


def _take_change(turn: Turn) -> None:
    """Something new after the result: upwards at once, downwards after a confirmation."""
    changed = answers.correct(turn)
    if changed and answers.lowers(turn, changed):
        pending.ask_before_lowering(turn, changed)
        return
    turn.learn(changed)
    progress.volunteer(turn)
    learned = turn.learned()
    if not learned:
        if turn.intent == "correct_answer":
            turn.replies.say("which_answer")
        elif turn.intent in ("affirm", "deny", "unsure", "skip"):
            progress.offer_next(turn)
        else:
            fallback.ask_again(turn)
        return
    turn.replies.say("correction_noted", summary=summary(learned))
    result.retell(turn)
