"""A mouth that says something: lips meet where they must, open for vowels, go before the sound, and never jump."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.disguise.faces.speaking import Saying, Shape
from veil.nouns.speech import Phone, Word
from veil.nouns.time import Span

SYMBOLS = [
    "p",
    "b",
    "m",
    "f",
    "v",
    "s",
    "t",
    "l",
    "k",
    "ʃ",
    "ɹ",
    "w",
    "u",
    "oʊ",
    "ɑ",
    "æ",
    "ə",
    "ɛ",
    "i",
    "I",
    "tʲ",
    "ɨ",
]


def phones(symbols: list[str], each_s: float = 0.1, start_s: float = 1.0) -> tuple[Phone, ...]:
    """Return sounds in a row, each as long as the next."""
    return tuple(Phone(s, start_s + k * each_s, start_s + (k + 1) * each_s) for k, s in enumerate(symbols))


def middle(saying: Saying, place: int, each_s: float = 0.1, start_s: float = 1.0) -> Shape:
    """Return the mouth at the middle of a sound."""
    return saying.at(start_s + (place + 0.5) * each_s)


@given(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=14), st.floats(0.045, 0.2), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_lips_meet_and_never_jump(symbols: list[str], each_s: float, phase: float) -> None:
    """Whatever is said, and however quickly: p, b and m are closed in a frame at 25 a second; no frame jumps.

    Nothing opens by more than the widest vowel, and from one frame to the next no more than half of that.
    """
    said = phones(symbols, each_s)
    saying = Saying(said)
    times = np.arange(0.2, said[-1].end_s + 1, 0.04) + 0.04 * phase
    rows = np.array([(s.gap, s.jaw, s.wide, s.forward) for s in map(saying.at, times)])
    for closed_s in saying.closures_s:
        assert rows[np.abs(times - closed_s) <= 0.0201, 0].min() < 0.012
    assert rows[:, 0].min() >= 0
    assert rows[:, 0].max() < 0.28
    assert np.abs(np.diff(rows, axis=0)).max(0)[0] < 0.22
    assert rows[0].tolist() == rows[-1].tolist() == [0, 0, 0, 0], "a mouth rests before and after"


def test_vowels_open_and_sounds_have_their_shapes() -> None:
    """An ah is open, an ee broad, an oo round and pushed out; f bites; n lifts the tongue; a sob's rest is closed."""
    saying = Saying(phones(["m", "ɑ", "m", "i", "m", "u", "f", "ɑ", "n"], 0.14))
    shapes = [middle(saying, k, 0.14) for k in range(9)]
    assert shapes[1].gap > 0.18 > shapes[3].gap > 0.05
    assert shapes[1].jaw > 0.3
    assert shapes[3].wide > 0.04
    assert shapes[5].wide < -0.12
    assert shapes[5].forward > 0.15
    assert shapes[6].bite > 0.9
    assert shapes[6].gap < 0.07
    assert shapes[8].tongue > 0.6
    assert max(shapes[k].gap for k in (0, 2, 4)) < 0.01
    assert Saying(()).at(0.0) == Shape()
    hurried = Saying(phones(["p", "f", "p", "f"], 0.05))
    assert max(middle(hurried, k, 0.05).gap for k in (0, 2)) < 0.01, "the teeth beside them do not part them"


def test_a_mouth_goes_before_the_sound() -> None:
    """It begins to open within 40 ms of the sound, not later, and rounds its lips while the sound before lasts."""
    saying = Saying(phones(["ɑ", "t", "ɑ"], 0.15))
    times = np.arange(0.5, 1.5, 0.005)
    opens = times[np.argmax(np.array([saying.at(t).gap for t in times]) > 0.02)]
    assert -0.12 < opens - 1.0 < 0.04
    round_after, plain = (Saying(phones(["s", vowel], 0.15)) for vowel in ("u", "ɑ"))
    assert middle(round_after, 0, 0.15).wide < middle(plain, 0, 0.15).wide - 0.03


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["b", "O", "t"], ["B", "OW1", "T"]),  # misaki, ARPABET
        (["b", "oʊ", "t"], ["b", "O", "t"]),
        (["ˈʃ", "ʌ"], ["SH", "AH0"]),
        (["m", "ˈI"], ["m", "aɪ"]),
        (["tʲ", "ˈaː"], ["t", "a"]),  # softness, stress and length are not seen
        (["t͡ʃ", "i"], ["tʃ", "i"]),
    ],
)
def test_alphabets_agree(one: list[str], other: list[str]) -> None:
    """The same sounds move the mouth alike, in whatever alphabet a voice tells them."""
    a, b = Saying(phones(one)), Saying(phones(other))
    assert all(a.at(t) == b.at(t) for t in np.arange(0.8, 1.6, 0.01))


@pytest.mark.parametrize("text", ["мама", "Mama,", "«мама»"])
def test_a_voice_that_tells_no_sounds_moves_lips_by_its_words(text: str) -> None:
    """Where only words have times, letters tell the mouth about what to do: closed, open, closed, open."""
    saying = Saying((), (Word(text, Span(Fraction(1), Fraction(3, 2))),))
    gaps = [saying.at(1 + (k + 0.5) / 8).gap for k in range(4)]
    assert len(saying.closures_s) == 2
    assert max(gaps[0], gaps[2]) < 0.01
    assert min(gaps[1], gaps[3]) > 0.1


def test_what_is_no_sound_is_not_said() -> None:
    """Punctuation, marks and sounds without time do nothing, and nothing is raised."""
    quiet = Saying((Phone(",", 1, 1.2), Phone("ˈ", 1.2, 1.3), Phone("ɑ", 1.4, 1.4), Phone("", 1.4, 1.5)))
    assert all(quiet.at(t) == Shape() for t in np.arange(0.5, 2, 0.05))
