"""What a list of conversations shows, as it stands in its address: one address gives the same list to everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from urllib.parse import urlencode

from bot.console.queue import BANDS

STATES = ("open", "reviewed", "all")
HOLDERS = ("", "me", "nobody", "anybody")
CHANNELS = ("", "webchat", "messenger")
HANDLERS = ("", "assistant", "waiting", "staff")
DISPOSITIONS = ("", "emergency", "urgent", "routine_medical", "clinic_appointment", "self_care", "none")
VERDICTS = ("", "agree", "too_high", "too_low")
_CHOICES = {
    "state": STATES,
    "band": ("", *BANDS),
    "holder": HOLDERS,
    "channel": CHANNELS,
    "handler": HANDLERS,
    "disposition": DISPOSITIONS,
    "verdict": VERDICTS,
}
LONGEST_WORDS = 100
TAG = re.compile(r"[\w][\w -]{0,38}[\w]|[\w]")


@dataclass(frozen=True)
class Filters:
    """All filters of a list; the default is the open queue. `since` and `until` are days of the clinic (ISO)."""

    q: str = ""
    state: str = "open"
    band: str = ""
    holder: str = ""
    channel: str = ""
    handler: str = ""
    disposition: str = ""
    verdict: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> str:
        """What stands behind the question mark; defaults are left out, and the order is always the same."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(Filters, name)}
        return urlencode(given)

    @property
    def is_queue(self) -> bool:
        """Whether the list is in the order of the queue (else the newest come first)."""
        return self.state == "open" and not self.q

    def but(self, **changes: str) -> Filters:
        """The same with some changed."""
        return replace(self, **changes)


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters of an address; what is not one of the choices is left out."""
    taken: dict[str, str] = {}
    for each in fields(Filters):
        value = " ".join(given.get(each.name, "").replace("\x00", " ").split())
        if value and _is_good(each.name, value):
            taken[each.name] = value[:LONGEST_WORDS]
    return Filters(**taken)


def _is_good(name: str, value: str) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name in ("since", "until"):
        return _is_day(value)
    return name == "q" or TAG.fullmatch(value) is not None


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
