"""A stock Rasa: the pipeline and the policies that `rasa init` writes, on our training data."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.processes import QUIET

CONFIG = """\
recipe: default.v1
assistant_id: stock
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - name: UnexpecTEDIntentPolicy
    max_history: 5
    epochs: 100
  - name: TEDPolicy
    max_history: 5
    epochs: 100
    constrain_similarities: true
"""
# The one story of a new project's kind that our data lacks: without any, Rasa leaves TED out.
STORY = """\
version: "3.1"
stories:
  - story: a greeting and a question
    steps:
      - intent: greet
      - action: action_greet
      - intent: ask_what_are_hip_flexors
      - action: action_answer_question
"""
ENDPOINTS = "action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n"


class StockTrainingFailed(RuntimeError):
    """The stock model could not be trained; the message ends with its log."""


def train_stock(root: Path, folder: Path) -> tuple[Path, float]:
    """The stock model for our training data and the seconds its training took, kept until they change."""
    folder.mkdir(parents=True, exist_ok=True)
    fingerprint = _fingerprint(root)
    model, took = folder / f"stock-{fingerprint}.tar.gz", folder / f"stock-{fingerprint}.json"
    if not (model.exists() and took.exists()):
        (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
        story = folder / "story.yml"
        story.write_text(STORY, encoding="utf-8")
        seconds = train(root, folder / "config.yml", model, story)
        took.write_text(json.dumps(seconds), encoding="utf-8")
    return model, float(json.loads(took.read_text(encoding="utf-8")))


def _fingerprint(root: Path) -> str:
    """A digest of what the stock model learns from: less than ours does."""
    digest = hashlib.sha256((CONFIG + STORY).encode())
    for file in [root / "domain.yml", *sorted((root / "data").rglob("*.yml"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def train(root: Path, config: Path, model: Path, *more_data: Path) -> float:
    """Train on our domain and data with this config, from nothing; the seconds it took."""
    log = model.with_suffix(".log")
    arguments = ["-m", "rasa", "train", "--force", "--config", str(config), "--out", str(model.parent)]
    arguments += ["--fixed-model-name", model.name.removesuffix(".tar.gz"), "--data", "data", *map(str, more_data)]
    began = time.monotonic()
    with log.open("wb") as output:
        subprocess.run(  # noqa: S603 - our own command, no shell
            [sys.executable, *arguments],
            cwd=root,
            env={**os.environ, **QUIET},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not model.exists():
        raise StockTrainingFailed(log.read_text(errors="replace")[-2000:])
    return time.monotonic() - began
