"""Alerts: on the page, by e-mail and webhook, taken by one person, escalated when nobody takes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from sqlalchemy import update

from bot.console.alerts.board import AlertBoard
from bot.desk.turns import raise_alert
from bot.settings import AlertSettings, Settings, SettingsError
from bot.store.models import Alert
from tests.console.records import conversation, talk
from tests.console.site import Site
from tests.desk.conftest import free_port

WORDS = "I can't feel my saddle area and I wet myself"


class Post:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = False

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        if self.refuse:
            return "451 try again later"
        letter = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    yield post, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[Any], str]]:
    """A pager's address, and what it was called with."""
    calls: list[Any] = []

    class Pager(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Pager)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield calls, f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def board_of(site: Site) -> AlertBoard:
    """The board that the console's pages look at."""
    board = site.console.templates.globals["alerts"]
    assert isinstance(board, AlertBoard)
    return board


def alarm(site: Site, name: str = "one", kind: str = "emergency") -> None:
    """An alert as the desk raises it, at the time of the test's clock."""
    with site.console.transactions.database.session() as session:
        row = conversation(session, name, created_at=site.clock.now)
        said = talk(session, row, ("patient", WORDS, {}))
        raise_alert(session, name, said[0].id, kind)


def at_clock(site: Site) -> None:
    """Let all alerts begin now, by the test's clock."""
    with site.console.transactions.database.session() as session:
        session.execute(update(Alert).values(at=site.clock.now))


async def test_the_banner_stands_on_every_page_until_somebody_takes_it(each_site: Site) -> None:
    site = each_site
    ann, bob = site.log_in("clinician"), site.log_in("manager")
    alarm(site)
    await board_of(site).look()
    for path in ("/queue", "/calendar", "/me/password"):
        assert 'class="alarm"' in ann.get(path).text, path
    page = ann.get("/alerts").text
    assert "Emergency" in page and WORDS not in page
    assert ann.post("/alerts/1/take").status_code == 303
    assert 'class="alarm"' not in ann.get("/queue").text
    late = bob.post("/alerts/1/take")
    assert late.status_code == 409
    assert "a-clinician has it in hand already" in late.text


async def test_an_alert_rings_once_on_the_pages_that_are_open(site: Site) -> None:
    board = board_of(site)
    with board.subscribe() as bell:
        alarm(site)
        await board.look()
        assert await bell.wait(0)
        await board.look()
        assert not await bell.wait(0)


async def test_those_who_do_not_answer_alerts_see_no_banner(site: Site) -> None:
    reviewer = site.log_in("reviewer")
    alarm(site)
    await board_of(site).look()
    assert 'class="alarm"' not in reviewer.get("/queue").text


async def test_an_alert_can_be_handed_on_to_who_may_answer(site: Site) -> None:
    ann = site.log_in("clinician")
    site.hire("bob", "manager")
    site.hire("rae", "reviewer")
    alarm(site)
    assert ann.post("/alerts/1/give", to="bob").status_code == 422
    ann.post("/alerts/1/take")
    assert ann.post("/alerts/1/give", to="rae").status_code == 422
    assert ann.post("/alerts/1/give", to="bob").status_code == 303
    assert ann.post("/alerts/9/take").status_code == 404


async def test_an_alert_nobody_takes_is_escalated_once(each_site: Site, post: tuple[Post, str]) -> None:
    site, (box, address) = each_site, post
    site.hire("ann", "clinician")
    site.hire("bob", "manager")
    board = replace(board_of(site), settings=replace(site.console.settings, smtp_url=address))
    alarm(site)
    at_clock(site)
    assert await board.send() == 1
    assert box.letters[0]["To"] == "ann@clinic.example, bob@clinic.example"
    site.clock.wait(timedelta(minutes=9))
    assert await board.send() == 0
    site.clock.wait(timedelta(minutes=2))
    assert await board.send() == 1
    assert await board.send() == 0
    assert box.letters[1]["To"] == "bob@clinic.example"
    assert "Nobody" in box.letters[1]["Subject"]


async def test_an_alert_that_was_taken_is_not_escalated(site: Site, post: tuple[Post, str]) -> None:
    box, address = post
    ann = site.log_in("clinician")
    board = replace(board_of(site), settings=replace(site.console.settings, smtp_url=address))
    alarm(site)
    at_clock(site)
    assert await board.send() == 1
    ann.post("/alerts/1/take")
    site.clock.wait(timedelta(minutes=30))
    assert await board.send() == 0
    assert len(box.letters) == 1


async def test_letters_and_calls_tell_nothing_of_the_patient(
    site: Site, post: tuple[Post, str], hook: tuple[list[Any], str]
) -> None:
    (box, address), (calls, webhook) = post, hook
    settings = replace(
        site.console.settings, smtp_url=address, alerts=AlertSettings(emails=("desk@clinic.example",), webhook=webhook)
    )
    board = replace(board_of(site), settings=settings)
    alarm(site, kind="crisis")
    at_clock(site)
    assert await board.send() == 2
    everything = f"{box.letters[0].as_string()} {json.dumps(calls)}".lower()
    for word in ("crisis", "emergency", "saddle", "wet myself", "one/", "conversations/"):
        assert word not in everything
    assert "/staff/alerts#alert-1" in everything
    assert set(calls[0]) == {"alert", "stage", "at", "link"}


async def test_a_letter_that_was_refused_is_tried_again(site: Site, post: tuple[Post, str]) -> None:
    box, address = post
    site.hire("ann", "clinician")
    board = replace(board_of(site), settings=replace(site.console.settings, smtp_url=address))
    box.refuse = True
    alarm(site)
    at_clock(site)
    assert await board.send() == 0
    box.refuse = False
    assert await board.send() == 0
    site.clock.wait(timedelta(seconds=11))
    assert await board.send() == 1


@pytest.mark.parametrize(
    "env", [{"PSOAS_ALERT_ESCALATE_MINUTES": "soon"}, {"PSOAS_ALERT_WEBHOOK": "pager.example"}], ids=str
)
def test_wrong_settings_are_named(env: dict[str, str], tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match=next(iter(env))):
        Settings.from_env({"PSOAS_DATA_DIR": str(tmp_path), **env})
