"""The tracker store: bounded in memory, complete in the database, the same after a restart."""

from __future__ import annotations

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.live_tracker import MOST_TURNS, rebuild
from bot.assistant.tracker_store import PsoasTrackerStore

SENDER = "c-1"


@pytest.fixture
def store(small_domain: Domain, database_url: str) -> PsoasTrackerStore:
    return PsoasTrackerStore(small_domain, database_url=database_url)


def reopened(store: PsoasTrackerStore, url: str) -> PsoasTrackerStore:
    """What another process, or the same after a restart, sees."""
    return PsoasTrackerStore(store.domain, database_url=url)


def turn(number: int, *during: Event) -> list[Event]:
    intent = {"name": "inform", "confidence": 1.0}
    return [
        UserUttered(f"words {number}", intent, message_id=f"m-{number}"),
        ActionExecuted("action_remember"),
        BotUttered(f"answer {number}"),
        *during,
        ActionExecuted("action_listen"),
    ]


async def live(store: PsoasTrackerStore, events: list[Event]) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
    for event in events:
        tracker.update(event, store.domain)
    await store.save(tracker)
    return tracker


async def talk(store: PsoasTrackerStore, turns: int, start: int = 0) -> None:
    if start == 0:
        opening = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
        await live(store, opening)
    for number in range(start, start + turns):
        await live(store, turn(number, SlotSet("severity", number)))


def standing(tracker: DialogueStateTracker) -> dict[str, object]:
    """Where a conversation stands: all that decides what happens next."""
    return {
        "slots": tracker.current_slot_values(),
        "set": {name for name, slot in tracker.slots.items() if slot.has_been_set},
        "loop": tracker.active_loop_name,
        "rejected": tracker.is_active_loop_rejected,
        "interrupted": tracker.is_active_loop_interrupted,
        "action": tracker.latest_action_name,
        "followup": tracker.followup_action,
        "paused": tracker.is_paused(),
        "text": tracker.latest_message.text,
        "message_id": tracker.latest_message.message_id,
        "bot": tracker.latest_bot_utterance.text,
    }


async def test_an_unknown_conversation_is_none(store: PsoasTrackerStore) -> None:
    assert await store.retrieve(SENDER) is None
    assert await store.retrieve_full_tracker(SENDER) is None


async def test_a_long_conversation_stays_short_in_memory_and_whole_in_the_database(store: PsoasTrackerStore) -> None:
    await talk(store, 60)
    bounded = await store.retrieve(SENDER)
    whole = await store.retrieve_full_tracker(SENDER)
    assert sum(isinstance(event, UserUttered) for event in bounded.events) <= MOST_TURNS
    texts = [event.text for event in whole.events if isinstance(event, UserUttered)]
    assert texts == [f"words {number}" for number in range(60)]
    assert standing(bounded) == standing(whole)


@pytest.mark.parametrize("turns", [1, MOST_TURNS, MOST_TURNS + 1, 2 * MOST_TURNS + 1, 41])
async def test_a_restart_changes_nothing(store: PsoasTrackerStore, database_url: str, turns: int) -> None:
    await talk(store, turns)
    after = reopened(store, database_url)
    assert standing(await after.retrieve(SENDER)) == standing(await store.retrieve(SENDER))
    await talk(after, 3, start=turns)
    assert [event.text for event in (await after.retrieve_full_tracker(SENDER)).events if event.type_name == "user"][
        -3:
    ] == [f"words {number}" for number in range(turns, turns + 3)]


@pytest.mark.parametrize(
    "during",
    [
        [SlotSet("location", None)],
        [SlotSet("location", "groin"), SlotSet("severity", None)],
        [ConversationPaused()],
        [Restarted(), SlotSet("severity", 9)],
    ],
    ids=["emptied slot", "changed slot", "paused", "restarted"],
)
async def test_what_happened_long_ago_still_counts(
    store: PsoasTrackerStore, database_url: str, during: list[Event]
) -> None:
    await talk(store, 2)
    await live(store, turn(2, *during))
    for number in range(3, 30):
        await live(store, turn(number))
    whole = await store.retrieve_full_tracker(SENDER)
    assert standing(await store.retrieve(SENDER)) == standing(whole)
    assert standing(await reopened(store, database_url).retrieve(SENDER)) == standing(whole)


