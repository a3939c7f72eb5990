"""Alive, ready, counted."""

from __future__ import annotations

import pytest

from tests.desk.conftest import Clinic, Opening


async def test_alive_without_an_assistant(sqlite_opening: Opening) -> None:
    clinic = await sqlite_opening(assistant=False)
    answer = await clinic.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_names_each_part(opening: Opening) -> None:
    clinic = await opening(assistant=False)
    answer = await clinic.http.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert (parts["desk"], parts["database"], parts["assistant"]) == ("ok", "ok", "starting")
    await clinic.start_stub()
    assert (await clinic.http.get("/readyz")).json()["parts"]["assistant"] == "ok"
    clinic.stub.ready = False
    assert (await clinic.http.get("/readyz")).json()["parts"]["assistant"] == "starting"


async def test_metrics_count_without_words(sqlite_clinic: Clinic) -> None:
    patient = await sqlite_clinic.greeted()
    await patient.reply_to("my secret back")
    answer = await sqlite_clinic.http.get("/metrics")
    assert answer.status_code == 200
    assert 'psoas_messages_received_total{channel="webchat",kind="text"} 1.0' in answer.text
    assert "psoas_inbox_waiting 0.0" in answer.text
    assert "secret" not in answer.text
    assert patient.conversation not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_metrics_are_not_for_those_a_proxy_forwards(sqlite_clinic: Clinic, header: str) -> None:
    forwarded = {header: "127.0.0.1"}
    assert (await sqlite_clinic.http.get("/metrics", headers=forwarded)).status_code == 403
    token = sqlite_clinic.settings.derived_secret("metrics")
    with_token = {**forwarded, "Authorization": f"Bearer {token}"}
    assert (await sqlite_clinic.http.get("/metrics", headers=with_token)).status_code == 200
    wrong = {**forwarded, "Authorization": f"Bearer {token}x"}
    assert (await sqlite_clinic.http.get("/metrics", headers=wrong)).status_code == 403
