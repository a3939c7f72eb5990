"""Who works at the clinic, who is logged in, and the record of what they looked at and did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class StaffAccount(Base):
    """One person's account. `password` is an argon2 hash; `totp_secret` is None until the second factor is set up.

    `totp_used` is the newest time step whose code was taken, so that no code works twice.
    """

    __tablename__ = "staff_accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)  # as in @name
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_used: Mapped[int] = mapped_column(default=0)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class StaffSession(Base):
    """Somebody who is logged in. `id` is the hash of the cookie's token; `csrf` goes into every form."""

    __tablename__ = "staff_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    single_sign_on: Mapped[bool] = mapped_column(default=False)  # proved by the clinic's own login provider


class AuditEntry(Base):
    """One line of the audit: never changed and never removed (triggers refuse it), each sealed with the one before."""

    __tablename__ = "audit_entries"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40), index=True)
    object: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]]
    seal: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest line's number and seal, sealed once more: a cut-off end is noticed."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    seal: Mapped[str] = mapped_column(Text)
