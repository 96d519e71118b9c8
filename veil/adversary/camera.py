"""Asks whether the camera that filmed the original can still be recognised in the result, by its sensor's noise.

Every sensor has a pattern of its own: some pixels answer light a little more than others (PRNU). The residual of a
denoised frame holds it, and the residuals of many frames together give the camera's fingerprint. Sources: Lukas,
Fridrich, Goljan, "Digital camera identification from sensor pattern noise" (IEEE TIFS 2006); Chen, Fridrich, Goljan,
Lukas, "Determining image origin and integrity using sensor noise" (IEEE TIFS 2008), for the estimate and the cleaning;
Goljan, Fridrich, Filler, "Large scale test of sensor fingerprint camera identification" (SPIE 2009), for the limit of
60, which 2.4 in 100 000 comparisons with another camera passed; Mihcak, Kozintsev, Ramchandran (ICASSP 1999), for
the denoiser, which is another one than what `disguise` removes the pattern with.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box, Frame, Plane
from veil.nouns.report import Attack, Verdict

Field = NDArray[np.float32]

LIMIT = 60.0
_SAMPLE = 40  # frames of each film
_EARLY, _LATE = 0.35, 0.45  # the reference ends, what is asked begins: codecs freeze noise for seconds
_KEPT_BYTES = 1 << 28
_FEWEST = 8
_ALIVE = 0.1  # code values; below, nothing changes in time as a sensor's noise does
_LEAST_PLACES = 2000  # pixels
_NOISE = 9.0  # variance of the noise that is taken out, code values squared (Chen 2008: 3 squared)
_LEVELS = 4
_DARK, _BRIGHT = 12, 240  # outside nothing of the pattern survives
_APART = 6  # code values
_SCENE_PX = 65
_MOVED = 0.2  # correlation of the mean pictures, below which the scenes differ everywhere
_ROUGH = 16.0  # local variance of the denoised picture above which a place is no flat one
_MIDDLE_PX = 540, 960  # rows and columns that are looked at, at most
_EDGE_PX = 16  # the frame's rim, where the transform sees mirrored picture
_PEAK_PX = 5  # around the peak, not counted as noise
_TAPS = np.array(  # Daubechies, 8 taps
    [0.230377813309, 0.714846570553, 0.630880767930, -0.027983769417,
     -0.187034811719, 0.030841381836, 0.032883011667, -0.010597401785], np.float32,
)  # fmt: skip
_PAIRS = (_TAPS, (_TAPS[::-1] * np.array([1, -1] * 4)).astype(np.float32))  # low, high


def residual(y: Plane) -> Field:
    """Return the noise of a luma plane (H, W) in code values: what a wavelet Wiener filter takes away."""
    height, width = y.shape
    step = 1 << _LEVELS
    pad = (_EDGE_PX, _EDGE_PX + -height % step, _EDGE_PX, _EDGE_PX + -width % step)
    low: Field = cv2.copyMakeBorder(y, *pad, cv2.BORDER_REFLECT_101).astype(np.float32)
    details: list[list[Field]] = []
    for _ in range(_LEVELS):
        low, *rest = _split(low)
        details.append([noise_part(d, _NOISE) for d in rest])
    noise = np.zeros_like(low)
    for rest in reversed(details):
        noise = _merged([noise, *rest])
    return noise[pad[0] : pad[0] + height, pad[2] : pad[2] + width]


def noise_part(values: Field, variance: float) -> Field:
    """Return the part of coefficients that is noise of that variance (Wiener, the least of four windows)."""
    squares = values * values
    local = cv2.blur(squares, (3, 3))
    for side in (5, 7, 9):
        local = np.minimum(local, cv2.blur(squares, (side, side)))
    share: Field = (values * (variance / (np.maximum(local - variance, 0) + variance))).astype(np.float32)
    return share


def _split(field: Field) -> list[Field]:
    one = np.ones(1, np.float32)
    parts: list[Field] = []
    for across in _PAIRS:
        half = np.ascontiguousarray(cv2.sepFilter2D(field, cv2.CV_32F, across, one, anchor=(0, 0))[:, ::2])
        for down in _PAIRS:
            quarter = cv2.sepFilter2D(half, cv2.CV_32F, one, down, anchor=(0, 0))[::2]
            parts.append(np.ascontiguousarray(quarter, np.float32))
    return parts


def _merged(parts: Sequence[Field]) -> Field:
    one, last = np.ones(1, np.float32), len(_TAPS) - 1
    height, width = parts[0].shape
    whole = np.zeros((2 * height, 2 * width), np.float32)
    for i, across in enumerate(_PAIRS):
        half = np.zeros((2 * height, width), np.float32)
        for part, down in zip(parts[2 * i : 2 * i + 2], _PAIRS, strict=True):
            tall = np.zeros((2 * height, width), np.float32)
            tall[::2] = part
            half += cv2.sepFilter2D(tall, cv2.CV_32F, one, np.ascontiguousarray(down[::-1]), anchor=(0, last))
        wide = np.zeros((2 * height, 2 * width), np.float32)
        wide[:, ::2] = half
        whole += cv2.sepFilter2D(wide, cv2.CV_32F, np.ascontiguousarray(across[::-1]), one, anchor=(last, 0))
    return whole


class Fingerprint:
    """Gathers the pattern of a camera from frames, at flat places that are neither dark, bright nor painted."""

    def __init__(self) -> None:
        self.frames = 0
        self._sums: list[Field] = []  # residual x light, light squared, how often flat, residual, residual squared
        self._range: list[Plane] = []  # darkest and brightest that each place has been
        self.scene: Field | None = None  # sum of soft pictures

    def see(self, y: Plane, painted: Iterable[Box] = (), only: NDArray[np.bool_] | None = None) -> None:
        """Add a luma plane (H, W), or `only` those places of it; raise ValueError when sizes differ."""
        if self._sums and y.shape != self._sums[0].shape:
            raise ValueError(f"a frame of {y.shape} after frames of {self._sums[0].shape}")
        noise = residual(y)
        light = y - noise
        mean, squares = cv2.blur(light, (7, 7)), cv2.blur(light * light, (7, 7))
        flat = ((squares - mean * mean < _ROUGH) & (y > _DARK) & (y < _BRIGHT)).astype(np.float32)
        for box in painted:
            b = box.grown(0.05).clipped(y.shape[1], y.shape[0])
            flat[b.top : b.bottom, b.left : b.right] = 0
        if only is not None:
            flat *= only
        light *= flat
        noise *= flat
        parts = [noise * light, light * light, flat, noise, noise * noise]
        self._sums = [s + p for s, p in zip(self._sums, parts, strict=True)] if self._sums else parts
        soft = np.asarray(cv2.blur(y, (5, 5)), np.uint8)
        low, high = self._range or [soft, soft]
        self._range = [np.minimum(low, soft), np.maximum(high, soft)]
        self.scene = soft.astype(np.float32) if self.scene is None else self.scene + soft
        self.frames += 1

    def never_was(self, y: Plane) -> NDArray[np.bool_]:
        """Return where a luma plane is darker or brighter than any frame seen: something else is filmed there."""
        low, high = (r.astype(np.int16) for r in self._range)
        soft = cv2.blur(y, (5, 5)).astype(np.int16)
        return np.asarray((soft < low - _APART) | (soft > high + _APART))

    def shows_what(self, other: "Fingerprint") -> float:
        """Return how much the mean pictures of two films correlate, -1 to 1: near 1 the scene stood still."""
        if self.scene is None or other.scene is None:
            return 0.0
        fine = [s - cv2.blur(s, (_SCENE_PX, _SCENE_PX)) for s in (self.scene, other.scene)]
        norm = float(np.sqrt((fine[0] ** 2).mean() * (fine[1] ** 2).mean()))
        return float((fine[0] * fine[1]).mean()) / max(norm, 1e-9)

    def pattern(self) -> Field:
        """Return the pattern as a share of the light, cleaned of what is no sensor's; 0 where it is not known."""
        if not self._sums:
            return np.zeros((1, 1), np.float32)
        total, light, seen = self._sums[:3]
        known = seen >= 1
        inside = np.zeros_like(known)
        inside[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX] = True
        known &= inside
        if not known.any():
            return np.zeros_like(total)
        usual = float(light[known].sum() / seen[known].sum())  # of one frame
        return cleaned(np.where(known, total / (light + 2 * usual), 0).astype(np.float32), known)

    @property
    def alive(self) -> float:
        """How much the residual of flat places changes in time, in code values: no sensor is without."""
        often = self._sums[2] >= max(2, self.frames // 2) if self._sums else np.zeros((1, 1), np.bool_)
        if not often.any():
            return 0.0
        _, _, seen, noise, squares = (s[often] for s in self._sums)
        return float(np.sqrt(max(0.0, float(np.median(squares / seen - (noise / seen) ** 2)))))


def cleaned(estimate: Field, known: NDArray[np.bool_]) -> Field:
    """Return an estimate without what a kind of camera or a codec puts there: lines and regular grids."""
    count = np.maximum(known.sum(1, keepdims=True), 1), np.maximum(known.sum(0, keepdims=True), 1)
    estimate = np.where(known, estimate - estimate.sum(1, keepdims=True) / count[0], 0)
    estimate = np.where(known, estimate - estimate.sum(0, keepdims=True) / count[1], 0)
    spread = np.sqrt((estimate**2).sum() / max(1, int(known.sum())))
    if not spread > 0:
        return np.zeros_like(estimate)
    estimate = np.clip(estimate, -4 * spread, 4 * spread)  # single stuck places must not decide
    spectrum = np.fft.rfft2(estimate)
    size = (np.abs(spectrum) / np.sqrt(estimate.size)).astype(np.float32)
    even = noise_part(size, float((estimate**2).mean()))
    spectrum *= even / np.maximum(size, 1e-20)
    result: Field = np.where(known, np.fft.irfft2(spectrum, estimate.shape), 0).astype(np.float32)
    return result


def pce(one: Field, other: Field) -> float:
    """Return the peak to correlation energy of two patterns (H, W) that are 0 where they are not known.

    The peak is that of no shift: Veil moves no pixel. Each shift is weighed by how much of both patterns overlaps
    there, so that patterns known in a few places only are compared fairly. Either sign is a peak: a pattern taken away
    too much is one too.
    """
    if not one.any() or not other.any():
        return 0.0
    plane, power = (_correlated(a, b) for a, b in ((one, other), (one * one, other * other)))
    far = np.ones(plane.shape, np.bool_)
    near = np.ix_(np.arange(-_PEAK_PX, _PEAK_PX + 1), np.arange(-_PEAK_PX, _PEAK_PX + 1))
    far[near] = False
    far &= power > 0.1 * power[0, 0]
    if power[0, 0] <= 0 or not far.any():
        return 0.0
    chance = float((plane[far] ** 2 / power[far]).mean())
    return float(plane[0, 0] ** 2 / power[0, 0] / max(chance, 1e-30))


def _correlated(one: Field, other: Field) -> NDArray[np.float64]:
    """Return the circular cross-correlation, no shift first."""
    plane: NDArray[np.float64] = np.fft.irfft2(np.fft.rfft2(one) * np.conj(np.fft.rfft2(other)), one.shape)
    return plane


def _middle(y: Plane) -> tuple[Plane, int, int]:
    """Return the middle of a plane, and how far right and down it begins: enough places, in a third of the time."""
    height, width = (min(length, most) for length, most in zip(y.shape, _MIDDLE_PX, strict=True))
    top, left = (y.shape[0] - height) // 2, (y.shape[1] - width) // 2
    return y[top : top + height, left : left + width], left, top


class CameraHunt:
    """Follows both films and tells whether the original's camera can be recognised in the result.

    Both show the same scene, which leaves traces of its own in every residual. So the reference is taken from the
    original's first third and what is asked from the result's second half; and unless the camera itself moves, only
    where something is filmed that was never seen at that place later: scenes differ there, and what agrees is the
    sensor's.
    """

    def __init__(self, frames: int) -> None:
        """Take the number of frames that both films have."""
        self._until, self._from = int(frames * _EARLY), int(frames * _LATE)
        self._steps = max(1, self._until // _SAMPLE), max(1, (frames - self._from) // _SAMPLE)
        self._kept: list[Plane] = []
        self._result = Fingerprint()

    def original(self, frame: Frame) -> None:
        """Look at a frame of the original; those that are not needed cost nothing."""
        y = _middle(frame.picture.y)[0]
        room = max(_FEWEST, _KEPT_BYTES // max(1, y.size))
        if frame.index < self._until and frame.index % self._steps[0] == 0 and len(self._kept) < room:
            self._kept.append(y.copy())

    def result(self, frame: Frame, painted: Iterable[Box] = ()) -> None:
        """Look at a frame of the result; `painted` are the places that were covered, which no camera saw."""
        if frame.index >= self._from and (frame.index - self._from) % self._steps[1] == 0:
            y, left, top = _middle(frame.picture.y)
            there = [Box(b.left - left, b.top - top, b.right - left, b.bottom - top) for b in painted]
            self._result.see(y, there)

    def attack(self) -> Attack:
        """Return the verdict; the score is the peak to correlation energy, the limit 60."""
        if len(self._kept) < 2 or self._result.frames < 2:
            return self._said(None, "not proven", "the film is too short to look for its camera")
        whole = self._gathered(everywhere=True)
        if whole.alive < _ALIVE:
            return self._said(None, "safe", "the original holds no noise of a sensor")
        found = self._result.pattern()
        moved = whole.shows_what(self._result) < _MOVED
        reference = whole.pattern() if moved else self._gathered(everywhere=False).pattern()
        if np.count_nonzero(reference * found) < _LEAST_PLACES:
            return self._still(pce(whole.pattern(), found))
        score = pce(reference, found)
        if score < LIMIT:
            return self._said(score, "safe", "the camera of the original is not recognised in the result")
        said = 'the sensor\'s noise of the original is in the result; set camera = "removed" in the plan'
        return self._said(score, "exposed", said)

    def _gathered(self, *, everywhere: bool) -> Fingerprint:
        """Return what the original shows, everywhere or where the result never shows the same."""
        gathered = Fingerprint()
        for y in self._kept:
            gathered.see(y, only=None if everywhere else self._result.never_was(y))
        return gathered

    def _still(self, score: float) -> Attack:
        """Judge films in which hardly anything moves: the scene is in both, and its texture counts as well."""
        if score < LIMIT:
            return self._said(score, "safe", "neither camera nor scene leave a common trace in both films")
        said = "too little moves in the film to tell the camera's noise from the scene's own texture"
        return self._said(score, "not proven", said)

    def _said(self, score: float | None, verdict: Verdict, said: str) -> Attack:
        return Attack(None, "camera", "sensor noise (PRNU)", score, LIMIT, verdict, said=said)
