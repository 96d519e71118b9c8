"""Draws textured triangles: the one inner loop of Veil that Python is too slow for, compiled by Numba."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
"""Colour times cover, and cover, (H, W, 4): red, green, blue in code values; a cover above 1 counts as 1."""
Depth = NDArray[np.float32]
"""(H, W), smaller is nearer; infinite where nothing was drawn."""


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _span(row_u: float, row_v: float, per: tuple[float, float, float], low: int, high: int) -> tuple[int, int]:
    """Return the first and the last of the pixels `low` to `high` of a row that may lie in a triangle, and hardly more.

    Two of a pixel's weights are `row` at x = 0, the third is what they lack to 1; `per` is how many pixels each takes
    to grow by 1, 0 where it hardly changes.
    """
    for row, pixels in ((row_u, per[0]), (row_v, per[1]), (1 - row_u - row_v, per[2])):
        if pixels > 0:
            low = max(low, int(np.floor((-1e-4 - row) * pixels)))
        elif pixels < 0:
            high = min(high, int(np.ceil((-1e-4 - row) * pixels)))
    return low, high


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _per(across_u: float, across_v: float) -> tuple[float, float, float]:
    """Return how many pixels each weight takes to grow by 1, 0 for one that hardly changes."""
    across_w = -across_u - across_v
    return (
        1 / across_u if abs(across_u) > 1e-9 else 0.0,
        1 / across_v if abs(across_v) > 1e-9 else 0.0,
        1 / across_w if abs(across_w) > 1e-9 else 0.0,
    )


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _level(plane: NDArray[np.float64], which: int, a: float, b: float, c: float, times: float, plus: float) -> None:
    """Write what has values at three corners as its value at the last and what it changes by to the others."""
    plane[which, 0], plane[which, 1], plane[which, 2] = c * times + plus, (a - c) * times, (b - c) * times


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
    plane = np.empty((7, 3))  # depth, place, cover and gains: at the last corner, and how they change to the others
    line = np.empty((7, 2))  # the same in a row: at x = 0, and from pixel to pixel
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = np.float64(points[i, 0]), np.float64(points[i, 1])
        bx, by = np.float64(points[j, 0]), np.float64(points[j, 1])
        cx, cy = np.float64(points[k, 0]), np.float64(points[k, 1])
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area * front < 0 or abs(area) < 1e-6:
            continue
        low_y, high_y = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        low_x, high_x = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        if low_y > high_y or low_x > high_x:
            continue
        _level(plane, 0, points[i, 2], points[j, 2], points[k, 2], 1, 0)
        _level(plane, 1, places[i, 0], places[j, 0], places[k, 0], columns, -0.5)
        _level(plane, 2, places[i, 1], places[j, 1], places[k, 1], rows, -0.5)
        _level(plane, 3, gains[i, 3], gains[j, 3], gains[k, 3], 1, 0)
        for c in range(3):
            _level(plane, 4 + c, gains[i, c], gains[j, c], gains[k, c], 1, 0)
        across_u, across_v = (by - cy) / area, (cy - ay) / area  # what a step to the right adds to each weight
        per = _per(across_u, across_v)
        for q in range(7):
            line[q, 1] = across_u * plane[q, 1] + across_v * plane[q, 2]
        for y in range(low_y, high_y + 1):
            row_u = (bx * (cy - y) - (by - y) * cx) / area
            row_v = (cx * (ay - y) - (cy - y) * ax) / area
            first, last = _span(row_u, row_v, per, low_x, high_x)
            for q in range(7):
                line[q, 0] = plane[q, 0] + row_u * plane[q, 1] + row_v * plane[q, 2]
            for x in range(first, last + 1):
                u, v = row_u + across_u * x, row_v + across_v * x  # weights of the first two corners
                if u < -1e-5 or v < -1e-5 or 1 - u - v < -1e-5:
                    continue
                z = line[0, 0] + line[0, 1] * x
                if z >= depth[y, x]:
                    continue
                depth[y, x] = z
                tx = min(max(line[1, 0] + line[1, 1] * x, 0.0), columns - 1.001)
                ty = min(max(line[2, 0] + line[2, 1] * x, 0.0), rows - 1.001)
                left, top = int(tx), int(ty)
                fx, fy = tx - left, ty - top
                cover = line[3, 0] + line[3, 1] * x
                for c in range(3):
                    upper = texture[top, left, c] * (1 - fx) + texture[top, left + 1, c] * fx
                    lower = texture[top + 1, left, c] * (1 - fx) + texture[top + 1, left + 1, c] * fx
                    gain = line[4 + c, 0] + line[4 + c, 1] * x
                    canvas[y, x, c] = ((upper * (1 - fy) + lower * fy + floor) * gain - floor) * cover
                canvas[y, x, 3] = cover


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def mark(triangles: NDArray[np.int32], points: NDArray[np.float32], mask: NDArray[np.uint8]) -> None:
    """Write 255 into `mask` (H, W) wherever `draw` would draw `triangles` (T, 3), from either side."""
    height, width = mask.shape[0], mask.shape[1]
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = np.float64(points[i, 0]), np.float64(points[i, 1])
        bx, by = np.float64(points[j, 0]), np.float64(points[j, 1])
        cx, cy = np.float64(points[k, 0]), np.float64(points[k, 1])
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-6:
            continue
        low_y, high_y = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        low_x, high_x = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        across_u, across_v = (by - cy) / area, (cy - ay) / area
        per = _per(across_u, across_v)
        for y in range(low_y, high_y + 1):
            row_u = (bx * (cy - y) - (by - y) * cx) / area
            row_v = (cx * (ay - y) - (cy - y) * ax) / area
            first, last = _span(row_u, row_v, per, low_x, high_x)
            for x in range(first, last + 1):
                u, v = row_u + across_u * x, row_v + across_v * x
                if u >= -1e-5 and v >= -1e-5 and 1 - u - v >= -1e-5:
                    mask[y, x] = 255


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
def feather(canvas: Canvas, spread: NDArray[np.float32], side: int) -> None:
    """Give the hard edges of `canvas` a soft one outside them; what it covers stays.

    `spread` (H, W) is the mean cover, at most 1, in the square of `side` pixels around each pixel.
    """
    height, width = spread.shape
    zero, one, before = np.float32(0), np.float32(1), side // 2
    edge = [(0, 0, zero, zero, zero, zero) for _ in range(0)]
    for y in range(height):
        for x in range(width):
            if canvas[y, x, 3] > 0.02 or spread[y, x] <= 0.02:
                continue
            red = green = blue = told = zero
            for v in range(max(0, y - before), min(height, y - before + side)):
                for u in range(max(0, x - before), min(width, x - before + side)):
                    red, green, blue = red + canvas[v, u, 0], green + canvas[v, u, 1], blue + canvas[v, u, 2]
                    told += min(canvas[v, u, 3], one)
            cover = min(one, 2 * spread[y, x])
            share = cover / max(told, np.float32(1e-3))
            edge.append((y, x, red * share, green * share, blue * share, cover))
    for y, x, red, green, blue, cover in edge:
        canvas[y, x, 0], canvas[y, x, 1], canvas[y, x, 2], canvas[y, x, 3] = red, green, blue, cover


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
        row, column = (y + shift_y) % rows, shift_x % columns
        for x in range(canvas.shape[1]):
            cover, grey = canvas[y, x, 3], noise[row, column]
            column = column + 1 if column + 1 < columns else 0
            if cover <= 0:
                for c in range(3):
                    out[y, x, c] = patch[y, x, c]
                continue
            strength = 1.0
            if cover > 1:
                strength, cover = 1 / cover, 1.0
            speck = grain * grey
            for c in range(3):
                value = canvas[y, x, c] * strength + speck * cover + patch[y, x, c] * (1 - cover)
                out[y, x, c] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
