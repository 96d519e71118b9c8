"""Shadow: the whole person a dark silhouette with light on its rim, as in "he'll be in the dark, right?"."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.contract import Strength
from veil.disguise.faces.shade import DARK, head_cover, shaded_head
from veil.disguise.faces.silhouette import outline, rim_light
from veil.models import Net, tflite_net
from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

_DITHER = np.clip(np.random.default_rng(90210).normal(0, 0.6, (256, 256)), -1.2, 1.2).astype(np.float32)
"""Code values: dark gradients without it show steps."""


class Shadow:
    """A silhouette of the body that was watched; the head is dark even where no net sees it.

    Where no body is known, MediaPipe's selfie segmentation is asked.
    """

    name = "shadow"
    strength = Strength.SHADOW

    def __init__(self) -> None:
        self._net: Net = tflite_net("person_mask", "disguise")

    def reach(self, face: Face) -> Box:
        """Return the head, and the square of the body or where a seated or standing body ends, arms spread."""
        w, h = face.box.width, face.box.height
        guess = Box(
            round(face.box.left - 2.6 * w),
            round(face.box.top - 0.9 * h),
            round(face.box.right + 2.6 * w),
            round(face.box.bottom + 7.5 * h),
        )
        body = guess if face.body is None else face.body.square
        return Box.union((body, shaded_head(face)))

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the person dark. Of their pixels only the outline crosses."""
        body = face.body or self._guessed(patch, face)
        cover = outline(patch, body, face)
        height, width = cover.shape
        away, head = np.full((height, width), np.inf, np.float32), np.zeros((height, width), np.float32)
        place = shaded_head(face).clipped(width, height)
        part = (slice(place.top, place.bottom), slice(place.left, place.right))
        if place.area:
            away[part], head[part] = head_cover(place.width, place.height, face.moved(-place.left, -place.top))
        cover = np.maximum(cover, head)
        light = cv2.resize(rim_light(patch, cover, face), (width, height), interpolation=cv2.INTER_LINEAR)
        # On the head itself no light falls: nothing there depends on any outline.
        light *= np.clip(away / max(0.05 * face.box.width, 1.5), 0, 1)[..., None]
        light += _dither(height, width, seed)[..., None]
        dark = np.clip(light + (DARK + 0.5), 0, 255).astype(np.uint8)
        mixed = cv2.blendLinear(patch, dark, 1 - cover, cover)
        return np.where((cover >= 1)[..., None], dark, np.asarray(mixed, np.uint8))

    def _guessed(self, patch: Pixels, face: Face) -> Body:
        """Return the body that one look at the patch shows."""
        height, width = patch.shape[:2]
        side = round(min(max(6.2 * face.box.width, 2), max(height, width, 2)))
        left = round(face.box.centre[0] - side / 2)
        top = round(face.box.top - 0.9 * face.box.height)
        scale = BODY_CELLS / side
        onto = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        soft = cv2.blur(patch, (max(1, round(1 / scale)),) * 2)
        small = cv2.warpAffine(soft, onto, (BODY_CELLS, BODY_CELLS))
        likely: NDArray[np.float32] = self._net(np.asarray(small, np.float32)[None] / np.float32(255))[0][0, :, :, 0]
        share = np.asarray(255 * np.clip(likely, 0, 1), np.uint8)
        square = Box(left, top, left + side, top + side)
        return Body(square, share, np.zeros((JOINTS, 3), np.float32))


def _dither(height: int, width: int, seed: int) -> NDArray[np.float32]:
    """Return very faint noise (H, W), another one for another seed."""
    down, across = seed % 251, seed // 251 % 251
    tiles = np.tile(_DITHER, (height // 256 + 2, width // 256 + 2))
    return np.asarray(tiles[down : down + height, across : across + width], np.float32)
