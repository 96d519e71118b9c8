"""Ways to look at a picture again: turned by quarters, mirrored, or with its shadows lifted."""

from dataclasses import dataclass, replace

import numpy as np

from veil.adversary.search import Sight
from veil.nouns.picture import Box, Pixels, Points

_MIRROR = [1, 0, 2, 4, 3]  # the five points from left to right, once a mirrored picture is the right way round again


@dataclass(frozen=True)
class View:
    """One way to look; turned anticlockwise by quarters, then mirrored, with every value raised to a power."""

    turns: int = 0
    mirrored: bool = False
    power: float = 1.0

    def of(self, pixels: Pixels) -> Pixels:
        """Return the pixels seen this way."""
        seen = np.rot90(pixels, self.turns)
        seen = seen[:, ::-1] if self.mirrored else seen
        if self.power != 1.0:
            curve = np.round(255 * (np.arange(256) / 255) ** self.power).astype(np.uint8)
            seen = curve[seen]
        return np.ascontiguousarray(seen)

    def back(self, sight: Sight, width: int, height: int) -> Sight:
        """Return what was seen in its place in the picture of that size, as it was before it was turned.

        The five points stay those of the face from left to right, as it looks when it is upright and not mirrored.
        """
        corners = np.array([[sight.box.left, sight.box.top], [sight.box.right, sight.box.bottom]], np.float32)
        ends = np.round(self._upright(corners, width, height)).astype(int)
        (left, top), (right, bottom) = ends.min(0).tolist(), ends.max(0).tolist()
        points = self._upright(sight.points, width, height)
        points = points[_MIRROR] if self.mirrored and len(points) == len(_MIRROR) else points
        return replace(sight, box=Box(left, top, right, bottom), points=points)

    def _upright(self, points: Points, width: int, height: int) -> Points:
        turned_width = height if self.turns % 2 else width
        x, y = points[:, 0], points[:, 1]
        x = turned_width - x if self.mirrored else x
        places = ((x, y), (width - y, x), (width - x, height - y), (y, height - x))
        return np.stack(places[self.turns % 4], 1).astype(np.float32)


VIEWS = (View(), View(turns=1), View(mirrored=True), View(turns=3), View(power=0.5), View(turns=2))
"""Used in turn: beside the upright look, every deep search takes one of these."""
