"""Holds: kept for ten minutes, freed on time, and never a ghost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import time_machine
from sqlalchemy import func, select

from bot.booking.service import BookingService
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    Contact,
    ContactProblem,
    Hold,
    NotChangeable,
    Opening,
    OpeningQuery,
    SharedNote,
    SlotStatus,
    Taken,
    UnknownAppointment,
    UnknownHold,
    UnknownOpening,
)
from bot.clinic import Clinic
from bot.settings import Settings
from bot.store import Database
from bot.store.models.booking import AppointmentRow
from tests.booking.conftest import ANN, NEW_YORK, NOW, local

DAY = local(2026, 12, 1), local(2026, 12, 2)


def opening(service: BookingService, number: int = 0, now: datetime = NOW) -> Opening:
    return service.openings(OpeningQuery("consultation", window=DAY, limit=None), now)[number]


def take(service: BookingService, one: Opening, who: str = "c", now: datetime = NOW) -> Hold:
    hold = service.hold(one.id, who, now)
    assert isinstance(hold, Hold)
    return hold


def book(service: BookingService, number: int = 0, key: str = "k", contact: Contact = ANN) -> Appointment:
    booked = service.confirm(take(service, opening(service, number), f"c-{key}").id, contact, None, [], key, NOW)
    assert isinstance(booked, Appointment)
    return booked


def test_a_hold_keeps_others_out_and_ends_on_time(
    either_database: Database, clinic: Clinic, settings: Settings
) -> None:
    service = BookingService(either_database, clinic, settings)
    wanted = opening(service)
    hold = take(service, wanted)
    assert hold.expires_at == NOW + timedelta(minutes=10)
    just_before, at_the_end = NOW + timedelta(minutes=9, seconds=59), NOW + timedelta(minutes=10)
    assert isinstance(service.hold(wanted.id, "other", just_before), Taken)
    assert opening(service, now=just_before) != wanted
    assert opening(service, now=at_the_end) == wanted
    assert isinstance(service.hold(wanted.id, "other", at_the_end), Hold)


def test_the_clock_of_the_machine_is_used(service: BookingService) -> None:
    with time_machine.travel(NOW.astimezone(timezone.utc), tick=False) as machine:
        wanted = service.openings(OpeningQuery("consultation"))[0]
        take_now = service.hold(wanted.id, "c")
        assert isinstance(take_now, Hold)
        assert isinstance(service.hold(wanted.id, "d"), Taken)
        machine.shift(timedelta(minutes=10))
        assert isinstance(service.hold(wanted.id, "d"), Hold)


def test_a_crash_between_hold_and_confirmation_leaves_no_ghost(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    wanted = opening(BookingService(database, clinic, settings))
    take(BookingService(database, clinic, settings), wanted)
    database.dispose()  # the process is gone

    reopened = Database(settings.database_url)
    after = BookingService(reopened, clinic, settings)
    later = NOW + timedelta(minutes=11)
    assert opening(after, now=later) == wanted
    hold = take(after, wanted, "d", later)
    assert isinstance(after.confirm(hold.id, ANN, None, [], "k", later), Appointment)
    with reopened.reading() as session:
        blocking = select(func.count()).where(AppointmentRow.status.in_(("pending", "booked")))
        assert session.scalar(blocking) == 1
    reopened.dispose()


def test_a_conversation_keeps_one_opening(service: BookingService) -> None:
    first, second = opening(service, 0), opening(service, 8)
    hold = take(service, first)
    assert take(service, first, now=NOW + timedelta(minutes=1)) == hold, "the same again is the same"
    take(service, second)
    assert opening(service, 0) == first, "the first is free again"
    with pytest.raises(UnknownHold):
        service.confirm(hold.id, ANN, None, [], "k", NOW)


def test_a_failed_change_of_mind_keeps_the_first_hold(service: BookingService) -> None:
    first, second = opening(service, 0), opening(service, 8)
    hold = take(service, first)
    take(service, second, "other")
    assert isinstance(service.hold(second.id, "c", NOW), Taken)
    assert isinstance(service.confirm(hold.id, ANN, None, [], "k", NOW), Appointment)


def test_extending_twice_and_no_more(service: BookingService) -> None:
    hold = take(service, opening(service))
    for minute in (8, 16):
        now = NOW + timedelta(minutes=minute)
        hold_now = service.extend_hold(hold.id, now)
        assert isinstance(hold_now, Hold)
        assert hold_now.expires_at == now + timedelta(minutes=10)
    assert not hold_now.may_extend
    last = service.extend_hold(hold.id, NOW + timedelta(minutes=20))
    assert isinstance(last, Hold)
    assert last.expires_at == NOW + timedelta(minutes=26)
    assert isinstance(service.extend_hold(hold.id, NOW + timedelta(minutes=26)), Taken)


def test_releasing(service: BookingService) -> None:
    wanted = opening(service)
    hold = take(service, wanted)
    service.release(hold.id)
    service.release(hold.id)
    assert opening(service) == wanted
    with pytest.raises(UnknownHold):
        service.confirm(hold.id, ANN, None, [], "k", NOW)


def test_confirming_twice_books_once(either_database: Database, clinic: Clinic, settings: Settings) -> None:
    service = BookingService(either_database, clinic, settings)
    hold = take(service, opening(service))
    shared = SharedNote(("Low back pain for 3 weeks",), NOW)
    first = service.confirm(hold.id, ANN, shared, ["blood_thinner", "blood_thinner"], "key", NOW)
    assert isinstance(first, Appointment)
    assert service.confirm(hold.id, ANN, shared, ["blood_thinner"], "key", NOW + timedelta(hours=1)) == first
    assert service.confirm(hold.id, ANN, None, [], "another-key", NOW) == first
    assert service.find("c", NOW) == [first]
    assert (first.status, first.slot_status) == (AppointmentStatus.BOOKED, SlotStatus.BUSY)
    assert (first.shared, first.flags, first.contact) == (shared, ("blood_thinner",), ANN)


def test_confirming_late_still_books_a_free_time(service: BookingService) -> None:
    hold = take(service, opening(service))
    assert isinstance(service.confirm(hold.id, ANN, None, [], "k", NOW + timedelta(minutes=30)), Appointment)


def test_confirming_late_when_somebody_was_faster(service: BookingService) -> None:
    wanted = opening(service)
    hold = take(service, wanted)
    later = NOW + timedelta(minutes=30)
    take(service, wanted, "faster", later)
    taken = service.confirm(hold.id, ANN, None, [], "k", later)
    assert isinstance(taken, Taken)
    assert len(taken.alternatives) == 3
    assert all(abs(one.start - wanted.start) < timedelta(hours=8) for one in taken.alternatives)


def test_an_overlapping_time_is_not_free(service: BookingService) -> None:
    take(service, opening(service, 2), "other")  # 9:30 to 10:15, and a buffer until 10:30
    free = [one.start.astimezone(NEW_YORK).strftime("%H:%M") for one in
            service.openings(OpeningQuery("consultation", window=DAY, limit=2), NOW)]  # fmt: skip
    assert free == ["10:30", "10:45"]


def test_moving_keeps_the_old_time_until_the_new_one_is_booked(service: BookingService) -> None:
    mine, wanted = book(service), opening(service, 8)
    other = take(service, wanted, "other")
    assert isinstance(service.reschedule(mine.id, wanted.id, NOW), Taken)
    assert service.get(mine.id) == mine
    service.release(other.id)
    moved = service.reschedule(mine.id, wanted.id, NOW)
    assert isinstance(moved, Appointment)
    assert (moved.id, moved.start, moved.sequence) == (mine.id, wanted.start, 1)
    assert service.reschedule(mine.id, wanted.id, NOW) == moved, "twice is once"
    assert opening(service).start == mine.start, "the old time is free"


def test_moving_to_the_time_of_a_hold_that_ran_out(
    either_database: Database, clinic: Clinic, settings: Settings
) -> None:
    service = BookingService(either_database, clinic, settings)
    mine, wanted = book(service), opening(service, 8)
    take(service, wanted, "other")
    moved = service.reschedule(mine.id, wanted.id, NOW + timedelta(minutes=10))
    assert isinstance(moved, Appointment)
    assert moved.start == wanted.start


def test_moving_by_a_quarter_of_an_hour_over_its_own_time(service: BookingService) -> None:
    mine = book(service)
    query = OpeningQuery("consultation", window=DAY, limit=2, moving=mine.id)
    quarter_later = service.openings(query, NOW)[1]
    moved = service.reschedule(mine.id, quarter_later.id, NOW)
    assert isinstance(moved, Appointment)
    assert moved.start == mine.start + timedelta(minutes=15)


def test_cancelling(service: BookingService) -> None:
    mine = book(service)
    cancelled = service.cancel(mine.id, "time", NOW)
    assert isinstance(cancelled, Appointment)
    assert (cancelled.status, cancelled.slot_status) == (AppointmentStatus.CANCELLED, SlotStatus.FREE)
    assert cancelled.sequence == 1
    assert service.cancel(mine.id, "again", NOW) == cancelled
    assert opening(service).start == mine.start
    with pytest.raises(NotChangeable):
        service.reschedule(mine.id, opening(service).id, NOW)


def test_what_has_begun_cannot_be_changed(service: BookingService) -> None:
    mine = book(service)
    with pytest.raises(NotChangeable):
        service.cancel(mine.id, "", mine.start)
    with pytest.raises(NotChangeable):
        service.reschedule(mine.id, opening(service, 8).id, mine.start)


def test_opening_ids_are_ours_and_only_for_real_times(service: BookingService) -> None:
    real = opening(service)
    name, _, seal = real.id.rpartition("~")
    for forged in ("", "x", real.id[:-1], f"{name}1~{seal}", real.id.replace("wendy", "mandy"), "é" * 20):
        with pytest.raises(UnknownOpening):
            service.hold(forged, "c", NOW)
    assert isinstance(service.hold(real.id, "c", real.start), Taken), "a time in the past"


def test_unknown_ids(service: BookingService) -> None:
    hold = take(service, opening(service))
    with pytest.raises(UnknownHold):
        service.extend_hold("nothing", NOW)
    for unknown in ("nothing", hold.id):
        with pytest.raises(UnknownAppointment):
            service.cancel(unknown, "", NOW)
        with pytest.raises(UnknownAppointment):
            service.get(unknown)


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        (replace(ANN, name=""), "name"),
        (replace(ANN, name="   \n\t"), "name"),
        (replace(ANN, name="12345"), "name"),
        (replace(ANN, name="A" * 200), "name"),
        (replace(ANN, phone="call me"), "phone"),
        (replace(ANN, phone="555-CALL-NOW"), "phone"),
        (replace(ANN, phone="12"), "phone"),
        (replace(ANN, phone="0" * 30), "phone"),
        (replace(ANN, email="ann"), "email"),
        (replace(ANN, email="ann@example.com\nBcc: all@example.com"), "email"),
        (Contact("Ann"), "contact"),
    ],
)
def test_a_contact_that_cannot_be_used(service: BookingService, contact: Contact, field: str) -> None:
    hold = take(service, opening(service))
    with pytest.raises(ContactProblem) as problem:
        service.confirm(hold.id, contact, None, [], "k", NOW)
    assert problem.value.field == field
    assert isinstance(service.confirm(hold.id, ANN, None, [], "k", NOW), Appointment), "nothing was lost"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Robert'); DROP TABLE appointments;--", "Robert'); DROP TABLE appointments;--"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("  Ana\u00a0 María\u202e\nO’Brien ", "Ana María O’Brien"),
        ("李小龙", "李小龙"),
    ],
)
def test_a_name_is_only_a_name(service: BookingService, name: str, kept: str) -> None:
    booked = book(service, contact=Contact(name, phone="(212) 555-0199", email=" Ann@Example.COM "))
    assert booked.contact == Contact(kept, "+12125550199", "ann@example.com")
    assert service.get(booked.id) == booked


def test_a_flag_is_an_id(service: BookingService) -> None:
    hold = take(service, opening(service))
    with pytest.raises(ValueError, match="flag"):
        service.confirm(hold.id, ANN, None, ["I take warfarin"], "k", NOW)


def test_asking_for_a_call(service: BookingService) -> None:
    request = service.request_callback(ANN, "c", "k", "please after five", NOW)
    assert service.request_callback(ANN, "c", "k", now=NOW) == request
    assert (request.kind, request.contact, request.note) == ("callback", ANN, "please after five")
