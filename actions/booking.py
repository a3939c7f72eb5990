"""Booking in the chat: service, time, name and contact, what may be shared, and then the appointment."""

from __future__ import annotations

from actions import answers, booking_words, interruptions, progress
from actions.base import FormStep, PatientAction
from actions.buttons import button
from actions.safety import says_no, says_yes
from actions.turn import Turn
from bot.booking.types import (
    Contact,
    Hold,
    NotChangeable,
    Opening,
    RequestedInstead,
    Taken,
    UnknownHold,
    UnknownOpening,
)
from bot.triage import booking_hazards, suggested_service

BOOKING_INTENTS = ("book_appointment", "reschedule_appointment", "cancel_appointment")
NO_BOOKING = ("emergency", "urgent")
FEW = 3


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
            turn.replies.say("utter_no_appointment")
            progress.offer_next(turn)
            return
        words = booking_words.appointment(turn, found[0])
        turn.chat.booking = {"appointment": found[0].id, "service": found[0].service}
        if turn.intent == "cancel_appointment":
            turn.chat.booking["step"] = "cancel"
            turn.chat.booking["on"] = True
        else:
            turn.replies.say("utter_appointment_is", parts=None, **words)
            turn.chat.booking.update(step="time", on=True)
        turn.defer(progress.BOOKING_FORM)


def _start(turn: Turn) -> None:
    told = turn.chat.told or {}
    tapped = turn.answer or {}
    if told.get("disposition") in NO_BOOKING:
        turn.replies.say("utter_no_booking_now", parts={"choices": [button("person")]})
        return
    if told.get("disposition") == "routine_medical" and not tapped.get("doctor"):
        turn.replies.say(
            "utter_after_doctor", parts={"choices": [button("doctor_checked", doctor=True), button("person")]}
        )
        return
    if not told and turn.chat.consent is not False and not tapped.get("now"):
        turn.learn({"wants_appointment": True})
        turn.replies.say("utter_booking_after_check", parts={"choices": [button("skip_to_booking", now=True)]})
        turn.defer(progress.CHECK_FORM)
        return
    booking = turn.chat.booking = {"on": True, "step": "service"}
    turn.chat.open = []
    wanted = answers.read_one(turn, "appointment_service")
    if wanted and wanted.facts.get("appointment_service"):
        booking["service"] = wanted.facts["appointment_service"]
    _read_time(turn)
    _go_on(turn)


def _hear(turn: Turn) -> None:
    booking = turn.chat.booking
    tapped = turn.answer or {}
    if turn.intent == "stop" or tapped.get("stop"):
        _stop(turn)
    elif turn.is_typed and interruptions.is_sure(turn) and turn.intent not in BOOKING_INTENTS:
        _interrupted(turn)
    elif tapped.get("opening"):
        _choose(turn, tapped["opening"])
    elif tapped.get("search"):
        booking["search"] = tapped["search"]
        booking["step"] = "time"
        _go_on(turn)
    elif tapped.get("redo"):
        booking["step"] = tapped["redo"]
        _go_on(turn)
    else:
        _STEPS[booking["step"]](turn)


def _go_on(turn: Turn) -> None:
    """Ask for whatever is missing next."""
    booking = turn.chat.booking
    if booking["step"] == "service" and booking.get("service"):
        booking["step"] = "time"
    _ASKS[booking["step"]](turn)


def _interrupted(turn: Turn) -> None:
    """A question of theirs is answered; anything else was not understood. Then the same step again."""
    if not interruptions.handle(turn):
        turn.replies.say("utter_not_understood")
    if turn.chat.booking.get("on") and turn.chat.pending is None:
        _ASKS[turn.chat.booking["step"]](turn)


# --- service ---------------------------------------------------------------------------------------------------------


def _ask_service(turn: Turn) -> None:
    clinic = turn.content.clinic
    suggested = suggested_service(turn.facts, turn.assessment())
    services = sorted(clinic.services, key=lambda service: service.id != suggested)
    turn.chat.open = ["appointment_service"]
    turn.replies.tell(
        turn.content.question("appointment_service", turn.one_at_a_time),
        ask={
            "questions": ["appointment_service"],
            "kind": "choice",
            "options": [{"id": service.id, "title": service.name} for service in services],
        },
        choices=[
            button(service.id, title=service.name, intent="inform", questions=["appointment_service"], value=service.id)
            for service in services
        ],
    )


