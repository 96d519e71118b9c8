"""The outline of a head moved towards the double's: the picture around the face is bent to follow.

How far is a function of the mesh and the double alone, so it is as calm as they are. Only pixels from outside the
witness's own outline are ever moved: where the bent picture would show what lies inside it, there is plain skin.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.bending import Field, drawn, pulled
from veil.disguise.faces.raster import mark
from veil.models.topology import OVAL, SKIN, STILL, UV
from veil.nouns.cast import Face, OtherMouth, Sure
from veil.nouns.geometry import Similarity, similarity, yaw_pitch_roll_deg
from veil.nouns.light import FLOOR, basis
from veil.nouns.picture import Box, Pixels, Points

_FURTHER = 1.3  # the outline goes this much further than the double's lies: nearer ones hide too little
_MOST = 0.055  # of the face's height: nothing moves further, so that straight lines nearby bend but slightly
_GROWS = 0.4  # of its way, where the double's jaw is the larger: a face too large for its head is seen to be a mask
_JAW = 0.55, 0.75  # of the texture, downwards: where the outline begins to move; hairline and ears show any pull
_INNER = 0.16  # of the texture: so far inside the outline the pull is gone
_REACH = 0.45  # of the face's height: so far outside the outline the picture is as it was
_TURNED = 20.0, 38.0  # degrees of yaw from which less moves, and from which nothing does: the outline is no edge there
_PITCHED = 22.0, 38.0
_JAW_TURNED, _JAW_PITCHED = (35.0, 55.0), (30.0, 45.0)  # the same for a jaw that says something else
_FREE = 0.04, 0.2  # of the face's height from the picture's edge: nearer than the first nothing moves
_GUARD = 0.013  # of the face's height: the witness's outline is grown by this before a pixel counts as outside
_FREED = 0.09  # of the texture: so far inside the outline a mouth moves freely where the outline cannot
_STILL_PX = 0.05  # an outline that would move by less stays as it is


@dataclass(frozen=True, eq=False)
class Bent:
    """A patch bent around a face, and the face with the outline that the patch now fits."""

    patch: Pixels
    face: Face


class Outline:
    """Moves the outline of one witness, whose calm face is `neutral` (478, 3), by `percent` of the usual."""

    def __init__(self, double_mesh: Points, neutral: Points, percent: int = 100) -> None:
        self._neutral = neutral
        tall = float(np.linalg.norm(neutral[10] - neutral[152]))
        off = similarity(double_mesh[STILL], neutral[STILL]).of(double_mesh) - neutral
        ease = np.clip(np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1) / _INNER, 0, 1)
        weight = 1 - ease * ease * (3 - 2 * ease)
        weight *= _risen(UV[:, 1], *_JAW)
        pull = np.zeros((478, 3), np.float32)
        pull[:468] = _inwards(_FURTHER * off[:468] * weight[:, None], neutral)
        length = np.maximum(np.linalg.norm(pull, axis=1, keepdims=True), 1e-6)
        self._pull = np.asarray(pull * (_MOST * tall * np.tanh(length / (_MOST * tall)) / length * percent / 100))
        self._moves = percent > 0 and bool(tall > 0)

    def reach(self, face: Face) -> Box:
        """Return the part of the picture that may be bent."""
        return _grown(Box.around(face.mesh[:468]), _REACH * _tall(face.mesh)) if self._bends(face) else face.box

    def bend(self, patch: Pixels, face: Face) -> Bent:
        """Return the patch bent around the face. Where nothing is to move, both are returned as they are."""
        if not self._bends(face):
            return Bent(patch, _spoken_within(face))
        pull, moved = self._moved(face, patch.shape[0], patch.shape[1])
        if np.abs(pull[OVAL, :2]).max() < _STILL_PX:
            return Bent(patch, face if face.spoken is None else moved)
        around = _grown(Box.around(moved.mesh[OVAL]), _REACH * _tall(face.mesh))
        around = around.clipped(patch.shape[1], patch.shape[0])
        if not around.area:
            return Bent(patch, moved)
        corner = np.array([around.left, around.top], np.float32)
        ring = _Ring(moved.mesh[OVAL, :2] - corner, pull[OVAL, :2])
        field = ring.field(around.height, around.width, _REACH * _tall(face.mesh), _guard_px(face))
        part = slice(around.top, around.bottom), slice(around.left, around.right)
        new = drawn(patch[part], field, guarded(face, around), skin_of(face))
        if new.shape == patch.shape:
            return Bent(new, moved)
        out = patch.copy()
        out[part] = new
        return Bent(out, moved)

    def _bends(self, face: Face) -> bool:
        wanted = self._moves or face.spoken is not None
        return wanted and face.sure is Sure.FITTED and face.strength < _GONE and face.alone > 0

    def _moved(self, face: Face, height: int, width: int) -> tuple[Points, Face]:
        """Return how far each point of the mesh moves in this frame, pixels, (478, 3), and the face then.

        The jaw of a mouth that says something else moves the outline as far as the picture can follow.
        """
        head = similarity(self._neutral[STILL], face.mesh[STILL])
        share = max(0.0, 1 - face.strength / _GONE) * face.alone
        x, y = face.mesh[:, 0], face.mesh[:, 1]
        nearest = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / _tall(face.mesh)
        free = _risen(nearest, *_FREE)[:, None]
        pull = np.asarray(head.directions(self._pull) * (_facing(head) * share * free), np.float32)
        if face.spoken is None:
            return pull, replace(face, mesh=(face.mesh + pull).astype(np.float32))
        change, ease = face.spoken.mesh - face.mesh, _facing(head, _JAW_TURNED, _JAW_PITCHED) * share * free
        worn = (face.mesh + pull + ease * change + (1 - ease) * _within_change(face, face.spoken)).astype(np.float32)
        pull = np.asarray(pull + ease * change, np.float32)
        spoken = replace(face.spoken, mesh=worn)
        return pull, replace(face, mesh=(face.mesh + pull).astype(np.float32), spoken=spoken)


def _spoken_within(face: Face) -> Face:
    """Return a face whose mouth says something else within an outline that hides the filmed one."""
    if face.spoken is None:
        return face
    worn = (face.mesh + _within_change(face, face.spoken)).astype(np.float32)
    return replace(face, spoken=replace(face.spoken, mesh=worn))


def _within_change(face: Face, other: OtherMouth) -> Points:
    """Return how far each point goes (478, 3) where the picture cannot follow: at the outline only ever downwards.

    A jaw that stays as low as the filmed one is at most hides it, and does not go up and down with its words.
    """
    down = other.outline[152] - other.outline[10]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    lower = np.maximum((other.outline - face.mesh) @ down, 0)[:, None] * down
    return np.asarray(_WITHIN * (other.mesh - face.mesh) + (1 - _WITHIN) * lower, np.float32)


def _inwards(pull: Points, neutral: Points) -> Points:
    """Return the pull (468, 3) with less of what leads out over hair, neck and background."""
    out = neutral[:468] - neutral[OVAL].mean(0)
    out[:, 2] = 0
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    outwards = np.maximum((pull * out).sum(1), 0)
    return np.asarray(pull - (outwards * (1 - _GROWS))[:, None] * out, np.float32)


_GONE = 0.35  # strength of the stronger cover at which the outline is the witness's own again


def _facing(head: Similarity, turned: tuple[float, float] = _TURNED, pitched: tuple[float, float] = _PITCHED) -> float:
    """Return 1 for a head that faces us, 0 for one that is turned away too far, and what lies between."""
    yaw, pitch, _ = yaw_pitch_roll_deg(head.turn)
    return float((1 - _risen(abs(yaw), *turned)) * (1 - _risen(abs(pitch), *pitched)))


def _risen(value: "NDArray[np.floating] | float", low: float, high: float) -> NDArray[np.float64]:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between."""
    share = np.clip((np.asarray(value, np.float64) - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))


