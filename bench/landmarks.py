"""Finds landmarks for the measures: the mesh of every face in a still, and crops aligned on it.

The measures look with the nets of `veil.sight` (there is no better permissive mesh), but follow faces themselves: a
face that Veil's own tracks lose is not lost here for the same reason.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box, Picture, Pixels, Points
from veil.sight.detector import Detector, Sighting, merged, tiles
from veil.sight.meshes import Mesher, Place, place_of_box, place_of_points

SURE = 0.5
"""Presence from which a mesh counts as a face."""


class Eyes:
    """Detector and mesher together; for one thread."""

    def __init__(self) -> None:
        self.detector = Detector()
        self.mesher = Mesher()

    def faces(self, picture: Picture, *, deep: bool = False, least: float = 0.6) -> list[Sighting]:
        """Return the faces in a picture, the largest first; `deep` also looks at tiles of half and a quarter size."""
        longest = max(picture.width, picture.height)
        sides = [longest, *([max(192, longest // 2), max(192, longest // 4)] if deep else [])]
        found = [
            s
            for side in dict.fromkeys(sides)
            for tile in tiles(picture.width, picture.height, side)
            for s in self.detector.look(picture, tile, least)
        ]
        return sorted(merged(found), key=lambda s: -s.box.area)

    def at_box(self, picture: Picture, sighting: Sighting) -> tuple[Points, float]:
        """Return the mesh (478, 3) of a face that the detector saw, fitted twice, and its presence."""
        box = sighting.box
        first = place_of_box(box.left, box.top, box.right, box.bottom, sighting.eyes)
        points, _ = self.at(picture, first)
        return self.at(picture, place_of_points(points))

    def at(self, picture: Picture, place: Place) -> tuple[Points, float]:
        """Return the mesh (478, 3) fitted at a place, and its presence 0..1."""
        points, presence, _ = self.mesher.fit(picture, place)
        return points, presence

    def near(self, picture: Picture, points: Points) -> tuple[Points, float]:
        """Return the mesh of the face that was at these points a moment ago, and its presence."""
        return self.at(picture, place_of_points(points))


def picture_of(pixels: Pixels) -> Picture:
    """Return RGB pixels as a picture (4:2:0, so colour loses detail)."""
    height, width = pixels.shape[:2]
    half = ((height + 1) // 2, (width + 1) // 2)
    picture = Picture(np.zeros((height, width), np.uint8), np.zeros(half, np.uint8), np.zeros(half, np.uint8))
    picture.paste(picture.box, pixels ^ np.uint8(255), pixels)
    return picture


def crop(pixels: Pixels, to_crop: NDArray[np.float64], side: int) -> Pixels:
    """Return the square that an affine maps the pixels to; smoothed first where it shrinks a lot."""
    scale = float(np.sqrt(abs(np.linalg.det(to_crop[:, :2]))))
    if scale < 0.5:  # sample from a smaller copy, or fine grain turns into noise
        shrink = 2 * scale
        size = max(1, round(pixels.shape[1] * shrink)), max(1, round(pixels.shape[0] * shrink))
        ratio = np.array([size[0] / pixels.shape[1], size[1] / pixels.shape[0]])
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        to_crop = np.column_stack([to_crop[:, :2] / ratio, to_crop[:, 2]])
    return cv2.warpAffine(
        pixels, to_crop, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)


def around(points: Points, margin: float) -> Box:
    """Return the box around a mesh, grown by `margin` of its longer side."""
    return Box.around(points).grown(margin)


def inside(ring: NDArray[np.floating], shape: Sequence[int]) -> NDArray[np.bool_]:
    """Return the mask (H, W) of a closed ring of points."""
    mask = np.zeros(tuple(shape[:2]), np.uint8)
    cv2.fillPoly(mask, [np.round(ring[:, :2]).astype(np.int32)], 1)
    return mask.astype(bool)
