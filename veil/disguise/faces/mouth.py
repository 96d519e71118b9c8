"""The inside of a double's mouth: teeth that keep to skull and jaw, a tongue, and the dark behind."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.fit import Posed
from veil.nouns.picture import Pixels, Points

_WIDE, _HIGH = 160, 100
_SPAN = np.array([1.6, 1.0], np.float32)  # of the picture of the inside, in mouth widths
_CAVITY = np.array([30, 12, 11], np.float32)
_TONGUE = np.array([132, 64, 60], np.float32)


@dataclass(frozen=True, eq=False)
class MouthFrame:
    """Where a mouth is: its origin is where the upper lip's inner middle would be if only the head had moved."""

    origin: NDArray[np.float32]  # (2,), pixels
    axes: NDArray[np.float32]  # (2, 2), from pixels to mouth widths across and down
    lower_lip: float  # how far down the lower lip's inner middle is, in mouth widths
    opening: float  # between the lips, in mouth widths

    def places(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where points (N, 2) lie in the picture of the inside, 0..1."""
        return np.asarray((points - self.origin) @ self.axes / _SPAN + (0.5, 0.25), np.float32)


def mouth_frame(aligned: Points, posed: Posed) -> MouthFrame | None:
    """Return the frame of a posed double's mouth; None where it is seen too much from the side to have an inside."""
    head = posed.head
    width = float(np.linalg.norm(aligned[61] - aligned[291]))
    frame = np.stack([head.scale * width * head.turn[:2, 0], head.scale * width * head.turn[:2, 1]], 1)
    if abs(np.linalg.det(frame)) < 1e-3:
        return None
    axes = np.linalg.inv(frame).astype(np.float32).T
    origin = head.of(aligned[13:14])[0, :2]
    upper, lower = (posed.mesh[[13, 14], :2] - origin) @ axes
    return MouthFrame(origin.astype(np.float32), axes, float(lower[1]), max(0.0, float(lower[1] - upper[1])))


def inside_mouth(teeth: NDArray[np.uint8], lower_lip: float, opening: float) -> Pixels:
    """Return the inside (_HIGH, _WIDE, 3); the origin of its frame lies a quarter from the top."""
    unit = _WIDE / float(_SPAN[0])  # pixels a mouth width
    zero = _HIGH * 0.25
    y, x = np.mgrid[:_HIGH, :_WIDE].astype(np.float32)
    x, down = (x - _WIDE / 2) / unit, (y - zero) / unit
    inside = np.broadcast_to(_CAVITY, (_HIGH, _WIDE, 3)).astype(np.float32)
    tongue = np.clip(1.2 - (x / 0.34) ** 2 - ((down - lower_lip - 0.03) / 0.16) ** 2, 0, 1)[..., None]
    inside = inside + (_TONGUE - inside) * np.minimum(tongue * 1.6, 1) * 0.7
    # Upper teeth keep to the skull, their edge a little below the resting lips; lower ones peep over the lower lip.
    _lay(inside, teeth[128:], zero + (lower_lip - 0.045) * unit, 0.21 * unit, 1.0 * unit)
    _lay(inside, teeth[:128], zero + (0.05 - 0.2) * unit, 0.233 * unit, 1.22 * unit)
    light = np.clip(1 - 1.25 * np.square(x), 0.25, 1) * (0.8 + 0.2 * min(1.0, opening / 0.2))
    light = light * (1 - 0.3 * np.clip(1 - down / 0.06, 0, 1) * (down < 0.06))  # under the upper lip it is darker
    return np.asarray(np.clip(inside * light[..., None], 0, 255), np.uint8)


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
