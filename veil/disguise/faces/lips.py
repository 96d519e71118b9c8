"""Carries the play of a witness's lips over to a double's: they part and go as filmed, the flesh is its own."""

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import INNER_LIPS, OUTER_LIPS, OVAL, UV
from veil.nouns.picture import Points

Vectors = NDArray[np.float32]

# Rings of lips from the outer to the inner, in step with each other; entry 0 is the right corner, 10 the left.
_BETWEEN = (
    np.array([76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 408, 304, 303, 302, 11, 72, 73, 74, 184]),
    np.array([62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 407, 272, 271, 268, 12, 38, 41, 42, 183]),
)
LIPS = np.concatenate([OUTER_LIPS, *_BETWEEN, INNER_LIPS])
"""Every point of the lips' red."""
RINGS = (OUTER_LIPS, *_BETWEEN, INNER_LIPS)
"""The same, ring by ring from the outer to the inner, in step with each other."""

_BELOW, _ABOVE = np.arange(1, 10), np.arange(19, 10, -1)  # places in a ring: facing points
_FLESH = np.concatenate([_BELOW, _ABOVE])
_SHUT = (0.012, 0.05)  # lips apart by less of the mouth's width are shut, from the second on they part as filmed
_SWELLS = (0.6, 1.6)  # how much thinner and thicker lips become
_GAIN = (0.85, 1.2)  # how much smaller and larger a double's mouth may play than the witness's
_KEPT_SAG = 0.9  # of how a double's corners hang at rest: seen on somebody else they look sadder than they are
_BESIDE = 0.035  # how far the skin around goes along, texture units


class Lips:
    """The lips of a double (`aligned`) on a witness (`neutral`), both (478, 3) in one frame."""

    def __init__(self, neutral: Points, aligned: Points, target: Points) -> None:
        """`target` is where the double's calm points are to lie on the witness."""
        self._neutral = neutral
        width, own = _width(neutral), _width(aligned)
        self._gain = float(np.clip(own / max(width, 1e-6), *_GAIN))
        self._width = width
        self._rest = (target[INNER_LIPS[_BELOW]] + target[INNER_LIPS[_ABOVE]]) / 2
        self._rest_filmed = (neutral[INNER_LIPS[_BELOW]] + neutral[INNER_LIPS[_ABOVE]]) / 2
        self._corners = {ring: target[list(ring)] for ring in _CORNERS}
        self._sagging = self._sag(target, neutral)
        self._flesh = aligned[OUTER_LIPS] - aligned[INNER_LIPS]
        lengths = np.maximum(np.linalg.norm(self._flesh, axis=1, keepdims=True), 1e-6)
        self._between = []
        for ring in _BETWEEN:
            off = aligned[ring] - aligned[INNER_LIPS]
            share = np.clip((off * self._flesh).sum(1, keepdims=True) / lengths**2, 0, 1)
            self._between.append((share, off - share * self._flesh))
        self._filmed_flesh = neutral[OUTER_LIPS] - neutral[INNER_LIPS]

    def carry(self, filmed: Points, shape: Points) -> None:
        """Put the lips of `shape` (478, 3) where they are when the witness's points are `filmed`; writes `shape`."""
        before = shape[OUTER_LIPS].copy()
        narrow = float(np.clip(_width(filmed) / max(self._width, 1e-6), 0.5, 1.15))
        lift = (1 - _KEPT_SAG * (1 + narrow) / 2) * self._sagging  # a pursed mouth does not sag
        for ring, rest in self._corners.items():
            points = list(ring)
            shape[points] = rest + lift[[0, 10]] + self._gain * (filmed[points] - self._neutral[points])
        inner = INNER_LIPS
        below, above = filmed[inner[_BELOW]], filmed[inner[_ABOVE]]
        middle = self._rest + lift[_BELOW] + self._gain * ((below + above) / 2 - self._rest_filmed)
        half = self._gain * self._parting(below - above) / 2
        shape[inner[_BELOW]], shape[inner[_ABOVE]] = middle + half, middle - half
        swell, turned = self._swell(filmed)
        flesh = (self._flesh * swell + turned)[_FLESH]
        shape[OUTER_LIPS[_FLESH]] = shape[inner[_FLESH]] + flesh
        for between, (share, bulge) in zip(_BETWEEN, self._between, strict=True):
            shape[between[_FLESH]] = shape[inner[_FLESH]] + share[_FLESH] * flesh + (bulge * swell)[_FLESH]
        shape[:468] += _FOLLOW @ (shape[OUTER_LIPS] - before)

    @staticmethod
    def _sag(target: Points, neutral: Points) -> Vectors:
        """Return the way up (11, 3) that takes the calm mouth's sagging corners to the height of its middle."""
        inner = target[INNER_LIPS]
        line = np.vstack([inner[:1], (inner[_BELOW] + inner[_ABOVE]) / 2, inner[10:11]])
        down = neutral[152] - neutral[10]
        down = down / max(float(np.linalg.norm(down)), 1e-6)
        drop = max(0.0, float((line[[0, 10]].mean(0) - line[5]) @ down))
        across = np.linalg.norm(line - line[5], axis=1)
        share = np.square(across / max(float(across.max()), 1e-6))
        return np.asarray(-share[:, None] * drop * down, np.float32)

    def _parting(self, gaps: Vectors) -> Vectors:
        """Return how far facing points part, (9, 3): as filmed, and nothing where lips are shut."""
        wide = float(np.linalg.norm(gaps, axis=1).max()) / max(self._width, 1e-6)
        ease = float(np.clip((wide - _SHUT[0]) / (_SHUT[1] - _SHUT[0]), 0, 1))
        return np.asarray(gaps * (ease * ease * (3 - 2 * ease)), np.float32)

    def _swell(self, filmed: Points) -> tuple[Vectors, Vectors]:
        """Return how much thicker each place of the lips has become (20, 1), and how its flesh has turned (20, 3)."""
        now = filmed[OUTER_LIPS] - filmed[INNER_LIPS]
        calm = np.linalg.norm(self._filmed_flesh, axis=1)
        ratio = np.linalg.norm(now, axis=1) / np.maximum(calm, 1e-6)
        ratio = (np.roll(ratio, 1) + 2 * ratio + np.roll(ratio, -1)) / 4
        swell = np.clip(ratio, *_SWELLS)[:, None].astype(np.float32)
        share = np.linalg.norm(self._flesh, axis=1) / np.maximum(calm, 1e-6)
        turned = np.clip(share, 0, 1.2)[:, None] * (now - self._filmed_flesh * ratio[:, None])
        return swell, turned.astype(np.float32)


def _width(mesh: Points) -> float:
    return float(np.linalg.norm(mesh[61] - mesh[291]))


_CORNERS = tuple((ring[0], ring[10]) for ring in (OUTER_LIPS, *_BETWEEN, INNER_LIPS))


def skin_follows(beside: float, still: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return how much of each outer lip point's move the skin around takes along, (468, 20).

    It goes along as far as about `beside`, in texture units; the points `still`, and those towards the outline, do not.
    """
    away = np.linalg.norm(UV[:, None] - UV[None, OUTER_LIPS], axis=2)
    near = np.exp(-0.5 * np.square(away / beside))
    share = near.max(1, keepdims=True) * near / np.maximum(near.sum(1, keepdims=True), 1e-9)
    free = np.clip(np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1) / 0.1, 0, 1)
    share *= free[:, None]
    share[still] = 0
    return np.asarray(share, np.float32)


_FOLLOW = skin_follows(_BESIDE, LIPS)
