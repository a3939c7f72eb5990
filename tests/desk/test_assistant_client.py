"""Which assistant a conversation belongs to."""

from __future__ import annotations

from collections import Counter

from bot.desk.assistant_client import url_for

NAMES = [f"conversation-{number}" for number in range(1000)]
URLS = [f"http://assistant-{number}:5005" for number in range(4)]


def test_a_conversation_always_has_the_same_assistant_in_whatever_order_they_are_listed() -> None:
    assert all(url_for(name, URLS) == url_for(name, URLS[::-1]) for name in NAMES)


def test_conversations_are_spread_evenly() -> None:
    shares = Counter(url_for(name, URLS) for name in NAMES)
    assert len(shares) == 4
    assert min(shares.values()) > 180


def test_few_move_when_one_is_added() -> None:
    moved = [name for name in NAMES if url_for(name, URLS) != url_for(name, URLS[:3])]
    assert all(url_for(name, URLS) == URLS[3] for name in moved)