def _hear_service(turn: Turn) -> None:
    answer = answers.read_one(turn, "appointment_service")
    service = answer.facts.get("appointment_service") if answer else None
    if service not in {known.id for known in turn.content.clinic.services}:
        _interrupted(turn)
        return
    turn.chat.booking.update(service=service, step="time")
    _read_time(turn)
    _go_on(turn)


# --- time ------------------------------------------------------------------------------------------------------------


def _read_time(turn: Turn) -> bool:
    answer = answers.read_one(turn, "appointment_time")
    if (
        answer is None
        or answer.status != "given"
        or not ("appointment_window" in answer.facts or "appointment_preferences" in answer.facts)
    ):
        return False
    turn.chat.booking["search"] = booking_words.search_of(answer.facts)
    return True


def _ask_time(turn: Turn) -> None:
    booking = turn.chat.booking
    service = turn.content.bookings
    try:
        openings = service.openings(booking_words.query_of(booking, FEW), turn.now)
    except UnknownOpening:
        booking.pop("search", None)
        openings = service.openings(booking_words.query_of(booking, FEW), turn.now)
    if not openings and booking.get("search"):
        turn.replies.say(
            "utter_no_openings",
            parts={
                "choices": [button("earliest", search={}), button("waiting_list", redo="waiting"), button("person")]
            },
        )
        booking.pop("search")
        turn.chat.open = ["appointment_time"]
        return
    _offer(turn, "utter_openings", openings)


def _offer(turn: Turn, response: str, openings: list[Opening]) -> None:
    turn.chat.open = ["appointment_time"]
    search = turn.chat.booking.get("search") or {}
    shown = [(opening.id, booking_words.moment(turn, opening.start)) for opening in openings]
    more = {**search, "after": openings[-1].id} if openings else {}
    turn.replies.say(
        response,
        zone=booking_words.zone_name(turn),
        parts={
            "ask": {
                "questions": ["appointment_time"],
                "kind": "time",
                "options": [{"id": id, "title": title} for id, title in shown],
            },
            "choices": [
                *(
                    button(f"opening{n}", title=title, intent="inform", opening=id)
                    for n, (id, title) in enumerate(shown)
                ),
                button("more_times", search=more),
                button("earliest", search={}),
                button("waiting_list", redo="waiting"),
            ],
            "card": {
                "kind": "booking",
                "openings": [
                    {
                        "id": opening.id,
                        "start": opening.start.isoformat(),
                        "end": opening.end.isoformat(),
                        "with": opening.practitioner_name,
                    }
                    for opening in openings
                ],
            },
        },
    )


def _hear_time(turn: Turn) -> None:
    value = (turn.answer or {}).get("value")
    if isinstance(value, str):
        _choose(turn, value)
    elif _read_time(turn):
        _ask_time(turn)
    elif (answer := answers.read_one(turn, "appointment_time")) is not None and answer.clarify:
        turn.replies.tell(turn.content.bad_input("appointment_time", answer.clarify))
    else:
        _interrupted(turn)


def _choose(turn: Turn, opening_id: str) -> None:
    booking = turn.chat.booking
    service = turn.content.bookings
    try:
        if booking.get("appointment"):
            _move(turn, opening_id)
            return
        held = service.hold(opening_id, turn.conversation, turn.now)
    except UnknownOpening:
        _ask_time(turn)
        return
    if isinstance(held, Taken):
        _offer(turn, "utter_hold_lost", list(held.alternatives))
        return
    _keep_hold(turn, held)
    booking["step"] = _first_missing(booking)
    _go_on(turn)


def _keep_hold(turn: Turn, hold: Hold) -> None:
    turn.chat.booking.update(hold=hold.id, start=hold.opening.start.isoformat(), service=hold.opening.service)
    turn.replies.say(
        "utter_hold",
        opening=booking_words.moment(turn, hold.opening.start),
        until=booking_words.clock(turn, hold.expires_at),
    )


def _first_missing(booking: dict[str, object]) -> str:
    if not booking.get("name"):
        return "name"
    if not (booking.get("phone") or booking.get("email")):
        return "contact"
    return "confirm" if "share" in booking else "share"