async def test_an_active_form_goes_on(database_url: str, small_domain: Domain) -> None:
    form = Domain.from_dict({"forms": {"booking_form": {"required_slots": ["booking_stage"]}}})
    store = PsoasTrackerStore(small_domain.merge(form), database_url=database_url)
    await talk(store, 2)
    await live(store, [*turn(2)[:2], ActionExecuted("booking_form"), ActiveLoop("booking_form"), *turn(2)[-1:]])
    for number in range(3, 30):
        words = turn(number)
        await live(store, [words[0], ActionExecuted("booking_form"), *words[2:]])
    whole = await store.retrieve_full_tracker(SENDER)
    bounded = await store.retrieve(SENDER)
    assert bounded.active_loop_name == "booking_form"
    assert standing(bounded) == standing(whole)
    states = bounded.past_states(store.domain, omit_unset_slots=True)
    assert states[-1] == whole.past_states(store.domain, omit_unset_slots=True)[-1]


async def test_a_taken_back_message_can_still_be_taken_back(store: PsoasTrackerStore) -> None:
    await talk(store, 25)
    tracker = await live(store, [UserUttered("a slip", {"name": "inform"}), UserUtteranceReverted()])
    assert tracker.get_slot("severity") == 24
    assert tracker.latest_message.text == "words 24"


async def test_a_failed_turn_leaves_no_trace(store: PsoasTrackerStore) -> None:
    await talk(store, 4)
    tracker = await store.retrieve(SENDER)
    tracker.update(UserUttered("half a turn", {"name": "inform"}), store.domain)
    again = await store.retrieve(SENDER)
    assert again.latest_message.text == "words 3"
    assert all(getattr(event, "text", "") != "half a turn" for event in again.events)


async def test_two_processes_cannot_write_the_same_turn(store: PsoasTrackerStore, database_url: str) -> None:
    await talk(store, 3)
    other = reopened(store, database_url)
    mine, theirs = await store.retrieve(SENDER), await other.retrieve(SENDER)
    for event in turn(3):
        mine.update(event)
    for event in turn(3):
        theirs.update(event)
    await store.save(mine)
    with pytest.raises(Exception, match="UNIQUE"):
        await other.save(theirs)
    assert standing(await other.retrieve(SENDER)) == standing(await store.retrieve(SENDER))


async def test_a_handled_turn_can_be_looked_up_by_its_message(store: PsoasTrackerStore) -> None:
    await talk(store, 20)
    events = await store.turn(SENDER, "m-7")
    assert [event["event"] for event in events] == ["user", "action", "bot", "slot", "action"]
    assert events[2]["text"] == "answer 7"
    assert await store.turn(SENDER, "m-20") is None
    assert await store.turn("c-2", "m-7") is None


async def test_erasing_leaves_nothing(store: PsoasTrackerStore, database_url: str) -> None:
    await talk(store, 20)
    await store.erase(SENDER)
    assert await store.retrieve(SENDER) is None
    assert await store.turn(SENDER, "m-7") is None
    assert list(await reopened(store, database_url).keys()) == []


async def test_only_so_many_conversations_stay_live(small_domain: Domain, database_url: str) -> None:
    store = PsoasTrackerStore(small_domain, database_url=database_url, most_live=2)
    trackers = {}
    for sender in ("a", "b", "c"):
        trackers[sender] = tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        for event in turn(0):
            tracker.update(event)
        await store.save(tracker)
    assert await store.retrieve("c") is trackers["c"]
    back = await store.retrieve("a")
    assert back is not trackers["a"]
    assert standing(back) == standing(trackers["a"])


async def test_conversations_at_once_do_not_mix(store: PsoasTrackerStore) -> None:
    async def converse(sender: str) -> list[str]:
        for number in range(10):
            tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
            for event in turn(number, SlotSet("severity", f"{sender} {number}")):
                tracker.update(event)
            await store.save(tracker)
        whole = await store.retrieve_full_tracker(sender)
        return [event.value for event in whole.events if isinstance(event, SlotSet)]

    senders = [f"s-{number}" for number in range(12)]
    values = await asyncio.gather(*map(converse, senders))
    assert values == [[f"{sender} {number}" for number in range(10)] for sender in senders]


def test_rebuilding_needs_no_store(small_domain: Domain) -> None:
    tracker = rebuild(SENDER, small_domain, turn(0, SlotSet("severity", 3)))
    assert tracker.get_slot("severity") == 3
