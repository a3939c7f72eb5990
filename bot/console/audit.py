"""The audit: who looked at what and did what, each line sealed with the one before.

A seal is a keyed hash (HMAC-SHA-256 with a secret that is not in the database) over the line and the seal before it,
so a changed, missing, added or reordered line breaks the chain; the sealed head gives a cut-off end away.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.store.models.base import utc_now
from bot.store.models.staff import AuditEntry, AuditHead, StaffAccount

HEAD = 1
FIRST_SEAL = "0" * 64
LOCK_NUMBER = 7_215_031  # any number of ours: PostgreSQL lets one transaction at a time hold it


@dataclass(frozen=True)
class Audit:
    """Writes and checks the audit with this installation's secret."""

    secret: str

    @classmethod
    def of(cls, settings: Settings) -> Audit:
        """The audit of this installation."""
        return cls(settings.derived_secret("audit"))

    def record(
        self,
        session: Session,
        who: str,
        action: str,
        object: str,
        details: Mapping[str, Any] | None = None,
        now: datetime | None = None,
    ) -> int:
        """Add a line within the caller's transaction; its number. `details` hold no patient's words."""
        if session.get_bind().dialect.name != "sqlite":
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
        head = session.get(AuditHead, HEAD, populate_existing=True)
        if head is None:
            head = AuditHead(id=HEAD, seq=0, seal=self._head_seal(0, FIRST_SEAL))
            session.add(head)
        before = session.get(AuditEntry, head.seq)
        entry = AuditEntry(
            seq=head.seq + 1, at=now or utc_now(), who=who, action=action, object=object, details=dict(details or {})
        )
        entry.seal = self._seal(before.seal if before else FIRST_SEAL, entry)
        session.add(entry)
        head.seq, head.seal = entry.seq, self._head_seal(entry.seq, entry.seal)
        session.flush()
        return entry.seq

    def problems(self, session: Session) -> Iterator[str]:
        """What is wrong with the chain, one sentence each; nothing when it is whole."""
        seal, expected = FIRST_SEAL, 1
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)):
            if entry.seq != expected:
                yield f"Line {expected} is missing."
            elif not hmac.compare_digest(entry.seal, self._seal(seal, entry)):
                yield f"Line {entry.seq} was changed, or the one before it."
            seal, expected = entry.seal, entry.seq + 1
        head = session.get(AuditHead, HEAD)
        if head is None and session.scalar(select(StaffAccount.id).limit(1)) is not None:
            yield "The audit was emptied: the first account was its first line."
        if (head.seq if head else 0) != expected - 1:
            yield f"The last line should be {head.seq if head else 0}, and is {expected - 1}."
        elif head and not hmac.compare_digest(head.seal, self._head_seal(head.seq, seal)):
            yield "The end of the audit was changed."

    def _seal(self, before: str, entry: AuditEntry) -> str:
        line = [entry.seq, entry.at.timestamp(), entry.who, entry.action, entry.object, entry.details]
        return self._mac(before + json.dumps(line, sort_keys=True))

    def _head_seal(self, seq: int, seal: str) -> str:
        return self._mac(f"head {seq} {seal}")

    def _mac(self, words: str) -> str:
        return hmac.new(self.secret.encode(), words.encode(), hashlib.sha256).hexdigest()
