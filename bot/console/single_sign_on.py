"""Logging in through the clinic's own login provider, for people who have an account here."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot.console import access, sessions
from bot.console.oidc import NotProved, OidcProvider
from bot.console.screens import PUBLIC, ROOT, Console, Screen, Visit
from bot.desk.limits import RateLimit
from bot.store.models.staff import StaffAccount

START, BACK = "/single-sign-on", "/single-sign-on/back"
COOKIE = "psoas_sign_on"
GOOD_FOR_SECONDS = 600
TRIES_A_MINUTE = 20


@dataclass(frozen=True)
class SingleSignOn:
    """The handlers. What belongs to one try is in a signed cookie of the browser that began it."""

    provider: OidcProvider
    signer: URLSafeTimedSerializer
    tries: RateLimit

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        return [Screen(START, self.start, PUBLIC), Screen(BACK, self.back, PUBLIC)]

    async def start(self, visit: Visit) -> Response:
        """To the provider."""
        client = visit.request.client
        if self.tries.take(client.host if client else ""):
            return _refused(visit, 429)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        wanted = access.safe_next(visit.request.query_params.get("next", "/"))
        try:
            response: Response = RedirectResponse(await self.provider.address(state, nonce, verifier), status_code=303)
        except NotProved:
            return _refused(visit, 503)
        response.set_cookie(
            COOKIE,
            self.signer.dumps([state, nonce, verifier, wanted]),
            max_age=GOOD_FOR_SECONDS,
            path=f"{ROOT}{START}",
            secure=visit.console.is_https,
            httponly=True,
            samesite="lax",  # the way back begins at the provider
        )
        return response

    async def back(self, visit: Visit) -> Response:
        """From the provider, with a code; only the browser that began can end it, and only once."""
        query = visit.request.query_params
        try:
            state, nonce, verifier, wanted = self.signer.loads(
                visit.request.cookies.get(COOKIE, ""), max_age=GOOD_FOR_SECONDS
            )
            if not hmac.compare_digest(state.encode(), query.get("state", "").encode()):
                raise NotProved("another state")
            email = await self.provider.email_of(query.get("code", ""), nonce, verifier, visit.console.clock)
        except (BadData, NotProved):
            return _refused(visit, 401)
        token = await visit.console.transactions.write(lambda session: _let_in(session, visit, email))
        if token is None:
            return _refused(visit, 401)
        # A page, not a redirect: a strict cookie is not sent on a way that began at the provider.
        response = visit.render("signed_on.html", wanted=f"{ROOT}{wanted}")
        access.let_in(visit.console, response, token)
        response.delete_cookie(COOKIE, path=f"{ROOT}{START}")
        return response


def _let_in(session: Session, visit: Visit, email: str) -> str | None:
    """A session for the open account of this address; nobody gets an account by this way."""
    account = session.scalar(select(StaffAccount).where(StaffAccount.email == email))
    if account is None or account.disabled:
        visit.console.audit.record(session, "nobody", "login_refused", "account", {"by": "provider"}, visit.now)
        return None
    visit.console.audit.record(session, account.name, "login", f"account:{account.name}", {"by": "provider"}, visit.now)
    return sessions.start(session, account, visit.now, single_sign_on=True)


def _refused(visit: Visit, code: int) -> Response:
    text = "Try again, or log in with your password. You need an account here with the same e-mail address."
    return visit.render("problem.html", code=code, title="That login did not work", text=text)


def single_sign_on_screens(console: Console) -> Iterable[Screen]:
    """These addresses are there only where a provider is set."""
    oidc = console.settings.oidc
    console.templates.globals["single_sign_on"] = START if oidc else ""
    if oidc is None:
        return ()
    provider = OidcProvider(oidc, f"{console.settings.base_url}{ROOT}{BACK}")
    signer = URLSafeTimedSerializer(console.settings.derived_secret("single-sign-on"))
    return SingleSignOn(provider, signer, RateLimit(TRIES_A_MINUTE)).screens()
