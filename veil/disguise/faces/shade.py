"""A head in shadow: a dark, soft-edged head on its neck, with nothing of the face in it.

Its form, colour and rim come from the face's box and the smooth light alone.
"""

import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.blackout import whole_head
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

Field = NDArray[np.float32]

DARK = np.array([17, 16, 18], np.float32)
"""The colour of a shadow, RGB code values."""

_SOFT = 0.06  # of the head's width: so far outside of the head its edge fades
_NECK = (0.15, 0.45)  # of the face's height: from where above the chin to where below it the neck reaches
_RIM_CODES = 22.0  # how much lighter the edge is towards the light


def shaded_head(face: Face) -> Box:
    """Return the part of the picture that `shade_head` changes."""
    box, head = face.box, whole_head(face.box).grown(0.12)
    middle, half = box.centre[0], 1.2 * box.width
    low = box.bottom + (_NECK[1] + 0.02) * box.height + 2
    return Box.union((head, Box(round(middle - half), box.top, round(middle + half), round(low))))


def shade_head(patch: Pixels, face: Face, opacity: float) -> Pixels:
    """Return the patch with the head under a dark shape; at opacity 1 nothing of the head is left."""
    place = shaded_head(face).clipped(patch.shape[1], patch.shape[0])
    new = patch.copy()
    if not place.area:
        return new
    here = face.moved(-place.left, -place.top)
    ellipse, cover = head_cover(place.width, place.height, here)
    lit = DARK + _rim(ellipse, here)[..., None]
    part = (slice(place.top, place.bottom), slice(place.left, place.right))
    # The edge is soft outwards only: what the head holds stays covered in full.
    mixed = patch[part] + (lit - patch[part]) * (cover * np.float32(opacity))[..., None]
    new[part] = np.clip(mixed + 0.5, 0, 255)
    return new


def head_cover(width: int, height: int, face: Face) -> tuple[Field, Field]:
    """Return how far from the head each pixel is, in pixels, below 0 inside, and how much is covered: (H, W) each.

    The whole head is covered in full; below it a neck that widens fades into the shoulders.
    """
    head, box = whole_head(face.box), face.box
    x = np.arange(width, dtype=np.float32)[None] - np.float32(head.centre[0])
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(head.centre[1])
    across, down = max(head.width / 2, 1.0), max(head.height / 2, 1.0)
    away = (np.hypot(x / across, y / down) - 1) * min(across, down) - 1  # a pixel more than the ellipse
    # Where the ellipse is flat a pixel is a little nearer than this says: never too far.
    cover = _fall(away, max(2.5, _SOFT * head.width))
    down_neck = (y + head.centre[1] - (box.bottom - _NECK[0] * box.height)) / max(sum(_NECK) * box.height, 1.0)
    along = np.clip(down_neck, 0, 1)
    half = box.width * (0.27 + 0.42 * along * along)
    neck = _fall(np.abs(x + head.centre[0] - box.centre[0]) - half, box.width * (0.06 + 0.24 * along))
    neck = neck * _fall(along - 0.3, 0.7) * (down_neck >= 0)
    return np.asarray(away, np.float32), np.asarray(1 - (1 - cover) * (1 - neck), np.float32)


def light_of(face: Face) -> tuple[float, float, float]:
    """Return whence the light falls in the picture (x right, y down, unit length), and how much from one side, 0 to 1.

    Without any side, light comes from above.
    """
    towards = face.light[1:3].mean(1).astype(float)
    side = float(np.clip(np.hypot(*towards) / 0.3, 0, 1)) if np.isfinite(towards).all() else 0.0
    x, y = (towards / max(float(np.hypot(*towards)), 1e-6) * side if side else np.zeros(2)) + np.array([0.0, -0.45])
    length = max(float(np.hypot(x, y)), 1e-6)
    return float(x / length), float(y / length), side


def _rim(away: Field, face: Face) -> Field:
    """Return how much lighter each pixel is, code values: nothing on the head itself, a thin soft line beside it."""
    head = whole_head(face.box)
    wide = max(2.5, _SOFT * head.width)
    line = np.clip(away / wide, 0, 1)
    across, down, side = light_of(face)
    x = (np.arange(away.shape[1], dtype=np.float32)[None] - head.centre[0]) / max(head.width / 2, 1.0)
    y = (np.arange(away.shape[0], dtype=np.float32)[:, None] - head.centre[1]) / max(head.height / 2, 1.0)
    length = np.maximum(np.hypot(x, y), 1e-3)
    facing = np.clip((x * across + y * down) / length, 0, 1) * np.clip(1.2 - 2 * y, 0, 1)
    return np.asarray(_RIM_CODES * (0.5 + 0.5 * side) * facing * 4 * line * (1 - line), np.float32)


def _fall(away: Field, wide: float | Field) -> Field:
    """Return 1 up to a distance of 0, falling smoothly to 0 at `wide`."""
    t = np.clip(away / np.maximum(wide, 1e-3), 0, 1)
    return np.asarray(1 - t * t * (3 - 2 * t), np.float32)
