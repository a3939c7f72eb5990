"""The screens of learning: the inbox, one message to decide on, and the files that come of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.knowing.figures import ASSERTIONS
from bot.console.knowing.overview import flag_words, question_words
from bot.console.learning import cases, exports, inbox
from bot.console.learning.inbox import STATUSES, Decision, Refused
from bot.console.learning.intents import intents
from bot.console.screens import Console, Screen, Visit, number_of
from bot.store.models import Conversation, LearningItem, Message
from bot.triage.content import own_knowledge

MARKS = 3
REASON_WORDS = {
    "not_understood": "Not understood",
    "asked_again": "Asked again",
    "staff": "Sent here by the team",
}
FILES: dict[str, tuple[str, Callable[[list[exports.Example]], str]]] = {
    "nlu": ("Examples to train with (for data/nlu)", exports.nlu_yaml),
    "intents": ("Messages to measure with (held-out intents)", exports.held_out_intents),
    "flags": ("Danger signs to measure with (held-out flags)", exports.held_out_flags),
    "answers": ("Answers to measure with (held-out answers)", exports.held_out_answers),
}


async def show_inbox(visit: Visit) -> Response:
    """The newest messages of one status."""
    wanted = visit.request.query_params.get("status", "open")
    status = wanted if wanted in STATUSES else "open"
    after = number_of(visit.request.query_params.get("after", ""))

    def read(session: Session) -> dict[str, Any]:
        items = inbox.page(session, status, after=after)
        shown = [(item, inbox.suggestion(session, item, visit.console.clinic)) for item in items]
        return {"items": shown, "counts": inbox.counts(session)}

    found = await visit.console.transactions.read(read)
    return visit.render("learning/inbox.html", status=status, reasons=REASON_WORDS, intents=intents(), **found)


async def show_item(visit: Visit, refusal: str = "") -> Response:
    """One message: what it may mean, and the form to say so."""

    def read(session: Session) -> dict[str, Any] | None:
        item = _item(session, visit)
        if item is None:
            return None
        asked = select(Message.text).where(
            Message.conversation_id == item.conversation_id,
            Message.author == "assistant",
            Message.id < item.message_id,
        )
        suggested = inbox.suggestion(session, item, visit.console.clinic)
        after = inbox.next_open(session, item.id)
        return {
            "item": item,
            "suggested": suggested,
            "facts": yaml.safe_dump(dict(suggested.facts), sort_keys=True) if suggested.facts else "",
            "marks": [*suggested.marks, *[("", "", "")] * MARKS][:MARKS],
            "asked": session.scalar(asked.order_by(Message.id.desc()).limit(1)),
            "next_id": after.id if after is not None and after.id != item.id else None,
        }

    found = await visit.console.transactions.read(read)
    if found is None:
        return _nothing(visit)
    return visit.render(
        "learning/item.html",
        code=422 if refusal else 200,
        refusal=refusal,
        intents=intents(),
        flags={name: flag_words(name) for name in own_knowledge().red_flags},
        assertions=ASSERTIONS,
        reasons=REASON_WORDS,
        question=question_words(found["item"].question) if found["item"].question else None,
        undo=visit.request.query_params.get("undo", ""),
        **found,
    )


async def decide(visit: Visit) -> Response:
    """Keep, discard or undo, then on to the next message."""

    def write(session: Session) -> int | None:
        item = _item(session, visit, lock=True)
        if item is None:
            raise LookupError
        act = visit.field("act")
        if act == "undo":
            inbox.reopen(item)
        elif act == "discard":
            inbox.discard(item, by=visit.staff.name)
        elif act == "keep":
            inbox.decide(session, item, _decision(visit), by=visit.staff.name)
        else:
            raise Refused("Choose what to do.")
        visit.record(session, f"learning_{act}", f"message:{item.message_id}", {"intent": item.intent})
        session.flush()
        if act == "undo":
            return item.id
        following = inbox.next_open(session, item.id)
        return following.id if following else None

    try:
        following = await visit.console.transactions.write(write)
    except LookupError:
        return _nothing(visit)
    except Refused as refusal:
        return await show_item(visit, str(refusal))
    if following is None:
        return visit.go("/learning", "all_decided")
    here = visit.path("item")
    return visit.go(f"/learning/{following}" + ("" if str(following) == here else f"?undo={here}"))


def _decision(visit: Visit) -> Decision:
    """What the form says; raises Refused."""
    try:
        facts = yaml.safe_load(visit.field("facts")) or {}
    except yaml.YAMLError:
        raise Refused("Write each fact on a line of its own, as duration_weeks: 3") from None
    if not isinstance(facts, dict):
        raise Refused("Write each fact on a line of its own, as duration_weeks: 3")
    marks = [
        (words, visit.field(f"flag{n}"), visit.field(f"assertion{n}"))
        for n in range(MARKS)
        if (words := visit.field(f"words{n}"))
    ]
    return Decision(visit.field("intent"), visit.field("example"), {str(name): facts[name] for name in facts}, marks)


async def add(visit: Visit) -> Response:
    """Put a patient's message into the inbox: the team says that it was misread."""

    def write(session: Session) -> int:
        item = inbox.add_by_staff(session, number_of(visit.field("message")) or 0)
        visit.record(session, "learning_add", f"message:{item.message_id}")
        return item.id

    try:
        item_id = await visit.console.transactions.write(write)
    except Refused as refusal:
        return visit.render("problem.html", code=404, title="Nothing to learn from", text=str(refusal))
    return visit.go(f"/learning/{item_id}")


