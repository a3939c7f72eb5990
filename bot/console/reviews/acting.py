"""What staff do on a conversation's page: take it in hand, answer the patient, hand back, review, tag and note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.reviews import claims, remarks
from bot.console.reviews.reading import not_there, object_of, read_values
from bot.console.reviews.remarks import Refused
from bot.console.reviews.summary import refresh
from bot.console.reviews.watch import Watch
from bot.console.screens import Screen, Visit, number_of
from bot.desk.staffing import Handler
from bot.store.models import Conversation, ConversationReview, ReadyReply
from bot.store.models.staff import StaffAccount

LONGEST_ANSWER = 2000
ONE = "/conversations/{id}"


class Held(Refused):
    """Somebody else has the conversation in hand."""


@dataclass(frozen=True)
class Acting:
    """The handlers; `watch` rings when the queue changes."""

    watch: Watch

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        table: tuple[tuple[str, Callable[[Visit], Any], str], ...] = (
            ("claim", self.claim, "review"),
            ("release", self.release, "review"),
            ("take-over", self.take_over, "act"),
            ("answer", self.answer, "act"),
            ("hand-back", self.hand_back, "act"),
            ("verdict", self.verdict, "review"),
            ("tags", self.tags, "review"),
            ("notes", self.note, "review"),
        )
        return [Screen(f"{ONE}/{name}", show, permission, ("POST",)) for name, show, permission in table]

    async def claim(self, visit: Visit) -> Response:
        """Take the conversation in hand."""
        return await self._write(visit, lambda session: _take(session, visit, "claim"), "claimed")

    async def release(self, visit: Visit) -> Response:
        """Put it back; a manager may also free somebody else's."""

        def free(session: Session) -> None:
            whose = None if visit.may("approve_replies") else visit.staff.name
            if claims.release(session, visit.path("id"), whose):
                visit.record(session, "release", object_of(visit.path("id")))

        return await self._write(visit, free, "released")

    async def take_over(self, visit: Visit) -> Response:
        """Answer instead of the assistant, which is silent from now on and still watches for emergencies."""
        response = await self._write(visit, lambda session: _take(session, visit, "take_over"), "taken_over")
        return await self._hand(visit, response, "staff")

    async def hand_back(self, visit: Visit) -> Response:
        """Let the assistant answer again, and put the conversation back."""

        def give(session: Session) -> None:
            _take(session, visit, "hand_back")
            claims.release(session, visit.path("id"), visit.staff.name)

        response = await self._write(visit, give, "handed_back")
        return await self._hand(visit, response, "assistant")

    async def _hand(self, visit: Visit, response: Response, handler: Handler) -> Response:
        if response.status_code == 303:
            await visit.console.desk.staffing.set_handler(visit.path("id"), handler)
        return response

    async def answer(self, visit: Visit) -> Response:
        """Write to the patient on their own channel, in one's own words or with an approved reply."""
        id, text = visit.path("id"), visit.field("text", LONGEST_ANSWER + 1)
        ready = visit.field("ready", 20)
        details: dict[str, Any] = {}

        def check(session: Session) -> None:
            nonlocal text
            if ready:
                text = _approved(session, ready)
                details["ready_reply"] = int(ready)
            if not text or len(text) > LONGEST_ANSWER:
                raise Refused(f"An answer has 1 to {LONGEST_ANSWER} characters.")
            conversation = session.get(Conversation, id)
            if conversation is not None and conversation.handler != "staff":
                raise Refused("Take the conversation over first: the assistant still answers.")
            _take(session, visit, "answer")

        response = await self._write(visit, check, "sent", draft=text)
        if response.status_code == 303:
            await visit.console.desk.staffing.post_staff_message(id, text, by=visit.staff.name, details=details)
        return response

    async def verdict(self, visit: Visit) -> Response:
        """Say whether the level was right; the conversation leaves the queue."""

        def write(session: Session) -> None:
            _refuse_if_held(session, visit)
            verdict, why = visit.field("verdict", 20), visit.field("why")
            remarks.review(session, visit.path("id"), verdict, why, by=visit.staff.name, now=visit.now)
            visit.record(session, "review", object_of(visit.path("id")), {"verdict": verdict})

        response = await self._write(visit, write, "reviewed")
        if response.status_code == 303 and visit.field("then", 10) == "next":
            return visit.go("/queue", "reviewed")
        return response

    async def tags(self, visit: Visit) -> Response:
        """Replace the tags."""

        def write(session: Session) -> None:
            kept = remarks.set_tags(session, visit.path("id"), visit.field("tags", 600))
            visit.record(session, "tag", object_of(visit.path("id")), {"tags": len(kept)})

        return await self._write(visit, write, "tagged")

    async def note(self, visit: Visit) -> Response:
        """Add a note; an @name tells that person."""

        def write(session: Session) -> None:
            team = session.scalars(select(StaffAccount.name).where(StaffAccount.disabled.is_(False))).all()
            note = remarks.add_note(
                session, visit.path("id"), visit.field("text", 5000), by=visit.staff.name, team=team
            )
            visit.record(session, "note", object_of(visit.path("id")), {"note": note.id})

        return await self._write(visit, write, "noted")

    async def _write(self, visit: Visit, work: Callable[[Session], None], done: str, draft: str = "") -> Response:
        """Do it in one transaction, or show the page again with what is wrong and what was written."""
        id = visit.path("id")

        def write(session: Session) -> bool:
            if session.get(ConversationReview, id) is None:
                # It may be so new that its line is not written yet.
                refresh(session, id, visit.console.clinic, visit.now)
            if session.get(ConversationReview, id) is None:
                return False
            work(session)
            return True

        try:
            found = await visit.console.transactions.write(write)
        except Refused as problem:
            values = await visit.console.transactions.read(lambda session: read_values(session, visit, id))
            if values is None:
                return not_there(visit)
            values.update(problem=str(problem), draft=draft)
            return visit.render("reviews/conversation.html", code=409 if isinstance(problem, Held) else 422, **values)
        if not found:
            return not_there(visit)
        visit.console.desk.events.publish(id)
        self.watch.ring()
        return visit.go(f"/conversations/{id}", done)


def _take(session: Session, visit: Visit, action: str) -> None:
    """Have the conversation in hand, or raise Held; the act is written down."""
    id = visit.path("id")
    if not claims.claim(session, id, visit.staff.name, visit.now):
        raise Held(f"{claims.holder(session, id, visit.now)} has this conversation in hand.")
    visit.record(session, action, object_of(id))


def _refuse_if_held(session: Session, visit: Visit) -> None:
    holder = claims.holder(session, visit.path("id"), visit.now)
    if holder not in (None, visit.staff.name):
        raise Held(f"{holder} has this conversation in hand.")


def _approved(session: Session, number: str) -> str:
    """The words of an approved reply; raises Refused."""
    reply = session.get(ReadyReply, number_of(number) or 0)
    if reply is None or reply.approved_at is None:
        raise Refused("That reply is not approved.")
    return reply.text
