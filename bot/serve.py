"""Runs the desk: `python -m bot.serve`. The one place that knows every room of it."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.desk import logs
from bot.desk.app import create_app
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


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure()
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(settings)
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
