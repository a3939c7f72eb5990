"""Trains the assistant when what it learns from has changed; `make train` and `make run` call it."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bot.settings import Settings

# What a model is made of. The knowledge counts: the language pipeline is built from it.
SOURCES = ("config.yml", "domain.yml", "data", "bot/language", "bot/knowledge", "bot/assistant")
# Of the assistant's room, these only serve.
SERVING = {
    f"bot/assistant/{name}.py"
    for name in (
        "__main__",
        "action_endpoint",
        "channel",
        "desk_message",
        "live_tracker",
        "replies",
        "shortcuts",
        "tracker_store",
        "turn",
        "without_tensorflow",
    )
}
KEPT_MODELS = 2
TICK_SECONDS = 1.0


def sources(root: Path) -> Iterator[Path]:
    """Every file that training reads, in a fixed order."""
    for name in SOURCES:
        path = root / name
        if path.is_file():
            yield path
        elif path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in (".py", ".yml", ".json"))
            yield from (file for file in found if str(file.relative_to(root)) not in SERVING)


def fingerprint(root: Path) -> str:
    """A digest of the contents that training reads; the times of the files do not count."""
    digest = hashlib.sha256()
    for file in sources(root):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def train(root: Path, models: Path, log: Path) -> Path:
    """The model for the sources as they are, trained now if there is none; raises SystemExit with a sentence."""
    name = f"psoas-{fingerprint(root)}"
    model = models / f"{name}.tar.gz"
    if model.exists():
        model.touch()  # the newest model is the one that is served
        return model
    models.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "rasa", "train", "--out", str(models), "--fixed-model-name", name]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command, cwd=root, stdout=output, stderr=subprocess.STDOUT, env=_environment()
        )
        _wait(process, log)
    if process.returncode != 0 or not model.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        sys.exit("\n".join([*lines[-15:], f"Training failed; the whole log is {log}"]))
    for old in sorted(models.glob("psoas-*.tar.gz"), key=lambda file: file.stat().st_mtime)[:-KEPT_MODELS]:
        old.unlink()
    return model


def _environment() -> dict[str, str]:
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    _say(f"==> Training the assistant, because what it learns from has changed (log: {log})")
    try:
        while process.poll() is None:
            time.sleep(TICK_SECONDS)
            if sys.stdout.isatty():
                _say(f"\r    {time.monotonic() - began:.0f} s", end="")
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        sys.exit("\nTraining was stopped; the next start begins it again")
    _say(f"{chr(13) if sys.stdout.isatty() else ''}    trained in {time.monotonic() - began:.0f} s")


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def main() -> None:
    """Train into the data directory's `models`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, help="folder for the models; default: models in the data directory")
    chosen = parser.parse_args()
    data = Settings.from_env().data_dir
    model = train(Path.cwd(), chosen.models or data / "models", data / "logs" / "train.log")
    _say(f"==> The assistant is trained ({model.name})")


if __name__ == "__main__":
    main()
