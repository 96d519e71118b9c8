"""The ledger: what the tracks owe and what the paint paid must agree, else nothing leaves the house."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veil.errors import Exposed
from veil.nouns.cast import Cast, Person, Track
from veil.nouns.cut import Attendance, Ledger
from veil.nouns.plan import Plan, Role
from veil.nouns.time import Span

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), min_size=1, max_size=8)


def _cast(spans: list[tuple[int, int]]) -> Cast:
    tracks = tuple(Track(f"T{i}", 0, first, first + length, Path("x")) for i, (first, length) in enumerate(spans, 1))
    return Cast(tracks, tuple(Person(f"P{i}", (t.label,)) for i, t in enumerate(tracks, 1)))


@given(SPANS)
def test_attendance_is_the_tracks(spans: list[tuple[int, int]]) -> None:
    """Whoever has a track over a frame attends it, in order and out of order."""
    cast = _cast(spans)
    attendance = Attendance(cast)
    for index in [*range(52), 5, 31, 0]:
        expected = {t.label for t in cast.tracks if t.first <= index < t.last}
        assert {track for track, _ in attendance.at(index)} == expected


@given(SPANS, st.data())
def test_one_missing_payment_is_found(spans: list[tuple[int, int]], data: st.DataObject) -> None:
    """When all is paid the ledger settles; when any one debt is not, it never does."""
    cast, ledger = _cast(spans), Ledger()
    attendance = Attendance(cast)
    for index in range(52):
        ledger.owe(index, Fraction(index, 25), attendance, Plan(0))
    assert len(ledger.owed) == sum(length for _, length in spans)
    ledger.paid = set(ledger.owed)
    ledger.settle()
    missing = data.draw(st.sampled_from(sorted(ledger.owed)))
    ledger.paid.discard(missing)
    with pytest.raises(Exposed) as caught:
        ledger.settle()
    assert caught.value.exit_code == 3
    assert f"frame {missing[0]}" in str(caught.value)
    assert caught.value.hint


def test_paying_for_others_does_not_count() -> None:
    """Paint that nobody owes does not stand in for paint that somebody does."""
    ledger = Ledger(owed={(3, "T1")}, paid={(3, "T2"), (4, "T1")})
    with pytest.raises(Exposed):
        ledger.settle()


def test_who_may_be_seen_owes_nothing_then() -> None:
    """In the span in which the plan shows somebody nothing is owed for them; outside it, everything."""
    cast, ledger = _cast([(0, 10)]), Ledger()
    attendance = Attendance(cast)
    plan = Plan(0, {"P1": Role(seen=(Span(Fraction(2, 25), Fraction(5, 25)),))})
    for index in range(10):
        ledger.owe(index, Fraction(index, 25), attendance, plan)
    assert {index for index, _ in ledger.owed} == {0, 1, 5, 6, 7, 8, 9}
