"""A small Rasa project, trained once, for the tests of what runs inside Rasa."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain

from bot.store import Database

PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model of tests/assistant/project."""
    out = tmp_path_factory.mktemp("models")
    files = ["--domain", PROJECT / "domain.yml", "--config", PROJECT / "config.yml", "--data", PROJECT / "data.yml"]
    subprocess.run(
        [sys.executable, "-m", "rasa", "train", *files, "--out", out, "--fixed-model-name", "small"],
        check=True,
        cwd=out,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return out / "small.tar.gz"


@pytest.fixture(scope="session")
def small_domain() -> Domain:
    return Domain.load(PROJECT / "domain.yml")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The address of an empty, migrated database."""
    url = f"sqlite:///{tmp_path / 'psoas.db'}"
    database = Database(url)
    database.migrate()
    database.dispose()
    return url
