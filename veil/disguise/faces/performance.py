"""The dial of performance: how much of a person's own way of moving their double keeps.

Who somebody is shows in how they move too: how wide they smile, what moves along with what, which side first, what
their face does at rest. Below 100 percent a double moves more and more as any double does: the offsets of a face from
its calm are taken apart into units that both halves share; what the units do not explain, lopsidedness included,
fades; and the rest is carried from the person's own habits over to the habits of doubles by the map between two normal
distributions that moves least (Olkin and Pukelsheim 1982). Lips part when filmed lips part, and lids close; where the
head is and where the eyes look stays as filmed, and with it what they tell.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from veil.models import weight_path
from veil.models.topology import BLENDSHAPES, CANONICAL, INNER_LIPS, LEFT_EYE, OVAL, RIGHT_EYE, STILL, UV
from veil.nouns.geometry import Similarity, similarity
from veil.nouns.picture import Points

_HABITS: dict[tuple[str, ...], float] = {
    ("browDownLeft", "browDownRight"): 0.20,
    ("browInnerUp",): 0.20,
    ("browOuterUpLeft", "browOuterUpRight"): 0.20,
    ("eyeSquintLeft", "eyeSquintRight"): 0.12,
    ("mouthDimpleLeft", "mouthDimpleRight"): 0.12,
    ("mouthFrownLeft", "mouthFrownRight"): 0.10,
    ("mouthFunnel",): 0.15,
    ("mouthLowerDownLeft", "mouthLowerDownRight"): 0.10,
    ("mouthPressLeft", "mouthPressRight"): 0.12,
    ("mouthPucker",): 0.15,
    ("mouthRollLower",): 0.12,
    ("mouthRollUpper",): 0.12,
    ("mouthShrugLower",): 0.12,
    ("mouthShrugUpper",): 0.12,
    ("mouthSmileLeft", "mouthSmileRight"): 0.15,
    ("mouthStretchLeft", "mouthStretchRight"): 0.12,
    ("mouthUpperUpLeft", "mouthUpperUpRight"): 0.12,
}
"""The units of a face, both halves at once, and how far each usually goes with a double: chosen by us, nobody's."""

_AS_FILMED = (
    ("eyeBlinkLeft", "eyeBlinkRight"),
    ("eyeLookDownLeft", "eyeLookDownRight"),
    ("eyeLookUpLeft", "eyeLookUpRight"),
    ("jawOpen",),
)
"""Units that are told apart from the others and kept: lids, gaze and jaw."""

_PARTING = 0.02
"""How much the parting of a double's lips changes, as a share of the height of the face."""

_LIPS = (INNER_LIPS[1:10], INNER_LIPS[19:10:-1])
_LIDS = ((RIGHT_EYE[1:8], RIGHT_EYE[15:8:-1]), (LEFT_EYE[1:8], LEFT_EYE[15:8:-1]))  # below, above
_RIDGE = 0.3  # what a unit must explain to be used, square centimetres summed over the face
_OUTLINE = 0.1  # how far from the outline, in texture units, a face moves as filmed: it must cover what it covers
_BESIDE = 0.06  # how far lips and lids take the skin beside them along
_BEND = 1.5  # the first steps of the dial cost little of the expression: they go further
_TRUST_FRAMES = 8  # as many frames tell of somebody's ways what is known of doubles'


@dataclass(frozen=True, eq=False)
class Ways:
    """How somebody moves over a whole film; no frame can be had from it."""

    mean: NDArray[np.float64]  # (units,)
    spread: NDArray[np.float64]  # (units, units), covariance
    lids: float  # how open the eyes usually are, of the calm face's
    parting: float  # how much the parting of the lips changes (standard deviation), of the height of the face


