"""Reads a track as faces, smoothed in time without delay: the film is on disk, so we look ahead."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import CANONICAL, INNER_LIPS, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_EYE, SKIN, STILL, UV
from veil.nouns.cast import Face, Sure, Track
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.light import Light, basis
from veil.nouns.picture import Box, Points
from veil.nouns.time import Instant

FRONT = (CANONICAL * np.array([1, -1, -1], np.float32)).astype(np.float32)
"""The average face as the landmark net would see it from the front: x right, y down, z away."""

_AT_ONCE = 512  # rows held in memory
_SETTLES = 3  # fitted frames after which a mesh is believed again
_STAYS = 15  # frames for which a face that is hidden is covered where it was, too
_FADE = 5  # frames over which a stronger cover comes and goes
_RETURN = 15  # frames for which a face must be known again before its double comes back
_TURNED_DEG = (74.0, 86.0)  # yaw from which the double gives way, and at which it is gone
_QUICK_S, _CALM_S = 2 / 30, 4 / 30  # how far to look on both sides, for lids and lips and for all else
_LIGHT_S = 0.25
_FLICKERS = 0.08  # of its logarithm: light that changes by more is followed at once
_LULL_S = 0.5  # how far on both sides a face that is wholly calmed is averaged
_OUTLINE = 0.16  # so far from the outline, in texture units, a face keeps to the film: it must cover what it covers


def _region() -> NDArray[np.float32]:
    """Return for each point how quick it is: 1 for lids, lips and irises, 0 for plain skin, (478, 1)."""
    quick = np.zeros(478, np.float32)
    quick[np.concatenate([INNER_LIPS, OUTER_LIPS, LEFT_EYE, RIGHT_EYE, np.arange(468, 478)])] = 1
    near = np.unique(SKIN[np.isin(SKIN, np.flatnonzero(quick)).any(1)])
    quick[near] = np.maximum(quick[near], 0.5)
    return quick[:, None]


_QUICK = _region()


def _calms() -> NDArray[np.float32]:
    """Return how far each point may be calmed, (478, 1): brows and cheeks, not the outline, lids and gaze, or lips."""
    calm = np.zeros((478, 1), np.float32)
    away = np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1)
    lips = np.linalg.norm(UV[:, None] - UV[None, OUTER_LIPS], axis=2).min(1)
    calm[:468, 0] = np.clip(away / _OUTLINE, 0, 1) * np.clip(lips / 0.12, 0, 1)
    return calm * (1 - _QUICK)


_CALMS = _calms()


@lru_cache(maxsize=64)
def _taps(half: int, before: int, after: int) -> NDArray[np.float32]:
    """Return weights of a local parabola's value at 0 from the `before` + 1 + `after` frames there are.

    Savitzky and Golay 1964, on a window that may be cut short; frames count less towards the window's end.
    """
    t = np.arange(-before, after + 1, dtype=np.float64)
    weight = (1 - (np.abs(t) / (half + 1)) ** 3) ** 3
    powers = np.stack([np.ones_like(t), t, t * t], 1)[:, : min(3, len(t))]
    normal = (powers * weight[:, None]).T @ powers
    return np.asarray(np.linalg.solve(normal, (powers * weight[:, None]).T)[0], np.float32)


def _close_gaps(weak: NDArray[np.float32]) -> None:
    """Keep the stronger cover through moments too short for the double to come back; writes `weak`."""
    strong = np.flatnonzero(weak >= 1)
    for before, after in pairwise(strong):
        if 1 < after - before <= _RETURN:
            weak[before:after] = 1


def _turned(row: NDArray[np.void]) -> float:
    """Return how far a face is turned beyond what a double can show, 0 to 1; 1 too where no mesh fits."""
    if row["sure"] != Sure.FITTED:
        return 1.0
    yaw = abs(yaw_pitch_roll_deg(similarity(FRONT[STILL], row["mesh"][STILL]).turn)[0])
    return float(np.clip((yaw - _TURNED_DEG[0]) / (_TURNED_DEG[1] - _TURNED_DEG[0]), 0, 1))


def _spread(flags: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Return the flags, and those beside them up to `by` rows away."""
    return np.convolve(flags, np.ones(2 * by + 1), "same")[: len(flags)] > 0.5 if len(flags) > 2 * by else flags


