"""Who may do what: the one table that the code and the tests read."""

from __future__ import annotations

ROLES = ("reviewer", "clinician", "manager", "admin")

PERMISSIONS: dict[str, frozenset[str]] = {
    "own_account": frozenset(ROLES),
    "read_conversations": frozenset({"reviewer", "clinician", "manager"}),
    "review": frozenset({"reviewer", "clinician", "manager"}),
    "reveal": frozenset({"clinician", "manager"}),
    "act": frozenset({"clinician", "manager"}),
    "approve_replies": frozenset({"manager"}),
    "alerts": frozenset({"clinician", "manager"}),
    "calendar": frozenset({"clinician", "manager"}),
    "learn": frozenset({"reviewer", "manager"}),
    "export": frozenset({"manager"}),
    "figures": frozenset({"reviewer", "clinician", "manager", "admin"}),
    "privacy": frozenset({"manager", "admin"}),
    "audit": frozenset({"manager", "admin"}),
    "switches": frozenset({"manager", "admin"}),
    "accounts": frozenset({"admin"}),
}
"""An admin keeps accounts and the system, and reads no patient's words."""


def may(role: str, permission: str) -> bool:
    """Whether this role has this permission. KeyError: there is no such permission."""
    return role in PERMISSIONS[permission]
