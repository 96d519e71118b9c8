"""A head in shadow: a dark, soft-edged shape with nothing of the face in it."""

import cv2
import numpy as np

from veil.disguise.faces.blackout import whole_head
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

DARK = np.array([17, 16, 18], np.float32)
"""The colour of a shadow, RGB code values."""


def shaded_head(face: Face) -> Box:
    """Return the part of the picture that `shade_head` changes."""
    return whole_head(face.box).grown(0.12)


def shade_head(patch: Pixels, face: Face, opacity: float) -> Pixels:
    """Return the patch with the head under a dark ellipse; at opacity 1 nothing of it is left."""
    head = whole_head(face.box)
    ellipse = np.zeros(patch.shape[:2], np.float32)
    centre, axes = head.centre, (head.width / 2, head.height / 2)
    eight = 256  # ellipses are drawn in 1/256 pixels
    cv2.ellipse(
        ellipse,
        (round(centre[0] * eight), round(centre[1] * eight)),
        (round(axes[0] * eight), round(axes[1] * eight)),
        0, 0, 360, 1.0, -1, cv2.LINE_8, 8,
    )  # fmt: skip
    rim_px = max(1.0, 0.025 * head.width)
    soft = cv2.GaussianBlur(ellipse, (0, 0), rim_px)
    # The edge is soft outwards only: what the ellipse holds stays covered in full.
    cover = np.maximum(ellipse, np.clip(soft * 2, 0, 1)) * opacity
    mixed = patch + (DARK - patch) * cover[..., None]
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
