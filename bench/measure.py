"""What is measured: the time of a turn as a conversation grows, turns a second, and the desk alone."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from bench.patients import SAYINGS, Patient

WINDOWS = ((5, 15), (35, 45), (95, 105), (190, 200))
TURNS = 200
AT_ONCE = (1, 8, 32)
LOAD_SECONDS = 4.0
LOAD_ROUNDS = 3
DESK_POSTS = 100


@dataclass
class Latency:
    """Milliseconds of each turn, by its number in its conversation."""

    turns: dict[int, list[float]] = field(default_factory=dict)

    def add(self, turn: int, seconds: float) -> None:
        """One turn took so long."""
        self.turns.setdefault(turn, []).append(seconds * 1000)

    def window(self, first: int, last: int) -> list[float]:
        """All turns from `first` to `last`."""
        return [took for turn in range(first, last + 1) for took in self.turns.get(turn, [])]


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


async def growing_conversations(makers: dict[str, Callable[[], Patient]], conversations: int) -> dict[str, Latency]:
    """The same long conversations with each system, turn by turn beside each other, so that noise hits all alike."""
    found = {name: Latency() for name in makers}
    for _ in range(conversations):
        patients = {name: make() for name, make in makers.items()}
        for turn in range(1, TURNS + 1):
            for name, patient in patients.items():
                began = time.perf_counter()
                await patient.turn(SAYINGS[(turn - 1) % len(SAYINGS)])
                found[name].add(turn, time.perf_counter() - began)
    return found


@dataclass(frozen=True)
class Throughput:
    """Turns in a second, and the milliseconds of processor time of one turn, which other programs hardly change."""

    rate: float
    processor_ms: float


async def throughput(
    makers: dict[str, Callable[[], Patient]], at_once: int, processor: dict[str, Callable[[], float]]
) -> dict[str, Throughput]:
    """What each system does with so many conversations at once: the medians of short slices.

    The systems take turns, so that whatever else the machine does hits all alike. `processor` gives the seconds of
    processor time that all processes of a system have used.
    """
    found: dict[str, list[Throughput]] = {name: [] for name in makers}
    for _ in range(LOAD_ROUNDS):
        for name, make in makers.items():
            used = processor[name]()
            turns, seconds = await _slice(make, at_once)
            found[name].append(Throughput(turns / seconds, (processor[name]() - used) * 1000 / turns))
    return {
        name: Throughput(
            statistics.median(one.rate for one in slices), statistics.median(one.processor_ms for one in slices)
        )
        for name, slices in found.items()
    }


async def _slice(make: Callable[[], Patient], at_once: int) -> tuple[int, float]:
    """How many turns there were, and in how many seconds."""
    end = time.perf_counter() + LOAD_SECONDS

    async def converse() -> int:
        patient, turns = make(), 0
        while time.perf_counter() < end:
            await patient.turn(SAYINGS[turns % len(SAYINGS)])
            turns += 1
        return turns

    began = time.perf_counter()
    turns = sum(await asyncio.gather(*(converse() for _ in range(at_once))))
    return turns, time.perf_counter() - began


async def post_to_202(client: aiohttp.ClientSession, at_once: int) -> list[float]:
    """Milliseconds from POST to 202, with so many conversations at once."""
    found: list[float] = []

    async def post_all() -> None:
        async with client.post("/chat/sessions", json={}) as answer:
            session = await answer.json()
        headers = {"Authorization": f"Bearer {session['token']}"}
        for _ in range(DESK_POSTS):
            body = {"id": str(uuid.uuid4()), "text": SAYINGS[1]}
            began = time.perf_counter()
            async with client.post("/chat/messages", json=body, headers=headers) as answer:
                if answer.status != 202:
                    raise RuntimeError(f"the desk answered {answer.status}")
                found.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(post_all() for _ in range(at_once)))
    return found
