"""Searches with MTCNN (Zhang et al. 2016): three small nets, each asked about what the one before let through.

A detector of another kind than CenterFace: a pyramid of pictures and a classifier of windows, trained otherwise.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.adversary.search import Sight
from veil.models import Net, onnx_net
from veil.nouns.picture import Box, Picture, Pixels

_FIELD, _STEP = 12, 2  # what the first net sees at once, and how far apart it looks
_SHRINK = 0.709
_LET_THROUGH = 0.6, 0.7
_MOST = 200  # windows looked at more closely
Values = NDArray[np.float32]


class Cascade:
    """Looks for faces and judges them; holds three nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._first: Net = onnx_net("mtcnn_first", "adversary")
        self._second: Net = onnx_net("mtcnn_second", "adversary")
        self._last: Net = onnx_net("mtcnn_last", "adversary")

    def sights(
        self, picture: Picture, longest: int, least: float, part: Box | None = None, smallest: int = 14
    ) -> list[Sight]:
        """Return every face scored at least `least` in a part of the picture (default: all), best first.

        The part is brought to `longest` pixels on its longer side; there, faces of `smallest` pixels are found.
        """
        part = picture.even(part or picture.box)
        if min(part.width, part.height) < 2:
            return []
        scale = longest / max(part.width, part.height)
        width, height = (max(_FIELD, round(v * scale)) for v in (part.width, part.height))
        return self.seen(picture.scaled(part, width, height), least, part, smallest)

    def seen(self, pixels: Pixels, least: float, place: Box, smallest: int = 14) -> list[Sight]:
        """Return the faces in pixels that show `place` of a picture, in its coordinates, best first."""
        windows = self._windows(pixels, smallest)
        if not len(windows):
            return []
        shifts, sure = self._second(_cut(pixels, windows, 24))
        windows = _moved(windows, shifts, sure[:, 1], _LET_THROUGH[1])
        windows = _square(windows[_apart(windows, 0.7)])
        if not len(windows):
            return []
        shifts, marks, sure = self._last(_cut(pixels, windows, 48))
        good = sure[:, 1] >= least
        corner, side = windows[good, None, :2], windows[good, 2:4] - windows[good, :2]
        points = corner + np.stack([marks[good, :5], marks[good, 5:]], 2) * side[:, None]
        faces = _moved(windows, shifts, sure[:, 1], least)
        ratio = np.array([place.width / pixels.shape[1], place.height / pixels.shape[0]])
        found = []
        for i in _apart(faces, 0.5):
            ends = faces[i, :4].reshape(2, 2) * ratio + (place.left, place.top)
            where = (points[i] * ratio + (place.left, place.top)).astype(np.float32)
            found.append(Sight(Box(*np.round(ends).astype(int).reshape(-1).tolist()), float(faces[i, 4]), where))
        return found

    def _windows(self, pixels: Pixels, smallest: int) -> Values:
        """Return the squares (n, 5: corners, score) that may hold a face, by the first net at every size."""
        scale, found = _FIELD / smallest, [np.zeros((0, 5), np.float32)]
        while min(pixels.shape[:2]) * scale >= _FIELD:
            size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
            shifts, sure = self._first(_brought(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))[None])
            rows, columns = np.nonzero(sure[0, 1] >= _LET_THROUGH[0])
            corner = np.stack([columns, rows], 1) * _STEP / scale
            scores = sure[0, 1, rows, columns]
            windows = np.column_stack([corner, corner + _FIELD / scale, scores]).astype(np.float32)
            windows = _moved(windows, shifts[0, :, rows, columns], scores, 0)
            found.append(windows[_apart(windows, 0.5)])
            scale *= _SHRINK
        windows = np.concatenate(found)
        return _square(windows[_apart(windows, 0.7)[:_MOST]])


def _brought(pixels: NDArray[np.generic]) -> Values:
    """Return RGB pixels (H, W, 3) as the nets want them, (3, H, W)."""
    return np.ascontiguousarray((pixels.astype(np.float32) - 127.5).transpose(2, 0, 1) / 128)


def _cut(pixels: Pixels, windows: Values, side: int) -> Values:
    """Return the windows (n, 5) of the pixels as a batch (n, 3, side, side); what lies outside is black."""
    batch = np.zeros((len(windows), 3, side, side), np.float32)
    for place, (left, top, right, bottom, _) in zip(batch, windows, strict=True):
        across, down = side / max(right - left, 1.0), side / max(bottom - top, 1.0)
        onto = np.array([[across, 0, -left * across], [0, down, -top * down]])
        shrinks = cv2.INTER_AREA if across < 0.5 else cv2.INTER_LINEAR
        place[:] = _brought(cv2.warpAffine(pixels, onto, (side, side), flags=shrinks))
    return batch


def _moved(windows: Values, shifts: Values, scores: Values, least: float) -> Values:
    """Return the windows scored at least `least`, moved by shares of their sides, with their new scores."""
    good = scores >= least
    sides = np.tile(windows[good, 2:4] - windows[good, :2], 2)
    return np.column_stack([windows[good, :4] + shifts[good] * sides, scores[good]]).astype(np.float32)


def _square(windows: Values) -> Values:
    """Return the windows widened to squares about their middles."""
    middle = (windows[:, :2] + windows[:, 2:4]) / 2
    half = np.max(windows[:, 2:4] - windows[:, :2], axis=1, keepdims=True, initial=0) / 2
    return np.column_stack([middle - half, middle + half, windows[:, 4]]).astype(np.float32)


def _apart(windows: Values, most: float) -> NDArray[np.int64]:
    """Return the numbers of the windows that no better one covers by more than `most`, best first."""
    if not len(windows):
        return np.zeros(0, np.int64)
    boxes = np.column_stack([windows[:, :2], windows[:, 2:4] - windows[:, :2]])
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), windows[:, 4].tolist(), 0.0, most)
    return np.array(kept, np.int64).reshape(-1)
