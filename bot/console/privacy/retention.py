"""Erases by the calendar: each category after its own time, nothing that is under a legal hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from anyio import to_thread
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.booking.erasure import forget_past
from bot.clinic import Retention
from bot.console.privacy.erasure import erase_console, remove_conversation
from bot.desk.erase import erase_facts, erase_messages
from bot.store import Transactions
from bot.store.models import AppointmentRow, Assessment, Conversation, Message, utc_now
from bot.store.models.insight import LegalHold, RetentionRun

CATEGORIES = ("messages", "facts", "conversations", "appointments")
BATCH = 50
EVERY = timedelta(days=1)
LOOK_SECONDS = 600.0
BY_CALENDAR = "calendar"
log = structlog.get_logger(__name__)


def held(conversation_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a conversation is under a legal hold."""
    return conversation_id.in_(select(LegalHold.conversation_id))


def _old(days: int, now: datetime) -> ColumnElement[bool]:
    return and_(Conversation.updated_at < now - timedelta(days=days), ~held(Conversation.id))


def due(category: str, rules: Retention, now: datetime) -> Select[Any]:
    """The ids of the conversations (or appointments) whose time in this category is over."""
    if category == "messages":
        words = select(Message.id).where(Message.conversation_id == Conversation.id, Message.status != "erased")
        return select(Conversation.id).where(_old(rules.messages, now), words.exists())
    if category == "facts":
        facts = select(Assessment.id).where(
            Assessment.conversation_id == Conversation.id, func.length(cast(Assessment.facts, Text)) > len("{}")
        )
        return select(Conversation.id).where(_old(rules.facts, now), facts.exists())
    if category == "conversations":
        return select(Conversation.id).where(_old(rules.conversations, now))
    if category == "appointments":
        ended = AppointmentRow.end_at < now - timedelta(days=rules.appointments)
        no_hold = or_(AppointmentRow.conversation_id.is_(None), ~held(AppointmentRow.conversation_id))
        return select(AppointmentRow.id).where(ended, AppointmentRow.patient_name.is_not(None), no_hold)
    raise KeyError(category)


def dry_run(session: Session, rules: Retention, now: datetime) -> dict[str, int]:
    """How much each category would lose now; nothing is changed."""
    counts = {
        category: session.scalar(select(func.count()).select_from(due(category, rules, now).subquery())) or 0
        for category in CATEGORIES
    }
    counts["held"] = session.scalar(select(func.count()).select_from(LegalHold)) or 0
    return counts


def run_batch(session: Session, category: str, rules: Retention, now: datetime) -> int:
    """Erase some of what is due in one category; how many, 0 when nothing is left."""
    ids = list(session.scalars(due(category, rules, now).limit(BATCH)))
    if category == "appointments":
        forget_past(session, now - timedelta(days=rules.appointments))
        return len(ids)
    for conversation_id in ids:
        _ERASE[category](session, conversation_id)
    session.flush()
    return len(ids)


def _erase_messages(session: Session, conversation_id: str) -> None:
    conversation = session.get_one(Conversation, conversation_id, with_for_update=True)
    changed = conversation.updated_at
    erase_messages(session, conversation)
    erase_console(session, conversation_id)
    conversation.updated_at = changed


_ERASE: Mapping[str, Callable[[Session, str], None]] = {
    "messages": _erase_messages,
    "facts": erase_facts,
    "conversations": remove_conversation,
}


@dataclass
class Keeper:
    """Runs the retention rules, by hand and once a day by itself."""

    transactions: Transactions
    rules: Retention
    clock: Callable[[], datetime] = utc_now

    async def preview(self) -> dict[str, int]:
        """What a run would erase now, by category."""
        return await self.transactions.read(lambda session: dry_run(session, self.rules, self.clock()))

    async def run_once(self, by: str) -> dict[str, int]:
        """Erase what is due, in small transactions, so that no patient waits for it; how much each category lost."""
        now, counts = self.clock(), {}
        for category in CATEGORIES:
            counts[category] = 0
            while done := await self.transactions.write(
                partial(run_batch, category=category, rules=self.rules, now=now)
            ):
                counts[category] += done
        await self.transactions.write(lambda session: session.add(RetentionRun(at=now, by=by, counts=counts)))
        if any(counts.values()):
            await self._scrub()
        return counts

    async def _scrub(self) -> None:
        try:
            await to_thread.run_sync(self.transactions.database.scrub)
        except TimeoutError:
            log.warning("scrub_later")

    async def is_due(self) -> bool:
        """Whether the last run is a day ago."""
        last = await self.transactions.read(lambda session: session.scalar(select(func.max(RetentionRun.at))))
        return last is None or self.clock() - last >= EVERY

    async def run(self) -> None:
        """Once a day, until cancelled."""
        while True:
            try:
                if await self.is_due():
                    counts = await self.run_once(BY_CALENDAR)
                    log.info("retention_run", **counts)
            except Exception as error:
                log.error("retention_failed", error_object=error)
            await asyncio.sleep(LOOK_SECONDS)


def recent_runs(session: Session, most: int = 30) -> list[RetentionRun]:
    """The newest runs first."""
    return list(session.scalars(select(RetentionRun).order_by(RetentionRun.at.desc()).limit(most)))


def set_hold(session: Session, conversation_id: str, reason: str, *, by: str) -> None:
    """Keep a conversation whatever the calendar says; raises LookupError."""
    if session.get(Conversation, conversation_id) is None:
        raise LookupError(conversation_id)
    session.merge(LegalHold(conversation_id=conversation_id, reason=reason, set_by=by, set_at=utc_now()))


def lift_hold(session: Session, conversation_id: str) -> bool:
    """Let the calendar have the conversation again; False if there was no hold."""
    hold = session.get(LegalHold, conversation_id)
    if hold is None:
        return False
    session.delete(hold)
    session.flush()
    return True


def holds(session: Session) -> list[LegalHold]:
    """All legal holds, newest first."""
    return list(session.scalars(select(LegalHold).order_by(LegalHold.set_at.desc())))
