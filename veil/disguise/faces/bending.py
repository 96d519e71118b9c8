"""Bends a picture by a field: each pixel is taken from elsewhere, and where it must not be taken there is skin.

Only pixels that move are sampled; what is hidden is never read.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.nouns.picture import Pixels

Field = NDArray[np.float32]
"""How far each pixel of a patch comes from, right and down, pixels, (H, W, 2)."""

_STILL_PX = 0.05  # a pixel that would move by less stays as it is
_ROW = 512  # samples that are taken at once


def drawn(patch: Pixels, field: Field, guarded: NDArray[np.uint8], skin: NDArray[np.float32]) -> Pixels:
    """Return the patch with every pixel taken from where the field says, and `skin` (3,) where it must not be taken.

    It must not be taken from where `guarded` (H, W) is not 0, by the least share. What stays lies under the double as
    it always did.
    """
    height, width = patch.shape[:2]
    out, hidden = np.empty((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    room = (height * width + _ROW - 1) // _ROW
    moved, places = np.empty(room * _ROW, np.int32), np.empty((room * _ROW, 2), np.float32)
    # A place between pixels is told by the one above it to the left: guarded is what has one of its four in the guard.
    beside = cv2.dilate(guarded, np.ones((2, 2), np.uint8), anchor=(0, 0))
    count, left, top, right, bottom = _sorted(
        patch, field, np.asarray(beside, np.uint8), _STILL_PX, out, hidden, moved, places
    )
    if count:
        rows = (count + _ROW - 1) // _ROW
        places[count : rows * _ROW] = 0
        where = places[: rows * _ROW].reshape(rows, _ROW, 2)
        taken = cv2.remap(patch, where, np.empty(0), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        _put(np.asarray(taken, np.uint8).reshape(-1, 3), moved, count, out.reshape(-1, 3))
    if right > left:
        sigma = max(1.0, 0.006 * height)  # soft outwards only
        far = int(np.ceil(5 * sigma)) + 1
        part = slice(max(0, top - far), bottom + far), slice(max(0, left - far), right + far)
        soft = np.asarray(cv2.GaussianBlur(hidden[part], (0, 0), sigma), np.uint8)
        _fill(hidden[part], soft, skin, out[part])
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _sorted(
    patch: Pixels,
    field: Field,
    beside: NDArray[np.uint8],
    still_px: float,
    out: Pixels,
    hidden: NDArray[np.uint8],
    moved: NDArray[np.int32],
    places: NDArray[np.float32],
) -> tuple[int, int, int, int, int]:
    """Tell what stays, which is written to `out`, what is hidden, 255, and what moves, and where it comes from (N, 2).

    What comes from a place whose pixel, rounded down, is not 0 in `beside` is hidden. Return how many move, and the box
    of what is hidden: left, top, right, bottom.
    """
    height, width = field.shape[:2]
    count = right = bottom = 0
    left, top = width, height
    for y in range(height):
        for x in range(width):
            across, down = field[y, x, 0], field[y, x, 1]
            if abs(across) <= still_px and abs(down) <= still_px:
                for c in range(3):
                    out[y, x, c] = patch[y, x, c]
                continue
            told = abs(across) < height + width and abs(down) < height + width  # what is no number is hidden
            from_x, from_y = np.float32(x) + across if told else -1, np.float32(y) + down if told else -1
            place_x, place_y = int(np.floor(from_x)), int(np.floor(from_y))
            place_x, place_y = min(max(place_x, 0), width - 1), min(max(place_y, 0), height - 1)
            if not told or beside[place_y, place_x] != 0:
                hidden[y, x] = 255
                left, right, top, bottom = min(left, x), max(right, x + 1), min(top, y), y + 1
                continue
            moved[count] = y * width + x
            places[count, 0], places[count, 1] = from_x, from_y
            count += 1
    return count, left, top, right, bottom


@njit(cache=True, nogil=True, error_model="numpy")
def _put(taken: NDArray[np.uint8], moved: NDArray[np.int32], count: int, out: NDArray[np.uint8]) -> None:
    """Write what was taken (N, 3) where it goes in `out` (pixels, 3)."""
    for i in range(count):
        for c in range(3):
            out[moved[i], c] = taken[i, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(hidden: NDArray[np.uint8], soft: NDArray[np.uint8], skin: NDArray[np.float32], out: Pixels) -> None:
    """Write skin where something is hidden, and a soft rim of it around."""
    for y in range(hidden.shape[0]):
        for x in range(hidden.shape[1]):
            if hidden[y, x]:
                for c in range(3):
                    out[y, x, c] = np.uint8(skin[c])
            elif soft[y, x]:
                cover = min(soft[y, x] * np.float32(2 / 255), np.float32(1))
                for c in range(3):
                    out[y, x, c] = np.uint8(out[y, x, c] + (skin[c] - out[y, x, c]) * cover + np.float32(0.5))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _bearing(y: float, x: float) -> float:
    """Return the angle of a direction to about a hundredth of a degree, -pi to pi, many times as fast as arctan2."""
    steep = abs(y) > abs(x)
    part = min(abs(x), abs(y)) / max(abs(x), abs(y), 1e-9)
    square = part * part
    angle = part * (0.99978784 + square * (-0.3258084 + square * (0.15557865 - square * 0.044326555)))
    if steep:
        angle = np.pi / 2 - angle
    if x < 0:
        angle = np.pi - angle
    return -angle if y < 0 else angle


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def pulled(around: NDArray[np.float32], middle: tuple[float, float], step: int, reach_px: float, coarse: Field) -> None:
    """Write into `coarse` where every `step`-th pixel comes from, for an outline around its `middle`.

    `around` (N, 4) holds, for angles from -pi to pi, the outline's radius, its move right and down, and how much
    further out is taken from; all of it falls to nothing `reach_px` outside the outline.
    """
    last = around.shape[0] - 1
    for row in range(coarse.shape[0]):
        y = (row + 0.5) * step - 0.5 - middle[1]
        for column in range(coarse.shape[1]):
            x = (column + 0.5) * step - 0.5 - middle[0]
            far = np.sqrt(x * x + y * y)
            place = (_bearing(y, x) + np.pi) * (last / (2 * np.pi))
            first = min(max(int(place), 0), last - 1)
            share = place - first
            radius = around[first, 0] * (1 - share) + around[first + 1, 0] * share
            if far - radius >= reach_px:
                coarse[row, column, 0] = coarse[row, column, 1] = 0
                continue
            right = around[first, 1] * (1 - share) + around[first + 1, 1] * share
            down = around[first, 2] * (1 - share) + around[first + 1, 2] * share
            further = around[first, 3] * (1 - share) + around[first + 1, 3] * share
            beyond = min(max((far - radius) / reach_px, 0.0), 1.0)
            near = min(max((far - radius) / (0.35 * reach_px), 0.0), 1.0)
            fall, near = 1 - beyond * beyond * (3 - 2 * beyond), 1 - near * near * (3 - 2 * near)
            out = further * near / max(far, 1e-6)
            coarse[row, column, 0] = out * x - right * fall
            coarse[row, column, 1] = out * y - down * fall
