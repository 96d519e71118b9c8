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
_SHUT = (0.27, 0.55)  # eyes open by less of a calm eye are shut (the net never sees lids meet); then as filmed
_WINK = 0.35  # eyes that are open so differently mean it
_EYES = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
_CORNERS = np.array([[RIGHT_EYE[0], RIGHT_EYE[8]], [LEFT_EYE[8], LEFT_EYE[0]]])  # from left to right in the picture
# Of the distance between an eye's corners, to the side, and up or down:
_SHRUNK = np.array([5.0, 30.0])  # a look that the net sees this far aside goes further by so much of its square
_FURTHEST = np.array([0.3, 0.2])
_BY_LIDS = 0.6  # an iris keeps its height between the lids so much, the rest between the corners
_DEEPER = 0.8  # a look goes further up or down from its calm than the net says, by so much of it, and lids with it
_DEEPEST = 0.05
_SETTLES = 0.5  # a double's lids lie as high over the corners as the witness's by so much: else the look is not theirs
_ALONG = np.sin(np.linspace(0, np.pi, 9))[1:8].astype(np.float32)  # how much each pair of lid points moves with lids
_APART = 0.6  # how much of the difference between both eyes is believed
_LEANS = (0.4, 0.64)  # sines of the turns from which, and at which, a nose stands out beyond the cheek
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
        self._level = _level(neutral)
        off = _Eyes(neutral).lids(neutral) - _Eyes(self.aligned).lids(self.aligned)
        self._settled = float(np.clip(_SETTLES * off.mean(), -_DEEPEST, _DEEPEST))
        up = neutral[10] - neutral[152]
        self._down = (-up / max(float(np.linalg.norm(up)), 1e-6)).astype(np.float32)

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
        drop = float(np.clip(_DEEPER * (_level(filmed) - self._level), -_DEEPEST, _DEEPEST))
        self._lids(filmed, shape, drop)
        posed = head.of(shape)
        self._lean_out(mesh, posed, head)
        _look(mesh, posed, drop)
        return Posed(posed, head, filmed - self.neutral)

    def _lean_out(self, mesh: Points, posed: Points, head: Similarity) -> None:
        """Let a turned face's profile cover the witness's, `mesh`: nothing of a longer nose stands out; writes `posed`.

        Only how far, in a few broad bands, crosses over.
        """
        towards = -head.turn[:2, 2]  # where the nose points, in the picture
        turned = float(np.linalg.norm(towards))
        ease = float(np.clip((turned - _LEANS[0]) / (_LEANS[1] - _LEANS[0]), 0, 1))
        if ease <= 0:
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
        shift = np.interp((along[1] - low) / max(high - low, 1e-6) * _BANDS - 0.5, np.arange(_BANDS), ease * over)
        posed[:468, :2] += (self._inner[:468] * shift[:, None] * towards).astype(np.float32)

    def _lids(self, filmed: Points, shape: Points, drop: float) -> None:
        """Open the eyes of `shape` as far as the filmed ones are open of a calm eye, both alike but for a wink.

        Lids follow a look that goes down by `drop` more than the net says, of an eye's width.
        """
        opened = [
            self._gap(filmed, below, above) / max(calm, 1e-6)
            for (below, above), calm in zip(_EYE_PAIRS, self._gaps, strict=True)
        ]
        wink = min(1.0, abs(opened[0] - opened[1]) / _WINK)
        both = (opened[0] + opened[1]) / 2
        for (below, above), calm, alone in zip(_EYE_PAIRS, self._own_gaps, opened, strict=True):
            open_by = both + wink * (alone - both)
            ease = float(np.clip((open_by - _SHUT[0]) / (_SHUT[1] - _SHUT[0]), 0, 1))
            share = min(open_by, 1.4) * ease * ease * (3 - 2 * ease)
            width = float(np.linalg.norm(shape[below[0]] - shape[below[-1]]))
            lower = _ALONG[:, None] * ((drop + self._settled) * width * self._down)
            middle = (shape[below] + shape[above]) / 2 + lower
            shape[below], shape[above] = middle + calm * share / 2, middle - calm * share / 2


def _look(mesh: Points, posed: Points, drop: float) -> None:
    """Let the double's eyes look where the witness's `mesh` looks, and down by `drop` more; writes `posed`'s irises.

    Eyes look together: each is told by both, by as much as it shows of itself. Irises keep their place between the
    corners, and their height between the lids, which follow a look up and down. The net shrinks what it sees of a
    look towards the middle; that is taken back.
    """
    filmed, own = _Eyes(mesh), _Eyes(posed)
    places = np.stack([filmed.place(k, mesh[iris[0], :2]) for k, (_, iris) in enumerate(_EYES)])
    shown = np.square(filmed.widths) / float(np.square(filmed.widths).sum())
    common, lids, own_lids = shown @ places, shown @ filmed.lids(mesh), shown @ own.lids(posed)
    shift = drop + _BY_LIDS * (own_lids - drop - lids)
    look = common - (0, lids)
    look = look * (1 + np.minimum(_SHRUNK * np.square(look), 0.6))
    look = np.clip(look, -_FURTHEST, _FURTHEST) + (0, lids + shift)
    for k, (_, iris) in enumerate(_EYES):
        centre = own.at(k, look + _APART * (places[k] - common))
        posed[iris, :2] = centre + (mesh[iris, :2] - mesh[iris[0], :2]) * (own.widths[k] / filmed.widths[k])


def _level(calm: Points) -> float:
    """Return how far down of the corners the irises lie, of the distance between them; `calm` is a head that is."""
    eyes = _Eyes(calm)
    return float(np.mean([eyes.place(k, calm[iris[0], :2])[1] for k, (_, iris) in enumerate(_EYES)]))


class _Eyes:
    """Both eyes of a mesh as the picture shows them; places are right and down of the middle between their corners.

    They are in units of the distance between the corners.
    """

    def __init__(self, mesh: Points) -> None:
        corners = mesh[_CORNERS, :2].astype(np.float64)
        across = corners[:, 1] - corners[:, 0]
        self._middles = corners.mean(1)
        self.widths = np.maximum(np.linalg.norm(across, axis=1), 1e-3)
        right = across / self.widths[:, None]
        self._axes = np.stack([right, np.stack([-right[:, 1], right[:, 0]], 1)], 1)  # eye, axis, x and y

    def place(self, eye: int, point: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the place (2,) of a point of the picture in eye 0 or 1."""
        return np.asarray(self._axes[eye] @ (point - self._middles[eye]) / self.widths[eye], np.float64)

    def at(self, eye: int, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the point of the picture (2,) that is at a place in an eye."""
        return np.asarray(self._middles[eye] + self.widths[eye] * (place @ self._axes[eye]), np.float64)

    def lids(self, mesh: Points) -> NDArray[np.float64]:
        """Return how far down of the corners the middle between the lids is, (2,)."""
        rings = [mesh[np.concatenate(pair), :2].mean(0) for pair in _EYE_PAIRS]
        return np.array([self.place(k, ring)[1] for k, ring in enumerate(rings)])
