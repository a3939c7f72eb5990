"""What the assistant says of its own: short, plain, from reviewed files, and never claiming too much."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.knowledge.reading import grade

HIGHEST_GRADE = 8.0
LONGEST_BUBBLE = 600
DOMAIN = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
TEXTS = [
    (name, variant["text"].replace("{", "").replace("}", ""))
    for name, variants in DOMAIN["responses"].items()
    for variant in variants
]
CLAIMS = re.compile(r"\b(you have got|diagnos(ed|is is)|caused by|will cure|cures?|proven|guarantee)\b", re.IGNORECASE)
CODE = list(Path("actions").rglob("*.py"))


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=[name for name, _ in TEXTS])
def test_a_response_is_plain_and_short_and_claims_nothing(name: str, text: str) -> None:
    assert grade(text) <= HIGHEST_GRADE, grade(text)
    assert len(text) <= LONGEST_BUBBLE
    assert not CLAIMS.search(text)


def test_every_response_is_said_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    said = set(re.findall(r"utter_[a-z_]+", code))
    dispositions = {f"utter_result_{name}" for name in ("urgent", "routine_medical", "clinic_appointment", "self_care")}
    assert set(DOMAIN["responses"]) == (said | dispositions) - {"utter_result_", "utter_message"}


@pytest.mark.parametrize("path", CODE, ids=[path.stem for path in CODE])
def test_no_sentence_for_patients_stands_in_code(path: Path) -> None:
    """A text in code would be said by `tell` or stand in a literal with a sentence in it."""
    for literal in re.findall(r'tell\(\s*f?"([^"]*)"', path.read_text(encoding="utf-8")):
        assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", literal), literal
