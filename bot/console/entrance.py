"""Logging in and out, and one's own account: password and second factor."""

from __future__ import annotations

import io

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot.console import access, accounts, sessions
from bot.console.accounts import AccountProblem
from bot.console.screens import PUBLIC, ROOT, Screen, Visit
from bot.desk.limits import RateLimit
from bot.store.models.staff import StaffAccount

TRIES_A_MINUTE = 20  # from one address; each account has its own lock besides
REFUSED = "That didn't work. Check all three, or wait a few minutes if you tried often."


class Entrance:
    """The door of the console."""

    def __init__(self) -> None:
        self._tries = RateLimit(TRIES_A_MINUTE)

    def screens(self) -> list[Screen]:
        """The addresses of the door."""
        return [
            Screen("/", self.home, "own_account"),
            Screen("/login", self.login, PUBLIC, ("GET", "POST")),
            Screen("/logout", self.logout, "own_account", ("POST",)),
            Screen("/me/password", self.password, "own_account", ("GET", "POST")),
            Screen("/me/second-factor", self.second_factor, "own_account", ("GET", "POST")),
        ]

    async def home(self, visit: Visit) -> Response:
        """The first screen of the menu that this person may open."""
        return visit.go(next((screen.path for screen in visit.menu), "/me/password"))

    async def login(self, visit: Visit) -> Response:
        """Name, password and code in one form; whatever is wrong, the answer is the same."""
        wanted = access.safe_next(visit.request.query_params.get("next", "/"))
        if visit.request.method == "GET":
            return visit.render("login.html", wanted=wanted, problem="")
        wanted = access.safe_next(visit.field("next"))
        client = visit.request.client
        wait = self._tries.take(client.host if client else "")
        if wait:
            response = visit.render("login.html", code=429, wanted=wanted, problem=REFUSED)
            response.headers["Retry-After"] = str(wait)
            return response
        token = await visit.console.transactions.write(lambda session: _prove(session, visit))
        if token is None:
            return visit.render("login.html", code=401, wanted=wanted, problem=REFUSED)
        response = RedirectResponse(f"{ROOT}{wanted}", status_code=303)
        access.let_in(visit.console, response, token)
        return response

    async def logout(self, visit: Visit) -> Response:
        """End this session."""

        def leave(session: Session) -> None:
            visit.record(session, "logout", f"account:{visit.staff.name}")
            sessions.end(session, visit.staff.session_id)

        await visit.console.transactions.write(leave)
        response = visit.go("/login")
        access.let_out(visit.console, response)
        return response

    async def password(self, visit: Visit) -> Response:
        """Change one's own password; every session ends and a new one begins."""
        if visit.request.method == "GET":
            return visit.render("password.html", problem="")

        def change(session: Session) -> str:
            account = session.get_one(StaffAccount, visit.staff.id)
            if visit.field("new") != visit.field("again"):
                raise AccountProblem("The two new passwords are not the same.")
            accounts.change_password(account, str(visit.form.get("old") or ""), str(visit.form.get("new") or ""))
            accounts.log_off(session, account)
            visit.record(session, "change_password", f"account:{account.name}")
            return sessions.start(session, account, visit.now)

        try:
            token = await visit.console.transactions.write(change)
        except AccountProblem as problem:
            return visit.render("password.html", code=422, problem=str(problem))
        response = visit.go("/", done="password")
        access.let_in(visit.console, response, token)
        return response

    async def second_factor(self, visit: Visit) -> Response:
        """Scan a code with an authenticator app and prove it with the first number."""
        if visit.request.method == "GET":
            return self._show_secret(visit, accounts.new_secret(), "")
        secret = visit.field("secret", 40)

        def confirm(session: Session) -> None:
            account = session.get_one(StaffAccount, visit.staff.id)
            password = str(visit.form.get("password") or "")
            accounts.confirm_second_factor(account, password, secret, visit.field("code", 12), visit.now)
            visit.record(session, "set_second_factor", f"account:{account.name}")

        try:
            await visit.console.transactions.write(confirm)
        except AccountProblem as problem:
            again = secret if accounts.is_secret(secret) else accounts.new_secret()
            return self._show_secret(visit, again, str(problem), status=422)
        return visit.go("/", done="second_factor")

    def _show_secret(self, visit: Visit, secret: str, problem: str, *, status: int = 200) -> Response:
        # Imported only here: it is needed a few times a year, and the desk should start fast.
        import segno

        drawn = io.BytesIO()
        segno.make(accounts.provisioning(visit.staff.name, secret)).save(
            drawn, kind="svg", scale=5, xmldecl=False, svgns=True, nl=False, title="The code for your authenticator app"
        )
        return visit.render(
            "second_factor.html", code=status, secret=secret, drawn=drawn.getvalue().decode(), problem=problem
        )


def _prove(session: Session, visit: Visit) -> str | None:
    """A fresh session for whoever proves to be somebody; an older one of this browser ends."""
    name = visit.field("name", 254)
    account = accounts.authenticate(
        session, name, str(visit.form.get("password") or ""), visit.field("code", 12), visit.now
    )
    audit = visit.console.audit
    if account is None:
        audit.record(session, "nobody", "login_refused", "account", now=visit.now)
        return None
    if visit.person is not None:
        sessions.end(session, visit.person.session_id)
    audit.record(session, account.name, "login", f"account:{account.name}", now=visit.now)
    return sessions.start(session, account, visit.now)
