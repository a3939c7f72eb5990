"""A small OpenID Connect provider on this machine: it knows one person, and can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "psoas", "a shared secret"
CODE = "one-time code"


class LoginProvider:
    """`claims` replace those of a right answer; `now` is the time that it stamps them with."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.claims: dict[str, Any] = {}
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "k1"})
        self.asked: dict[str, str] = {}
        provider = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/jwks":
                    self._give(200, KeySet([provider.published]).as_dict(private=False))
                else:
                    self._give(200, provider.description)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._give(*provider.token({name: values[0] for name, values in form.items()}, self.headers))

            def _give(self, status: int, body: Any) -> None:
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the tests' output."""

        self._server = HTTPServer(("127.0.0.1", 0), Pages)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def description(self) -> dict[str, str]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/login",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def visit(self, address: str) -> str:
        """Somebody logs in at this address; the state they come back with."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return self.asked["state"]

    def token(self, form: dict[str, str], headers: Any) -> tuple[int, dict[str, Any]]:
        """Answer for a code, if the client and its proof are right."""
        who = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = proof.decode().rstrip("=") == self.asked["code_challenge"] and form.get("code") == CODE
        if headers["Authorization"] != f"Basic {who}" or not right:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": self.asked["nonce"],
            "email": "ann@clinic.example",
            "email_verified": True,
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
