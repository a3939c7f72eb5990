"""The waiting list: a free time is offered to the right person, and nothing moves by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.booking.erasure import erase_bookings
from bot.booking.service import BookingService
from bot.booking.staff import StaffCalendar
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    Contact,
    Hold,
    OpeningQuery,
    Preferences,
    SharedNote,
    UnknownAppointment,
    UnknownHold,
    UnknownOpening,
    WaitingListEntry,
)
from bot.clinic import Clinic
from bot.settings import Settings
from bot.store import Database
from tests.booking.conftest import ANN, NOW, local

DAY = local(2026, 12, 1), local(2026, 12, 2)
BY_PHONE = Contact("Bo", phone="+12125550177")
ENTRY = WaitingListEntry("consultation", BY_PHONE, "c-bo", window=DAY)


@pytest.fixture
def staff(database: Database, clinic: Clinic) -> StaffCalendar:
    return StaffCalendar(database, clinic)


def book(service: BookingService, number: int = 0, key: str = "k") -> Appointment:
    opening = service.openings(OpeningQuery("consultation", window=DAY, limit=None), NOW)[number]
    hold = service.hold(opening.id, f"c-{key}", NOW)
    assert isinstance(hold, Hold)
    booked = service.confirm(hold.id, ANN, SharedNote(("what I wrote",), NOW), ["pregnancy"], key, NOW)
    assert isinstance(booked, Appointment)
    return booked


def test_who_has_no_address_is_for_staff_to_call(service: BookingService, staff: StaffCalendar) -> None:
    mine = book(service)
    request = service.join_waiting_list(ENTRY, "w", NOW)
    assert request.status is AppointmentStatus.WAITLIST
    assert service.join_waiting_list(ENTRY, "w", NOW) == request
    service.cancel(mine.id, "", NOW)
    (waiting,) = staff.requests("waiting_list")
    assert (waiting.status, waiting.start) == (AppointmentStatus.PROPOSED, mine.start)
    free = service.openings(OpeningQuery("consultation", window=DAY), NOW)
    assert free[0].start == mine.start, "the time stays open for everybody"


@pytest.mark.parametrize(
    "change",
    [
        {"window": (local(2026, 12, 2), local(2026, 12, 3))},
        {"preferences": Preferences(parts=frozenset({"evening"}))},
        {"service": "deep_tissue_massage"},
    ],
)
def test_a_time_that_does_not_suit_is_not_offered(
    service: BookingService, staff: StaffCalendar, change: dict[str, object]
) -> None:
    mine = book(service)
    book(service, 0, "after")  # so that only the freed time itself is there
    service.join_waiting_list(replace(ENTRY, **change), "w", NOW)  # type: ignore[arg-type]  # fields of the entry
    service.cancel(mine.id, "", NOW)
    (waiting,) = staff.requests()
    assert waiting.status is AppointmentStatus.WAITLIST


def test_leaving_the_list(service: BookingService, staff: StaffCalendar) -> None:
    request = service.join_waiting_list(ENTRY, "w", NOW)
    service.waiting.leave(request.id, NOW)
    assert staff.requests() == []
    again = service.join_waiting_list(ENTRY, "w", NOW)
    assert again.id != request.id
    assert staff.requests() == [again]
    with pytest.raises(UnknownAppointment):
        staff.close_request("nothing", "booked")


@pytest.mark.parametrize("change", [{"service": "surgery"}, {"practitioner": "somebody-else"}])
def test_waiting_for_what_the_clinic_does_not_do(service: BookingService, change: dict[str, str]) -> None:
    with pytest.raises(UnknownOpening):
        service.join_waiting_list(replace(ENTRY, **change), "w", NOW)  # type: ignore[arg-type]  # fields of the entry


def test_an_offer_that_does_not_exist(service: BookingService) -> None:
    with pytest.raises(UnknownHold):
        service.accept_offer("nothing", NOW)
    ordinary = service.hold(service.openings(OpeningQuery("consultation"), NOW)[0].id, "c", NOW)
    assert isinstance(ordinary, Hold)
    with pytest.raises(UnknownHold):
        service.accept_offer(ordinary.id, NOW)


def test_who_has_an_appointment_is_offered_earlier_ones_only(
    database: Database, clinic: Clinic, mail_settings: Settings
) -> None:
    service = BookingService(database, clinic, mail_settings)
    early, late = book(service, 0, "early"), book(service, 8, "late")
    assert early.start < late.start
    entry = WaitingListEntry("consultation", ANN, appointment_id=early.id)
    service.join_waiting_list(entry, "w", NOW)
    service.cancel(late.id, "", NOW)
    assert service.get(early.id) == early
    free = service.openings(OpeningQuery("consultation", window=DAY, limit=None), NOW)
    assert late.start in {one.start for one in free}, "no hold was made for a later time"


def test_a_visit_that_took_place_or_not(service: BookingService, staff: StaffCalendar) -> None:
    mine = book(service)
    assert staff.record(mine.id, "arrived", mine.start).status is AppointmentStatus.ARRIVED
    assert staff.record(mine.id, "noshow", mine.start).status is AppointmentStatus.NOSHOW
    with pytest.raises(UnknownAppointment):
        staff.record("nothing", "arrived")


def test_erasing_a_conversation(service: BookingService, database: Database, staff: StaffCalendar) -> None:
    mine = book(service)
    over = book(service, 8, "over")
    service.cancel(over.id, "", NOW)
    service.join_waiting_list(replace(ENTRY, conversation_id="c-k"), "w", NOW)
    with database.session() as session:
        erase_bookings(session, "c-k", NOW)
        erase_bookings(session, "c-over", NOW)
    kept = service.get(mine.id)
    assert (kept.contact, kept.flags, kept.start) == (ANN, ("pregnancy",), mine.start), "the clinic expects the person"
    assert kept.shared is None
    assert kept.conversation_id is None
    assert service.find("c-k", NOW) == []
    assert staff.requests() == []
    with pytest.raises(UnknownAppointment):
        service.get(over.id)
    assert service.by_link(service.manage_link(mine).rpartition("/")[2], NOW + timedelta(hours=1)) == kept
