"""From phrases to lines: nothing of the times inside a phrase crosses, and no two lines of one person are at once."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Phrase, Transcript, Word
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Voicing
from veil.stages.lines import GRID_S, LAST_EARLIEST_S, cut_off_s, latest, lines, places

PLAN = Plan(1)
END_S = Fraction(60)


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


def phrase(start: float, end: float, speaker: str = "P1", words: int = 3) -> Phrase:
    step = (end - start) / max(words, 1)
    said = tuple(Word(f"w{i}", span(start + i * step, start + (i + 1) * step)) for i in range(words))
    return Phrase(speaker, span(start, end), said)


def test_nothing_finer_than_the_grid_crosses() -> None:
    """Phrases that differ by less than the grid, and in every word's time, give the same line."""
    one = lines(PLAN, Transcript("en", (phrase(1.01, 2.98),)), END_S)
    moved = replace(phrase(1.07, 3.04), words=phrase(1.3, 1.6).words)
    assert lines(PLAN, Transcript("en", (moved,)), END_S) == one
    assert one[0].start % GRID_S == one[0].length_s % GRID_S == 0
    assert one[0].room_s == 2


def test_phrases_begin_where_they_did() -> None:
    """The median phrase begins within 120 ms of where it did, and no phrase more than the grid's half away."""
    starts = np.sort(np.random.default_rng(3).uniform(0, 50, 40))
    said = lines(PLAN, Transcript("en", tuple(phrase(s, s + 0.5) for s in starts)), END_S)
    off = np.array([abs(float(line.start) - s) for line, s in zip(said, starts, strict=True)])
    assert np.median(off) <= 0.12
    assert off.max() <= 0.101


def test_who_is_heard_or_silent_has_no_line() -> None:
    """No line for a voice that is heard as it is, for one that is to be silent, and where nobody knows the words."""
    roles = {"P2": Role(voicing=Voicing(heard=(ALWAYS,))), "P3": Role(voicing=Voicing(by="silence"))}
    every = (phrase(1, 2, "P2"), phrase(2, 3, "P3"), phrase(4, 5, "V1", words=0), phrase(6, 7, "V1"))
    assert [line.speaker for line in lines(Plan(1, roles), Transcript("en", every), END_S)] == ["V1"]


def test_a_phrase_that_is_heard_in_part_is_said_in_part() -> None:
    """Words that are heard in the speaker's own voice are not said again; the others are."""
    plan = Plan(1, {"P1": Role(voicing=Voicing(heard=(span(0, 2),)))})
    (line,) = lines(plan, Transcript("en", (phrase(1, 4),)), END_S)
    assert line.text == "w1 w2"
    assert line.start == 2


def test_a_long_line_begins_earlier_and_then_pushes_the_next() -> None:
    """A line that is too long takes silence before it first; then the next of that speaker waits, nobody else's."""
    every = lines(PLAN, Transcript("en", (phrase(4, 6), phrase(6.4, 8), phrase(5, 7, "P2"))), END_S)
    assert [line.speaker for line in every] == ["P1", "P2", "P1"]
    one, other, two = places(every, [Fraction(3), Fraction(2), Fraction(1)], END_S)
    assert (one.at, two.at, other.at) == (Fraction(18, 5), Fraction(133, 20), Fraction(5))
    assert latest(every, (one, other, two)) == Fraction(1, 4)


def test_phrases_without_a_pause_are_not_moved_for_one() -> None:
    """Lines that fit their places begin there, though their phrases follow each other without a breath."""
    every = lines(PLAN, Transcript("en", tuple(phrase(at, at + 2) for at in (2, 4, 6, 8))), END_S)
    found = places(every, [line.length_s for line in every], END_S)
    assert max(abs(place.at - line.start) for line, place in zip(every, found, strict=True)) <= Fraction(3, 20)


def test_the_end_cuts_nothing_off_while_there_is_room() -> None:
    """When the last two lines are too long for the film, both begin earlier; what is cut off in spite of it is told."""
    every = lines(PLAN, Transcript("en", (phrase(56, 57), phrase(58, 59), phrase(59, 60))), END_S)
    found = places(every, [Fraction(1), Fraction(3, 2), Fraction(3, 2)], END_S)
    assert found[-1].end <= END_S
    assert cut_off_s(found, END_S) == 0
    assert all(a.end <= b.at for a, b in pairwise(found))
    assert cut_off_s(places(every, [Fraction(1), Fraction(3), Fraction(3)], END_S), END_S) > 0


def test_the_last_line_ends_with_the_film() -> None:
    """A last line that would run out of the film begins earlier, as far as that goes."""
    every = lines(PLAN, Transcript("en", (phrase(58, 59),)), END_S)
    (place,) = places(every, [Fraction(3)], END_S)
    assert place.end == END_S
    assert every[0].room_s == 1


@given(
    starts=st.lists(st.integers(0, 500), min_size=1, max_size=12),
    lengths=st.lists(st.integers(2, 40), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_no_two_lines_of_one_speaker_are_at_once(starts: list[int], lengths: list[int]) -> None:
    """However long lines become, each begins after the former of its speaker, and none long before its phrase."""
    phrases = tuple(phrase(s / 10, s / 10 + 1, f"P{i % 2}") for i, s in enumerate(starts))
    every = lines(PLAN, Transcript("en", phrases), END_S)
    found = places(every, [Fraction(n, 10) for n in lengths[: len(every)]], END_S)
    for speaker in ("P0", "P1"):
        mine = [p for line, p in zip(every, found, strict=True) if line.speaker == speaker]
        assert all(a.end <= b.at for a, b in pairwise(mine))
    assert all(p.at >= max(Fraction(0), line.start - LAST_EARLIEST_S) for line, p in zip(every, found, strict=True))
