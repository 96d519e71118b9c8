"""A small z-buffer: which triangle is seen at each pixel, and where in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Seen:
    """Per pixel: triangle (h, w) int32, -1 for none; barycentric weights (h, w, 3); depth (h, w), larger is nearer."""

    triangle: Ints
    weights: Floats
    depth: Floats

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Where anything is seen, (h, w)."""
        mask: npt.NDArray[np.bool_] = self.triangle >= 0
        return mask

    def spread(self, values: npt.NDArray[Any], triangles: Ints) -> Floats:
        """Interpolate values (n, c) of vertices over the pixels: (h, w, c); zero where nothing is seen."""
        corners = values[triangles[np.maximum(self.triangle, 0)]]
        out = np.einsum("hwk,hwkc->hwc", self.weights, corners)
        out[~self.mask] = 0
        return out.astype(np.float32)


@numba.njit(cache=True)
def _fill(xy, depth, triangles, height, width):  # type: ignore[no-untyped-def]
    which = np.full((height, width), -1, np.int32)
    weights = np.zeros((height, width, 3), np.float32)
    near = np.full((height, width), -1e30, np.float32)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t]
        ax, ay, bx, by, cx, cy = xy[i, 0], xy[i, 1], xy[j, 0], xy[j, 1], xy[k, 0], xy[k, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-12:
            continue
        x0, x1 = max(0, int(np.floor(min(ax, bx, cx)))), min(width - 1, int(np.ceil(max(ax, bx, cx))))
        y0, y1 = max(0, int(np.floor(min(ay, by, cy)))), min(height - 1, int(np.ceil(max(ay, by, cy))))
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                u = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
                v = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
                w = 1 - u - v
                if u < -1e-6 or v < -1e-6 or w < -1e-6:
                    continue
                z = u * depth[i] + v * depth[j] + w * depth[k]
                if z > near[y, x]:
                    near[y, x] = z
                    which[y, x] = t
                    weights[y, x, 0], weights[y, x, 1], weights[y, x, 2] = u, v, w
    return which, weights, near


def rasterise(xy: Floats, depth: Floats, triangles: Ints, height: int, width: int) -> Seen:
    """Fill triangles (t, 3) at pixel positions xy (n, 2), pixel centres at +0.5; the larger `depth` (n,) wins."""
    return Seen(
        *_fill(
            np.ascontiguousarray(xy, np.float64),
            np.ascontiguousarray(depth, np.float64),
            np.ascontiguousarray(triangles, np.int32),
            height,
            width,
        )
    )
