"""Paint skin: pigment, blood, folds, pores and lips of one character, in atlas space, over the light of the true shape.

Colour is absorption: linear albedo = exp(-(base + melanin * M + blood * H)), so spots darken as pigment does.
"""

from __future__ import annotations

from dataclasses import dataclass

import atlas_map as at
import cv2
import noise
import numpy as np
import numpy.typing as npt
from bind import ATLAS_PX
from characters import TONE_RGB, Character
from portrait import to_linear

Floats = npt.NDArray[np.float32]
MELANIN = np.float32([0.55, 0.95, 1.4])
BLOOD = np.float32([0.12, 1.0, 0.85])


@dataclass(frozen=True)
class Layers:
    """What the painter knows at each texel: place on the head (cm), pigment, blood, height in mm, gloss 0..1."""

    melanin: Floats
    blood: Floats
    height_mm: Floats
    gloss: Floats


def _blur(image: Floats, sigma: float) -> Floats:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def pigment(who: Character, place: Floats) -> Floats:
    """Melanin above the base tone, (h, w): zones, mottle, freckles, moles, age spots."""
    look, seed = who.look, who.seed * 1000
    dark = max(0.0, (who.tone - 4) / 6)
    zones = (
        0.10 * at.blob(10, 260, 70)
        - 0.05 * at.blob(50, 80, 70)
        + (0.10 + 0.12 * dark) * at.blob(164, 130, 36)
        + 0.10 * at.blob(200, 110, 50)
        + 0.08 * dark * at.blob(172, 120, 120)
        + 0.05 * at.blob(6, 30, 60)
    )
    eyes = at.blob(159, 85, 40) * 0.55 + at.blob(229, 80, 26, (6, 6)) * 0.8 + at.blob(133, 26, 30) * 0.5
    zones += eyes * (0.10 + 0.28 * look.under_eye) * (0.7 + 0.8 * dark)
    patch = noise.value(place, 2.6, seed + 1, 3) * 0.11 + noise.value(place, 0.7, seed + 2, 3) * 0.10
    fine = noise.value(place, 0.22, seed + 3, 2) * 0.09 + noise.value(place, 0.09, seed + 4) * 0.05
    out = zones + (patch + fine) * (0.45 + look.patchy)
    out += _spots(place, seed + 5, 0.30, look.freckles, 0.36) * (0.2 + at.blob(50, 130, 80) + at.blob(6, 80, 80)) * 0.55
    out += _spots(place, seed + 8, 0.15, look.freckles, 0.36) * (0.25 + at.blob(50, 130, 80) + at.blob(5, 60, 80)) * 0.7
    if who.age > 50:
        out += _spots(place, seed + 6, 1.3, (who.age - 50) / 40, 0.33) * 0.8
    out += moles(look.moles, seed + 7)
    return out.astype(np.float32)


def _spots(place: Floats, seed: int, size_cm: float, amount: float, radius: float) -> Floats:
    if amount <= 0:
        return np.zeros((ATLAS_PX, ATLAS_PX), np.float32)
    near = noise.cells(place + 0.12 * noise.value(place, 0.3, seed + 9)[..., None], size_cm, seed)[..., 0]
    lot = noise.value(place, size_cm * 3.1, seed + 1, 2)
    spot = np.clip((radius * (0.55 + 0.6 * lot) - near) / (radius * 0.45), 0, 1)
    return (spot * (0.25 + 0.5 * np.clip(lot + 0.3, 0, 1)) * amount).astype(np.float32)


def moles(count: int, seed: int) -> Floats:
    """A few small moles at places that differ between people."""
    rng = np.random.default_rng(seed)
    out = np.zeros((ATLAS_PX, ATLAS_PX), np.float32)
    column, row = at.grid()
    taken = at.lips() + at.eye_holes()
    while count > 0:
        x, y = rng.uniform(180, 844), rng.uniform(130, 900)
        if taken[int(y), int(x)] > 0.01 or abs(y - 350) < 60:
            continue
        radius = rng.uniform(1.2, 3.2)
        distance = np.hypot((column - x) * rng.uniform(0.85, 1.15), row - y)
        out += rng.uniform(0.5, 1.1) / (1 + np.exp(np.clip((distance - radius) * 1.6, -20, 20)))
        count -= 1
    return out


