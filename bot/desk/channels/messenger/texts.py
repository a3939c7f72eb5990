"""What only Messenger needs to say, from the reviewed file, with the clinic's words filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.clinic import Clinic

TEXTS_FILE = Path(__file__).parents[3] / "knowledge" / "messenger_texts.yml"


@dataclass(frozen=True)
class MessengerTexts:
    """Every sentence and title that the channel itself can show; see the file for where each one stands."""

    none_of_these: str
    answer_yes: str
    answer_no: str
    more: str
    choose_time: str
    pick_several: str
    pick_one: str
    choose: str
    times: str
    stop_if: str
    meanwhile: str
    careful: str
    links: dict[str, str]
    link: str
    more_choices: str
    old_button: str
    none_words: list[str]
    all_words: list[str]
    number_words: dict[str, str]
    filler_words: list[str]
    greeting: str
    ice_breakers: dict[str, str]
    menu: dict[str, str]
    web_chat_offer: str
    continue_title: str
    continue_text: str
    continue_button: str
    continue_gone: str
    deletion_title: str
    deletion_done: str
    deletion_received: str
    deletion_unknown: str

    @classmethod
    def load(cls, clinic: Clinic, path: Path = TEXTS_FILE) -> MessengerTexts:
        """Read the file and fill in the clinic's words. Raises KeyError or TypeError for a wrong file."""
        words = {
            "clinic_name": clinic.name,
            "assistant_name": clinic.assistant_name,
            "emergency_number": clinic.emergency.number,
            "clinic_phone": clinic.phone.display,
            "retention_days": str(clinic.retention_days),
            "privacy_contact": clinic.privacy_contact,
        }
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        raw.pop("reviewed")
        return cls(**{key: _filled(value, words) for key, value in raw.items()})

    def menu_words(self, key: str) -> str | None:
        """What a tap on this item of the menu or the first screen says; None if there is no such item."""
        return self.ice_breakers.get(key.removeprefix("ice.")) if key.startswith("ice.") else self.menu.get(key)


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {str(key): _filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    return str(value).format_map(words)
