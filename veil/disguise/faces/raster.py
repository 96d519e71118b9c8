"""Draws textured triangles: the one inner loop of Veil that Python is too slow for, compiled by Numba."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
"""Colour times cover, and cover, (H, W, 4): red, green, blue in code values; a cover above 1 counts as 1."""
Depth = NDArray[np.float32]
"""(H, W), smaller is nearer; infinite where nothing was drawn."""


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw(
    triangles: NDArray[np.int32],
    points: NDArray[np.float32],
    places: NDArray[np.float32],
    gains: NDArray[np.float32],
    texture: NDArray[np.uint8],
    floor: float,
    front: float,
    canvas: Canvas,
    depth: Depth,
) -> None:
    """Draw `triangles` (T, 3) over `canvas`, nearest first by `depth`; both are written.

    `points` (N, 3) in pixels, `places` (N, 2) in the texture 0..1, `gains` (N, 4): how much each channel of
    ``texture + floor`` is multiplied by, and the cover. Triangles whose area has not the sign of `front` are seen
    from behind and left out (`front` 0: none is). Colour is interpolated over the triangle, texture bilinearly.
    """
    height, width = canvas.shape[0], canvas.shape[1]
    rows, columns = texture.shape[0], texture.shape[1]
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0], points[i, 1]
        bx, by = points[j, 0], points[j, 1]
        cx, cy = points[k, 0], points[k, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area * front < 0 or abs(area) < 1e-6:
            continue
        low_y, high_y = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        low_x, high_x = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        for y in range(low_y, high_y + 1):
            for x in range(low_x, high_x + 1):
                v = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                w = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                u = 1 - v - w
                u, v, w = v, w, u  # weights of a, b, c
                if u < -1e-5 or v < -1e-5 or w < -1e-5:
                    continue
                z = u * points[i, 2] + v * points[j, 2] + w * points[k, 2]
                if z >= depth[y, x]:
                    continue
                depth[y, x] = z
                tx = (u * places[i, 0] + v * places[j, 0] + w * places[k, 0]) * columns - 0.5
                ty = (u * places[i, 1] + v * places[j, 1] + w * places[k, 1]) * rows - 0.5
                tx = min(max(tx, 0.0), columns - 1.001)
                ty = min(max(ty, 0.0), rows - 1.001)
                left, top = int(tx), int(ty)
                fx, fy = tx - left, ty - top
                cover = u * gains[i, 3] + v * gains[j, 3] + w * gains[k, 3]
                for c in range(3):
                    upper = texture[top, left, c] * (1 - fx) + texture[top, left + 1, c] * fx
                    lower = texture[top + 1, left, c] * (1 - fx) + texture[top + 1, left + 1, c] * fx
                    gain = u * gains[i, c] + v * gains[j, c] + w * gains[k, c]
                    canvas[y, x, c] = ((upper * (1 - fy) + lower * fy + floor) * gain - floor) * cover
                canvas[y, x, 3] = cover


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def overlay(
    triangles: NDArray[np.int32],
    points: NDArray[np.float32],
    places: NDArray[np.float32],
    gains: NDArray[np.float32],
    texture: NDArray[np.uint8],
    front: float,
    colour: NDArray[np.float32],
) -> None:
    """Lay `triangles` over `colour` (H, W, 3) in their order, by the alpha of `texture` (R, C, 4); no depth.

    The texture's colour is already multiplied by its alpha; `gains` (N, 3) multiply it. Triangles whose area has not
    the sign of `front` are left out (`front` 0: none is).
    """
    height, width = colour.shape[0], colour.shape[1]
    rows, columns = texture.shape[0], texture.shape[1]
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0], points[i, 1]
        bx, by = points[j, 0], points[j, 1]
        cx, cy = points[k, 0], points[k, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area * front < 0 or abs(area) < 1e-6:
            continue
        low_y, high_y = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        low_x, high_x = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        for y in range(low_y, high_y + 1):
            for x in range(low_x, high_x + 1):
                u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                w = 1 - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                tx = (u * places[i, 0] + v * places[j, 0] + w * places[k, 0]) * columns - 0.5
                ty = (u * places[i, 1] + v * places[j, 1] + w * places[k, 1]) * rows - 0.5
                tx = min(max(tx, 0.0), columns - 1.001)
                ty = min(max(ty, 0.0), rows - 1.001)
                left, top = int(tx), int(ty)
                fx, fy = tx - left, ty - top
                over = 1.0
                for c in range(3, -1, -1):
                    upper = texture[top, left, c] * (1 - fx) + texture[top, left + 1, c] * fx
                    lower = texture[top + 1, left, c] * (1 - fx) + texture[top + 1, left + 1, c] * fx
                    value = upper * (1 - fy) + lower * fy
                    if c == 3:
                        over = 1 - value / 255
                    else:
                        gain = u * gains[i, c] + v * gains[j, c] + w * gains[k, c]
                        colour[y, x, c] = colour[y, x, c] * over + value * gain


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def feather(canvas: Canvas, soft: Canvas) -> None:
    """Give the hard edges of `canvas` a soft one outside them, from a blurred copy of it; what it covers stays."""
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            spread = soft[y, x, 3]
            if canvas[y, x, 3] > 0.02 or spread <= 0.02:
                continue
            cover = min(1.0, 2 * spread)
            for c in range(3):
                canvas[y, x, c] = soft[y, x, c] / spread * cover
            canvas[y, x, 3] = cover


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def compose(
    canvas: Canvas,
    noise: NDArray[np.float32],
    shift_y: int,
    shift_x: int,
    grain: float,
    patch: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Write `canvas` with grain over `patch` into `out`, by the cover; `noise` is a tile that repeats."""
    rows, columns = noise.shape
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            cover = canvas[y, x, 3]
            if cover <= 0:
                for c in range(3):
                    out[y, x, c] = patch[y, x, c]
                continue
            strength = 1.0
            if cover > 1:
                strength, cover = 1 / cover, 1.0
            speck = grain * noise[(y + shift_y) % rows, (x + shift_x) % columns]
            for c in range(3):
                value = canvas[y, x, c] * strength + speck * cover + patch[y, x, c] * (1 - cover)
                out[y, x, c] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
