"""The desk's own words to patients, from the reviewed file, with the clinic's numbers filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.clinic import Clinic

TEXTS_FILE = Path(__file__).parent.parent / "knowledge" / "desk_texts.yml"


@dataclass(frozen=True)
class DeskTexts:
    """Every sentence that the desk itself can say."""

    emergency_number: str
    waking_up: str
    emergency_while_away: str
    could_not_answer: str
    channel_off: str
    person_joined: str
    attachment_words: str
    answer_yes: str
    answer_no: str
    none_of_these: str
    transcript_title: str
    you: str
    assistant: str
    staff: str
    system: str

    @classmethod
    def load(cls, clinic: Clinic, path: Path = TEXTS_FILE) -> DeskTexts:
        """Read the file and fill in the clinic's numbers. Raises KeyError or TypeError for a wrong file."""
        numbers = {
            "emergency_number": clinic.emergency.label,
            "crisis_line": clinic.crisis.text,
            "clinic_phone": clinic.phone.display,
        }
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        raw.pop("reviewed")
        filled = {key: str(text).format_map(numbers) for key, text in raw.items()}
        return cls(emergency_number=clinic.emergency.number, **filled)

    def author(self, author: str) -> str:
        """How an author is called in a transcript."""
        names = {"patient": self.you, "assistant": self.assistant, "staff": self.staff}
        return names.get(author, self.system)
