"""Is the person still there? Expression and flicker over the film, original against result, measured by the way.

One landmark net looks at about ten frames a second, so that measuring costs little beside the search for faces.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import BLENDSHAPES, SKIN, UV
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Picture, Points
from veil.nouns.time import Instant
from veil.sight.meshes import Mesher, place_of_points

MOVES = 0.03
"""A blendshape counts when its standard deviation in the original is larger than this."""

_MOUTH = np.array([name.startswith(("mouth", "jaw", "cheek")) for name in BLENDSHAPES])
_LOOKS_HZ = 10.0
_AROUND_S = 0.5  # how far to look on both sides of an instant
_FEWEST = 6  # looks, for a correlation
_SURE = 0.5  # presence from which a mesh counts as a face
_STILL = 0.05  # code values: below this nothing changes in the original, and no ratio says anything
_FAR = 0.35  # of the face's size: a mesh that went so far between two frames is behind a cut
_TEXTURE = 64

Luma = NDArray[np.float32]
Values = NDArray[np.float64]


def correlation(one: Values, other: Values) -> float:
    """Return Pearson's correlation, 0 when one of the two does not move at all."""
    a, b = one - one.mean(), other - other.mean()
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 1e-12 else 0.0


class Unwrapped:
    """Reads a face into its texture's plane, so that what the mesh moves stays still."""

    def __init__(self, side: int) -> None:
        triangle = np.full((side, side), -1, np.int32)
        for i, corners in enumerate(SKIN):
            cv2.fillConvexPoly(triangle, np.round(UV[corners] * (side - 1)).astype(np.int32), i)
        self.mask = triangle >= 0
        rows, columns = np.nonzero(self.mask)
        self.corners = SKIN[triangle[rows, columns]]
        a, b, c = (UV[self.corners[:, k]].astype(np.float64) for k in range(3))
        place = np.column_stack([columns, rows]) / (side - 1)
        whole = _cross(b - a, c - a)
        whole = np.where(np.abs(whole) < 1e-12, 1e-12, whole)
        shares = np.column_stack(
            [_cross(b - place, c - place), _cross(c - place, a - place), _cross(a - place, b - place)]
        )
        weights = np.clip(shares / whole[:, None], 0, 1)
        self.weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)

    def places(self, points: Points) -> NDArray[np.float32]:
        """Return where every texel of skin lies in the picture, (N, 2)."""
        corners = np.ascontiguousarray(points[:, :2], np.float32)[self.corners]
        return np.asarray(np.einsum("nkd,nk->nd", corners, self.weights), np.float32)

    def read(self, luma: NDArray[np.uint8], points: Points) -> Luma:
        """Return the luma (N,) at every texel of skin."""
        return self.read_at(luma, self.places(points))

    @staticmethod
    def read_at(luma: NDArray[np.uint8], places: NDArray[np.float32]) -> Luma:
        """Return the luma (N,) at places (N, 2) of a picture."""
        return np.asarray(cv2.remap(luma, places[None, :, 0], places[None, :, 1], cv2.INTER_LINEAR)[0], np.float32)


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.float64)


@dataclass(eq=False)
class _Life:
    """What was seen of one person; instants in seconds."""

    looked_s: list[float] = field(default_factory=list)
    shapes: list[NDArray[np.float32]] = field(default_factory=list)  # (2, 52): original, result; nan: no face there
    spoken: list[bool] = field(default_factory=list)  # the double's mouth says something else than was filmed
    paired_s: list[float] = field(default_factory=list)
    changes: list[tuple[float, float]] = field(default_factory=list)  # original, result: code values
    last: tuple[int, NDArray[np.float32], Luma, Luma] | None = None  # frame, places, original, result


