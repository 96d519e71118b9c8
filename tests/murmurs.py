"""Sounds and mouths shaped like speech: nobody's voice, nobody's face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from veil.nouns.lips import Lips

RATE_HZ = 16_000


@dataclass(frozen=True)
class Throat:
    """What a murmur sounds like: its pitch and how long its throat is, 1 for a usual one."""

    pitch_hz: float
    length: float


LOW, HIGH, MIDDLE = Throat(95, 1.12), Throat(215, 0.88), Throat(150, 1.3)
_VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def murmur(throat: Throat, length_s: float, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return syllables of random vowels (samples,), and how far a mouth is open for them (25 a second)."""
    rng = np.random.default_rng(seed)
    parts, opening = [], []
    left_s = length_s
    while left_s > 0:
        last_s = min(left_s, float(rng.uniform(0.16, 0.3)))
        parts.append(_syllable(throat, last_s, rng))
        at = np.linspace(0, np.pi, max(2, round(last_s * 100)))
        opening.append(np.sin(at) * rng.uniform(0.5, 1.0))
        left_s -= last_s
    sound, fine = np.concatenate(parts), np.concatenate(opening)
    mouth = np.interp(np.arange(0, length_s, 0.04), np.linspace(0, length_s, len(fine)), fine)
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32), mouth


def _syllable(throat: Throat, length_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    count = round(length_s * RATE_HZ)
    pitch = throat.pitch_hz * (1 + 0.08 * rng.normal() + 0.05 * np.linspace(0, rng.normal(), count))
    phase = np.cumsum(pitch / RATE_HZ)
    sound = np.diff(np.floor(phase), prepend=0.0) + 0.02 * rng.normal(size=count)
    for hz, width_hz in zip(_VOWELS_HZ[rng.integers(len(_VOWELS_HZ))], (80, 110, 160), strict=True):
        radius = np.exp(-np.pi * width_hz / RATE_HZ)
        turn = 2 * np.pi * hz / throat.length / RATE_HZ
        sound = lfilter([1 - radius], [1, -2 * radius * np.cos(turn), radius**2], sound)
    return np.asarray(sound * np.sin(np.linspace(0, np.pi, count)) ** 0.6, np.float64)


def mouth(opening: NDArray[np.float64], start_s: float, end_s: float, rest: float = 0.01) -> Lips:
    """Return lips that rest from 0 to `end_s`, but for an opening (25 a second, 0 to 1) from `start_s`."""
    at_s = np.arange(0, end_s, 0.04)
    row = np.full(len(at_s), rest)
    first = round(start_s * 25)
    kept = opening[: len(row) - first]
    row[first : first + len(kept)] += 0.08 * kept
    wide = np.full(len(at_s), 0.3)
    return Lips(at_s, row.astype(np.float32), wide.astype(np.float32), np.ones(len(at_s), np.bool_))
