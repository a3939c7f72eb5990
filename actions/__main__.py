"""Starts the action server on loopback, with nothing of what patients write in its log."""

from __future__ import annotations

import gc
import os
import sys

import click

from bot.private_logs import configure_logging
from bot.settings import Settings, SettingsError

LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; private networks only.")
def main(host: str) -> None:
    """Serve the actions to the assistant."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    # thinc imports TensorFlow wherever it is installed: 360 MB and seven seconds that no action needs.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # Python's own way to say: not importable
    os.environ["SANIC_HOST"] = host
    configure_logging()
    # Imported late, because it imports every action, and with them spaCy.
    from rasa_sdk.endpoint import run

    from actions.content import content

    content()
    # What is loaded now stays: the collector need not look through all of it in the middle of a turn.
    gc.collect()
    gc.freeze()
    run("actions", settings.actions_port)


if __name__ == "__main__":
    main()
