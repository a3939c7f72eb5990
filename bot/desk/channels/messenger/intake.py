"""Takes stored events in: for each sender in the order of Meta's timestamps, each once, also after a crash."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.channels.messenger import ledger
from bot.desk.channels.messenger.events import event_key
from bot.desk.channels.messenger.render import numbered_options
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.desk.channels.messenger.typed import may_be_numbers, read_numbers
from bot.desk.errors import DeskError
from bot.desk.events import Events
from bot.desk.inbox import Inbox
from bot.desk.incoming import OVERHEARD, Incoming
from bot.desk.notify import announce
from bot.desk.schedule import Schedule
from bot.desk.tokens import Access
from bot.store import Transactions
from bot.store.models import Conversation, Message, MessengerEvent, utc_now

CHANNEL = "messenger"
# Few: their writes go before others', and a webhook must not wait behind many of them.
MOST_AT_ONCE = 4
# Parts of a burst can overtake each other on the way: wait for those that were sent before.
SETTLE_SECONDS = 0.15
SWEEP_SECONDS = 2.0
TIDY_EVERY = 900
MOST_KNOWN = 20_000
PERSON_AT_INBOX = "page inbox"
log = structlog.get_logger(__name__)


@dataclass
class Intake:
    """One ordered worker for each sender.

    `deliver` wakes the outbox. The channel sets `greet_back`, which shows "seen" and typing, and `give_thread`, which
    gives the person's thread to another app of the page.
    `own_apps` has the ids under which Meta echoes what we sent: words that come back under them are no person's.
    """

    transactions: Transactions
    inbox: Inbox
    events: Events
    texts: MessengerTexts
    mode: str
    deliver: Callable[[str], None]

    def __post_init__(self) -> None:
        self.greet_back: Callable[[str], None] = lambda _person: None
        self.give_thread: Callable[[str, str], None] = lambda _person, _app: None
        self._schedule = Schedule(self._step, MOST_AT_ONCE)
        self._known: OrderedDict[str, Access] = OrderedDict()
        self.own_apps: set[str] = set()
        self._changes: dict[str, Callable[[Session, Conversation, MessengerEvent], None]] = {
            "opened": _open_again,
            "unsend": _unsend,
            "echo": _pause_for_person,
            "receipt": _note_receipt,
            "thread_given": _hand_back,
            "thread_taken": _pause,
            "thread_asked": _pause,
        }

    def wake(self, sender: str) -> None:
        """An event of this sender was stored: look in a moment."""
        asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._schedule.wake, sender)

    async def run(self) -> None:
        """Look for events that nobody was woken for, and drop old keys; until cancelled."""
        rounds = 0
        try:
            while True:
                await self._sweep(tidy=rounds % TIDY_EVERY == 0)
                rounds += 1
                await asyncio.sleep(SWEEP_SECONDS)
        finally:
            await self._schedule.stop()

    async def _sweep(self, *, tidy: bool) -> None:
        try:
            for sender in await self.transactions.read(ledger.waiting_senders):
                self._schedule.wake(sender)
            if tidy:
                await self.transactions.write(ledger.tidy)
        except Exception as error:
            log.error("messenger_sweep_failed", error_object=error)

    async def _step(self, sender: str) -> float | None:
        waiting = await self.transactions.read(lambda session: ledger.waiting(session, sender))
        taken: list[str] = []
        for event in waiting:
            kind = event.body.get("kind")
            if kind in ("text", "payload", "attachment", "overheard"):
                await self._take_in(sender, event)
                taken.append(event.key)
            elif kind == "opened" and await self._is_new(sender):
                self._known.pop(sender, None)
                await self._access(sender)
                taken.append(event.key)
            else:
                await self._change(sender, event)
        if taken:
            await self.transactions.write(lambda session: ledger.done(session, taken))
        return None

    async def _is_new(self, sender: str) -> bool:
        found = await self.transactions.read(lambda session: ledger.living(session, CHANNEL, sender))
        return found is None or found.erased_at is not None

    async def _access(self, sender: str, *, greet: bool = True) -> Access:
        access = self._known.get(sender)
        if access is None:
            access = await self.inbox.open(CHANNEL, sender, {"mode": self.mode}, greet=greet)
            self._known[sender] = access
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return access

    async def _take_in(self, sender: str, event: MessengerEvent) -> None:
        """Store a message in its conversation; a conversation that was erased meanwhile is opened anew."""
        for _ in range(2):
            access = await self._access(sender, greet=event.body["kind"] != "overheard")
            incoming = await self._incoming(access.conversation_id, event)
            if incoming is None:
                return
            try:
                accepted = await self.inbox.accept(access, incoming)
            except DeskError as error:
                if error.status == 401:
                    self._known.pop(sender, None)
                    continue
                await self._say(access.conversation_id, event.key, self.texts.old_button)
            else:
                if accepted.new and not (incoming.overheard or (accepted.job and accepted.job.silent)):
                    self.greet_back(sender)
            return

    async def _incoming(self, conversation_id: str, event: MessengerEvent) -> Incoming | None:
        """What the event means here; None when the channel has answered it by itself."""
        body = event.body
        if body["kind"] == "attachment":
            return Incoming(event.key, "attachment", attachment=str(body["attachment"]))
        if body["kind"] == "payload":
            return await self._tapped(conversation_id, event, str(body["payload"]), str(body["title"]))
        text = str(body["text"])
        if body["kind"] == "overheard":
            return Incoming(event.key, "text", text=text, details={OVERHEARD: True})
        if may_be_numbers(text, self.texts):
            value = await self.transactions.read(lambda session: self._typed(session, conversation_id, text))
            if value is not None:
                return Incoming(event.key, "value", value=value)
        return Incoming(event.key, "text", text=text)

    def _typed(self, session: Session, conversation_id: str, text: str) -> Any:
        asked = _last_asked(session, conversation_id)
        options = numbered_options(asked.payload) if asked else None
        if asked is None or options is None:
            return None
        ids = read_numbers(text, options, self.texts)
        kind = asked.payload["ask"]["kind"]
        if ids is None or kind == "choices":
            return ids
        if kind == "choice":
            return ids[0] if len(ids) == 1 else None
        # Nowhere can hurt everywhere: "no pain" stands on the body map too.
        return ids if len(ids) < len(options) else None

    async def _tapped(self, conversation_id: str, event: MessengerEvent, payload: str, title: str) -> Incoming | None:
        """A tap on something that we gave out; anything else counts as its words alone."""
        name, _, rest = payload.partition("|")
        if name == "choice":
            return Incoming(event.key, "choice", choice=rest)
        if name == "say":
            if rest == "web_chat":
                await self._say(conversation_id, event.key, self.texts.web_chat_offer, links=[{"title": "web_chat"}])
                return None
            return Incoming(event.key, "text", text=self.texts.menu_words(rest) or title or rest)
        seq, _, value = rest.partition("|")
        if name in ("value", "more") and seq.isascii() and seq.isdigit() and len(seq) < 10:
            if name == "more":
                await self._show_more(conversation_id, event.key, int(seq), value)
                return None
            return await self._answered(conversation_id, event.key, int(seq), value)
        words = title.strip() or payload.strip()
        return (
            Incoming(event.key, "text", text=words)
            if words
            else Incoming(event.key, "attachment", attachment="unknown")
        )

    async def _answered(self, conversation_id: str, key: str, seq: int, value: str) -> Incoming | None:
        """An answer given by a tap counts for the question it was shown with, and for no other."""
        asked = await self.transactions.read(lambda session: _last_asked(session, conversation_id))
        try:
            answer = json.loads(value)
        except ValueError:
            answer = None
        if answer is None or asked is None or asked.seq != seq:
            await self._say(conversation_id, key, self.texts.old_button)
            return None
        return Incoming(key, "value", value=answer)

    async def _show_more(self, conversation_id: str, key: str, seq: int, first: str) -> None:
        payload = {"more": {"seq": seq, "first": int(first) if first.isascii() and first.isdigit() else 0}}
        await self._say(conversation_id, key, self.texts.more_choices, **payload)

    async def _say(self, conversation_id: str, key: str, text: str, **payload: Any) -> None:
        """A message of the channel itself, once for this event."""

        def write(session: Session) -> None:
            conversation = conversations.lock(session, conversation_id)
            if conversation is None or conversations.seq_of(session, conversation_id, key) is not None:
                return
            message = conversations.add_message(
                session, conversation, author="system", kind="notice", text=text, payload=payload
            )
            if message is not None:
                message.client_id = key
            conversation.last_patient_at = utc_now()
            announce(session, "work", conversation_id)

        await self.transactions.write(write)
        self.events.publish(conversation_id)
        self.deliver(conversation_id)

    async def _change(self, sender: str, event: MessengerEvent) -> None:
        """An event that changes a conversation, in one transaction with the note that it is done."""
        change = self._changes.get(str(event.body.get("kind")))

        is_own = event.body.get("app_id") in self.own_apps

        def write(session: Session) -> str | None:
            conversation = ledger.living(session, CHANNEL, sender)
            row = session.get(MessengerEvent, event.key)
            if conversation is None or change is None or row is None or row.done or is_own:
                ledger.done(session, [event.key])
                return None
            change(session, conversation, event)
            ledger.done(session, [event.key])
            announce(session, "work", conversation.id)
            announce(session, "news", conversation.id)
            return conversation.id

        changed = await self.transactions.write(write)
        if event.body.get("kind") == "thread_asked":
            self.give_thread(sender, str(event.body["app_id"]))
        if changed is not None:
            self.events.publish(changed)
            self.inbox.wake(changed)


def _last_asked(session: Session, conversation_id: str) -> Message | None:
    """The message with the question that is open now."""
    recent = conversations.messages_after(session, conversation_id, _recent(session, conversation_id))
    return next(
        (message for message in reversed(recent) if message.author == "assistant" and message.payload.get("ask")), None
    )


def _recent(session: Session, conversation_id: str) -> int:
    conversation = session.get(Conversation, conversation_id)
    return max(0, (conversation.last_seq if conversation else 0) - 40)


def _open_again(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    """Get Started in a conversation that is there already."""
    conversation.last_patient_at = utc_now()
    conversations.add_event(session, conversation.id, "opened")


def _unsend(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    """The patient took a message back: its words go."""
    seq = conversations.seq_of(session, conversation.id, event_key(event.sender, str(event.body["mid"])))
    message = session.query(Message).filter_by(conversation_id=conversation.id, seq=seq).one_or_none()
    if message is not None:
        message.text, message.payload, message.understood = "", {}, None
        message.error, message.status = None, "erased"


def _pause_for_person(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    """Somebody answered in the page's inbox, or another app did: the assistant keeps quiet until it is handed back."""
    mid = str(event.body["mid"])
    if ledger.is_own(session, conversation.id, mid):
        return
    conversation.handler = "staff"
    message = conversations.add_message(
        session,
        conversation,
        author="staff",
        text=str(event.body.get("text") or ""),
        payload={"staff": PERSON_AT_INBOX},
    )
    if message is not None:
        message.status, message.channel_message_id = "delivered", mid[:200]


def _note_receipt(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    seq = ledger.last_seen(session, conversation.id, int(event.body["watermark"]))
    if seq:
        conversations.mark_delivered(session, conversation.id, seq)


def _pause(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    """Another app has the conversation now."""
    conversation.handler = "staff"


def _hand_back(session: Session, conversation: Conversation, event: MessengerEvent) -> None:
    """The conversation was passed to us."""
    if conversation.handler == "staff":
        conversation.handler = "assistant"
        conversations.add_event(session, conversation.id, "handed_back")
