"""The words and searches of booking: times as people read them, what is shared, and what the search asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from actions.turn import Turn
from actions.wording import summary
from bot.booking.types import Appointment, Contact, DualTime, OpeningQuery, Preferences, SharedNote, WaitingListEntry

SHARED_FACTS = (
    "age", "location", "duration_weeks", "severity", "radiates_to_leg", "sitting_hours_per_day", "pain_on_rising",
    "front_hip_tightness", "prior_stretching", "blood_thinner", "pregnant", "cancer_history", "hip_replacement",
    "knee_problem", "balance_problem", "hypermobile",
)  # fmt: skip
A_SEASON = timedelta(days=90)


def moment(turn: Turn, at: datetime) -> str:
    """A day and time in the clinic's zone, and in the patient's where it differs: "Tue 24 Nov, 9:15 AM"."""
    both = DualTime.of(at, turn.content.clinic.zone, turn.metadata.get("time_zone"))
    text = f"{both.clinic:%a} {both.clinic.day} {both.clinic:%b}, {_clock(both.clinic)}"
    if both.patient is not None:
        text += f" ({_clock(both.patient)} {both.patient:%Z})"
    return text


def clock(turn: Turn, at: datetime) -> str:
    """A time of day in the clinic's zone."""
    return _clock(at.astimezone(turn.content.clinic.zone))


def _clock(at: datetime) -> str:
    return at.strftime("%I:%M %p").lstrip("0")


def zone_name(turn: Turn) -> str:
    """The clinic's zone, as in "EST"."""
    return turn.now.strftime("%Z")


def search_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was said about the time, as the slot keeps it."""
    search: dict[str, Any] = dict(facts.get("appointment_preferences") or {})
    if window := facts.get("appointment_window"):
        search["window"] = [edge.isoformat() for edge in window]
    return search


def wider_and_wider(search: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What was asked for; then the same times of day on later days; then any time."""
    yield search
    if window := search.get("window"):
        yield {**search, "window": [window[0], (datetime.fromisoformat(window[0]) + A_SEASON).isoformat()]}
    if search:
        yield {}


def query_of(booking: Mapping[str, Any], limit: int) -> OpeningQuery:
    """The search for openings that fit what was said."""
    search = booking.get("search") or {}
    window = search.get("window")
    return OpeningQuery(
        service=booking["service"],
        window=(datetime.fromisoformat(window[0]), datetime.fromisoformat(window[1])) if window else None,
        preferences=_preferences(search),
        limit=limit,
        after=search.get("after"),
        before=search.get("before"),
        spread=not search.get("asap"),
        moving=booking.get("appointment"),
    )


def _preferences(search: Mapping[str, Any]) -> Preferences:
    return Preferences(
        weekdays=frozenset(search.get("weekdays") or ()),
        not_before=_time(search.get("not_before")),
        not_after=_time(search.get("not_after")),
        parts=frozenset(search.get("parts") or ()),
        exclude_parts=frozenset(search.get("exclude_parts") or ()),
        asap=bool(search.get("asap")),
    )


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def appointment(turn: Turn, booked: Appointment) -> dict[str, str]:
    """The values that the booking texts need."""
    return {"service": booked.service_name, "opening": moment(turn, booked.start)}


def note(turn: Turn) -> list[str]:
    """What the clinic would get to read, line by line; empty when there is nothing to tell."""
    told = {name: turn.facts[name] for name in SHARED_FACTS if name in turn.facts}
    words = summary(told)
    return [f"{words[0].upper()}{words[1:]}."] if words else []


def shared(turn: Turn) -> SharedNote | None:
    """The note that was agreed to."""
    lines = note(turn) if turn.chat.booking.get("share") else []
    return SharedNote(tuple(lines), turn.now) if lines else None


def read_back(turn: Turn) -> dict[str, str]:
    """What is read back before booking."""
    booking = turn.chat.booking
    contact = ", ".join(part for part in (booking.get("phone"), booking.get("email")) if part)
    return {
        "service": turn.content.clinic.service(booking["service"]).name,
        "opening": moment(turn, datetime.fromisoformat(booking["start"])),
        "name": booking["name"],
        "contact": contact,
        "shared": " ".join(note(turn)) if booking.get("share") else turn.content.word("nothing"),
    }


def waiting_entry(turn: Turn, flags: list[str]) -> WaitingListEntry:
    """The entry for the waiting list, with what the practitioner must know about this patient."""
    booking = turn.chat.booking
    search = booking.get("search") or {}
    window = search.get("window")
    return WaitingListEntry(
        service=booking["service"],
        contact=Contact(booking["name"], booking.get("phone"), booking.get("email"), turn.metadata.get("time_zone")),
        conversation_id=turn.conversation,
        window=(datetime.fromisoformat(window[0]), datetime.fromisoformat(window[1])) if window else None,
        preferences=_preferences(search),
        flags=tuple(flags),
    )


def tell_booked(turn: Turn, booked: Appointment, email: str | None) -> None:
    """The confirmation, with the link to see, move or cancel it."""
    service = turn.content.bookings
    link = service.manage_link(booked)
    turn.replies.say(
        "booked",
        **appointment(turn, booked),
        address=turn.content.clinic.address,
        bring=" ".join(service.texts.pages["bring"]),
        parts={"card": _card(turn, booked, link), "links": [turn.content.link("manage", link)]},
    )
    if email and service.email_available:
        turn.replies.say("booked_mail", email=email)
    else:
        turn.replies.say("booked_no_mail")


def tell_moved(turn: Turn, booked: Appointment) -> None:
    """The new time."""
    link = turn.content.bookings.manage_link(booked)
    turn.replies.say(
        "moved",
        opening=moment(turn, booked.start),
        parts={"card": _card(turn, booked, link), "links": [turn.content.link("manage", link)]},
    )


def _card(turn: Turn, booked: Appointment, link: str) -> dict[str, Any]:
    return {
        "kind": "booking",
        "status": booked.status.value,
        "reference": booked.reference,
        "service": booked.service_name,
        "with": booked.practitioner_name,
        "start": booked.start.isoformat(),
        "end": booked.end.isoformat(),
        "when": moment(turn, booked.start),
        "where": turn.content.clinic.address,
        "manage": link,
    }
