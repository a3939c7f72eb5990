"""Works out a conversation's line in the queue from what the desk has stored of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bot.clinic import Clinic
from bot.console.knowing.figures import Spoken, figures_of
from bot.console.learning.inbox import known_of
from bot.console.learning.redaction import Known, redact
from bot.console.queue import BANDS, Level, Place, Sign, Signs, Trouble, place_of
from bot.store.models import Assessment, Conversation, ConversationReview, Message

CRISIS_ROW = "E1"
LONGEST_WORDS = 200
LONGEST_REASON = 300
_ARRIVED = ("delivered",)
_MESSAGES = (
    select(
        Message.id,
        Message.seq,
        Message.author,
        Message.kind,
        Message.at,
        Message.text,
        Message.payload,
        Message.understood,
        Message.in_reply_to,
        Message.status,
    )
    .where(Message.conversation_id == bindparam("id"), Message.seq > 0)
    .order_by(Message.seq)
)
_LEVELS = (
    select(Assessment.at, Assessment.disposition, Assessment.row, Assessment.reasons, Assessment.message_id)
    .where(Assessment.conversation_id == bindparam("id"))
    .order_by(Assessment.id)
)


class _Said(NamedTuple):
    """A message, as far as the summary looks at it."""

    id: int
    seq: int
    author: str
    kind: str
    at: datetime
    text: str
    payload: Mapping[str, Any]
    understood: Mapping[str, Any] | None
    in_reply_to: int | None
    status: str

    @property
    def flags(self) -> Iterator[Mapping[str, Any]]:
        """The danger signs that are there, or that the patient is unsure of; others were only spoken about."""
        for flag in (self.understood or {}).get("flags") or ():
            if flag.get("facts") and flag.get("assertion") in ("present", "possible"):
                yield flag


def refresh(session: Session, conversation_id: str, clinic: Clinic, now: datetime) -> bool:
    """Bring the line of one conversation up to date; True if what the queue shows of it has changed."""
    conversation = session.get(Conversation, conversation_id, populate_existing=True)
    if conversation is None:
        return False
    review = session.get(ConversationReview, conversation_id, populate_existing=True)
    said = [_Said(*row) for row in session.execute(_MESSAGES, {"id": conversation_id}).tuples()]
    reviewed_at = review.reviewed_at if review else None
    signs = _signs(session, conversation, said, reviewed_at)
    known = known_of(session, conversation_id, clinic)
    place = place_of(signs, now)
    line = _line(conversation, place, said, known)
    line["open"] = reviewed_at is None or place.band != "routine" or _has_news(signs, reviewed_at)
    if review is None:
        session.execute(insert(ConversationReview).values(conversation_id=conversation_id, verdict_why="", **line))
        return True
    shown = {name for name in line if name not in ("as_of", "recheck_at")}
    changed = any(getattr(review, name) != line[name] for name in shown)
    # Claims and verdicts are others' columns: only what was worked out here is written.
    same = ConversationReview.conversation_id == conversation_id
    session.execute(update(ConversationReview).where(same).values(**line), execution_options=_NO_SYNC)
    return changed


_NO_SYNC = {"synchronize_session": False}


def _has_news(signs: Signs, reviewed_at: datetime) -> bool:
    return signs.last_patient_at is not None and signs.last_patient_at > reviewed_at


def _line(conversation: Conversation, place: Place, said: Sequence[_Said], known: Known) -> dict[str, Any]:
    """The columns of the review that follow from the conversation."""
    return {
        "as_of": conversation.updated_at,
        "channel": conversation.channel,
        "last_at": said[-1].at if said else conversation.created_at,
        "band": BANDS.index(place.band),
        "since": place.since,
        "rule": place.rule,
        "reason": place.reason[:LONGEST_REASON],
        "words": _short(redact(place.words, known)),
        "told": place.told,
        "handler": conversation.handler,
        "disposition": conversation.disposition,
        "recheck_at": place.recheck_at,
    }


def _signs(session: Session, conversation: Conversation, said: Sequence[_Said], reviewed_at: datetime | None) -> Signs:
    """What has happened since the last review."""
    news = [message for message in said if reviewed_at is None or message.at > reviewed_at]
    levels = [
        level for level in _levels(session, conversation.id, said) if reviewed_at is None or level.at > reviewed_at
    ]
    flags = [
        Sign(message.at, str(flag["id"]), str(flag.get("text") or message.text))
        for message in news
        for flag in message.flags
    ]
    last = next((message for message in reversed(said) if message.author == "patient"), None)
    return Signs(
        opened_at=conversation.created_at,
        last_patient_at=last.at if last else None,
        last_words=last.text if last else "",
        levels=levels,
        flags=flags,
        crisis=[sign for sign in flags if sign.flag == "crisis"],
        waiting_since=_waiting_since(conversation, said),
        failed=[Trouble(message.at, message.text) for message in news if message.status == "failed"],
        unclear=_unclear(news),
    )


def _levels(session: Session, conversation_id: str, said: Sequence[_Said]) -> Iterator[Level]:
    by_id = {message.id: message for message in said}
    for at, disposition, row, reasons, message_id in session.execute(_LEVELS, {"id": conversation_id}).tuples():
        cause = by_id.get(message_id) if message_id is not None else None
        seq = cause.seq if cause else 0
        yield Level(at, disposition, row, _words_of_row(row, reasons), _cause(said, cause), _is_told(said, seq))


def _words_of_row(row: str, reasons: Iterable[Mapping[str, Any]]) -> str:
    return next((str(reason.get("words") or "") for reason in reasons if reason.get("row") == row), "")


def _cause(said: Sequence[_Said], cause: _Said | None) -> str:
    """The patient's words that led to a decision: the last danger sign before it, else the answer itself."""
    before = [
        message for message in said if message.author == "patient" and (cause is None or message.seq <= cause.seq)
    ]
    flagged = [message for message in before if any(message.flags)]
    words: list[str] = [message.text for message in flagged or before]
    return words[-1] if words else ""


def _is_told(said: Sequence[_Said], seq: int) -> bool:
    """Whether the patient's device has said that it shows the advice given after the message `seq`."""
    advice = [
        message
        for message in said
        if message.seq > seq and (message.payload.get("safety") or message.payload.get("result"))
    ]
    return any(message.status in _ARRIVED for message in advice)


def _waiting_since(conversation: Conversation, said: Sequence[_Said]) -> datetime | None:
    """Since when the patient has waited for a person: asked for one, or wrote after the team's last answer."""
    if conversation.handler == "assistant":
        return None
    waiting: datetime | None = None
    for message in said:
        if message.author == "staff":
            waiting = None
        elif message.author == "patient":
            waiting = waiting if waiting is not None and conversation.handler == "staff" else message.at
    return waiting


def _unclear(said: Sequence[_Said]) -> list[Trouble]:
    figures = figures_of([Spoken(m.id, m.author, m.kind, m.at, m.payload, m.understood, m.in_reply_to) for m in said])
    words = {message.id: message.text for message in said}
    missed = {each.message_id for each in figures.difficulties if each.reason == "not_understood"}
    return [Trouble(message.at, words[message.id]) for message in said if message.id in missed]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_WORDS else f"{text[: LONGEST_WORDS - 1]}…"