async def show_exports(visit: Visit) -> Response:
    """The files that the decisions make, with what is in them."""
    examples = await visit.console.transactions.read(exports.decided)
    files = [(name, title, make(examples)) for name, (title, make) in FILES.items()]
    held_out = sum(example.is_held_out for example in examples)
    return visit.render("learning/files.html", files=files, total=len(examples), held_out=held_out)


async def download(visit: Visit) -> Response:
    """One of the files."""
    name = visit.path("name")
    if name not in FILES:
        return _nothing(visit)

    def write(session: Session) -> str:
        examples = exports.decided(session)
        visit.record(session, "export", f"learning:{name}", {"examples": len(examples)})
        return FILES[name][1](examples)

    return _yaml_file(await visit.console.transactions.write(write), f"{name}.yml")


async def download_test(visit: Visit) -> Response:
    """The conversation as a conversation test."""
    conversation_id = visit.path("id")

    def write(session: Session) -> str | None:
        if session.get(Conversation, conversation_id) is None:
            return None
        query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > 0)
        messages = session.scalars(query.order_by(Message.seq)).all()
        known = inbox.known_of(session, conversation_id, visit.console.clinic)
        case = cases.case_of(f"reviewed-{conversation_id[:8]}", messages, known)
        visit.record(session, "export", f"conversation:{conversation_id}", {"as": "test"})
        return cases.case_yaml(case)

    try:
        text = await visit.console.transactions.write(write)
    except cases.NotATest as reason:
        return visit.render("problem.html", code=409, title="This cannot be a test", text=str(reason))
    return _nothing(visit) if text is None else _yaml_file(text, "conversation-test.yml")


def _yaml_file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


def _item(session: Session, visit: Visit, *, lock: bool = False) -> LearningItem | None:
    number = number_of(visit.path("item"))
    return None if number is None else session.get(LearningItem, number, with_for_update=lock)


def _nothing(visit: Visit) -> Response:
    return visit.render("problem.html", code=404, title="There is no such message", text="It may have been erased.")


def screens(_console: Console) -> list[Screen]:
    """The addresses of this room."""
    return [
        Screen("/learning", show_inbox, "learn", menu="Learning"),
        Screen("/learning/add", add, "learn", ("POST",)),
        Screen("/learning/files", show_exports, "export"),
        Screen("/learning/files/{name}.yml", download, "export"),
        Screen("/learning/{item}", show_item, "learn"),
        Screen("/learning/{item}", decide, "learn", ("POST",)),
        Screen("/conversations/{id}/test.yml", download_test, "export"),
    ]
