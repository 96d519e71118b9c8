"""Finds faces in one picture: MediaPipe's full-range detector over a pyramid of tiles.

The net sees 192x192 pixels and finds faces from about 10 of them wide; tiles bring small faces up to that.
Anchors as in MediaPipe's `ssd_anchors` (one per 4x4 cell); Bazarevsky et al. 2019, "BlazeFace".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from veil.models import Net, tflite_net
from veil.nouns.picture import Box, Picture


@dataclass(frozen=True)
class Sighting:
    """A face that a detector saw: its box, the score 0..1, and the eyes (right, left), shape (2, 2), in pixels."""

    box: Box
    score: float
    eyes: NDArray[np.float32]


class Detector:
    """Looks for faces; holds two nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._full: Net = tflite_net("face_detector_full", "sight")
        self._short: Net = tflite_net("face_detector_short", "sight")
        self._full_anchors = _grid(48)
        # The short-range net has two anchors in each of 16x16 cells and six in each of 8x8.
        self._short_anchors = np.concatenate([_grid(16).repeat(2, 0), _grid(8).repeat(6, 0)])

    def look(self, picture: Picture, tile: Box, least: float) -> list[Sighting]:
        """Return the faces in one tile (clipped to the picture) scored at least `least`, best first, none twice."""
        return self._run(self._full, 192, self._full_anchors, picture, tile, least)

    def doubt(self, picture: Picture, box: Box) -> float:
        """Return how little a second net (short range, other training) believes in a face at `box`, 0 to 1."""
        found = self._run(self._short, 128, self._short_anchors, picture, box.grown(0.5), 0.2)
        return 1 - max((s.score for s in found if _share(s.box, box) > 0.5), default=0.0)

    @staticmethod
    def _run(
        net: Net, side: int, anchors: NDArray[np.float32], picture: Picture, tile: Box, least: float
    ) -> list[Sighting]:
        tile = picture.even(tile)
        if not tile.area:  # who left the picture is looked for where nothing is
            return []
        longest = max(tile.width, tile.height)
        width, height = max(1, round(tile.width * side / longest)), max(1, round(tile.height * side / longest))
        canvas = np.zeros((side, side, 3), np.float32)
        canvas[:height, :width] = picture.scaled(tile, width, height)
        regressed, logits = net((canvas * np.float32(1 / 127.5) - 1)[None])
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -30, 30)))
        chosen = np.flatnonzero(scores >= least)
        return merged([_sighting(regressed[0, i] / side, anchors[i], float(scores[i]), tile) for i in chosen])


def _grid(cells: int) -> NDArray[np.float32]:
    middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
    return np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2).astype(np.float32)


def _sighting(r: NDArray[np.float32], anchor: NDArray[np.float32], score: float, tile: Box) -> Sighting:
    side = max(tile.width, tile.height)
    origin = np.array([tile.left, tile.top], np.float32)
    centre, size = (r[:2] + anchor) * side + origin, r[2:4] * side
    eyes = (r[4:8].reshape(2, 2) + anchor) * side + origin
    return Sighting(Box.around(np.stack([centre - size / 2, centre + size / 2])), score, eyes.astype(np.float32))


def merged(found: list[Sighting], overlap: float = 0.3) -> list[Sighting]:
    """Return the best of every group of sightings that overlap (intersection over union, or one inside another)."""
    kept: list[Sighting] = []
    for one in sorted(found, key=lambda s: -s.score):
        if all(one.box.overlap(k.box) < overlap and _share(one.box, k.box) < 0.7 for k in kept):
            kept.append(one)
    return kept


def _share(a: Box, b: Box) -> float:
    return a.shared_px(b) / max(1, min(a.area, b.area))


def tiles(width: int, height: int, side: int) -> list[Box]:
    """Return squares of about `side` pixels that cover the picture and overlap by a quarter at least."""
    if side >= max(width, height):
        return [Box(0, 0, width, height)]

    def starts(length: int) -> list[int]:
        if length <= side:
            return [0]
        count = int(np.ceil((length - side) / (side * 0.75))) + 1
        return [round(i * (length - side) / (count - 1)) for i in range(count)]

    return [Box(x, y, min(width, x + side), min(height, y + side)) for y in starts(height) for x in starts(width)]
