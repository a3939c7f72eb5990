"""Rasa's own checks: `rasa data validate`, and `rasa test` of the dialogue and of the intents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

HELDOUT = Path("tests/language/heldout")
LOWEST_ACCURACY = 0.85


def rasa(*arguments: str) -> str:
    """Run Rasa's command line; its output. Fails with the end of that when Rasa does."""
    result = subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output[-3000:]
    return output


def test_the_training_data_is_sound() -> None:
    output = rasa("data", "validate", "--fail-on-warnings", "--data", "data")
    assert "rasa.validator" in output, "it looked at something"
    told = [line for line in output.splitlines() if "UserWarning" in line and "rasa" in line]
    assert not told


def test_each_state_has_its_action(trained_model: Path, tmp_path: Path) -> None:
    rasa(
        *("test", "core", "--stories", "tests/test_stories.yml", "--model", str(trained_model)),
        *("--out", str(tmp_path), "--fail-on-prediction-errors"),
    )


def test_intents_that_were_never_trained_on(trained_model: Path, tmp_path: Path) -> None:
    examples: dict[str, str] = {}
    for name in ("intents", "intents_last"):
        for intent, lines in yaml.safe_load((HELDOUT / f"{name}.yml").read_text(encoding="utf-8")).items():
            examples[intent] = examples.get(intent, "") + "".join(f"- {line}\n" for line in lines.splitlines() if line)
    nlu = [{"intent": intent, "examples": lines} for intent, lines in examples.items()]
    data = tmp_path / "nlu.yml"
    data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8")
    rasa("test", "nlu", "--nlu", str(data), "--model", str(trained_model), "--out", str(tmp_path), "--no-plot")
    report = json.loads((tmp_path / "intent_report.json").read_text(encoding="utf-8"))
    assert report["accuracy"] >= LOWEST_ACCURACY
