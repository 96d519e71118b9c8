"""Folds of a double's skin that come and go with the expression: brows, glabella, cheeks, crow's feet, lips."""

from functools import lru_cache

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.disguise.faces.fit import FRONT
from veil.disguise.faces.performance import expression_basis
from veil.models.topology import BLENDSHAPES, STILL, UV
from veil.nouns.cast import OtherMouth
from veil.nouns.double import FOLD_LOG, FOLDS
from veil.nouns.geometry import similarity
from veil.nouns.picture import Pixels, Points

# What each fold follows, right and left: expressions by name, a dot for the side, and what of them makes it deepest.
_FOLLOWS: dict[str, tuple[dict[str, float], float]] = {
    "brows up": ({"browInnerUp": 0.5, "browOuterUp.": 0.5}, 0.75),
    "frown": ({"browDown.": 1.0}, 0.6),
    "smile": ({"mouthSmile.": 1.0, "mouthDimple.": 0.3, "mouthUpperUp.": 0.3}, 0.8),
    "squint": ({"eyeSquint.": 0.6, "mouthSmile.": 0.35, "eyeBlink.": 0.15}, 0.8),
    "pucker": ({"mouthPucker": 1.0, "mouthFunnel": 0.4, "mouthSmile.": -0.5}, 0.9),
    "mouth open": ({"jawOpen": 1.0}, 0.7),
}
_BESIDE = ("mouthLowerDown.", "mouthStretch.", "mouthFrown.", "mouthPress.", "eyeLookDown.", "eyeLookUp.")
_RIDGE = 0.12  # what an expression must explain to be believed, square centimetres summed over the face
_LEAST = 0.08  # of its deepest: a fold shallower than this is none
_SIDES = ("Right", "Left")
_POUT = 0.45  # of how puckered rounded lips look in speech
_UPPER = np.ones((478, 1), np.float32)  # points that no speech moves
_UPPER[:468, 0] = np.clip((0.50 - UV[:, 1]) / 0.06, 0, 1)


Weights = dict[str, float]
"""How far an expression goes, 0 to about 1, by name."""


class Expressions:
    """Tells the expressions of one witness, whose calm face is `neutral` (478, 3), in any frame."""

    def __init__(self, neutral: Points) -> None:
        onto = similarity(neutral[STILL], FRONT[STILL])
        self._to_cm, self._turn = onto.scale, onto.turn

    def weights(self, moved: NDArray[np.float32]) -> Weights:
        """Return what explains that points (478, 3) `moved` so far from the calm face, in its frame."""
        seen = (self._to_cm * moved[:468] @ self._turn.T).ravel()
        return dict(zip(_names(), np.clip(_solver() @ seen, 0, 1.2).tolist(), strict=True))

    def spoken(self, moved: NDArray[np.float32], other: OtherMouth) -> Weights:
        """Return the same where a mouth says something else: brows are told by brows, the mouth by what it says.

        Rounded lips of speech are no pout, and what is seen of lips tells little of the jaw.
        """
        both, upper = self.weights(moved), self.weights(moved * _UPPER)
        lower = self.weights(moved * (1 - _UPPER))
        lower["mouthPucker"] *= _POUT
        lower["jawOpen"] = other.jaw
        apart = {name: (upper if name.startswith(("brow", "eye")) else lower)[name] for name in both}
        return {name: weight + other.share * (apart[name] - weight) for name, weight in both.items()}


class Folds:
    """The folds of one double."""

    def __init__(self, maps: NDArray[np.uint8]) -> None:
        """`maps` (6, side, side) as `Double.folds` has them."""
        if tuple(_FOLLOWS) != FOLDS:
            raise ValueError("the folds do not belong to these expressions")
        self._levels = {maps.shape[1]: np.ascontiguousarray(maps)}
        small = maps
        while small.shape[1] > 64:
            small = np.stack([cv2.pyrDown(one) for one in small]).astype(np.uint8, copy=False)
            self._levels[small.shape[1]] = small
        self._rows = {side: _rows(level) for side, level in self._levels.items()}

    def depths(self, weights: Weights) -> NDArray[np.float32]:
        """Return how deep each fold is, (6, 2): 0 to 1, right and left half, under an expression."""
        depths = np.zeros((len(FOLDS), 2), np.float32)
        for i, (follows, deepest) in enumerate(_FOLLOWS.values()):
            for j, side in enumerate(_SIDES):
                sum_ = sum(share * weights[name.replace(".", side)] for name, share in follows.items())
                depths[i, j] = np.clip((sum_ / deepest - _LEAST) / (1 - _LEAST), 0, 1)
        # Both halves of a face fold much alike.
        return np.asarray(0.7 * depths + 0.3 * depths[:, ::-1], np.float32)

    def on(self, atlas: Pixels, depths: NDArray[np.float32]) -> Pixels:
        """Return an atlas (side, side, 3) with the folds in it; the atlas itself where there are none of that size."""
        maps = self._levels.get(atlas.shape[0])
        if maps is None or float(depths.max()) < 0.02:
            return atlas
        folded = atlas.copy()
        _fold(atlas, maps, self._rows[atlas.shape[0]], depths, FOLD_LOG, folded)
        return folded


def _rows(maps: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the first and last row (half-open) in which each map has anything, (6, 2)."""
    rows = []
    for one in maps:
        there = np.flatnonzero((np.abs(one.astype(np.int16) - 128) > 1).any(1))
        rows.append((there[0], there[-1] + 1) if len(there) else (0, 0))
    return np.array(rows, np.int32)


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    names = [name for follows, _ in _FOLLOWS.values() for name in follows]
    both = [n.replace(".", side) for n in (*names, *_BESIDE) for side in (_SIDES if n.endswith(".") else ("",))]
    return tuple(dict.fromkeys(both))


@lru_cache(maxsize=1)
def _solver() -> NDArray[np.float32]:
    """Return the matrix (names, 468 * 3) from how far points moved, centimetres, to the expressions that explain it."""
    deltas = expression_basis()
    basis = np.stack([deltas[BLENDSHAPES.index(name)][:468].ravel() for name in _names()]).astype(np.float64)
    return np.linalg.solve(basis @ basis.T + _RIDGE * np.eye(len(basis)), basis).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _fold(
    atlas: NDArray[np.uint8],
    maps: NDArray[np.uint8],
    rows: NDArray[np.int32],
    depths: NDArray[np.float32],
    log: float,
    out: NDArray[np.uint8],
) -> None:
    """Write `atlas` darkened and lightened by `maps`, as deep as `depths` (6, 2) say on both halves, to `out`."""
    side = atlas.shape[0]
    seam = 0.06 * side  # over which the halves meet
    for y in range(side):
        first, last = maps.shape[0], 0
        for k in range(maps.shape[0]):
            if rows[k, 0] <= y < rows[k, 1] and (depths[k, 0] > 0 or depths[k, 1] > 0):
                first, last = min(first, k), k + 1
        if first >= last:
            continue
        for x in range(side):
            left = min(max((x - side / 2) / seam + 0.5, 0.0), 1.0)
            power = 0.0
            for k in range(first, last):
                if rows[k, 0] <= y < rows[k, 1]:
                    power += (maps[k, y, x] - 128.0) * (depths[k, 0] * (1 - left) + depths[k, 1] * left)
            if power == 0.0:
                continue
            gain = np.exp(power * log)
            for c in range(3):
                out[y, x, c] = np.uint8(min(atlas[y, x, c] * gain + 0.5, 255.0))
