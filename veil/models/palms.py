"""Reads what MediaPipe's palm detectors answer (Zhang et al. 2020, arXiv:2006.10214): boxes, points and scores."""

import numpy as np
from numpy.typing import NDArray

from veil.models.nets import Net

PALM_SIDE = 192
"""The nets see a square of so many pixels, RGB, 0..1."""


def _anchors() -> NDArray[np.float32]:
    """Return the middles of the detectors' cells: two anchors in each of 24x24, six in each of 12x12."""
    grids = []
    for cells, each in ((24, 2), (12, 6)):
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grids.append(np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2).repeat(each, 0))
    return np.concatenate(grids).astype(np.float32)


_ANCHORS = _anchors()


def palms_in(net: Net, square: NDArray[np.uint8], least: float) -> list[tuple[float, NDArray[np.float32]]]:
    """Return score and points (9, 2) of every palm in a square of `PALM_SIDE`, best first; shares of the side.

    The first two points are the corners of its box, then come the wrist, the knuckles of the first, middle, ring and
    little finger, and two of the thumb. Palms whose boxes overlap by a third are one.
    """
    regressed, logits = net((square * np.float32(1 / 255))[None])
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -30, 30)))
    found: list[tuple[float, NDArray[np.float32]]] = []
    for i in sorted(np.flatnonzero(scores >= least).tolist(), key=lambda i: -scores[i]):
        r = regressed[0, i] / PALM_SIDE
        centre, half = r[:2] + _ANCHORS[i], r[2:4] / 2
        points = np.concatenate([[centre - half, centre + half], r[4:18].reshape(7, 2) + _ANCHORS[i]])
        if (half > 0).all() and all(_overlap(points, other) < 0.3 for _, other in found):
            found.append((float(scores[i]), points.astype(np.float32)))
    return found


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return intersection over union of the boxes in the first two points."""
    low, high = np.maximum(one[0], other[0]), np.minimum(one[1], other[1])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    whole = float(np.prod(one[1] - one[0]) + np.prod(other[1] - other[0]))
    return shared / max(1e-9, whole - shared)
