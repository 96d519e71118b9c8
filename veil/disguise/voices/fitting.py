"""Fits speech to the place of its phrase: one stretch for the whole line, in coarse steps; never a phone's time.

The times of phones, and of words within a phrase, are a fingerprint (Tomashenko 2412.17164; `veil attack` measures
it), so nothing of them reaches this file: only how long the phrase was, on a coarse grid.
"""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

FASTEST, SLOWEST = 1.15, 1.10
"""How much faster, and how much slower, a line may be spoken and still sound as people do."""
HARDEST = 1.35
"""How much faster when there is no more room behind it; beyond that it runs over, and says so."""
STEP = 0.05
"""Tempo comes in steps, so that it tells little of how fast the person spoke."""
PAUSE_STEP_S = 0.1
MOST_PAUSE_S = 3.0
EMPHASIS = {"strong": 1.25, "soft": 0.9, "": 1.0}
PACE = {"slow": 1.3, "fast": 0.8, "": 1.0}
"""How much longer a marked word takes."""


def tempo(natural_s: float, pauses_s: float, length_s: Fraction, room_s: Fraction) -> float:
    """Return by what to divide the natural length of the speech, so that it and its pauses fit the place.

    It uses the room behind only when the fastest natural tempo is not enough, and is hurried only when that is full.
    """
    place_s = max(float(length_s) - pauses_s, 0.0)
    if natural_s <= 0:
        return 1.0
    if natural_s <= place_s:
        return 1.0 / min(_down(place_s / natural_s), SLOWEST)
    if natural_s <= FASTEST * place_s:
        return min(_up(natural_s / place_s), FASTEST)
    with_room_s = max(place_s + float(room_s), 1e-6)
    return float(np.clip(_up(natural_s / with_room_s), FASTEST, HARDEST))


def pause(pause_s: float) -> float:
    """Return the length of a pause that a mark asks for, on the grid of pauses."""
    return min(math.ceil(max(pause_s, 0.0) / PAUSE_STEP_S - 1e-9) * PAUSE_STEP_S, MOST_PAUSE_S)


def whole_frames(lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return lengths in whole frames, at least one each, whose sums along the way are never off by a whole one."""
    frames = np.ones(len(lengths), np.int64)
    owed = 0.0
    for index, length in enumerate(lengths):
        owed += float(length)
        frames[index] = max(1, math.floor(owed + 0.5))
        owed -= float(frames[index])
    return frames


def _up(factor: float) -> float:
    return math.ceil(factor / STEP - 1e-9) * STEP


def _down(factor: float) -> float:
    return math.floor(factor / STEP + 1e-9) * STEP
