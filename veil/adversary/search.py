"""Searches a picture for faces with CenterFace (Xu et al. 2019), which the defence does not use."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.picture import Box, Picture, Pixels, Points

_CELL = 4


@dataclass(frozen=True, eq=False)
class Sight:
    """A face that a detector sees: `points` (5, 2) are the eyes, the nose and the mouth's corners, in upright pixels.

    The points come from left to right as the face shows them when it is upright, whichever way the picture lies.
    """

    box: Box
    score: float  # 0..1
    points: Points


class Search:
    """Looks for faces; holds one net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = onnx_net("centerface", "adversary")

    def sights(self, picture: Picture, longest: int, least: float, part: Box | None = None) -> list[Sight]:
        """Return every face scored at least `least` in a part of the picture (default: all), best first.

        The part is brought to about `longest` pixels on its longer side: the net finds faces of 8 px and more.
        """
        part = picture.even(part or picture.box)
        if min(part.width, part.height) < 2:
            return []
        scale = longest / max(part.width, part.height)
        scale = min(1.5 if part == picture.box else 4.0, scale)
        width, height = (max(32, round(v * scale / 32) * 32) for v in (part.width, part.height))
        return self.seen(picture.scaled(part, width, height), least, part)

    def seen(self, pixels: Pixels, least: float, place: Box) -> list[Sight]:
        """Return the faces in pixels (sides a multiple of 32) that show `place` of a picture, in its coordinates."""
        height, width = pixels.shape[:2]
        heat, size, offset, marks = self._net(np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)[None])
        rows, columns = np.where(heat[0, 0] >= least)
        if not len(rows):
            return []
        high, wide = np.exp(size[0, :, rows, columns]).T * _CELL
        middle_y = (rows + offset[0, 0, rows, columns] + 0.5) * _CELL
        middle_x = (columns + offset[0, 1, rows, columns] + 0.5) * _CELL
        ratio = np.array([place.width / width, place.height / height])
        corner = np.stack([middle_x - wide / 2, middle_y - high / 2], 1)
        extent = np.stack([wide, high], 1)
        # Marks come as (y, x) pairs, in shares of the box, counted from its corner.
        shares = marks[0, :, rows, columns].reshape(-1, 5, 2)[:, :, ::-1]
        points = (corner[:, None] + shares * extent[:, None]) * ratio + (place.left, place.top)
        boxes = np.concatenate([corner * ratio + (place.left, place.top), extent * ratio], 1)
        scores = heat[0, 0, rows, columns].astype(float)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least, 0.3)
        return [
            Sight(_box(boxes[i]), float(scores[i]), points[i].astype(np.float32))
            for i in np.array(kept, np.int64).reshape(-1)
        ]


def _box(corner_and_size: NDArray[np.float64]) -> Box:
    left, top, width, height = (float(v) for v in corner_and_size)
    return Box(round(left), round(top), round(left + width), round(top + height))
