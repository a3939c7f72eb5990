"""What the assistant says of its own: short, plain, from reviewed files, and never claiming too much."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from bot.clinic import load_clinic
from bot.knowledge import load_knowledge
from tests.knowledge.reading import grade

HIGHEST_GRADE = 8.0
LONGEST_BUBBLE = 600
REPLIES = load_knowledge().replies
TEXTS = [(name, text.replace("{", "").replace("}", "")) for name, text in REPLIES.items()]
CLAIMS = re.compile(r"\b(you have got|diagnos(ed|is is)|caused by|will cure|cures?|proven|guarantee)\b", re.IGNORECASE)
STUTTER = re.compile(r"\b(\w+(?: \w+){1,4}) \1\b", re.IGNORECASE)
CODE = list(Path("actions").rglob("*.py"))


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=[name for name, _ in TEXTS])
def test_a_response_is_plain_and_short_and_claims_nothing(name: str, text: str) -> None:
    assert grade(text) <= HIGHEST_GRADE, grade(text)
    assert len(text) <= LONGEST_BUBBLE
    assert not CLAIMS.search(text)


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_filled_in_repeats_nothing(name: str) -> None:
    """ "Please call or text call or text 988"."""
    words = load_clinic(Path("bot/clinic/clinic.yml")).words()
    text = re.sub(r"{(\w+)}", lambda match: str(words.get(match[1], match[0])), REPLIES[name])
    assert not STUTTER.search(text), text


def said_in(path: Path) -> Iterator[tuple[str, set[str], bool]]:
    """Each reply said in this file: its name, the values given by name, and whether more values come along."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value in REPLIES:
            yield node.value, set(), True
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say" and node.args:
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            for name in ast.walk(node.args[0]):
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield name.value, given, any(keyword.arg is None for keyword in node.keywords)


def test_every_reply_is_said_somewhere() -> None:
    said = {name for path in CODE for name, _, _ in said_in(path)}
    results = {f"result_{name}" for name in ("urgent", "routine_medical", "clinic_appointment", "self_care")}
    assert set(REPLIES) == (said - {"result_", "yes", "no"}) | results


@pytest.mark.parametrize("path", CODE, ids=[path.stem for path in CODE])
def test_what_stands_in_braces_is_filled(path: Path) -> None:
    clinic = set(load_clinic(Path("bot/clinic/clinic.yml")).words()) | {"web_chat"}
    for name, given, more in said_in(path):
        needed = {field for _, field, _, _ in Formatter().parse(REPLIES.get(name, "")) if field} - clinic
        assert more or needed <= given, (name, needed - given)


@pytest.mark.parametrize("path", CODE, ids=[path.stem for path in CODE])
def test_no_sentence_for_patients_stands_in_code(path: Path) -> None:
    """A text in code would be said by `tell` or stand in a literal with a sentence in it."""
    for literal in re.findall(r'tell\(\s*f?"([^"]*)"', path.read_text(encoding="utf-8")):
        assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", literal), literal
