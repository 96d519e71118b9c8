"""Where MediaPipe's 468 points lie on a parametric head, and which spot of the head each texel of the atlas shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import anny_head
import cv2
import face_nets
import numpy as np
import numpy.typing as npt
import portrait
import raster
from portrait import Head
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float32]
ATLAS_PX = 1024
VIEWS_DEG = (0.0, 28.0, -28.0, 48.0, -48.0)

Painter = Callable[[float, int], npt.NDArray[np.uint8]]
"""Takes a yaw in degrees and a picture's size in px; returns the picture."""


@dataclass(frozen=True)
class Binding:
    """The 468 points on the head (468, 3) cm, and per texel the nearest skin vertices (h, w, k) and their weights.

    `trusted` (h, w) is 1 where the surface found is close and faces the way the canonical mesh does.
    """

    points: Floats
    near: npt.NDArray[np.int32]
    weights: Floats
    trusted: Floats

    def texels(self, values: Floats) -> Floats:
        """Carry values (n, c) of skin vertices to the atlas, (h, w, c)."""
        return np.einsum("hwk,hwkc->hwc", self.weights, values[self.near]).astype(np.float32)


def lift(xy: Floats, seen: raster.Seen, head: Head, points: Floats) -> tuple[Floats, Floats]:
    """Lift pixel positions (n, 2) onto the surface seen there: points (n, 3) unturned, 1 where there is one (n,)."""
    where = seen.spread(np.concatenate([points, head.points], 1), head.triangles)
    skin = (seen.triangle >= 0).astype(np.float32)
    column, row = xy[:, 0].astype(np.float32) - 0.5, xy[:, 1].astype(np.float32) - 0.5
    read = cv2.remap(np.dstack([where[..., 3:], skin]), column[None], row[None], cv2.INTER_LINEAR)[0]
    return read[:, :3], read[:, 3]


def bind_points(head: Head, paint: Painter, size_px: int = 640) -> Floats:
    """Look at the head from `VIEWS_DEG` and average where each landmark falls, the views that face it counting most.

    Returns (468, 3) in cm on the unturned head, symmetric noise included.
    """
    total, weight = np.zeros((468, 3)), np.zeros((468, 1))
    tree = cKDTree(head.points)
    for yaw in VIEWS_DEG:
        points = portrait.turned(head.points, yaw)
        facing = portrait.turned(head.normals, yaw)
        xy, depth = portrait.project(points, size_px)
        seen = raster.rasterise(xy, depth, head.triangles, size_px, size_px)
        marks, _ = face_nets.watch(paint(yaw, size_px))
        spot, visible = lift(marks[:468, :2], seen, head, points)
        _, nearest = tree.query(spot)
        face_us = np.clip(facing[nearest, 2], 0, 1) ** 3 * (visible > 0.98) * (1.0 if yaw == 0 else 0.35)
        total += spot * face_us[:, None]
        weight += face_us[:, None]
    lost = weight[:, 0] < 1e-3
    bound = total / np.maximum(weight, 1e-6)
    for _ in range(2):
        guess = _guess(bound, ~lost)
        lost = lost | (np.linalg.norm(bound - guess, axis=1) > 1.5)
        bound[lost] = guess[lost]
    return bound.astype(np.float32)


def _guess(bound: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Where the canonical face, bent quadratically to the points that are known, has all 468."""
    canon = face_nets.topology().vertices.astype(float) / 10
    x, y, z = canon.T
    design = np.column_stack([x, y, z, x * x, y * y, z * z, x * y, y * z, z * x, np.ones(468)])
    fit, *_ = np.linalg.lstsq(design[known], bound[known], rcond=None)
    out: npt.NDArray[np.float64] = design @ fit
    return out


def atlas_coordinates(size_px: int = ATLAS_PX) -> tuple[raster.Seen, npt.NDArray[np.int32]]:
    """Which canonical triangle each texel belongs to; the skirt outside the face takes the nearest rim's."""
    face = face_nets.topology()
    return raster.rasterise(
        face.uv * size_px, np.zeros(468, np.float32), face.triangles, size_px, size_px
    ), face.triangles


def spread_over_atlas(values: Floats, size_px: int = ATLAS_PX) -> Floats:
    """Interpolate values (468, c) over the atlas (h, w, c); outside, continue smoothly (affine in uv plus rim)."""
    seen, triangles = atlas_coordinates(size_px)
    inside = seen.spread(values, triangles)
    mask = seen.mask
    uv = face_nets.topology().uv
    design = np.column_stack([uv, uv**2, uv[:, :1] * uv[:, 1:], np.ones(468)])
    fit, *_ = np.linalg.lstsq(design, values, rcond=None)
    v, u = (np.mgrid[:size_px, :size_px] + 0.5) / size_px
    smooth = np.stack([u, v, u * u, v * v, u * v, np.ones_like(u)], -1) @ fit
    _, labels = cv2.distanceTransformWithLabels(
        (~mask).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rim_rows, rim_columns = np.nonzero(mask)
    order = np.zeros(labels.max() + 1, np.int64)
    order[labels[rim_rows, rim_columns]] = np.arange(len(rim_rows))
    source = order[labels]
    rest = inside - smooth
    outside = smooth + rest[rim_rows[source], rim_columns[source]]
    return np.where(mask[..., None], inside, outside).astype(np.float32)


def bind(head: Head, points: Floats, open_enough: npt.NDArray[np.bool_]) -> Binding:
    """Tie each texel to the four nearest skin vertices that daylight reaches (`open_enough`, (n_skin,))."""
    usable = np.flatnonzero(open_enough)
    around = anny_head.normals(points, face_nets.topology().triangles)
    around *= np.sign((around[:, 2] * 1.0).sum())
    where = cv2.resize(
        spread_over_atlas(np.concatenate([points, around], 1)), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    )
    distance, near = cKDTree(head.points[usable]).query(where[..., :3].reshape(-1, 3), k=6, workers=1)
    agree = np.einsum("nkc,nc->nk", head.normals[usable][near], where[..., 3:].reshape(-1, 3))
    weights = np.clip(agree, 0.02, 1) / (distance + 0.02) ** 2
    weights /= weights.sum(1, keepdims=True)
    trusted = (distance[:, 0] < 0.45) & ((weights * agree).sum(1) > 0.45)
    height, width = where.shape[:2]
    return Binding(
        points,
        usable[near].reshape(height, width, 6).astype(np.int32),
        weights.reshape(height, width, 6).astype(np.float32),
        trusted.reshape(height, width).astype(np.float32),
    )
