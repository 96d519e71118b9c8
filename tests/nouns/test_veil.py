"""The veil over time: whole before its first key frame, smooth between them, and what follows for who may be seen."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veil.nouns.plan import Role
from veil.nouns.time import ALWAYS, Span

KEYS = st.lists(
    st.tuples(st.integers(0, 10_000).map(lambda ms: Fraction(ms, 1000)), st.integers(0, 100).map(lambda p: p / 100)),
    min_size=1,
    max_size=6,
    unique_by=lambda key: key[0],
).map(lambda keys: tuple((at, 1.0 if i == 0 else o) for i, (at, o) in enumerate(sorted(keys))))
INSTANTS = st.integers(0, 11_000).map(lambda ms: Fraction(ms, 1000))
LIFT = ((Fraction(2), 1.0), (Fraction(3), 0.0), (Fraction(5), 0.0), (Fraction(6), 1.0))


@given(lift=KEYS, at=INSTANTS)
def test_between_two_key_frames(lift: tuple[tuple[Fraction, float], ...], at: Fraction) -> None:
    """The opacity is never beyond what the key frames around say, and whole before the first."""
    now = Role(lift=lift).veil(at)
    before = [o for t, o in lift if t <= at]
    after = [o for t, o in lift if t >= at]
    around = [before[-1] if before else 1.0, after[0] if after else before[-1]]
    assert min(around) <= now <= max(around)


@given(lift=KEYS, at=INSTANTS)
def test_the_spans_are_where_it_is_not_whole(lift: tuple[tuple[Fraction, float], ...], at: Fraction) -> None:
    """`lifts` holds every instant at which the disguise is not whole: what a consent is held against is complete."""
    role = Role(lift=lift)
    if role.lifting(at):
        assert any(at in span for span in role.lifts())
    assert role.hides(at) == (role.veil(at) == 1)
    assert role.shows(at) == (role.veil(at) == 0)


@given(lift=KEYS)
def test_it_never_jumps(lift: tuple[tuple[Fraction, float], ...]) -> None:
    """From a millisecond to the next the opacity moves by little more than the key frames ask for in the mean."""
    role = Role(lift=lift)
    for (one, before), (other, after) in pairwise(lift):
        steps = [role.veil(one + (other - one) * Fraction(k, 20)) for k in range(21)]
        assert steps[0] == pytest.approx(before)
        assert steps[-1] == pytest.approx(after)
        assert max(abs(a - b) for a, b in pairwise(steps)) <= 0.08 * abs(before - after) + 1e-9


def test_there_and_back() -> None:
    """The dissolve in which somebody becomes themselves, and goes back behind the veil."""
    role = Role(lift=LIFT)
    assert [role.veil(Fraction(t)) for t in (0, 2, 3, 4, 5, 6, 99)] == [1, 1, 0, 0, 0, 1, 1]
    assert role.veil(Fraction(5, 2)) == 0.5
    assert role.veil(Fraction(9, 4)) < 0.5 * 1.75
    assert role.lifts() == (Span(Fraction(2), Fraction(6)),)
    assert Role(lift=LIFT[:2]).lifts() == (Span(Fraction(2), ALWAYS.end),)
    assert Role().lifts() == ()


@pytest.mark.parametrize(
    "lift",
    [
        ((Fraction(2), 0.5), (Fraction(3), 0.0)),
        ((Fraction(3), 1.0), (Fraction(2), 0.0)),
        ((Fraction(2), 1.0), (Fraction(2), 0.0)),
        ((Fraction(2), 1.0), (Fraction(3), -0.1)),
    ],
    ids=["not whole at first", "backwards", "at once", "less than nothing"],
)
def test_what_makes_no_sense_is_no_role(lift: tuple[tuple[Fraction, float], ...]) -> None:
    """Key frames that are out of order, out of range, or that show somebody from the start cannot be made."""
    with pytest.raises(ValueError, match=r"key frames|whole"):
        Role(lift=lift)


def test_a_raised_shadow_lifts_too() -> None:
    """A shadow that an attack asked for does not fall over a face that has shown itself; one for good stays."""
    at_times = Role(lift=LIFT, hidden=(Span(Fraction(3), Fraction(4)),))
    assert at_times.shade(Fraction(7, 2)) == 0
    assert Role(hidden=at_times.hidden).shade(Fraction(7, 2)) == 1
    assert Role(lift=LIFT, hidden=(ALWAYS,)).shade(Fraction(7, 2)) == 1
