"""The signatures of Meta's platform: of webhooks, of deletion requests, and of our own calls."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

HEADER = "x-hub-signature-256"


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Whether the header is `sha256=` and the lower-case hex HMAC-SHA256 of these very bytes."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest((header or "").encode("utf-8", "replace"), expected.encode())


def app_secret_proof(token: str, secret: str) -> str:
    """Shows Meta that a call with this token comes from who has the app's secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def read_signed_request(signed: str, secret: str) -> dict[str, Any] | None:
    """What a `signed_request` says; None unless the app's secret signed its payload."""
    signature, dot, payload = signed.partition(".")
    if not dot:
        return None
    try:
        given = _decoded(signature)
        expected = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(given, expected):
            return None
        content = json.loads(_decoded(payload))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(content, dict) or str(content.get("algorithm", "")).upper() != "HMAC-SHA256":
        return None
    return content


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
