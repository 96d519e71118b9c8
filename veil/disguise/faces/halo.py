"""The halo: the picture grows soft around a double, so that the viewer feels the face and still knows.

It is made of the picture in which everyone is dressed already, where no face's own pixels are left. The outline itself,
where paint and film mix, is left out of it: nothing that lies there is spread.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.models.topology import OVAL
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Box, Pixels

_INWARDS, _OUTWARDS = 0.04, 0.06  # of the face's height: how far the softness reaches from the outline
_SOFT = 0.012  # of the face's height: sigma of the softest place
_WIDER = 1.4  # of the softness at the very most: the band grows with the dial, but less than it
_SMALL_PX = 1.8  # a softness twice as wide is made on a smaller picture, of at least this sigma
_EDGE_PX = 4.0, 5.0  # so far inside and outside the outline paint and film may be mixed: colour is kept coarser
_ENOUGH = 0.15  # of what lies around must be told for a place to be softened in full
_LEAST_PX = 48  # of a face's height: on smaller ones nobody sees a halo
Values = NDArray[np.float32]


class Halo:
    """A soft band around doubles; `share` is 1 for the usual softness, up to 3, and 0 for none."""

    def __init__(self, share: float) -> None:
        self._share = share

    def reach(self, face: Face) -> Box:
        """Return the part of the picture that it needs, which may lie outside of it; empty where there is no halo."""
        tall = _tall(face)
        if self._share <= 0 or face.sure is not Sure.FITTED or face.strength >= 1 or tall < _LEAST_PX:
            return Box(0, 0, 0, 0)
        margin_px = int(np.ceil(self._out_px(tall) + 3 * self._sigma_px(tall))) + 2
        ring = Box.around(face.mesh[OVAL])
        return Box(ring.left - margin_px, ring.top - margin_px, ring.right + margin_px, ring.bottom + margin_px)

    def lay(self, patch: Pixels, face: Face, nearer: Sequence[Face] = (), before: Values | None = None) -> Pixels:
        """Return a new patch, softened around the outline of a face; as its shadow comes the halo goes.

        `patch` holds a picture in which everyone is dressed. What lies on `nearer` faces, or by its share in `before`
        (H, W), is in front, and stays sharp.
        """
        tall = _tall(face)
        inside, outside = _away(face, patch.shape[:2])
        soft, halvings = _soft(patch, _told(inside, outside, before), self._sigma_px(tall))
        sharp = np.zeros(patch.shape[:2], np.float32) if before is None else before.astype(np.float32)
        for other in nearer:
            cv2.fillConvexPoly(sharp, _ring(other), 1.0)
        widths_px = _INWARDS * tall, self._out_px(tall)
        out = patch.copy()
        _mix(patch, soft, halvings, inside, outside, sharp, widths_px, 1 - face.strength, out)
        return out

    def _out_px(self, tall: float) -> float:
        return _OUTWARDS * min(_WIDER, 0.5 + 0.5 * self._share) * tall

    def _sigma_px(self, tall: float) -> float:
        return self._share * _SOFT * tall


def _ring(face: Face) -> NDArray[np.int32]:
    ring = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
    return np.asarray(ring, np.int32)


def _away(face: Face, shape: tuple[int, ...]) -> tuple[Values, Values]:
    """Return how far each pixel (H, W) lies inside a face's outline, and how far outside; 0 on the other side."""
    ring, mask = _ring(face), np.full(shape, 255, np.uint8)
    cv2.fillConvexPoly(mask, ring, 0)
    outside, inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3), np.zeros(shape, np.float32)
    box = Box.around(ring[:, 0].astype(np.float32)).grown(0.01).clipped(shape[1], shape[0])
    if box.area:
        part = slice(box.top, box.bottom), slice(box.left, box.right)
        inside[part] = cv2.distanceTransform(cv2.bitwise_not(mask[part]), cv2.DIST_L2, 3)
    return inside, np.asarray(outside, np.float32)


def _told(inside: Values, outside: Values, before: Values | None) -> NDArray[np.uint8]:
    """Return which pixels (H, W) may be spread, 255: none at the outline, nor where something is kept in front.

    At the edge of what is kept the film's own face may be mixed in, as it is at the outline.
    """
    told = ((inside > _EDGE_PX[0]) | (outside > _EDGE_PX[1])).view(np.uint8) * np.uint8(255)
    if before is not None:
        side = 2 * round(_EDGE_PX[1]) + 1
        told[cv2.dilate((before > 0).view(np.uint8), np.ones((side, side), np.uint8)) > 0] = 0
    return told


def _soft(picture: Pixels, told: NDArray[np.uint8], sigma_px: float) -> tuple[Values, int]:
    """Return the softened picture times how much of it is known, and that, (h, w, 4); the rest is not asked.

    Where the softness is wide it is made on a picture halved so many times as is told, too.
    """
    layer, halvings = np.asarray(cv2.merge([cv2.bitwise_and(picture, picture, mask=told), told]), np.uint8), 0
    while sigma_px / 2**halvings >= 2 * _SMALL_PX:
        layer, halvings = np.asarray(cv2.pyrDown(layer), np.uint8), halvings + 1
    sigma = np.sqrt(sigma_px**2 - (4**halvings - 1) / 2) / 2**halvings  # making it small and large again softens too
    soft = cv2.GaussianBlur(layer.astype(np.float32), (0, 0), float(sigma), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft, np.float32), halvings


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _mix(
    picture: Pixels,
    soft: Values,
    halvings: int,
    inside: Values,
    outside: Values,
    sharp: Values,
    widths_px: tuple[float, float],
    strength: float,
    out: Pixels,
) -> None:
    """Write the soft picture over the sharp one into `out`: most on the outline, nothing `widths_px` away from it."""
    height, width = picture.shape[:2]
    rows, columns = soft.shape[0], soft.shape[1]
    small, narrow = 1 << halvings, (1 / widths_px[0], 1 / widths_px[1])
    for y in range(height):
        top = y >> halvings
        low = (y - top * small) / small
        upper, lower = soft[top], soft[min(top + 1, rows - 1)]
        for x in range(width):
            near = 1 - max(inside[y, x] * narrow[0], outside[y, x] * narrow[1])
            if near <= 0:
                continue
            left = x >> halvings
            right, far = min(left + 1, columns - 1), (x - left * small) / small
            a, b, c, d = (1 - low) * (1 - far), (1 - low) * far, low * (1 - far), low * far
            known = a * upper[left, 3] + b * upper[right, 3] + c * lower[left, 3] + d * lower[right, 3]
            if known < 1e-3 * 255:
                continue
            share = near * near * (3 - 2 * near) * strength * min(1.0, known / (255 * _ENOUGH)) * (1 - sharp[y, x])
            spread = share * 255 / known
            for k in range(3):
                told = a * upper[left, k] + b * upper[right, k] + c * lower[left, k] + d * lower[right, k]
                value = picture[y, x, k] * (1 - share) + told * spread
                out[y, x, k] = np.uint8(min(max(value + 0.5, 0.0), 255.0))


def _tall(face: Face) -> float:
    """Return the height of a face, pixels."""
    return float(np.linalg.norm(face.mesh[10, :2] - face.mesh[152, :2]))