def _tall(mesh: Points) -> float:
    """Return how tall a face is from forehead to chin, pixels, however it is turned; never 0."""
    return max(1.0, float(np.linalg.norm(mesh[10] - mesh[152])))


def _within() -> NDArray[np.float32]:
    """Return for each point how free it is of the outline, (478, 1)."""
    within = np.ones((478, 1), np.float32)
    within[:468, 0] = _risen(np.linalg.norm(UV[:, None] - UV[None, OVAL], axis=2).min(1), 0, _FREED)
    return within


def _grown(box: Box, by_px: float) -> Box:
    by = round(by_px)
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


class _Ring:
    """An outline around its middle: what each of its points has is spread over all angles."""

    def __init__(self, points: Points, moves: Points) -> None:
        """`points` (N, 2) are where the outline now is, `moves` (N, 2) how far each was moved."""
        self._middle = points.mean(0)
        out = points - self._middle
        angles = np.arctan2(out[:, 1], out[:, 0])
        self._order = np.argsort(angles)
        self._angles = angles[self._order]
        self._radii = np.linalg.norm(out, axis=1)[self._order]
        self._moves = moves[self._order]

    def field(self, height: int, width: int, reach_px: float, guard_px: float) -> Field:
        """Return where each pixel comes from: the outline's own move on it, nothing beyond the reach.

        What moves comes from a little further out, `guard_px`, so that the witness's own rim stays behind.
        """
        step = max(1, round(reach_px / 24))
        further = guard_px * _risen(np.linalg.norm(self._moves, axis=1), 0, 0.15 * guard_px)
        told = np.column_stack([self._radii, self._moves, further])
        angles = np.concatenate([self._angles[-1:] - 2 * np.pi, self._angles, self._angles[:1] + 2 * np.pi])
        told = np.concatenate([told[-1:], told, told[:1]])
        around = [np.interp(_BEARINGS, angles, told[:, i]) for i in range(4)]
        coarse = np.zeros((-(-height // step) + 1, -(-width // step) + 1, 2), np.float32)
        middle = float(self._middle[0]), float(self._middle[1])
        pulled(np.stack(around, 1).astype(np.float32), middle, step, reach_px, coarse)
        # Angles run together at the middle; nothing of it is ever seen, but the field must be even.
        return _enlarged(np.asarray(cv2.GaussianBlur(coarse, (0, 0), 0.8), np.float32), height, width, step)


_BEARINGS = np.linspace(-np.pi, np.pi, 721)


def _enlarged(coarse: NDArray[np.float32], height: int, width: int, step: int) -> NDArray[np.float32]:
    size = coarse.shape[1] * step, coarse.shape[0] * step
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)[:height, :width], np.float32)


def skin_of(face: Face) -> NDArray[np.float32]:
    """Return the colour of the skin at the outline as the smooth light tells it, code values, (3,)."""
    logs = np.median((basis(face.mesh) @ face.light)[OVAL], 0)
    return np.asarray(np.clip(np.exp(np.clip(logs, 0, 5.6)) - FLOOR, 0, 255), np.float32)


def _guard_px(face: Face) -> float:
    """Return by how much the outline is grown: never less than a filter reads at once."""
    return max(4.0, _GUARD * _tall(face.mesh))


def guarded(face: Face, around: Box) -> NDArray[np.uint8]:
    """Return the witness's own face within a box, grown: 255 where no pixel may come from."""
    coarser = max(1, round(_tall(face.mesh) / 128))
    height, width = -(-around.height // coarser), -(-around.width // coarser)
    mesh = face.mesh[:468] - np.array([around.left, around.top, 0], np.float32)
    mesh[:, :2] = (mesh[:, :2] + 0.5) / coarser - 0.5
    small = np.zeros((height, width), np.uint8)
    mark(SKIN, np.ascontiguousarray(mesh, np.float32), small)
    outline = cv2.convexHull(mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
    cv2.fillConvexPoly(small, outline, 255)  # eyes and mouth, and what the cutting room holds to be owed
    grow = 2 * int(np.ceil(0.7 * _guard_px(face) / coarser)) + 1
    small = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow, grow))).astype(np.uint8, copy=False)
    size = width * coarser, height * coarser
    whole = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)[: around.height, : around.width]
    return np.asarray(cv2.inRange(whole, 1, 255), np.uint8)


_WITHIN = _within()
