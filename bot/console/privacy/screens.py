"""The screens of privacy: retention and legal holds, erasing one patient, the audit, and the channels' switches."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.knowing.csv_file import csv_text
from bot.console.knowing.screens import csv_response
from bot.console.privacy import retention, switches
from bot.console.privacy.retention import CATEGORIES, Keeper
from bot.console.screens import Console, Screen, Visit, number_of
from bot.store.models import Conversation, LegalHold, Message
from bot.store.models.staff import AuditEntry

CATEGORY_WORDS = {
    "messages": "Words of both sides, and what the assistant remembers",
    "facts": "What was decided on",
    "conversations": "Conversations as a whole, with their figures",
    "appointments": "Who came to past appointments",
}
LINES = 100
MOST_PROBLEMS = 20
MOST_EXPORTED = 50_000


async def show_privacy(visit: Visit) -> Response:
    """How long what is kept, what a run would erase now, the holds and the last runs."""
    keeper = _keeper(visit)
    counts = await keeper.preview()

    def read(session: Session) -> dict[str, Any]:
        return {"runs": retention.recent_runs(session, 10), "holds": retention.holds(session)}

    found = await visit.console.transactions.read(read)
    rows = [(CATEGORY_WORDS[name], getattr(keeper.rules, name), counts[name]) for name in CATEGORIES]
    return visit.render(
        "privacy/retention.html", rows=rows, audit_days=keeper.rules.audit, problem=_problem(visit), **found
    )


def _problem(visit: Visit) -> str:
    problems = {
        "no_such": "There is no such conversation.",
        "why": "Write a reason.",
        "held": "It is under a legal hold.",
    }
    return problems.get(visit.request.query_params.get("problem", ""), "")


def _keeper(visit: Visit) -> Keeper:
    return Keeper(visit.console.transactions, visit.console.clinic.retention, visit.console.clock)


async def run_retention(visit: Visit) -> Response:
    """Erase now what is due."""
    counts = await _keeper(visit).run_once(visit.staff.name)
    await visit.console.transactions.write(lambda session: visit.record(session, "retention_run", "retention", counts))
    return visit.go("/privacy", "retention")


async def set_hold(visit: Visit) -> Response:
    """Keep one conversation whatever the calendar says."""
    conversation_id, why = visit.field("conversation", 40), visit.field("reason", 300)
    if not why:
        return visit.go("/privacy?problem=why")

    def write(session: Session) -> None:
        retention.set_hold(session, conversation_id, why, by=visit.staff.name)
        visit.record(session, "hold", f"conversation:{conversation_id}")

    try:
        await visit.console.transactions.write(write)
    except LookupError:
        return visit.go("/privacy?problem=no_such")
    return visit.go("/privacy", "hold")


async def lift_hold(visit: Visit) -> Response:
    """Let the calendar have it again."""
    conversation_id = visit.path("id")

    def write(session: Session) -> None:
        if retention.lift_hold(session, conversation_id):
            visit.record(session, "lift_hold", f"conversation:{conversation_id}")

    await visit.console.transactions.write(write)
    return visit.go("/privacy", "hold_lifted")


async def ask_erase(visit: Visit) -> Response:
    """What erasing one patient takes away, before it is done."""
    conversation_id = visit.request.query_params.get("conversation", "").strip()[:40]

    def read(session: Session) -> dict[str, Any] | None:
        row = session.get(Conversation, conversation_id)
        if row is None:
            return None
        said = select(func.count()).where(Message.conversation_id == row.id, Message.status != "erased")
        return {"row": row, "messages": session.scalar(said), "held": session.get(LegalHold, row.id) is not None}

    found = await visit.console.transactions.read(read)
    return visit.go("/privacy?problem=no_such") if found is None else visit.render("privacy/erase.html", **found)


async def erase(visit: Visit) -> Response:
    """Erase one patient everywhere, for good."""
    conversation_id = visit.field("conversation", 40)
    if visit.field("sure") != "yes":
        return visit.go("/privacy")

    def allow(session: Session) -> bool:
        """Written down before it is done."""
        if session.get(LegalHold, conversation_id) is not None:
            return False
        if session.get(Conversation, conversation_id) is not None:
            visit.record(session, "erase", f"conversation:{conversation_id}")
        return True

    if not await visit.console.transactions.write(allow):
        return visit.go("/privacy?problem=held")
    if not await visit.console.desk.eraser.by_staff(conversation_id):
        return visit.go("/privacy?problem=no_such")
    return visit.go("/privacy", "erased")


def _filtered(visit: Visit) -> Select[tuple[AuditEntry]]:
    """The audit's lines that the address asks for, newest first."""
    asked = visit.request.query_params
    query = select(AuditEntry).order_by(AuditEntry.seq.desc())
    for name in ("who", "action"):
        if asked.get(name):
            query = query.where(getattr(AuditEntry, name) == asked[name])
    if asked.get("object"):
        query = query.where(AuditEntry.object.startswith(asked["object"], autoescape=True))
    for name, at in (("from", time.min), ("to", time.max)):
        try:
            day = datetime.fromisoformat(asked.get(name, "")).date()
        except ValueError:
            continue
        moment = datetime.combine(day, at, visit.console.clinic.zone)
        query = query.where(AuditEntry.at >= moment if name == "from" else AuditEntry.at <= moment)
    before = number_of(asked.get("before", ""))
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    return query


