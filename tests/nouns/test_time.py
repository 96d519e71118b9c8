"""Time is exact, and spans are half-open."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veil.nouns.time import Span, clock, parse_clock

instants = st.fractions(min_value=0, max_value=100_000, max_denominator=90_000)
spans = st.tuples(instants, instants).map(lambda pair: Span(min(pair), max(pair)))


@given(instants, instants)
def test_span_ends_after_it_starts(a: Fraction, b: Fraction) -> None:
    """A span that would end before it starts cannot be made."""
    if b < a:
        with pytest.raises(ValueError, match="must not end before"):
            Span(a, b)
    else:
        assert Span(a, b).length_s == b - a


@given(spans)
def test_span_is_half_open(span: Span) -> None:
    """A span holds its start and not its end; an empty span holds nothing."""
    assert span.end not in span
    assert (span.start in span) == (span.length_s > 0)


@given(instants, instants, instants, instants)
def test_neighbours_share_nothing(a: Fraction, b: Fraction, c: Fraction, at: Fraction) -> None:
    """Of two spans that touch, every instant is in one at most."""
    first, second, third = sorted((a, b, c))
    left, right = Span(first, second), Span(second, third)
    assert not (at in left and at in right)
    assert (at in left or at in right) == (at in Span(first, third))


@given(spans, spans, instants)
def test_spans_meet_where_they_share_an_instant(one: Span, other: Span, at: Fraction) -> None:
    """Meeting is mutual, and two spans that hold the same instant meet."""
    assert one.meets(other) == other.meets(one)
    if at in one and at in other:
        assert one.meets(other)


@given(spans, spans)
def test_meeting_spans_share_an_instant(one: Span, other: Span) -> None:
    """Two spans with time in them that meet both hold the later start."""
    if one.length_s and other.length_s and one.meets(other):
        later = max(one.start, other.start)
        assert later in one
        assert later in other


@given(instants)
def test_clock_is_read_back(at: Fraction) -> None:
    """A written instant is read back to the millisecond."""
    assert abs(parse_clock(clock(at)) - at) <= Fraction(1, 2000)


@given(st.integers(0, 10**8))
def test_whole_milliseconds_are_exact(ms: int) -> None:
    """An instant of whole milliseconds is written and read without loss."""
    assert parse_clock(clock(Fraction(ms, 1000))) == Fraction(ms, 1000)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("1:02", 62), ("1:00:00.5", Fraction(7201, 2)), (" 0:00.125 ", Fraction(1, 8)), ("90:00", 5400)],
)
def test_clock_forms(text: str, seconds: Fraction) -> None:
    """Seconds alone, minutes, hours and fractions are understood."""
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("text", ["", ":", "1:", "a", "1:2:3:4", "-1", "0:-5", "1.5:00", "now"])
def test_no_time_is_no_time(text: str) -> None:
    """What is no time is refused, never guessed."""
    with pytest.raises(ValueError):  # noqa: PT011 - Fraction and int have words of their own
        parse_clock(text)
