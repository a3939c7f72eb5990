"""A stand-in for Meta's Graph API on this machine: it takes every message, and nothing leaves the house."""

from __future__ import annotations

import itertools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PAGE, TOKEN, SECRET = "1000", "demo-page-token", "demo-app-secret"
VERIFY = "demo-verify"
_NUMBERS = itertools.count(1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take anything, and name it."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        number = next(_NUMBERS)
        answer = {
            "recipient_id": str((body.get("recipient") or {}).get("id", "")),
            "message_id": f"m_demo_{number}",
            "attachment_id": str(number),
        }
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def serve_graph() -> ThreadingHTTPServer:
    """Start it on a free port; the caller shuts it down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def messenger_settings(port: int) -> dict[str, str]:
    """The settings of a desk that sends to it."""
    prefix = "PSOAS_MESSENGER_"
    return {
        f"{prefix}VERIFY_TOKEN": VERIFY,
        f"{prefix}APP_SECRET": SECRET,
        f"{prefix}PAGE_TOKEN": TOKEN,
        f"{prefix}PAGE_ID": PAGE,
        f"{prefix}GRAPH_URL": f"http://127.0.0.1:{port}",
        f"{prefix}MODE": "full",
    }
