"""Puts another mouth's play into a filmed face: what the lips said is taken out, what a new voice says is put in.

Below the eyes nothing of the filmed movement is kept but three slow things: where the head is, what the landmark net
makes of a face that is turned so (a smooth function of the turn, one for a whole shot), and a few numbers of the
expression (how the corners of the mouth smile or hang), averaged over more than a second: no sound is so slow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.fit import FRONT
from veil.disguise.faces.lips import LIPS, RINGS, skin_follows
from veil.disguise.faces.performance import expression_basis
from veil.disguise.faces.speaking import Shape
from veil.models.topology import BLENDSHAPES, INNER_LIPS, OUTER_LIPS, STILL, UV
from veil.nouns.cast import OtherMouth
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.picture import Points

Values = NDArray[np.float64]

_SLOW = ("mouthSmileLeft", "mouthSmileRight")
"""What is kept of an expression where a mouth is taken over."""
EXPRESSIONS = len(_SLOW) + 1  # and the jaw
_FAST = (
    "jawOpen", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthPucker",
    "mouthFunnel", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLeft", "mouthRight", "noseSneerLeft",
    "noseSneerRight",
)  # fmt: skip
"""What speech and turns of the head do: it is told apart so that it is not taken for the others, and thrown away."""
_KEPT = 0.9  # of the slow expression
_EXTENT = (-0.25, 0.75)  # from corners that hang to a broad smile
_LOWEST_S = 0.5  # to both sides of an instant: the lowest jaw in it is what an outline keeps to
_LIKE = 0.35  # how much each side takes of the other's: a net that sees a turned face sees its sides differently
_RIDGE = 0.3  # what a unit must explain to be used, square centimetres summed over the face
_BELOW_EYES = (0.43, 0.52)  # of the texture, downwards: from the first on the face is taken over, from the second whole
_SLOW_S = 0.55  # sigma, over which an expression is averaged
_TURN_RIDGE = np.array([0.5, 3, 3, 3, 6, 6, 6])  # frames' worth of doubt about each term of a turn

_BELOW, _ABOVE = np.arange(1, 10), np.arange(19, 10, -1)
_GOES = (0.55, 0.75, 0.9, 1.0), (0.88, 0.94, 0.98, 1.0)  # how far upper and lower lip go with their edge, outer first
_UP = 0.26  # of a parting: what the upper lip does
_CORNER_DOWN = 0.75  # centimetres that the corners sink with a wide open jaw
_BESIDE = 0.04  # how far the skin around lips goes along, texture units
_BACK = 0.16  # centimetres: how far a lower lip goes under the teeth


@dataclass(frozen=True, eq=False)
class Habit:
    """What one shot tells of a face beside its speech; see the caption of this file."""

    turns: NDArray[np.float32]  # (7, 478, 3): what each term of a turn adds, centimetres of an average face
    slow: NDArray[np.float32]  # (N, units): the expression, averaged over time; last, how low the jaw is at most
    every: int  # rows of the track between two of `slow`, which begins with the first


class Mouthing:
    """The mouth of one person, whose calm face is `neutral` (478, 3) in any frame and scale."""

    def __init__(self, neutral: Points) -> None:
        self._neutral = neutral
        self._onto = similarity(FRONT[STILL], neutral[STILL])
        self._calm = self._onto.back(neutral)

    def turns(self, meshes: Sequence[Points]) -> NDArray[np.float32]:
        """Return what each term of a turn adds, (7, 478, 3) cm, from fitted meshes (478, 3) spread over a shot."""
        terms, off = (np.stack(both) for both in zip(*(self._seen(mesh) for mesh in meshes), strict=True))
        residual = off - off @ _SOLVE.T @ _FLAT
        told = np.linalg.solve(terms.T @ terms + np.diag(_TURN_RIDGE), terms.T @ residual)
        return np.asarray(told.reshape(-1, 478, 3), np.float32)

    def expression(self, mesh: Points, turns: NDArray[np.float32]) -> Values:
        """Return the few numbers of an expression, (units,), in one mesh: as quick as it is filmed."""
        terms, off = self._seen(mesh)
        return np.asarray((_SOLVE @ (off - terms @ turns.reshape(len(terms), -1)))[:EXPRESSIONS], np.float64)

    @staticmethod
    def habit(turns: NDArray[np.float32], quick: Values, known: NDArray[np.bool_], rate_hz: float, every: int) -> Habit:
        """Return what a shot tells, from the expressions (N, units), `rate_hz` of them a second, where `known` (N,)."""
        slow = _averaged(np.clip(quick[:, : len(_SLOW)], *_EXTENT), known, _SLOW_S * rate_hz)
        slow = _KEPT * ((1 - _LIKE) * slow + _LIKE * slow.mean(1, keepdims=True))
        reach = round(_LOWEST_S * rate_hz)
        jaw = np.pad(np.where(known, np.clip(quick[:, len(_SLOW)], 0, 1), 0), reach)
        lowest = np.max([jaw[k : k + len(known)] for k in range(2 * reach + 1)], axis=0)[:, None]
        lowest = _averaged(lowest, np.ones_like(known), 0.5 * reach)
        return Habit(turns, np.hstack([slow, lowest]).astype(np.float32), every)

    def _seen(self, mesh: Points) -> tuple[Values, Values]:
        """Return the terms of a head's turn (7,), and its points' offsets from the calm face (1434,), cm."""
        head = similarity(self._neutral[STILL], mesh[STILL])
        off = (self._onto.back(head.back(mesh)) - self._calm) * _TAKEN
        return _terms(head.turn @ self._onto.turn), off.astype(np.float64).ravel()

    def put(self, mesh: Points, shape: Shape, habit: Habit, row: float, share: float) -> OtherMouth:
        """Return what takes the place of a filmed mesh (478, 3), pixels, where `share` of it says `shape`.

        `row` is the frame's row in its track. With a share of 1 nothing of the filmed lips' movement is in it.
        """
        head = similarity(self._neutral[STILL], mesh[STILL])
        places = np.arange(len(habit.slow))
        units = [np.interp(row / habit.every, places, column) for column in habit.slow.T]
        base = self._calm + np.tensordot(np.array(units[: len(_SLOW)], np.float32), _UNITS[: len(_SLOW)], 1)
        base = base + np.tensordot(_terms(head.turn @ self._onto.turn).astype(np.float32), habit.turns, 1)
        lowest = base + max(units[len(_SLOW)], shape.jaw) * _JAW

        def placed(face: NDArray[np.floating]) -> Points:
            new = head.of(self._onto.of(face.astype(np.float32)))
            return np.asarray(mesh + share * _TAKEN * (new - mesh), np.float32)

        worn = placed(said(base.astype(np.float32), shape))
        return OtherMouth(worn, placed(lowest), shape.jaw, shape.tongue, share)


def said(base: Points, shape: Shape) -> Points:
    """Return a face (478, 3), from the front in centimetres, whose mouth has a shape; its own lips are closed first."""
    jaw = (shape.jaw * _JAW).astype(np.float32)
    out = base + jaw
    out[LIPS] = base[LIPS]
    inner = base[INNER_LIPS]
    seam = np.vstack([inner[:1], (inner[_BELOW] + inner[_ABOVE]) / 2, inner[10:]])[:11]
    middle, half = (seam[0] + seam[10]) / 2, float(np.linalg.norm(seam[10] - seam[0])) / 2
    along = np.clip((seam[:, 0] - middle[0]) / max(half, 1e-6), -1, 1)
    bow = np.clip(1 - np.square(along), 0, 1)
    gap = shape.gap * 2 * half * np.power(bow, 0.75 + 0.6 * min(0.0, max(shape.wide, -0.4)))
    up = _UP + (1 - _UP) * shape.bite
    for depth, ring in enumerate(RINGS):
        for points, own, goes, way in (
            (ring[_ABOVE], inner[_ABOVE], _GOES[0][depth], -up),
            (ring[_BELOW], inner[_BELOW], _GOES[1][depth], 1 - up),
        ):
            moved = goes * (seam[1:10] - own)
            moved[:, 1] += goes * way * gap[1:10]
            if way > 0:
                moved[:, 2] += goes * (0.22 * way * gap[1:10] + _BACK * shape.bite * bow[1:10])
            moved[:, 1] += np.sign(way) * (0.09 * (depth - 3) * shape.press * bow[1:10])
            out[points] = base[points] + moved
        everyone = ring[np.concatenate([[0], _BELOW, [10], _ABOVE])]
        line = along[[0, *_BELOW, 10, *_BELOW]]
        out[everyone, 0] += shape.wide * (base[everyone, 0] - middle[0])
        out[everyone, 1] += _CORNER_DOWN * shape.jaw * np.square(line)
        out[everyone, 2] -= shape.forward * (1 - 0.5 * np.square(line))
    lips = out[OUTER_LIPS] - (base + jaw)[OUTER_LIPS]
    out[:468] += _FOLLOW @ lips
    return np.asarray(out, np.float32)


def _terms(turn: NDArray[np.float32]) -> Values:
    """Return the terms (7,) of a turn of the head on which a mesh may depend."""
    yaw, pitch, roll = np.radians(yaw_pitch_roll_deg(turn))
    return np.array([1.0, yaw, pitch, roll, yaw * yaw, pitch * pitch, yaw * pitch])


def _averaged(values: Values, known: NDArray[np.bool_], sigma: float) -> Values:
    """Return each column averaged over time, `sigma` in rows, over what is known; 0 where nothing is."""
    reach = int(np.ceil(3 * sigma))
    bell = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / max(sigma, 1e-6)))
    here, weight = slice(reach, reach + len(values)), known.astype(np.float64)
    total = np.maximum(np.convolve(weight, bell, "full")[here], 1e-6)
    columns = [np.convolve(column * weight, bell, "full")[here] / total for column in values.T]
    return np.asarray(np.stack(columns, 1), np.float64)


def _taken() -> NDArray[np.float32]:
    """Return how far each point is taken over, (478, 1): wholly below the eyes, not at all from the eyes upwards."""
    taken = np.zeros((478, 1), np.float32)
    low, full = _BELOW_EYES
    ease = np.clip((UV[:, 1] - low) / (full - low), 0, 1)
    taken[:468, 0] = ease * ease * (3 - 2 * ease)
    return taken


def _solver() -> tuple[Values, Values]:
    """Return the units as rows (units, 478 * 3), and what tells them from offsets, of the same shape."""
    rows = (_UNITS * _TAKEN).reshape(len(_UNITS), -1).astype(np.float64)
    solve = np.linalg.solve(rows @ rows.T + _RIDGE * np.eye(len(rows)), rows)
    return np.asarray(rows, np.float64), np.asarray(solve, np.float64)


_TAKEN = _taken()
_MOVES = np.ones((478, 1), np.float32)  # by what tells where a head is, nothing may be told of what a mouth says
_MOVES[STILL] = 0
_FOLLOW = skin_follows(_BESIDE, np.concatenate([LIPS, STILL]))
_UNITS = np.stack([expression_basis()[BLENDSHAPES.index(name)] for name in (*_SLOW, *_FAST)])
_JAW = (expression_basis()[BLENDSHAPES.index("jawOpen")] * _TAKEN * _MOVES).astype(np.float32)
_FLAT, _SOLVE = _solver()
