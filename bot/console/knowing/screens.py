"""The screens of figures: the charts, the conversations behind a number, and CSV."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.knowing import measures
from bot.console.knowing.csv_file import csv_text
from bot.console.knowing.measures import Period
from bot.console.knowing.overview import (
    CHANNEL_WORDS,
    DISPOSITION_WORDS,
    figures,
    list_href,
    period_of,
    words_for,
)
from bot.console.screens import Console, Screen, Visit, number_of
from bot.store.models import Conversation

PAGE = 50
MOST_EXPORTED = 10_000


async def show_figures(visit: Visit) -> Response:
    """All charts of a period, each with its table."""
    period = _period(visit)
    shown = await visit.console.transactions.read(partial(figures, period=period, now=visit.now))
    return visit.render("knowing/figures.html", figures=shown, period=period, channels=CHANNEL_WORDS)


async def show_behind(visit: Visit) -> Response:
    """The very conversations that a number has counted."""
    period, query = _period(visit), visit.request.query_params
    measure, key = query.get("of", ""), query.get("is", "")
    page = min(number_of(query.get("page", "")) or 1, 2000)
    try:
        behind = measures.behind(measure, key, period, visit.now)
    except measures.Unknown:
        return _nothing(visit)

    def read(session: Session) -> tuple[int, list[Conversation]]:
        ids = list(session.scalars(behind.limit(PAGE).offset((page - 1) * PAGE)))
        found = {row.id: row for row in session.scalars(select(Conversation).where(Conversation.id.in_(ids)))}
        return measures.how_many(session, behind), [found[id] for id in ids if id in found]

    total, rows = await visit.console.transactions.read(read)
    return visit.render(
        "knowing/behind.html",
        heading=words_for(measure, key),
        total=total,
        rows=rows,
        period=period,
        page=page,
        pages=max(1, -(-total // PAGE)),
        address=list_href(measure, key, period),
        levels=DISPOSITION_WORDS,
        channels=CHANNEL_WORDS,
    )


async def download(visit: Visit) -> Response:
    """The table of one chart as a CSV file."""
    period = _period(visit)
    name = visit.path("figure")

    def read(session: Session) -> str | None:
        found = next((figure for figure in figures(session, period, visit.now) if figure.id == name), None)
        return csv_text(found.header, [row.cells for row in found.rows]) if found else None

    text = await visit.console.transactions.read(read)
    if text is None:
        return _nothing(visit)
    await visit.console.transactions.write(
        lambda session: visit.record(session, "export", f"figures:{name}", _told(period))
    )
    return csv_response(text, f"{name}-{period.first}-{period.last}.csv")


async def download_behind(visit: Visit) -> Response:
    """The conversations behind a number as a CSV file: ids, dates and levels, no words and nobody's name."""
    period, query = _period(visit), visit.request.query_params
    try:
        behind = measures.behind(query.get("of", ""), query.get("is", ""), period, visit.now)
    except measures.Unknown:
        return _nothing(visit)

    def write(session: Session) -> str:
        ids = list(session.scalars(behind.limit(MOST_EXPORTED)))
        visit.record(session, "export", "figures:conversations", {**_told(period), "conversations": len(ids)})
        columns = (Conversation.id, Conversation.channel, Conversation.created_at, Conversation.stage)
        found: list[tuple[Any, ...]] = []
        for first in range(0, len(ids), 500):
            some = select(*columns, Conversation.disposition, Conversation.row)
            found += session.execute(some.where(Conversation.id.in_(ids[first : first + 500]))).tuples().all()
        rows = [(id, channel, at.isoformat(), *rest) for id, channel, at, *rest in found]
        return csv_text(("Conversation", "Channel", "Opened", "Stage", "Level", "Rule"), rows)

    return csv_response(
        await visit.console.transactions.write(write), f"conversations-{period.first}-{period.last}.csv"
    )


def csv_response(text: str, name: str) -> Response:
    """A file to download; `name` is one of ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def _period(visit: Visit) -> Period:
    today = visit.now.astimezone(visit.console.clinic.zone).date()
    return period_of(dict(visit.request.query_params), today)


def _told(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), "channel": period.channel or "all"}


def _nothing(visit: Visit) -> Response:
    return visit.render("problem.html", code=404, title="There is no such list", text="Go back to the figures.")


def screens(_console: Console) -> list[Screen]:
    """The addresses of this room."""
    return [
        Screen("/figures", show_figures, "figures", menu="Figures"),
        Screen("/figures/conversations", show_behind, "read_conversations"),
        Screen("/figures/conversations.csv", download_behind, "export"),
        Screen("/figures/{figure}.csv", download, "figures"),
    ]
