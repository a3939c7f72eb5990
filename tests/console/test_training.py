"""What staff taught trains the real classifier, together with our own examples."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message as RasaMessage

from bot.assistant.classifier import PatientIntentClassifier
from bot.console.learning.exports import Example, nlu_yaml
from tests.running import ROOT

TAUGHT = (
    "do you do the needle thing",
    "is the needle thing on offer",
    "how about the needle thing",
    "needle thing price",
)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file as staff download it: an expression that nobody has taught before."""
    examples = [Example(f"{text} {n}", "ask_massage", None, {}, ()) for text in TAUGHT for n in range(6)]
    file = tmp_path / "console.yml"
    file.write_text(nlu_yaml(examples), encoding="utf-8")
    return file


def test_the_exported_examples_train_together_with_ours(exported: Path, tmp_path: Path) -> None:
    ours = [str(file) for file in sorted((ROOT / "data" / "nlu").glob("*.yml"))]
    alone = training_data_from_paths(ours, "en")
    together = training_data_from_paths([*ours, str(exported)], "en")
    assert len(together.intent_examples) > len(alone.intent_examples)
    together.validate()
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"][0]
    settings = {name: value for name, value in config.items() if name != "name"}
    storage = LocalModelStorage.create(tmp_path)
    classifier = PatientIntentClassifier(settings, storage, Resource("intents"))
    classifier.train(together)
    [read] = classifier.process([RasaMessage.build("is the needle thing on offer today")])
    assert read.as_dict()["intent"]["name"] == "ask_massage"


def test_rasa_train_takes_the_file(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "nlu"
    shutil.copytree(ROOT / "data" / "nlu", folder)
    shutil.copy(exported, folder)
    command = [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", folder, "--out", tmp_path]
    trained = subprocess.run(
        [*command, "--fixed-model-name", "taught"],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
    )
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert (tmp_path / "taught.tar.gz").exists()
