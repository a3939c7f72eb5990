"""Booking, moving and cancelling by staff, and what waits for a person."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import httpx

from bot.booking.staff import StaffCalendar
from bot.booking.types import Contact
from tests.console.site import Browser, Site

ANN = {"name": "Ann Lee", "phone": "(212) 555-0199", "email": "ann@example.com"}


def times_on(page: httpx.Response) -> list[str]:
    """The openings that a page offers."""
    return re.findall(r'name="opening" value="([^"]+)"', page.text)


def booked(browser: Browser, which: int = 0, **fields: str) -> str:
    """The address of an appointment that was just booked."""
    opening = times_on(browser.get("/appointments/new", service="consultation"))[which]
    answer = browser.post("/appointments/new/save", opening=opening, service="consultation", **(fields or ANN))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/staff").partition("?")[0]


def test_a_booked_appointment_is_in_the_calendar_and_its_time_is_gone(each_site: Site) -> None:
    browser = each_site.log_in("clinician")
    before = times_on(browser.get("/appointments/new", service="consultation"))
    address = booked(browser)
    assert before[0] not in times_on(browser.get("/appointments/new", service="consultation"))
    assert address in browser.get("/calendar").text


def test_two_people_cannot_book_the_same_time(site: Site) -> None:
    ann, bob = site.log_in("clinician"), site.log_in("manager")
    opening = times_on(ann.get("/appointments/new", service="consultation"))[0]
    answers = [each.post("/appointments/new/save", opening=opening, **ANN) for each in (ann, bob)]
    assert [one.status_code for one in answers] == [303, 409]
    assert "has just been taken" in answers[1].text


def test_who_it_is_stays_hidden_until_a_reason_is_given(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    assert "Ann Lee" not in browser.get(address).text
    assert "Ann Lee" not in browser.get("/calendar").text
    assert browser.post(f"{address}/reveal", reason="x").status_code == 422
    assert browser.post(f"{address}/reveal", reason="to call about parking").status_code == 303
    assert "+12125550199" in browser.get(address).text
    assert "Ann Lee" not in site.log_in("manager").get(address).text
    site.clock.wait(timedelta(minutes=11))
    assert "Ann Lee" not in browser.get(address).text


def test_a_moved_appointment_frees_its_old_time(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    was = re.search(r"<h1>[^<]+</h1>", browser.get(address).text).group(0)
    answer = browser.post(f"{address}/move", opening=times_on(browser.get(address))[3])
    assert answer.status_code == 303
    assert was not in browser.get(address).text
    assert browser.post(f"{address}/move", opening="forged").status_code == 422


def test_a_cancelled_appointment_cannot_be_moved(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    opening = times_on(browser.get(address))[0]
    assert browser.post(f"{address}/cancel", reason="the clinic is closed").status_code == 303
    assert "cancelled" in browser.get(address).text
    assert browser.post(f"{address}/move", opening=opening).status_code == 409


def test_a_block_lists_whom_to_call(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    answer = browser.post(
        "/calendar/change", kind="block", practitioner="", start="2026-11-23T00:00", end="2026-12-23T00:00"
    )
    assert answer.status_code == 200
    assert address in answer.text
    assert "inside blocked time" in answer.text


def test_whether_the_patient_came_is_noted(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    assert browser.post(f"{address}/outcome", outcome="eaten").status_code == 422
    assert browser.post(f"{address}/outcome", outcome="arrived").status_code == 303
    assert "arrived" in browser.get(address).text


def test_an_incomplete_contact_books_nothing(site: Site) -> None:
    browser = site.log_in("clinician")
    opening = times_on(browser.get("/appointments/new", service="consultation"))[0]
    answer = browser.post("/appointments/new/save", opening=opening, name="Ann", phone="12")
    assert answer.status_code == 422
    assert "telephone number" in answer.text
    assert browser.get("/appointments/none").status_code == 404


def test_a_call_back_is_booked_with_the_contact_it_came_with(each_site: Site) -> None:
    site = each_site
    now = datetime(2026, 11, 20, 15, tzinfo=timezone.utc)
    contact = Contact("Ann Lee", "+12125550199")
    request = site.console.bookings.request_callback(contact, None, "key", "after five", now)
    browser = site.log_in("clinician")
    page = browser.get("/requests").text
    assert "Call back" in page and "Ann Lee" not in page and "after five" not in page
    assert browser.post(f"/requests/{request.id}/reveal", reason="to call them").status_code == 303
    assert "Ann Lee" in browser.get("/requests").text
    address = booked(browser, request=request.id)
    assert "Nobody waits" in browser.get("/requests").text
    appointment = site.console.bookings.get(address.rpartition("/")[2])
    assert appointment.contact is not None
    assert appointment.contact.name == "Ann Lee"


def test_a_request_that_is_dropped_is_gone_once(site: Site) -> None:
    request = site.console.bookings.request_callback(Contact("Ann Lee", "+12125550199"), None, "key")
    browser = site.log_in("manager")
    assert browser.post(f"/requests/{request.id}/close", outcome="eaten").status_code == 422
    assert browser.post(f"/requests/{request.id}/close", outcome="dropped").status_code == 303
    assert browser.post(f"/requests/{request.id}/close", outcome="dropped").status_code == 404
    assert StaffCalendar(site.console.transactions.database, site.console.clinic).requests() == []


def test_what_staff_do_with_appointments_is_in_the_audit(site: Site) -> None:
    browser = site.log_in("clinician")
    address = booked(browser)
    browser.get(address)
    browser.post(f"{address}/reveal", reason="to call about parking")
    browser.post(f"{address}/cancel")
    page = site.log_in("admin").get("/audit").text
    id = address.rpartition("/")[2]
    for action in ("book", "read", "reveal", "appointment_cancel"):
        assert action in page
    assert f"appointment:{id}" in page
    assert "Ann Lee" not in page
