"""What a conversation remembers between turns, kept in one Rasa slot beside the facts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

SLOT = "chat"


@dataclass
class Chat:
    """The state of one conversation.

    `open` are the questions that wait for an answer now, `asked` those that are closed, `steps` the closed ones
    grouped as they were answered (for "go back"). `pending` is a yes/no question of our own that comes before
    anything else. `told` is the assessment that the patient was last given; `dismissed`
    are the flags that were in doubt and that the patient clearly denied; `revising` holds the answers that the
    patient went back on, until the new ones are there.
    """

    consent: bool | None = None
    stage: str = "opened"
    open: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    steps: list[list[str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    reasked: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Any] | None = None
    told: dict[str, Any] | None = None
    dismissed: list[str] = field(default_factory=list)
    hurry: bool = False
    checking: bool = False
    booking: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    explained: int = 0
    revising: dict[str, Any] = field(default_factory=dict)
    confused: int = 0
    waiting: bool = False
    handled: str | None = None
    last_at: str | None = None
    cared_for: str | None = None

    @classmethod
    def from_slot(cls, value: Any) -> Chat:
        """Read the slot; keys of an older version are dropped."""
        known = {item.name for item in fields(cls)}
        return cls(**{key: part for key, part in (value or {}).items() if key in known})

    def to_slot(self) -> dict[str, Any]:
        """What the slot keeps."""
        return asdict(self)

    def close(self, questions: list[str]) -> None:
        """These questions have their answer (or will not get one)."""
        closed = [question for question in questions if question not in self.asked]
        self.asked += closed
        self.open = [question for question in self.open if question not in questions]
        if closed:
            self.steps.append(closed)

    def reopen(self, questions: list[str]) -> None:
        """Ask these questions again."""
        self.asked = [question for question in self.asked if question not in questions]
        self.reasked = {question: count for question, count in self.reasked.items() if question not in questions}
        self.steps = [kept for step in self.steps if (kept := [q for q in step if q not in questions])]
