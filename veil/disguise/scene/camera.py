"""Takes the camera's own pattern of noise (PRNU) out of the picture, so that the film does not lead to the camera.

What one pixel of the sensor answers more than its neighbours stays the same from frame to frame. The mean residual of
many frames shows it, at flat places; it is taken away in proportion to the light. Source of the model and of the
estimate: Chen, Fridrich, Goljan, Lukas (IEEE TIFS 2008). The residual is that of a local Wiener filter (Lee 1980) at
three scales, another one than the adversary's.

noise = SensorNoise.estimate(reader, film.frames, hidden)  # hidden: where nothing may be learnt, by frame number
clean = noise.remove(frame.picture, frame.index)  # before anything is painted: paint holds no pattern
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.nouns.picture import Box, Frame, Picture, Plane
from veil.whole import whole

Field = NDArray[np.float32]

_FROM = 0.45  # the pattern is taken from the film's later part: what asks for it afterwards compares with the first
_SAMPLE = 40
_SCALES_PX = (3, 9, 17)
_NOISE = 4.0  # variance, code values squared
_ROUGH = 16.0  # local variance above which a place is not flat
_NEAR_PX = 7
_DARK, _BRIGHT = 17, 240
_HIDDEN = 0  # the luma of what may not be looked at: darker than any place that counts
_LEAST_SEEN = 4
_LEAST_FRAMES = 8
_LEAST_AREA = 0.02
_LIMIT = 60.0  # correlation energy of two halves over chance, below which there is nothing to take away
_SHIFTS_PX = (-37, -23, 19, 31)
_ALIVE = 0.1  # code values; below, the residual does not change in time and no sensor made it
_ROUNDS = 2
_KEPT_BYTES = 1 << 27
_MOST = 0.05  # share of the light that any pixel's pattern may be
_LOCAL_PX = 15
_SLOW_PX = 25
_PLAUSIBLE = 0.02  # no sensor's pattern is stronger; it is 0.003 to 0.01 of the light
_TILE_PX = 256


def _nobody(_: int) -> Sequence[Box]:
    """Return no boxes: nobody in the film is owed a cover."""
    return ()


@dataclass(frozen=True, eq=False)
class SensorNoise:
    """A sensor's pattern, as a share of the light, float32 (H, W); None where the film shows none."""

    pattern: Field | None = None

    @staticmethod
    def starts(count: int) -> int:
        """Return the first frame that `estimate` looks at in a film of `count` frames."""
        return int(count * _FROM)

    @classmethod
    def estimate(
        cls, frames: Iterable[Frame], count: int, hidden: Callable[[int], Sequence[Box]] = _nobody
    ) -> "SensorNoise":
        """Return the pattern that a film of `count` frames holds; forty of them are looked at.

        `hidden` gives the boxes of everyone who is owed a cover, by frame number, in order: no pixel in them has any
        part in the pattern, and a place that they hide in more than half of the frames has none. Without a pattern that
        both halves of the sample share, or without noise that lives, there is none.
        """
        first = cls.starts(count)
        step = max(1, (count - first) // _SAMPLE)
        halves = _Gathering(), _Gathering()
        kept: list[Plane] = []
        for frame in frames:
            if frame.index >= first and (frame.index - first) % step == 0 and len(kept) < _room(frame.picture.y):
                y = _without(frame.picture.y, hidden(frame.index))
                halves[frame.index * 2 >= first + count].add(y)
                kept.append(y)
        whole = halves[0].joined(halves[1])
        if len(kept) < _LEAST_FRAMES or not whole.alive or not _shared(*halves):
            return cls()
        pattern = whole.pattern()
        for _ in range(_ROUNDS):  # the filter takes only a part of the pattern for noise: what is left comes next
            left = _Gathering()
            for y in kept:
                left.add(y, pattern)
            pattern = pattern + left.pattern()
        return cls(np.clip(_evened(pattern), -_MOST, _MOST))

    def remove(self, picture: Picture, seed: int) -> Picture:
        """Return the picture without the pattern; the same one where there is none.

        Luma changes by a rounding that `seed` draws, so that parts of a code value count. A flat picture, such as
        stands for a damaged frame, holds no pattern. Raises ValueError when the size is another one.
        """
        if self.pattern is None or not np.ptp(picture.y[::16, ::16]):
            return picture
        if self.pattern.shape != picture.y.shape:
            raise ValueError(f"a pattern of {self.pattern.shape} for a picture of {picture.y.shape}")
        down, across = (int(v) for v in np.random.default_rng(seed).integers(0, _TILE_PX, 2))
        y = np.empty_like(picture.y)
        _take_away(picture.y, self.pattern, _rounding(), down, across, y)
        return replace(picture, y=y)

    def save(self, path: Path) -> None:
        """Write the pattern as float16, whole or not at all."""
        stored = np.zeros((0, 0)) if self.pattern is None else self.pattern
        with whole(path) as file:
            np.savez_compressed(file, pattern=stored.astype(np.float16))

    @classmethod
    def load(cls, path: Path) -> "SensorNoise":
        """Read what `save` wrote."""
        with np.load(path) as stored:
            pattern = stored["pattern"].astype(np.float32)
        return cls(pattern if pattern.size else None)


class _Gathering:
    """Sums of residuals over frames."""

    def __init__(self) -> None:
        self.sums: list[Field] = []  # residual x light, light squared, flat, residual, residual squared, hidden
        self.frames = 0

    def add(self, y: Plane, known: Field | None = None) -> None:
        """Add a luma plane, less the part of the pattern that is known already; what is hidden in it is 0."""
        self.frames += 1
        noise = residual(y if known is None else y * (1 - known))
        light = y - noise
        flat = _flat(y, light)
        light *= flat
        noise *= flat
        parts = [noise * light, light * light, flat, noise, noise * noise, (y == _HIDDEN).astype(np.float32)]
        self.sums = [s + p for s, p in zip(self.sums, parts, strict=True)] if self.sums else parts

    def joined(self, other: "_Gathering") -> "_Gathering":
        both = _Gathering()
        both.sums = [a + b for a, b in zip(self.sums, other.sums, strict=True)] if self.sums and other.sums else []
        both.frames = self.frames + other.frames
        return both

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray((self.sums[2] >= _LEAST_SEEN) & (2 * self.sums[5] <= self.frames))

    @property
    def alive(self) -> bool:
        """Whether enough flat places hold noise that changes in time, as every sensor's does."""
        if not self.sums or self.known.mean() < _LEAST_AREA:
            return False
        _, _, seen, total, squares, _ = (s[self.known] for s in self.sums)
        change = np.sqrt(np.maximum(squares / seen - (total / seen) ** 2, 0))
        return float(np.median(change)) > _ALIVE

    def pattern(self) -> Field:
        """Return the estimate, 0 where it is not known; single places may not stand out."""
        share = np.where(self.known, self.sums[0] / np.maximum(self.sums[1], 1), 0).astype(np.float32)
        most = 4 * 1.48 * float(np.median(np.abs(share[self.known])))
        return np.clip(share, -most, most)


def _without(y: Plane, boxes: Sequence[Box]) -> Plane:
    """Return a luma plane in which the boxes are all one dark value, so that no filter can see what is in them."""
    if not boxes:
        return y
    y = y.copy()
    for box in boxes:
        y[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)] = _HIDDEN
    return y


