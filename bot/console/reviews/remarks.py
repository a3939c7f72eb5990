"""What staff write about a conversation, for each other: verdict, tags, notes with mentions; the patient sees none."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.console.queue import BANDS
from bot.console.reviews.filters import TAG, VERDICTS
from bot.store.models import ConversationNote, ConversationReview, ConversationTag, ConversationViewer, Mention, utc_now

LONGEST_NOTE = 4000
MOST_TAGS = 12
_MENTION = re.compile(r"(?<![\w@])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)")
_QUIETLY = {"synchronize_session": False}


class Refused(ValueError):
    """Something that cannot be kept; the message is a sentence for the person who tried."""


def review(session: Session, conversation_id: str, verdict: str, why: str, *, by: str, now: datetime) -> None:
    """Say whether the level was right, and take the conversation out of the queue; raises Refused."""
    if verdict not in VERDICTS or not verdict:
        raise Refused("Choose whether the level was right.")
    why = why.strip()
    if verdict != "agree" and not why:
        raise Refused("Say why the level was not right.")
    if len(why) > LONGEST_NOTE:
        raise Refused(f"The reason may have up to {LONGEST_NOTE} characters.")
    row = session.get(ConversationReview, conversation_id)
    if row is None:
        raise LookupError(conversation_id)
    row.verdict, row.verdict_why, row.reviewed_by, row.reviewed_at = verdict, why, by, now
    row.claimed_by = row.claimed_until = None
    row.open = row.handler != "assistant"
    row.band, row.since = (row.band, row.since) if row.open else (BANDS.index("routine"), row.since)


def set_tags(session: Session, conversation_id: str, words: str) -> tuple[str, ...]:
    """Replace the tags by these, separated by commas; gives them as kept. Raises Refused."""
    tags = list(dict.fromkeys(" ".join(word.lower().split()) for word in words.split(",") if word.strip()))
    if len(tags) > MOST_TAGS:
        raise Refused(f"A conversation can have up to {MOST_TAGS} tags.")
    for tag in tags:
        if not TAG.fullmatch(tag):
            raise Refused("A tag has up to 40 letters, digits, spaces and hyphens.")
    session.execute(
        delete(ConversationTag).where(ConversationTag.conversation_id == conversation_id), execution_options=_QUIETLY
    )
    session.add_all(ConversationTag(conversation_id=conversation_id, tag=tag) for tag in tags)
    session.flush()
    return tuple(sorted(tags))


def tags_of(session: Session, conversation_id: str) -> list[str]:
    """The tags of one conversation."""
    query = select(ConversationTag.tag).where(ConversationTag.conversation_id == conversation_id)
    return list(session.scalars(query.order_by(ConversationTag.tag)))


def all_tags(session: Session) -> list[str]:
    """Every tag that is in use."""
    return list(session.scalars(select(ConversationTag.tag).distinct().order_by(ConversationTag.tag).limit(200)))


def add_note(session: Session, conversation_id: str, text: str, *, by: str, team: Collection[str]) -> ConversationNote:
    """Keep a note, and tell those of the team who are named in it with an @; raises Refused."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Refused(f"A note has 1 to {LONGEST_NOTE} characters.")
    named = sorted({name for name in team if _names(text, name)})
    note = ConversationNote(conversation_id=conversation_id, text=text, by=by, mentions=named)
    session.add(note)
    session.flush()
    session.add_all(Mention(note_id=note.id, staff=name, conversation_id=conversation_id) for name in named)
    session.flush()
    return note


def _names(text: str, name: str) -> bool:
    """Whether a text names an account: by its whole name, or by what stands before the @ of an address."""
    called = {word.rstrip(".").lower() for word in _MENTION.findall(text)}
    return bool(called & {name.lower(), name.lower().partition("@")[0]})


def notes_of(session: Session, conversation_id: str) -> Sequence[ConversationNote]:
    """The notes, oldest first."""
    query = select(ConversationNote).where(ConversationNote.conversation_id == conversation_id)
    return session.scalars(query.order_by(ConversationNote.id)).all()


def unseen_mentions(session: Session, staff: str) -> list[str]:
    """Conversations with a note that names this person and that they have not opened since, newest first."""
    newest = func.max(Mention.note_id)
    query = (
        select(Mention.conversation_id)
        .where(Mention.staff == staff, Mention.seen_at.is_(None))
        .group_by(Mention.conversation_id)
        .order_by(newest.desc())
        .limit(50)
    )
    return list(session.scalars(query))


def see_mentions(session: Session, conversation_id: str, staff: str) -> None:
    """This person has the notes of the conversation before them."""
    seen = update(Mention).where(
        Mention.conversation_id == conversation_id, Mention.staff == staff, Mention.seen_at.is_(None)
    )
    session.execute(seen.values(seen_at=utc_now()), execution_options=_QUIETLY)


def forget_review(session: Session, conversation_id: str) -> None:
    """Erase what staff wrote about one conversation, and the patient's words that the queue shows."""
    for table in (Mention, ConversationNote, ConversationTag, ConversationViewer):
        session.execute(delete(table).where(table.conversation_id == conversation_id), execution_options=_QUIETLY)
    blank = {"words": "", "reason": "", "verdict_why": ""}
    session.execute(
        update(ConversationReview).where(ConversationReview.conversation_id == conversation_id).values(**blank),
        execution_options=_QUIETLY,
    )
