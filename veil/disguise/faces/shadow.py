"""Shadow: the whole person a flat, dark silhouette, as in "he'll be in the dark, right?"."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.contract import Strength
from veil.disguise.faces.shade import DARK, shade_head
from veil.models import Net, tflite_net
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

_SIDE = 256


class Shadow:
    """A silhouette from MediaPipe's selfie segmentation; the head is dark even where the net does not see it."""

    name = "shadow"
    strength = Strength.SHADOW

    def __init__(self) -> None:
        self._net: Net = tflite_net("person_mask", "disguise")

    def reach(self, face: Face) -> Box:
        """Return the person from above the hair down to where a seated or standing body ends, arms spread."""
        w, h = face.box.width, face.box.height
        return Box(
            round(face.box.left - 2.6 * w),
            round(face.box.top - 0.9 * h),
            round(face.box.right + 2.6 * w),
            round(face.box.bottom + 7.5 * h),
        )

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the person flat and dark. Of their pixels only the outline crosses."""
        del seed
        cover = self._mask(patch, face)
        mixed = patch + (DARK - patch) * cover[..., None]
        dark = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return shade_head(dark, face, 1.0)

    def _mask(self, patch: Pixels, face: Face) -> NDArray[np.float32]:
        """Return how much each pixel belongs to the person, (H, W), full inside and soft at the outline."""
        height, width = patch.shape[:2]
        # The net wants a person's upper body in a square; the patch is about that from the head down.
        side = round(min(max(6.2 * face.box.width, 1), max(height, width)))
        left = int(np.clip(face.box.centre[0] - side / 2, 0, max(0, width - side)))
        square = patch[:side, left : left + side]
        small = cv2.resize(square, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        upper = self._likely(small)
        whole = cv2.resize(patch, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        far = self._likely(whole)
        likely = cv2.resize(far, (width, height), interpolation=cv2.INTER_LINEAR)
        part = cv2.resize(upper, (square.shape[1], square.shape[0]), interpolation=cv2.INTER_LINEAR)
        view = likely[:side, left : left + side]
        np.maximum(view, part, out=view)
        reach_px = max(2, round(0.05 * face.box.width)) | 1
        grown = cv2.dilate(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach_px, reach_px)))
        soft = cv2.GaussianBlur(np.clip((grown - 0.25) / 0.25, 0, 1), (0, 0), max(0.8, 0.015 * face.box.width))
        return np.asarray(np.clip(soft, 0, 1), np.float32)

    def _likely(self, small: NDArray[Any]) -> NDArray[np.float32]:
        """Return how likely each pixel of a square of _SIDE is a person, (_SIDE, _SIDE)."""
        return self._net(np.asarray(small, np.float32)[None] / np.float32(255))[0][0, :, :, 0]