def blood(who: Character, place: Floats) -> Floats:
    """Blood above the base tone, (h, w): cheeks, nose, ears' side, lids, with fine mottle and little veins."""
    look, seed = who.look, who.seed * 1000 + 500
    warm = (
        0.30 * at.blob(50, 75, 60)
        + 0.34 * at.blob(4, 42, 36)
        + 0.30 * at.blob(129, 26, 30)
        + 0.16 * at.blob(152, 80, 40, (0, -50))
        + 0.12 * at.blob(9, 60, 40)
        + 0.22 * at.blob(133, 22, 18)
        + 0.12 * at.blob(164, 40, 20)
        - 0.12 * at.blob(205, 60, 60)
        - 0.10 * at.blob(10, 240, 60)
    )
    rims = (
        at.both(at.curve(at.LOWER_LID), 4.0, taper=False) * 0.24
        + at.both(at.curve(at.UPPER_LID), 6.0, taper=False) * 0.10
    )
    mottle = noise.value(place, 1.5, seed + 1, 4) * 0.16 + noise.value(place, 0.35, seed + 2, 3) * 0.14
    veins = np.clip(1 - 9 * np.abs(noise.value(place + 0.1, 0.55, seed + 3, 3)), 0, 1)
    out = warm * look.flush * 0.95 + mottle * (0.4 + 0.8 * look.patchy) + rims
    if who.age > 45:
        flushed = at.blob(50, 80, 55) + 1.2 * at.blob(129, 26, 24) + at.blob(4, 36, 30)
        out += veins * flushed * 0.16 * look.flush * (who.age - 45) / 30
    return (out * (1.0 if who.tone < 7 else 0.7)).astype(np.float32)


def folds(who: Character, place: Floats) -> tuple[Floats, Floats]:
    """Lines of age and of the moving face: height in mm (negative: a groove) and extra pigment in the grooves."""
    look, rng = who.look, np.random.default_rng(who.seed * 77)
    height = np.zeros((ATLAS_PX, ATLAS_PX), np.float32)
    for indices, width, depth in (
        (at.UPPER_CREASE[1:-1], 2.2, 0.34 * look.crease),
        (at.TEAR_TROUGH[2:-1], 9.0, 0.10 + 0.40 * look.under_eye * (0.4 + look.lines)),
        (at.LOWER_CREASE[1:-1], 2.6, 0.05 + 0.12 * look.lines),
        (at.NASOLABIAL, 15.0, 0.05 + 0.34 * look.lines),
        (at.NASOLABIAL, 6.5, 0.10 * look.lines**1.3),
        (at.CHEEK_BAG, 8.0, 0.22 * look.lines**1.5),
        (at.MARIONETTE, 12.0, 0.18 * look.lines**1.3),
        (at.MARIONETTE, 5.0, 0.05 * look.lines**2),
    ):
        for line in (at.curve(indices), at.mirrored(at.curve(indices))):
            height -= _groove(_jitter(line + rng.normal(0, 1.3, 2).astype(np.float32), rng, 1.3), width, depth)
    height *= 0.72 + 0.5 * noise.value(place, 0.8, who.seed + 61, 2)
    height = _wander(height, place, who.seed + 62, 3.0) + wrinkles(who, place)
    return height, np.clip(-height, 0, 0.5) * 0.9


def _groove(line: Floats, width: float, depth: float) -> Floats:
    cut, wide = at.stroke(line, width), at.stroke(line, width * 3.0)
    return depth * (cut - 0.30 * wide)


def _wander(image: Floats, place: Floats, seed: int, amount_px: float) -> Floats:
    """Let drawn lines wander as skin does."""
    column, row = at.grid()
    dx = noise.value(place, 0.5, seed, 2) * amount_px
    dy = noise.value(place, 0.5, seed + 1, 2) * amount_px
    return cv2.remap(image, column - 0.5 + dx, row - 0.5 + dy, cv2.INTER_LINEAR)


def _jitter(line: Floats, rng: np.random.Generator, amount: float) -> Floats:
    steps = np.linspace(0, 1, len(line))
    wave = np.zeros_like(line)
    for k in (1, 2, 3, 5):
        phase = rng.uniform(0, 6)
        wave += (rng.normal(0, amount / k, 2)[None] * np.sin(np.pi * k * steps + phase)[:, None]).astype(np.float32)
    out: Floats = (line + wave).astype(np.float32)
    return out


