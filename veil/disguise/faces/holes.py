"""Holes in a painted skin (eyes, mouth): what lies in them is laid in with a soft edge, and lines are drawn on them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.disguise.faces.raster import Canvas


@dataclass(frozen=True, eq=False)
class Hole:
    """A part of the canvas in which a hole in the skin is painted, and how much of each pixel the hole takes."""

    left: int
    top: int
    mask: NDArray[np.float32]  # (H, W), 0..1
    canvas: Canvas  # (H, W, 4), a view

    def lay(self, colour: NDArray[np.float32]) -> None:
        """Lay `colour` (H, W, 3) in the hole."""
        _lay(self.canvas, self.mask, colour)

    def shade(self, mark: NDArray[np.float32], colour: NDArray[np.float32]) -> None:
        """Darken by a mark (H, W), 0..1, towards a colour; no cover is gained or lost."""
        _shade(self.canvas, mark, np.asarray(colour, np.float32))


@njit(cache=True, nogil=True, error_model="numpy")
def _lay(canvas: Canvas, mask: NDArray[np.float32], colour: NDArray[np.float32]) -> None:
    """Write `colour` (H, W, 3) over `canvas` by `mask` (H, W), which is the least that is covered then."""
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            for c in range(3):
                canvas[y, x, c] += (colour[y, x, c] - canvas[y, x, c]) * mask[y, x]
            canvas[y, x, 3] = max(canvas[y, x, 3], mask[y, x])


@njit(cache=True, nogil=True, error_model="numpy")
def _shade(canvas: Canvas, mark: NDArray[np.float32], colour: NDArray[np.float32]) -> None:
    """Write `colour` (3,) over `canvas` by `mark` (H, W), as far as the canvas is covered."""
    for y in range(mark.shape[0]):
        for x in range(mark.shape[1]):
            cover = min(canvas[y, x, 3], np.float32(1))
            for c in range(3):
                canvas[y, x, c] += (colour[c] * cover - canvas[y, x, c]) * mark[y, x]


def stroke(line: NDArray[np.float32], shape: tuple[int, ...], thick_px: float) -> NDArray[np.float32]:
    """Return a soft line (H, W), 0..1, that many pixels thick, thinner than a pixel too; tapered at its ends."""
    mark = np.zeros(shape[:2], np.uint8)
    finer = 16
    whole = max(1, round(thick_px))
    cv2.polylines(mark, [np.round(line * finer).astype(np.int32)], False, (255,), whole, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mark.astype(np.float32), (0, 0), max(0.45, 0.45 * thick_px), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(np.clip(soft * (min(1.3, 1.3 * thick_px / whole) / 255), 0, 1), np.float32)
