"""Stretches asked about: before, during and after the check."""

from __future__ import annotations

from actions import plan, progress
from actions.base import PatientAction
from actions.turn import Turn

ASKED = ("ask_stretches", "ask_how_to_stretch", "ask_hold_time", "ask_stretch_hurts")


class ActionTalkAboutStretches(PatientAction):
    """Answers what is asked about stretches outside the check."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_talk_about_stretches"

    def respond(self, turn: Turn) -> None:
        """The plan after a check; before one, a general answer and the check itself."""
        if turn.chat.told:
            talk(turn)
        else:
            answer_in_check(turn)
            turn.defer(progress.CHECK_FORM)


def answer_in_check(turn: Turn) -> None:
    """Stretches asked for before the result: general answers now, the plan after the check."""
    if turn.intent == "ask_stretches":
        turn.replies.say("stretches_after_check")
    else:
        turn.replies.tell(turn.content.answer(turn.intent))


def change_plan(turn: Turn) -> bool:
    """ "I can't kneel", "what else": another stretch in place of one in the plan; False when it is about no stretch."""
    reason = turn.content.stretch_obstacle(turn.text) if turn.chat.plan and turn.is_typed else None
    if reason is None or (turn.chat.told or {}).get("stretches", plan.NO_STRETCHES) == plan.NO_STRETCHES:
        return False
    turn.learn(turn.content.obstacle_facts(reason))
    plan.swap(turn, reason, None)
    return True


def talk(turn: Turn) -> None:
    """Stretches asked for after the result."""
    permission = (turn.chat.told or {}).get("stretches", plan.NO_STRETCHES)
    tapped = turn.answer or {}
    if permission == plan.NO_STRETCHES:
        turn.replies.say("stretches_withheld")
    elif turn.intent == "ask_stretch_hurts":
        plan.swap(turn, "hurts", tapped.get("stretch"))
    elif tapped.get("instead"):
        plan.swap(turn, "something_else", tapped["instead"])
    elif turn.intent in ("ask_how_to_stretch", "ask_hold_time"):
        turn.replies.tell(turn.content.answer(turn.intent))
        turn.replies.tell(turn.content.knowledge.stretches.common["five_minutes"])
    elif not change_plan(turn):
        plan.give_plan(turn, permission)
