"""The appointment pages: each address, as a browser without script would use it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.booking.service import BookingService
from bot.booking.types import Appointment, AppointmentStatus, Contact, Hold, OpeningQuery, WaitingListEntry
from bot.clinic import Clinic
from bot.desk.pages.appointments import routes
from bot.settings import Settings
from bot.store import Database
from bot.store.models.booking import AppointmentRow
from tests.booking.conftest import ANN, NOW, local

SOMEBODY = Contact("<script>alert(1)</script> Bobby'); DROP TABLE appointments;--", "+12125550177", "bob@example.com")


class Clock:
    """A clock that a test can move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(database: Database, clinic: Clinic, mail_settings: Settings) -> BookingService:
    return BookingService(database, clinic, mail_settings)


@pytest.fixture
def browser(service: BookingService, mail_settings: Settings, clock: Clock) -> TestClient:
    return TestClient(Starlette(routes=routes(service, mail_settings, clock)), base_url=mail_settings.base_url)


def book(service: BookingService, who: Contact = ANN, number: int = 0, key: str = "k") -> Appointment:
    window = local(2026, 12, 1), local(2026, 12, 2)
    opening = service.openings(OpeningQuery("consultation", window=window, limit=None), NOW)[number]
    hold = service.hold(opening.id, f"c-{key}", NOW)
    assert isinstance(hold, Hold)
    booked = service.confirm(hold.id, who, None, ["blood_thinner", "pregnancy"], key, NOW)
    assert isinstance(booked, Appointment)
    return booked


def path_of(service: BookingService, appointment: Appointment) -> str:
    return service.manage_link(appointment).removeprefix("http://localhost:8000")


def form_token(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]


def offered(page: str) -> list[str]:
    return re.findall(r'name="opening" value="([^"]+)"', page)


def test_the_page_shows_time_and_place_and_no_health_data(browser: TestClient, service: BookingService) -> None:
    appointment = book(service, replace(ANN, time_zone="America/Los_Angeles"))
    answer = browser.get(path_of(service, appointment))
    assert answer.status_code == 200
    assert "Tuesday, December 1, 2026, 9:00 am EST" in answer.text
    assert "Tuesday, December 1, 2026, 6:00 am PST" in answer.text
    assert "100 Example Street" in answer.text
    for private in ("Ann", "ann@example", "0199", "blood", "pregnan", "consultation", "c-k"):
        assert private.lower() not in answer.text.lower()


def test_headers_are_strict(browser: TestClient, service: BookingService) -> None:
    headers = browser.get(path_of(service, book(service))).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "script" not in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "noindex" in headers["x-robots-tag"]


def test_no_script_and_no_inline_style(browser: TestClient, service: BookingService) -> None:
    path = path_of(service, book(service))
    for page in (path, f"{path}/move", f"{path}/cancel"):
        text = browser.get(page).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text)
    assert browser.get("/appointments/style.css").headers["content-type"].startswith("text/css")


