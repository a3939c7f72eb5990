"""Headers, origins and logs."""

from __future__ import annotations

import pytest
import structlog

from bot.desk.security import area_of
from tests.desk.conftest import Clinic

OURS, THEIRS = "https://clinic.example", "https://evil.example"


@pytest.mark.parametrize("path", ["/", "/healthz", "/chat/messages", "/nothing", "/widget.js"])
async def test_every_answer_has_the_security_headers(sqlite_clinic: Clinic, path: str) -> None:
    headers = (await sqlite_clinic.http.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


async def test_chat_answers_are_never_kept_in_a_cache(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    answer = await sqlite_clinic.http.get("/chat/messages", headers=patient.headers)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_clinics_own_site_may_call(sqlite_clinic: Clinic) -> None:
    answer = await sqlite_clinic.http.post("/chat/sessions", json={}, headers={"Origin": OURS})
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "access-control-allow-credentials" not in answer.headers


async def test_another_site_may_not(sqlite_clinic: Clinic) -> None:
    answer = await sqlite_clinic.http.post("/chat/sessions", json={}, headers={"Origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"), [(OURS, 200), (THEIRS, 400), ("null", 400), (OURS + ".evil.example", 400)]
)
async def test_preflight(sqlite_clinic: Clinic, origin: str, status: int) -> None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await sqlite_clinic.http.options("/chat/messages", headers=headers)
    assert answer.status_code == status
    assert ("access-control-allow-origin" in answer.headers) == (status == 200)


async def test_errors_of_allowed_sites_can_be_read_there(sqlite_clinic: Clinic) -> None:
    answer = await sqlite_clinic.http.post(
        "/chat/messages", content=b"x" * 100_000, headers={"Origin": OURS, "Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.headers["access-control-allow-origin"] == OURS


async def test_logs_hold_no_words_no_tokens_no_ids_and_no_queries(sqlite_clinic: Clinic) -> None:
    with structlog.testing.capture_logs() as logs:
        patient = await sqlite_clinic.greeted()
        sqlite_clinic.stub.scripts.clear()
        await patient.reply_to("my secret pain")
        await patient.post({"id": "secret", "text": "my secret pain"})
        await sqlite_clinic.http.get("/chat/messages?after=0&token=secret", headers=patient.headers)
        await sqlite_clinic.http.get("/appointments/secret-link-of-a-person")
    written = str(logs)
    assert "/chat" in written
    for private in ("secret", patient.conversation, patient.token, "after="):
        assert private not in written


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/", "/"),
        ("/chat/messages", "/chat"),
        ("/plan/token", "/plan"),
        ("/token-at-the-top", "other"),
        ("//x", "other"),
    ],
)
def test_an_area_names_nobody(path: str, area: str) -> None:
    assert area_of(path) == area
