"""Repeatable noise in space, so that skin has the same grain on the cheek's front and on its side."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@numba.njit(cache=True)
def _hash(x, y, z, seed):  # type: ignore[no-untyped-def]
    h = np.uint32(x) * np.uint32(374761393) + np.uint32(y) * np.uint32(668265263)
    h += np.uint32(z) * np.uint32(2147483647) + np.uint32(seed) * np.uint32(974634721)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(2246822519)
    return np.float32((h ^ (h >> np.uint32(16))) & np.uint32(0xFFFFFF)) / np.float32(0xFFFFFF)


@numba.njit(cache=True)
def _value(points, scale, seed, out):  # type: ignore[no-untyped-def]
    for n in range(points.shape[0]):
        x, y, z = points[n, 0] * scale, points[n, 1] * scale, points[n, 2] * scale
        i, j, k = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
        fx, fy, fz = x - i, y - j, z - k
        fx, fy, fz = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy), fz * fz * (3 - 2 * fz)
        total = 0.0
        for a in range(2):
            for b in range(2):
                for c in range(2):
                    weight = (fx if a else 1 - fx) * (fy if b else 1 - fy) * (fz if c else 1 - fz)
                    total += weight * _hash(i + a + 4096, j + b + 4096, k + c + 4096, seed)
        out[n] = total * 2 - 1


@numba.njit(cache=True)
def _cells(points, scale, seed, out):  # type: ignore[no-untyped-def]
    for n in range(points.shape[0]):
        x, y, z = points[n, 0] * scale, points[n, 1] * scale, points[n, 2] * scale
        i, j, k = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
        first, second = 9.0, 9.0
        for a in range(-1, 2):
            for b in range(-1, 2):
                for c in range(-1, 2):
                    p, q, r = i + a + 4096, j + b + 4096, k + c + 4096
                    dx = i + a + _hash(p, q, r, seed) - x
                    dy = j + b + _hash(p, q, r, seed + 1) - y
                    dz = k + c + _hash(p, q, r, seed + 2) - z
                    d = dx * dx + dy * dy + dz * dz
                    if d < first:
                        first, second = d, first
                    elif d < second:
                        second = d
        out[n, 0], out[n, 1] = np.sqrt(first), np.sqrt(second)


def value(points: Floats, size_cm: float, seed: int, octaves: int = 1) -> Floats:
    """Return smooth noise of about -1..1 at points (h, w, 3) cm; lumps are `size_cm` across, each octave half of it."""
    flat = np.ascontiguousarray(points.reshape(-1, 3), np.float64)
    total, norm = np.zeros(len(flat), np.float32), 0.0
    for octave in range(octaves):
        layer = np.empty(len(flat), np.float32)
        _value(flat, 2.0**octave / size_cm, seed + 17 * octave, layer)
        total += layer * 0.6**octave
        norm += 0.6**octave
    out: Floats = (total / norm).reshape(points.shape[:2])
    return out


def cells(points: Floats, size_cm: float, seed: int) -> Floats:
    """Return distances (h, w, 2) to the nearest and next of scattered seeds, in units of `size_cm` (Worley, 1996)."""
    flat = np.ascontiguousarray(points.reshape(-1, 3), np.float64)
    out = np.empty((len(flat), 2), np.float32)
    _cells(flat, 1 / size_cm, seed, out)
    return out.reshape(*points.shape[:2], 2)
