"""Sits a painted double in its shot: grey where the film is grey, flat where it is flat, smeared as it moves."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.raster import Canvas
from veil.nouns.cast import Face
from veil.nouns.light import FLOOR, PLAIN, basis

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_COLOURLESS = (0.02, 0.08)  # spread of the channels of skin, of its luma: grey, coloured
_OPEN = 0.3  # of a frame's time a shutter is open: nobody tells us; an interview's usually is for a half to a fifth
_LEAST_PX = 1.5  # a smear shorter than this is none
_FLATTEST = 0.5  # of a graded picture's contrast


def in_the_shot(canvas: Canvas, face: Face, skin: NDArray[np.float32], size_px: float) -> Canvas:
    """Return the canvas (H, W, 4) with the colour, contrast and smear of the shot; its cover gets no weaker.

    `skin` (3,) is the usual colour of the skin in the light of the face.
    """
    luma = max(float(skin @ _LUMA), 4.0)
    spread = float(np.ptp(skin)) / luma
    coloured = float(np.clip((spread - _COLOURLESS[0]) / (_COLOURLESS[1] - _COLOURLESS[0]), 0, 1))
    if coloured < 1:
        grey = canvas[..., :3] @ _LUMA
        canvas[..., :3] = grey[..., None] * (1 - coloured) + canvas[..., :3] * coloured
    contrast = float(np.clip(1 - 0.7 * face.lift / luma, _FLATTEST, 1))
    if contrast < 0.98:
        canvas = _flattened(canvas, contrast, size_px)
    right, down = (_OPEN * way for way in face.step)
    length = float(np.hypot(right, down))
    if _LEAST_PX < length < 0.5 * size_px:
        canvas = _smeared(canvas, right, down, length)
    return canvas


def skin_colour(face: Face) -> NDArray[np.float32]:
    """Return the usual colour (3,) of the skin in the light of a face, code values."""
    return np.asarray(np.exp(np.median((basis(face.mesh) @ face.light)[PLAIN[:, 0]], 0)) - FLOOR, np.float32)


def _flattened(canvas: Canvas, contrast: float, size_px: float) -> Canvas:
    """Return the canvas with the contrast of all that is finer than the light on it lowered."""
    sigma = max(1.0, 0.09 * size_px)
    shrink = max(1, int(sigma / 3))
    small = cv2.resize(
        canvas, (max(1, canvas.shape[1] // shrink), max(1, canvas.shape[0] // shrink)), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    soft = cv2.resize(soft, canvas.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    light = soft[..., :3] / np.maximum(soft[..., 3:], 1e-3) * canvas[..., 3:]
    flat = canvas.copy()
    flat[..., :3] = light + contrast * (canvas[..., :3] - light)
    return flat


def _smeared(canvas: Canvas, right: float, down: float, length: float) -> Canvas:
    """Return the canvas smeared along a way in pixels."""
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.uint8)
    sixteenth = 16
    ends = [(round((half + s * right / 2) * sixteenth), round((half + s * down / 2) * sixteenth)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], (255,), 1, cv2.LINE_AA, 4)
    share = (kernel / max(float(kernel.sum()), 1.0)).astype(np.float32)
    smeared = cv2.filter2D(canvas, -1, share, borderType=cv2.BORDER_CONSTANT)
    cover = np.maximum(canvas[..., 3:], smeared[..., 3:])
    colour = smeared[..., :3] * (cover / np.maximum(smeared[..., 3:], 1e-3))
    return np.dstack([colour, cover]).astype(np.float32)
