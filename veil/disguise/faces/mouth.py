"""The inside of a double's mouth: teeth that keep to skull and jaw, a tongue, and the dark behind."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.fit import Posed
from veil.nouns.picture import Pixels, Points

_WIDE, _HIGH = 192, 160
MOUTH_SPAN = np.array([1.2, 1.0], np.float32)
"""Width and height of the picture from `inside_mouth`, in mouth widths."""
_CAVITY = np.array([34, 13, 12], np.float32)
_TONGUE = np.array([138, 66, 62], np.float32)


def mouth_frame(
    aligned: Points, posed: Posed
) -> tuple[NDArray[np.float32], NDArray[np.float32], float] | None:
    """Return the origin (2,) in pixels, the axes (2, 2) from pixels to mouth widths, and the jaw's drop in them.

    The origin is where the upper inner lip's middle would be if only the head had moved. None where the mouth is
    seen too much from the side to have an inside.
    """
    head = posed.head
    width = float(np.linalg.norm(aligned[61] - aligned[291]))
    across, down = head.scale * width * head.turn[:2, 0], head.scale * width * head.turn[:2, 1]
    frame = np.stack([across, down], 1)
    if abs(np.linalg.det(frame)) < 1e-3:
        return None
    back = np.linalg.inv(frame).astype(np.float32)
    origin = head.of(aligned[13:14])[0, :2]
    drop = float((back @ posed.drop[:2])[1])
    return origin.astype(np.float32), back.T, max(0.0, drop)


def inside_mouth(teeth: NDArray[np.uint8], drop: float) -> Pixels:
    """Return the inside (_HIGH, _WIDE, 3), its middle a quarter from the top; the jaw is `drop` mouth widths down."""
    unit = _WIDE / float(MOUTH_SPAN[0])  # pixels a mouth width
    zero = _HIGH * 0.25
    y, x = np.mgrid[:_HIGH, :_WIDE].astype(np.float32)
    x = (x - _WIDE / 2) / unit
    inside = np.broadcast_to(_CAVITY, (_HIGH, _WIDE, 3)).astype(np.float32)
    tongue_y = (y - zero) / unit - (drop + 0.16)
    tongue = np.clip(1.2 - (x / 0.36) ** 2 - (tongue_y / 0.2) ** 2, 0, 1)[..., None]
    inside = inside + (_TONGUE - inside) * np.minimum(tongue * 1.6, 1) * 0.85
    # Upper teeth: biting edge a little below the resting lips. Lower: they hide behind it until the jaw drops.
    _lay(inside, teeth[128:], zero + (drop - 0.055) * unit, 0.21 * unit, 0.86 * unit)
    _lay(inside, teeth[:128], zero + (0.045 - 0.2) * unit, 0.233 * unit, 0.98 * unit)
    depth = np.clip(1 - 1.5 * np.square(x), 0.25, 1)[..., None]
    return np.clip(inside * depth * 0.82, 0, 255).astype(np.uint8)


def _lay(inside: NDArray[np.float32], row: NDArray[np.uint8], top: float, height: float, width: float) -> None:
    """Lay one row of teeth (H, W, 4) over the inside, centred, `top` pixels down; writes `inside`."""
    high, wide = max(2, round(height)), min(_WIDE, max(2, round(width)))
    scaled = cv2.resize(row, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    first = round(top)
    skip, left = max(0, -first), (_WIDE - wide) // 2
    last = min(_HIGH, first + high)
    if last <= first + skip:
        return
    part = scaled[skip : last - first]
    there = inside[first + skip : last, left : left + wide]
    there += (part[..., :3] - there) * (part[..., 3:] / 255)