def wrinkles(who: Character, place: Floats) -> Floats:
    """Fine wrinkles as creased noise that runs the way skin folds, in mm (h, w); each side of the face has its own."""
    amount, seed = who.look.lines, who.seed * 100
    if amount < 0.05:
        return np.zeros((ATLAS_PX, ATLAS_PX), np.float32)
    column, row = at.grid()
    side = np.where(column < ATLAS_PX / 2, 0.0, 40.0).astype(np.float32)
    x = ATLAS_PX / 2 - np.abs(column - ATLAS_PX / 2) + 7 * noise.value(place, 1.2, seed, 2)
    y = row + 7 * noise.value(place, 1.2, seed + 1, 2)

    def around(index: int, shift: tuple[float, float]) -> tuple[Floats, Floats]:
        centre = at.spot(index) + np.asarray(shift, np.float32)
        return np.hypot(x - centre[0], y - centre[1]), np.arctan2(y - centre[1], centre[0] - x)

    corner, corner_angle = around(33, (30, 0))
    eye, eye_angle = around(159, (0, 12))
    mouth, mouth_angle = around(61, (40, 0))
    middle = column - ATLAS_PX / 2 + 5 * noise.value(place, 1.0, seed + 2)
    total = np.zeros_like(row)
    for mask, along, across, depth, half in (
        (at.blob(151, 190, 52, (0, -22)), middle / 230, y / 24, 0.13, 0 * side),
        (at.blob(9, 20, 34, (0, -8)), middle / 15, y / 120, 0.16, 0 * side),
        (at.blob(130, 36, 46, (-34, 4)), corner / 130, corner_angle * 4.4, 0.15, side),
        (at.blob(230, 62, 22, (-14, 8)), eye_angle * 1.1, eye / 8.5, 0.09, side),
        (at.blob(159, 60, 14, (0, -16)), eye_angle * 1.0, eye / 7.0, 0.05, side),
        (at.blob(205, 42, 64, (-16, 0)), mouth_angle * 1.3, mouth / 17, 0.10, side),
        (at.blob(0, 78, 22, (0, -16)), middle / 10, y / 70, 0.09 * amount, 0 * side),
        (at.blob(17, 70, 18, (0, 10)), middle / 12, y / 60, 0.05 * amount, 0 * side),
    ):
        flat = np.stack([along, across, half], -1).astype(np.float32)
        crease = np.clip(1 - 3.6 * np.abs(noise.value(flat, 1.0, seed + 7, 2)), 0, 1) ** 1.4
        patchy = np.clip(0.75 + 0.9 * noise.value(place, 1.1, seed + 9, 2), 0.1, 1.4)
        total -= np.clip(mask * 1.25, 0, 1) * crease * patchy * depth
    return (_blur(total, 0.8) * amount * 1.25).astype(np.float32)


def texture(who: Character, place: Floats) -> Floats:
    """Pores, the fine net of skin and lip wrinkles, as height in mm (h, w)."""
    look, seed = who.look, who.seed * 1000 + 700
    near = noise.cells(place, 0.085, seed)
    net = noise.cells(place, 0.055, seed + 3)
    pits = -np.clip(0.45 - near[..., 0], 0, 1) * 0.28
    where = (
        0.35
        + 0.9 * at.blob(4, 60, 60)
        + 0.8 * at.blob(50, 90, 70)
        + 0.5 * at.blob(9, 90, 60)
        + 0.4 * at.blob(152, 90, 40)
    )
    ridges = np.minimum(net[..., 1] - net[..., 0], 0.35) * 0.055
    lumps = noise.value(place, 0.32, seed + 5, 3) * 0.060 + noise.value(place, 0.10, seed + 6, 2) * 0.034
    lids = np.clip(1 - 0.8 * (at.blob(159, 80, 36) + at.blob(145, 80, 30)), 0.2, 1)
    skin = (pits * where * look.pores + ridges + lumps * (0.6 + 0.6 * look.lines + 0.3 * look.pores)) * lids
    red = at.lips()
    return (skin * (1 - red) + _lip_wrinkles(seed) * red).astype(np.float32)


def _lip_wrinkles(seed: int) -> Floats:
    """Vertical cracks that fan out from the middle of the mouth."""
    column, row = at.grid()
    middle = (at.spot(13) + at.spot(14)) / 2
    fan = (column - middle[0]) * (1 - 0.0025 * np.abs(row - middle[1]))
    flat = np.stack([fan / 14, (row - middle[1]) / 60, np.zeros_like(fan)], -1)
    lines = noise.value(flat, 0.55, seed + 11, 3)
    return (-0.085 * np.abs(lines) ** 0.7 + 0.012 * noise.value(flat, 0.12, seed + 12)).astype(np.float32)


