"""Pictures as films keep them: a luma plane and two half-size chroma planes, and boxes in them.

A picture is kept in Y'CbCr 4:2:0 so that what nobody touches leaves the house bit for bit as it came in.
Patches are cut out as RGB, worked on, and pasted back; only pixels that changed are written.
"""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""RGB, shape (H, W, 3), upright."""
Plane = NDArray[np.uint8]
"""One plane of a picture, shape (H, W)."""
Points = NDArray[np.float32]
"""Points in upright pixels, shape (N, 2) or (N, 3)."""


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels; half-open: it holds `left` and not `right`."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, by: float) -> "Box":
        """Return the box with `by` times its longer side added on each side."""
        margin_px = math.ceil(by * max(self.width, self.height))
        return Box(self.left - margin_px, self.top - margin_px, self.right + margin_px, self.bottom + margin_px)

    def clipped(self, width: int, height: int) -> "Box":
        """Return the part inside a picture of that size; it may be empty."""
        left, top = min(max(self.left, 0), width), min(max(self.top, 0), height)
        return Box(left, top, max(left, min(self.right, width)), max(top, min(self.bottom, height)))

    def shared_px(self, other: "Box") -> int:
        """Return how many pixels lie in both boxes."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, across) * max(0, down)

    def overlap(self, other: "Box") -> float:
        """Return intersection over union, 0 to 1."""
        shared = self.shared_px(other)
        return shared / union if (union := self.area + other.area - shared) else 0.0

    @staticmethod
    def around(points: NDArray[np.floating]) -> "Box":
        """Return the smallest box that holds every point (N, 2+)."""
        low, high = np.floor(points[:, :2].min(0)), np.ceil(points[:, :2].max(0))
        return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))

    @staticmethod
    def union(boxes: Iterable["Box"]) -> "Box":
        """Return the smallest box that holds all boxes; raise ValueError when there are none."""
        every = list(boxes)
        return Box(
            min(b.left for b in every),
            min(b.top for b in every),
            max(b.right for b in every),
            max(b.bottom for b in every),
        )


Matrix = Literal["bt601", "bt709", "bt2020"]
_LUMA = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


@dataclass(frozen=True)
class Colour:
    """How code values mean colour: the Y'CbCr matrix (ITU-R BT.601, 709, 2020) and the range."""

    matrix: Matrix = "bt709"
    full_range: bool = False


