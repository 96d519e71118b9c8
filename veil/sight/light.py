"""Measures the light on a face, and the grain and softness of the shot around it; marks and scars are outvoted."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import OVAL
from veil.nouns.light import AREAS, FLOOR, PLAIN, Light, basis, robust_light
from veil.nouns.picture import Pixels, Points

_HUE = 0.12  # logarithm of red over blue: what differs by more from most of the face is hardly skin
_FARTHEST = 13  # pixels across what the filters below see at once: none of them may reach into the face


def measure_light(crop: Pixels, in_crop: Points) -> Light:
    """Return the light of a face whose points (478, 3) lie in `crop`.

    Weighted least squares with a ridge, reweighted three times by Tukey's biweight, so that what differs from its
    surroundings (scars, paint, glasses, hair, beard) loses its vote.
    """
    terms = basis(in_crop)[PLAIN].mean(1)
    places = in_crop[PLAIN, :2].mean(1)
    size = max(3, round(float(np.ptp(in_crop[OVAL, 0])) * 0.06) | 1)
    soft = cv2.blur(crop, (size, size))
    x = np.clip(places[:, 0].round().astype(int), 0, crop.shape[1] - 1)
    y = np.clip(places[:, 1].round().astype(int), 0, crop.shape[0] - 1)
    logs = np.log(soft[y, x].astype(np.float32) + FLOOR)
    # Shade leaves skin its hue; hair over it does not.
    hue = logs[:, 0] - logs[:, 2]
    usual = float(np.median(hue))
    skin = np.exp(-np.square((hue - usual) / max(_HUE, 0.5 * abs(usual)))).astype(np.float32)
    return robust_light(terms, logs, AREAS * np.clip(-terms[:, 3] - 0.1, 0.02, 1) * skin)


def measure_grain(crop: Pixels, in_crop: Points, scale: float) -> tuple[float, float]:
    """Return noise (standard deviation in code values) beside the face, and softness of the shot in picture pixels.

    Looks only outside the face's oval: nothing of the face crosses. `scale` is crop pixels per picture pixel; noise
    is the calmest tenth of small blocks (Immerkaer 1996), softness the sharpest edge found (0 where unknown).
    """
    luma, outside = _beside(crop, in_crop)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(luma, -1, kernel)) / 6 * 1.2533
    blocks = cv2.resize(rough, (32, 32), interpolation=cv2.INTER_AREA)
    free = cv2.resize(outside, (32, 32), interpolation=cv2.INTER_NEAREST) > 0
    noise = float(np.percentile(blocks[free], 10)) if free.sum() > 20 else 0.0
    return noise * max(1.0, min(scale, 2.0) ** 0.5), _softness(luma, outside) / max(scale, 1e-3)


def measure_look(crop: Pixels, in_crop: Points, scale: float) -> tuple[float, float]:
    """Return how large the noise's grains are (standard deviation in picture pixels), and how bright black is.

    Looks only outside the face's oval. Grains are told by how alike neighbours are in the calmest blocks; 0 where the
    crop shrinks the picture too much to tell. Black is lifted (code values, else 0) only in a flat picture, which has
    no bright white either, as log material has.
    """
    luma, outside = _beside(crop, in_crop)
    seen = luma[outside > 0]
    if len(seen) < 500:
        return 0.0, 0.0
    dark, bright = np.percentile(seen, [2, 99])
    flat = np.clip((200 - bright) / 20, 0, 1) * np.clip((dark - 30) / 15, 0, 1)
    return _grains(luma, outside, scale), float(dark * flat)


_ALIKE = ((-0.02, 0.05, 0.22, 0.39, 0.52, 0.61, 0.72, 0.78, 0.84, 0.89), (0, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.5, 2))
"""How alike neighbours are in white noise that was blurred by so many pixels, freed of what is larger than _LARGE."""
_LARGE = 3.0
_WARPED = 0.35  # pixels by which the crop was blurred when it was taken


def _grains(luma: NDArray[np.float32], outside: NDArray[np.uint8], scale: float) -> float:
    if scale < 0.6:
        return 0.0
    fine = luma - cv2.GaussianBlur(luma, (_FARTHEST, _FARTHEST), _LARGE)
    power = cv2.resize(fine * fine, (32, 32), interpolation=cv2.INTER_AREA)
    free = cv2.resize(outside, (32, 32), interpolation=cv2.INTER_NEAREST) > 0
    if free.sum() < 40:
        return 0.0
    calm = free & (power <= np.percentile(power[free], 25))
    beside = (fine * np.roll(fine, 1, 1) + fine * np.roll(fine, 1, 0)) / 2
    alike = cv2.resize(beside, (32, 32), interpolation=cv2.INTER_AREA)[calm].sum() / max(power[calm].sum(), 1e-3)
    blur = float(np.interp(alike, *_ALIKE))
    return float(np.sqrt(max(0.0, blur * blur - _WARPED**2)) / scale)


def _beside(crop: Pixels, in_crop: Points) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the luma of a crop, and 1 where nothing of the face is near."""
    luma = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    outside = np.ones(luma.shape, np.uint8)
    cv2.fillConvexPoly(outside, cv2.convexHull(in_crop[OVAL, :2].round().astype(np.int32)), 0)
    return luma, cv2.erode(outside, np.ones((_FARTHEST, _FARTHEST), np.uint8)).astype(np.uint8, copy=False)


def _softness(luma: NDArray[np.float32], outside: NDArray[np.uint8]) -> float:
    """Return the standard deviation, in crop pixels, of the sharpest clear edge outside the face; 0 where none."""
    across = np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(luma, cv2.CV_32F, 0, 1) / 8)
    spread = cv2.dilate(luma, np.ones((9, 9))) - cv2.erode(luma, np.ones((9, 9)))
    clear = (outside > 0) & (spread > 40)
    if clear.sum() < 30:
        return 0.0
    steepest = float(np.percentile(across[clear] / spread[clear], 98))
    return max(0.0, 0.399 / max(steepest, 1e-3) - 0.8)
