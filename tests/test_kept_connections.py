"""Calls over kept connections: nothing is lost when the other side closes, is slow, or talks nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.kept_connections import CannotConnect, CutOff, KeptConnections, Silence

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """Counts its connections and remembers what it was sent."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await self._head(reader):
                self.heads.append(head)
                await self._serve(reader, writer)
        finally:
            writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""


@asynccontextmanager
async def calls_to(server: Server, silence_seconds: float = 5.0) -> AsyncIterator[KeptConnections]:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    calls = KeptConnections(
        f"http://127.0.0.1:{port}/under/", {"X-Key": "k"}, connect_seconds=2.0, silence_seconds=silence_seconds
    )
    try:
        yield calls
    finally:
        calls.close()
        listening.close()


async def say(calls: KeptConnections, body: bytes = b"") -> tuple[int, bytes]:
    async with calls.call("POST", "/x", body) as answer:
        return answer.status, await answer.read()


async def test_a_connection_is_kept_for_the_next_call() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    server = Server(serve)
    async with calls_to(server) as calls:
        assert [await say(calls) for _ in range(3)] == [(200, b"ok")] * 3
    assert server.connections == 1
    assert server.heads[0].startswith(b"POST /under/x HTTP/1.1\r\n")
    assert b"X-Key: k\r\n" in server.heads[0]


async def test_calls_at_once_have_a_connection_each() -> None:
    gate = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.connections == 2:
            gate.set()
        await gate.wait()
        writer.write(OK)

    server = Server(serve)
    async with calls_to(server) as calls:
        assert await asyncio.gather(say(calls), say(calls)) == [(200, b"ok")] * 2
    assert server.connections == 2


async def test_a_body_is_sent_whole_and_an_answer_read_as_it_comes() -> None:
    first_read = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readexactly(5))
        writer.write(CHUNKED + b"3\r\none\r\n")
        await first_read.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    received: list[bytes] = []
    async with calls_to(Server(serve)) as calls, calls.call("POST", "/x", b"12345") as answer:
        chunks = []
        async for chunk in answer.chunks():
            chunks.append(chunk)
            first_read.set()
    assert received == [b"12345"]
    assert chunks == [b"one", b"two"]


async def test_a_kept_connection_that_the_server_closes_is_replaced() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(server.heads) == 2:  # the second call on the kept connection meets a server that goes away
            writer.transport.abort()
            return
        writer.write(OK)

    server = Server(serve)
    async with calls_to(server) as calls:
        assert [await say(calls), await say(calls)] == [(200, b"ok")] * 2
    assert server.connections == 2


async def test_a_new_connection_that_is_cut_off_is_not_tried_again() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = Server(serve)
    async with calls_to(server) as calls:
        with pytest.raises(CutOff):
            await say(calls)
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    "answer", [CHUNKED + b"3\r\none\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", b"?\r\n"]
)
async def test_an_answer_that_ends_too_early_or_is_none_is_cut_off(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with calls_to(Server(serve)) as calls:
        with pytest.raises(CutOff):
            await say(calls)


async def test_a_server_that_asks_to_close_is_not_kept() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    server = Server(serve)
    async with calls_to(server) as calls:
        assert [await say(calls), await say(calls)] == [(503, b"")] * 2
    assert server.connections == 2


async def test_silence_before_and_within_an_answer_is_noticed() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[len(server.heads) - 1])
        await asyncio.Event().wait()

    answers = [b"", CHUNKED + b"3\r\none\r\n"]
    server = Server(serve)
    async with calls_to(server, silence_seconds=0.1) as calls:
        for _ in answers:
            with pytest.raises(Silence):
                await say(calls)


async def test_nobody_there_is_said() -> None:
    calls = KeptConnections("http://127.0.0.1:1", {}, connect_seconds=2.0, silence_seconds=2.0)
    with pytest.raises(CannotConnect):
        await say(calls)
