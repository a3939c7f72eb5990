"""What a patient may say in the middle of the check instead of an answer, and what it does there."""

from __future__ import annotations

from collections.abc import Callable

from actions import answers, handover, opening, questions, smalltalk, steering, stretches
from actions.turn import SURE_ENOUGH, Turn

FEW_WORDS = 8
ALWAYS = (
    "stop",
    "restart",
    "ask_human",
    "delete_my_data",
    "go_back",
    "why_ask",
    "repeat_question",
    "insult",
    "other_language",
)


def is_sure(turn: Turn) -> bool:
    """Whether the message surely is one of these: a question or a short wish, even if it sounds like an answer."""
    plainly = answers.asks(turn.text) or len(turn.text.split()) <= FEW_WORDS
    known = turn.intent in KNOWN and turn.confidence >= SURE_ENOUGH
    return (known and plainly) or is_aside(turn)


def is_aside(turn: Turn) -> bool:
    """Whether it is a question that has an answer and no intent of its own."""
    return answers.asks(turn.text) and turn.content.aside(turn.text) is not None


def handle(turn: Turn) -> bool:
    """Deal with an interruption; False when the message is none."""
    action = KNOWN.get(turn.intent)
    if (action is None or turn.confidence < SURE_ENOUGH) and questions.answer_aside(turn):
        return True
    if action is None:
        return False
    action(turn)
    return True


KNOWN: dict[str, Callable[[Turn], None]] = {
    **dict.fromkeys(questions.ANSWERED, questions.answer),
    **dict.fromkeys(stretches.ASKED, stretches.answer_in_check),
    **dict.fromkeys(smalltalk.SMALL_TALK, smalltalk.say_something_kind),
    **dict.fromkeys(steering.STEERING, steering.steer),
    "greet": opening.greet_in_check,
    "ask_human": handover.hand_over,
    "book_appointment": opening.book_in_check,
    "reschedule_appointment": opening.book_in_check,
    "cancel_appointment": opening.book_in_check,
    "other_language": opening.answer_other_language,
}
