"""`psoas erase`: erase what one patient wrote, everywhere, from the command line."""

from __future__ import annotations

import asyncio

import click

from bot.booking.erasure import erase_bookings
from bot.console.privacy.erasure import erase_console
from bot.desk.desk import build_desk
from bot.settings import Settings, SettingsError


@click.command()
@click.argument("conversation")
@click.confirmation_option(prompt="Erase everything that was written in this conversation? This can't be undone.")
def erase(conversation: str) -> None:
    """Erase the words, facts and Rasa events of CONVERSATION (its id). Coming appointments stay."""
    try:
        desk = build_desk(Settings.from_env(), also_erase=(erase_bookings, erase_console))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None

    async def run() -> bool:
        try:
            return await desk.eraser.by_staff(conversation)
        finally:
            await desk.close()

    desk.transactions.database.migrate()
    if not asyncio.run(run()):
        raise click.ClickException("there is no conversation with this id")
    click.echo("Erased.")
