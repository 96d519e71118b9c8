"""Says which tracks are one person, and what a person's calm face is like."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from veil.models import weight_path
from veil.models.topology import BLENDSHAPES, STILL
from veil.nouns.cast import Cast, Person, Sure, Track
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.picture import Points
from veil.sight.meshes import Mesher
from veil.sight.motion import FRONT
from veil.sight.recogniser import SAME, Recogniser

_SAMPLES = 120  # meshes looked at for a calm face


@dataclass(frozen=True, eq=False)
class Likeness:
    """What tells a track from another: the calm shape of the face, its colour, and a recogniser's vector."""

    neutral: Points  # (478, 3), in the frame of `motion.FRONT`
    colour: NDArray[np.float32]  # (3,), mean log colour of the skin
    frames: int  # fitted ones it rests on
    vector: NDArray[np.float32] | None  # of the defence's recogniser, mean over the looks that were kept


@dataclass(frozen=True, eq=False)
class Expressions:
    """How the landmark net's points move with the blendshape net's weights (`models/cards/expressions.md`)."""

    deltas: NDArray[np.float32]  # (52, 478, 3), in the frame of `motion.FRONT`
    rest: NDArray[np.float32]  # (52,), the weights that the net reports for a calm face


@lru_cache(maxsize=1)
def expressions() -> Expressions:
    """Return the expression basis; raise ValueError when it belongs to another net."""
    with np.load(weight_path("expressions", "sight")) as stored:
        if tuple(stored["names"]) != BLENDSHAPES:
            raise ValueError("the expression basis does not belong to this blendshape net")
        return Expressions(stored["deltas"].astype(np.float32), stored["rest"].astype(np.float32))


def likeness(tracks: Sequence[Track], mesher: Mesher, recogniser: Recogniser) -> Likeness | None:
    """Return the likeness of tracks taken together; None when no frame was fitted.

    Each mesh is turned to the front and its expression taken out of it, by the 52 weights and the basis of how the
    landmark net moves with them; the calm face is the median, in which frontal and calm frames count most.
    """
    basis = expressions()
    meshes, weights, lights = [], [], []
    share = max(1, _SAMPLES // len(tracks))
    for track in tracks:
        rows = track.rows()
        fitted = np.flatnonzero(np.array(rows["sure"]) == Sure.FITTED)
        for i in fitted[np.linspace(0, len(fitted) - 1, min(share, len(fitted))).astype(int)] if len(fitted) else []:
            mesh = np.array(rows[int(i)]["mesh"])
            to_front = similarity(mesh[STILL], FRONT[STILL])
            moves = mesher.expression(mesh) - basis.rest
            yaw, pitch, _ = yaw_pitch_roll_deg(to_front.turn)
            calm = to_front.of(mesh) - np.tensordot(moves, basis.deltas, 1)
            meshes.append(calm)
            weights.append(1 / (1 + (yaw / 15) ** 2 + (pitch / 15) ** 2 + float(np.abs(moves[1:]).sum())))
            lights.append(np.array(rows[int(i)]["light"])[0])
    if not meshes:
        return None
    neutral = _weighted_median(np.stack(meshes), np.array(weights))
    vectors = [recogniser.embed(f.crop, f.mesh) for track in tracks for f in track.fittings()]
    vector = np.mean(vectors, 0) if vectors else None
    if vector is not None:
        vector = np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
    return Likeness(neutral, np.median(lights, 0).astype(np.float32), len(meshes), vector)


def _weighted_median(values: NDArray[np.float32], weights: NDArray[np.float64]) -> Points:
    order = np.argsort(values, axis=0)
    ranked = np.cumsum(weights[order], axis=0)
    middle = (ranked < ranked[-1] / 2).sum(0)
    ranked_values = np.take_along_axis(values, order, 0)
    return np.asarray(np.take_along_axis(ranked_values, middle[None], 0)[0], np.float32)


def far(a: Likeness, b: Likeness) -> float:
    """Return how unlike two calm faces are: the mean distance of their inner points, in percent of face height."""
    onto = similarity(a.neutral[:468], b.neutral[:468]).of(a.neutral)
    tall = float(np.linalg.norm(b.neutral[10] - b.neutral[152]))
    return float(np.linalg.norm((onto - b.neutral)[:468, :2], axis=1).mean() / tall * 100)


def cast_of(tracks: Sequence[Track], likenesses: dict[str, Likeness | None]) -> Cast:
    """Join tracks into people, carefully: two tracks are one person only when recogniser, shape and colour agree.

    Two people under one label would wear one double, and could be shown by one word in the plan; one person under two
    labels only changes double at a cut. So doubt parts. Tracks that share a frame are never joined.
    """
    groups: list[list[Track]] = []
    for track in sorted(tracks, key=lambda t: -(t.last - t.first)):
        mine = likenesses[track.label]
        best: list[Track] | None = None
        nearest = SAME
        for group in groups:
            theirs = likenesses[group[0].label]
            if mine is None or theirs is None or any(_meet(track, other) for other in group):
                continue
            alike = _alike(mine, theirs)
            if alike > nearest:
                nearest, best = alike, group
        if best is None:
            groups.append([track])
        else:
            best.append(track)
    groups.sort(key=lambda g: (-sum(t.last - t.first for t in g), g[0].first))
    people = tuple(Person(f"P{i}", tuple(t.label for t in g)) for i, g in enumerate(groups, 1))
    return Cast(tuple(tracks), people)


def _alike(a: Likeness, b: Likeness) -> float:
    """Return the cosine of two likenesses; 0 where too little is known, or shape or colour speak against it."""
    if a.vector is None or b.vector is None or min(a.frames, b.frames) < 5:
        return 0.0
    if float(np.abs(a.colour - b.colour).max()) > _SAME_COLOUR or far(a, b) > _SAME_SHAPE:
        return 0.0
    return float(a.vector @ b.vector)


_SAME_SHAPE = 2.5  # percent of face height
_SAME_COLOUR = 0.9  # natural logarithm: a factor of 2.5, as between a lit and a dark shot


def _meet(a: Track, b: Track) -> bool:
    return a.first < b.last and b.first < a.last
