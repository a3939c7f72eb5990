"""The sliding window of the rate limit."""

from __future__ import annotations

import pytest

from bot.desk.limits import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_no_more_than_the_limit_in_any_minute(clock: Clock) -> None:
    limit = RateLimit(3, clock)
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 60]
    clock.now += 59.5
    assert limit.take("a") == 1
    clock.now += 0.5
    assert limit.take("a") == 0


def test_keys_do_not_share(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    assert (limit.take("a"), limit.take("b"), limit.take("a")) == (0, 0, 60)


def test_refused_calls_do_not_make_the_wait_longer(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    limit.take("a")
    for _ in range(30):
        clock.now += 1
        limit.take("a")
    clock.now += 30
    assert limit.take("a") == 0


def test_what_is_given_back_does_not_count(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    limit.take("a")
    limit.give_back("a")
    assert limit.take("a") == 0
    limit.give_back("nobody")


def test_off_means_off(clock: Clock) -> None:
    limit = RateLimit(None, clock)
    assert {limit.take("a") for _ in range(1000)} == {0}
