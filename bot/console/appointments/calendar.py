"""The screen of the calendar: a week or a day of every practitioner, blocked time and extra hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync
from starlette.responses import Response

from bot.booking.staff import StaffCalendar
from bot.booking.types import Appointment
from bot.console.appointments.agenda import lines_of
from bot.console.screens import Screen, Visit

CALENDAR = "/calendar"
VIEWS = ("week", "day")
PERMISSION = "calendar"
KINDS = ("block", "extra")


@dataclass(frozen=True)
class CalendarScreens:
    """The handlers."""

    book: StaffCalendar

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        return [
            Screen(CALENDAR, self.show, PERMISSION, menu="Calendar"),
            Screen(f"{CALENDAR}/change", self.change, PERMISSION, ("POST",)),
            Screen(f"{CALENDAR}/change/{{id:int}}/remove", self.remove, PERMISSION, ("POST",)),
        ]

    async def show(self, visit: Visit) -> Response:
        """The week or the day that the address asks for, of all practitioners or of one."""
        return await self._page(visit)

    async def change(self, visit: Visit) -> Response:
        """Block time, or add hours; appointments inside a block stay, and are listed to be called."""
        zone = visit.console.clinic.zone
        kind, whose = visit.field("kind", 10), visit.field("practitioner", 60)
        try:
            if kind not in KINDS:
                raise ValueError("say whether to block time or to add hours")
            start, end = moment(visit.field("start", 20), zone), moment(visit.field("end", 20), zone)
            note, me = visit.field("note", 200), visit.staff.name
            await visit.console.transactions.write(
                lambda session: visit.record(session, f"calendar_{kind}", f"practitioner:{whose or 'all'}")
            )
            inside: list[Appointment] = []
            if kind == "extra":
                await run_sync(self.book.add_hours, start, end, whose, note, me, visit.now)
            else:
                _, inside = await run_sync(self.book.block_time, start, end, whose or None, note, me, visit.now)
        except ValueError as problem:
            return await self._page(visit, problem=f"Nothing was changed: {problem}.", code=422)
        day = start.astimezone(zone).date().isoformat()
        if inside:
            return await self._page(visit, inside=inside, day=day)
        return visit.go(f"{CALENDAR}?view=week&day={day}", "calendar_changed")

    async def remove(self, visit: Visit) -> Response:
        """Take back a block or extra hours."""
        change = int(visit.path("id"))
        await visit.console.transactions.write(
            lambda session: visit.record(session, "calendar_remove", f"calendar_change:{change}")
        )
        await run_sync(self.book.remove_change, change)
        return visit.go(f"{CALENDAR}?view=week&day={day_of(visit.field('day', 10), visit)}", "calendar_changed")

    async def _page(
        self,
        visit: Visit,
        *,
        code: int = 200,
        problem: str = "",
        inside: list[Appointment] | None = None,
        day: str = "",
    ) -> Response:
        query = visit.request.query_params
        view = query.get("view", "week")
        view = view if view in VIEWS else "week"
        shown = day_of(day or query.get("day", ""), visit)
        people = {one.id: one.name for one in visit.console.clinic.practitioners}
        wanted = query.get("practitioner", "")
        wanted = wanted if wanted in people else ""
        if view == "week":
            days = await run_sync(self.book.week, shown, wanted or None, visit.now)
        else:
            days = {shown: await run_sync(self.book.day, shown, wanted or None, visit.now)}
        whose = [wanted] if wanted else list(people)
        step = timedelta(days=7 if view == "week" else 1)
        values: dict[str, Any] = {
            "days": [
                (each, [(people[id], lines_of(entries, id)) for id in whose]) for each, entries in sorted(days.items())
            ],
            "view": view,
            "views": VIEWS,
            "shown": shown,
            "before": shown - step,
            "after": shown + step,
            "today": visit.now.astimezone(visit.console.clinic.zone).date(),
            "people": people,
            "wanted": wanted,
            "inside": inside or [],
            "problem": problem,
        }
        return visit.render("appointments/calendar.html", code=code, **values)


def day_of(text: str, visit: Visit) -> date:
    """The day that is meant; today at the clinic for everything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = visit.now.astimezone(visit.console.clinic.zone).date()
    # A year's distance is far enough for a calendar, and nothing that a form can send breaks the sums.
    today = visit.now.date()
    return min(max(day, today - timedelta(days=3650)), today + timedelta(days=3650))


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The clinic's wall-clock time of a form. Raises ValueError."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("give the day and the time, for both the start and the end") from None
    return read.replace(tzinfo=zone) if read.tzinfo is None else read
