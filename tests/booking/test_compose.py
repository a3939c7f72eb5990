"""Booking as a part of the running desk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.booking.compose import booking_service
from bot.booking.types import Appointment, Hold, OpeningQuery
from bot.clinic import Clinic
from bot.serve import build_app
from bot.settings import CalcomSettings, Settings, SettingsError
from bot.store import Database
from tests.booking.conftest import ANN, CLINIC_FILE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"PSOAS_DATA_DIR": str(tmp_path), "PSOAS_CLINIC": str(CLINIC_FILE)})


def test_the_desk_serves_the_pages_for_what_was_booked_elsewhere(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    # As the action server does: a process of its own, with the same settings.
    service = booking_service(database, clinic, settings)
    hold = service.hold(service.openings(OpeningQuery("consultation"))[0].id, "c")
    assert isinstance(hold, Hold)
    booked = service.confirm(hold.id, ANN, None, [], "k")
    assert isinstance(booked, Appointment)
    with TestClient(build_app(settings), base_url=settings.base_url) as browser:
        answer = browser.get(service.manage_link(booked))
        assert answer.status_code == 200
        assert booked.reference in answer.text
        assert "script-src" not in answer.headers["content-security-policy"]
        assert browser.get("/appointments/style.css").status_code == 200


def test_with_cal_com_its_times_decide(database: Database, clinic: Clinic, settings: Settings) -> None:
    away = CalcomSettings("http://127.0.0.1:5479", "key", {"consultation": 1})
    service = booking_service(database, clinic, replace(settings, calcom=away))
    assert service.openings(OpeningQuery("consultation"))[0].needs_staff
    assert not booking_service(database, clinic, settings).openings(OpeningQuery("consultation"))[0].needs_staff


def test_a_wrong_mail_address_is_told_at_the_start(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="PSOAS_SMTP_URL"):
        build_app(replace(settings, smtp_url="mail.example.com"))
