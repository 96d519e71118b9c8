"""What is in front of a face in one frame: a place in the picture, and how much of each pixel stays as filmed."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box

_HEAD = struct.Struct("<i4iHHI")  # frame, box, height and width of the mask, bytes that follow
_LASTS = 3  # frames
_BACK = 6  # frames: nothing leaves a face and comes back so soon


@dataclass(frozen=True, eq=False)
class Front:
    """Things before a face: `mask` (h, w) uint8 covers `box`, upright pixels, at whatever scale; 255 is wholly kept."""

    box: Box
    mask: NDArray[np.uint8]

    def onto(self, place: Box) -> NDArray[np.float32]:
        """Return how much of each pixel of a place in the picture is kept, 0..1, (H, W)."""
        found = np.zeros((place.height, place.width), np.float32)
        box = self.box
        if not place.shared_px(box):
            return found
        whole = cv2.resize(self.mask, (box.width, box.height), interpolation=cv2.INTER_LINEAR)
        left, top = max(box.left, place.left), max(box.top, place.top)
        right, bottom = min(box.right, place.right), min(box.bottom, place.bottom)
        part = whole[top - box.top : bottom - box.top, left - box.left : right - box.left]
        found[top - place.top : bottom - place.top, left - place.left : right - place.left] = part / np.float32(255)
        return found

    def packed(self, index: int) -> bytes:
        """Return the front of frame number `index` as it is kept on disk."""
        body = zlib.compress(self.mask.tobytes(), 6)
        box, (height, width) = self.box, self.mask.shape
        return _HEAD.pack(index, box.left, box.top, box.right, box.bottom, height, width, len(body)) + body


def unpacked(data: bytes) -> Iterator[tuple[int, int, Front]]:
    """Yield frame number, where its record ends, and the front, of everything kept; stops at what was cut short.

    Raises ValueError when the data is damaged.
    """
    at = 0
    while at + _HEAD.size <= len(data):
        index, left, top, right, bottom, height, width, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + size > len(data):
            return
        try:
            mask = np.frombuffer(zlib.decompress(data[at : at + size]), np.uint8).reshape(height, width)
        except zlib.error as error:
            raise ValueError("what is kept of the things in front is damaged") from error
        at += size
        yield index, at, Front(Box(left, top, right, bottom), mask)


def load_fronts(path: Path) -> dict[int, Front]:
    """Return what is in front of one face, by frame number, coming and going softly; nothing where there is no file, or
    a damaged one.

    What shows for less than `_LASTS` frames is left out: nothing stands before a face so briefly.
    """
    if not path.is_file():
        return {}
    try:
        return dict(steady({index: front for index, _, front in unpacked(path.read_bytes())}))
    except ValueError:
        return {}  # the cover hides what nobody can tell to be in front


def steady(fronts: dict[int, Front]) -> Iterator[tuple[int, Front]]:
    """Yield what lasts; its first and its last frame are kept by half. What flickers is left out: the cover stays."""
    runs = list(_runs(sorted(fronts)))
    gaps = [after[0] - before[-1] - 1 for before, after in pairwise(runs)]
    for run, before, after in zip(runs, [_BACK + 1, *gaps], [*gaps, _BACK + 1], strict=False):
        if len(run) < _LASTS or min(before, after) <= _BACK:
            continue
        for index in run:
            soft, front = index in (run[0], run[-1]), fronts[index]
            yield index, replace(front, mask=front.mask // 2) if soft else front


def _runs(indices: list[int]) -> Iterator[list[int]]:
    """Yield the numbers in runs without a gap."""
    run: list[int] = []
    for index in indices:
        if run and index != run[-1] + 1:
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def cut_off(path: Path, frames: int) -> None:
    """Drop from a file of fronts what is of frame number `frames` and later, was cut short, or is damaged."""
    data, end = path.read_bytes(), 0
    try:
        for index, after, _ in unpacked(data):
            if index >= frames:
                break
            end = after
    except ValueError:
        pass  # from where it is damaged nothing is kept, and the cover hides it
    with path.open("ab") as out:
        out.truncate(end)
