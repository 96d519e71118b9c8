"""A volunteer's reading fitted to its line: as long as its place, at its own pitch, closed where it is quiet."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.disguise.voices.read_aloud import (
    MOST_STRETCH,
    fitted,
    letters_as_phones,
    sounds_of,
    speech,
    stretch_for,
    stretched,
    words_in,
)
from veil.nouns.speech import Line, Said, Sound

RATE_HZ = 48_000


def hum(length_s: float, pitch_hz: float = 140.0, level: float = 0.3) -> Sound:
    """Return a buzz with a few harmonics: about what a vowel is."""
    at = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    waves = sum(np.sin(2 * np.pi * pitch_hz * k * at) / k for k in range(1, 12))
    return np.asarray(level * waves / 2, np.float32)


def rest(length_s: float, level: float = 3e-4) -> Sound:
    noise = np.random.default_rng(5).standard_normal(round(length_s * RATE_HZ))
    return np.asarray(level * noise, np.float32)


def line(text: str, length_s: float, room_s: float = 0.0, language: str = "en") -> Line:
    words = tuple(Said(word) for word in text.split())
    return Line("P1", words, language, Fraction(4), Fraction(length_s), Fraction(room_s))


def _pitch_hz(sound: Sound) -> float:
    part = sound[len(sound) // 4 : 3 * len(sound) // 4].astype(np.float64)
    likeness = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * len(part))) ** 2)
    low, high = RATE_HZ // 400, RATE_HZ // 60
    return RATE_HZ / (low + int(np.argmax(likeness[low:high])))


@pytest.mark.parametrize("factor", [1 / MOST_STRETCH, 0.95, 1.05, MOST_STRETCH])
@pytest.mark.parametrize("pitch_hz", [90.0, 210.0])
def test_a_stretch_keeps_pitch_and_loudness(factor: float, pitch_hz: float) -> None:
    """A stretched sound is as long as asked, to a sample, sounds as high, and is as loud all the way."""
    sound = hum(1.2, pitch_hz)
    new = stretched(sound, RATE_HZ, factor)
    assert len(new) == round(len(sound) * factor)
    assert _pitch_hz(new) == pytest.approx(pitch_hz, rel=0.02)
    cells = np.sqrt(
        np.mean(np.square(new[4800:-4800][: len(new[4800:-4800]) // 2400 * 2400].reshape(-1, 2400)), axis=1)
    )
    assert cells.min() > 0.75 * cells.max()


def test_silence_is_trimmed_and_pauses_lie_on_a_grid() -> None:
    """The sound begins and ends with the voice, between its parts is silence of whole tenths and no room."""
    sound = np.concatenate([rest(0.7), hum(0.8), rest(0.33), hum(0.9), rest(1.1)])
    spoken = fitted(sound, RATE_HZ, line("one two three four", 2.05))
    still = np.flatnonzero(spoken.sound == 0)
    assert len(still) / RATE_HZ == pytest.approx(0.3, abs=0.011)
    assert abs(spoken.sound[:2400]).max() > 0.01
    assert abs(spoken.sound[-2400:]).max() > 0.01
    assert spoken.length_s <= 2.05


@settings(max_examples=40, deadline=None)
@given(st.floats(0.4, 8), st.floats(0.4, 8), st.floats(0, 2))
def test_it_fits_its_place_or_is_as_fast_as_is_natural(said_s: float, place_s: float, room_s: float) -> None:
    """Whatever was read, tempo stays within 15 percent, and only what is too long at the fastest is longer."""
    way = stretch_for(line("word " * 9, place_s, room_s), [(0, round(said_s * RATE_HZ))], RATE_HZ)
    assert 1 / MOST_STRETCH - 1e-9 <= way.factor <= MOST_STRETCH + 1e-9
    assert way.length_s <= place_s + room_s + 1e-6 or way.factor == pytest.approx(1 / MOST_STRETCH)
    if said_s / MOST_STRETCH <= place_s:
        assert way.length_s <= place_s + 1e-6  # the room behind stays free


def test_tempo_tells_little() -> None:
    """Readings of nearly the same length are stretched alike: tempo comes in steps."""
    ways = {stretch_for(line("a b", 3), [(0, round(s * RATE_HZ))], RATE_HZ).factor for s in (2.62, 2.65, 2.68, 2.71)}
    assert len(ways) == 1


def test_words_end_at_the_pauses_of_their_stops() -> None:
    """A word with a stop after it ends where the pause begins, and the next begins where it ends."""
    told = line("They came at night, and took him.", 2.5)
    times = words_in([said.text for said in told.words], sounds_of(told), [(0.0, 1.3), (1.7, 2.5)])
    assert times[3][1] == pytest.approx(1.3)
    assert times[4][0] == pytest.approx(1.7)
    assert all(a <= b for a, b in times)
    assert times[-1][1] == pytest.approx(2.5)


def test_lips_are_closed_where_it_is_quiet() -> None:
    """No vowel lies where nothing is heard; every phone lies within its word, and words within the sound."""
    sound = np.concatenate([rest(0.4), hum(0.7), rest(0.5), hum(0.7), rest(0.4)])
    spoken = fitted(sound, RATE_HZ, line("Мама мыла, папа спал", 2.2, language="ru"))
    assert len(spoken.words) == 4
    first, last = spoken.words[1][1], spoken.words[2][0]
    assert last - first >= 0.39
    assert not [p for p in spoken.phones if p.symbol in "aeiouɨ" and first + 0.05 < p.start_s < last - 0.05]
    assert spoken.phones[0].symbol == "m"
    assert all(0 <= p.start_s <= p.end_s <= spoken.length_s + 1e-6 for p in spoken.phones)


def test_letters_tell_what_lips_do() -> None:
    """Lips close for m, b and p in both scripts, and letters that are not heard say nothing."""
    assert letters_as_phones("Мама") == ["m", "a", "m", "a"]
    assert letters_as_phones("shape,") == ["ʃ", "a", "p"]
    assert letters_as_phones("José") == ["dʒ", "ɔ", "s", "ɛ"]
    assert letters_as_phones("—") == []
    assert sounds_of(line("Bob knew", 1)) == [["b", "ɑ", "b"], ["n", "u"]]
    assert sounds_of(line("Боб знал", 1, language="ru")) == [["b", "o", "b"], ["z", "n", "a", "l"]]


def test_nothing_is_made_of_silence() -> None:
    """Silence gives no speech and an empty sound, and a click is no speech."""
    assert speech(np.zeros(48_000, np.float32), RATE_HZ) == []
    click = np.zeros(48_000, np.float32)
    click[24_000:24_300] = 0.5
    assert speech(click, RATE_HZ) == []
    spoken = fitted(np.zeros(48_000, np.float32), RATE_HZ, line("a b", 2))
    assert not len(spoken.sound)
    assert len(spoken.words) == 2
