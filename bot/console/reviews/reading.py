"""The screens of one conversation: its page, its live part, the sheet to print, and who the patient is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.queue import BANDS, TITLES
from bot.console.revealing import TOO_SHORT, reason_of, record_reveal, revealed
from bot.console.reviews import claims, remarks, shelf
from bot.console.reviews.filters import VERDICTS
from bot.console.reviews.live import stream
from bot.console.reviews.transcript import Transcript, label, read_transcript
from bot.console.reviews.watch import Watch
from bot.console.screens import Screen, Visit
from bot.store.models import ConversationReview


def object_of(conversation_id: str) -> str:
    """How the audit names a conversation."""
    return f"conversation:{conversation_id}"


def not_there(visit: Visit) -> Response:
    """There is no such conversation."""
    text = "It may have been erased, or the address is not complete."
    return visit.render("problem.html", code=404, title="There is no such conversation", text=text)


def read_values(session: Session, visit: Visit, conversation_id: str) -> dict[str, Any] | None:
    """All that the page of a conversation shows; None if there is none."""
    is_revealed = bool(revealed(session, visit, object=object_of(conversation_id)))
    transcript = _transcript(session, visit, conversation_id, is_revealed)
    if transcript is None:
        return None
    review = session.get(ConversationReview, conversation_id)
    tags = remarks.tags_of(session, conversation_id)
    viewers = claims.viewers(session, conversation_id, visit.now)
    return {
        "transcript": transcript,
        "revealed": is_revealed,
        "line": review,
        "band": BANDS[review.band] if review else None,
        "titles": TITLES,
        "verdicts": VERDICTS[1:],
        "tags": tags,
        "notes": remarks.notes_of(session, conversation_id),
        "holder": claims.holder(session, conversation_id, visit.now),
        "viewers": [name for name in viewers if name != visit.staff.name],
        "replies": shelf.replies(session),
        "label": label,
        "problem": None,
        "draft": "",
    }


def _transcript(session: Session, visit: Visit, id: str, is_revealed: bool = False) -> Transcript | None:
    clinic = visit.console.clinic
    return read_transcript(session, id, zone=clinic.zone, country=clinic.country, revealed=is_revealed)


@dataclass(frozen=True)
class Reading:
    """The handlers; `watch` rings when what a page shows has changed."""

    watch: Watch

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        one = "/conversations/{id}"
        return [
            Screen(one, self.show, "read_conversations"),
            Screen(f"{one}/live", self.live, "read_conversations"),
            Screen(f"{one}/events", self.events, "read_conversations"),
            Screen(f"{one}/print", self.print_sheet, "read_conversations"),
            Screen(f"{one}/reveal", self.reveal, "reveal", ("POST",)),
        ]

    async def show(self, visit: Visit) -> Response:
        """The page; opening it is written down."""
        return await self._opened(visit, "reviews/conversation.html", "read")

    async def print_sheet(self, visit: Visit) -> Response:
        """The page for the clinic's record; printing it is written down."""
        return await self._opened(visit, "reviews/conversation_print.html", "print")

    async def _opened(self, visit: Visit, template: str, action: str) -> Response:
        id = visit.path("id")

        def read(session: Session) -> Mapping[str, Any] | None:
            values = read_values(session, visit, id)
            if values is not None:
                visit.record(session, action, object_of(id))
                claims.look(session, id, visit.staff.name, visit.now)
                remarks.see_mentions(session, id, visit.staff.name)
            return values

        values = await visit.console.transactions.write(read)
        return not_there(visit) if values is None else visit.render(template, **values)

    async def live(self, visit: Visit) -> Response:
        """The messages and the state alone, to be put in place of those that are shown."""
        values = await visit.console.transactions.read(
            partial(read_values, visit=visit, conversation_id=visit.path("id"))
        )
        return not_there(visit) if values is None else visit.render("reviews/conversation_live.html", **values)

    async def events(self, visit: Visit) -> Response:
        """Tells the browser that the conversation has changed; while it listens, this person looks at it."""
        id, me, console = visit.path("id"), visit.staff.name, visit.console

        async def look() -> None:
            def write(session: Session) -> None:
                if session.get(ConversationReview, id) is not None:
                    claims.look(session, id, me, console.clock())
                    claims.keep(session, id, me, console.clock())

            await console.transactions.write(write)

        return stream(partial(self.watch.lines.subscribe, id), console.desk.events, look)

    async def reveal(self, visit: Visit) -> Response:
        """Show who the patient is for some minutes, to this person, for a reason that is written down."""
        id, reason = visit.path("id"), reason_of(visit)
        if reason is None:
            return visit.render("problem.html", code=422, title="A reason is needed", text=TOO_SHORT)

        def write(session: Session) -> bool:
            transcript = _transcript(session, visit, id)
            if transcript is None:
                return False
            record_reveal(session, visit, object_of(id), reason, transcript.identity.words)
            return True

        found = await visit.console.transactions.write(write)
        return visit.go(f"/conversations/{id}", "revealed") if found else not_there(visit)
