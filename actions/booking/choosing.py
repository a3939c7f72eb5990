"""What to book and when: the service, the openings that fit what was said, and the hold on the one chosen."""

from __future__ import annotations

import re
from typing import Any

from actions import answers
from actions.booking import words
from actions.booking.steps import DONE, TIME, UNHEARD, close, first_missing
from actions.buttons import button
from actions.turn import Turn
from bot.booking.types import NotChangeable, Opening, RequestedInstead, Taken, UnknownOpening
from bot.triage import suggested_service

FEW = 3
LONGEST_CHOICE = 60  # characters
PLACES = {
    **{"first": 0, "1st": 0, "one": 0, "1": 0},
    **{"second": 1, "2nd": 1, "two": 1, "2": 1},
    **{"third": 2, "3rd": 2, "three": 2, "3": 2},
}
WHICH = re.compile(  # "I'll take the second one, please"
    r"(?:\W|ok|okay|yes|yeah|please|i'?ll (?:take|have|go (?:for|with))|can i (?:have|take|get)|give me|book|take)*"
    r"(?:the )?(?:(first|second|third|1st|2nd|3rd)|(?:number|option|no\.?|#) ?(one|two|three|[123]))"
    r"(?: (?:one|option|slot|time|opening))?\W*(?:please|thanks|thank you|works|is (?:good|fine|great|ok)|for me|\W)*",
    re.IGNORECASE,
)


def ask_service(turn: Turn) -> None:
    """Offer the services, the one that suits the assessment first."""
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


def hear_service(turn: Turn) -> str:
    """Take the service, and the time if it was said along with it."""
    if not read_service(turn):
        return UNHEARD
    read_time(turn)
    return TIME


def read_service(turn: Turn) -> bool:
    """Keep the service that this message names, as the clinic knows it: "massage" is its deep_tissue_massage."""
    answer = answers.read_one(turn, "appointment_service")
    named = str(answer.facts.get("appointment_service") or "") if answer else ""
    service = next(
        (known.id for known in turn.content.clinic.services if named in (known.id, *known.id.split("_"))), None
    )
    if service is None:
        return False
    turn.chat.booking["service"] = service
    return True


def read_time(turn: Turn) -> bool:
    """Keep what this message says about the time."""
    answer = answers.read_one(turn, "appointment_time")
    if (
        answer is None
        or answer.status != "given"
        or not ("appointment_window" in answer.facts or "appointment_preferences" in answer.facts)
    ):
        return False
    turn.chat.booking["search"] = words.search_of(answer.facts)
    return True


def ask_time(turn: Turn) -> None:
    """Offer the openings that fit what was said about the time; failing that, the nearest ones."""
    booking = turn.chat.booking
    asked_for: dict[str, Any] = booking.get("search") or {}
    for search in words.wider_and_wider(asked_for):
        booking["search"] = search
        if openings := _openings(turn):
            offer(turn, "openings" if search == asked_for else "nearest_openings", openings)
            return
    turn.chat.open = ["appointment_time"]
    turn.replies.say("no_openings", parts={"choices": [button("waiting_list", redo="waiting"), button("person")]})


def _openings(turn: Turn) -> list[Opening]:
    try:
        return turn.content.bookings.openings(words.query_of(turn.chat.booking, FEW), turn.now)
    except UnknownOpening:  # "more times" after times that are gone by now
        return []


def offer(turn: Turn, response: str, openings: list[Opening]) -> None:
    """Show these openings, and the ways to others."""
    if any(opening.needs_staff for opening in openings):
        turn.replies.say("needs_staff")
    turn.chat.open = ["appointment_time"]
    search = turn.chat.booking.get("search") or {}
    shown = [(opening.id, words.moment(turn, opening.start)) for opening in openings]
    turn.chat.booking["shown"] = [id for id, _ in shown]
    turn.replies.say(
        response,
        zone=words.zone_name(turn),
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
                *_other_times(search, openings),
                button("waiting_list", redo="waiting"),
            ],
            "card": {"kind": "booking", "openings": [_drawn(opening) for opening in openings]},
        },
    )


def _other_times(search: dict[str, Any], openings: list[Opening]) -> list[dict[str, Any]]:
    """Later and, once some were passed over, earlier ones; and the very first."""
    if not openings:
        return [button("earliest", search={})]
    base = {key: value for key, value in search.items() if key not in ("after", "before")}
    choices = [button("more_times", search={**base, "after": openings[-1].id})]
    if "after" in search or "before" in search:
        choices.append(button("earlier_times", search={**base, "before": openings[0].id}))
    if search:
        choices.append(button("earliest", search={}))
    return choices


def _drawn(opening: Opening) -> dict[str, str]:
    return {
        "id": opening.id,
        "start": opening.start.isoformat(),
        "end": opening.end.isoformat(),
        "with": opening.practitioner_name,
    }


def hear_time(turn: Turn) -> str:
    """Take the opening chosen, or search again for what was said."""
    value = (turn.answer or {}).get("value")
    if isinstance(value, str):
        return choose(turn, value)
    if (named := _named(turn)) is not None:
        return choose(turn, named)
    if read_time(turn):
        return TIME
    answer = answers.read_one(turn, "appointment_time")
    if answer is None or not answer.clarify:
        return UNHEARD
    turn.replies.tell(turn.content.bad_input("appointment_time", answer.clarify))
    return DONE


def _named(turn: Turn) -> str | None:
    """The opening that "the second one" means; None when the message names none by its place."""
    shown: list[str] = turn.chat.booking.get("shown") or []
    is_short = turn.is_typed and len(turn.text) <= LONGEST_CHOICE
    said = WHICH.fullmatch(turn.text.strip()) if shown and is_short else None
    if said is None:
        return None
    number = PLACES[(said[1] or said[2]).lower()]
    return shown[number] if number < len(shown) else None


def choose(turn: Turn, opening_id: str) -> str:
    """Hold the opening for this patient, or move their appointment to it."""
    take = _move if turn.chat.booking.get("appointment") else _hold
    try:
        return take(turn, opening_id)
    except UnknownOpening:
        return TIME


def _hold(turn: Turn, opening_id: str) -> str:
    held = turn.content.bookings.hold(opening_id, turn.conversation, turn.now)
    if isinstance(held, Taken):
        lost(turn, held)
        return DONE
    turn.chat.booking.update(hold=held.id, start=held.opening.start.isoformat(), service=held.opening.service)
    turn.replies.say(
        "hold",
        opening=words.moment(turn, held.opening.start),
        until=words.clock(turn, held.expires_at),
    )
    return first_missing(turn)


def _move(turn: Turn, opening_id: str) -> str:
    try:
        outcome = turn.content.bookings.reschedule(turn.chat.booking["appointment"], opening_id, turn.now)
    except NotChangeable:
        turn.replies.say("no_appointment")
        close(turn)
        return DONE
    if isinstance(outcome, Taken):
        lost(turn, outcome)
        return DONE
    if isinstance(outcome, RequestedInstead):
        turn.replies.say("request_taken")
    else:
        words.tell_moved(turn, outcome)
    close(turn)
    return DONE


def lost(turn: Turn, taken: Taken) -> None:
    """Somebody else was quicker: the nearest other times."""
    turn.chat.booking["step"] = TIME
    offer(turn, "hold_lost", list(taken.alternatives))
