"""Does it look like film? Flicker, seam and grain of the covered region, result against original at the same place."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.landmarks import around, inside
from bench.pairs import FacePair, FramePair
from veil.models.topology import OVAL
from veil.nouns.picture import Box, Picture
from veil.stages.kept import Luma, Unwrapped

_TEXTURE = 96
_FEWEST = 6
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Blind to planes and edges along the axes: Immerkaer 1996, "Fast noise variance estimation"."""


@dataclass(eq=False)
class _Track:
    indices: list[int] = field(default_factory=list)
    last: tuple[int, Luma, Luma] | None = None
    flicker: list[tuple[float, float]] = field(default_factory=list)
    flicker_at: list[int] = field(default_factory=list)
    seam: list[tuple[float, float]] = field(default_factory=list)
    grain: list[tuple[float, float]] = field(default_factory=list)


class Looks:
    """Collects what a film editor would see, over a clip."""

    def __init__(self) -> None:
        self._unwrapped = Unwrapped(_TEXTURE)
        self._tracks: dict[int, _Track] = {}

    def see(self, pair: FramePair) -> None:
        """Measure one frame."""
        for face in pair.faces:
            track = self._tracks.setdefault(face.track, _Track())
            track.indices.append(pair.index)
            self._flicker(track, pair, face)
            box = pair.original.even(around(face.original, 0.35))
            if min(box.width, box.height) >= 24:
                self._border_and_grain(track, pair, face, box)

    def _flicker(self, track: _Track, pair: FramePair, face: FacePair) -> None:
        now = tuple(self._unwrapped.read(p.y, face.original) for p in (pair.original, pair.result))
        if track.last and track.last[0] == pair.index - 1:
            changes = [float(np.abs(a - b).mean()) for a, b in zip(now, track.last[1:], strict=True)]
            track.flicker.append((changes[0], changes[1]))
            track.flicker_at.append(pair.index)
        track.last = (pair.index, now[0], now[1])

    @staticmethod
    def _border_and_grain(track: _Track, pair: FramePair, face: FacePair, box: Box) -> None:
        one, other = (_luma(p, box) for p in (pair.original, pair.result))
        covered = covered_mask(one, other)
        border = _border(covered)
        if border.sum() >= 12:
            track.seam.append((_gradient(one)[border].mean().item(), _gradient(other)[border].mean().item()))
        ring = face.original[OVAL, :2] - [box.left, box.top]
        middle = ring.mean(0)
        core = inside(middle + (ring - middle) * 0.8, one.shape) & covered
        aside = ~cv2.dilate(covered.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
        if min(core.sum(), aside.sum()) >= 100:
            levels = [_noise(p, core) / max(_noise(p, aside), 0.1) for p in (one, other)]
            track.grain.append((levels[0], levels[1]))

    def figures(self) -> list[dict[str, Any]]:
        """Return one row of figures a track; ratios are result over original, 1 is as filmed."""
        return [self._figures(n, t) for n, t in self._tracks.items() if len(t.indices) >= _FEWEST]

    @staticmethod
    def _figures(name: int, track: _Track) -> dict[str, Any]:
        flicker = np.array(track.flicker).reshape(-1, 2)
        worst = np.argsort(flicker[:, 0] - flicker[:, 1])[:3]
        return {
            "track": name,
            "frames": len(track.indices),
            "flicker": _ratio(track.flicker),
            "seam": _ratio(track.seam),
            "grain": _ratio(track.grain),
            "worst_frames": [track.flicker_at[int(i)] for i in worst],
        }


def _ratio(pairs: list[tuple[float, float]]) -> float | None:
    """Return the mean of the seconds over the mean of the firsts."""
    if not pairs:
        return None
    one, other = np.array(pairs).mean(0)
    return float(other / one) if one > 1e-9 else None


def _luma(picture: Picture, box: Box) -> Luma:
    return picture.y[box.top : box.bottom, box.left : box.right].astype(np.float32)


def covered_mask(one: Luma, other: Luma, least: float = 5.0) -> NDArray[np.bool_]:
    """Return where a picture was painted over: the largest patch that differs by more than a codec's noise."""
    change = cv2.GaussianBlur(np.abs(one - other), (0, 0), 2.0)
    mask = cv2.morphologyEx((change > least).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return np.zeros(one.shape, bool)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels == largest)


def _border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a band of about 3 px on the border of a mask, without the picture's own edge."""
    band = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(bool)
    band[:2] = band[-2:] = False
    band[:, :2] = band[:, -2:] = False
    return band


def _gradient(luma: Luma) -> Luma:
    across = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=0.125)
    return np.hypot(across, down).astype(np.float32)


def _noise(luma: Luma, mask: NDArray[np.bool_]) -> float:
    """Return the standard deviation of the noise under a mask, in codes; the median keeps structure out."""
    return float(np.median(np.abs(cv2.filter2D(luma, cv2.CV_32F, _NOISE))[mask])) / (6 * 0.6745)
