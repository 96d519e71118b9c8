"""The ladder of a missed check-in, as a pure function of stored times."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.casework.due import Weight
from veil.casework.moves import ladder
from veil.errors import VeilError

quick = settings(max_examples=60, deadline=None)

TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
STEPS = st.lists(st.tuples(st.integers(1, 1440), st.sampled_from(sorted(ladder.STEPS))), max_size=10).map(
    lambda more: ladder.checked([(0, "again"), (30, "coordinator"), *more])
)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tbilisi", "Australia/Lord_Howe", "Europe/Moscow"])


@st.composite
def watches(draw: st.DrawFn) -> ladder.Watch:
    """Return a check-in that nobody has answered."""
    steps = draw(STEPS)
    seen = draw(st.frozensets(st.integers(0, len(steps) - 1)))
    return ladder.Watch(draw(TIMES), timedelta(minutes=draw(st.integers(0, 240))), steps, True, seen)


@quick
@given(watches(), TIMES, st.integers(0, 10**7))
def test_time_never_takes_a_rung_back(watch: ladder.Watch, now: datetime, more_s: int) -> None:
    """What is reached at one hour is reached at every later one."""
    before = {rung.place for rung in ladder.rungs(watch, now) if rung.reached}
    after = {rung.place for rung in ladder.rungs(watch, now + timedelta(seconds=more_s)) if rung.reached}
    assert before <= after


@quick
@given(watches(), TIMES)
def test_no_rung_is_skipped(watch: ladder.Watch, now: datetime) -> None:
    """Those reached are the first ones without a gap, even after a long sleep, and the next to do is the first of
    them that nobody has in hand.
    """
    told = ladder.rungs(watch, now)
    reached = [rung.reached for rung in told]
    assert reached == sorted(reached, reverse=True)
    open_ones = [rung for rung in told if rung.reached and not rung.seen]
    assert ladder.next_rung(watch, now) == (open_ones[0] if open_ones else None)
    assert [rung.at for rung in told] == sorted(rung.at for rung in told)


@quick
@given(watches(), st.integers(0, 10**7))
def test_it_is_never_silent(watch: ladder.Watch, late_s: int) -> None:
    """From the hour it was expected until somebody answers it is urgent at least, and an alarm while a step is open."""
    now = watch.due + timedelta(seconds=late_s)
    weight = ladder.weight(watch, now)
    assert weight in {Weight.ALARM, Weight.URGENT}
    assert (weight == Weight.ALARM) == (ladder.next_rung(watch, now) is not None)


@quick
@given(watches(), st.integers(0, 10**7))
def test_taking_one_rung_takes_no_other(watch: ladder.Watch, late_s: int) -> None:
    """Each step of the ladder needs its own hand."""
    now = watch.due + watch.grace + timedelta(seconds=late_s)
    rung = ladder.next_rung(watch, now)
    if rung is not None:
        after = ladder.rungs(ladder.taken(watch, rung.place), now)
        changed = [old.place for old, new in zip(ladder.rungs(watch, now), after, strict=True) if old != new]
        assert changed == [rung.place]


@quick
@given(watches(), TIMES)
def test_a_restart_changes_nothing(watch: ladder.Watch, now: datetime) -> None:
    """What was written down and read again climbs the same ladder."""
    told = json.loads(json.dumps([watch.due.isoformat(), watch.grace.total_seconds(), watch.steps, list(watch.seen)]))
    due, grace = datetime.fromisoformat(told[0]), timedelta(seconds=told[1])
    again = ladder.Watch(due, grace, ladder.checked(told[2]), True, frozenset(told[3]))
    assert ladder.rungs(again, now) == ladder.rungs(watch, now)


@quick
@given(watches(), TIMES)
def test_an_answer_ends_it(watch: ladder.Watch, now: datetime) -> None:
    """Nothing is due of what was answered."""
    answered = ladder.Watch(watch.due, watch.grace, watch.steps, False)
    assert ladder.weight(answered, now) is None
    assert ladder.next_rung(answered, now) is None


@quick
@given(watches(), st.integers(0, 24 * 3600))
def test_a_clock_that_lies_alarms(watch: ladder.Watch, ahead_s: int) -> None:
    """When nobody knows how late it is, what is expected within a day is an alarm."""
    assert ladder.weight(watch, watch.due - timedelta(seconds=ahead_s), doubt=True) == Weight.ALARM


@quick
@given(TIMES, st.sampled_from([1440, 2880, 10080]), TIMES, ZONES)
def test_every_day_means_the_hour_on_the_wall(first: datetime, every: int, after: datetime, zone: str) -> None:
    """Repeated by whole days it stays at its hour through the nights when the clocks change, and skips no day."""
    here = ZoneInfo(zone)
    told = ladder.following(first, every, after, here)
    assert told > max(first, after)
    last = max(first, after)
    assert told - last <= timedelta(minutes=every) + timedelta(hours=1) or last == first
    wall, began = told.astimezone(here), first.astimezone(here)
    gap = abs(timedelta(hours=wall.hour - began.hour, minutes=wall.minute - began.minute))
    assert gap == timedelta(0) or gap in {timedelta(minutes=30), timedelta(hours=1), timedelta(hours=23)}
    if gap:  # only where that hour does not exist on that day
        there = wall.replace(hour=began.hour, minute=began.minute)
        assert there.astimezone(UTC).astimezone(here).replace(fold=0) != there.replace(fold=0)


@quick
@given(TIMES, st.integers(5, 1439), TIMES)
def test_other_spans_keep_their_length(first: datetime, every: int, after: datetime) -> None:
    """The next is the first after the hour asked for, a whole number of spans from the first one."""
    told = ladder.following(first, every, after)
    span = timedelta(minutes=every)
    assert told > max(first, after)
    assert (told - first) % span == timedelta(0)
    assert told - span <= max(first, after)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [(5, "again"), (30, "coordinator")],
        [(0, "again")],
        [(0, "again"), (1441, "coordinator")],
        [(0, "sing"), (1, "coordinator")],
        [(-1, "again"), (0, "coordinator")],
    ],
)
def test_a_ladder_that_would_leave_somebody_alone_is_refused(steps: list[tuple[int, str]]) -> None:
    """It begins at once, ends within a day, and reaches a coordinator."""
    with pytest.raises(VeilError):
        ladder.checked(steps)
