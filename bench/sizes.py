"""What a visitor downloads for our chat and for others from npm, gzipped; `python -m bench.sizes` prints it alone."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
WIDGET = ROOT / "bot" / "widget"
# Each package's whole browser bundle; the version is fixed, so that the figures can be compared later.
PEERS = {
    "@botpress/webchat": ("4.5.2", "package/dist/index.js"),
    "@n8n/chat": ("1.37.0", "package/dist/chat.bundle.umd.js"),
    "botframework-webchat": ("4.18.1", "package/dist/webchat.js"),
    "deep-chat": ("2.4.2", "package/dist/deepChat.bundle.js"),
    "rasa-webchat": ("1.0.1", "package/lib/index.js"),
}
STATIC_IMPORT = re.compile(r'^import .* from "\./([\w-]+\.js)";$', re.MULTILINE)


def kilobytes(content: bytes) -> float:
    """Kilobytes (1,000 bytes) after gzip."""
    return len(gzip.compress(content, 9)) / 1000


def ours(entry: str) -> float:
    """A file of the widget with all that it imports at once, in kilobytes."""
    found, waiting = set(), [entry]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += STATIC_IMPORT.findall((WIDGET / name).read_text(encoding="utf-8"))
    return sum(kilobytes((WIDGET / name).read_bytes()) for name in found)


def theirs(name: str, version: str, bundle: str, folder: Path) -> float:
    """A package's bundle in kilobytes; raises CalledProcessError where npm cannot be reached."""
    npm = (str(ROOT / ".venv" / "bin" / "npm"), "pack", "--silent", f"{name}@{version}")
    run = subprocess.run(npm, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - names from above
    archive = run.stdout.strip()
    with tarfile.open(folder / archive) as packed:
        file = packed.extractfile(bundle)
        if file is None:
            raise FileNotFoundError(bundle)
        return kilobytes(file.read())


def sizes() -> list[tuple[str, float]]:
    """Every row: name, kilobytes."""
    launcher = ours("widget.js")
    rows = [("ours, first paint", launcher), ("ours, opened", launcher + ours("panel.js"))]
    with tempfile.TemporaryDirectory(prefix="psoas-sizes-") as name:
        for peer, (version, bundle) in PEERS.items():
            rows.append((f"{peer} {version}", theirs(peer, version, bundle, Path(name))))
    return rows


def main() -> None:
    """Print the table."""
    for name, size in sizes():
        sys.stdout.write(f"| {name:<28} | {size:>6.1f} KB |\n")


if __name__ == "__main__":
    main()
