"""Where the original may be heard, and the ledger that keeps the rule from another source."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.errors import Exposed
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Turn
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages.audible import CELL_S, audible, runs_of, speech_cells
from veil.stages.mixing import gain_of
from veil.stages.sound_ledger import SoundLedger, owed, within, without

HZ = 48_000


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


def role(*heard: Span) -> Role:
    return Role(voicing=Voicing(heard=heard))


def heard_s(plan: Plan, heard: Heard, end_s: int = 10) -> list[tuple[float, float]]:
    """Return the stretches in which the original is heard, in seconds."""
    may = audible(plan, heard, Fraction(end_s))
    return [(run.start / HZ, run.end / HZ) for run in runs_of(may, HZ, speech_cells(heard, len(may)))]


OPEN = Plan(1, {"P1": role(ALWAYS)})


def test_who_is_not_named_is_never_heard() -> None:
    """Without a word in the plan nothing of the original is heard where anybody is: speech, laughter, breath."""
    heard = Heard((Turn("P1", span(2, 5)),), (span(1, 6),))
    assert not heard_s(Plan(1), heard)
    assert heard_s(Plan(1, ambience="as it is"), heard) == [(0, 0.6), (6.8, 10)]


def test_who_may_be_heard_is_heard_in_their_turn_and_no_longer() -> None:
    """A permitted voice keeps its turn, to the cell; where nobody speaks the room is synthetic, or the original."""
    heard = Heard((Turn("P1", span(2, 5)),), (span(1.9, 5.1),))
    assert heard_s(OPEN, heard) == [(2, 5)]
    assert heard_s(Plan(1, OPEN.roles, ambience="as it is"), heard)[0] == (0, 1.5)


@pytest.mark.parametrize(
    ("turns", "voiced", "left"),
    [
        ((Turn("P1", span(2, 5), 0.4),), (), []),  # it may be somebody else
        ((Turn("P1", span(2, 5), 0.65),), (), []),  # and so may this
        ((Turn("P1", span(2, 5), 1, (span(4, 5),)), Turn("P1", span(4, 8))), (), [(2, 3.85), (5.3, 8)]),
        ((Turn("P1", span(2, 5)), Turn("P2", span(4, 6))), (), [(2, 3.85)]),  # somebody talks over the end
        ((Turn("P1", span(2, 5)), Turn("V1", span(0, 3))), (), [(3.3, 5)]),  # an echo dies away
        ((Turn("P1", span(2, 5), 1, (span(3, 4),)),), (), [(2, 2.85), (4.3, 5)]),  # nobody knows who
        ((Turn("P1", span(2, 5)),), (span(2, 7),), [(2, 4.85)]),  # a long breath after it is somebody's
        ((Turn("P1", span(2, 5)), Turn("P1", span(4, 6))), (), [(2, 6)]),
    ],
    ids=[
        "doubtful",
        "less than sure",
        "two turns of one and somebody else",
        "talked over",
        "echo",
        "overlapped by nobody known",
        "voiced beyond",
        "two turns of one",
    ],
)
def test_a_doubt_is_never_heard(
    turns: tuple[Turn, ...], voiced: tuple[Span, ...], left: list[tuple[float, float]]
) -> None:
    """A turn that may be somebody else's, and whatever a hidden voice lies over, is not heard; margins included."""
    every = tuple(dict.fromkeys((*(t.span for t in turns), *voiced)))
    assert heard_s(OPEN, Heard(turns, every)) == left


def test_a_voice_is_heard_only_while_the_plan_says_so() -> None:
    """The plan's own spans hold to the cell, and a veil that has lifted lets the voice be heard from then on."""
    heard = Heard((Turn("P1", span(1, 9)),), (span(1, 9),))
    assert heard_s(Plan(1, {"P1": role(span(3, 5.005))}), heard) == [(3.3, 4.85)]
    lifted = Role(lift=((Fraction(2), 1.0), (Fraction(4), 0.0)))
    assert heard_s(Plan(1, {"P1": lifted}), heard) == [(4.3, 9)]


def test_where_nobody_listened_nothing_is_heard() -> None:
    """A film that was never heard is replaced from end to end, whatever the plan lets be heard, and all of it owed."""
    plan = Plan(1, {"P1": role(ALWAYS)}, ambience="as it is")
    assert not heard_s(plan, Heard())
    assert owed(plan, Heard(), Fraction(10)) == (span(0, 10),)


