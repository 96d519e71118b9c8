"""The halo: the picture grows soft around a double, so that the viewer feels the face and still knows.

It is made of the picture that is already dressed, where the face's own pixels are no more. The outline itself, where
paint and film mix, is left out of it: nothing that lies there is spread.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.disguise.contract import Disguise, Strength
from veil.models.topology import OVAL
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Box, Pixels

_INWARDS, _OUTWARDS = 0.04, 0.1  # of the face's height: how far the softness reaches from the outline
_SOFT = 0.015  # of the face's height: sigma of the softest place
_WIDER = 1.4  # of the softness at the very most: the band grows with the dial, but less than it
_SMALL_PX = 2.5  # a wider softness is made on a smaller picture, of this sigma
_EDGE_PX = 4.0, 3.0  # so far inside and outside the outline paint and film may be mixed
_ENOUGH = 0.15  # of what lies around must be told for a place to be softened in full
_LEAST_PX = 48  # of a face's height: on smaller ones nobody sees a halo
Values = NDArray[np.float32]


class Haloed:
    """A disguise with a soft band around it; `share` is 1 for the usual softness, up to 3."""

    def __init__(self, worn: Disguise, share: float) -> None:
        self._worn, self._share = worn, share

    @property
    def name(self) -> str:
        return self._worn.name

    @property
    def strength(self) -> Strength:
        return self._worn.strength

    def reach(self, face: Face) -> Box:
        """Return what the disguise itself needs, and the band."""
        own = self._worn.reach(face)
        if not self._shows(face):
            return own
        margin_px = int(np.ceil(_tall(face) * (self._out() + 2 * _SOFT * self._share))) + 2
        outline = Box.around(face.mesh[OVAL])
        band = Box(
            outline.left - margin_px, outline.top - margin_px, outline.right + margin_px, outline.bottom + margin_px
        )
        return Box.union((own, band))

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch in its disguise, softened around the outline; the shadow, as it comes, takes the halo."""
        dressed = self._worn.wear(patch, face, seed)
        if not self._shows(face):
            return dressed
        tall = _tall(face)
        sigma_px, widths_px = self._share * _SOFT * tall, (_INWARDS * tall, self._out() * tall)
        ring = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
        margin_px = int(np.ceil(widths_px[1] + 3 * sigma_px)) + 2
        left, top, width, height = cv2.boundingRect(ring)
        here = Box(left - margin_px, top - margin_px, left + width + margin_px, top + height + margin_px)
        here = here.clipped(dressed.shape[1], dressed.shape[0])
        if not here.area:
            return dressed
        rows, columns = slice(here.top, here.bottom), slice(here.left, here.right)
        part = np.ascontiguousarray(dressed[rows, columns])
        moved = np.asarray(ring - np.array([here.left, here.top]), np.int32)
        inside, outside = _away(moved, part.shape[:2])
        out = dressed.copy()
        _mix(
            part,
            _soft(part, inside, outside, sigma_px),
            inside,
            outside,
            widths_px,
            1 - face.strength,
            out[rows, columns],
        )
        return out

    def _shows(self, face: Face) -> bool:
        return self._share > 0 and face.sure is Sure.FITTED and face.strength < 1 and _tall(face) >= _LEAST_PX

    def _out(self) -> float:
        return _OUTWARDS * min(_WIDER, 0.5 + 0.5 * self._share)


def _away(ring: NDArray[np.int32], shape: tuple[int, ...]) -> tuple[Values, Values]:
    """Return how far each pixel (H, W) lies inside a ring, and how far outside; 0 on the other side."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, ring, 255)
    inside, outside = (cv2.distanceTransform(m, cv2.DIST_L2, 3) for m in (mask, 255 - mask))
    return np.asarray(inside, np.float32), np.asarray(outside, np.float32)


def _soft(picture: Pixels, inside: Values, outside: Values, sigma_px: float) -> Values:
    """Return the softened picture times how much of it is known, and that, (H, W, 4); the outline is not asked."""
    told = ((inside > _EDGE_PX[0]) | (outside > _EDGE_PX[1])).view(np.uint8) * np.uint8(255)
    layer = cv2.merge([cv2.bitwise_and(picture, picture, mask=told), told])
    smaller = max(1, int(sigma_px / _SMALL_PX))
    height, width = told.shape[:2]
    if smaller > 1:
        size = max(2, round(width / smaller)), max(2, round(height / smaller))
        layer = cv2.resize(layer, size, interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(layer.astype(np.float32), (0, 0), sigma_px / smaller, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _mix(
    picture: Pixels,
    soft: Values,
    inside: Values,
    outside: Values,
    widths_px: tuple[float, float],
    strength: float,
    out: Pixels,
) -> None:
    """Write the soft picture over the sharp one into `out`: most on the outline, nothing `widths_px` away from it."""
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            near = 1 - max(inside[y, x] / widths_px[0], outside[y, x] / widths_px[1])
            known = soft[y, x, 3] / 255
            if near <= 0 or known < 1e-3:
                continue
            share = near * near * (3 - 2 * near) * strength * min(1.0, known / _ENOUGH)
            for c in range(3):
                value = picture[y, x, c] * (1 - share) + soft[y, x, c] / known * share
                out[y, x, c] = np.uint8(min(max(value + 0.5, 0.0), 255.0))


def _tall(face: Face) -> float:
    """Return the height of a face, pixels."""
    return float(np.linalg.norm(face.mesh[10, :2] - face.mesh[152, :2]))
