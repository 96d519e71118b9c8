"""Ears made smaller and flatter: the picture around each is drawn together. Nothing is blurred that could be undone,
but the ear stays the witness's own in form; hair that hangs over it moves a little with it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.bending import drawn
from veil.disguise.faces.outline import guarded, skin_of
from veil.models.topology import STILL
from veil.nouns.cast import Face, Sure
from veil.nouns.geometry import similarity
from veil.nouns.picture import Box, Pixels, Points

_SIDES = 234, 454  # points before one ear, and before the other
_OUT, _BACK, _UP = 0.03, 0.10, 0.02  # from there to the middle of an ear, shares of the face's height
_TALL, _WIDE, _DEEP = 0.29, 0.17, 0.16  # half of the part that moves: its height, width from the front, and from beside
_FEWEST_PX = 4
_SMALLER = 0.42  # how much more of the picture is drawn into the middle


@dataclass(frozen=True, eq=False)
class _Ear:
    middle: NDArray[np.float32]  # (2,)
    axes: NDArray[np.float32]  # (2, 2): across and along the ear, pixels
    shows: float  # 0..1


class Ears:
    """The ears of one witness, whose calm face is `neutral` (478, 3)."""

    def __init__(self, neutral: Points) -> None:
        self._neutral = neutral
        self._tall = float(np.linalg.norm(neutral[10] - neutral[152]))
        down = (neutral[152] - neutral[10]) / max(self._tall, 1e-6)
        across = neutral[454] - neutral[234]
        across = across - (across @ down) * down
        across /= max(float(np.linalg.norm(across)), 1e-6)
        self._axes = np.stack([across, down, np.cross(across, down)]).astype(np.float32)

    def bend(self, patch: Pixels, face: Face) -> Pixels:
        """Return the patch with smaller ears; nothing from inside the face's outline is moved."""
        if face.sure is not Sure.FITTED or face.alone <= 0:
            return patch
        whole = Box(0, 0, patch.shape[1], patch.shape[0])
        ears = [ear for ear in self._ears(face) if ear.shows > 0]
        if not ears:
            return patch
        guard, skin, out = guarded(face, whole), skin_of(face), patch.copy()
        for ear in ears:
            half = np.abs(ear.axes).sum(0)
            around = Box.around(np.stack([ear.middle - half, ear.middle + half])).clipped(whole.width, whole.height)
            if min(around.width, around.height) < _FEWEST_PX:
                continue
            part = slice(around.top, around.bottom), slice(around.left, around.right)
            share = ear.shows * face.alone * (1 - face.strength)
            out[part] = drawn(patch[part], _field(ear, around, share), guard[part], skin)
        return out

    def _ears(self, face: Face) -> list[_Ear]:
        head = similarity(self._neutral[STILL], face.mesh[STILL])
        across, down, away = head.directions(self._axes * self._tall)
        ears = []
        for number, index in enumerate(_SIDES):
            out = across if number else -across
            middle = face.mesh[index] + _OUT * out + _BACK * away - _UP * down
            # An ear is seen from the front, and from its own side; from the other the head hides it.
            sees_side = -float(out[2]) / max(float(np.linalg.norm(out)), 1e-6)
            shows = float(np.clip((sees_side + 0.3) / 0.3, 0, 1))
            wide = _WIDE * across[:2] + _DEEP * away[:2] * (1 if number == 0 else -1)
            ears.append(_Ear(middle[:2], np.stack([wide, _TALL * down[:2]]).astype(np.float32), shows))
        return ears


def _field(ear: _Ear, around: Box, share: float) -> NDArray[np.float32]:
    """Return where each pixel of a box comes from: further from the ear's middle, and the rim from where it is."""
    y, x = np.mgrid[around.top : around.bottom, around.left : around.right].astype(np.float32)
    off = np.stack([x, y], 2) - ear.middle
    try:
        inside = off @ np.linalg.inv(ear.axes)
    except np.linalg.LinAlgError:
        return np.zeros((*x.shape, 2), np.float32)
    near = np.clip(1 - np.square(inside).sum(2), 0, 1) ** 2
    field = _SMALLER * share * near[..., None] * off
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 1.0), np.float32)
