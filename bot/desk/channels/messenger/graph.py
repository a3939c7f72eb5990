"""Calls Meta's Graph API: one client, short timeouts, and every failure named by what can be done about it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from bot.desk.channels.messenger.signature import app_secret_proof
from bot.settings import MessengerSettings

TOTAL_SECONDS = 6.0
CONNECT_SECONDS = 2.0
MOST_CONNECTIONS = 100
LONGEST_WAIT_SECONDS = 300.0
USAGE_HEADERS = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")

LIMITED = frozenset((4, 17, 32, 341, 613))
TRANSIENT = frozenset((1, 2, 1200))
# What stops the whole page: the token, the app's state, a permission, a block.
STOPPED = frozenset(((190, None), (200, 2018028), (10, 1893063), (368, None), (2022, None)))
WINDOW_AND_PERSON = frozenset((2018278, 2018065, 2018108))
NOT_OURS_NOW = frozenset((2018300, 2018321))
PASSING_STATUSES = frozenset((408, 425, 429, *range(500, 600)))
_DIGITS = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
BAD_ATTACHMENT = frozenset((2018008, 2018047, 2018074, 2018109, 2018294))


class GraphError(Exception):
    """A call that did not give what was asked. `reason` is for staff and logs: codes only, never a text or token."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Temporary(GraphError):
    """Meta surely did not take it, and may take it soon."""


class Uncertain(GraphError):
    """The answer was lost: Meta may have taken it or not."""


class Limited(GraphError):
    """The page or the app called too often; `wait` is what Meta asked for, in seconds."""


class Stopped(GraphError):
    """Nothing can be sent for this page until a person has put something right."""


class Permanent(GraphError):
    """Meta will never take this message."""


class OtherOwner(Permanent):
    """Another app, or a person in the page's inbox, has the conversation."""


class BadAttachment(Permanent):
    """Meta does not have, or cannot use, the picture."""


@dataclass(frozen=True)
class Answer:
    """What Meta said, and how much of the page's budget is used (percent)."""

    body: Mapping[str, Any]
    usage: int


class Graph:
    """The Graph API of one page at the pinned version. The token travels in a header, never in an address."""

    def __init__(self, settings: MessengerSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = f"{settings.graph_url}/{settings.graph_version}"
        self._proof = app_secret_proof(settings.page_token, settings.app_secret)
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {settings.page_token}"},
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=32),
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """POST a JSON object to `/me/...`; raises GraphError."""
        return await self._call(path, json={**body, "appsecret_proof": self._proof})

    async def upload(self, name: str, picture: bytes) -> str:
        """Give Meta a PNG to keep; its attachment id. Raises GraphError."""
        message = {"attachment": {"type": "image", "payload": {"is_reusable": True}}}
        answer = await self._call(
            "me/message_attachments",
            data={"message": json.dumps(message), "appsecret_proof": self._proof},
            files={"filedata": (f"{name}.png", picture, "image/png")},
        )
        attachment_id = answer.body.get("attachment_id")
        if not isinstance(attachment_id, str | int):
            raise Permanent("no_attachment_id")
        return str(attachment_id)

    async def _call(self, path: str, **content: Any) -> Answer:
        try:
            # httpx limits each read; an answer that trickles in must end too.
            response = await asyncio.wait_for(self._http.post(f"{self._base}/{path}", **content), TOTAL_SECONDS)
        except asyncio.TimeoutError:
            raise Uncertain("TimeoutError") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Temporary(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Uncertain(type(error).__name__) from None
        return read_answer(response)


def read_answer(response: httpx.Response) -> Answer:
    """The answer, judged by its error code, and by its status where the code says nothing; raises GraphError."""
    try:
        body = response.json()
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        named = _named(error, _wait(response))
        # "Never" only on Meta's own word: a server's trouble with a code that nobody knows will pass.
        if type(named) is not Permanent or response.status_code not in PASSING_STATUSES:
            raise named
    if response.status_code == 429:
        raise Limited("http 429", _wait(response))
    if not isinstance(body, dict) or response.status_code >= 500:
        raise Uncertain(f"http {response.status_code}", _wait(response))
    if response.status_code >= 400:
        raise Permanent(f"http {response.status_code}")
    return Answer(body, _usage(response.headers))


def _named(error: Mapping[str, Any], wait: float | None) -> GraphError:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    reason = f"{code}" if subcode is None else f"{code}/{subcode}"
    if code in LIMITED:
        return Limited(reason, wait)
    if code in TRANSIENT or error.get("is_transient") is True:
        return Temporary(reason, wait)
    if subcode in NOT_OURS_NOW:
        return OtherOwner(reason)
    if subcode in BAD_ATTACHMENT:
        return BadAttachment(reason)
    if (code, subcode) in STOPPED or (code, None) in STOPPED or (code == 10 and subcode not in WINDOW_AND_PERSON):
        return Stopped(reason)
    return Permanent(reason)


def _number(value: Any) -> int | None:
    """A code, also where it is written as a text."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and _DIGITS.fullmatch(value)) else None


def _wait(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "").strip()
    return min(float(text), LONGEST_WAIT_SECONDS) if _SECONDS.fullmatch(text) else None


def _usage(headers: Mapping[str, str]) -> int:
    """The largest percentage that Meta says is used; 0 when it says nothing."""
    most = 0
    for name in USAGE_HEADERS:
        try:
            told = json.loads(headers.get(name, "{}"))
        except ValueError:
            continue
        for part in _objects(told):
            used = [value for key, value in part.items() if key in ("call_count", "total_time", "total_cputime")]
            most = max([most, *(int(value) for value in used if isinstance(value, int | float))])
    return most


def _objects(told: Any) -> list[Mapping[str, Any]]:
    """The usage objects: one at the top, or lists of them by business."""
    if not isinstance(told, dict):
        return []
    lists = [part for parts in told.values() if isinstance(parts, list) for part in parts if isinstance(part, dict)]
    return [told, *lists]
