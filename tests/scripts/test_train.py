"""Training happens when the contents it learns from change, and only then."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import train as training
from scripts.train import fingerprint, sources, train


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in {
        "config.yml": "pipeline: []",
        "domain.yml": "intents: []",
        "data/nlu/greet.yml": "nlu: []",
        "bot/language/read.py": "x = 1",
        "bot/knowledge/rules.yml": "rows: []",
        "bot/assistant/components.py": "x = 1",
        "bot/assistant/channel.py": "x = 1",
        "README.md": "read me",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "data/nlu/greet.yml",
        "bot/language/read.py",
        "bot/knowledge/rules.yml",
        "bot/assistant/components.py",
    ],
)
def test_what_training_reads_changes_the_fingerprint(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).write_text("changed")
    assert fingerprint(project) != before


@pytest.mark.parametrize("name", ["README.md", "bot/assistant/channel.py"])
def test_what_it_does_not_read_does_not(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).write_text("changed")
    assert fingerprint(project) == before


def test_times_do_not_count_and_a_moved_file_does(project: Path) -> None:
    before = fingerprint(project)
    os.utime(project / "config.yml", (0, 0))
    assert fingerprint(project) == before
    (project / "data/nlu/greet.yml").rename(project / "data/nlu/hello.yml")
    assert fingerprint(project) != before


class FakeRasa:
    """Stands where `rasa train` is started; writes a model, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        monkeypatch.setattr(subprocess, "Popen", self.start)
        monkeypatch.setattr(training, "TICK_SECONDS", 0)

    def start(self, command: list[str], stdout: Any, **_: Any) -> FakeRasa:
        self.runs += 1
        stdout.write(b"a line of the log\n")
        if not self.fails:
            out, name = command[command.index("--out") + 1], command[command.index("--fixed-model-name") + 1]
            (Path(out) / f"{name}.tar.gz").write_bytes(b"")
        return self

    @property
    def returncode(self) -> int:
        return int(self.fails)

    def poll(self) -> int:
        return self.returncode


def test_an_unchanged_project_is_trained_once(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa = FakeRasa(monkeypatch)
    first = train(project, tmp_path / "models", tmp_path / "log")
    assert train(project, tmp_path / "models", tmp_path / "log") == first
    assert rasa.runs == 1


def test_going_back_finds_the_old_model_and_makes_it_the_newest(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rasa = FakeRasa(monkeypatch)
    models = tmp_path / "models"
    first = train(project, models, tmp_path / "log")
    (project / "config.yml").write_text("changed")
    os.utime(first, (1, 1))
    train(project, models, tmp_path / "log")
    (project / "config.yml").write_text("pipeline: []")
    assert train(project, models, tmp_path / "log") == first
    assert rasa.runs == 2
    assert max(models.iterdir(), key=lambda file: file.stat().st_mtime) == first


def test_a_failure_says_where_to_look(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeRasa(monkeypatch, fails=True)
    with pytest.raises(SystemExit, match=r"a line of the log\n.*the whole log is"):
        train(project, tmp_path / "models", tmp_path / "log")


def test_our_own_sources_are_all_there() -> None:
    root = Path(__file__).parent.parent.parent
    assert all((root / name).exists() for name in training.SOURCES)
    assert len(list(sources(root))) > 20