@lru_cache(maxsize=8)
def _transforms(colour: Colour) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the 3x4 matrices from Y'CbCr to RGB and back, for 8-bit code values."""
    kr, kb = _LUMA[colour.matrix]
    kg = 1 - kr - kb
    luma_span, chroma_span, floor = (255.0, 255.0, 0.0) if colour.full_range else (219.0, 224.0, 16.0)
    forward = np.zeros((4, 4))
    rows = [(kr, kg, kb), (-kr, -kg, 1 - kb), (1 - kr, -kg, -kb)]
    scales = [luma_span / 255, chroma_span / 255 / (2 * (1 - kb)), chroma_span / 255 / (2 * (1 - kr))]
    for i, (row, scale) in enumerate(zip(rows, scales, strict=True)):
        forward[i, :3] = np.array(row) * scale
    forward[:3, 3] = floor, 128, 128
    forward[3, 3] = 1
    back = np.linalg.inv(forward)
    return back[:3].astype(np.float32), forward[:3].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: `y` (H, W), `u` and `v` (ceil(H/2), ceil(W/2)), uint8.

    Raises ValueError when the planes do not belong together.
    """

    y: Plane
    u: Plane
    v: Plane
    colour: Colour = Colour()

    def __post_init__(self) -> None:
        half = ((self.y.shape[0] + 1) // 2, (self.y.shape[1] + 1) // 2)
        if self.u.shape != half or self.v.shape != half:
            raise ValueError(f"chroma planes of a {self.y.shape} picture must be {half}, not {self.u.shape}")

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def copy(self) -> "Picture":
        """Return a picture with planes of its own, which may be written."""
        return Picture(self.y.copy(), self.u.copy(), self.v.copy(), self.colour)

    def sum(self) -> int:
        """Return a checksum (CRC-32) of every eighth luma sample: the same picture has the same."""
        return zlib.crc32(np.ascontiguousarray(self.y[::8, ::8]).tobytes())

    def even(self, box: Box) -> Box:
        """Return `box` clipped to the picture and widened to whole chroma samples."""
        inside = box.clipped(self.width, self.height)
        return Box(
            inside.left & ~1,
            inside.top & ~1,
            min(self.width, inside.right + (inside.right & 1)),
            min(self.height, inside.bottom + (inside.bottom & 1)),
        )

    def rgb(self, box: Box | None = None) -> Pixels:
        """Return the pixels of an `even` box (default: all) as RGB of its own."""
        box = self.even(box or self.box)
        y = self.y[box.top : box.bottom, box.left : box.right]
        halves = slice(box.top // 2, (box.bottom + 1) // 2), slice(box.left // 2, (box.right + 1) // 2)
        return self._to_rgb(y, self.u[halves], self.v[halves])

    def scaled(self, box: Box, width: int, height: int) -> Pixels:
        """Return an `even` box as RGB, brought to that size (by area when it shrinks)."""
        box = self.even(box)
        rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
        halves = slice(box.top // 2, (box.bottom + 1) // 2), slice(box.left // 2, (box.right + 1) // 2)
        parts = (self.y[rows, columns], self.u[halves], self.v[halves])
        planes = [_resized(p, width, height) for p in parts]
        return _transformed(cv2.merge(planes), _transforms(self.colour)[0])

    def warped(self, to_crop: NDArray[np.float64], side: int) -> Pixels:
        """Return the square of `side` pixels that the affine `to_crop` (2, 3) maps the picture to, as RGB."""
        half = to_crop.copy()
        half[:, 2] += to_crop[:, :2] @ (0.5, 0.5)  # a chroma sample sits in the middle of its four pixels
        half[:, :2] *= 2
        planes = [
            cv2.warpAffine(p, m, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for p, m in ((self.y, to_crop), (self.u, half), (self.v, half))
        ]
        return _transformed(cv2.merge(planes), _transforms(self.colour)[0])

    def _to_rgb(self, y: Plane, u: Plane, v: Plane) -> Pixels:
        if y.size == 0:
            return np.zeros((*y.shape, 3), np.uint8)
        size = (2 * u.shape[1], 2 * u.shape[0])
        full = [cv2.resize(c, size, interpolation=cv2.INTER_LINEAR)[: y.shape[0], : y.shape[1]] for c in (u, v)]
        return _transformed(cv2.merge([y, *full]), _transforms(self.colour)[0])

    def paste(self, box: Box, old: Pixels, new: Pixels) -> None:
        """Write `new` over `old` at an `even` box, where they differ and nowhere else.

        A chroma sample is written when any of its four pixels changed. Raises ValueError on a wrong shape.
        """
        if old.shape != (box.height, box.width, 3) or new.shape != old.shape:
            raise ValueError(f"a patch for {box} must be {(box.height, box.width, 3)}, not {new.shape}")
        if not box.area:
            return
        red, green, blue = cv2.split(cv2.absdiff(old, new))
        changed = cv2.bitwise_or(cv2.bitwise_or(red, green), blue)
        planes = cv2.split(_transformed(new, _transforms(self.colour)[1]))
        _copy_where(changed, planes[0], self.y[box.top : box.bottom, box.left : box.right])
        half = ((box.width + 1) // 2, (box.height + 1) // 2)
        if box.width & 1 or box.height & 1:
            edge = (0, box.height & 1, 0, box.width & 1, cv2.BORDER_REPLICATE)
            planes = [cv2.copyMakeBorder(p, *edge) for p in planes]
            changed = cv2.copyMakeBorder(changed, *edge)
        quad = cv2.resize(cv2.inRange(changed, 1, 255), half, interpolation=cv2.INTER_AREA)
        for plane, source in ((self.u, planes[1]), (self.v, planes[2])):
            part = plane[box.top // 2 : box.top // 2 + half[1], box.left // 2 : box.left // 2 + half[0]]
            _copy_where(quad, cv2.resize(source, half, interpolation=cv2.INTER_AREA), part)


def _resized(plane: Plane, width: int, height: int) -> NDArray[np.uint8]:
    shrinks = plane.shape[1] > 1.5 * width
    if shrinks and plane.shape[1] >= 4 * width:  # area sums over many pixels are slow; every other row and column do
        plane = plane[::2, ::2]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(plane, (width, height), interpolation=how).astype(np.uint8, copy=False)


def _copy_where(mask: NDArray[Any], source: NDArray[Any], target: Plane) -> None:
    """Copy into `target` where `mask`, uint8, is not 0."""
    cv2.copyTo(source, mask, target)


def _transformed(pixels: NDArray[Any], matrix: NDArray[np.float32]) -> Pixels:
    return cv2.transform(pixels, matrix).astype(np.uint8, copy=False)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a film: its number in display order from 0, and when it is shown."""

    index: int
    at: Fraction
    picture: Picture
