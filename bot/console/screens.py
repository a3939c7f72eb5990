"""What every screen of the console is made of: its address, who may open it, and the frame around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.booking.service import BookingService
from bot.clinic import Clinic
from bot.console.audit import Audit
from bot.console.roles import may
from bot.console.sessions import Staff
from bot.desk.desk import Desk
from bot.settings import Settings
from bot.store import Transactions
from bot.store.models.base import utc_now

TEMPLATES = Path(__file__).parent / "templates"
ROOT = "/staff"
PUBLIC = None
MOST_DIGITS = 9


def number_of(text: str) -> int | None:
    """The number that somebody typed or an address holds; None unless a row can have it."""
    return int(text) if 0 < len(text) <= MOST_DIGITS and text.isascii() and text.isdigit() else None


@dataclass(frozen=True)
class Screen:
    """One address. `permission` is a key of roles.PERMISSIONS, or PUBLIC for whoever is not logged in.

    `menu` is its title in the menu, for the screens that stand there.
    """

    path: str
    show: Callable[[Visit], Awaitable[Response]]
    permission: str | None
    methods: tuple[str, ...] = ("GET",)
    menu: str | None = None


@dataclass
class Console:
    """What the screens work with: the desk, the appointment book, the audit and the templates."""

    desk: Desk
    bookings: BookingService
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    screens: list[Screen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.audit = Audit.of(self.settings)
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.templates.filters["local"] = self._local

    @property
    def transactions(self) -> Transactions:
        """Reads and writes that do not block."""
        return self.desk.transactions

    @property
    def clinic(self) -> Clinic:
        """The clinic's own file."""
        return self.desk.clinic

    @property
    def is_https(self) -> bool:
        """Whether browsers come over TLS, so that cookies may insist on it."""
        return self.settings.base_url.startswith("https://")

    def _local(self, at: datetime | None) -> str:
        """A moment in the clinic's time: "Mon 23 Nov 2026, 09:05"."""
        return "" if at is None else f"{at.astimezone(self.clinic.zone):%a %d %b %Y, %H:%M}"


@dataclass
class Visit:
    """One request of one person (or of nobody yet), with all that a screen needs to answer it."""

    console: Console
    request: Request
    person: Staff | None
    form: FormData = field(default_factory=FormData)

    @property
    def staff(self) -> Staff:
        """Who asks. Only screens with a permission may ask for it: they have somebody."""
        assert self.person is not None  # noqa: S101 - the guard let nobody else in
        return self.person

    @property
    def now(self) -> datetime:
        """The moment of this request."""
        return self.console.clock()

    def path(self, name: str) -> str:
        """A part of the address, as in "/conversations/{id}"."""
        return str(self.request.path_params[name])

    def field(self, name: str, most: int = 4000) -> str:
        """A field of the form, trimmed; empty when it is missing."""
        return str(self.form.get(name) or "").strip()[:most]

    @property
    def menu(self) -> list[Screen]:
        """The screens of the menu that this person may open."""
        return [screen for screen in self.console.screens if screen.menu and self.may(screen.permission or "")]

    def may(self, permission: str) -> bool:
        """Whether this person may also do that."""
        return self.person is not None and may(self.person.role, permission)

    def record(self, session: Session, action: str, object: str, details: Mapping[str, Any] | None = None) -> None:
        """Write this person's act into the audit, in the same transaction as the act."""
        self.console.audit.record(session, self.staff.name, action, object, details, self.now)

    def render(self, template: str, *, code: int = 200, **values: Any) -> Response:
        """The page of this template in the console's frame."""
        page = self.console.templates.get_template(template).render(
            staff=self.person,
            may=self.may,
            menu=self.menu,
            here=self.request.url.path.removeprefix(ROOT),
            root=ROOT,
            clinic=self.console.clinic,
            done=self.request.query_params.get("done", ""),
            **values,
        )
        return HTMLResponse(page, status_code=code)

    def go(self, path: str, done: str = "") -> Response:
        """To another screen of the console (a path of ours), after a form; `done` names the notice shown there."""
        joint = "&" if "?" in path else "?"
        return RedirectResponse(f"{ROOT}{path}{joint}done={done}" if done else f"{ROOT}{path}", status_code=303)
