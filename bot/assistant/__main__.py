"""Starts the assistant: Rasa's server with our settings, on loopback."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import click

from bot.assistant.without_tensorflow import leave_out_tensorflow
from bot.private_logs import configure_logging
from bot.settings import Settings, SettingsError
from bot.store import Database

LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="A trained model, or a folder; default: the newest one.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; private networks only.")
@click.option("--actions-url", help="Address of the action server; default: the one on this machine.")
def main(model: Path | None, host: str, actions_url: str | None) -> None:
    """Serve the trained assistant to the desk."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    path = model or settings.data_dir / "models"
    if not path.is_file() and not any(path.glob("*.tar.gz")):
        raise click.ClickException(f"there is no trained model in {path}: run `make train` first")
    configure_logging()
    Database(settings.database_url).migrate()
    _serve(settings, path, host, actions_url or f"http://{LOOPBACK}:{settings.actions_port}")


def _serve(settings: Settings, model: Path, host: str, actions_url: str) -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    leave_out_tensorflow()
    # Rasa is imported late: the settings must be right first, and TensorFlow must be out of the way.
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from bot.assistant.shortcuts import copy_slots_quickly, trust_the_endpoint

    _silence_structlog()
    trust_the_endpoint()
    copy_slots_quickly()
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.action.url = f"{actions_url.rstrip('/')}/webhook"
    without_model = False

    async def look_at_the_model(app: Any, _loop: Any) -> None:
        """Without a model, Rasa would go on serving nothing: better to end, and be started again."""
        nonlocal without_model
        if not app.ctx.agent.is_ready():
            without_model = True
            app.stop()
        # What is loaded now stays: the collector need not look through all of it in the middle of a turn.
        gc.collect()
        gc.freeze()

    serve_application(
        str(model),
        interface=host,
        port=settings.assistant_port,
        credentials="credentials.yml",
        auth_token=settings.assistant_secret,
        endpoints=endpoints,
        server_listeners=[(look_at_the_model, "after_server_start")],
    )
    if without_model:
        sys.exit("the model could not be loaded: see the line above, or train it again with `make train`")


def _silence_structlog() -> None:
    """Rasa's structured records carry what patients write in their fields: only the name of the event is kept."""
    import structlog

    structlog.configure(
        processors=[_only_event],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _only_event(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> str:
    return str(record.get("event", ""))


if __name__ == "__main__":
    sys.exit(main())
