"""Flat: a place in the picture becomes a smooth field of the colours around it; nothing in it can be read."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box, Pixels

Field = NDArray[np.float32]

_GAP_PX = 4  # what lies so near beside the place may hold a trace of it: a soft edge, chroma at half size, ringing
_RIM_PX = (4, 16)  # how broad the rim is whose colours are taken
_FEATHER_PX = 3  # so far outwards the edge is soft
_GRAIN_MOST = 5.0  # code values
_BARE = 96.0  # the grey of a place without a rim


class Flat:
    """Covers writing, screens and other things with a field drawn from their rim (Coons 1967), and grain."""

    name = "flat"

    def reach(self, region: Box) -> Box:
        """Return the part of the picture that it needs as a patch; it may lie outside the picture."""
        margin_px = _GAP_PX + _RIM_PX[1] + 2
        return Box(region.left - margin_px, region.top - margin_px, region.right + margin_px, region.bottom + margin_px)

    def wear(self, patch: Pixels, region: Box, seed: int) -> Pixels:
        """Return a new patch with `region` (in the patch's pixels) covered.

        No pixel of the region crosses: paint it over, and the result does not change. It is widened to even pixels,
        as films keep colour at half size. `patch` is read-only and begins at even pixels of the picture.
        """
        height, width = patch.shape[:2]
        even = Box(
            region.left & ~1, region.top & ~1, region.right + (region.right & 1), region.bottom + (region.bottom & 1)
        )
        place = even.clipped(width, height)
        new = patch.copy()
        if not place.area:
            return new
        strips = _rim(patch, place)
        whole = Box(
            place.left - _FEATHER_PX, place.top - _FEATHER_PX, place.right + _FEATHER_PX, place.bottom + _FEATHER_PX
        ).clipped(width, height)
        field = _field(strips, place, whole)
        noise = np.random.default_rng(seed).standard_normal((whole.height, whole.width), np.float32)
        field += noise[..., None] * _grain(strips)
        cover = _edge(place, whole)[..., None]
        part = (slice(whole.top, whole.bottom), slice(whole.left, whole.right))
        # Within the place the cover is whole: not even a rounding of what lay there is left.
        mixed = np.where(cover >= 1, field, patch[part] * (1 - cover) + field * cover)
        new[part] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return new


def _rim(patch: Pixels, place: Box) -> list[NDArray[Any] | None]:
    """Return the strips above, below, left and right of the place, each (along, across, 3); None where none is."""
    height, width = patch.shape[:2]
    rim_px = int(np.clip(0.15 * min(place.width, place.height), *_RIM_PX))
    near, far = _GAP_PX, _GAP_PX + rim_px
    columns, rows = slice(place.left, place.right), slice(place.top, place.bottom)
    above = patch[max(0, place.top - far) : max(0, place.top - near), columns].swapaxes(0, 1)
    below = patch[min(height, place.bottom + near) : min(height, place.bottom + far), columns].swapaxes(0, 1)
    left = patch[rows, max(0, place.left - far) : max(0, place.left - near)]
    right = patch[rows, min(width, place.right + near) : min(width, place.right + far)]
    return [strip if strip.shape[1] else None for strip in (above, below, left, right)]


def _field(strips: list[NDArray[Any] | None], place: Box, whole: Box) -> Field:
    """Return the colours of the place, and of what lies beside it in `whole`, (H, W, 3): four sides, blended."""
    sides = _sides(strips, place)
    top, bottom = (side[_along(place.left, place.right, whole.left, whole.right)] for side in sides[:2])
    left, right = (side[_along(place.top, place.bottom, whole.top, whole.bottom)] for side in sides[2:])
    across = _share(place.left, place.right, whole.left, whole.right)[None, :, None]
    down = _share(place.top, place.bottom, whole.top, whole.bottom)[:, None, None]
    ends = [(top[0] + left[0]) / 2, (top[-1] + right[0]) / 2, (bottom[0] + left[-1]) / 2, (bottom[-1] + right[-1]) / 2]
    middle = (ends[0] * (1 - across) + ends[1] * across) * (1 - down)
    middle = middle + (ends[2] * (1 - across) + ends[3] * across) * down
    field = top[None] * (1 - down) + bottom[None] * down + left[:, None] * (1 - across) + right[:, None] * across
    every = np.concatenate(sides)
    return np.asarray(np.clip(field - middle, every.min(0), every.max(0)), np.float32)


def _sides(strips: list[NDArray[Any] | None], place: Box) -> list[Field]:
    """Return the smooth colours along the four sides; a side without a rim takes those across, or the mean."""
    lengths = (place.width, place.width, place.height, place.height)
    known = [None if s is None else _smooth(s) for s in strips]
    there = [k.mean(0) for k in known if k is not None]
    mean = np.mean(there, 0) if there else np.full(3, _BARE)
    sides = []
    for i, length in enumerate(lengths):
        side = known[i] if known[i] is not None else known[i ^ 1]
        sides.append(np.tile(mean, (length, 1)).astype(np.float32) if side is None else side)
    return sides


def _smooth(strip: NDArray[Any]) -> Field:
    """Return the colours along a strip, blurred so that no letter beside the place can be read in it."""
    line = strip.mean(1, dtype=np.float32)[None]
    return np.asarray(
        cv2.GaussianBlur(line, (0, 0), max(1.0, 0.2 * line.shape[1]), borderType=cv2.BORDER_REPLICATE)[0], np.float32
    )


def _grain(strips: list[NDArray[Any] | None]) -> float:
    """Return the noise of the rim, code values: the middle one of what is left when neighbours are taken away."""
    rest = [
        (s[1:-1, :, 1] - (s[:-2, :, 1].astype(np.float32) + s[2:, :, 1]) / 2).ravel() for s in strips if s is not None
    ]
    left = np.concatenate(rest) if rest else np.zeros(0, np.float32)
    return min(_GRAIN_MOST, float(np.median(np.abs(left))) * 1.4826 / 1.2247) if len(left) else 0.0


def _along(first: int, last: int, from_: int, to: int) -> NDArray[np.int64]:
    """Return for each pixel of a span the nearest one of the place's side."""
    return np.clip(np.arange(from_, to), first, last - 1) - first


def _share(first: int, last: int, from_: int, to: int) -> Field:
    """Return for each pixel of a span how far it lies between the place's two ends, 0..1."""
    return np.clip((np.arange(from_, to, dtype=np.float32) + 0.5 - first) / (last - first), 0, 1)


def _edge(place: Box, whole: Box) -> Field:
    """Return how much each pixel of `whole` is covered: 1 in the place, less beside it."""

    def ramp(first: int, last: int, from_: int, to: int) -> Field:
        at = np.arange(from_, to, dtype=np.float32)
        beside = np.maximum(np.maximum(first - at, at - (last - 1)), 0)
        return np.asarray(1 - beside / (_FEATHER_PX + 1), np.float32)

    down, across = (
        ramp(place.top, place.bottom, whole.top, whole.bottom),
        ramp(place.left, place.right, whole.left, whole.right),
    )
    return np.minimum(down[:, None], across[None])