class Performance:
    """Tames the movement of one witness, whose calm face is `neutral` (478, 3), to `percent` of their own way."""

    def __init__(self, neutral: Points, percent: float, ways: Ways | None = None) -> None:
        self._neutral = neutral
        self._share = share = float(np.clip(percent / 100, 0, 1)) ** _BEND
        self._units = _Units(neutral)
        habit = _doubles_ways()
        self._ways = ways or habit
        onto = _least_map(self._ways.spread, habit.spread)
        self._map = share * np.eye(len(onto)) + (1 - share) * onto
        self._rest = share * self._ways.mean
        self._parts_by = float(np.clip(habit.parting / max(self._ways.parting, 1e-6), 0.6, 1.6)) ** (1 - share)
        self._calm_gaps = [_gap(neutral, *pair) for pair in _LIDS]

    def tame(self, mesh: Points, head: Similarity) -> Points:
        """Return `mesh` (478, 3) as the double performs it, in pixels; `head` carries the calm face to the frame."""
        filmed = head.back(mesh)
        offsets = filmed - self._neutral
        weights, kept = self._units.of(offsets)
        tamed = self._map @ (weights - self._ways.mean) + self._rest
        residual = offsets - self._units.shown(weights, kept)
        new = self._units.shown(tamed, kept) + self._share * residual
        new[468:] = offsets[468:]  # the gaze is as filmed
        shaped = filmed + _INWARDS * (self._neutral + new - filmed)
        self._part_lips(shaped, filmed)
        self._open_lids(shaped, filmed)
        return head.of(shaped.astype(np.float32))

    def _part_lips(self, shaped: Points, filmed: Points) -> None:
        """Let facing points of the lips part as filmed, as widely as a double does; writes `shaped`."""
        below, above = _LIPS
        closed = self._neutral[below] - self._neutral[above]
        wanted = closed + self._parts_by * (filmed[below] - filmed[above] - closed)
        shaped[:468] += _FOLLOW_LIPS @ (wanted - shaped[below] + shaped[above])

    def _open_lids(self, shaped: Points, filmed: Points) -> None:
        """Open both eyes by the same share, and at rest as wide as a calm face; writes `shaped`."""
        opened = [_gap(filmed, *pair) / max(calm, 1e-6) for pair, calm in zip(_LIDS, self._calm_gaps, strict=True)]
        both = float(np.mean(opened)) / max(self._ways.lids, 0.3)
        for (below, above), follow in zip(_LIDS, _FOLLOW_LIDS, strict=True):
            calm = (self._neutral[below] - self._neutral[above]) * min(both, 1.4)
            wanted = self._share * (filmed[below] - filmed[above]) + (1 - self._share) * calm
            shaped[:468] += follow @ (wanted - shaped[below] + shaped[above])


def ways_of(meshes: NDArray[np.float32], neutral: Points) -> Ways:
    """Return how somebody with this calm face moves in `meshes` (N, 478, 3), N at least 1."""
    units, rows, lids, lips = _Units(neutral), [], [], []
    calm = [max(_gap(neutral, *pair), 1e-6) for pair in _LIDS]
    tall = float(np.linalg.norm(neutral[10] - neutral[152]))
    for mesh in meshes:
        filmed = similarity(neutral[STILL], mesh[STILL]).back(mesh)
        rows.append(units.of(filmed - neutral)[0])
        lids.append(np.mean([_gap(filmed, *pair) / gap for pair, gap in zip(_LIDS, calm, strict=True)]))
        lips.append(_gap(filmed, *_LIPS) / tall)
    values, usual = np.array(rows), _doubles_ways()
    # A few frames tell little: what they leave open is filled with the ways of doubles.
    trust = len(values) / (len(values) + _TRUST_FRAMES)
    off = values - values.mean(0)
    spread = trust * off.T @ off / len(values) + (1 - trust) * usual.spread
    parting = float(np.sqrt(trust * np.var(lips) + (1 - trust) * usual.parting**2))
    return Ways(values.mean(0), spread, float(np.median(lids)), parting)


