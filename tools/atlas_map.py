"""MediaPipe's canonical face as a map: where lips, lids, brows and folds lie in the atlas, in texels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import face_nets
import numpy as np
import numpy.typing as npt
from bind import ATLAS_PX
from scipy.interpolate import CubicSpline

Floats = npt.NDArray[np.float32]

# fmt: off
LIPS_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LIPS_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
LIP_MIDDLE = ((61, 78), (185, 191), (40, 80), (39, 81), (37, 82), (0, 13), (267, 312), (269, 311), (270, 310),
              (409, 415), (291, 308))
# the person's right eye (image left); the left one is its mirror in u
UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
UPPER_CREASE = (130, 247, 30, 29, 27, 28, 56, 190, 243)
UPPER_FOLD = (226, 113, 225, 224, 223, 222, 221, 189)
LOWER_CREASE = (130, 25, 110, 24, 23, 22, 26, 112, 243)
TEAR_TROUGH = (226, 31, 228, 229, 230, 231, 232, 233, 244)
CHEEK_BAG = (35, 111, 117, 118, 119, 120, 121, 128)
BROW_TOP = (70, 63, 105, 66, 107)
BROW_LOW = (46, 53, 52, 65, 55)
NASOLABIAL = (129, 203, 206, 216, 212)
MARIONETTE = (61, 204, 211, 170)
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
# fmt: on


def spot(index: int) -> Floats:
    """Texel position (2,) of a landmark."""
    where: Floats = face_nets.topology().uv[index] * ATLAS_PX
    return where


def mirrored(points: Floats) -> Floats:
    """The same texel positions on the other half of the face."""
    out = np.array(points, np.float32)
    out[..., 0] = ATLAS_PX - out[..., 0]
    return out


def curve(indices: Sequence[int], count: int = 64) -> Floats:
    """A smooth line through landmarks, (count, 2) texels, evenly spaced."""
    knots = np.stack([spot(index) for index in indices])
    return smooth_line(knots, count)


def smooth_line(knots: Floats, count: int = 64) -> Floats:
    """A smooth line through points (n, 2), evenly spaced by length."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    spline = CubicSpline(length, knots)
    out: Floats = spline(np.linspace(0, length[-1], count)).astype(np.float32)
    return out


@cache
def grid() -> tuple[Floats, Floats]:
    """Texel centres: columns and rows, each (h, w)."""
    row, column = np.mgrid[:ATLAS_PX, :ATLAS_PX].astype(np.float32) + 0.5
    return column, row


def blob(index: int, wide_px: float, tall_px: float, shift: tuple[float, float] = (0, 0)) -> Floats:
    """A soft spot (0..1) around a landmark and around its mirror image."""
    column, row = grid()
    x, y = spot(index) + np.asarray(shift, np.float32)
    tall = np.exp(-(((row - y) / tall_px) ** 2) / 2)
    one = np.exp(-(((column - x) / wide_px) ** 2) / 2)
    two = np.exp(-(((column - (ATLAS_PX - x)) / wide_px) ** 2) / 2)
    out: Floats = (tall * np.maximum(one, two)).astype(np.float32)
    return out


def inside(outline: Floats, soft_px: float = 0.0) -> Floats:
    """A filled outline (n, 2) as 0..1 (h, w), its edge blurred by `soft_px`."""
    big = np.zeros((ATLAS_PX * 2, ATLAS_PX * 2), np.uint8)
    cv2.fillPoly(big, [np.rint(outline * 2 * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    mask = cv2.resize(big, (ATLAS_PX, ATLAS_PX), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.GaussianBlur(mask, (0, 0), soft_px) if soft_px else mask


def stroke(line: Floats, width_px: float, taper: bool = True) -> Floats:
    """A soft line (0..1): gaussian across with sigma `width_px`, fading at its ends if `taper`."""
    pad = int(4 * width_px) + 4
    low = np.clip(np.floor(line.min(0)).astype(int) - pad, 0, ATLAS_PX - 1)
    high = np.clip(np.ceil(line.max(0)).astype(int) + pad, low + 1, ATLAS_PX)
    canvas = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    steps = np.linspace(0, 1, len(line))
    fade = np.clip(np.minimum(steps, 1 - steps) * 4, 0, 1) if taper else np.ones(len(line))
    fixed = np.rint((line - low) * 16).astype(int)
    for a, b, strength in zip(fixed[:-1], fixed[1:], (fade[:-1] + fade[1:]) / 2, strict=True):
        cv2.line(canvas, tuple(a), tuple(b), (int(255 * strength),), 1, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(canvas.astype(np.float32), (0, 0), width_px, borderType=cv2.BORDER_CONSTANT)
    out = np.zeros((ATLAS_PX, ATLAS_PX), np.float32)
    out[low[1] : high[1], low[0] : high[0]] = soft * (2.5 * width_px / 255)
    return out


def both(line: Floats, width_px: float, taper: bool = True) -> Floats:
    """`stroke` on both halves of the face."""
    return np.maximum(stroke(line, width_px, taper), stroke(mirrored(line), width_px, taper))


@cache
def eye_holes() -> Floats:
    """Where the eyeballs show, 0..1."""
    outline = np.concatenate([curve(UPPER_LID), curve(LOWER_LID)[::-1]])
    return np.maximum(inside(outline), inside(mirrored(outline)))


@cache
def mouth_hole() -> Floats:
    """Inside the lips' inner edge, 0..1."""
    return inside(np.stack([spot(index) for index in LIPS_INNER]))


@cache
def lips() -> Floats:
    """The red of the lips, inner mouth included, 0..1 with a soft edge."""
    upper, lower = curve(LIPS_OUTER[:11], 90), curve((291, *LIPS_OUTER[11:], 61), 90)
    return inside(np.concatenate([upper, lower]), 2.2)