def residual(y: Plane | Field) -> Field:
    """Return what a local Wiener filter takes from a luma plane at three scales, finest first."""
    rest: Field = y.astype(np.float32)
    noise = np.zeros_like(rest)
    for side in _SCALES_PX:
        mean = cv2.blur(rest, (side, side))
        away = rest - mean
        squares = away * away
        spread = np.maximum(cv2.blur(squares, (side, side)), cv2.blur(squares, (_NEAR_PX, _NEAR_PX)))
        away *= _NOISE / np.maximum(spread, _NOISE)
        noise += away
        rest = rest - away
    return noise


def _flat(y: Plane, light: Field) -> Field:
    mean, squares = (cv2.blur(v, (_NEAR_PX, _NEAR_PX)) for v in (light, light * light))
    flat = (squares - mean * mean < _ROUGH) & (y >= _DARK) & (y <= _BRIGHT)
    return np.asarray(flat, np.float32)


def _shared(one: _Gathering, other: _Gathering) -> bool:
    """Tell whether two halves of a film hold the same pattern: how they correlate, over how they do when shifted."""
    if not one.sums or not other.sums:
        return False
    known = one.known & other.known
    if known.mean() < _LEAST_AREA:
        return False
    a, b = (_evened(g.pattern() * known) for g in (one, other))
    shifts = [(down, across) for down in _SHIFTS_PX for across in _SHIFTS_PX]
    chance = [float((a * np.roll(b, shift, (0, 1))).sum(dtype=np.float64)) ** 2 for shift in shifts]
    return float((a * b).sum(dtype=np.float64)) ** 2 > _LIMIT * max(float(np.mean(chance)), 1e-30)


def _evened(pattern: Field) -> Field:
    """Return the pattern, weaker where it is stronger than elsewhere: a sensor's is as strong everywhere.

    What stands out are lines and texture of a scene that does not move; they must not be burnt into the film.
    """
    known = (pattern != 0).astype(np.float32)
    side = (_SLOW_PX, _SLOW_PX)
    slow = cv2.blur(pattern, side) / np.maximum(cv2.blur(known, side), 1e-6)  # shade, which a sensor's noise has not
    pattern = np.asarray((pattern - slow) * known, np.float32)
    side = (_LOCAL_PX, _LOCAL_PX)
    local = np.sqrt(np.maximum(cv2.blur(pattern * pattern, side), 0) / np.maximum(cv2.blur(known, side), 1e-6))
    usual = float(np.median(local[known > 0])) if known.any() else 0.0
    weight = np.minimum(1, (min(2 * usual, _PLAUSIBLE) / np.maximum(local, 1e-9)) ** 2)
    return np.asarray(pattern * weight, np.float32)


def _room(y: Plane) -> int:
    """Return how many frames may be kept in memory."""
    return min(_SAMPLE, max(_LEAST_FRAMES, _KEPT_BYTES // y.size))


_ROUNDING: list[Field] = []


def _rounding() -> Field:
    """Return a square of even random numbers, 0 to 1, the same in every run."""
    if not _ROUNDING:
        _ROUNDING.append(np.random.default_rng(7).random((_TILE_PX, _TILE_PX), np.float32))
    return _ROUNDING[0]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _take_away(y: Plane, pattern: Field, rounding: Field, down: int, across: int, out: Plane) -> None:
    """Write `y` less its part of the pattern to `out`; where the pattern is 0 it stays as it is."""
    side = rounding.shape[0]
    for i in range(y.shape[0]):
        row = rounding[(i + down) & (side - 1)]
        for j in range(y.shape[1]):
            value = np.float32(y[i, j])
            share = pattern[i, j]
            if share != 0 and 16 < value < 250:
                value = np.floor(value - share * value + row[(j + across) & (side - 1)])
                value = min(max(value, np.float32(0)), np.float32(255))
            out[i, j] = np.uint8(value)