# --- who -------------------------------------------------------------------------------------------------------------


def _ask_name(turn: Turn) -> None:
    _ask_text(turn, "contact_name", ["contact_name"])


def _hear_name(turn: Turn) -> None:
    answer = answers.read_one(turn, "contact_name")
    if answer is None or "contact_name" not in answer.facts or turn.intent in interruptions.ALWAYS:
        _interrupted(turn)
        return
    turn.chat.booking["name"] = answer.facts["contact_name"]
    _read_contact(turn)
    turn.chat.booking["step"] = _first_missing(turn.chat.booking)
    _go_on(turn)


def _ask_contact(turn: Turn) -> None:
    turn.chat.open = ["contact_phone", "contact_email"]
    turn.replies.say(
        "utter_ask_contact", parts={"ask": {"questions": ["contact_phone", "contact_email"], "kind": "text"}}
    )


def _hear_contact(turn: Turn) -> None:
    problem = _read_contact(turn)
    booking = turn.chat.booking
    if booking.get("phone") or booking.get("email"):
        booking["step"] = _first_missing(booking)
        _go_on(turn)
    elif problem is not None:
        turn.replies.tell(turn.content.bad_input(*problem))
        _ask_contact(turn)
    else:
        _interrupted(turn)


def _read_contact(turn: Turn) -> tuple[str, str] | None:
    """Keep a phone number and an e-mail address from this message; what is wrong with one, if anything."""
    problem: tuple[str, str] | None = None
    for question, key in (("contact_email", "email"), ("contact_phone", "phone")):
        answer = answers.read_one(turn, question)
        if answer is None:
            continue
        if question in answer.facts:
            turn.chat.booking[key] = answer.facts[question]
        elif answer.clarify:
            problem = (question, answer.clarify)
    return problem


def _ask_text(turn: Turn, question: str, questions: list[str]) -> None:
    turn.chat.open = questions
    turn.replies.tell(turn.content.question(question, turn.one_at_a_time), ask={"questions": questions, "kind": "text"})


# --- share, read back, book ------------------------------------------------------------------------------------------


def _ask_share(turn: Turn) -> None:
    note = booking_words.note(turn)
    if not note:
        turn.chat.booking.update(share=False, step="confirm")
        _ask_confirm(turn)
        return
    turn.chat.open = ["booking"]
    turn.replies.say(
        "utter_share_question",
        note=" ".join(note),
        parts={
            "ask": {"questions": ["booking"], "kind": "yes_no"},
            "choices": [button("share", yes=True), button("no_share", yes=False)],
        },
    )


def _hear_share(turn: Turn) -> None:
    if not says_yes(turn) and not says_no(turn):
        _interrupted(turn)
        return
    turn.chat.booking.update(share=says_yes(turn), step="confirm")
    _go_on(turn)


