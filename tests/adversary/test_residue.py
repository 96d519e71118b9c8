"""What is left of the original's sound: found faint, late, turned round or louder, and never where there is none."""

import numpy as np
import pytest

from tests.talkers import CHILD, MAN
from veil.adversary.residue import LIMIT, WINDOW_S, Leftover, attack_on_rest, hum
from veil.nouns.speech import HEARING_HZ, Sound

_WINDOWS = 3


def found(original: Sound, result: Sound) -> Leftover:
    """Return what the search found in both sounds, window by window."""
    left, size = Leftover(HEARING_HZ), round(WINDOW_S * HEARING_HZ)
    for start in range(0, len(original) - size + 1, size):
        left.take(start / HEARING_HZ, original[start : start + size], result[start : start + size])
    return left


@pytest.fixture(scope="module")
def original() -> Sound:
    """Return 12 s of somebody in a room with a little noise."""
    return _noisy(MAN.say(_WINDOWS * WINDOW_S, 1), 1)


@pytest.fixture(scope="module")
def result() -> Sound:
    """Return 12 s of somebody else in another room."""
    return _noisy(CHILD.say(_WINDOWS * WINDOW_S, 2), 2)


def _noisy(sound: Sound, seed: int) -> Sound:
    return (sound + 0.003 * np.random.default_rng(seed).standard_normal(len(sound))).astype(np.float32)


def test_nothing_in_common(original: Sound, result: Sound) -> None:
    """Two sounds of which none is in the other stay under the limit, and the line is safe."""
    best = found(original, result).best
    assert best is not None
    assert best.above < LIMIT
    assert attack_on_rest(best, 0, ({}, {})).verdict == "safe"


@pytest.mark.parametrize(("gain", "delay_s"), [(0.1, 0.0), (-0.1, 0.0), (0.1, 0.31), (-1.0, -0.2), (0.03, 0.11)])
def test_a_rest_of_the_original(original: Sound, result: Sound, gain: float, delay_s: float) -> None:
    """The original is found at a tenth of its loudness and at -30 dB, turned round, earlier or later; when, is told."""
    late = np.roll(original, round(delay_s * HEARING_HZ))
    best = found(original, (result + gain * late).astype(np.float32)).best
    assert best is not None
    assert best.above > LIMIT
    assert best.delay_s == pytest.approx(delay_s, abs=0.01)
    attack = attack_on_rest(best, 7, ({}, {}))
    assert attack.verdict == "exposed"
    assert attack.frame == 7


def test_silence_tells_nothing(original: Sound) -> None:
    """Where the result is silent there is nothing to compare, and that is safe."""
    left = found(original, np.zeros_like(original))
    assert left.best is None
    assert attack_on_rest(None, None, ({}, {})).verdict == "safe"


def test_the_hum_of_the_mains(result: Sound) -> None:
    """A hum is heard in a long sound with its frequency, not in a short one, and a voice is none."""
    rate_hz = 8000
    at = np.arange(24 * rate_hz) / rate_hz
    noise = np.random.default_rng(3).standard_normal(len(at)) * 0.003
    humming = (0.01 * np.sin(2 * np.pi * 49.96 * at) + 0.005 * np.sin(2 * np.pi * 3 * 49.96 * at) + noise).astype(
        np.float32
    )
    lines = hum(humming, rate_hz)
    assert lines[50.0] == pytest.approx(49.96, abs=0.1)
    assert set(lines) == {50.0, 150.0}
    assert hum(humming[: 8 * rate_hz], rate_hz) == {}
    assert hum(np.tile(result[::2], 3)[: 24 * rate_hz], rate_hz) == {}
    assert attack_on_rest(None, None, (lines, lines)).verdict == "exposed"
    assert attack_on_rest(None, None, (lines, {})).verdict == "safe"
