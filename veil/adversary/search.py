"""Searches a picture for faces with CenterFace (Xu et al. 2019), which the defence does not use."""

import cv2
import numpy as np

from veil.models import Net, onnx_net
from veil.nouns.picture import Box, Picture

_CELL = 4


class Search:
    """Looks for faces; holds one net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = onnx_net("centerface", "adversary")

    def look(self, picture: Picture, longest: int, least: float) -> list[tuple[Box, float]]:
        """Return (box, score 0..1) of every face scored at least `least`, best first.

        The picture is brought to about `longest` pixels on its longer side: the net finds faces of 8 px and more.
        """
        scale = min(1.5, longest / max(picture.width, picture.height))
        width, height = (max(32, round(v * scale / 32) * 32) for v in (picture.width, picture.height))
        small = picture.scaled(picture.box, width, height)
        batch = np.ascontiguousarray(small.astype(np.float32).transpose(2, 0, 1))[None]
        heat, size, offset, _ = self._net(batch)
        rows, columns = np.where(heat[0, 0] >= least)
        if not len(rows):
            return []
        high, wide = np.exp(size[0, 0, rows, columns]) * _CELL, np.exp(size[0, 1, rows, columns]) * _CELL
        middle_y = (rows + offset[0, 0, rows, columns] + 0.5) * _CELL
        middle_x = (columns + offset[0, 1, rows, columns] + 0.5) * _CELL
        across, down = picture.width / width, picture.height / height
        boxes = np.stack([(middle_x - wide / 2) * across, (middle_y - high / 2) * down, wide * across, high * down], 1)
        scores = heat[0, 0, rows, columns].astype(float)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least, 0.3)
        return [(_box(boxes[int(i)]), float(scores[int(i)])) for i in np.array(kept).reshape(-1)]


def _box(corner_and_size: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Box:
    left, top, width, height = (float(v) for v in corner_and_size)
    return Box(round(left), round(top), round(left + width), round(top + height))
