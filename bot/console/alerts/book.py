"""Alerts in the database: which wait, who takes them, when they are escalated, and the notices that must go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.console.roles import PERMISSIONS
from bot.settings import AlertSettings
from bot.store.models import Alert, AlertNotice
from bot.store.models.staff import StaffAccount

RAISED, ESCALATED = "raised", "escalated"
# An alert of yesterday is still on the page; nobody is woken for it.
NEWS_FOR = timedelta(days=1)
LEASE = timedelta(minutes=1)
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900, 3600))
MOST_AT_ONCE = 50
MOST_SENT_AT_ONCE = 5  # all of them within the lease


@dataclass(frozen=True)
class Notice:
    """One message to send. It names the alert by its number only, and nothing of what the patient said."""

    id: int
    alert_id: int
    stage: str
    way: str
    at: datetime
    to: tuple[str, ...]


def waiting(session: Session) -> list[Alert]:
    """The alerts that nobody has taken, the oldest first."""
    query = select(Alert).where(Alert.acknowledged_at.is_(None)).order_by(Alert.at, Alert.id)
    return list(session.scalars(query.limit(200)))


def taken(session: Session, most: int = 50) -> list[Alert]:
    """The alerts that somebody has taken, the newest first."""
    query = select(Alert).where(Alert.acknowledged_at.is_not(None)).order_by(Alert.acknowledged_at.desc())
    return list(session.scalars(query.limit(most)))


def take(session: Session, alert_id: int, who: str, now: datetime) -> Alert | None:
    """Make this person the alert's owner unless it has one; the alert as it is now, None if there is none."""
    session.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.acknowledged_at.is_(None))
        .values(acknowledged_by=who, acknowledged_at=now),
        execution_options={"synchronize_session": False},
    )
    return session.get(Alert, alert_id, populate_existing=True)


def give(session: Session, alert_id: int, who: str) -> Alert | None:
    """Make this person the owner of an alert that was taken; when it was first taken stays."""
    alert = session.get(Alert, alert_id, with_for_update=True)
    if alert is None or alert.acknowledged_at is None:
        return None
    alert.acknowledged_by = who
    return alert


def owners(session: Session) -> list[str]:
    """Everybody who may answer alerts, by name."""
    return [account.name for account in _people(session, PERMISSIONS["alerts"])]


def escalate(session: Session, settings: AlertSettings, now: datetime) -> list[int]:
    """Mark the alerts that nobody took in time; their numbers."""
    late = select(Alert).where(
        Alert.acknowledged_at.is_(None),
        Alert.escalated_at.is_(None),
        Alert.at <= now - timedelta(minutes=settings.escalate_minutes),
    )
    rows = session.scalars(late.limit(MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
    for alert in rows:
        alert.escalated_at = now
    return [alert.id for alert in rows]


def write_notices(session: Session, ways: Sequence[str], now: datetime) -> None:
    """Put down what must go out for new and for escalated alerts, once each."""
    for stage, when in ((RAISED, Alert.at), (ESCALATED, Alert.escalated_at)):
        known = select(AlertNotice.alert_id).where(AlertNotice.stage == stage)
        fresh = select(Alert.id).where(when > now - NEWS_FOR, Alert.id.not_in(known)).limit(MOST_AT_ONCE)
        for alert_id in session.scalars(fresh.with_for_update(skip_locked=True)).all():
            for way in ways:
                session.add(AlertNotice(alert_id=alert_id, stage=stage, way=way, next_attempt_at=now))
    session.flush()


def claim_notices(session: Session, settings: AlertSettings, now: datetime) -> list[Notice]:
    """Take the notices that are due; one that is not settled within the lease is due again."""
    due = select(AlertNotice).where(AlertNotice.next_attempt_at <= now).order_by(AlertNotice.id)
    claimed: list[Notice] = []
    for row in session.scalars(due.limit(MOST_SENT_AT_ONCE).with_for_update(skip_locked=True)):
        alert = session.get_one(Alert, row.alert_id)
        row.attempts, row.next_attempt_at = row.attempts + 1, now + LEASE
        claimed.append(Notice(row.id, alert.id, row.stage, row.way, alert.at, _receivers(session, row.stage, settings)))
    return claimed


def settle_notice(session: Session, notice_id: int, error: str | None, now: datetime) -> None:
    """Note that a notice went out, or when it is tried again; after the last try it is given up."""
    row = session.get(AlertNotice, notice_id)
    if row is None:
        return
    row.error = error
    if error is None:
        row.sent_at, row.next_attempt_at = now, None
    else:
        row.next_attempt_at = now + BACKOFF[row.attempts - 1] if row.attempts <= len(BACKOFF) else None


def _receivers(session: Session, stage: str, settings: AlertSettings) -> tuple[str, ...]:
    """The addresses of the settings, or else of the staff who may answer."""
    chosen = settings.emails if stage == RAISED else settings.escalation_emails
    roles = PERMISSIONS["alerts"] if stage == RAISED else frozenset({"manager"})
    return chosen or tuple(account.email for account in _people(session, roles))


def _people(session: Session, roles: frozenset[str]) -> Sequence[StaffAccount]:
    query = select(StaffAccount).where(StaffAccount.disabled.is_(False), StaffAccount.role.in_(roles))
    return session.scalars(query.order_by(StaffAccount.name)).all()
