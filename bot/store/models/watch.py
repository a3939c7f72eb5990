"""What staff watch over: alerts that a person must see, and the switch of each channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class Alert(Base):
    """A conversation that staff must look at now; one for each message and kind, however often it is reported."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id", "kind"),
        Index("ix_alerts_acknowledged_at_at", "acknowledged_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(String(20))  # emergency, crisis
    at: Mapped[datetime] = mapped_column(default=utc_now)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class AlertNotice(Base):
    """One e-mail or webhook call about an alert, until it went out; it is made once for each stage and way."""

    __tablename__ = "alert_notices"
    __table_args__ = (UniqueConstraint("alert_id", "stage", "way"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(12))  # raised, escalated
    way: Mapped[str] = mapped_column(String(12))  # email, webhook
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(index=True)  # None: sent, or given up
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(60))  # the kind of failure


class ChannelSwitch(Base):
    """Whether a channel is on; a channel without a row is on."""

    __tablename__ = "channel_switches"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(300))
