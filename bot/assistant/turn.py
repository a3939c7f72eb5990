"""One message's way through Rasa: read, answered, stored; its lines are given out as they come."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.action_endpoint import ActionEndpoint, TurnFailed
from bot.assistant.desk_message import DeskMessage
from bot.assistant.replies import LAST, Line, TurnLines, stored_lines, understood
from bot.assistant.shortcuts import shorten
from bot.assistant.tracker_store import PsoasTrackerStore
from bot.private_logs import where

CHANNEL = "psoas"
LOCK_WAIT_SECONDS = 0.05
TOGETHER_SECONDS = 0.1
RANKING_KEPT = 3
COMMAND_MARKS = re.compile(r"[\s/\N{FULLWIDTH SOLIDUS}]*")

logger = logging.getLogger(__name__)


class LineOutput(OutputChannel):  # type: ignore[misc]  # Rasa ships no types
    """Gives every utterance on as one line of the protocol."""

    def __init__(self, put: Callable[[Line], None]) -> None:
        self._put = put
        self._lines = TurnLines()

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa."""
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """One utterance, whole."""
        line = self._lines.line_of(message)
        if line is not None:
            self._put(line)


class Turn:
    """One message being handled. It runs to its end even when nobody listens any more."""

    def __init__(self, agent: Agent, message: DeskMessage) -> None:
        self.message = message
        self._agent = agent
        self._store = own_store(agent)
        self._lines: list[Line] = []
        self._ended = asyncio.Event()
        self._some = asyncio.Event()

    async def run(self) -> None:
        """Handle the message; every way out ends with `done` or `error`."""
        try:
            await self._handle()
            self._put({"type": "done"})
        except (LockError, TurnFailed) as error:
            self._give_up("busy", error)
        except Exception as error:
            self._give_up("internal", error)

    async def next_lines(self) -> list[Line]:
        """What is said next, and what follows within a moment: a quick turn is one piece.

        `done` or `error` is the last line of all.
        """
        await self._some.wait()
        if self._lines[-1]["type"] not in LAST:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._ended.wait(), TOGETHER_SECONDS)
        lines, self._lines = self._lines, []
        self._some.clear()
        return lines

    async def _handle(self) -> None:
        conversation = self.message.conversation
        async with self._agent.lock_store.lock(conversation, wait_time_in_seconds=LOCK_WAIT_SECONDS):
            events = await self._store.turn(conversation, self.message.message)
            if events is not None:
                for line in stored_lines(events):
                    self._put(line)
                return
            parse_data = await self._parse_data()
            self._put(understood(parse_data))
            await self._agent.processor.handle_message(
                UserMessage(
                    self.message.text,
                    LineOutput(self._put),
                    conversation,
                    parse_data=parse_data,
                    input_channel=CHANNEL,
                    message_id=self.message.message,
                    metadata=self.message.metadata,
                )
            )

    async def _parse_data(self) -> dict[str, Any]:
        """What the message means: read from the patient's words, or known without reading."""
        message = self.message
        read = await self._read_text() if message.is_free_text else None
        if message.kind == "choice":
            send = message.body["send"]
            return self._known(send["intent"], send.get("entities"), send.get("answer"))
        if message.kind == "value":
            answer = {"questions": message.body["questions"], "value": message.body["value"]}
            return {**read, "answer": answer} if read else self._known("inform", answer=answer)
        if message.kind == "event":
            return self._known("greet")
        return read or self._known("out_of_scope")

    async def _read_text(self) -> dict[str, Any] | None:
        """Rasa's reading of the text; None where there is nothing to read.

        A leading slash would be taken for Rasa's own command syntax, so it is read as blank.
        """
        text = self.message.text
        words = COMMAND_MARKS.sub("", text, count=1)
        if not words:
            return None
        message = UserMessage("", sender_id=self.message.conversation, metadata=self.message.metadata)
        message.text = words.rjust(len(text))
        # Rasa's public way also builds an empty domain each time, to see whether ours is one.
        nothing_before = DialogueStateTracker.from_events(message.sender_id, [])
        parse_data: dict[str, Any] = self._agent.processor._parse_message_with_graph(message, nothing_before)
        # Every event of the bounded past goes to the action server each time: the long tail of guesses stays out.
        ranking = parse_data.get("intent_ranking", [])[:RANKING_KEPT]
        return {**parse_data, "text": text, "intent_ranking": ranking}

    def _known(self, intent: str, entities: Any = None, answer: Any = None) -> dict[str, Any]:
        return {
            "text": self.message.text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": entities or [],
            "answer": answer or {},
            "flags": [],
        }

    def _give_up(self, code: str, error: BaseException) -> None:
        self._store.forget(self.message.conversation)
        logger.error("message not handled (%s): %s", code, where(error))
        self._put({"type": "error", "code": code})

    def _put(self, line: Line) -> None:
        self._lines.append(line)
        self._some.set()
        if line["type"] in LAST:
            self._ended.set()


def own_store(agent: Agent) -> PsoasTrackerStore:
    """Our tracker store; also makes the agent use it, and the action server, without Rasa's safety nets.

    Rasa's wrapper answers a database error with an empty conversation in memory, and an action server that
    is away with silence. Here both must fail the turn, which the desk then tries again.
    """
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
        agent.tracker_store = agent.processor.tracker_store = store
    if not isinstance(store, PsoasTrackerStore):
        raise TypeError("endpoints.yml must name bot.assistant.tracker_store.PsoasTrackerStore")
    if agent.action_endpoint is not None and not isinstance(agent.action_endpoint, ActionEndpoint):
        agent.action_endpoint = agent.processor.action_endpoint = ActionEndpoint.replacing(agent.action_endpoint)
    shorten(agent.processor)
    return store
