"""The halo: the picture grows soft around a double, so that the viewer feels the face and still knows.

It is made of the picture that is already dressed, where the face's own pixels are no more. The outline itself, where
paint and film mix, is left out of it: nothing that lies there is spread.
"""

import cv2
import numpy as np
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
        inside, outside = _away(face, dressed.shape[:2])
        near = np.clip(1 - np.maximum(inside / (_INWARDS * tall), outside / (self._out() * tall)), 0, 1)
        band = near * near * (3 - 2 * near) * (1 - face.strength)
        told = ((inside > _EDGE_PX[0]) | (outside > _EDGE_PX[1])).astype(np.float32)
        return _softened(dressed, band, told, self._share * _SOFT * tall)

    def _shows(self, face: Face) -> bool:
        return self._share > 0 and face.sure is Sure.FITTED and face.strength < 1 and _tall(face) >= _LEAST_PX

    def _out(self) -> float:
        return _OUTWARDS * min(_WIDER, 0.5 + 0.5 * self._share)


def _away(face: Face, shape: tuple[int, ...]) -> tuple[Values, Values]:
    """Return how far each pixel (H, W) lies inside the outline, and how far outside; 0 on the other side."""
    mask = np.zeros(shape, np.uint8)
    ring = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
    cv2.fillConvexPoly(mask, ring, 255)
    inside, outside = (cv2.distanceTransform(m, cv2.DIST_L2, 3) for m in (mask, 255 - mask))
    return np.asarray(inside, np.float32), np.asarray(outside, np.float32)


def _softened(picture: Pixels, band: Values, told: Values, sigma_px: float) -> Pixels:
    """Return the picture softened where `band` (H, W) is above 0, by its neighbours for which `told` is 1."""
    left, top, width, height = cv2.boundingRect((band > 0).view(np.uint8))
    if not width:
        return picture
    margin_px = int(np.ceil(3 * sigma_px))
    wide = (
        slice(max(0, top - margin_px), top + height + margin_px),
        slice(max(0, left - margin_px), left + width + margin_px),
    )
    layer = np.dstack([picture[wide] * told[wide][..., None], told[wide]]).astype(np.float32)
    layer = _blurred(layer, sigma_px)
    weight = layer[..., 3:]
    share = band[wide][..., None] * np.clip(weight / _ENOUGH, 0, 1)
    part = picture[wide].astype(np.float32)
    part += (layer[..., :3] / np.maximum(weight, 1e-4) - part) * share
    out = picture.copy()
    out[wide] = np.clip(part + 0.5, 0, 255).astype(np.uint8)
    return out


def _blurred(layer: Values, sigma_px: float) -> Values:
    smaller = max(1, int(sigma_px / _SMALL_PX))
    height, width = layer.shape[:2]
    if smaller > 1:
        size = max(2, round(width / smaller)), max(2, round(height / smaller))
        layer = np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_AREA), np.float32)
    soft = cv2.GaussianBlur(layer, (0, 0), sigma_px / smaller, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _tall(face: Face) -> float:
    """Return the height of a face, pixels."""
    return float(np.linalg.norm(face.mesh[10, :2] - face.mesh[152, :2]))
