"""Paint what shows through the openings of a face: an eyeball's disc and two rows of teeth."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from characters import Character
from portrait import to_linear, to_srgb

Floats = npt.NDArray[np.float32]
EYE_PX, IRIS_RADIUS_PX = 256, 64


def _smooth_noise(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Floats:
    small = rng.normal(0, 1, cells).astype(np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _fibres(rng: np.random.Generator, around: Floats, radius: Floats) -> Floats:
    """The iris's spokes as a factor (h, w), from rings of noise wound around the pupil."""
    total = np.zeros_like(radius)
    for spokes, rings, strength in ((150, 3, 0.34), (70, 4, 0.26), (34, 5, 0.2), (12, 2, 0.14)):
        table = rng.normal(0, 1, (rings, spokes)).astype(np.float32)
        table = np.concatenate([table, table[:, :1]], 1)
        table = cv2.resize(table, (1024, 128), interpolation=cv2.INTER_CUBIC)
        column = (around / (2 * np.pi) % 1) * 1023
        row = np.clip(radius, 0, 1) * 127
        total += strength * cv2.remap(table, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR)
    return total


def eye(who: Character) -> npt.NDArray[np.uint8]:
    """A frontal eyeball (256, 256, 3): iris 128 px wide in the middle, sclera to the corners."""
    rng = np.random.default_rng(who.seed * 53)
    big = EYE_PX * 2
    row, column = (np.mgrid[:big, :big].astype(np.float32) + 0.5) / 2 - EYE_PX / 2
    distance, around = np.hypot(column, row) / IRIS_RADIUS_PX, np.arctan2(row, column) + np.pi
    iris = to_linear(np.array(who.look.iris_rgb, np.uint8))
    iris = iris * max(1.15, 0.060 / float(iris @ np.float32([0.21, 0.72, 0.07])))  # the darkest are brown, not black
    iris = 0.78 * iris + 0.22 * iris.mean()
    spokes = _fibres(rng, around, distance)
    wobble = 0.05 * np.sin(around * 9 + 2 * _smooth_noise((big, big), (5, 5), rng))
    collar = np.exp(-(((distance - 0.52 - wobble) / 0.09) ** 2))
    warm = np.clip(1 - (distance - 0.34) / 0.3, 0, 1)[..., None]
    tint = iris * (1 + 0.55 * warm * np.float32([0.9, 0.35, -0.15])) * (0.85 + 0.55 * spokes + 0.28 * collar)[..., None]
    tint *= np.clip(1.25 - 0.35 * distance, 0.5, 1.3)[..., None]
    limbus = 1 / (1 + np.exp(-(distance - 0.88) / 0.045))
    tint = tint * (1 - 0.72 * limbus[..., None])
    pupil = 1 / (1 + np.exp(-(distance - 0.31 - 0.008 * np.sin(5 * around)) / 0.014))
    tint = tint * (1 + 0.35 * np.clip(row / 40, -0.6, 1))[..., None]  # light from above gathers below
    tint = tint * pupil[..., None] + 0.0035 * (1 - pupil[..., None])
    white = _sclera(who, rng, distance, column)
    edge = (1 / (1 + np.exp(-(distance - 1.0) / 0.035)))[..., None]
    linear = tint * (1 - edge) + white * edge
    window = np.exp(-(((column + 17) / 8.5) ** 4) - ((row + 22) / 10) ** 4)[..., None]
    linear = (
        linear * (1 - 0.9 * window)
        + 0.80 * window
        + 0.05 * np.exp(-(((distance - 0.7) / 0.2) ** 2))[..., None] * (row > 20)[..., None]
    )
    return to_srgb(cv2.resize(np.maximum(linear, 0), (EYE_PX, EYE_PX), interpolation=cv2.INTER_AREA))


def _sclera(who: Character, rng: np.random.Generator, distance: Floats, column: Floats) -> Floats:
    """The white: never white, pink to the corners, with little vessels."""
    old = max(0.0, (who.age - 40) / 40)
    dark = max(0.0, (who.tone - 5) / 5)
    base = np.float32([0.62, 0.56, 0.52]) * (1 - 0.26 * dark) - np.float32([0.0, 0.02, 0.06]) * (old + 0.7 * dark)
    out = base * np.clip(1.10 - 0.17 * distance**2, 0.34, 1)[..., None]
    pink = np.clip((np.abs(column) - 62) / 62, 0, 1)[..., None] ** 1.3
    out = out * (1 - pink * np.float32([0.06, 0.34, 0.32]))
    vessels = np.zeros(distance.shape, np.uint8)
    for _ in range(26):
        side = rng.choice((-1, 1))
        at = np.array([side * rng.uniform(112, 130), rng.uniform(-55, 55)])
        angle = np.arctan2(-at[1] * 0.3, -at[0]) + rng.normal(0, 0.25)
        path = [at.copy()]
        for _ in range(rng.integers(6, 16)):
            angle += rng.normal(0, 0.32)
            at = at + 4.2 * np.array([np.cos(angle), np.sin(angle)])
            path.append(at.copy())
        line = np.rint((np.array(path) + EYE_PX / 2) * 2 * 16).astype(np.int32)
        cv2.polylines(vessels, [line], False, (int(rng.integers(40, 130)),), 1, cv2.LINE_AA, 4)
    thin = cv2.GaussianBlur(vessels.astype(np.float32) / 255, (0, 0), 0.9)[..., None]
    cloud = 1 + 0.03 * _smooth_noise(distance.shape, (9, 9), rng)[..., None]
    near = np.clip((distance - 1.0) / 0.25, 0, 1)[..., None]
    return out * cloud * (1 - thin * np.float32([0.12, 0.6, 0.55])) * (0.80 + 0.20 * near)


