"""Fits a double's shape to a witness: their expression under the double's features, inside the witness's outline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.performance import Performance
from veil.models.topology import (
    INNER_LIPS,
    LEFT_EYE,
    LEFT_IRIS,
    OVAL,
    RIGHT_EYE,
    RIGHT_IRIS,
    STILL,
    UV,
)
from veil.nouns.geometry import Similarity, similarity
from veil.nouns.picture import Points

_REACH = 0.16
"""How far from the outline, in texture units, the witness's shape gives way to the double's."""

_FURTHER = 1.35
"""Nose, cheeks and mouth lie this much further from the witness's than the double's do: measured, it hides better.

Brows and eyes do not: it would look surprised.
"""

_EYES_V = float(UV[RIGHT_EYE, 1].max())  # where the eyes end, down the texture

# Rings start at one corner and run under the opening: entry i below faces entry -i above.
_EYE_PAIRS = tuple((ring[1:8], ring[15:8:-1]) for ring in (RIGHT_EYE, LEFT_EYE))
_LIP_PAIRS = (INNER_LIPS[1:10], INNER_LIPS[19:10:-1])


@dataclass(frozen=True, eq=False)
class Posed:
    """A double's mesh in a frame, and where its head is."""

    mesh: Points  # (478, 3), pixels
    head: Similarity  # from the witness's calm face to the frame
    drop: NDArray[np.float32]  # (3,): how far the chin has gone from where a closed jaw would have it


class Fit:
    """A double on one witness. `neutral` (478, 3) is the witness's calm face, in any frame and scale.

    With a `performance` the witness's movement is tamed first.
    """

    def __init__(self, double_mesh: Points, neutral: Points, performance: Performance | None = None) -> None:
        self.neutral = neutral
        self._performance = performance
        onto = similarity(double_mesh[STILL], neutral[STILL])
        self.aligned = onto.of(double_mesh)
        inwards = np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1)
        ease = np.clip(inwards / _REACH, 0, 1)
        weight = np.zeros(478, np.float32)
        weight[:468] = ease * ease * (3 - 2 * ease)
        weight[:468] *= 1 + (_FURTHER - 1) * np.clip((UV[:, 1] - _EYES_V) / 0.1, 0, 1)
        self._change = (self.aligned - neutral) * weight[:, None]
        self._close_lips()
        self._gaps = [self._gap(neutral, below, above) for below, above in _EYE_PAIRS]
        rings = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
        self.iris_share = float(np.mean([_iris_share(double_mesh, eye, iris) for eye, iris in rings]))

    def _close_lips(self) -> None:
        """Give facing points of the lips one and the same change, so that closed stays closed."""
        below, above = _LIP_PAIRS
        both = (self._change[below] + self._change[above]) / 2
        self._change[below] = both
        self._change[above] = both

    @staticmethod
    def _gap(mesh: Points, below: NDArray[np.int64], above: NDArray[np.int64]) -> float:
        return float(np.linalg.norm(mesh[below, :2] - mesh[above, :2], axis=1).mean())

    def pose(self, mesh: Points) -> Posed:
        """Return the double where the witness's `mesh` (478, 3) is, with the same expression and gaze."""
        head = similarity(self.neutral[STILL], mesh[STILL])
        if self._performance is not None:
            mesh = self._performance.tame(mesh, head)
        change = self._change.copy()
        for (below, above), calm in zip(_EYE_PAIRS, self._gaps, strict=True):
            # As the lids meet, the difference between two pairs of open eyes must vanish.
            open_by = min(1.0, self._gap(mesh, below, above) / max(calm * head.scale, 1e-6))
            middle, half = (change[below] + change[above]) / 2, (change[below] - change[above]) / 2
            change[below], change[above] = middle + half * open_by, middle - half * open_by
        posed = mesh + head.directions(change)
        for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
            posed[iris] = _look(mesh, posed, eye, iris)
        drop = mesh[152] - head.of(self.neutral[152:153])[0]
        return Posed(posed, head, drop)


def _look(mesh: Points, posed: Points, eye: NDArray[np.int64], iris: NDArray[np.int64]) -> Points:
    """Return the iris in the double's eye that looks where the witness's looks.

    The centre keeps its place between the corners, and its height over their line in units of their distance.
    """
    start, across = mesh[eye[0]], mesh[eye[8]] - mesh[eye[0]]
    new_start, new_across = posed[eye[0]], posed[eye[8]] - posed[eye[0]]
    length = max(float(across[:2] @ across[:2]), 1e-6)
    up = np.array([-across[1], across[0]])
    new_up = np.array([-new_across[1], new_across[0]])
    moved = posed[iris].copy()
    offset = mesh[iris, :2] - start[:2]
    along, over = offset @ across[:2] / length, offset @ up / length
    moved[:, :2] = new_start[:2] + along[:, None] * new_across[:2] + over[:, None] * new_up
    return moved


def _iris_share(mesh: Points, eye: NDArray[np.int64], iris: NDArray[np.int64]) -> float:
    """Return the radius of the iris as a share of the eye's width."""
    width = float(np.linalg.norm(mesh[eye[8], :2] - mesh[eye[0], :2]))
    radius = float(np.linalg.norm(mesh[iris[1:], :2] - mesh[iris[0], :2], axis=1).mean())
    return float(np.clip(radius / max(width, 1e-6), 0.17, 0.24))