class _Units:
    """The units of movement on one calm face: offsets of 478 points to weights, and back."""

    def __init__(self, neutral: Points) -> None:
        front = (CANONICAL[STILL] * np.array([1, -1, -1], np.float32)).astype(np.float32)
        onto = similarity(front, neutral[STILL])
        self._shapes = np.stack([onto.directions(shape) for shape in _shapes()]).reshape(len(_shapes()), -1)
        told = np.ones(478, np.float32)
        told[np.concatenate([RIGHT_EYE, LEFT_EYE, np.arange(468, 478)])] = 0
        seen = self._shapes * np.repeat(told, 3)
        ridge = _RIDGE * onto.scale**2 * np.eye(len(seen))
        self._solve = np.linalg.solve(seen.astype(np.float64) @ seen.T + ridge, seen.astype(np.float64))

    def of(self, offsets: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights of the units, and of those that are kept as filmed."""
        weights = self._solve @ offsets.reshape(-1)
        return weights[: len(_HABITS)], weights[len(_HABITS) :]

    def shown(self, weights: NDArray[np.float64], kept: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the offsets (478, 3) that the weights make."""
        both = np.concatenate([weights, kept]).astype(np.float32)
        return np.asarray((both @ self._shapes).reshape(478, 3), np.float32)


@lru_cache(maxsize=1)
def expression_basis() -> NDArray[np.float32]:
    """Return how the points of the average face, from the front, move with each blendshape, (52, 478, 3), cm."""
    with np.load(weight_path("expressions", "disguise")) as stored:
        if tuple(stored["names"]) != BLENDSHAPES:
            raise ValueError("the expression basis does not belong to this blendshape net")
        return np.asarray(stored["deltas"], np.float32)


@lru_cache(maxsize=1)
def _shapes() -> NDArray[np.float32]:
    """Return how the points of the average face move with each unit, (units, 478, 3), centimetres."""
    deltas = expression_basis()
    groups = (*_HABITS, *_AS_FILMED)
    return np.stack([sum(deltas[BLENDSHAPES.index(name)] for name in group) for group in groups]).astype(np.float32)


@lru_cache(maxsize=1)
def _doubles_ways() -> Ways:
    """Return how doubles move: about a calm face, each unit by itself."""
    usual = np.array(list(_HABITS.values()))
    return Ways(np.zeros(len(usual)), np.diag(usual**2), 1.0, _PARTING)


def _least_map(own: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the linear map of least movement from one covariance to another."""
    own = own + 1e-4 * np.eye(len(own))  # what never moves is not blown up
    root = _root(own)
    back = np.linalg.inv(root)
    return np.asarray(back @ _root(root @ wanted @ root) @ back, np.float64)


def _root(square: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh((square + square.T) / 2)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T, np.float64)


def _gap(mesh: Points, below: NDArray[np.int64], above: NDArray[np.int64]) -> float:
    return float(np.linalg.norm(mesh[below] - mesh[above], axis=1).mean())


def _inwards() -> NDArray[np.float32]:
    """Return for each point how free it is of the outline, (478, 1)."""
    far = np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1)
    ease = np.clip(far / _OUTLINE, 0, 1)
    free = np.ones((478, 1), np.float32)
    free[:468, 0] = ease * ease * (3 - 2 * ease)
    return free


def _follow(below: NDArray[np.int64], above: NDArray[np.int64], lower: float) -> NDArray[np.float32]:
    """Return how much of what parts each pair every point takes along, (468, pairs).

    Below the opening it is `lower` of it, downwards; above it the rest, upwards.
    """
    ring = np.concatenate([below, above])
    away = np.linalg.norm(UV[:, None] - UV[None, ring], axis=2)
    nearest, points = away.argmin(1), np.arange(468)
    taken = np.zeros((468, len(below)), np.float32)
    share = np.exp(-np.square(away[points, nearest] / _BESIDE)) * _INWARDS[:468, 0]
    taken[points, nearest % len(below)] = np.where(nearest < len(below), lower * share, (lower - 1) * share)
    return taken


_INWARDS = _inwards()
_FOLLOW_LIPS = _follow(*_LIPS, 0.75)  # the jaw does most of it
_FOLLOW_LIDS = tuple(_follow(*pair, 0.2) for pair in _LIDS)  # the upper lid does
