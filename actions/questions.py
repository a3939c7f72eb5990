"""Questions that patients ask: answered from the reviewed content, then back to where we were."""

from __future__ import annotations

from actions import explaining, progress
from actions.answers import asks
from actions.base import PatientAction
from actions.turn import Turn

ANSWERED = (
    "ask_hip_flexor_link", "ask_what_are_hip_flexors", "ask_massage", "ask_laser", "ask_cost", "ask_hours",
    "ask_location", "ask_practitioner", "ask_social", "ask_privacy", "bot_challenge",
)  # fmt: skip
EXPLAINS = ("ask_hip_flexor_link", "ask_what_are_hip_flexors")


class ActionAnswerQuestion(PatientAction):
    """Answers a question outside the check."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_answer_question"

    def respond(self, turn: Turn) -> None:
        """Answer, and say what could come next."""
        progress.volunteer(turn)
        answer(turn)
        progress.offer_next(turn)


def answer_aside(turn: Turn) -> bool:
    """Answer a question that has no intent of its own; False when the message is none."""
    said = turn.content.aside(turn.text) if turn.is_typed and asks(turn.text) else None
    if said is not None:
        turn.replies.tell(said)
    return said is not None


def answer(turn: Turn) -> None:
    """The reviewed answer to the question of this intent."""
    if turn.intent in EXPLAINS:
        explaining.explain(turn)
        return
    turn.replies.tell(turn.content.answer(turn.intent))
