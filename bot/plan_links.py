"""Signed links to a printable stretch plan. They hold no personal data, and end after a while."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from bot.settings import Settings

MAX_AGE_SECONDS = 60 * 24 * 3600
LONGEST_TOKEN = 600
MOST_STRETCHES = 12
PERMISSIONS = ("gentle", "full")


class PlanLinkProblem(Exception):
    """A link that opens no plan. `kind` is "invalid" or "expired"."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class LinkedPlan:
    """What a link stands for: stretch ids in order, "gentle" or "full", today's rung, and how far the ladder goes."""

    ids: tuple[str, ...]
    permission: str
    rung: str
    highest_rung: str | None = None


class PlanLinks:
    """Makes and reads the links under /plan."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._serializer = URLSafeTimedSerializer(
            settings.derived_secret("plan-link"), salt="psoas.plan", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def link(self, ids: Sequence[str], permission: str, rung: str, highest_rung: str | None = None) -> str:
        """The whole address of the plan's page. Without `highest_rung` the permission alone limits the ladder."""
        plan = LinkedPlan(tuple(ids), permission, rung, highest_rung)
        if not _is_plan(plan):
            raise ValueError("a plan has stretches, a permission of gentle or full, and a rung")
        token = self._serializer.dumps([list(plan.ids), plan.permission, plan.rung, plan.highest_rung])
        return f"{self._base_url}/plan/{token}"

    def read(self, token: str) -> LinkedPlan:
        """The plan of a link's last part; raises PlanLinkProblem for a wrong or an old one."""
        if len(token) > LONGEST_TOKEN:
            raise PlanLinkProblem("invalid")
        try:
            ids, permission, rung, highest = self._serializer.loads(token, max_age=MAX_AGE_SECONDS)
        except SignatureExpired:
            raise PlanLinkProblem("expired") from None
        except (BadData, ValueError, TypeError):
            raise PlanLinkProblem("invalid") from None
        return LinkedPlan(tuple(ids), permission, rung, highest)


def _is_plan(plan: LinkedPlan) -> bool:
    return 1 <= len(plan.ids) <= MOST_STRETCHES and plan.permission in PERMISSIONS and bool(plan.rung)
