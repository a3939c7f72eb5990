"""The screen of ready replies: anybody who answers patients can propose one, a manager approves it."""

from __future__ import annotations

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.reviews import shelf
from bot.console.reviews.remarks import Refused
from bot.console.screens import Screen, Visit

HERE = "/replies"


def ready_screens() -> list[Screen]:
    """The table of these addresses."""
    return [
        Screen(HERE, show, "act", menu="Ready replies"),
        Screen(f"{HERE}/write", write, "act", ("POST",)),
        Screen(f"{HERE}/{{id:int}}/approve", approve, "approve_replies", ("POST",)),
        Screen(f"{HERE}/{{id:int}}/remove", remove, "approve_replies", ("POST",)),
    ]


async def show(visit: Visit) -> Response:
    """All ready replies, approved or not."""
    return await _page(visit)


async def _page(visit: Visit, problem: str = "", title: str = "", text: str = "", status: int = 200) -> Response:
    found = await visit.console.transactions.read(lambda session: shelf.replies(session, approved=False))
    return visit.render("reviews/replies.html", code=status, replies=found, problem=problem, title=title, text=text)


async def write(visit: Visit) -> Response:
    """Propose a reply, or change one."""
    title, text = visit.field("title", 200), visit.field("text")

    def keep(session: Session) -> None:
        reply = shelf.write_reply(session, title, text, by=visit.staff.name)
        visit.record(session, "write_reply", f"reply:{reply.id}")

    try:
        await visit.console.transactions.write(keep)
    except Refused as problem:
        return await _page(visit, str(problem), title, text, 422)
    return visit.go(HERE, "reply_written")


async def approve(visit: Visit) -> Response:
    """Let everybody use it."""
    number = int(visit.path("id"))

    def keep(session: Session) -> None:
        shelf.approve_reply(session, number, by=visit.staff.name, now=visit.now)
        visit.record(session, "approve_reply", f"reply:{number}")

    try:
        await visit.console.transactions.write(keep)
    except LookupError:
        text = "Somebody may have removed it."
        return visit.render("problem.html", code=404, title="There is no such reply", text=text)
    return visit.go(HERE, "reply_approved")


async def remove(visit: Visit) -> Response:
    """Take it away."""
    number = int(visit.path("id"))

    def drop(session: Session) -> None:
        shelf.remove_reply(session, number)
        visit.record(session, "remove_reply", f"reply:{number}")

    await visit.console.transactions.write(drop)
    return visit.go(HERE, "reply_removed")