def _ask_confirm(turn: Turn) -> None:
    booking = turn.chat.booking
    turn.chat.open = ["booking"]
    turn.replies.say(
        "utter_read_back",
        **booking_words.read_back(turn),
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
    booking["step"] = "confirm"


def _hear_confirm(turn: Turn) -> None:
    if says_yes(turn):
        _book(turn)
    elif says_no(turn):
        _stop(turn)
    elif _read_time(turn):
        turn.chat.booking["step"] = "time"
        _ask_time(turn)
    else:
        _interrupted(turn)


def _book(turn: Turn) -> None:
    booking = turn.chat.booking
    service = turn.content.bookings
    hazards = [hazard.id for hazard in booking_hazards(turn.facts)]
    try:
        outcome = service.confirm(
            booking["hold"],
            Contact(booking["name"], booking.get("phone"), booking.get("email"), turn.metadata.get("time_zone")),
            booking_words.shared(turn),
            hazards,
            f"{turn.conversation}:{booking['hold']}",
            turn.now,
        )
    except UnknownHold:
        booking["step"] = "time"
        turn.replies.say("utter_hold_expired")
        _ask_time(turn)
        return
    if isinstance(outcome, Taken):
        booking["step"] = "time"
        _offer(turn, "utter_hold_lost", list(outcome.alternatives))
        return
    turn.chat.booking = {}
    turn.chat.open = []
    if isinstance(outcome, RequestedInstead):
        turn.replies.say("utter_booking_unavailable")
        turn.replies.say("utter_request_taken")
        return
    booking_words.tell_booked(turn, outcome, booking.get("email"))
    turn.chat.stage = "booked"
    turn.replies.line("state", stage="booked")


def _stop(turn: Turn) -> None:
    if hold := turn.chat.booking.get("hold"):
        turn.content.bookings.release(hold)
    turn.chat.booking = {}
    turn.chat.open = []
    turn.replies.say("utter_booking_stopped", parts={"choices": [button("book"), button("person")]})


# --- moving, cancelling, waiting -------------------------------------------------------------------------------------


def _move(turn: Turn, opening_id: str) -> None:
    appointment_id = turn.chat.booking["appointment"]
    try:
        outcome = turn.content.bookings.reschedule(appointment_id, opening_id, turn.now)
    except NotChangeable:
        turn.chat.booking = {}
        turn.replies.say("utter_no_appointment")
        return
    if isinstance(outcome, Taken):
        _offer(turn, "utter_hold_lost", list(outcome.alternatives))
        return
    turn.chat.booking = {}
    turn.chat.open = []
    if isinstance(outcome, RequestedInstead):
        turn.replies.say("utter_request_taken")
    else:
        booking_words.tell_moved(turn, outcome)


def _ask_cancel(turn: Turn) -> None:
    appointment = turn.content.bookings.get(turn.chat.booking["appointment"])
    turn.chat.open = ["booking"]
    turn.replies.say(
        "utter_confirm_cancel",
        **booking_words.appointment(turn, appointment),
        parts={
            "ask": {"questions": ["booking"], "kind": "yes_no"},
            "choices": [button("cancel", yes=True), button("move", redo="time"), button("keep", yes=False)],
        },
    )


def _hear_cancel(turn: Turn) -> None:
    if not says_yes(turn) and not says_no(turn):
        _interrupted(turn)
        return
    appointment_id = turn.chat.booking["appointment"]
    turn.chat.booking = {}
    turn.chat.open = []
    if says_no(turn):
        turn.replies.say("utter_kept")
        return
    try:
        outcome = turn.content.bookings.cancel(appointment_id, now=turn.now)
    except NotChangeable:
        turn.replies.say("utter_no_appointment")
        return
    requested = isinstance(outcome, RequestedInstead)
    turn.replies.say("utter_request_taken" if requested else "utter_cancelled", parts={"choices": [button("book")]})


def _ask_waiting(turn: Turn) -> None:
    """The waiting list needs the same contact as a booking."""
    booking = turn.chat.booking
    booking["waiting"] = True
    if not booking.get("name"):
        _ask_name(turn)
    elif not (booking.get("phone") or booking.get("email")):
        _ask_contact(turn)
    else:
        turn.content.bookings.join_waiting_list(
            booking_words.waiting_entry(turn), f"{turn.conversation}:{booking['service']}", turn.now
        )
        turn.replies.say("utter_waiting_list", contact=booking.get("phone") or booking.get("email") or "")
        turn.chat.booking = {}
        turn.chat.open = []


def _hear_waiting(turn: Turn) -> None:
    booking = turn.chat.booking
    if not booking.get("name"):
        answer = answers.read_one(turn, "contact_name")
        if answer is None or "contact_name" not in answer.facts:
            _interrupted(turn)
            return
        booking["name"] = answer.facts["contact_name"]
    problem = _read_contact(turn)
    if problem is not None and not (booking.get("phone") or booking.get("email")):
        turn.replies.tell(turn.content.bad_input(*problem))
    _ask_waiting(turn)


_ASKS = {
    "service": _ask_service,
    "time": _ask_time,
    "name": _ask_name,
    "contact": _ask_contact,
    "share": _ask_share,
    "confirm": _ask_confirm,
    "cancel": _ask_cancel,
    "waiting": _ask_waiting,
}

_STEPS = {
    "service": _hear_service,
    "time": _hear_time,
    "name": _hear_name,
    "contact": _hear_contact,
    "share": _hear_share,
    "confirm": _hear_confirm,
    "cancel": _hear_cancel,
    "waiting": _hear_waiting,
}
