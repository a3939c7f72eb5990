"""The screens of the queue: the list with its filters, the next one to look at, saved views, and the live stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.queue import BANDS, TITLES
from bot.console.reviews import claims, filters, listing, remarks, shelf
from bot.console.reviews.filters import Filters, read_filters
from bot.console.reviews.live import stream
from bot.console.reviews.remarks import Refused
from bot.console.reviews.watch import Watch
from bot.console.screens import Screen, Visit

CHOICES = {
    "state": filters.STATES,
    "band": ("", *BANDS),
    "channel": filters.CHANNELS,
    "handler": filters.HANDLERS,
    "disposition": filters.DISPOSITIONS,
    "holder": filters.HOLDERS,
    "verdict": filters.VERDICTS,
}
TO_QUEUE = "/queue"


@dataclass(frozen=True)
class Lists:
    """The handlers; `watch` rings when the queue changes."""

    watch: Watch

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        return [
            Screen(TO_QUEUE, self.show, "read_conversations", menu="Queue"),
            Screen("/queue/lines", self.lines, "read_conversations"),
            Screen("/queue/events", self.events, "read_conversations"),
            Screen("/queue/next", self.take_next, "review", ("POST",)),
            Screen("/views", self.save_view, "read_conversations", ("POST",)),
            Screen("/views/{id:int}/remove", self.remove_view, "read_conversations", ("POST",)),
        ]

    async def show(self, visit: Visit) -> Response:
        """The list that the address asks for."""
        return visit.render("reviews/queue.html", **await self._values(visit))

    async def lines(self, visit: Visit) -> Response:
        """The list alone, to be put in place of the one that is shown."""
        return visit.render("reviews/queue_lines.html", **await self._values(visit))

    async def _values(self, visit: Visit) -> Mapping[str, Any]:
        wanted = read_filters(visit.request.query_params)
        after = visit.request.query_params.get("after", "")[:100]
        me, zone = visit.staff.name, visit.console.clinic.zone

        def read(session: Session) -> dict[str, Any]:
            return {
                "page": listing.read_page(session, wanted, me=me, zone=zone, now=visit.now, after=after),
                "counts": listing.band_counts(session),
                "views": shelf.views_of(session, me),
                "tags": remarks.all_tags(session),
                "mentions": remarks.unseen_mentions(session, me),
            }

        found = await visit.console.transactions.read(read)
        address = f"{wanted.query}&after={after}" if after else wanted.query
        return {**found, "filters": wanted, "titles": TITLES, "bands": BANDS, "choices": CHOICES, "address": address}

    async def events(self, visit: Visit) -> Response:
        """Tells the browser that the list has changed."""
        return stream(self.watch.subscribe, visit.console.desk.events)

    async def take_next(self, visit: Visit) -> Response:
        """Take the first conversation that nobody else has in hand, and open it."""
        me = visit.staff.name

        def take(session: Session) -> str | None:
            # Somebody else may take it at the same moment: then the next one is first.
            for _ in range(5):
                first = listing.next_in_queue(session, me=me, now=visit.now)
                if first is None or claims.claim(session, first, me, visit.now):
                    return first
            return None

        taken = await visit.console.transactions.write(take)
        return visit.go(f"/conversations/{taken}") if taken else visit.go(TO_QUEUE, "nothing_left")

    async def save_view(self, visit: Visit) -> Response:
        """Keep the list of this address under a name."""
        wanted = _filters_of(visit)

        def save(session: Session) -> None:
            shelf.save_view(session, visit.staff.name, visit.field("name", 80), wanted)

        try:
            await visit.console.transactions.write(save)
        except Refused as problem:
            return visit.render("problem.html", code=422, title="The view was not kept", text=str(problem))
        return visit.go(f"{TO_QUEUE}?{wanted.query}", "view_kept")

    async def remove_view(self, visit: Visit) -> Response:
        """Forget a view of one's own."""
        number = int(visit.path("id"))
        await visit.console.transactions.write(lambda session: shelf.remove_view(session, visit.staff.name, number))
        return visit.go(TO_QUEUE, "view_removed")


def _filters_of(visit: Visit) -> Filters:
    return read_filters({name: str(value) for name, value in visit.form.items()})
