"""`psoas retention run`: the retention rules from the command line."""

from __future__ import annotations

import asyncio
import getpass

import click

from bot.clinic import load_clinic
from bot.console.privacy.retention import CATEGORIES, Keeper
from bot.settings import Settings, SettingsError
from bot.store import Database, Transactions


@click.group()
def retention() -> None:
    """Erase what was kept long enough (the days are in the clinic's file, under privacy)."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only show how much would be erased.")
def run(dry_run: bool) -> None:
    """Erase what is due in each category. The desk also does this once a day."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    rules = load_clinic(settings.clinic_file).retention
    database = Database(settings.database_url)
    database.migrate()
    transactions = Transactions(database)
    keeper = Keeper(transactions, rules)
    try:
        counts = asyncio.run(keeper.preview() if dry_run else keeper.run_once(by=f"command line: {getpass.getuser()}"))
    finally:
        transactions.close()
        database.dispose()
    for category in CATEGORIES:
        days = getattr(rules, category)
        click.echo(f"{category:>14}: {counts[category]:>7}  {'would be' if dry_run else 'were'} erased ({days} days)")
    if dry_run:
        click.echo(f"{'legal holds':>14}: {counts['held']:>7}  are kept")