UPPER_WIDTHS = (0.78, 0.86, 0.90, 1.0, 1.25)
"""Of the second premolar .. central incisor, outside in, as they show from the front."""
LOWER_WIDTHS = (0.72, 0.80, 0.86, 0.86, 0.80)


def mouth(who: Character) -> npt.NDArray[np.uint8]:
    """Teeth from the front (256, 512, 4): upper row with gum in the top half, lower row in the bottom half."""
    rng = np.random.default_rng(who.seed * 59)
    upper = _row(who, rng, UPPER_WIDTHS, gum_px=30, edge_px=110)
    lower = _row(who, rng, LOWER_WIDTHS, gum_px=38, edge_px=111)[::-1]
    return np.concatenate([upper, lower])


def _row(
    who: Character, rng: np.random.Generator, widths: tuple[float, ...], gum_px: int, edge_px: int
) -> npt.NDArray[np.uint8]:
    """Ten teeth hanging from the gum at row 0 down to about `edge_px`, (128, 512, 4)."""
    grow, high, wide = 3, 128, 512
    colour, cover = (
        np.zeros((high * grow, wide * grow, 3), np.float32),
        np.zeros((high * grow, wide * grow), np.float32),
    )
    row, column = (np.mgrid[: high * grow, : wide * grow].astype(np.float32) + 0.5) / grow
    sides = np.array(list(widths) + list(widths[::-1])) * rng.normal(1, 0.03, 10)
    stops = np.concatenate([[0], np.cumsum(sides / sides.sum())]) * (wide - 12) + 6
    yellow = 0.4 + 0.6 * who.look.teeth_yellow
    enamel = np.float32([0.76, 0.69, 0.58]) * np.float32([1, 1 - 0.05 * yellow, 1 - 0.22 * yellow])
    from_middle = np.abs(column - wide / 2) / (wide / 2)
    for k in range(10):
        left, right = stops[k], stops[k + 1]
        middle, half = (left + right) / 2, (right - left) / 2 - 0.12
        outward = abs(middle - wide / 2) / (wide / 2)
        x = np.clip((column - middle) / half, -1.2, 1.2)
        bottom = (
            edge_px - 15 * outward**2 + rng.normal(0, 1.5) - (4 if k in (3, 6) else 0) - (0 if k not in (2, 7) else -3)
        )
        sharp = 3.2 if k in (2, 7) else 0.0
        edge = bottom - 7 * np.abs(x) ** 5 - sharp * np.abs(x) + 0.5 * np.sin(x * 5 + k)
        neck = gum_px * (0.75 + 0.3 * rng.random()) + 10 * x**2 - 2
        body = np.clip((1.0 - np.abs(x) * (1 + 0.06 * np.clip((neck + 25 - row) / 40, 0, 1))) * half * 1.2, 0, 1)
        shape = body * np.clip((edge - row) * 0.9, 0, 1) * np.clip((row - neck) / 3 + 1, 0, 1)
        round_shade = 1 - 0.20 * np.abs(x) ** 2.4 - 0.08 * np.clip((neck + 22 - row) / 40, 0, 1)
        glassy = np.clip((row - edge + 15) / 15, 0, 1)[..., None] * np.float32([0.20, 0.13, 0.04])
        tone = enamel * rng.normal(1, 0.025) * (1 - np.float32([0.04, 0.09, 0.16]) * (1 if k in (2, 7) else 0.3))
        light = tone * (round_shade + 0.03 * np.sin(row / 7 + k))[..., None] * (1 - glassy)
        colour = colour * (1 - shape[..., None]) + light * shape[..., None]
        cover = np.maximum(cover, shape)
    gum = np.clip((gum_px + 16 - row) / 5, 0, 1) * (cover < 1)
    pink = np.float32([0.42, 0.15, 0.14]) * (1 if who.tone < 7 else 0.72) * (1 - 0.25 * row / gum_px + 0.12)[..., None]
    out = colour + pink * (gum * (1 - cover))[..., None]
    alpha = np.maximum(cover, gum * (1 - cover) * np.clip(1.1 - from_middle, 0, 1) ** 0.3)
    out = (
        out
        / np.maximum(np.maximum(cover, gum * (1 - cover)), 1e-3)[..., None]
        * (1 - 0.55 * from_middle**1.7)[..., None]
    )
    rgba = np.dstack([np.clip(out, 0, 1) * alpha[..., None], alpha]).astype(np.float32)
    small = cv2.resize(rgba, (wide, high), interpolation=cv2.INTER_AREA)
    rgb = to_srgb(small[..., :3] / np.maximum(small[..., 3:], 1e-3))
    return np.dstack([rgb, np.rint(small[..., 3] * 255).astype(np.uint8)])
