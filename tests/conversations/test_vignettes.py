"""Whole cases, end to end: invented patients with their expected outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conversations.patient import Patient

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))["cases"]
WITH_BASES = [
    {**case, "answers": {**content["bases"][case["base"]], **case["answers"]}}
    for name in ("cases_by_row.yml", "cases_in_other_voices.yml")
    for content in [yaml.safe_load((HERE / name).read_text(encoding="utf-8"))]
    for case in content["cases"]
]
EMERGENCY_NUMBER = "911"


@pytest.mark.parametrize("case", CASES + WITH_BASES, ids=[case["id"] for case in CASES + WITH_BASES])
def test_case(case: dict[str, Any], desk: httpx.Client) -> None:
    patient = Patient.arrive(desk)
    patient.play(case["opening"], case["answers"])
    result = patient.result()
    assert result is not None, "no result within 40 turns"
    expected = case["expected"]
    assert result["disposition"] in [expected["disposition"], *expected.get("also", [])]
    if result["disposition"] == expected["disposition"]:
        assert (result["row"], result["stretches"]) == (expected["row"], expected["stretches"])
    if expected["disposition"] == "emergency":
        _expect_emergency_in_time(patient, expected)
    _expect_nothing_withheld_is_offered(patient, result)


def _expect_emergency_in_time(patient: Patient, expected: dict[str, Any]) -> None:
    last = patient.exchanges[-1]
    assert last.safety is not None
    assert EMERGENCY_NUMBER in last.replies[0]["text"]
    due = expected["no_later_than"]
    before = patient.exchanges[:-1]
    if due == "opening_message":
        assert before == []
    else:
        assert not any(due in exchange.answered for exchange in before)


def _expect_nothing_withheld_is_offered(patient: Patient, result: dict[str, Any]) -> None:
    cards = {message.get("card", {}).get("kind") for message in patient.messages}
    titles = {choice["title"] for message in patient.exchanges[-1].replies for choice in message.get("choices", [])}
    if result["stretches"] == "none":
        assert "stretch" not in cards
        assert "hip_flexor" not in result
    if result["disposition"] in ("emergency", "urgent", "routine_medical"):
        assert "Book a visit" not in titles
