"""The screens of the alerts: what waits, who takes it, and the banner that stands on every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.alerts import book
from bot.console.alerts.board import AlertBoard
from bot.console.reviews.live import stream
from bot.console.screens import Console, Screen, Visit

ALERTS = "/alerts"
PERMISSION = "alerts"


@dataclass(frozen=True)
class AlertScreens:
    """The handlers."""

    board: AlertBoard

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        return [
            Screen(ALERTS, self.show, PERMISSION, menu="Alerts"),
            Screen(f"{ALERTS}/banner", self.banner, PERMISSION),
            Screen(f"{ALERTS}/events", self.events, PERMISSION),
            Screen(f"{ALERTS}/{{id:int}}/take", self.take, PERMISSION, ("POST",)),
            Screen(f"{ALERTS}/{{id:int}}/give", self.give, PERMISSION, ("POST",)),
        ]

    async def show(self, visit: Visit) -> Response:
        """What waits for somebody, and who took the others."""
        return await self._page(visit)

    async def _page(self, visit: Visit, *, code: int = 200, problem: str = "") -> Response:
        def read(session: Session) -> dict[str, Any]:
            found = {
                "waiting": book.waiting(session),
                "taken": book.taken(session),
                "owners": book.owners(session),
            }
            session.expunge_all()
            return found

        values = await visit.console.transactions.read(read)
        return visit.render("alerts/alerts.html", code=code, problem=problem, now=visit.now, **values)

    async def banner(self, visit: Visit) -> Response:
        """The banner alone, to be put in place of the one that is shown."""
        return visit.render("alerts/banner.html")

    async def events(self, visit: Visit) -> Response:
        """Tells the browser that the banner has changed."""
        return stream(self.board.subscribe, visit.console.desk.events)

    async def take(self, visit: Visit) -> Response:
        """Say that one has it in hand; only the first to say so has it."""
        id = int(visit.path("id"))

        def write(session: Session) -> str | None:
            alert = book.take(session, id, visit.staff.name, visit.now)
            if alert is None:
                return None
            if alert.acknowledged_by == visit.staff.name:
                visit.record(session, "take_alert", f"alert:{id}")
            return alert.acknowledged_by

        owner = await visit.console.transactions.write(write)
        await self.board.look()
        if owner is None:
            return await self._page(visit, code=404, problem="There is no such alert any more.")
        if owner != visit.staff.name:
            return await self._page(visit, code=409, problem=f"{owner} has it in hand already.")
        return visit.go(ALERTS, "alert_taken")

    async def give(self, visit: Visit) -> Response:
        """Hand an alert on to a colleague, or take it from one."""
        id, who = int(visit.path("id")), visit.field("to", 40)

        def write(session: Session) -> bool:
            if who not in book.owners(session) or book.give(session, id, who) is None:
                return False
            visit.record(session, "give_alert", f"alert:{id}", {"to": who})
            return True

        if not await visit.console.transactions.write(write):
            return await self._page(visit, code=422, problem="Choose somebody who may answer alerts.")
        return visit.go(ALERTS, "alert_given")


def alert_screens(console: Console) -> Iterable[Screen]:
    """The alerts as a room of the console; they are watched while the desk runs."""
    board = AlertBoard(console.transactions, console.desk.events, console.clinic, console.settings, console.clock)
    console.desk.also_run.append(board.run)
    console.templates.globals["alerts"] = board
    return AlertScreens(board).screens()
