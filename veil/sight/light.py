"""Measures the light on a face, and the grain and softness of the shot around it; marks and scars are outvoted."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import INNER_LIPS, LEFT_BROW, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_BROW, RIGHT_EYE, SKIN
from veil.nouns.light import FLOOR, LIGHT_TERMS, Light, basis
from veil.nouns.picture import Pixels, Points

_features = np.concatenate([INNER_LIPS, OUTER_LIPS, LEFT_EYE, RIGHT_EYE, LEFT_BROW, RIGHT_BROW])
_near_features = np.unique(SKIN[np.isin(SKIN, _features).any(1)])
PLAIN = np.setdiff1d(np.arange(468), np.concatenate([_near_features, OVAL]))
"""Points of plain skin: forehead, cheeks, nose, chin."""

_RIDGE = np.array([0.0, 1, 1, 1, 8, 8, 8, 8, 8, 4, 4], np.float32)
"""How dearly each term is bought: form only where the skin shows it clearly."""


def measure_light(crop: Pixels, in_crop: Points) -> Light:
    """Return the light of a face whose points (478, 3) lie in `crop`.

    Weighted least squares with a ridge, reweighted three times by Tukey's biweight, so that what differs from its
    surroundings (scars, paint, glasses, hair, beard) loses its vote.
    """
    terms = basis(in_crop)
    frontal = terms[PLAIN, 3] < -0.2
    points = PLAIN[frontal] if frontal.sum() > 40 else PLAIN
    size = max(3, round(float(np.ptp(in_crop[OVAL, 0])) * 0.07) | 1)
    soft = cv2.blur(crop, (size, size))
    x = np.clip(in_crop[points, 0].round().astype(int), 0, crop.shape[1] - 1)
    y = np.clip(in_crop[points, 1].round().astype(int), 0, crop.shape[0] - 1)
    logs = np.log(soft[y, x].astype(np.float32) + FLOOR)
    return _robust_fit(terms[points], logs)


def _robust_fit(terms: NDArray[np.float32], logs: NDArray[np.float32]) -> Light:
    weights = np.ones(len(terms), np.float32)
    fitted = np.zeros((LIGHT_TERMS, 3), np.float32)
    for _ in range(4):
        weighted = terms * weights[:, None]
        normal = weighted.T @ terms + np.diag(_RIDGE)
        # The ridge pulls form to zero, not brightness: the constant term goes free.
        fitted = np.linalg.solve(normal, weighted.T @ logs).astype(np.float32)
        off = np.abs(logs - terms @ fitted).max(1)
        scale = 4.7 * 1.48 * max(float(np.median(off)), 0.01)
        weights = np.square(np.maximum(0, 1 - np.square(off / scale))).astype(np.float32)
    return fitted


def measure_grain(crop: Pixels, in_crop: Points, scale: float) -> tuple[float, float]:
    """Return noise (standard deviation in code values) beside the face, and softness of the shot in picture pixels.

    Looks only outside the face's oval: nothing of the face crosses. `scale` is crop pixels per picture pixel; noise
    is the calmest tenth of small blocks (Immerkaer 1996), softness the sharpest edge found (0 where unknown).
    """
    luma = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    outside = np.ones(luma.shape, np.uint8)
    cv2.fillConvexPoly(outside, cv2.convexHull(in_crop[OVAL, :2].round().astype(np.int32)), 0)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(luma, -1, kernel)) / 6 * 1.2533
    blocks = cv2.resize(rough, (32, 32), interpolation=cv2.INTER_AREA)
    free = cv2.resize(outside, (32, 32), interpolation=cv2.INTER_NEAREST) > 0
    noise = float(np.percentile(blocks[free], 10)) if free.sum() > 20 else 0.0
    return noise * max(1.0, min(scale, 2.0) ** 0.5), _softness(luma, outside) / max(scale, 1e-3)


def _softness(luma: NDArray[np.float32], outside: NDArray[np.uint8]) -> float:
    """Return the standard deviation, in crop pixels, of the sharpest clear edge outside the face; 0 where none."""
    across = np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(luma, cv2.CV_32F, 0, 1) / 8)
    spread = cv2.dilate(luma, np.ones((9, 9))) - cv2.erode(luma, np.ones((9, 9)))
    clear = (outside > 0) & (spread > 40)
    if clear.sum() < 30:
        return 0.0
    steepest = float(np.percentile(across[clear] / spread[clear], 98))
    return max(0.0, 0.399 / max(steepest, 1e-3) - 0.8)