class Kept:
    """Collects, frame by frame, how much of the performance is left; holds nets, so it belongs to one thread."""

    def __init__(self, rate_hz: float, mesher: Mesher | None = None) -> None:
        """`mesher` may be one that this thread has already."""
        self.every = max(1, int(rate_hz / _LOOKS_HZ))
        self._step_s = 1 / max(rate_hz, 1e-6)
        self._mesher = mesher or Mesher()
        self._unwrapped = Unwrapped(_TEXTURE)
        self._lives: dict[str, _Life] = {}

    def wants(self, index: int) -> bool:
        """Tell whether a frame will be looked at: the others need not be fed."""
        return index % self.every <= 1

    def see(self, index: int, at: Instant, person: str, face: Face, original: Picture, result: Picture) -> None:
        """Look at one person who wears a double; `face` is theirs in the original. Frames come in order.

        Where the double says something else than was filmed, the play of its mouth is not compared: it must differ.
        """
        if not self.wants(index) or face.sure is not Sure.FITTED or face.strength >= 1:
            return
        life = self._lives.setdefault(person, _Life())
        self._pair(life, index, float(at), face.mesh, (original, result))
        if index % self.every == 0:
            life.looked_s.append(float(at))
            life.shapes.append(self._shapes(face.mesh, result))
            life.spoken.append(face.spoken is not None)

    def expression(self, person: str, at_s: Values) -> NDArray[np.float32]:
        """Return how the blendshapes of the second around each instant correlate, −1..1; nan where it is unknown."""
        life = self._lives.get(person)
        if life is None or not life.looked_s:
            return np.full(len(at_s), np.nan, np.float32)
        looked, shapes = np.array(life.looked_s), np.array(life.shapes)
        courses = _courses(looked, shapes, np.array(life.spoken))
        return _nearest(at_s, looked, courses, (self.every + 1) * self._step_s)

    def flicker(self, person: str, at_s: Values) -> NDArray[np.float32]:
        """Return the change from frame to frame in the second around, result over original; nan where unknown."""
        life = self._lives.get(person)
        if life is None or not life.paired_s:
            return np.full(len(at_s), np.nan, np.float32)
        paired, changes = np.array(life.paired_s), np.cumsum([(0.0, 0.0), *life.changes], axis=0)
        first, last = _windows(paired)
        before, after = ((changes[last] - changes[first]) / (last - first)[:, None]).T
        ratios = np.where(before > _STILL, after / np.maximum(before, _STILL), np.nan)
        return _nearest(at_s, paired, ratios, (self.every + 1) * self._step_s)

    def _pair(self, life: _Life, index: int, at_s: float, mesh: Points, pictures: tuple[Picture, Picture]) -> None:
        """Compare the face with itself one frame earlier, in both films."""
        places = self._unwrapped.places(mesh)
        now = [self._unwrapped.read_at(p.y, places) for p in pictures]
        if life.last is not None and life.last[0] == index - 1:
            _, before, *then = life.last
            way = float(np.abs(places.mean(0) - before.mean(0)).max())
            if way < _FAR * float(np.ptp(places, axis=0).max()):
                life.paired_s.append(at_s)
                change = [float(np.abs(a - b).mean()) for a, b in zip(now, then, strict=True)]
                life.changes.append((change[0], change[1]))
        life.last = (index, places, now[0], now[1])

    def _shapes(self, mesh: Points, result: Picture) -> NDArray[np.float32]:
        """Return the 52 blendshapes of the original and of the result, (2, 52)."""
        own = self._mesher.expression(mesh)
        seen, presence, _ = self._mesher.fit(result, place_of_points(mesh))
        return np.stack([own, self._mesher.expression(seen) if presence >= _SURE else np.full_like(own, np.nan)])


def _windows(known_s: Values) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each of the sorted instants where the second around it begins and ends (half-open)."""
    first = np.searchsorted(known_s, known_s - _AROUND_S, "left")
    return first, np.searchsorted(known_s, known_s + _AROUND_S, "right")


def _courses(looked: Values, shapes: NDArray[np.float32], spoken: NDArray[np.bool_]) -> Values:
    """Return at every look the mean correlation of the blendshapes that move in the second around it.

    Those of the mouth only where none of these looks sees it `spoken`: a mouth that is taken over and given back moves
    with the filmed one by that alone.
    """
    known = np.asarray(np.isfinite(shapes).all((1, 2)), bool)
    found = np.full(len(looked), np.nan)
    first, last = _windows(looked)
    for i in range(len(looked)):
        here = slice(first[i], last[i])
        part = shapes[here][known[here]].astype(np.float64)
        if len(part) < _FEWEST or 2 * len(part) < last[i] - first[i]:
            continue
        part = part - part.mean(0)
        spread = np.sqrt(np.square(part).sum(0))
        moving = (spread[0] > MOVES * np.sqrt(len(part))) & ~(_MOUTH & spoken[here].any())
        if moving.any():
            together = (part[:, 0] * part[:, 1]).sum(0)[moving]
            lengths = (spread[0] * spread[1])[moving]
            found[i] = float(np.where(lengths > 1e-12, together / np.maximum(lengths, 1e-12), 0).mean())
    return found


def _nearest(at_s: Values, known_s: Values, values: Values, reach_s: float) -> NDArray[np.float32]:
    """Return at each instant the value known nearest to it; nan where none is within reach."""
    right = np.clip(np.searchsorted(known_s, at_s), 1, max(1, len(known_s) - 1))
    left = right - 1
    right = np.minimum(right, len(known_s) - 1)
    near = np.where(np.abs(known_s[left] - at_s) <= np.abs(known_s[right] - at_s), left, right)
    return np.where(np.abs(known_s[near] - at_s) <= reach_s, values[near], np.nan).astype(np.float32)
