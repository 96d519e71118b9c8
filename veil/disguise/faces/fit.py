"""Fits a double's shape to a witness: their expression under the double's features, inside the witness's outline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.lips import LIPS, Lips
from veil.disguise.faces.performance import Performance
from veil.models.topology import (
    CANONICAL,
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

FRONT = (CANONICAL * np.array([1, -1, -1], np.float32)).astype(np.float32)
"""The average face from the front, centimetres: x to the right, y down, z away."""

_REACH = 0.16
"""How far from the outline, in texture units, the witness's shape gives way to the double's."""

_FURTHER = 1.2
"""Nose and cheeks lie this much further from the witness's than the double's do, the mouth as a whole: it hides better.

Brows and eyes do not: it would look surprised. Nor do the lips' own shapes: they would be lost, or sneer.
"""

_EYES_V = float(UV[RIGHT_EYE, 1].max())  # where the eyes end, down the texture

# Rings start at one corner and run under the opening: entry i below faces entry -i above.
_EYE_PAIRS = tuple((ring[1:8], ring[15:8:-1]) for ring in (RIGHT_EYE, LEFT_EYE))
_SHUT = 0.27  # eyes open by less of a calm eye are shut: the net never sees lids meet
_WINK = 0.35  # eyes that are open so differently mean it
_LIFT = 0.022  # of an eye's width: so much higher an iris lies, for what the upper lid hides pulls the look down
_BANDS = 24  # across a face, in which a profile is compared
_LEAST_OPEN = 0.27  # of its width: how open a double's calm eye is at least


@dataclass(frozen=True, eq=False)
class Posed:
    """A double's mesh in a frame, and where its head is."""

    mesh: Points  # (478, 3), pixels
    head: Similarity  # from the witness's calm face to the frame
    moved: NDArray[np.float32]  # (478, 3): how far the witness's points are from their calm, in the calm face's frame


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
        weight = np.zeros((478, 1), np.float32)
        weight[:468, 0] = ease * ease * (3 - 2 * ease)
        self._inner = weight
        self._change = (self.aligned - neutral) * weight + self._further(weight)
        self._lips = Lips(neutral, self.aligned, neutral + self._change)
        self._gaps = [self._gap(neutral, below, above) for below, above in _EYE_PAIRS]
        self._own_gaps = self._open_wide_enough()

    def _further(self, weight: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much further than the double's each feature below the eyes lies, (478, 3)."""
        off = self.aligned - self.neutral
        lips = np.zeros((478, 1), np.float32)
        near = np.linalg.norm(UV[:, None] - UV[None, LIPS], axis=2).min(1)
        lips[:468, 0] = np.clip(1.5 - near / 0.06, 0, 1)
        shift = off[LIPS].mean(0)  # the whole mouth goes one way
        below = np.zeros((478, 1), np.float32)
        below[:468, 0] = np.clip((UV[:, 1] - _EYES_V) / 0.1, 0, 1)
        return np.asarray((_FURTHER - 1) * below * weight * (off + lips * (shift - off)), np.float32)

    def _open_wide_enough(self) -> list[NDArray[np.float32]]:
        """Return the vectors between the lids of each calm eye of the double, widened where it is but a slit."""
        gaps = []
        for (below, above), ring in zip(_EYE_PAIRS, (RIGHT_EYE, LEFT_EYE), strict=True):
            gap = self.aligned[below] - self.aligned[above]
            width = float(np.linalg.norm(self.aligned[ring[0]] - self.aligned[ring[8]]))
            widest = float(np.linalg.norm(gap, axis=1).max())
            gaps.append(gap * max(1.0, _LEAST_OPEN * width / max(widest, 1e-6)))
        return gaps

    @staticmethod
    def _gap(mesh: Points, below: NDArray[np.int64], above: NDArray[np.int64]) -> float:
        return float(np.linalg.norm(mesh[below] - mesh[above], axis=1).mean())

    def pose(self, mesh: Points) -> Posed:
        """Return the double where the witness's `mesh` (478, 3) is, with the same expression and gaze."""
        head = similarity(self.neutral[STILL], mesh[STILL])
        if self._performance is not None:
            mesh = self._performance.tame(mesh, head)
        filmed = head.back(mesh)
        shape = filmed + self._change
        self._lips.carry(filmed, shape)
        self._lids(filmed, shape)
        posed = head.of(shape)
        self._lean_out(mesh, posed, head)
        for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
            posed[iris] = _look(mesh, posed, eye, iris)
        return Posed(posed, head, filmed - self.neutral)

    def _lean_out(self, mesh: Points, posed: Points, head: Similarity) -> None:
        """Let a turned face's profile cover the witness's, `mesh`: nothing of a longer nose stands out; writes `posed`.

        Only how far, in a few broad bands, crosses over.
        """
        towards = -head.turn[:2, 2]  # where the nose points, in the picture
        turned = float(np.linalg.norm(towards))
        if turned < 0.2:
            return
        towards = towards / turned
        up = np.array([-towards[1], towards[0]], np.float32)
        both = np.stack([mesh[:468, :2], posed[:468, :2]])
        out, along = both @ towards, both @ up
        low, high = along[0].min(), along[0].max()
        band = np.clip((along - low) / max(high - low, 1e-6) * _BANDS, 0, _BANDS - 1).astype(int)
        reach = np.full((2, _BANDS), -np.inf)
        for which in range(2):
            np.maximum.at(reach[which], band[which], out[which])
        over = np.where(np.isfinite(reach).all(0), reach[0] - reach[1], 0).clip(0)
        over = np.max([np.roll(over, k) for k in (-1, 0, 1)], axis=0)
        over = np.convolve(np.pad(over, 2, "edge"), [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
        shift = np.interp((along[1] - low) / max(high - low, 1e-6) * _BANDS - 0.5, np.arange(_BANDS), over)
        posed[:468, :2] += (self._inner[:468] * shift[:, None] * towards).astype(np.float32)

    def _lids(self, filmed: Points, shape: Points) -> None:
        """Open the eyes of `shape` as far as the filmed ones are open of a calm eye, both alike but for a wink."""
        opened = [
            self._gap(filmed, below, above) / max(calm, 1e-6)
            for (below, above), calm in zip(_EYE_PAIRS, self._gaps, strict=True)
        ]
        wink = min(1.0, abs(opened[0] - opened[1]) / _WINK)
        both = (opened[0] + opened[1]) / 2
        for (below, above), calm, alone in zip(_EYE_PAIRS, self._own_gaps, opened, strict=True):
            open_by = both + wink * (alone - both)
            share = float(np.clip((open_by - _SHUT) / (1 - _SHUT), 0, 1.4))
            middle = (shape[below] + shape[above]) / 2
            shape[below], shape[above] = middle + calm * share / 2, middle - calm * share / 2


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
    upright = posed[10, :2] - posed[152, :2]
    lift = _LIFT * float(np.linalg.norm(new_across[:2])) / max(float(np.linalg.norm(upright)), 1e-6) * upright
    moved[:, :2] = new_start[:2] + along[:, None] * new_across[:2] + over[:, None] * new_up + lift
    return moved
