"""The guard before every screen: who is asking, whether they may, and whether a form is really theirs."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import sessions
from bot.console.roles import may
from bot.console.screens import PUBLIC, ROOT, Console, Screen, Visit, number_of
from bot.console.sessions import Staff

COOKIE = "psoas_staff"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
FIRST_STEPS = ("/me/password", "/me/second-factor", "/logout")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def cookie_name(console: Console) -> str:
    """Over TLS the name itself makes browsers insist on a secure, host-only cookie."""
    return f"__Host-{COOKIE}" if console.is_https else COOKIE


def guarded(console: Console, screen: Screen) -> Callable[[Request], Awaitable[Response]]:
    """The screen behind the guard."""

    async def answer(request: Request) -> Response:
        response = await _answer(console, screen, request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


async def _answer(console: Console, screen: Screen, request: Request) -> Response:
    if any(isinstance(value, int) and number_of(str(value)) is None for value in request.path_params.values()):
        raise HTTPException(404)
    visit = Visit(console, request, await _who(console, request))
    if request.method == "POST":
        visit.form = await request.form(max_files=0, max_fields=200)
        if not _is_our_origin(visit):
            return visit.render("problem.html", code=403, title="Not from here", text="Open the console itself.")
    if screen.permission is PUBLIC:
        return await screen.show(visit)
    if visit.person is None:
        return _to_login(request)
    if request.method == "POST" and not _is_theirs(visit):
        return visit.render("problem.html", code=403, title="That form was too old", text="Go back, reload, try again.")
    if not may(visit.person.role, screen.permission):
        return visit.render("problem.html", code=403, title="Not for your role", text="Ask an admin if you need this.")
    first = _first_step(visit.person)
    if first is not None and screen.path not in FIRST_STEPS:
        return visit.go(first)
    return await screen.show(visit)


async def _who(console: Console, request: Request) -> Staff | None:
    token = request.cookies.get(cookie_name(console), "")
    if not token:
        return None
    now = console.clock()
    person = await console.transactions.read(lambda session: sessions.find(session, token, now))
    # A page that keeps itself up to date does not show that somebody sits before it.
    by_itself = "x-live" in request.headers or request.url.path.endswith("/events")
    if person is not None and not by_itself and now - person.seen_at > sessions.SEEN_EVERY:
        id = person.session_id
        await console.transactions.write(lambda session: sessions.touch(session, id, now))
    return person


def _is_our_origin(visit: Visit) -> bool:
    """Browsers say where a form comes from."""
    ours = (None, visit.console.settings.base_url, f"{visit.request.url.scheme}://{visit.request.url.netloc}")
    return visit.request.headers.get("origin") in ours


def _is_theirs(visit: Visit) -> bool:
    """A form of another site does not have the token."""
    sent = visit.request.headers.get(CSRF_HEADER) or str(visit.form.get(CSRF_FIELD) or "")
    return hmac.compare_digest(sent.encode(), visit.staff.csrf.encode())


def _first_step(person: Staff) -> str | None:
    """What must be done before anything else: an own password, then a second factor."""
    if person.must_change:
        return "/me/password"
    return None if person.has_second_factor else "/me/second-factor"


def _to_login(request: Request) -> Response:
    if request.method != "GET":
        return RedirectResponse(f"{ROOT}/login", status_code=303)
    wanted = request.url.path.removeprefix(ROOT) + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{ROOT}/login?next={quote(wanted, safe='')}", status_code=303)


def safe_next(wanted: str) -> str:
    """A path of the console to go to after the login; whatever is not one becomes the start page."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if is_ours and not any(sign in wanted for sign in "\\\r\n\t:@") else "/"


def let_in(console: Console, response: Response, token: str) -> None:
    """Give the browser its cookie."""
    response.set_cookie(
        cookie_name(console),
        token,
        max_age=int(sessions.LONGEST / timedelta(seconds=1)),
        path="/",
        secure=console.is_https,
        httponly=True,
        samesite="strict",
    )


def let_out(console: Console, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(console), path="/", secure=console.is_https, httponly=True, samesite="strict")
