"""What is true of every opening, whatever the clinic, the calendar and the clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.booking import search
from bot.booking.calendar import ClinicCalendar, Practitioner, Service
from bot.booking.intervals import Interval, merge, minute_of, moment_of, subtract
from bot.booking.search import Occupied
from bot.booking.types import Preferences

ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]

intervals = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 60)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=20
)
minutes_of_day = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, tuple[tuple[object, object], ...]]:
    hours = {}
    for day in range(7):
        edges = sorted(draw(st.sets(minutes_of_day, max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        hours[day] = tuple((_clock(a), _clock(b)) for a, b in pairs)
    return hours


@st.composite
def clinics(draw: st.DrawFn) -> ClinicCalendar:
    people = {
        name: Practitioner(name, name, frozenset({"visit"}), draw(weeks()))  # type: ignore[arg-type]  # clocks
        for name in ("kim", "lou")[: draw(st.integers(1, 2))]
    }
    service = Service("visit", "Visit", draw(st.integers(5, 120)), draw(st.integers(0, 30)))
    return ClinicCalendar(
        time_zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        services={"visit": service},
        practitioners=people,
        closed_days=frozenset(draw(st.sets(st.dates(date(2026, 3, 1), date(2026, 12, 31)), max_size=10))),
        lead_minutes=draw(st.integers(0, 3000)),
        horizon_days=draw(st.integers(1, 12)),
        step_minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 60])),
    )


def _clock(minute: int) -> object:
    return (datetime(2000, 1, 1) + timedelta(minutes=minute)).time()


# Around both changes of the clocks in all of the zones.
moments = st.one_of(
    st.datetimes(datetime(2026, 3, 5), datetime(2026, 4, 8)), st.datetimes(datetime(2026, 9, 30), datetime(2026, 11, 5))
).map(lambda naive: naive.replace(tzinfo=timezone.utc))


@given(intervals, intervals)
def test_merging_and_subtracting_are_right_minute_by_minute(one: list[Interval], other: list[Interval]) -> None:
    a, b = merge(one), merge(other)
    left = subtract(a, b)
    assert _minutes(left) == _minutes(one) - _minutes(other)
    for merged in (a, left):
        assert all(before[1] <= after[0] for before, after in pairwise(merged))


def _minutes(spans: list[Interval]) -> set[int]:
    return {minute for first, until in spans for minute in range(first, until)}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clinics(), moments, st.data())
def test_no_opening_overlaps_anything(calendar: ClinicCalendar, now: datetime, data: st.DataObject) -> None:
    base = minute_of(now)
    spans = st.lists(
        st.tuples(st.integers(-500, 20000), st.integers(1, 600)).map(lambda s: (base + s[0], base + s[0] + s[1])),
        max_size=15,
    )
    occupied = {one: Occupied(merge(data.draw(spans)), merge(data.draw(spans))) for one in calendar.practitioners}
    service = calendar.services["visit"]
    limits = search.bounds(calendar, now, None)
    found = list(
        search.candidates(calendar, service, list(calendar.practitioners.values()), occupied, limits, Preferences())
    )
    for candidate in found:
        start, until = service.busy(candidate.start)
        begins = moment_of(start)
        assert begins >= now + timedelta(minutes=calendar.lead_minutes), "inside the lead time or the past"
        local = begins.astimezone(calendar.time_zone)
        assert local.date() <= now.astimezone(calendar.time_zone).date() + timedelta(days=calendar.horizon_days)
        who = occupied[candidate.practitioner]
        assert not any(start < b and until > a for a, b in who.taken), "overlaps a booking or a block"
        person = calendar.practitioners[candidate.practitioner]
        working = merge([*calendar.working(person, local.date()), *who.extra])
        assert any(a <= start and until <= b for a, b in working), "overlaps a break or the end of the day"
        assert (local.hour * 60 + local.minute) % calendar.step_minutes == 0
        assert candidate.minute_of_day == local.hour * 60 + local.minute
    keys = [(one.start, one.practitioner) for one in found]
    assert len(set(keys)) == len(keys)
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_round_times_where_the_clocks_go_back_by_half_an_hour() -> None:
    calendar = ClinicCalendar(
        time_zone=ZoneInfo("Australia/Lord_Howe"),
        services={"visit": Service("visit", "Visit", 20, 0)},
        practitioners={"kim": Practitioner("kim", "Kim", frozenset({"visit"}), {6: ((time(1), time(2, 30)),)})},
        step_minutes=20,
    )
    window = (
        minute_of(datetime(2026, 4, 4, 13, tzinfo=timezone.utc)),
        minute_of(datetime(2026, 4, 5, 13, tzinfo=timezone.utc)),
    )
    found = search.candidates(
        calendar, calendar.services["visit"], list(calendar.practitioners.values()), {}, window, Preferences()
    )
    clocks = [f"{moment_of(one.start).astimezone(calendar.time_zone):%H:%M}" for one in found]
    assert clocks == ["01:00", "01:20", "01:40", "01:40", "02:00"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clinics(), moments)
def test_no_free_time_is_missed(calendar: ClinicCalendar, now: datetime) -> None:
    """Every quarter of an hour in which the visit would fit is offered."""
    service = calendar.services["visit"]
    limits = search.bounds(calendar, now, None)
    for person in calendar.practitioners.values():
        found = {one.start for one in search.candidates(calendar, service, [person], {}, limits, Preferences())}
        expected: set[int] = set()
        day = moment_of(limits[0]).astimezone(calendar.time_zone).date()
        for offset in range(calendar.horizon_days + 2):
            for first, until in calendar.working(person, day + timedelta(days=offset)):
                for minute in range(max(first, limits[0]), min(until, limits[1])):
                    local = moment_of(minute).astimezone(calendar.time_zone)
                    fits = service.busy(minute)[1] <= until
                    if fits and (local.hour * 60 + local.minute) % calendar.step_minutes == 0:
                        expected.add(minute)
        assert found == expected