def test_move_and_see_the_new_time(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    page = browser.get(f"{path}/move?from=2026-12-02").text
    opening = service.opening(offered(page)[0])
    answer = browser.post(f"{path}/move", data={"form": form_token(page), "opening": opening.id})
    assert answer.status_code == 200
    assert "Your appointment has moved" in answer.text
    assert "Wednesday, December 2, 2026, 9:00 am EST" in answer.text
    moved = service.get(appointment.id)
    assert (moved.start, moved.sequence) == (opening.start, 1)


def test_the_page_opens_where_there_are_free_times(browser: TestClient, service: BookingService, clock: Clock) -> None:
    path = path_of(service, book(service))
    clock.now = local(2026, 11, 25, 20)  # Thanksgiving and a short Friday follow
    page = browser.get(f"{path}/move").text
    assert "Friday, November 27" in page
    assert "Thursday, November 26" not in page


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-13-45", "0001-01-01", "9999-12-31", "'--"])
def test_a_nonsense_day_does_no_harm(browser: TestClient, service: BookingService, day: str) -> None:
    assert browser.get(f"{path_of(service, book(service))}/move", params={"from": day}).status_code == 200


def test_moving_to_a_time_that_is_gone_offers_others(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    page = browser.get(f"{path}/move?from=2026-12-02").text
    wanted = offered(page)[0]
    assert isinstance(service.hold(wanted, "somebody-else", NOW), Hold)
    answer = browser.post(f"{path}/move", data={"form": form_token(page), "opening": wanted})
    assert answer.status_code == 409
    assert "Somebody has just taken that time" in answer.text
    assert len(offered(answer.text)) == 3
    assert service.get(appointment.id) == appointment


def test_pressing_move_twice_moves_once(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    page = browser.get(f"{path}/move?from=2026-12-02").text
    form = {"form": form_token(page), "opening": offered(page)[2]}
    browser.post(f"{path}/move", data=form)
    again = browser.post(f"{path}/move", data=form)
    assert "You already have this time" in again.text
    assert service.get(appointment.id).sequence == 1


def test_no_time_chosen(browser: TestClient, service: BookingService) -> None:
    path = path_of(service, book(service))
    page = browser.get(f"{path}/move").text
    answer = browser.post(f"{path}/move", data={"form": form_token(page)})
    assert answer.status_code == 422
    assert "Please choose one of the times" in answer.text


def test_cancel(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    assert browser.get(f"{path}/cancel").status_code == 200
    assert service.get(appointment.id).status is AppointmentStatus.BOOKED, "looking changes nothing"
    form = {"form": form_token(browser.get(f"{path}/cancel").text), "reason": "time"}
    answer = browser.post(f"{path}/cancel", data=form)
    assert "Your appointment is cancelled" in answer.text
    assert service.get(appointment.id).reason == "time"
    again = browser.post(f"{path}/cancel", data=form)
    assert "There is nothing more to do" in again.text
    assert "form" not in browser.get(path).text.split("<main")[1].split("</main>")[0]
    assert browser.get(f"{path}/move").status_code == 409


def test_a_reason_is_one_of_ours(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    form = {"form": form_token(browser.get(f"{path}/cancel").text), "reason": "<b>my back hurts</b>"}
    browser.post(f"{path}/cancel", data=form)
    assert service.get(appointment.id).reason is None


def test_the_calendar_file(browser: TestClient, service: BookingService) -> None:
    appointment = book(service)
    answer = browser.get(f"{path_of(service, appointment)}/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert "attachment" in answer.headers["content-disposition"]
    event = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert event.decoded("dtstart") == appointment.start


@pytest.mark.parametrize("part", ["", "/move", "/cancel", "/calendar.ics"])
def test_links_that_were_not_made_here(browser: TestClient, service: BookingService, part: str) -> None:
    path = path_of(service, book(service))
    token = path.rpartition("/")[2]
    other = path_of(service, book(service, SOMEBODY, 5, "k2")).rpartition("/")[2]
    tampered = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:-6],
        token + "x",
        other.split(".")[0] + "." + token.split(".")[1],
        token.split(".")[0],
        "x",
        "..%2f..%2fetc",
        "%00",
        "1' OR '1'='1",
        "a" * 3000,
    ]
    for bad in tampered:
        answer = browser.get(f"/appointments/{bad}{part}")
        assert answer.status_code == 404, bad
        assert "December" not in answer.text
    assert "This link does not work" in browser.get(f"/appointments/x.y{part}").text


def test_a_link_ends_a_day_after_the_visit(browser: TestClient, service: BookingService, clock: Clock) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    clock.now = appointment.end + timedelta(hours=1)
    assert "This appointment is over" in browser.get(path).text
    assert browser.get(f"{path}/cancel").status_code == 409
    clock.now = appointment.end + timedelta(days=1, seconds=1)
    answer = browser.get(path)
    assert answer.status_code == 403
    assert "This link has ended" in answer.text
    assert "December" not in answer.text


def test_a_form_from_elsewhere_changes_nothing(browser: TestClient, service: BookingService) -> None:
    mine, other = book(service), book(service, SOMEBODY, 5, "k2")
    path = path_of(service, mine)
    others_form = form_token(browser.get(f"{path_of(service, other)}/cancel").text)
    for form in ({}, {"form": ""}, {"form": "forged"}, {"form": others_form}, {"form": path.rpartition("/")[2]}):
        answer = browser.post(f"{path}/cancel", data=form)
        assert answer.status_code == 403
        assert "Nothing has changed" in answer.text
    assert service.get(mine.id) == mine


@pytest.mark.parametrize("opening", ["x", "consultation~wendy~29924160~AAAAAAAAAAAAAAAA", "<b>", "a" * 5000])
def test_an_opening_that_was_not_made_here(browser: TestClient, service: BookingService, opening: str) -> None:
    appointment = book(service)
    path = path_of(service, appointment)
    form = {"form": form_token(browser.get(f"{path}/move").text), "opening": opening}
    assert browser.post(f"{path}/move", data=form).status_code == 403
    assert service.get(appointment.id) == appointment


def test_a_name_with_html_and_sql_is_only_a_name(browser: TestClient, service: BookingService) -> None:
    appointment = book(service, SOMEBODY)
    assert appointment.contact is not None
    assert appointment.contact.name == SOMEBODY.name
    assert "<script>alert" not in browser.get(path_of(service, appointment)).text
    assert service.get(appointment.id) == appointment


def test_waiting_for_an_earlier_time_and_taking_it(
    browser: TestClient, service: BookingService, database: Database
) -> None:
    early, late = book(service), book(service, replace(ANN, email="late@example.com"), 8, "k2")
    path = path_of(service, late)
    page = browser.get(f"{path}/move").text
    assert "We will write to you" in browser.post(f"{path}/wait", data={"form": form_token(page)}).text
    service.cancel(early.id, "", NOW)
    offer_path = _offer_path(service, database)
    page = browser.get(offer_path).text
    assert "Tuesday, December 1, 2026, 9:00 am EST" in page
    assert service.get(late.id) == late, "looking moves nothing"
    answer = browser.post(offer_path, data={"form": form_token(page), "answer": "accept"})
    assert answer.status_code == 200
    assert "Tuesday, December 1, 2026, 9:00 am EST" in answer.text
    assert service.get(late.id).start == early.start
    assert browser.get(offer_path).status_code == 410


def test_turning_an_offer_down(browser: TestClient, service: BookingService, database: Database) -> None:
    early = book(service)
    entry = WaitingListEntry("consultation", replace(ANN, email="w@example.com"), "c-w")
    service.join_waiting_list(entry, "w", NOW)
    service.cancel(early.id, "", NOW)
    path = _offer_path(service, database)
    form = {"form": form_token(browser.get(path).text), "answer": "decline"}
    assert "You stay on the waiting list" in browser.post(path, data=form).text
    assert browser.post(path, data=form).status_code == 410
    window = early.start, early.end
    free = service.openings(OpeningQuery("consultation", window=window), NOW)
    assert free[0].start == early.start


def _offer_path(service: BookingService, database: Database) -> str:
    """Where the offer's e-mail leads."""
    with database.reading() as session:
        hold = session.scalars(select(AppointmentRow).where(AppointmentRow.waiting_request_id.is_not(None))).one()
    return service.offer_link(hold.id).removeprefix("http://localhost:8000")
