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
_FINEST = 32  # places between two pixels from which one is sampled


def drawn(patch: Pixels, field: Field, guarded: NDArray[np.uint8], skin: NDArray[np.float32]) -> Pixels:
    """Return the patch with every pixel taken from where the field says, and `skin` (3,) where it must not be taken.

    It must not be taken from where `guarded` (H, W) is not 0, by the least share. What stays lies under the double as
    it always did.
    """
    height, width = patch.shape[:2]
    out, hidden = np.empty((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    room = (height * width + _ROW - 1) // _ROW
    moved = np.empty(room * _ROW, np.int32)
    wholes, shares = np.empty((room * _ROW, 2), np.int16), np.empty(room * _ROW, np.uint16)
    count, left, top, right, bottom = _sorted(patch, field, guarded, _STILL_PX, out, hidden, moved, wholes, shares)
    if count:
        rows = (count + _ROW - 1) // _ROW
        wholes[count : rows * _ROW], shares[count : rows * _ROW] = 0, 0
        maps = wholes[: rows * _ROW].reshape(rows, _ROW, 2), shares[: rows * _ROW].reshape(rows, _ROW)
        taken = cv2.remap(patch, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
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
    guarded: NDArray[np.uint8],
    still_px: float,
    out: Pixels,
    hidden: NDArray[np.uint8],
    moved: NDArray[np.int32],
    wholes: NDArray[np.int16],
    shares: NDArray[np.uint16],
) -> tuple[int, int, int, int, int]:
    """Tell what stays, which is written to `out`, what is hidden, 255, and what moves: its number and its place.

    Places are whole pixels (N, 2) and shares of one as OpenCV keeps them. Return how many move, and the box of what is
    hidden: left, top, right, bottom.
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
            fine_x = int(np.floor((x + across) * _FINEST + 0.5)) if told else 0
            fine_y = int(np.floor((y + down) * _FINEST + 0.5)) if told else 0
            whole_x, whole_y = fine_x >> 5, fine_y >> 5
            next_x, next_y = whole_x + min(fine_x & 31, 1), whole_y + min(fine_y & 31, 1)  # else it is not read
            x0, x1 = min(max(whole_x, 0), width - 1), min(max(next_x, 0), width - 1)
            y0, y1 = min(max(whole_y, 0), height - 1), min(max(next_y, 0), height - 1)
            if not told or (guarded[y0, x0] | guarded[y0, x1] | guarded[y1, x0] | guarded[y1, x1]) != 0:
                hidden[y, x] = 255
                left, right, top, bottom = min(left, x), max(right, x + 1), min(top, y), y + 1
                continue
            moved[count] = y * width + x
            wholes[count, 0] = min(max(whole_x, -32768), 32767)
            wholes[count, 1] = min(max(whole_y, -32768), 32767)
            shares[count] = (fine_y & 31) * _FINEST + (fine_x & 31)
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
def pulled(
    around: NDArray[np.float32], middle: tuple[float, float], step: int, reach_px: float, coarse: Field
) -> None:
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
