"""Switching a channel off and on. The desk reads the switch with every message it takes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import ChannelSwitch, utc_now

CHANNELS = {"webchat": "The chat on the website", "messenger": "Facebook Messenger"}


@dataclass(frozen=True)
class Switch:
    """One channel as it is now, and who changed it last."""

    channel: str
    title: str
    on: bool
    changed_at: datetime | None
    changed_by: str | None
    reason: str | None


def state(session: Session) -> list[Switch]:
    """Every channel; one that nobody has ever switched is on."""
    rows = {row.channel: row for row in session.scalars(select(ChannelSwitch))}
    return [
        Switch(channel, title, row.enabled, row.changed_at, row.changed_by, row.reason)
        if (row := rows.get(channel))
        else Switch(channel, title, True, None, None, None)
        for channel, title in CHANNELS.items()
    ]


def turn(session: Session, channel: str, on: bool, *, by: str, reason: str | None) -> None:
    """Switch a channel; the next message that comes in already meets it."""
    session.merge(ChannelSwitch(channel=channel, enabled=on, changed_at=utc_now(), changed_by=by, reason=reason))
