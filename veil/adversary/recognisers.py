"""Recognisers that the defence never uses: three nets of different build and training, aligned by us on five points.

What their scores mean was measured by us, on pairs of people whom nobody here protects: `limits`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.geometry import similarity
from veil.nouns.picture import Pixels, Points

Vectors = NDArray[np.float32]

_LIMITS = Path(__file__).parent / "limits.json"  # written by `python -m bench.calibration --write`
_ARCFACE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where the five points lie in a square of 112: Deng et al. 2019, as published with ArcFace."""
_DLIB = np.array([[0.2273, 0.2214], [0.7528, 0.2212], [0.4901, 0.5156], [0.2541, 0.7802], [0.7261, 0.7802]], np.float32)
"""Where they lie in dlib's mean face (King), of which a chip shows half as much again."""
_VGG = np.array([131.0912, 103.8827, 91.4953], np.float32)  # red, green, blue: Cao et al. 2018


@dataclass(frozen=True, eq=False)
class _Build:
    """How a net wants its faces: the side of the square, where the points lie in it, and the values of its pixels."""

    weight: str
    side: int
    target: NDArray[np.float32]  # (5, 2)
    prepare: Callable[[NDArray[np.float32]], NDArray[np.float32]]  # (N, side, side, 3) RGB 0..255


def _wider(points: NDArray[np.floating], side: int, by: float = 1.0) -> NDArray[np.float32]:
    """Return where the points lie in a square that shows `by` times as much; they come as shares of its side."""
    return np.asarray(((points - 0.5) / by + 0.5) * side, np.float32)


