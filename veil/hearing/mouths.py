"""Tells whether a mouth that is seen talks: does it move in the rhythm of syllables, and does it follow the sound?"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from veil.hearing.voiceprint import BLOCK_S
from veil.nouns.lips import Lips
from veil.nouns.speech import HEARING_HZ, Sound

RATE_HZ = 25
"""Instants a second at which mouths and loudness are compared."""
_FAST_S, _SLOW_S = 0.03, 0.14  # a difference of two bell curves as wide passes about 1.5 to 8 Hz: syllables
_NEAR_S = 0.22  # standard deviation of the time over which movement is gathered
_STILL, _TALKING = 0.0035, 0.0110  # how far lips usually go to and fro, of the face's height
_MOST = 3.0  # no frame says more than this, as logarithm of odds
_GAP_S = 0.12  # frames further apart are not joined
_LAGS_S = (-0.2, 0.3)  # lips may lead the sound by the second, trail it by the first: bad sync is common
_APART_S = 1.2  # a shift by more than this is another word: what chance gives
_LEAST_S = 1.6  # of a seen mouth: of less nobody can tell whether it follows
_SHIFTS = 60


class Mouth:
    """One mouth on the grid of blocks: `talks` (N,) is the logarithm of the odds that it talks, 0 where not `seen`."""

    def __init__(self, lips: Lips, blocks: int) -> None:
        count = max(1, round(blocks * BLOCK_S * RATE_HZ))
        grid = np.arange(count) / RATE_HZ
        self._seen = _seen(lips, grid)
        good = lips.trusted
        self._moves = np.zeros((2, count))
        if good.sum() >= 2:
            rows = [np.interp(grid, lips.at_s[good], row[good]) for row in (lips.opening, lips.width)]
            self._moves = np.where(self._seen, syllables(np.array(rows)), 0)
        weight = gaussian_filter1d(self._seen.astype(float), _NEAR_S * RATE_HZ)
        power = gaussian_filter1d(self._moves[0] ** 2 + 0.3 * self._moves[1] ** 2, _NEAR_S * RATE_HZ)
        effort = np.sqrt(power / np.maximum(weight, 1e-6)) + 1e-6
        middle, half = np.sqrt(_STILL * _TALKING), np.log(_TALKING / _STILL) / 2
        talks = np.where(self._seen, np.clip(2 * np.log(effort / middle) / half, -_MOST, _MOST), 0)
        at = np.minimum(((np.arange(blocks) + 0.5) * BLOCK_S * RATE_HZ).astype(int), count - 1)
        self.talks, self.seen = talks[at], self._seen[at]

    def follows(self, loudness: NDArray[np.float64], blocks: NDArray[np.bool_]) -> float | None:
        """Return how much better it follows the loudness (at `RATE_HZ`) in these blocks than chance would.

        In standard deviations of what the same mouth gives when the sound is shifted in time; None where too little
        of it is seen.
        """
        here = np.repeat(blocks, 5)[::2]  # 10 to 25 a second
        count = min(len(self._seen), len(loudness), len(here))
        here = here[:count] & self._seen[:count]
        if here.sum() < _LEAST_S * RATE_HZ:
            return None
        opening = np.where(here, self._moves[0, :count], 0)
        sound = loudness[:count]
        low, high = (round(lag * RATE_HZ) for lag in _LAGS_S)
        lags = np.arange(low, high + 1)
        apart = round(_APART_S * RATE_HZ)
        furthest = min(count // 2, 30 * RATE_HZ)
        if furthest <= apart + len(lags):
            return None
        steps = np.unique(np.linspace(apart, furthest, _SHIFTS).astype(int))
        shifts = np.concatenate([[0], steps, -steps])
        scores = np.array([max(_alike(opening, sound, here, int(lag + shift)) for lag in lags) for shift in shifts])
        return float((scores[0] - scores[1:].mean()) / max(float(scores[1:].std()), 1e-3))


def _alike(opening: NDArray[np.float64], sound: NDArray[np.float64], here: NDArray[np.bool_], shift: int) -> float:
    """Return the correlation over the instants `here` of a mouth with the sound that comes `shift` later."""
    moved = np.roll(sound, -shift)[here]
    seen = opening[here]
    seen, moved = seen - seen.mean(), moved - moved.mean()
    return float(seen @ moved / max(np.sqrt((seen @ seen) * (moved @ moved)), 1e-9))


def _seen(lips: Lips, grid: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell at which instants of the grid a frame with a trusted mouth is near."""
    good = lips.at_s[lips.trusted]
    if not len(good):
        return np.zeros(len(grid), np.bool_)
    after = np.clip(np.searchsorted(good, grid), 0, len(good) - 1)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.minimum(np.abs(good[after] - grid), np.abs(good[before] - grid)) <= _GAP_S, np.bool_)


def syllables(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what of a signal at `RATE_HZ` (..., N) moves as fast as syllables."""
    fast, slow = _FAST_S * RATE_HZ, _SLOW_S * RATE_HZ
    return np.asarray(gaussian_filter1d(rows, fast, axis=-1) - gaussian_filter1d(rows, slow, axis=-1))


def loudness(sound: Sound) -> NDArray[np.float64]:
    """Return how the loudness of a sound at 16 kHz moves, at `RATE_HZ`."""
    step = HEARING_HZ // RATE_HZ
    count = len(sound) // step
    if not count:
        return np.zeros(0)
    level = np.sqrt(np.square(sound[: count * step].reshape(count, step)).mean(1, dtype=np.float64))
    around = maximum_filter1d(level, 4 * RATE_HZ)
    return syllables(np.sqrt(level / np.maximum(around, 1e-4)))
