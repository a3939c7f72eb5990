"""Pictures by attachments that Meta keeps: uploaded once, again before they expire."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import delete

from bot.desk.channels.messenger.graph import Graph, GraphError, Permanent
from bot.store import Transactions
from bot.store.models import Message, MessengerPicture, utc_now

FOLDER = Path(__file__).parents[3] / "widget" / "pictures" / "png"
MOST_TRIES = 3  # then the words go without it
KEPT = timedelta(days=80)  # Meta forgets an attachment after 90
MOST_BYTES = 8 * 1024 * 1024
log = structlog.get_logger(__name__)


@dataclass
class Pictures:
    """Meta takes no SVG: a picture is sent when a PNG of the same name lies in the folder, and left out otherwise."""

    transactions: Transactions
    graph: Graph
    folder: Path = FOLDER

    async def of_message(self, message: Message) -> dict[str, Any] | None:
        """The picture of this message as Meta's `message` object; None if there is none that Meta has or takes.

        Raises GraphError where Meta may take it soon.
        """
        source = str((message.payload.get("image") or {}).get("src", ""))
        file = self.folder / f"{Path(source).stem}.png"
        if not source or not file.is_file() or file.stat().st_size > MOST_BYTES:
            return None
        try:
            attachment_id = await self._attachment(file)
        except GraphError as error:
            if message.attempts < MOST_TRIES and not isinstance(error, Permanent):
                raise
            log.warning("messenger_picture_failed", picture=file.stem, code=error.reason)
            return None
        return {"attachment": {"type": "image", "payload": {"attachment_id": attachment_id}}}

    async def forget(self, attachment_id: str) -> None:
        """Meta does not have this attachment any more: the picture is uploaded again when it is next needed."""
        gone = delete(MessengerPicture).where(MessengerPicture.attachment_id == attachment_id)
        await self.transactions.write(lambda session: session.execute(gone) and None)

    async def _attachment(self, file: Path) -> str:
        picture = file.read_bytes()
        name = hashlib.sha256(picture).hexdigest()
        known = await self.transactions.read(lambda session: session.get(MessengerPicture, name))
        if known is not None and utc_now() - known.uploaded_at < KEPT:
            return known.attachment_id
        attachment_id = await self.graph.upload(file.stem, picture)
        row = MessengerPicture(name=name, attachment_id=attachment_id, uploaded_at=utc_now())
        await self.transactions.write(lambda session: session.merge(row) and None)
        return attachment_id
