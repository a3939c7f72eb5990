"""Cal.com as the booking system: what is booked there, and what happens when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.booking.providers import ProviderDown
from bot.booking.providers.calcom import CalcomProvider
from bot.booking.service import BookingService
from bot.booking.staff import StaffCalendar
from bot.booking.tokens import OpeningName
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    Contact,
    Hold,
    Opening,
    OpeningQuery,
    RequestedInstead,
    Taken,
    UnknownHold,
)
from bot.clinic import Clinic
from bot.settings import CalcomSettings, Settings, SettingsError
from bot.store import Database
from tests.booking.calcom_server import TOKEN, FakeCalcom, Running
from tests.booking.conftest import ANN, NOW, local

PORT = 5472
DAY = local(2026, 12, 1), local(2026, 12, 2)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = Running(PORT)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def calcom(running: Running) -> FakeCalcom:
    running.calcom.__init__()  # type: ignore[misc]  # the same object, as new
    return running.calcom


@pytest.fixture
def provider(running: Running, calcom: FakeCalcom) -> Iterator[CalcomProvider]:
    settings = CalcomSettings(running.url, TOKEN, {"consultation": 11, "class_iv_laser@wendy": 12})
    provider = CalcomProvider(settings, "America/New_York")
    yield provider
    provider.close()


@pytest.fixture
def service(database: Database, clinic: Clinic, settings: Settings, provider: CalcomProvider) -> BookingService:
    return BookingService(database, clinic, settings, provider)


def first(service: BookingService, number: int = 0) -> Opening:
    return service.openings(OpeningQuery("consultation", window=DAY, limit=None), NOW)[number]


def hold_first(service: BookingService, number: int = 0) -> Hold:
    hold = service.hold(first(service, number).id, f"c{number}", NOW)
    assert isinstance(hold, Hold)
    return hold


def book(service: BookingService, key: str = "k") -> Appointment:
    booked = service.confirm(hold_first(service).id, ANN, None, ["blood_thinner"], key, NOW)
    assert isinstance(booked, Appointment)
    return booked


def test_only_times_that_both_have_free(service: BookingService, calcom: FakeCalcom) -> None:
    calcom.busy = {local(2026, 12, 1, 9), local(2026, 12, 1, 9, 15)}
    assert first(service).start == local(2026, 12, 1, 9, 30)
    assert not first(service).needs_staff


def test_a_service_without_an_event_type_is_not_offered(service: BookingService) -> None:
    assert service.openings(OpeningQuery("deep_tissue_massage", window=DAY), NOW) == []
    assert service.openings(OpeningQuery("class_iv_laser", window=DAY), NOW) != []


def test_book_move_and_cancel_there_too(service: BookingService, calcom: FakeCalcom) -> None:
    hold = hold_first(service)
    assert list(calcom.reservations.values()) == [hold.opening.start]
    booked = service.confirm(hold.id, ANN, None, ["blood_thinner"], "k", NOW)
    assert isinstance(booked, Appointment)
    assert calcom.reservations == {}
    (there,) = calcom.bookings.values()
    assert there["status"] == "accepted"
    sent = next(body for method, path, body in calcom.seen if (method, path) == ("POST", "/v2/bookings"))
    assert sent["attendee"] == {
        "name": "Ann Lee",
        "email": "ann@example.com",
        "phoneNumber": "+12125550199",
        "timeZone": "America/New_York",
    }
    assert "blood" not in str(sent), "no health data leaves the clinic"

    later = first(service, 8)
    moved = service.reschedule(booked.id, later.id, NOW)
    assert isinstance(moved, Appointment)
    assert [one["status"] for one in calcom.bookings.values()] == ["cancelled", "accepted"]

    cancelled = service.cancel(booked.id, "time", NOW)
    assert isinstance(cancelled, Appointment)
    assert {one["status"] for one in calcom.bookings.values()} == {"cancelled"}


def test_a_hold_that_is_given_back_is_given_back_there(service: BookingService, calcom: FakeCalcom) -> None:
    service.release(hold_first(service).id)
    assert calcom.reservations == {}


def test_a_time_taken_there_meanwhile(service: BookingService, calcom: FakeCalcom) -> None:
    opening = first(service)
    calcom.reservations["other"] = opening.start
    taken = service.hold(opening.id, "c", NOW)
    assert isinstance(taken, Taken)
    assert taken.alternatives

    hold = hold_first(service, 3)
    calcom.busy.add(hold.opening.start)
    taken = service.confirm(hold.id, ANN, None, [], "k", NOW)
    assert isinstance(taken, Taken)
    assert service.find("c3", NOW) == []


def test_the_same_confirmation_after_a_lost_answer_books_once(service: BookingService, calcom: FakeCalcom) -> None:
    provider_hold = hold_first(service)
    name = service._names.read(provider_hold.opening.id)
    calcom.fault = "forget_answer"
    with pytest.raises(ProviderDown):
        service._provider.book(name, ANN, "k", None)
    calcom.fault = None
    booked = service.confirm(provider_hold.id, ANN, None, [], "k", NOW)
    assert isinstance(booked, Appointment)
    assert len(calcom.bookings) == 1


def test_a_time_that_is_lost_here_is_given_back_there(
    service: BookingService, calcom: FakeCalcom, provider: CalcomProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = hold_first(service)
    book_there = provider.book

    def book_and_lose(name: OpeningName, contact: Contact, key: str, reservation: str | None) -> str | None:
        reference = book_there(name, contact, key, reservation)
        service.release(hold.id)
        return reference

    monkeypatch.setattr(provider, "book", book_and_lose)
    with pytest.raises(UnknownHold):
        service.confirm(hold.id, ANN, None, [], "k", NOW)
    assert {one["status"] for one in calcom.bookings.values()} == {"cancelled"}


def test_a_move_that_is_lost_here_is_put_back_there(
    service: BookingService,
    calcom: FakeCalcom,
    provider: CalcomProvider,
    database: Database,
    clinic: Clinic,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booked, later = book(service), first(service, 8)
    move_there = provider.move

    def move_and_lose(reference: str, name: OpeningName) -> str | None:
        moved = move_there(reference, name)
        monkeypatch.setattr(provider, "move", move_there)
        StaffCalendar(database, clinic).block_time(later.start, later.end, "wendy", now=NOW)
        return moved

    monkeypatch.setattr(provider, "move", move_and_lose)
    assert isinstance(service.reschedule(booked.id, later.id, NOW), Taken)
    assert service.get(booked.id) == booked
    (there,) = [one for one in calcom.bookings.values() if one["status"] == "accepted"]
    assert there["start"].startswith("2026-12-01T14:00")
    assert isinstance(service.cancel(booked.id, "", NOW), Appointment)
    assert {one["status"] for one in calcom.bookings.values()} == {"cancelled"}


@pytest.mark.parametrize("fault", ["down", "garbage"])
def test_an_outage_becomes_a_request_that_staff_confirm(
    service: BookingService, calcom: FakeCalcom, database: Database, clinic: Clinic, fault: str
) -> None:
    calcom.fault = fault
    opening = first(service)
    assert opening.needs_staff
    hold = service.hold(opening.id, "c", NOW)
    assert isinstance(hold, Hold)
    assert hold.opening.needs_staff
    result = service.confirm(hold.id, ANN, None, ["pregnancy"], "k", NOW)
    assert isinstance(result, RequestedInstead)
    assert service.confirm(hold.id, ANN, None, ["pregnancy"], "k", NOW) == result, "asked once"
    staff = StaffCalendar(database, clinic)
    (request,) = staff.requests()
    assert request == result.request
    assert (request.kind, request.status) == ("confirm", AppointmentStatus.PROPOSED)
    assert (request.start, request.contact, request.flags) == (opening.start, ANN, ("pregnancy",))
    assert service.find("c", NOW) == []
    staff.close_request(request.id, "booked", NOW)
    assert staff.requests() == []


def test_an_outage_while_moving_or_cancelling_keeps_the_appointment(
    service: BookingService, calcom: FakeCalcom, database: Database, clinic: Clinic
) -> None:
    booked = book(service)
    later = first(service, 8)
    calcom.fault = "down"
    moved = service.reschedule(booked.id, later.id, NOW)
    assert isinstance(moved, RequestedInstead)
    assert (moved.request.kind, moved.request.start) == ("move", later.start)
    cancelled = service.cancel(booked.id, "", NOW)
    assert isinstance(cancelled, RequestedInstead)
    assert service.get(booked.id) == booked
    assert {one.kind for one in StaffCalendar(database, clinic).requests()} == {"move", "cancel"}


def test_a_wrong_key_is_an_outage(running: Running, calcom: FakeCalcom, provider: CalcomProvider) -> None:
    wrong = CalcomProvider(CalcomSettings(running.url, "wrong", {"consultation": 11}), "America/New_York")
    with pytest.raises(ProviderDown, match="401"):
        wrong.free_starts("consultation", ["wendy"], (29924160, 29925600))
    wrong.close()


def test_nobody_listens(clinic: Clinic) -> None:
    nowhere = CalcomProvider(CalcomSettings("http://127.0.0.1:5479", TOKEN, {"consultation": 11}), "America/New_York")
    with pytest.raises(ProviderDown):
        nowhere.free_starts("consultation", ["wendy"], (29924160, 29925600))
    nowhere.close()


def test_a_phone_number_is_enough(service: BookingService, calcom: FakeCalcom) -> None:
    contact = Contact("Bo", phone="+12125550177")
    assert isinstance(service.confirm(hold_first(service).id, contact, None, [], "k", NOW), Appointment)
    assert service.find("c0", NOW)[0].contact == replace(contact, time_zone=None)


def test_settings(tmp_path: object) -> None:
    env = {"PSOAS_DATA_DIR": str(tmp_path), "PSOAS_CALCOM_URL": "https://api.cal.com/", "PSOAS_CALCOM_TOKEN": "t"}
    with pytest.raises(SettingsError, match="PSOAS_CALCOM_EVENT_TYPES"):
        Settings.from_env(env)
    with pytest.raises(SettingsError, match="pairs"):
        Settings.from_env({**env, "PSOAS_CALCOM_EVENT_TYPES": "consultation:12"})
    calcom = Settings.from_env({**env, "PSOAS_CALCOM_EVENT_TYPES": "consultation=12, laser@wendy=34"}).calcom
    assert calcom == CalcomSettings("https://api.cal.com", "t", {"consultation": 12, "laser@wendy": 34})
