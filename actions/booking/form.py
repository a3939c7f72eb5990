"""The booking form: starts a booking, hands each message to its step, and asks for whatever is missing next."""

from __future__ import annotations

from collections.abc import Callable

from actions import interruptions, progress
from actions.answers import asks
from actions.base import FormStep, PatientAction
from actions.booking import agreeing, cancelling, choosing, contact, waiting, words
from actions.booking.steps import CANCEL, CONFIRM, CONTACT, DONE, NAME, SERVICE, SHARE, TIME, UNHEARD, WAITING
from actions.buttons import button
from actions.turn import Turn

BOOKING_INTENTS = ("book_appointment", "reschedule_appointment", "cancel_appointment")
TREATMENTS = ("ask_massage", "ask_laser")
NO_BOOKING = ("emergency", "urgent")


class ValidateBookingForm(FormStep):
    """Runs for each message while booking is on, and once when it starts."""

    slot = "booking_answer"
    may_block = True

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "validate_booking_form"

    def goes_on(self, turn: Turn) -> bool:
        """Until it is booked, stopped or not allowed."""
        return bool(turn.chat.booking.get("on"))

    def respond(self, turn: Turn) -> None:
        """Start booking or take the answer."""
        if turn.chat.booking.get("on"):
            _hear(turn)
        else:
            _start(turn)


class ActionCloseBooking(PatientAction):
    """Runs when booking has ended; whatever comes next was already decided."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_close_booking"

    def respond(self, turn: Turn) -> None:
        """Nothing more to say."""


class ActionChangeAppointment(PatientAction):
    """Moves or cancels an appointment that was made in this conversation."""

    may_block = True

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_change_appointment"

    def respond(self, turn: Turn) -> None:
        """Find the appointment and ask what to do with it."""
        found = turn.content.bookings.find(turn.conversation, turn.now)
        if not found:
            turn.replies.say("no_appointment")
            progress.offer_next(turn)
            return
        turn.chat.booking = {"appointment": found[0].id, "service": found[0].service}
        if turn.intent != "cancel_appointment":
            turn.replies.say("appointment_is", parts=None, **words.appointment(turn, found[0]))
        turn.defer(progress.BOOKING_FORM)


def _start(turn: Turn) -> None:
    if turn.chat.booking.get("appointment"):
        _change(turn)
        return
    told = turn.chat.told or {}
    tapped = turn.answer or {}
    if told.get("disposition") in NO_BOOKING:
        turn.replies.say("no_booking_now", parts={"choices": [button("person")]})
        return
    if told.get("disposition") == "routine_medical" and not tapped.get("doctor"):
        turn.replies.say("after_doctor", parts={"choices": [button("doctor_checked", doctor=True), button("person")]})
        return
    if not told and turn.chat.consent is not False and not tapped.get("now"):
        turn.learn({"wants_appointment": True})
        turn.replies.say("booking_after_check", parts={"choices": [button("skip_to_booking", now=True)]})
        turn.defer(progress.CHECK_FORM)
        return
    turn.chat.booking = {"on": True}
    turn.chat.open = []
    choosing.read_time(turn)
    _ask(turn, TIME if choosing.read_service(turn) else SERVICE)


def _change(turn: Turn) -> None:
    """An appointment was found: cancel it, or look for another time."""
    turn.chat.booking["on"] = True
    choosing.read_time(turn)
    _ask(turn, CANCEL if turn.intent == "cancel_appointment" else TIME)


def _hear(turn: Turn) -> None:
    tapped = turn.answer or {}
    if turn.intent == "stop" or tapped.get("stop") or _gives_up(turn):
        agreeing.stop(turn)
    elif _is_aside(turn):
        _interrupted(turn)
    elif tapped.get("opening"):
        _ask(turn, choosing.choose(turn, tapped["opening"]))
    elif "search" in tapped:
        turn.chat.booking["search"] = tapped["search"]
        _ask(turn, TIME)
    elif tapped.get("redo"):
        _ask(turn, tapped["redo"])
    else:
        _heard(turn, _HEAR[turn.chat.booking["step"]](turn))


def _is_aside(turn: Turn) -> bool:
    """A question or wish of theirs, surely; but "the laser thing" and "Sunday morning" may be what was asked for."""
    if not turn.is_typed or not interruptions.is_sure(turn) or turn.intent in BOOKING_INTENTS:
        return False
    if asks(turn.text) or turn.intent in interruptions.ALWAYS:
        return True
    step = turn.chat.booking["step"]
    names_service = step == SERVICE and turn.intent in TREATMENTS
    return not names_service and not (step == TIME and choosing.read_time(turn))


def _gives_up(turn: Turn) -> bool:
    """ "Cancel the appointment" while a first one is still being made."""
    return turn.is_typed and turn.intent == "cancel_appointment" and not turn.chat.booking.get("appointment")


def _heard(turn: Turn, next_step: str) -> None:
    if next_step == UNHEARD:
        _interrupted(turn)
    else:
        _ask(turn, next_step)


def _ask(turn: Turn, step: str) -> None:
    """Ask for this; joining the waiting list may first need a name and a contact."""
    if step == WAITING:
        step = waiting.join(turn)
    if step != DONE:
        turn.chat.booking["step"] = step
        _ASK[step](turn)


def _interrupted(turn: Turn) -> None:
    """A question of theirs is answered; anything else was not understood. Then the same step again."""
    if turn.intent in BOOKING_INTENTS or not interruptions.handle(turn):
        turn.replies.say("not_understood")
    if turn.chat.booking.get("on") and turn.chat.pending is None:
        _ask(turn, turn.chat.booking["step"])


_ASK: dict[str, Callable[[Turn], None]] = {
    SERVICE: choosing.ask_service,
    TIME: choosing.ask_time,
    NAME: contact.ask_name,
    CONTACT: contact.ask_contact,
    SHARE: agreeing.ask_share,
    CONFIRM: agreeing.ask_confirm,
    CANCEL: cancelling.ask_cancel,
}

_HEAR: dict[str, Callable[[Turn], str]] = {
    SERVICE: choosing.hear_service,
    TIME: choosing.hear_time,
    NAME: contact.hear_name,
    CONTACT: contact.hear_contact,
    SHARE: agreeing.hear_share,
    CONFIRM: agreeing.hear_confirm,
    CANCEL: cancelling.hear_cancel,
}
