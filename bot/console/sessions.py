"""Who is logged in: sessions kept in the database, known by the hash of a random cookie."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.store.models.staff import StaffAccount, StaffSession

IDLE = timedelta(minutes=20)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(seconds=30)  # written at most so often, not with every click


@dataclass(frozen=True)
class Staff:
    """The person behind a request. `csrf` must come back with every form; `steps` are still to be done first."""

    id: int
    name: str
    role: str
    csrf: str
    session_id: str
    must_change: bool
    has_second_factor: bool
    seen_at: datetime


def start(session: Session, account: StaffAccount, now: datetime, *, single_sign_on: bool = False) -> str:
    """A new session for this person; the token for their cookie. Old and idle sessions are cleared away."""
    session.execute(delete(StaffSession).where(StaffSession.seen_at < now - IDLE))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            id=_key(token),
            account_id=account.id,
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            seen_at=now,
            single_sign_on=single_sign_on,
        )
    )
    return token


def find(session: Session, token: str, now: datetime) -> Staff | None:
    """The person of this token; None when it is unknown, idle for too long or too old, or the account is closed."""
    row = session.get(StaffSession, _key(token))
    if row is None or row.seen_at < now - IDLE or row.started_at < now - LONGEST:
        return None
    account = session.get(StaffAccount, row.account_id)
    if account is None or account.disabled:
        return None
    return Staff(
        account.id,
        account.name,
        account.role,
        row.csrf,
        row.id,
        account.must_change and not row.single_sign_on,
        account.totp_secret is not None or row.single_sign_on,
        row.seen_at,
    )


def touch(session: Session, session_id: str, now: datetime) -> None:
    """Somebody is still there."""
    row = session.get(StaffSession, session_id)
    if row is not None:
        row.seen_at = now


def end(session: Session, session_id: str) -> None:
    """Log off."""
    session.execute(delete(StaffSession).where(StaffSession.id == session_id))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
