"""Cancelling an appointment that was made in this conversation."""

from __future__ import annotations

from actions.booking import words
from actions.booking.steps import DONE, UNHEARD, close
from actions.buttons import button
from actions.safety import says_no, says_yes
from actions.turn import Turn
from bot.booking.types import NotChangeable, RequestedInstead


def ask_cancel(turn: Turn) -> None:
    """Cancelling is confirmed first; moving is offered beside it."""
    appointment = turn.content.bookings.get(turn.chat.booking["appointment"])
    turn.chat.open = ["booking"]
    turn.replies.say(
        "confirm_cancel",
        **words.appointment(turn, appointment),
        parts={
            "ask": {"questions": ["booking"], "kind": "yes_no"},
            "choices": [button("cancel", yes=True), button("move", redo="time"), button("keep", yes=False)],
        },
    )


def hear_cancel(turn: Turn) -> str:
    """Cancel or keep it."""
    if not says_yes(turn) and not says_no(turn):
        return UNHEARD
    appointment_id = turn.chat.booking["appointment"]
    close(turn)
    if says_no(turn):
        turn.replies.say("kept")
        return DONE
    try:
        outcome = turn.content.bookings.cancel(appointment_id, now=turn.now)
    except NotChangeable:
        turn.replies.say("no_appointment")
        return DONE
    requested = isinstance(outcome, RequestedInstead)
    turn.replies.say("request_taken" if requested else "cancelled", parts={"choices": [button("book")]})
    return DONE
