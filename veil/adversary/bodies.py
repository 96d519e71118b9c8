"""Finds heads by the bodies they sit on, with MoveNet: a nose, eyes and ears where shoulders say that they should be.

A detector of faces can miss a profile, or half a head behind a lamp; a net that looks for bodies has other blind spots.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.picture import Box, Picture, Points

_LONGEST_PX, _CELL_PX = 256, 4
_NOSE, _EYES, _EARS = 0, (1, 2), (3, 4)
_SURE, _LIKELY = 0.4, 0.3  # scores of the nose, and of what must be beside it
_REACH = 0.12  # of the longer side: as far from the nose may eyes and ears be
_CLOSER = 3.0  # times a head's width is cut out for the second look


@dataclass(frozen=True, eq=False)
class Head:
    """A head that shows its face, also from the side: `points` (n, 2) are the nose, then eyes and ears."""

    box: Box
    score: float  # 0..1
    points: Points


class Bodies:
    """Looks for heads; holds one net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = onnx_net("movenet", "adversary")

    def heads(self, picture: Picture) -> list[Head]:
        """Return the heads whose nose shows with an eye, and with another eye or an ear; sure ones only.

        A head counts when a second look from nearby sees it too. The back of a head shows no nose: it is none.
        """
        return [h for h in self._look(picture, picture.box) if self._again(picture, h)]

    def _again(self, picture: Picture, head: Head) -> bool:
        around = head.box.grown(_CLOSER / 2).clipped(picture.width, picture.height)
        return any(closer.box.shared_px(head.box) > 0.2 * head.box.area for closer in self._look(picture, around))

    def _look(self, picture: Picture, part: Box) -> list[Head]:
        part = picture.even(part)
        if min(part.width, part.height) < 2:
            return []
        scale = _LONGEST_PX / max(part.width, part.height)
        width, height = (max(32, round(v * scale / 32) * 32) for v in (part.width, part.height))
        pixels = picture.scaled(part, width, height)
        maps = self._net(np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)[None])[0][0]
        ratio = np.array([part.width / maps.shape[2], part.height / maps.shape[1]], np.float32)
        found = []
        for nose, score in _peaks(maps[_NOSE], _SURE):
            reach = _REACH * max(maps.shape[1:])
            eyes, ears = (_beside(maps, which, nose, reach) for which in (_EYES, _EARS))
            if eyes and len(eyes) + len(ears) >= 2:
                points = np.array([nose, *eyes, *ears], np.float32) + 0.5
                found.append(_head(points * ratio + (part.left, part.top), score))
        return found


def _head(points: Points, score: float) -> Head:
    """Return a head by its points: as wide as they reach from the nose, on both sides."""
    reach = float(np.linalg.norm(points - points[0], axis=1).max())
    middle = points.mean(0)
    corners = np.stack([middle - 1.2 * reach, middle + 1.2 * reach])
    return Head(Box.around(corners), score, points.astype(np.float32))


def _beside(maps: NDArray[np.float32], which: tuple[int, ...], nose: Points, reach: float) -> list[Points]:
    """Return of each of some points the likely place nearest to a nose, where there is one within reach."""
    found = []
    for each in which:
        places = [p for p, _ in _peaks(maps[each], _LIKELY) if np.linalg.norm(p - nose) <= reach]
        if places:
            found.append(min(places, key=lambda p: float(np.linalg.norm(p - nose))))
    return found


def _peaks(values: NDArray[np.float32], least: float) -> list[tuple[Points, float]]:
    """Return (x, y) in cells and the score of every place that is no less than its neighbours."""
    highest = cv2.dilate(values, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((values >= least) & (values >= highest))
    return [
        (np.array([x, y], np.float32), float(values[y, x]))
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
