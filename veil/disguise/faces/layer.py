"""What is laid over a double, as glasses and hair are: in the light of the shot, as soft and as grainy as it is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.raster import draw
from veil.models.topology import SKIN
from veil.nouns.cast import Face
from veil.nouns.light import FLOOR, PLAIN, basis
from veil.nouns.picture import Pixels, Points

Cover = NDArray[np.float32]
"""How much of each pixel is covered, 0 to 1, (H, W)."""

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def white_of(face: Face) -> NDArray[np.float32]:
    """Return the code values (3,) of something white beside the face, as the smooth light tells them.

    Skin tells light and complexion together; what is white follows its brightness by a power below 1, as the eyes do.
    """
    skin = np.exp(np.median((basis(face.mesh) @ face.light)[PLAIN[:, 0]], 0)) - FLOOR
    luma = float(np.clip(skin @ _LUMA, 4, 255))
    tint = np.clip(skin / luma, 0.5, 1.8) ** 0.3
    return np.asarray(luma**0.52 * 255**0.48 * tint, np.float32)


def side_light(face: Face) -> NDArray[np.float32]:
    """Return by how much each skin point is brighter than the face is, natural logarithm, (468,)."""
    logs = (basis(face.mesh) @ face.light).mean(1)
    return np.asarray(np.clip(logs - np.median(logs), -1.2, 0.8), np.float32)


def lay(pixels: Pixels, colour: NDArray[np.floating], cover: Cover, face: Face, seed: int) -> None:
    """Paint `colour`, (3,) or (H, W, 3), over `pixels` by the cover, as soft and as grainy as the shot."""
    soft_px = max(face.blur, 0.35)
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), soft_px), np.float32)
    rows, columns = np.nonzero(cover > 1 / 512)
    if not len(rows):
        return
    part = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    over = cover[part][..., None]
    tone = colour if colour.ndim == 1 else colour[part]
    under = pixels[part].astype(np.float32)
    mixed = under + (tone - under) * over
    if face.grain > 0:
        noise = np.random.default_rng(seed).standard_normal(over.shape[:2], np.float32)
        mixed += face.grain * noise[..., None] * over
    pixels[part] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def depth_of(surface: Points, height: int, width: int) -> NDArray[np.float32]:
    """Return how far away the face of a mesh (468 or more, 3) is at each pixel (H, W); infinite beside it."""
    depth = np.full((height, width), np.inf, np.float32)
    points = np.ascontiguousarray(surface[:468], np.float32)
    places, gains = np.zeros((468, 2), np.float32), np.zeros((468, 4), np.float32)
    canvas, texture = np.zeros((height, width, 4), np.float32), np.zeros((2, 2, 3), np.uint8)
    draw(SKIN, points, places, gains, texture, 0.0, 0.0, canvas, depth)
    return depth


def spread(
    places: Points, values: NDArray[np.floating], height: int, width: int, soft_px: float
) -> NDArray[np.float32]:
    """Return values (N,) or (N, C) at places (N, 2), spread smoothly over a picture: (H, W) or (H, W, C)."""
    step = 8
    x, y = np.meshgrid(np.arange(0, width + step, step), np.arange(0, height + step, step))
    off = np.square(x[..., None] - places[:, 0]) + np.square(y[..., None] - places[:, 1])
    weight = 1 / (off + soft_px**2)
    coarse = np.asarray((weight / weight.sum(2, keepdims=True)) @ values, np.float32)
    size = coarse.shape[1] * step, coarse.shape[0] * step
    return np.asarray(cv2.resize(coarse, size)[:height, :width], np.float32)
