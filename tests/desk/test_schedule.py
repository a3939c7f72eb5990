"""The schedule: one at a time for a key, a bounded number at once, nothing forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter

from bot.desk.schedule import Schedule


class Steps:
    """Steps that count themselves; each takes a moment."""

    def __init__(self, *returns: float | None) -> None:
        self.returns = list(returns)
        self.calls: list[str] = []
        self.at_work: Counter[str] = Counter()
        self.most_of_one = 0
        self.most_at_once = 0

    async def __call__(self, key: str) -> float | None:
        self.calls.append(key)
        self.at_work[key] += 1
        self.most_of_one = max(self.most_of_one, self.at_work[key])
        self.most_at_once = max(self.most_at_once, self.at_work.total())
        await asyncio.sleep(0.005)
        self.at_work[key] -= 1
        return self.returns.pop(0) if self.returns else None

    async def until(self, calls: int) -> None:
        async def wait() -> None:
            while len(self.calls) < calls or self.at_work.total():
                await asyncio.sleep(0.002)

        await asyncio.wait_for(wait(), 5)


async def test_a_key_woken_many_times_runs_one_at_a_time_and_once_more() -> None:
    steps = Steps()
    schedule = Schedule(steps, 4)
    for _ in range(10):
        schedule.wake("a")
    await steps.until(1)
    schedule.wake("a")
    await asyncio.sleep(0)
    schedule.wake("a")
    await steps.until(3)
    assert steps.most_of_one == 1
    await schedule.stop()


async def test_only_so_many_at_once_and_everybody_in_turn() -> None:
    steps = Steps(*[0] * 30)
    schedule = Schedule(steps, 3)
    for key in "abcdefghij":
        schedule.wake(key)
    await steps.until(40)
    assert steps.most_at_once == 3
    assert sorted(steps.calls[:10]) == sorted("abcdefghij")
    assert set(Counter(steps.calls).values()) == {4}
    await schedule.stop()


async def test_a_step_comes_back_after_its_delay() -> None:
    steps = Steps(0.01, 0.01)
    schedule = Schedule(steps, 1)
    schedule.wake("a")
    await steps.until(3)
    await schedule.stop()


async def test_waking_is_quicker_than_a_delay() -> None:
    steps = Steps(1000)
    schedule = Schedule(steps, 1)
    schedule.wake("a")
    await steps.until(1)
    await asyncio.sleep(0.02)
    schedule.wake("a")
    await steps.until(2)
    await schedule.stop()


async def test_a_crash_of_one_does_not_stop_the_others() -> None:
    calls: list[str] = []
    done = asyncio.Event()

    async def step(key: str) -> float | None:
        calls.append(key)
        if key == "bad":
            raise RuntimeError("on purpose")
        done.set()
        return None

    schedule = Schedule(step, 1)
    schedule.wake("bad")
    schedule.wake("good")
    await asyncio.wait_for(done.wait(), 5)
    assert calls == ["bad", "good"]
    await schedule.stop()


async def test_after_stopping_nothing_runs() -> None:
    steps = Steps(0, 0, 0)
    schedule = Schedule(steps, 1)
    schedule.wake("a")
    await asyncio.sleep(0.001)
    await schedule.stop()
    schedule.wake("a")
    await asyncio.sleep(0.02)
    assert len(steps.calls) == 1
