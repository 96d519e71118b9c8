"""Somebody's body in one frame: which part of the picture is theirs, and where their joints are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box, Points

BODY_CELLS = 256
"""How many cells a body's square has on each side."""
JOINTS = 33
"""Points of a body, in the order of BlazePose (Bazarevsky et al. 2020): 0 nose, 11 and 12 shoulders, 15 and 16 wrists,
17 to 22 hands, 23 and 24 hips, 25 and 26 knees."""


_TRACE = 30


@dataclass(frozen=True, eq=False)
class Body:
    """One person's body: `share` (BODY_CELLS, BODY_CELLS) uint8 says how likely each cell of `square` is theirs, 0 to
    255; `joints` (JOINTS, 3) are x, y in upright pixels and how likely each can be seen, 0 to 1.

    The square may reach out of the picture.
    """

    square: Box
    share: NDArray[np.uint8]
    joints: Points

    @property
    def extent(self) -> Box:
        """Return the part of the square in which anything may be theirs."""
        cell = self.square.width / BODY_CELLS
        left, top, width, height = cv2.boundingRect((self.share > _TRACE).astype(np.uint8))
        across = self.square.left + (left - 3) * cell, self.square.left + (left + width + 3) * cell
        down = self.square.top + (top - 3) * cell, self.square.top + (top + height + 3) * cell
        return Box(round(across[0]), round(down[0]), round(across[1]), round(down[1]))

    @property
    def known(self) -> bool:
        """Tell whether any cell may be theirs; where none is, nobody knows where they are."""
        return bool((self.share > _TRACE).any())

    def moved(self, right_px: float, down_px: float) -> "Body":
        """Return the body in a picture whose origin lies that much further left and up."""
        right, down = round(right_px), round(down_px)
        s = self.square
        square = Box(s.left + right, s.top + down, s.right + right, s.bottom + down)
        joints = self.joints + np.array([right, down, 0], np.float32)
        return Body(square, self.share, joints)

    def likely(self, width: int, height: int, step: int = 1) -> NDArray[np.float32]:
        """Return how likely each block of `step` pixels is theirs, (ceil(height/step), ceil(width/step)), 0 to 1."""
        cell = self.square.width / BODY_CELLS
        # From a block's middle to the cells' coordinates, whose pixels have their middle at whole numbers.
        scale = step / cell
        shift = ((step - 1) / 2 + 0.5 - np.array([self.square.left, self.square.top])) / cell - 0.5
        onto = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        size = (-(-width // step), -(-height // step))
        grid = self.share.astype(np.float32) / np.float32(255)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return np.asarray(np.clip(cv2.warpAffine(grid, onto, size, flags=flags), 0, 1), np.float32)