def lip_paint(who: Character, place: Floats) -> tuple[Floats, Floats]:
    """Blood and pigment of the lips, (h, w) each; the seam where they meet is darker."""
    look, seed = who.look, who.seed * 1000 + 900
    red = _wander(at.lips(), place, seed + 5, 2.5)
    _, row = at.grid()
    seam = at.stroke(at.curve((61, 78, 13, 308, 291)), 5.0)
    upper = red * (row < (at.spot(13)[1] + at.spot(14)[1]) / 2)
    mottle = noise.value(place, 0.3, seed, 3)
    pink = red * (look.lip_red * (1.25 + 0.40 * (1 - who.sex)) + 0.30 * mottle) + 0.35 * seam * red
    brown = red * (look.lip_brown * 0.8 - 0.05) + upper * (0.08 + 0.35 * look.lip_brown) + 0.16 * seam
    edge = _blur(red, 5) * (1 - red)
    return pink.astype(np.float32), (brown - 0.10 * edge).astype(np.float32)


def layers(who: Character, place: Floats) -> Layers:
    """Everything painted on one face, before light."""
    groove, groove_pigment = folds(who, place)
    lip_blood, lip_melanin = lip_paint(who, place)
    red = at.lips()
    mel = pigment(who, place) * (1 - 0.8 * red) + lip_melanin + 0.18 * groove_pigment
    hem = blood(who, place) * (1 - 0.9 * red) + lip_blood + 0.22 * groove_pigment
    gloss = who.look.sheen * (
        0.30
        + 0.55 * at.blob(4, 36, 46)
        - 0.12 * at.blob(6, 26, 90)
        + 0.6 * at.blob(9, 110, 60)
        + 0.55 * at.blob(117, 55, 26)
        + 0.35 * at.blob(200, 50, 30)
    ) * (1 - red) + red * (0.75 - 0.4 * who.look.lines)
    gloss *= 1 - np.clip(at.stroke(at.curve((61, 78, 13, 308, 291)), 7.0) * 1.5, 0, 1)
    return Layers(mel, hem, groove * 1.0 + texture(who, place), gloss.astype(np.float32))


def albedo(who: Character, paint: Layers) -> Floats:
    """Linear RGB reflectance (h, w, 3)."""
    base = -np.log(np.maximum(to_linear(np.array(TONE_RGB[who.tone], np.uint8)), 1e-3))
    strength = 1.0 if who.tone < 7 else 0.8
    absorbed = base + strength * (paint.melanin[..., None] * MELANIN + paint.blood[..., None] * BLOOD)
    out: Floats = np.exp(-np.clip(absorbed, 0.04, 6)).astype(np.float32)
    return out


def relief(height_mm: Floats, light_from: tuple[float, float] = (0.0, -1.0)) -> Floats:
    """How fine relief changes soft light from above: a factor (h, w) about 1; a texel is about 0.16 mm."""
    slope_x = cv2.Sobel(height_mm, cv2.CV_32F, 1, 0, ksize=3) / 8 / 0.16
    slope_y = cv2.Sobel(height_mm, cv2.CV_32F, 0, 1, ksize=3) / 8 / 0.16
    facing = -(slope_x * light_from[0] + slope_y * light_from[1])
    hollow = height_mm - _blur(height_mm, 6)
    broad = _blur(height_mm, 3) - _blur(height_mm, 22)
    out: Floats = np.clip(1 - 0.62 * np.tanh(facing * 1.25) + 2.2 * hollow + 0.6 * broad, 0.55, 1.4)
    return out


def shine(normal: Floats, paint: Layers) -> Floats:
    """The soft sheen of living skin under a large light, linear (h, w), from head-space normals (h, w, 3)."""
    slope_x = cv2.Sobel(paint.height_mm, cv2.CV_32F, 1, 0, ksize=3) / 8 / 0.16
    slope_y = cv2.Sobel(paint.height_mm, cv2.CV_32F, 0, 1, ksize=3) / 8 / 0.16
    bent = normal + np.stack([-slope_x, slope_y, np.zeros_like(slope_x)], -1) * 0.9
    bent /= np.maximum(np.linalg.norm(bent, axis=-1, keepdims=True), 1e-6)
    total = np.zeros(slope_x.shape, np.float32)
    for direction, power, strength in (
        ((0.0, 0.6, 0.8), 9, 0.055),
        ((0.45, 0.4, 0.8), 22, 0.05),
        ((-0.45, 0.4, 0.8), 22, 0.05),
    ):
        half = np.array(direction) + (0, 0, 1)
        half /= np.linalg.norm(half)
        total += strength * np.clip(bent @ half, 0, 1) ** power
    return (total * paint.gloss).astype(np.float32)
