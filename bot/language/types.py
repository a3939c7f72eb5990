"""What reading a text gives: an answer to a known question, or a danger sign with its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["given", "declined", "unsure"]
Assertion = Literal["present", "absent", "past", "possible", "other_person", "figurative"]


@dataclass(frozen=True)
class Answer:
    """What a text says to one question.

    `facts` holds only what the text gives. `clarify` is the key of the question's `bad_input` text to ask with when
    the answer cannot be used as it stands.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "given"
    clarify: str | None = None


@dataclass(frozen=True)
class Flag:
    """One danger sign found in a text.

    `facts` holds what the sign tells about this patient. For "absent" they are the default values ("none", False).
    A "possible" sign with facts is one the patient is unsure of; one without facts was only asked about ("what if",
    "is that a symptom") and must not move the decision. For "other_person" the facts are that person's, with
    `subject` "other". `span` counts characters of the text as the patient wrote it, and `text` is that part.
    """

    id: str
    assertion: Assertion
    facts: Mapping[str, Any]
    span: tuple[int, int]
    text: str
