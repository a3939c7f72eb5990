"""When a message was not understood, or holds nothing to read: kind and useful, then buttons, then a person."""

from __future__ import annotations

from actions import opening, progress, questions, stretches
from actions.base import PatientAction
from actions.buttons import button
from actions.turn import Turn


class ActionNotUnderstood(PatientAction):
    """Answers what no other action understands, outside the check."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_not_understood"

    def respond(self, turn: Turn) -> None:
        """A patient's story is taken in; anything else gets a way forward."""
        if turn.intent == "other_language":
            opening.answer_other_language(turn)
        elif turn.metadata.get("kind") == "attachment":
            turn.replies.say("attachment")
        elif not any(sign.isalnum() for sign in turn.text):
            turn.replies.say("nothing_in_it", parts={"choices": progress.doors()})
        elif progress.volunteer(turn) or turn.chat.consent is None:
            turn.defer(progress.CHECK_FORM)
        else:
            ask_again(turn)


def ask_again(turn: Turn) -> None:
    """A question that is no intent, or what gets in the way of a stretch; else words, then buttons, then a person."""
    if questions.answer_aside(turn) or stretches.change_plan(turn):
        turn.chat.confused = 0
        progress.offer_next(turn)
        return
    turn.chat.confused += 1
    if turn.chat.confused == 1:
        turn.replies.say("not_understood", parts={"choices": progress.doors()})
    elif turn.chat.confused == 2:
        turn.replies.say("not_understood_buttons", parts={"choices": [*progress.doors(), button("person")]})
    else:
        turn.chat.confused = 0
        turn.replies.say("not_understood_person", parts={"choices": [button("person"), *progress.doors()[:2]]})
