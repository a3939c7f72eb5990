"""The steps of a booking, and what a step may say about where it goes on."""

from __future__ import annotations

from actions.turn import Turn

SERVICE, TIME, NAME, CONTACT, SHARE, CONFIRM = "service", "time", "name", "contact", "share", "confirm"
CANCEL, WAITING = "cancel", "waiting"

DONE = "done"  # nothing more to ask: it is booked, dropped, or the question was asked already
UNHEARD = "unheard"  # the message was no answer to this step


def first_missing(turn: Turn) -> str:
    """What the clinic still needs to know before this can be booked or put on the waiting list."""
    booking = turn.chat.booking
    if not booking.get("name"):
        return NAME
    if not (booking.get("phone") or booking.get("email")):
        return CONTACT
    if booking.get("waiting"):
        return WAITING
    return CONFIRM if "share" in booking else SHARE


def close(turn: Turn) -> None:
    """The booking is over, one way or the other."""
    turn.chat.booking = {}
    turn.chat.open = []
