"""The admin's screens: who has an account, with which role."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console import accounts
from bot.console.accounts import AccountProblem
from bot.console.roles import PERMISSIONS, ROLES
from bot.console.screens import Screen, Visit
from bot.store.models.staff import StaffAccount


def screens() -> list[Screen]:
    """The addresses under /accounts."""
    return [
        Screen("/accounts", show, "accounts", menu="Accounts"),
        Screen("/accounts/add", add, "accounts", ("POST",)),
        Screen("/accounts/{id:int}", change, "accounts", ("POST",)),
    ]


async def show(visit: Visit, *, status: int = 200, problem: str = "", password: str = "", of: str = "") -> Response:
    """Everybody with an account, and a form for somebody new. A new first password is shown once."""

    def read(session: Session) -> list[StaffAccount]:
        people = list(session.scalars(select(StaffAccount).order_by(StaffAccount.name)))
        session.expunge_all()
        return people

    people = await visit.console.transactions.read(read)
    return visit.render(
        "accounts.html",
        code=status,
        people=people,
        roles=ROLES,
        permissions=PERMISSIONS,
        problem=problem,
        password=password,
        of=of,
        now=visit.now,
    )


async def add(visit: Visit) -> Response:
    """Make an account."""

    def write(session: Session) -> tuple[str, str]:
        account, password = accounts.add(
            session, visit.field("name", 40), visit.field("email", 254), visit.field("role", 20)
        )
        visit.record(session, "add_account", f"account:{account.name}", {"role": account.role})
        return account.name, password

    try:
        name, password = await visit.console.transactions.write(write)
    except AccountProblem as problem:
        return await show(visit, status=422, problem=str(problem))
    return await show(visit, password=password, of=name)


async def change(visit: Visit) -> Response:
    """Change one account: its role, whether it is open, its password or its second factor."""

    def write(session: Session) -> tuple[str, str]:
        account = session.get(StaffAccount, int(visit.path("id")))
        todo = _CHANGES.get(visit.field("do", 20))
        if account is None or todo is None:
            raise AccountProblem("There is no such account, or nothing to do. Reload the page.")
        password = todo(session, account, visit) or ""
        details = {"role": account.role, "disabled": account.disabled}
        visit.record(session, f"account_{visit.field('do', 20)}", f"account:{account.name}", details)
        return account.name, password

    try:
        name, password = await visit.console.transactions.write(write)
    except AccountProblem as problem:
        return await show(visit, status=422, problem=str(problem))
    return await show(visit, password=password, of=name)


def _role(session: Session, account: StaffAccount, visit: Visit) -> None:
    accounts.change_role(session, account, visit.field("role", 20))


def _disable(session: Session, account: StaffAccount, visit: Visit) -> None:
    accounts.disable(session, account)


def _enable(session: Session, account: StaffAccount, visit: Visit) -> None:
    accounts.disable(session, account, False)


def _password(session: Session, account: StaffAccount, visit: Visit) -> str:
    return accounts.reset_password(session, account)


def _second_factor(session: Session, account: StaffAccount, visit: Visit) -> None:
    accounts.reset_second_factor(session, account)


_CHANGES: dict[str, Callable[[Session, StaffAccount, Visit], str | None]] = {
    "role": _role,
    "disable": _disable,
    "enable": _enable,
    "password": _password,
    "second_factor": _second_factor,
}
