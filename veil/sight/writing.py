"""Finds written lines in a picture: signs, number plates, badges, screens, subtitles. It reads none of them.

PaddleOCR's text detector (PP-OCR): a net marks the heart of each line, its outline is grown back to the whole line.
Liao et al. 2020, "Real-time scene text detection with differentiable binarization".
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.picture import Box, Picture, Pixels, Points

Norm = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Mean and standard deviation of each channel, blue first, as a net was trained."""
HALF: Norm = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET: Norm = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_LONGEST_PX = 1280  # the picture is brought to this for the net
_MOST_WHOLE, _MOST_PART = 2.0, 4.0  # times by which the picture, or a part of it, is enlarged
_AROUND, _PART = 0.3, 0.6  # how far around writing more is looked for; only where that is a part of the picture
_GRID_PX = 32  # the net halves the picture five times
_LIKELY = 0.3  # where the net's map counts as writing
_GROWS = 1.9  # how far the outline grows, in areas over perimeters: the net was trained to see the heart only
_LEAST_PX = 5  # on the net's picture: lower lines cannot be read by anyone
_CLOSER_PX = (24, 36, 56)  # heights at which each line is looked at again
_FILLED = 0.15  # of a line's middle must be marked then


@dataclass(frozen=True, eq=False)
class Line:
    """A line of writing: its four corners (4, 2) in upright pixels, going round, and how sure the net is, 0..1."""

    corners: Points
    score: float

    @property
    def box(self) -> Box:
        return Box.around(self.corners)


class Writing:
    """Looks for writing with our own net or another of its kind; belongs to one thread, as its net does."""

    def __init__(self, net: Net | None = None, norm: Norm = HALF) -> None:
        self._net: Net = net or onnx_net("writing", "sight")
        self._norm = [np.array(values, np.float32) for values in norm]

    def look(self, picture: Picture, least: float = 0.5, tile: Box | None = None) -> list[Line]:
        """Return the lines in a picture (or a part of it) that are scored at least `least`, best first.

        Writing is writing at any size. Faces, hands and folds, which the net takes for it at one size (and scores up
        to 0.97), are not: each line is looked at again, closer, and dropped when it is not seen then.
        """
        lines = self._lines_in(picture, picture.even(tile or picture.box), least)
        if lines and tile is None:
            # Where there is writing there is more of it, smaller: on a jacket, on a shelf, below a name.
            near = picture.even(Box.union(line.box for line in lines).grown(_AROUND))
            if near.area < _PART * picture.box.area:
                known = [line.box for line in lines]
                more = self._lines_in(picture, near, least)
                lines += [m for m in more if all(m.box.shared_px(k) < 0.5 * m.box.area for k in known)]
        return sorted(lines, key=lambda line: -line.score)

    def _lines_in(self, picture: Picture, tile: Box, least: float) -> list[Line]:
        """Return the lines in an even part of the picture, each looked at twice."""
        if not tile.area:
            return []
        most = _MOST_WHOLE if tile == picture.box else _MOST_PART
        scale = min(_LONGEST_PX / max(tile.width, tile.height), most)
        width, height = (max(1, round(side * scale / _GRID_PX)) * _GRID_PX for side in (tile.width, tile.height))
        marked = self._marked(picture.scaled(tile, width, height))
        back = np.array([tile.width / width, tile.height / height], np.float32)
        origin = np.array([tile.left, tile.top], np.float32)
        lines = [Line(corners * back + origin, score) for corners, score in _lines(marked, least)]
        return [line for line in lines if self._filled(picture, line) >= _FILLED]

    def _marked(self, seen: Pixels) -> NDArray[np.float32]:
        """Return how likely each pixel is the heart of a line, (H, W); both sides are multiples of the grid."""
        batch = ((seen[:, :, ::-1] * np.float32(1 / 255) - self._norm[0]) / self._norm[1]).transpose(2, 0, 1)[None]
        likely: NDArray[np.float32] = self._net(np.ascontiguousarray(batch))[0][0, 0]
        return likely

    def _filled(self, picture: Picture, line: Line) -> float:
        """Return how much of a line's middle is marked when it is looked at closer, 0..1; mean over some sizes."""
        middle, (across, down), angle_deg = cv2.minAreaRect(line.corners)
        if across < down:
            across, down, angle_deg = down, across, angle_deg - 90
        around = picture.even(line.box.grown(1.0))
        patch = picture.rgb(around)
        middle = (middle[0] - around.left, middle[1] - around.top)
        shares = []
        for tall in _CLOSER_PX:
            scale = tall / down
            height, width = _on_grid(3 * tall), min(1024, _on_grid((across + 2 * down) * scale))
            there = cv2.getRotationMatrix2D(middle, angle_deg, scale)
            there[:, 2] += np.array([width / 2 - middle[0], height / 2 - middle[1]])
            crop = cv2.warpAffine(patch, there, (width, height), borderMode=cv2.BORDER_REPLICATE)
            half = min(width / 2, across * scale / 2)
            heart = self._marked(crop.astype(np.uint8, copy=False))[
                round(height / 2 - tall / 4) : round(height / 2 + tall / 4) + 1,
                round(width / 2 - half) : round(width / 2 + half),
            ]
            shares.append(float((heart > _LIKELY).mean()))
        return float(np.mean(shares))


def _on_grid(length_px: float) -> int:
    return max(2, round(length_px / _GRID_PX)) * _GRID_PX


def _lines(likely: NDArray[np.float32], least: float) -> list[tuple[Points, float]]:
    """Return the corners of each line in the net's map, and its mean likelihood."""
    heart = cv2.dilate((likely > _LIKELY).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(heart, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        middle, (across, down), angle_deg = cv2.minAreaRect(outline)
        if min(across, down) < 2 or (score := _score(likely, outline)) < least:
            continue
        margin_px = _GROWS * across * down / (2 * (across + down))
        size = (across + 2 * margin_px, down + 2 * margin_px)
        if min(size) >= _LEAST_PX:
            found.append((cv2.boxPoints((middle, size, angle_deg)).astype(np.float32), score))
    return found


def _score(likely: NDArray[np.float32], outline: NDArray[Any]) -> float:
    """Return the mean likelihood inside an outline."""
    left, top, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [outline - np.array([left, top])], (1.0,))
    return float(cv2.mean(likely[top : top + height, left : left + width], inside)[0])


def blocks(lines: list[Line], most_px: float = np.inf) -> list[Box]:
    """Return boxes that hold all the lines; lines that belong together, one under the other or in a row, share one.

    No box of several lines is larger than `most_px` pixels: cloth and pages bend, and are followed better in parts.
    """
    boxes = [line.box for line in lines]
    together = True
    while together:
        together = False
        for i, one in enumerate(boxes):
            near = next((k for k in range(i + 1, len(boxes)) if _belong(one, boxes[k], most_px)), None)
            if near is not None:
                boxes[i] = Box.union([one, boxes.pop(near)])
                together = True
                break
    return boxes


def _belong(one: Box, other: Box, most_px: float) -> bool:
    """Tell whether two boxes lie as close as lines of one text: by less than the lower one's height."""
    near_px = 0.6 * min(one.height, other.height)
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    if max(across, down) >= near_px:
        return False
    joined = Box.union([one, other])
    return joined.area < min(most_px, 2.5 * (one.area + other.area))  # a box round the corner would cover too much