def _raw(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return pixels


def _blue_first(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.subtract(pixels, _VGG)[..., ::-1]


def _centred(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return (pixels - np.float32(127.5)) / np.float32(128)


_BUILDS = {
    "dlib": _Build("dlib_resnet", 150, _wider((_DLIB + 0.25) / 1.5, 150, 0.93), _raw),
    "faceres": _Build("faceres", 224, _wider(_ARCFACE / 112, 224, 1.15), _blue_first),
    "mobilefacenet": _Build("mobilefacenet", 112, _ARCFACE, _centred),
}
NAMES: tuple[str, ...] = tuple(_BUILDS)


class Recogniser:
    """Turns faces into vectors whose cosine says how much they are one person; it belongs to one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._build = _BUILDS[name]
        self._net: Net = onnx_net(self._build.weight, "adversary")

    def chip(self, pixels: Pixels, five: Points) -> Pixels:
        """Return the square that the net looks at, RGB (side, side, 3).

        `five` (5, 2 or more) are eye centres right and left, nose tip, mouth corners right and left, in upright pixels
        of `pixels`; right is the person's own.
        """
        onto = similarity(_flat(five), _flat(self._build.target))
        to_square = np.column_stack([onto.scale * onto.turn[:2, :2], onto.shift[:2]])
        return _cut(pixels, to_square, self._build.side)

    def embed(self, chips: Sequence[Pixels]) -> Vectors:
        """Return the vectors (N, D), each of length 1, of squares that `chip` cut.

        Raises ArithmeticError when the net gives anything but finite numbers: such a face was not judged at all.
        """
        if not len(chips):
            raise ValueError("no faces to look at")
        batch = self._build.prepare(np.stack(chips).astype(np.float32)).transpose(0, 3, 1, 2)
        rows = self._net(np.ascontiguousarray(batch, np.float32))[0]
        if not np.isfinite(rows).all():
            raise ArithmeticError(f"{self.name} gave something that is not a number")
        return unit(rows)


def recogniser(name: str) -> Recogniser:
    """Return one of `NAMES`; raise KeyError for another, VeilError when its weights are damaged."""
    return Recogniser(name)


@dataclass(frozen=True, eq=False)
class Limits:
    """What the scores of a recogniser mean for faces of one size, measured on pairs of different people."""

    frame: float  # cosine that 1 pair in 1,000 of different people reaches: the limit of a single look
    track: float  # cosine that 1 in 10,000 reaches: the limit of what is pooled
    accepted: float  # 0..1, share of pairs of one person that reach `frame`
    scores: NDArray[np.float64]  # (K,), rising; half of all pairs of different people reach the first
    rates: NDArray[np.float64]  # (K,), falling: share of pairs of different people that reach each of `scores`

    def near(self, score: float) -> float:
        """Return how near a single look is to being recognised: 0 is a stranger's usual score, 1 the limit.

        Scores of strangers lie elsewhere with every recogniser; only this, and not score over limit, can be compared.
        """
        return float((score - self.scores[0]) / (self.frame - self.scores[0]))

    def rate(self, score: float) -> float:
        """Return the share of pairs of different people that reach this score; beyond what was measured, the least."""
        return float(np.exp(np.interp(score, self.scores, np.log(self.rates))))


@lru_cache(maxsize=64)
def _calibrated(name: str) -> tuple[tuple[float, Limits], ...]:
    """Return the limits of a recogniser by the width from which they hold, largest first."""
    stored: dict[str, Any] = json.loads(_LIMITS.read_text(encoding="utf-8"))
    found = []
    for row in stored["recognisers"][name]:
        scores, rates = np.array(row["curve"], np.float64).T
        limit = row["limits"]
        found.append(
            (float(row["from_px"]), Limits(limit["0.001"], limit["0.0001"], row["accepted"]["0.001"], scores, rates))
        )
    return tuple(sorted(found, key=lambda f: -f[0]))


def limits(name: str, width_px: float) -> Limits:
    """Return the limits of a recogniser for faces that are so wide from ear to ear."""
    rows = _calibrated(name)
    return next((row for least, row in rows if width_px >= least), rows[-1][1])


def five_of(mesh: Points) -> Points:
    """Return eye centres (right, left: from the corners, so gaze moves nothing), nose tip and mouth corners, (5, 2).

    `mesh` has 478 points.
    """
    p = np.asarray(mesh, np.float32)[:, :2]
    return np.stack([(p[33] + p[133]) / 2, (p[263] + p[362]) / 2, p[1], p[61], p[291]])


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors (..., D) brought to length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _flat(points: NDArray[np.float32]) -> NDArray[np.float32]:
    if points.shape[0] != 5:
        raise ValueError("a face is aligned on five points")
    return np.column_stack([points[:, :2], np.zeros(5, np.float32)]).astype(np.float32)


def _cut(pixels: Pixels, to_square: NDArray[np.floating], side: int) -> Pixels:
    """Return the square that an affine maps the pixels to; out of a smaller copy where it shrinks a lot."""
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]]) - to_square[:, 2]
    seen = corners @ np.linalg.inv(to_square[:, :2]).T
    low = np.clip(np.floor(seen.min(0)).astype(int) - 4, 0, (pixels.shape[1] - 1, pixels.shape[0] - 1))
    high = np.clip(np.ceil(seen.max(0)).astype(int) + 5, low + 1, (pixels.shape[1], pixels.shape[0]))
    pixels = pixels[low[1] : high[1], low[0] : high[0]]
    to_square = np.column_stack([to_square[:, :2], to_square[:, :2] @ low + to_square[:, 2]])
    scale = float(np.sqrt(abs(np.linalg.det(to_square[:, :2]))))
    if scale < 0.5:  # or fine grain turns into noise
        size = max(1, round(pixels.shape[1] * 2 * scale)), max(1, round(pixels.shape[0] * 2 * scale))
        ratio = np.array([size[0] / pixels.shape[1], size[1] / pixels.shape[0]])
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        to_square = np.column_stack([to_square[:, :2] / ratio, to_square[:, 2]])
    return np.asarray(cv2.warpAffine(pixels, to_square, (side, side), borderMode=cv2.BORDER_REPLICATE), np.uint8)
