"""The intents that a message may be given, with words for staff."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

FILE = Path(__file__).with_name("intents.yml")


@lru_cache(maxsize=1)
def intents() -> Mapping[str, str]:
    """Every intent and what it means, in the order of the menu."""
    return MappingProxyType(yaml.safe_load(FILE.read_text(encoding="utf-8")))
