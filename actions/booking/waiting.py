"""The waiting list, for when no opening suits. It needs the same contact as a booking."""

from __future__ import annotations

from actions.booking import contact, words
from actions.booking.steps import DONE, WAITING, close, first_missing
from actions.turn import Turn
from bot.booking.types import ContactProblem
from bot.triage import booking_hazards


def join(turn: Turn) -> str:
    """Put the patient on the list once name and contact are known; what is missing is asked first."""
    booking = turn.chat.booking
    booking["waiting"] = True
    missing = first_missing(turn)
    if missing != WAITING:
        return missing
    entry = words.waiting_entry(turn, [hazard.id for hazard in booking_hazards(turn.facts)])
    try:
        turn.content.bookings.join_waiting_list(entry, f"{turn.conversation}:{booking['service']}", turn.now)
    except ContactProblem as problem:
        return contact.refused(turn, problem)
    turn.replies.say("waiting_list", contact=booking.get("phone") or booking.get("email") or "")
    close(turn)
    return DONE
