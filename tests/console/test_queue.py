"""The queue puts the most dangerous first, and of these the one that waits longest."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.queue import BANDS, LEFT_AFTER, Level, Place, Sign, Signs, Trouble, in_order, place_of

NOON = datetime(2026, 11, 10, 12, tzinfo=timezone.utc)
SILENT = NOON - 2 * LEFT_AFTER


def level(disposition: str, row: str, *, told: bool = True, at: datetime = SILENT) -> Level:
    return Level(at, disposition, row, "Why.", "their words", told)


def signs(**more: object) -> Signs:
    return Signs(opened_at=SILENT, last_patient_at=SILENT, **more)  # type: ignore[arg-type]  # any of its fields


EXAMPLES = {
    "emergency": signs(levels=[level("emergency", "E2")]),
    "urgent": signs(levels=[level("urgent", "U3")]),
    "crisis": signs(crisis=[Sign(SILENT, "crisis", "no point any more")]),
    "untold": signs(levels=[level("routine_medical", "R7", told=False)]),
    "waiting": signs(waiting_since=SILENT),
    "failed": signs(failed=[Trouble(SILENT, "hello")]),
    "unclear": signs(unclear=[Trouble(SILENT, "blargh")]),
    "routine": signs(levels=[level("self_care", "S1")]),
}


def test_there_is_an_example_of_each_band() -> None:
    assert tuple(EXAMPLES) == BANDS


@pytest.mark.parametrize("band", BANDS)
def test_each_band(band: str) -> None:
    assert place_of(EXAMPLES[band], NOON).band == band


@pytest.mark.parametrize("worse", BANDS[:3])
@pytest.mark.parametrize("other", BANDS[3:])
def test_danger_wins_over_all_else(worse: str, other: str) -> None:
    first, second = EXAMPLES[worse], EXAMPLES[other]
    both = signs(
        levels=[*second.levels, *first.levels],
        crisis=first.crisis,
        waiting_since=second.waiting_since,
        failed=second.failed,
        unclear=second.unclear,
    )
    assert place_of(both, NOON).band == worse


def test_an_emergency_stays_one_when_a_later_answer_calls_for_less() -> None:
    place = place_of(signs(levels=[level("emergency", "E2"), level("self_care", "S1", at=NOON)]), NOON)
    assert (place.band, place.rule, place.since) == ("emergency", "E2", SILENT)


def test_the_reason_is_the_rule_and_the_patients_words() -> None:
    place = place_of(EXAMPLES["emergency"], NOON)
    assert (place.rule, place.reason, place.words) == ("E2", "Why.", "their words")


def test_advice_that_has_not_arrived_is_looked_for_again() -> None:
    place = place_of(signs(levels=[level("emergency", "E2", told=False, at=NOON)]), NOON)
    assert not place.told
    assert place.recheck_at is not None
    assert place.recheck_at - NOON < timedelta(seconds=10)
    old = place_of(signs(levels=[level("emergency", "E2", told=False, at=NOON - timedelta(days=9))]), NOON)
    assert old.recheck_at is None


def test_a_danger_sign_without_an_end_of_the_check_waits_until_the_patient_has_left() -> None:
    writing = Signs(opened_at=NOON, last_patient_at=NOON, flags=[Sign(NOON, "infection", "shivering")])
    place = place_of(writing, NOON)
    assert place.band == "routine"
    assert place.recheck_at == NOON + LEFT_AFTER
    later = place_of(writing, NOON + LEFT_AFTER)
    assert (later.band, later.rule, later.words) == ("untold", "infection", "shivering")


def test_waiting_is_not_lost_while_a_check_is_unfinished() -> None:
    place = place_of(
        Signs(opened_at=NOON, last_patient_at=NOON, flags=[Sign(NOON, "dvt", "calf")], waiting_since=NOON), NOON
    )
    assert place.band == "waiting"
    assert place.recheck_at == NOON + LEFT_AFTER


places = st.builds(
    Place,
    band=st.sampled_from(BANDS),
    since=st.datetimes(timezones=st.just(timezone.utc)),
    rule=st.none(),
    reason=st.just(""),
    words=st.just(""),
)


@given(st.lists(st.tuples(st.uuids().map(str), places), max_size=30))
def test_the_order_is_by_band_then_by_age(queue: list[tuple[str, Place]]) -> None:
    ordered = in_order(queue)
    assert sorted(map(str, ordered)) == sorted(map(str, queue))
    for (_, before), (_, after) in itertools.pairwise(ordered):
        assert BANDS.index(before.band) <= BANDS.index(after.band)
        assert before.band != after.band or before.since <= after.since
