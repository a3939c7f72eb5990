"""Our tracker store: live trackers in memory, every new event written through to the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from bot.assistant.live_tracker import Compacted, LiveTracker, rebuild
from bot.settings import Settings
from bot.store import Database
from bot.store.models import TrackerEvent, TrackerSnapshot
from bot.store.transactions import Transactions

MOST_LIVE = 2_000
EVENTS = TrackerEvent.__table__.c


class PsoasTrackerStore(TrackerStore):  # type: ignore[misc]  # Rasa ships no types
    """Keeps the newest conversations live and bounded; `tracker_events` holds every one of them in full.

    A turn is one transaction. A conversation that is not live is rebuilt from its snapshot and the events
    after it. Where two processes write to one conversation, the database refuses the later one.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        database_url: str | None = None,
        most_live: int = MOST_LIVE,
        **_: Any,
    ) -> None:
        """`database_url` defaults to the one of the settings; `most_live` bounds the memory used."""
        self._transactions = Transactions(Database(database_url or Settings.from_env().database_url))
        self._live: OrderedDict[str, LiveTracker] = OrderedDict()
        self._most_live = most_live
        super().__init__(domain, event_broker)

    @property
    def domain(self) -> Domain:
        """The domain of the loaded model."""
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        self._domain = domain or Domain.empty()
        self._live.clear()  # live trackers hold the slots of the model before

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation, bounded; None when there is none.

        The tracker is the live one: what a failed turn left on it is dropped here.
        """
        live = self._live.get(sender_id)
        if live is None or live.new_events:
            self.forget(sender_id)
            live = await self._transactions.read(lambda session: self._load(session, sender_id))
        if live is None:
            return None
        self._keep(sender_id, live)
        return live.tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The conversation with all that was ever said; None when there is none."""
        events = await self._transactions.read(lambda session: _events_from(session, conversation_id, 0))
        return rebuild(conversation_id, self.domain, events) if events else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what is new in one transaction; raises when the database cannot, and then forgets the tracker."""
        sender_id = tracker.sender_id
        live = self._live.get(sender_id)
        if live is None or live.tracker is not tracker:
            live = LiveTracker(tracker, written=0, position=0)
        new = live.new_events
        live = LiveTracker(tracker, len(tracker.events), live.position + len(new))
        shorter = live.compacted(self.domain)
        first = live.position - len(new)
        try:
            if new:
                await self._transactions.write(lambda session: _write(session, sender_id, first, new, shorter))
        except BaseException:
            self.forget(sender_id)
            raise
        self._keep(sender_id, shorter.live if shorter else live)
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, sender_id)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        query = select(TrackerEvent.sender_id).distinct()
        return await self._transactions.read(lambda session: session.scalars(query).all())

    async def turn(self, sender_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """The events of one handled message, as Rasa writes them, its own first; None if it was never handled."""
        return await self._transactions.read(lambda session: _turn(session, sender_id, message_id))

    async def erase(self, sender_id: str) -> None:
        """Delete everything of one conversation, in memory and in the database."""
        self.forget(sender_id)
        await self._transactions.write(lambda session: _erase(session, sender_id))
        self.forget(sender_id)

    def forget(self, sender_id: str) -> None:
        """Drop the live tracker, so that the next turn starts from what is stored."""
        self._live.pop(sender_id, None)

    def _keep(self, sender_id: str, live: LiveTracker) -> None:
        self._live[sender_id] = live
        self._live.move_to_end(sender_id)
        while len(self._live) > self._most_live:
            self._live.popitem(last=False)

    def _load(self, session: Session, sender_id: str) -> LiveTracker | None:
        snapshot = session.get(TrackerSnapshot, sender_id)
        start = snapshot.position if snapshot else 0
        later = _events_from(session, sender_id, start)
        if snapshot is None and not later:
            return None
        events = [*deserialise_events(snapshot.state["head"] if snapshot else []), *later]
        tracker = rebuild(sender_id, self.domain, events)
        return LiveTracker(tracker, len(events), start + len(later))


def _events_from(session: Session, sender_id: str, position: int) -> list[Event]:
    rows = session.scalars(
        select(TrackerEvent.data)
        .where(TrackerEvent.sender_id == sender_id, TrackerEvent.position >= position)
        .order_by(TrackerEvent.position)
    )
    events: list[Event] = deserialise_events(list(rows))
    return events


def _write(session: Session, sender_id: str, first: int, new: list[Event], shorter: Compacted | None) -> None:
    session.execute(insert(TrackerEvent), [_row(sender_id, first + n, event) for n, event in enumerate(new)])
    if shorter is not None:
        state = {"head": [event.as_dict() for event in shorter.head]}
        session.merge(TrackerSnapshot(sender_id=sender_id, position=shorter.position, state=state))


def _row(sender_id: str, position: int, event: Event) -> dict[str, Any]:
    return {
        "sender_id": sender_id,
        "position": position,
        "message_id": event.message_id if isinstance(event, UserUttered) else None,
        "type": event.type_name,
        "timestamp": event.timestamp,
        "data": event.as_dict(),
    }


def _turn(session: Session, sender_id: str, message_id: str) -> list[dict[str, Any]] | None:
    # Asked once for every message, and nearly always answered with "no": plain columns are twice as fast.
    mine = EVENTS.sender_id == sender_id
    start = session.scalar(select(EVENTS.position).where(mine, EVENTS.message_id == message_id))
    if start is None:
        return None
    next_turn = select(func.min(EVENTS.position)).where(
        mine, EVENTS.position > start, EVENTS.type == UserUttered.type_name
    )
    end = session.scalar(next_turn)
    query = select(EVENTS.data).where(mine, EVENTS.position >= start).order_by(EVENTS.position)
    return list(session.scalars(query if end is None else query.where(EVENTS.position < end)))


def _erase(session: Session, sender_id: str) -> None:
    session.execute(delete(TrackerEvent).where(TrackerEvent.sender_id == sender_id))
    session.execute(delete(TrackerSnapshot).where(TrackerSnapshot.sender_id == sender_id))
