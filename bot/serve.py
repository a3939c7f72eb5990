"""Runs the desk: `python -m bot.serve`. The one place that knows every room of it."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.booking.compose import booking_service
from bot.booking.erasure import erase_bookings
from bot.booking.mailer import Mailer
from bot.console.app import create_console
from bot.console.knowing.refresh import Refresher
from bot.console.privacy.erasure import erase_console
from bot.console.privacy.retention import Keeper
from bot.console.screens import Console
from bot.desk import logs
from bot.desk.app import create_app
from bot.desk.desk import build_desk
from bot.desk.pages import appointments
from bot.settings import Settings, SettingsError

SHUTDOWN_SECONDS = 5
# The thread that writes to the database and the one that answers share one interpreter. With the usual 5 ms an
# answer would wait that long for each slice of the writer's work.
SWITCH_SECONDS = 0.0005


class _Server(uvicorn.Server):
    """Ends the open event streams as soon as the server is told to stop, so that it need not wait for them."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._app.state.desk.events.close()
        super().handle_exit(sig, frame)


def build_app(settings: Settings) -> Starlette:
    """The desk with all its rooms."""
    desk = build_desk(settings, also_erase=(erase_bookings, erase_console))
    database = desk.transactions.database
    bookings = booking_service(database, desk.clinic, settings)
    desk.also_run.append(Mailer(database, bookings, settings).run)
    desk.also_run.append(Refresher(desk.transactions, desk.clinic.zone).run)
    desk.also_run.append(Keeper(desk.transactions, desk.clinic.retention).run)
    console = Console(desk, bookings, settings)
    rooms = (lambda _desk: appointments.routes(bookings, settings), lambda _desk: create_console(console))
    return create_app(settings, rooms, desk=desk)


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = Settings.from_env()
        logs.configure()
        app = build_app(settings)
    except SettingsError as error:
        sys.exit(str(error))
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        app,
        host="0.0.0.0",  # noqa: S104 - the desk is the process that patients reach
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        backlog=4096,
    )
    _Server(config, app).run()


if __name__ == "__main__":
    main()