async def show_audit(visit: Visit) -> Response:
    """Who looked at what and did what; `verify` checks every seal of the chain."""
    verify = visit.request.query_params.get("verify") == "1"

    def write(session: Session) -> dict[str, Any]:
        problems: list[str] | None = None
        if verify:
            problems = [
                text for _, text in zip(range(MOST_PROBLEMS), visit.console.audit.problems(session), strict=False)
            ]
            visit.record(session, "verify_audit", "audit", {"problems": len(problems)})
        lines = list(session.scalars(_filtered(visit).limit(LINES)))
        actions = list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))
        return {"lines": lines, "actions": actions, "problems": problems}

    work = visit.console.transactions.write if verify else visit.console.transactions.read
    asked = {name: visit.request.query_params.get(name, "") for name in ("who", "action", "object", "from", "to")}
    return visit.render("privacy/audit.html", asked=asked, full=LINES, **await work(write))


async def download_audit(visit: Visit) -> Response:
    """The same lines as a CSV file, with their seals."""

    def write(session: Session) -> str:
        lines = list(session.scalars(_filtered(visit).limit(MOST_EXPORTED)))
        visit.record(session, "export", "audit", {"lines": len(lines)})
        header = ("Number", "At", "Who", "Did", "With what", "More", "Seal")
        rows = [(e.seq, e.at.isoformat(), e.who, e.action, e.object, _told(e.details), e.seal) for e in lines]
        return csv_text(header, rows)

    return csv_response(await visit.console.transactions.write(write), "audit.csv")


def _told(details: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in sorted(details.items()))


async def show_switches(visit: Visit) -> Response:
    """Each channel, on or off, and what patients see meanwhile."""
    found = await visit.console.transactions.read(switches.state)
    return visit.render("privacy/switches.html", switches=found, shown=visit.console.desk.texts.channel_off)


async def turn(visit: Visit) -> Response:
    """Switch a channel on or off."""
    channel, on = visit.path("channel"), visit.field("to") == "on"
    if channel not in switches.CHANNELS:
        return visit.render("problem.html", code=404, title="There is no such channel", text="Go back.")

    def write(session: Session) -> None:
        switches.turn(session, channel, on, by=visit.staff.name, reason=visit.field("reason", 300) or None)
        visit.record(session, "switch_on" if on else "switch_off", f"channel:{channel}")

    await visit.console.transactions.write(write)
    return visit.go("/switches", "switched")


def screens(_console: Console) -> list[Screen]:
    """The addresses of this room."""
    return [
        Screen("/privacy", show_privacy, "privacy", menu="Privacy"),
        Screen("/privacy/run", run_retention, "privacy", ("POST",)),
        Screen("/privacy/holds", set_hold, "privacy", ("POST",)),
        Screen("/privacy/holds/{id}/lift", lift_hold, "privacy", ("POST",)),
        Screen("/privacy/erase", ask_erase, "privacy"),
        Screen("/privacy/erase", erase, "privacy", ("POST",)),
        Screen("/audit", show_audit, "audit", menu="Audit"),
        Screen("/audit.csv", download_audit, "audit"),
        Screen("/switches", show_switches, "switches", menu="Channels"),
        Screen("/switches/{channel}", turn, "switches", ("POST",)),
    ]
