"""Chat with the running assistant in a terminal, with what it understood and decided shown beside it."""

from __future__ import annotations

import sys
import time
import uuid
from typing import Any

import click
import httpx
from sqlalchemy import select

from bot.settings import Settings
from bot.store import Database
from bot.store.models import Assessment, Message

POLL_SECONDS = 0.1
ANSWER_SECONDS = 60.0


@click.command()
@click.option("--url", default=None, help="address of the desk; default: PSOAS_BASE_URL")
def talk(url: str | None) -> None:
    """Chat with the running assistant: type words, a choice's number, or end with Ctrl-D."""
    settings = Settings.from_env()
    database = Database(settings.database_url)
    with httpx.Client(base_url=url or settings.base_url, timeout=10) as client:
        try:
            session = client.post("/chat/sessions", json={}).raise_for_status().json()
        except httpx.HTTPError as error:
            raise click.ClickException("The desk does not answer. Start it with: make run") from error
        client.headers["Authorization"] = f"Bearer {session['token']}"
        _converse(client, database, session["conversation"])


def _converse(client: httpx.Client, database: Database, conversation: str) -> None:
    _, choices = _show_new(client, 0)
    for line in sys.stdin if not sys.stdin.isatty() else iter(_prompt, None):
        text = line.strip()
        if not text:
            continue
        number = int(text) - 1 if text.isdigit() else -1
        tapped = 0 <= number < len(choices) and not any(choice.get("typed") for choice in choices)
        body = {"choice": choices[number]["id"]} if tapped else {"text": text}
        answer = client.post("/chat/messages", json={"id": str(uuid.uuid4()), **body})
        if answer.status_code >= 400:
            click.secho(answer.json()["message"], fg="red")
            continue
        _seq, choices = _show_new(client, answer.json()["seq"])
        _show_reasoning(database, conversation)


def _prompt() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None


def _show_new(client: httpx.Client, after: int) -> tuple[int, list[dict[str, Any]]]:
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        page = client.get("/chat/messages", params={"after": after}).json()
        messages = [message for message in page["messages"] if message["author"] != "patient"]
        if messages and not page["typing"]:
            for message in messages:
                _show(message)
            return messages[-1]["seq"], messages[-1].get("choices", [])
        time.sleep(POLL_SECONDS)
    click.secho("No answer within a minute. See the assistant's log.", fg="red")
    return after, []


def _show(message: dict[str, Any]) -> None:
    click.secho(message.get("text", ""), fg="red" if "safety" in message else "green")
    for number, choice in enumerate(message.get("choices", []), start=1):
        click.secho(f"  {number} {choice['title']}", fg="cyan")
    if "ask" in message:
        options = ", ".join(option["title"] for option in message["ask"].get("options", []))
        click.secho(f"  asks {' '.join(message['ask']['questions'])} ({message['ask']['kind']}) {options}", dim=True)


def _show_reasoning(database: Database, conversation: str) -> None:
    with database.session() as session:
        message = session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation, Message.author == "patient")
            .order_by(Message.seq.desc())
        ).first()
        decided = session.scalars(
            select(Assessment).where(Assessment.conversation_id == conversation).order_by(Assessment.id.desc())
        ).first()
    if message is not None and message.understood:
        understood = message.understood
        confidence = float(understood.get("confidence") or 0)
        click.secho(f"  heard {understood.get('intent')} ({confidence:.2f}) {understood.get('facts') or ''}", dim=True)
        for flag in understood.get("flags") or []:
            click.secho(f"  flag {flag['id']}: {flag['assertion']} {flag['facts']}", fg="yellow")
    if decided is not None:
        click.secho(f"  decided {decided.row} {decided.disposition}", fg="yellow")
