"""HTTP calls between our own processes, over kept connections.

One write for a request, and what arrives together is given out together: a general client costs more time for one
call than the desk needs for the whole message.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

import httptools


class CallFailed(Exception):
    """A call without a whole answer."""


class CannotConnect(CallFailed):
    """Nobody is there: nothing was sent."""


class CutOff(CallFailed):
    """The connection ended, or what came was no HTTP, before the answer was complete."""


class Silence(CallFailed):
    """Nothing came for too long."""


class _Connection(asyncio.Protocol):
    """One connection, which carries one call at a time."""

    def __init__(self) -> None:
        self.lost = False
        self.complete = True
        self.status = 0
        self._body = bytearray()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self._tell(True)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.drop()
        self._tell(True)

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.complete = True
        self.lost = self.lost or not self._parser.should_keep_alive()

    def send(self, request: bytes) -> None:
        """Begin a call."""
        self.complete, self.status = False, 0
        self._body.clear()
        self._parser = httptools.HttpResponseParser(self)
        if self._transport is not None:
            self._transport.write(request)

    def taken(self) -> bytes:
        """What came of the body since the last look."""
        body = bytes(self._body)
        self._body.clear()
        return body

    async def news(self, seconds: float) -> None:
        """Until something came; raises CutOff and Silence."""
        if self.lost:
            raise CutOff
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_later(seconds, self._tell, False)
        try:
            came = await self._waiting
        finally:
            timer.cancel()
            self._waiting = None
        if not came:
            raise Silence

    def drop(self) -> None:
        """Close at once."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()

    def _tell(self, came: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(came)


class Answer:
    """An answer whose head has come: its status, and its body as it comes."""

    def __init__(self, connection: _Connection, silence_seconds: float) -> None:
        self._connection = connection
        self._silence_seconds = silence_seconds
        self.status = connection.status

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, what arrived together at once; raises CutOff and Silence."""
        while True:
            complete = self._connection.complete
            body = self._connection.taken()
            if body:
                yield body
            elif complete:
                return
            else:
                await self._connection.news(self._silence_seconds)

    async def read(self) -> bytes:
        """The whole body; raises CutOff and Silence."""
        return b"".join([chunk async for chunk in self.chunks()])


class KeptConnections:
    """Calls to one address; a connection that is free again is used for the next call."""

    def __init__(self, url: str, headers: Mapping[str, str], *, connect_seconds: float, silence_seconds: float) -> None:
        parts = urlsplit(url)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._path = parts.path.rstrip("/")
        self._head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._connect_seconds = connect_seconds
        self._silence_seconds = silence_seconds
        self._free: list[_Connection] = []

    @asynccontextmanager
    async def call(
        self, method: str, path: str, body: bytes = b"", *, silence_seconds: float | None = None
    ) -> AsyncIterator[Answer]:
        """One call, which may reach the other side twice: once over a connection that it was about to close.

        The body of a request is JSON. Raises CallFailed.
        """
        seconds = self._silence_seconds if silence_seconds is None else silence_seconds
        connection = await self._answered(self._request(method, path, body), seconds)
        try:
            yield Answer(connection, seconds)
        finally:
            if connection.complete and not connection.lost:
                self._free.append(connection)
            else:
                connection.drop()

    def close(self) -> None:
        """Close the connections that are free."""
        while self._free:
            self._free.pop().drop()

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{method} {self._path}{path} HTTP/1.1\r\n{self._head}{about}\r\n".encode() + body

    async def _answered(self, request: bytes, seconds: float) -> _Connection:
        """A connection on which the head of the answer has come."""
        while True:
            kept = self._kept()
            connection = kept or await self._connect()
            try:
                connection.send(request)
                while not connection.status:
                    await connection.news(seconds)
            except CutOff:
                if kept is None:
                    raise
            except BaseException:
                connection.drop()
                raise
            else:
                return connection

    def _kept(self) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if not connection.lost:
                return connection
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        try:
            _, connection = await asyncio.wait_for(connecting, self._connect_seconds)
        except (OSError, asyncio.TimeoutError) as error:
            raise CannotConnect(type(error).__name__) from None
        return connection