def test_the_original_fades_only_inside_of_what_may_be_heard() -> None:
    """Outside the stretches the gain is exactly 0, inside it is smooth and reaches 1, however it is cut up."""
    may = audible(OPEN, Heard((Turn("P1", span(2, 5)),)), Fraction(10))
    runs = runs_of(may, HZ, speech_cells(Heard((Turn("P1", span(2, 5)),)), len(may)))
    gain = gain_of(runs, 0, 10 * HZ)
    assert not gain[: 2 * HZ].any()
    assert not gain[5 * HZ :].any()
    assert gain[3 * HZ] == 1
    assert np.abs(np.diff(gain)).max() < 0.002
    assert np.array_equal(np.concatenate([gain_of(runs, at, 7001) for at in range(0, 10 * HZ, 7001)])[: 10 * HZ], gain)


def test_what_is_lost_of_a_permitted_voice_is_counted() -> None:
    """Where somebody talks over a voice that may be heard, it is told for how long that voice is not heard."""
    heard = Heard((Turn("P1", span(2, 5)), Turn("P2", span(4, 6))))
    ledger = SoundLedger(owed(OPEN, heard, Fraction(10)))
    ledger.pay(span(0, 2))
    ledger.pay(span(3.85, 10))
    ledger.settle()
    assert ledger.lost_s(OPEN, heard) == 1.15


def test_a_debt_that_is_not_paid_withholds_the_film() -> None:
    """Where a hidden voice may be heard and the original was written, the film is withheld and says where."""
    heard = Heard((Turn("P1", span(2, 5)), Turn("P2", span(6, 7))), (span(2, 5), span(6, 7.5)))
    ledger = SoundLedger(owed(OPEN, heard, Fraction(10)))
    assert ledger.owed == (span(6, 7.5),)
    ledger.pay(span(0, 2))
    ledger.pay(span(5, 7))
    with pytest.raises(Exposed, match=r"0:00:07.000"):
        ledger.settle()
    ledger.pay(span(7, 10))
    ledger.settle()
    assert ledger.sums() == {"owed_s": 1.5, "paid_s": 1.5, "without_original_s": 7.0}


_SPANS = st.tuples(st.integers(0, 900), st.integers(1, 300)).map(lambda p: span(p[0] / 100, (p[0] + p[1]) / 100))
_TURNS = st.builds(
    Turn,
    st.sampled_from(["P1", "P2", "P3"]),
    _SPANS,
    st.sampled_from([0.3, 0.65, 1.0]),
    st.lists(_SPANS, max_size=1).map(tuple),
)


@given(
    turns=st.lists(_TURNS, max_size=5),
    voiced=st.lists(_SPANS, max_size=4),
    p2=st.lists(_SPANS, max_size=2),
    ambience=st.sampled_from(["synthetic", "as it is"]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_heard_is_never_owed(turns: list[Turn], voiced: list[Span], p2: list[Span], ambience: str) -> None:
    """Whoever speaks whenever: the rule of the cells and the ledger's own never disagree to somebody's harm."""
    roles = {"P1": role(ALWAYS), "P2": role(*p2)}
    plan = Plan(1, roles, ambience="as it is" if ambience == "as it is" else "synthetic")
    heard = Heard(tuple(turns), tuple(voiced))
    may = audible(plan, heard, Fraction(12))
    ledger = SoundLedger(owed(plan, heard, Fraction(12)))
    for cell in np.flatnonzero(~may):
        ledger.pay(Span(int(cell) * CELL_S, (int(cell) + 1) * CELL_S))
    ledger.settle()


@settings(max_examples=30, deadline=None)
@given(one=st.lists(_SPANS, max_size=6), other=st.lists(_SPANS, max_size=6))
def test_spans_are_taken_apart_exactly(one: list[Span], other: list[Span]) -> None:
    """What lies in others and what does not are all of it, and share nothing."""
    apart, shared = without(one, other), within(one, other)
    for at in (Fraction(n, 200) for n in range(0, 2500, 7)):
        inside, there = any(at in s for s in one), any(at in s for s in other)
        assert any(at in s for s in apart) == (inside and not there)
        assert any(at in s for s in shared) == (inside and there)
