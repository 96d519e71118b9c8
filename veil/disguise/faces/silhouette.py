"""A silhouette: the outline of a body brought to the picture's own edges, and the light on its rim.

Inside the outline nothing of the picture is asked for: where the body is sure all around, the cover is whole whatever
lies there, and the rim's light comes from the outline's form, the face's smooth light and the colours beside the body.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.shade import Field, light_of
from veil.nouns.body import Body
from veil.nouns.cast import Face
from veil.nouns.picture import Pixels

_EDGE = 0.03  # of the face's width: so far an outline may move towards an edge of the picture
_CONTRAST = 4e-4  # variance of luma (0..1) from which an edge counts
_FULL, _NONE = 0.55, 0.25  # likelihood from which a pixel is covered in full, and up to which not at all
_GRID_PX = 620  # the outline is refined in a picture of about this size
_LIGHT_CELLS = 200  # and its light is made in one of this
_RIM, _GLOW = 0.045, 0.5  # widths of the rim and of the glow within, of the face's width
_GLOW_CODES = 11.0
_RIM_SHARE, _RIM_MOST = 0.8, (30.0, 115.0)  # of the colours beside the body, and in code values


def outline(patch: Pixels, body: Body, face: Face) -> Field:
    """Return how much each pixel of the patch is covered, (H, W), 0 to 1: the body, with a clean soft edge."""
    height, width = patch.shape[:2]
    step = max(1, round(max(width, height) / _GRID_PX))
    rough = body.likely(width, height, step)
    luma = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    if step > 1:
        luma = cv2.resize(luma, (rough.shape[1], rough.shape[0]), interpolation=cv2.INTER_AREA)
    reach = max(2, round(_EDGE * face.box.width / step))
    found = guided(np.asarray(luma, np.float32) / np.float32(255), rough, reach, _CONTRAST)
    near = _window(rough, reach)
    found = np.clip(found, near[0], near[1])  # an edge moves the outline; it makes no new body and no hole
    share = np.clip((found - _NONE) / (_FULL - _NONE), 0, 1)
    soft = cv2.GaussianBlur(share * share * (3 - 2 * share), (0, 0), 0.8)
    firm = np.clip(1.25 * soft - 0.125, 0, 1)
    return np.asarray(cv2.resize(firm, (step * rough.shape[1], step * rough.shape[0]))[:height, :width], np.float32)


def guided(guide: Field, values: Field, reach: int, contrast: float) -> Field:
    """Return the values smoothed along the edges of a guide: He, Sun and Tang 2013, windows of 2 `reach` + 1."""

    def mean(v: Field) -> Field:
        return np.asarray(cv2.blur(v, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_REFLECT), np.float32)

    middle, level = mean(guide), mean(values)
    spread = mean(np.asarray(guide * guide, np.float32)) - middle * middle
    slope = np.asarray((mean(guide * values) - middle * level) / (spread + np.float32(contrast)), np.float32)
    rest = level - slope * middle
    return np.asarray(mean(slope) * guide + mean(rest), np.float32)


def _window(values: Field, reach: int) -> tuple[Field, Field]:
    """Return the least and the most value within reach of each pixel."""
    shape = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.erode(values, shape), np.float32), np.asarray(cv2.dilate(values, shape), np.float32)


def rim_light(patch: Pixels, cover: Field, face: Face) -> NDArray[np.float32]:
    """Return what is added to a silhouette's darkness, (h, w, 3) code values, on a coarse grid of the patch.

    A thin lighter edge towards the light, in the colours that lie beside the body there, and a faint glow within.
    """
    height, width = cover.shape
    scale = min(1.0, _LIGHT_CELLS / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    form = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32)
    unit = max(face.box.width * scale, 2.0)
    inside = (form > 0.5).astype(np.uint8)
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # the picture's edge is no outline
    deep = np.minimum(cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1], 1e4)
    facing = _facing(form, unit, face)
    rim = np.exp(-np.square(deep / max(_RIM * unit, 1.0))) * facing
    glow = np.exp(-deep / (_GLOW * unit)) * (0.35 + 0.65 * facing)
    beside = np.clip(_RIM_SHARE * _beside(patch, form, size, unit), *_RIM_MOST)
    lit = rim[..., None] * beside + np.float32(_GLOW_CODES) * glow[..., None]
    return np.asarray(cv2.GaussianBlur(lit * inside[..., None], (0, 0), 0.7), np.float32)


def _facing(form: Field, unit: float, face: Face) -> Field:
    """Return how much each place of the outline looks towards the light, 0 to 1."""
    soft = cv2.GaussianBlur(form, (0, 0), max(1.0, 0.12 * unit))
    x, y = -cv2.Sobel(soft, cv2.CV_32F, 1, 0), -cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    across, down, side = light_of(face)
    towards = (x * across + y * down) / (np.hypot(x, y) + 0.02)
    return np.asarray((0.45 + 0.55 * side) * np.clip(towards, 0, 1), np.float32)


def _beside(patch: Pixels, form: Field, size: tuple[int, int], unit: float) -> NDArray[np.float32]:
    """Return the smooth colours beside the body, (h, w, 3); nothing of what it covers is in them."""
    free = (cv2.dilate(form, np.ones((3, 3), np.uint8)) <= 0).astype(np.float32)
    small = cv2.resize(patch, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    sigma = max(1.5, 0.35 * unit)
    weight = cv2.GaussianBlur(free, (0, 0), sigma)
    colour = cv2.GaussianBlur(small * free[..., None], (0, 0), sigma)
    return np.asarray(colour / np.maximum(weight, 0.02)[..., None], np.float32)
