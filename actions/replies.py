"""What the assistant says in one turn: texts by name, with what the channels draw beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.executor import CollectingDispatcher


@dataclass
class Replies:
    """The replies of one turn, in order; `texts` gives the text of a name with its placeholders filled."""

    texts: Callable[..., str]
    said: list[dict[str, Any]] = field(default_factory=list)

    def say(self, reply: str, /, *, parts: Mapping[str, Any] | None = None, **values: str) -> None:
        """Say the reply of this name (replies.yml), with the parts that channels draw (ask, choices, card...)."""
        self.said.append({"text": self.texts(reply, **values), "parts": dict(parts or {})})

    def tell(self, text: str, **parts: Any) -> None:
        """Say a text that comes from the reviewed content."""
        self.said.append({"text": text, "parts": parts})

    def line(self, kind: str, **content: Any) -> None:
        """A line for the desk alone: `assessment`, `state` or `understood` (docs/protocol.md)."""
        self.said.append({"parts": {"line": kind, **content}})

    @property
    def offer_something(self) -> bool:
        """Whether the last reply already ends with choices or a question."""
        replies = [reply["parts"] for reply in self.said if "line" not in reply["parts"]]
        return bool(replies) and ("choices" in replies[-1] or "ask" in replies[-1])

    def send(self, dispatcher: CollectingDispatcher) -> None:
        """Hand everything to Rasa."""
        for reply in self.said:
            dispatcher.utter_message(text=reply.get("text"), json_message=reply["parts"])
