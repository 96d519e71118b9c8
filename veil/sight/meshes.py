"""Fits the face mesh: 478 points of one face in one picture, and what the muscles do.

The nets are MediaPipe's face landmarker (Kartynnik et al. 2019; Grishchenko et al. 2020, attention mesh) run by
themselves; the cropping is ours. Depth (z) is in pixels too; nearer is negative.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, tflite_net
from veil.models.topology import BLENDSHAPE_POINTS
from veil.nouns.picture import Picture, Pixels, Points

CROP_SIDE = 256
_MARGIN = 1.5  # the crop is this many times as wide as the face, as in MediaPipe's graph


@dataclass(frozen=True)
class Place:
    """Where a face is looked at: centre, side of the square and roll, in upright pixels and radians."""

    x: float
    y: float
    side: float
    roll: float

    def to_crop(self) -> NDArray[np.float64]:
        """Return the 2x3 matrix from picture to crop pixels."""
        scale = CROP_SIDE / self.side
        c, s = np.cos(-self.roll) * scale, np.sin(-self.roll) * scale
        half = CROP_SIDE / 2
        return np.array([[c, -s, half - c * self.x + s * self.y], [s, c, half - s * self.x - c * self.y]])


def place_of_box(left: float, top: float, right: float, bottom: float, eyes: NDArray[np.floating]) -> Place:
    """Return where to look for the mesh of a face that a detector saw with these eyes (right, left)."""
    across = eyes[1] - eyes[0]
    side = max(right - left, bottom - top) * _MARGIN
    return Place((left + right) / 2, (top + bottom) / 2, side, float(np.arctan2(across[1], across[0])))


def place_of_points(points: Points) -> Place:
    """Return where to look for a face whose points (478, 2+) were here a moment ago."""
    across = points[263, :2] - points[33, :2]
    roll = float(np.arctan2(across[1], across[0]))
    c, s = np.cos(-roll), np.sin(-roll)
    turned = points[:468, :2] @ np.array([[c, s], [-s, c]])
    low, high = turned.min(0), turned.max(0)
    middle = (low + high) / 2 @ np.array([[c, -s], [s, c]])
    return Place(float(middle[0]), float(middle[1]), float((high - low).max()) * _MARGIN, roll)


class Mesher:
    """Fits meshes; holds two nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._landmarks: Net = tflite_net("face_landmarks", "sight")
        self._blendshapes: Net = tflite_net("face_blendshapes", "sight")

    def fit(self, picture: Picture, place: Place) -> tuple[Points, float, Pixels]:
        """Return the points (478, 3) in picture pixels, the chance 0..1 that a face is there, and the crop seen."""
        to_crop = place.to_crop()
        crop = picture.warped(to_crop, CROP_SIDE)
        outputs = self._landmarks(np.multiply(crop, np.float32(1 / 255), dtype=np.float32)[None])
        points = outputs[0].reshape(-1, 3).astype(np.float32)
        presence = 1 / (1 + float(np.exp(-outputs[1].reshape(-1)[0])))
        back = cv2.invertAffineTransform(to_crop).astype(np.float32)
        placed = np.empty_like(points)
        placed[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        placed[:, 2] = points[:, 2] * (place.side / CROP_SIDE)
        return placed, presence, crop

    def expression(self, points: Points) -> NDArray[np.float32]:
        """Return the 52 blendshape weights, 0..1, in the order of `topology.BLENDSHAPES`."""
        return self._blendshapes(points[None, BLENDSHAPE_POINTS, :2].astype(np.float32))[0].reshape(52).copy()
