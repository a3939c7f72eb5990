"""`psoas staff`: accounts from the command line, where the first admin comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import accounts
from bot.console.accounts import AccountProblem
from bot.console.audit import Audit
from bot.console.roles import ROLES
from bot.settings import Settings, SettingsError
from bot.store import Database
from bot.store.models.staff import StaffAccount

COMMAND_LINE = "command line"


@click.group()
def staff() -> None:
    """Keep the accounts of the clinic's staff."""


@contextmanager
def _books() -> Iterator[tuple[Session, Audit]]:
    """A session on the migrated database; what cannot be done is said and nothing is changed."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    database = Database(settings.database_url)
    database.migrate()
    try:
        with database.session() as session:
            yield session, Audit.of(settings)
    except AccountProblem as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        database.dispose()


@staff.command()
@click.argument("name")
@click.option("--email", required=True, help="where alerts and mentions go")
@click.option("--role", type=click.Choice(ROLES), required=True)
def add(name: str, email: str, role: str) -> None:
    """Make an account for NAME and print its first password."""
    with _books() as (session, audit):
        account, password = accounts.add(session, name, email, role)
        audit.record(session, COMMAND_LINE, "add_account", f"account:{account.name}", {"role": role})
    click.echo(f"{name} may log in at /staff with the password {password} and sets up a second factor there.")


@staff.command("list")
def list_all() -> None:
    """Show all accounts."""
    with _books() as (session, _):
        for account in session.scalars(select(StaffAccount).order_by(StaffAccount.name)):
            state = "closed" if account.disabled else "open"
            click.echo(f"{account.name:20} {account.role:10} {state:8} {account.email}")


@staff.command()
@click.argument("name")
def disable(name: str) -> None:
    """Close the account of NAME and end its sessions."""
    with _books() as (session, audit):
        account = accounts.find(session, name)
        accounts.disable(session, account)
        audit.record(session, COMMAND_LINE, "account_disable", f"account:{account.name}")
    click.echo(f"{name} can't log in any more.")


@staff.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """Give NAME a new first password and print it."""
    with _books() as (session, audit):
        account = accounts.find(session, name)
        password = accounts.reset_password(session, account)
        audit.record(session, COMMAND_LINE, "account_password", f"account:{account.name}")
    click.echo(f"The new password of {name} is {password}")


@staff.command("reset-totp")
@click.argument("name")
def reset_totp(name: str) -> None:
    """Let NAME set up the second factor anew, after a lost phone."""
    with _books() as (session, audit):
        account = accounts.find(session, name)
        accounts.reset_second_factor(session, account)
        audit.record(session, COMMAND_LINE, "account_second_factor", f"account:{account.name}")
    click.echo(f"{name} sets up a second factor at the next login.")