_BRIGHT = basis(np.vstack([FRONT, FRONT[:10]])).mean(0)
"""What each term of the light adds to the mean brightness of a face."""
_LOOK = {"grain": 50, "blur": 50, "speck": 50, "lift": 10}  # what a shot looks like, and which percentile tells it


class Motion:
    """One track, read frame by frame; `calm` (0 to 1) is how far the quick play of brows and cheeks is averaged out."""

    def __init__(self, track: Track, rate_hz: float, calm: float = 0.0) -> None:
        self.track = track
        self._lull = round(min(1.0, calm) * _LULL_S * rate_hz)
        self._quick = max(1, round(_QUICK_S * rate_hz))
        self._calm = max(1, round(_CALM_S * rate_hz))
        self._light = max(1, round(_LIGHT_S * rate_hz))
        self._sure, self._boxes, turned, look = self._survey()
        self._grain, self._blur, self._speck, self._lift = look
        self._weak = self._weakness(turned)

    def _survey(self) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32], list[float]]:
        """Go through the track once, a little at a time: sureness, place and turn of each row; the shot's look."""
        sure, boxes, turned = [], [], []
        measured: dict[str, list[NDArray[np.float32]]] = {name: [] for name in _LOOK}
        for first in range(0, self.track.last - self.track.first, _AT_ONCE):
            rows = self.track.read(first, first + _AT_ONCE)
            sure.append(rows["sure"])
            boxes.append(rows["box"])
            turned.append(np.array([_turned(row) for row in rows], np.float32))
            for name, values in measured.items():
                values.append(rows[name][rows[name] >= 0])
        look = []
        for name, rank in _LOOK.items():
            told = np.concatenate(measured[name])
            look.append(float(np.percentile(told, rank)) if len(told) else 0.0)
        return np.concatenate(sure), np.concatenate(boxes), np.concatenate(turned), look

    def _weakness(self, turned: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return per row how much the double must give way to a stronger cover, 0 to 1, fading in and out."""
        weak = np.where(self._sure == Sure.FITTED, turned, 1).astype(np.float32)
        _close_gaps(weak)
        weak = np.maximum(weak, _spread(self._sure != Sure.FITTED, _SETTLES))
        faded = weak.copy()
        for k in range(1, _FADE):
            share = 1 - k / _FADE
            faded[k:] = np.maximum(faded[k:], weak[:-k] * share)
            faded[:-k] = np.maximum(faded[:-k], weak[k:] * share)
        return np.asarray(faded, np.float32)

    def face(self, index: int, at: Instant) -> Face:
        """Return the face in frame number `index`, which must lie in the track."""
        i = index - self.track.first
        reach = max(self._calm, self._light, self._lull)
        base = max(0, i - reach)
        rows = self.track.read(base, i + reach + 1)
        row = rows[i - base]
        box = self._box_at(i)
        light = self._light_at(i, base, rows)
        if self._sure[i] != Sure.FITTED:
            return Face(at, box, row["mesh"].copy(), Sure(int(self._sure[i])), light, strength=1.0)
        quick, calm = (self._mesh_at(i, half, base, rows) for half in (self._quick, self._calm))
        mesh = (quick * _QUICK + calm * (1 - _QUICK)).astype(np.float32)
        if self._lull:
            mesh = self._lulled(i, base, rows, mesh)
        look = (self._grain, self._blur, self._speck, self._lift)
        return Face(at, box, mesh, Sure.FITTED, light, *look, self._step(i, base, rows), float(self._weak[i]))

    def _step(self, i: int, base: int, rows: NDArray[np.void]) -> tuple[float, float]:
        """Return how far the head goes from one frame to the next around row `i`, right and down, pixels."""
        before, after = self._run(i, 1)
        if before + after == 0:
            return 0.0, 0.0
        ends = rows["mesh"][[i - before - base, i + after - base]][:, STILL, :2].mean(1)
        right, down = (ends[1] - ends[0]) / (before + after)
        return float(right), float(down)

    def _box_at(self, i: int) -> Box:
        """Return the head's front at row `i`; where it is in doubt, with where it was, and will be, when it fits.

        A hand, or another head, draws the detector away from a face that it hides; the face is still there. The first
        meshes of a face that comes out from behind are often too small.
        """
        boxes = [self._boxes[i]]
        if self._weak[i] >= 1:
            fitted = np.flatnonzero(self._sure[max(0, i - _STAYS) : i + _STAYS + 1] == Sure.FITTED) + max(0, i - _STAYS)
            boxes += [self._boxes[k] for k in (*fitted[fitted < i][-_SETTLES:], *fitted[fitted > i][:_SETTLES])]
        return Box.union(Box(*(int(v) for v in np.round(b))) for b in boxes)

    def _run(self, i: int, half: int) -> tuple[int, int]:
        """Return how many fitted frames in a row lie before and after row `i`, at most `half` each."""
        before = after = 0
        while before < half and i - before > 0 and self._sure[i - before - 1] == Sure.FITTED:
            before += 1
        while after < half and i + after + 1 < len(self._sure) and self._sure[i + after + 1] == Sure.FITTED:
            after += 1
        return before, after

    def _mesh_at(self, i: int, half: int, base: int, rows: NDArray[np.void]) -> Points:
        before, after = self._run(i, half)
        meshes = rows["mesh"][i - before - base : i + after + 1 - base]
        return np.tensordot(_taps(half, before, after), meshes, 1).astype(np.float32)

    def _lulled(self, i: int, base: int, rows: NDArray[np.void], mesh: Points) -> Points:
        """Return the mesh with its play averaged over the frames around it, each carried to where the head is now."""
        before, after = self._run(i, self._lull)
        around = rows["mesh"][i - before - base : i + after + 1 - base]
        near = 1 + np.cos(np.pi * np.arange(-before, after + 1) / (self._lull + 1))
        carried = np.stack([similarity(other[STILL], mesh[STILL]).of(other) for other in around])
        slow = np.tensordot(near / near.sum(), carried, 1)
        return np.asarray(mesh + _CALMS * (slow - mesh), np.float32)

    def _light_at(self, i: int, base: int, rows: NDArray[np.void]) -> Light:
        """Return the light at row `i` from the fitted `rows` around it, else from the nearest fitted row there is."""
        places = np.arange(base, base + len(rows))
        fitted = (rows["sure"] == Sure.FITTED) & (np.abs(places - i) <= self._light)
        if not fitted.any():
            known = np.flatnonzero(self._sure == Sure.FITTED)
            if not len(known):
                return np.zeros_like(rows["light"][0])
            nearest = int(known[np.argmin(np.abs(known - i))])
            return np.asarray(self.track.read(nearest, nearest + 1)["light"][0], np.float32)
        near = np.exp(-0.5 * np.square((places - i) / (0.5 * self._light)))[fitted]
        if self._sure[i] == Sure.FITTED:  # a flame or a lamp that flickers is not noise
            bright = (rows["light"] @ np.ones(3, np.float32) / 3) @ _BRIGHT
            off = np.maximum(0, np.abs(bright[fitted] - bright[i - base]) / _FLICKERS - 1)
            near = near * np.exp(-0.5 * off * off)
        return np.asarray(np.tensordot(near / near.sum(), rows["light"][fitted], 1), np.float32)
