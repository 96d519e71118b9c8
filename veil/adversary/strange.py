"""Finds places that differ from the original though nothing was painted there: something was put into the result."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box, Picture

_BLOCK_PX = 8
_BLEEDS_PX = 8  # an encoder's block that was painted in part may change all over
_FAR, _VERY_FAR = 9.0, 14.0  # mean change of a block in codes; encoding at a usual quality stays below the first
_MOST_NOISE = 6.0  # times the film's own noise
_SENSOR = 0.02  # of the light: no sensor's pattern, which may have been taken away, is stronger
_SHIFTED = ((4, 4), (6, 2))  # codes by which the mean of a block moved, and how many blocks must have, side by side


def strange(original: Picture, result: Picture, painted: Sequence[Box], noise: float) -> list[tuple[Box, float]]:
    """Return (box, score 0..1) of every place that differs too much, the strangest first.

    A place counts when blocks of 8 pixels side by side change much, or when their means move: encoding, and taking a
    camera's noise off, change single pixels and leave the means alone.
    """
    height, width = original.height // _BLOCK_PX, original.width // _BLOCK_PX
    if not height or not width:
        return []
    one, other = (p.y[: height * _BLOCK_PX, : width * _BLOCK_PX] for p in (original, result))
    apart = cv2.resize(cv2.absdiff(one, other), (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    shifted = _shifted(original, result, (width, height))
    for box in painted:
        around = (box.left - _BLEEDS_PX, box.top - _BLEEDS_PX, box.right + _BLEEDS_PX, box.bottom + _BLEEDS_PX)
        left, top, right, bottom = (max(0, v) // _BLOCK_PX for v in around)
        apart[top : bottom + 1, left : right + 1] = shifted[top : bottom + 1, left : right + 1] = 0
    far = max(_FAR, _MOST_NOISE * noise)
    found = _pieces(apart, far, 2) + _pieces(apart, max(_VERY_FAR, 1.5 * far), 1)
    for codes, blocks in _SHIFTED:
        found += _pieces(shifted, max(codes, codes * noise), blocks)
    kept: list[tuple[Box, float]] = []
    for box, score in sorted(found, key=lambda f: (-f[0].area, -f[1])):
        if not any(box.shared_px(k) for k, _ in kept):
            kept.append((box, score))
    return sorted(kept, key=lambda f: -f[1])


def _shifted(original: Picture, result: Picture, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return by how much the mean of each block (of luma or of a colour, whichever more) moved, in codes.

    What a sensor's pattern may be of the light is forgiven.
    """
    most = np.zeros(size[::-1], np.uint8)
    half = _BLOCK_PX // 2
    planes = ((original.y, result.y, _BLOCK_PX), (original.u, result.u, half), (original.v, result.v, half))
    for one, other, side in planes:
        parts = (p[: size[1] * side, : size[0] * side] for p in (one, other))
        means = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in parts]
        apart = cv2.absdiff(means[0], means[1])
        if one is original.y:
            apart = cv2.subtract(apart, (means[0] * _SENSOR).astype(np.uint8))
        most = np.maximum(most, apart)
    return most.astype(np.float32)


def _pieces(blocks: NDArray[np.float32], least: float, size: int) -> list[tuple[Box, float]]:
    """Return the places of at least `size` connected blocks of at least that value, in pixels."""
    found = []
    count, labels, stats, _ = cv2.connectedComponentsWithStats((blocks >= least).astype(np.uint8))
    for piece in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[piece])
        if area >= size:
            part = slice(top, top + height), slice(left, left + width)
            worst = float(blocks[part][labels[part] == piece].max())
            place = Box(*(v * _BLOCK_PX for v in (left, top, left + width, top + height)))
            found.append((place, min(1.0, 0.5 + worst / 100)))
    return found
