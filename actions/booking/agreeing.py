"""The last words before it is booked: what may be shared with the clinic, everything read back, and the booking."""

from __future__ import annotations

from actions.booking import choosing, contact, words
from actions.booking.steps import CONFIRM, DONE, TIME, UNHEARD, close
from actions.buttons import button
from actions.safety import says_no, says_yes
from actions.turn import Turn
from bot.booking.types import Appointment, Contact, ContactProblem, RequestedInstead, Taken, UnknownHold
from bot.triage import booking_hazards


def ask_share(turn: Turn) -> None:
    """Show the note for the practitioner and ask whether it may go along; nothing to show, nothing to ask."""
    note = words.note(turn)
    if not note:
        turn.chat.booking["share"] = False
        ask_confirm(turn)
        return
    turn.chat.open = ["booking"]
    turn.replies.say(
        "share_question",
        note=" ".join(note),
        parts={
            "ask": {"questions": ["booking"], "kind": "yes_no"},
            "choices": [button("share", yes=True), button("no_share", yes=False)],
        },
    )


def hear_share(turn: Turn) -> str:
    """Take the yes or no."""
    if not says_yes(turn) and not says_no(turn):
        return UNHEARD
    turn.chat.booking["share"] = says_yes(turn)
    return CONFIRM


def ask_confirm(turn: Turn) -> None:
    """Read everything back."""
    turn.chat.booking["step"] = CONFIRM
    turn.chat.open = ["booking"]
    turn.replies.say(
        "read_back",
        **words.read_back(turn),
        parts={
            "ask": {"questions": ["booking"], "kind": "yes_no"},
            "choices": [
                button("confirm_booking", yes=True),
                button("other_day", redo="time"),
                button("change_name", redo="name"),
                button("change_contact", redo="contact"),
                button("stop_booking", stop=True),
            ],
        },
    )


def hear_confirm(turn: Turn) -> str:
    """Book it on a yes; another time said instead is searched."""
    if says_yes(turn):
        return _book(turn)
    if says_no(turn):
        stop(turn)
        return DONE
    return TIME if choosing.read_time(turn) else UNHEARD


def _book(turn: Turn) -> str:
    booking = turn.chat.booking
    try:
        outcome = _confirmed(turn)
    except ContactProblem as problem:
        return contact.refused(turn, problem)
    except UnknownHold:
        turn.replies.say("hold_expired")
        return TIME
    if isinstance(outcome, Taken):
        choosing.lost(turn, outcome)
        return DONE
    close(turn)
    if isinstance(outcome, RequestedInstead):
        turn.replies.say("booking_unavailable")
        turn.replies.say("request_taken")
        return DONE
    words.tell_booked(turn, outcome, booking.get("email"))
    turn.chat.stage = "booked"
    turn.replies.line("state", stage="booked")
    return DONE


def _confirmed(turn: Turn) -> Appointment | Taken | RequestedInstead:
    booking = turn.chat.booking
    return turn.content.bookings.confirm(
        booking["hold"],
        Contact(booking["name"], booking.get("phone"), booking.get("email"), turn.metadata.get("time_zone")),
        words.shared(turn),
        [hazard.id for hazard in booking_hazards(turn.facts)],
        f"{turn.conversation}:{booking['hold']}",
        turn.now,
    )


def stop(turn: Turn) -> None:
    """Drop the booking and give the held time back."""
    if hold := turn.chat.booking.get("hold"):
        turn.content.bookings.release(hold)
    close(turn)
    turn.replies.say("booking_stopped", parts={"choices": [button("book"), button("person")]})
