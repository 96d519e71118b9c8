"""Shadow: the whole person a dark silhouette with light on its rim, as in "he'll be in the dark, right?"."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.contract import Strength
from veil.disguise.faces.shade import DARK, head_cover, shaded_head
from veil.disguise.faces.silhouette import IN_DOUBT, outline, rim_light
from veil.models import Net, tflite_net
from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

_SCATTER = np.random.default_rng(90210).integers(0, 64, (256, 256)).astype(np.uint16)  # 64ths of a code value
_BAND = 0.022  # of the face's width: half of the band beside the head on which its rim lies


class Shadow:
    """A silhouette of the body that was watched; the head is dark even where no net sees it.

    Where no body is known, or none of it was found, MediaPipe's selfie segmentation is asked.
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
        body = guess if face.body is None or not face.body.known else face.body.extent
        return Box.union((body, shaded_head(face)))

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the person dark. Of their pixels only the outline crosses."""
        body = face.body if face.body is not None and face.body.known else self._guessed(patch, face)
        cover = outline(patch, body, face, IN_DOUBT)
        height, width = cover.shape
        place = shaded_head(face).clipped(width, height)
        part = (slice(place.top, place.bottom), slice(place.left, place.right))
        away, head = head_cover(place.width, place.height, face.moved(-place.left, -place.top))
        # A little more than the head, so that its rim has a place; where it meets hair and collar, one form.
        band = max(_BAND * face.box.width, 1.5)
        larger = np.clip(2.5 - away / band, 0, 1)
        cover[part] = _one_form(np.maximum(np.maximum(cover[part], head), larger), face.box.width)
        dark = _smooth(rim_light(patch, cover, face) + DARK, width, height, seed)
        # On the head itself no light falls: nothing there depends on any outline.
        beside = np.clip(away / band, 0, 1)[..., None]
        dark[part] = (dark[part] - DARK) * beside + (DARK + 0.5)
        return np.asarray(cv2.blendLinear(patch, dark, 1 - cover, cover), np.uint8)

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


def _one_form(cover: NDArray[np.float32], face_px: float) -> NDArray[np.float32]:
    """Return a cover (H, W) with its nooks filled; nothing is covered less."""
    if not cover.size:
        return cover
    height, width = cover.shape
    small = cv2.resize(cover, (max(1, width // 3), max(1, height // 3)), interpolation=cv2.INTER_AREA)
    sigma = max(0.5, 0.07 * face_px / 3)
    soft = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    nooks = np.clip((soft - 0.42) / 0.2, 0, 1) * _fading(small.shape[1], small.shape[0], 3 * sigma)
    filled = cv2.resize(np.asarray(nooks, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(cover, filled), np.float32)


def _fading(width: int, height: int, rim: float) -> NDArray[np.float32]:
    """Return a window (H, W) of 1 that falls to 0 at its edges."""
    across, down = (np.clip((np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5) / rim, 0, 1) for n in (width, height))
    return np.asarray(across[None] * down[:, None], np.float32)


def _smooth(lit: NDArray[np.float32], width: int, height: int, seed: int) -> Pixels:
    """Return coarse colours (h, w, 3) at full size, their fractions scattered: dark gradients show no steps."""
    fine = cv2.resize(np.asarray(lit * 64, np.uint16), (width, height), interpolation=cv2.INTER_LINEAR)
    tiles = np.tile(_SCATTER, (height // 256 + 2, width // 256 + 2))
    down, across = seed % 251, seed // 251 % 251
    fine += tiles[down : down + height, across : across + width, None]
    return np.asarray(np.right_shift(np.asarray(fine, np.uint16), 6), np.uint8)
