"""Who a patient is shows for some minutes, to one person, for a reason that the audit keeps without any name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.learning.redaction import Known, redact
from bot.console.screens import Visit
from bot.store.models.staff import AuditEntry

REVEALED_FOR = timedelta(minutes=10)
SHORTEST_REASON = 5
LONGEST_REASON = 300
TOO_SHORT = "Say in a few words why you need to know who this is."


def reason_of(visit: Visit) -> str | None:
    """The reason on the form; None when it says nothing."""
    reason = " ".join(visit.field("reason", LONGEST_REASON).split())
    return reason if len(reason) >= SHORTEST_REASON else None


def record_reveal(session: Session, visit: Visit, object: str, reason: str, people: Iterable[str]) -> None:
    """Write it down. The audit outlives an erased patient, so what identifies `people` or anybody is taken out."""
    known = Known(visit.console.clinic.country, tuple(people))
    visit.record(session, "reveal", object, {"reason": redact(reason, known)})


def revealed(session: Session, visit: Visit, *, object: str = "", kind: str = "") -> set[str]:
    """What this person may see just now: of this object, or of all objects whose name begins with `kind`."""
    same = AuditEntry.object == object if object else AuditEntry.object.startswith(kind)
    query = select(AuditEntry.object).where(
        AuditEntry.action == "reveal",
        same,
        AuditEntry.who == visit.staff.name,
        AuditEntry.at > visit.now - REVEALED_FOR,
    )
    return set(session.scalars(query)) if visit.may("reveal") else set()
