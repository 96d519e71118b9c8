"""Brows, lashes and stubble, hair by hair, as colour and cover over the atlas."""

from __future__ import annotations

from dataclasses import dataclass

import atlas_map as at
import cv2
import noise
import numpy as np
import numpy.typing as npt
from bind import ATLAS_PX
from characters import TONE_RGB, Character
from portrait import to_linear, to_srgb

Floats = npt.NDArray[np.float32]
FINER = 3
"""Hairs are drawn this many times finer than the atlas."""


@dataclass
class Canvas:
    """Hairs drawn so far: colour sRGB (h, w, 3) uint8 and cover (h, w) uint8, both `FINER` times the atlas."""

    colour: npt.NDArray[np.uint8]
    cover: npt.NDArray[np.uint8]

    def strand(self, path: Floats, width_px: float, rgb: Floats, strength: float) -> None:
        """Draw a tapering hair along path (n, 2) in texels."""
        ink = tuple(int(v) for v in np.clip(rgb, 0, 255))
        points = np.rint(path * FINER * 16).astype(np.int32)
        thirds = max(1, len(points) // 3)
        for step, (first, thick) in enumerate(((0, 1.0), (thirds, 0.75), (2 * thirds, 0.45))):
            piece = points[first : first + thirds + 1] if step < 2 else points[first:]
            wide = max(1, round(width_px * FINER * thick))
            level = int(255 * strength * (1 if width_px * FINER * thick > 0.9 else width_px * FINER * thick))
            cv2.polylines(self.colour, [piece], False, ink, wide + 1, cv2.LINE_AA, 4)
            cv2.polylines(self.cover, [piece], False, (level,), wide, cv2.LINE_AA, 4)

    def done(self) -> tuple[Floats, Floats]:
        """Return colour sRGB (h, w, 3) 0..255 and cover (h, w) 0..1 at the atlas's size."""
        size = (ATLAS_PX, ATLAS_PX)
        colour = cv2.resize(self.colour, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return colour, cv2.resize(self.cover, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def canvas(rgb: Floats) -> Canvas:
    """An empty canvas in the hair's colour, so that soft edges do not turn black."""
    side = ATLAS_PX * FINER
    return Canvas(np.full((side, side, 3), np.clip(rgb, 0, 255), np.uint8), np.zeros((side, side), np.uint8))


def _bent(root: Floats, angle_rad: float, length_px: float, bend_rad: float, count: int = 10) -> Floats:
    steps = np.linspace(0, 1, count)
    angles = angle_rad + bend_rad * steps
    moves = np.stack([np.cos(angles), np.sin(angles)], 1) * (length_px / count)
    return (root + np.cumsum(moves, 0)).astype(np.float32)


def beside_skin(who: Character, rgb: npt.ArrayLike) -> Floats:
    """Return a hair colour (3,) as it must stand beside this skin, sRGB 0..255.

    At run time the double's skin takes the witness's colour, and its hair is multiplied by the same: so half of its
    hue is the skin's own, or black and grey hair turn blue; and on dark skin grey hair is darker, or it glows.
    """
    skin = to_linear(np.array(TONE_RGB[who.tone], np.float32))
    hair = to_linear(np.clip(np.asarray(rgb, np.float32), 0, 255))
    luma = np.float32([0.21, 0.72, 0.07])
    bright = min(float(hair @ luma), 1.25 * float(skin @ luma)) + 0.002
    hue = np.sqrt(np.maximum(hair, 1e-4) / max(float(hair @ luma), 1e-4) * skin / float(skin @ luma))
    return to_srgb(hue / float(hue @ luma) * bright).astype(np.float32)


GREY = np.float32([190, 180, 168])


def _tint(who: Character, rng: np.random.Generator) -> Floats:
    rgb = np.array(who.look.hair_rgb, np.float32)
    if rng.random() < who.look.brow_grey * 0.8:
        rgb = GREY * rng.uniform(0.70, 0.95)
    return beside_skin(who, rgb * rng.uniform(0.7, 1.25))


def over(linear: Floats, drawn: Canvas, light: Floats) -> Floats:
    """Lay hairs over skin, (h, w, 3) linear."""
    colour, cover = drawn.done()
    return linear * (1 - cover[..., None]) + to_linear(colour) * light * cover[..., None]


def _brow_line(who: Character, side: int) -> tuple[Floats, Floats]:
    """The middle of a brow from tail to inner end (64, 2) and half its height (64, 2), for the right half of the face.

    The net's own points run inside a brow; real brows are nearly twice as high.
    """
    look, rng = who.look, np.random.default_rng(who.seed * 31 + 7 + side)
    own = np.random.default_rng(who.seed * 29)
    top, low = at.curve(at.BROW_TOP), at.curve(at.BROW_LOW)
    steps = np.linspace(0, 1, 64)[:, None]
    arch = look.brow_arch * 12 * np.sin(np.pi * np.clip(steps * 1.25, 0, 1))
    rise = 9.0 * look.brow_high + rng.normal(0, 1.2) - 3.0
    tail = own.uniform(-7, 7) * (1 - steps) ** 2
    middle = (top + low) / 2 - np.concatenate([np.zeros_like(arch), arch + rise + tail], 1)
    middle[:, 0] += np.interp(steps[:, 0], [0, 1], [own.uniform(-10, 8), own.uniform(-6, 10)])
    masculine = 1.0 + 0.15 * who.sex
    half = np.float32([[0, 1]]) * 16.5 * (0.4 + 0.6 * look.brow_thick) * masculine
    shape = np.interp(steps, [0, 0.12, 0.4, 0.72, 0.9, 1], [0.16, 0.45, 0.85, 1.0, 0.88, 0.5])
    return middle.astype(np.float32), (half * shape).astype(np.float32)


def brow_skin(who: Character, linear: Floats) -> Floats:
    """Darken the skin between the brows' hairs, as roots and short hairs do, (h, w, 3)."""
    total = np.zeros(linear.shape[:2], np.float32)
    for side in (0, 1):
        middle, half = _brow_line(who, side)
        body = at.inside(np.concatenate([middle - half * 0.86, (middle + half * 0.80)[::-1]]), 6.5)
        inner = at.inside(np.concatenate([middle - half * 0.5, (middle + half * 0.55)[::-1]]), 7.0)
        fade = np.interp(at.grid()[0][0], [middle[-14, 0], middle[-1, 0] + 4], [1, 0.15])
        both = (0.6 * body + 0.55 * inner) * fade[None].astype(np.float32)
        total += both[:, ::-1] if side else both
    tint = np.log(np.clip(to_linear(beside_skin(who, who.look.hair_rgb)) + 0.01, 0, 1) / (linear + 1e-3))
    amount = np.clip(0.66 * total * who.look.brow_dense * (1 - 0.6 * who.look.brow_grey), 0, 0.8)
    return linear * np.exp(np.minimum(tint, 0) * 0.62 * amount[..., None])


def brows(who: Character, on: Canvas) -> None:
    """Both brows; hairs stand at the inner end, lie outward in the middle, and meet in the tail."""
    look = who.look
    for side in (0, 1):
        rng = np.random.default_rng(who.seed * 31 + side)
        middle, half = _brow_line(who, side)
        for _ in range(int(620 * look.brow_dense * (0.5 + 0.5 * look.brow_thick))):
            t = 1 - rng.beta(1.15, 1.25)
            if rng.random() < np.interp(t, [0.8, 1.0], [0, 0.75]):
                continue
            across = float(np.clip(rng.normal(0.12, 0.5), -0.95, 1.0))
            index = min(63, int(t * 63))
            root = middle[index] + half[index] * across + rng.normal(0, 1.0, 2)
            along = np.degrees(np.arctan2(*(middle[max(0, index - 6)] - middle[min(63, index + 6)])[::-1]))
            lift = np.interp(t, [0, 0.3, 0.7, 0.9, 1], [2, 14, 30, 62, 84])
            lift = lift * np.interp(across, [-1, -0.2, 1], [-0.35, 0.35, 1.15]) if t < 0.85 else lift
            angle = np.radians(along + lift + rng.normal(0, 9))
            length = rng.uniform(17, 31) * np.interp(t, [0, 0.3, 0.8, 1], [0.7, 1.0, 1.0, 0.8])
            length *= 0.75 + 0.25 * look.brow_thick
            path = _bent(root, angle, length, np.radians(-lift * 0.5 + rng.normal(0, 11)))
            path = at.mirrored(path) if side else path
            on.strand(path, rng.uniform(0.40, 0.80), _tint(who, rng), rng.uniform(0.35, 0.85))


def lashes(who: Character, on: Canvas) -> None:
    """Upper lashes fan up and out from the lid's edge; lower ones are few and thin."""
    look = who.look
    rgb = np.minimum(np.array(who.look.hair_rgb, np.float32) * 0.35, 40)
    for side in (0, 1):
        rng = np.random.default_rng(who.seed * 37 + side)
        for line, count, length, up in (
            (at.curve(at.UPPER_LID), int(80 + 70 * look.lashes), 2.6 + 3.0 * look.lashes, -1),
            (at.curve(at.LOWER_LID), int(16 + 26 * look.lashes), 3.5 + 2.5 * look.lashes, 1),
        ):
            for _ in range(count):
                t = rng.uniform(0.04, 0.93)
                root = line[int(t * 63)] + (0, rng.uniform(-0.8, 0.8))
                fan = [205, 235, 275, 290] if up < 0 else [155, 125, 92, 80]
                angle = np.radians(np.interp(t, [0, 0.35, 0.8, 1], fan) + rng.normal(0, 8))
                path = _bent(
                    root,
                    angle,
                    length * rng.uniform(0.6, 1.1) * np.interp(t, [0, 0.3, 1], [1.15, 1.0, 0.55]),
                    np.radians(rng.normal(18, 8)) * (1 if up < 0 else -1),
                )
                path = at.mirrored(path) if side else path
                on.strand(path, 0.8 if up < 0 else 0.5, rgb, (0.75 if up < 0 else 0.38) * (0.5 + 0.5 * look.lashes))


def lash_lines(who: Character) -> Floats:
    """The dark edge of the upper lid, and a faint one below, as absorption (h, w)."""
    upper = at.both(at.curve(at.UPPER_LID), 1.9, taper=False)
    lower = at.both(at.curve(at.LOWER_LID), 1.5, taper=False)
    return (upper * (1.1 + 0.9 * who.look.lashes) + lower * (0.12 + 0.22 * who.look.lashes)).astype(np.float32)


def _below(edge: tuple[tuple[float, ...], tuple[float, ...]], soft_px: float) -> Floats:
    """1 below a line that is the same on both halves, 0 above; `edge`: texels from the middle, and rows."""
    column, row = at.grid()
    line = np.interp(np.abs(column - ATLAS_PX / 2), *edge)
    out: Floats = (1 / (1 + np.exp(np.clip((line - row) / soft_px, -30, 30)))).astype(np.float32)
    return out


def beard_zone() -> Floats:
    """Where a beard grows, 0..1 (h, w); it goes on beyond the face's outline, or its rim would be bare."""
    zone = _below(((0, 60, 120, 155, 200, 260, 330, 420, 512), (634, 630, 626, 645, 672, 676, 634, 550, 522)), 9)
    bare = at.blob(17, 16, 14, (-34, 26)) * 0.55 + at.blob(61, 10, 14, (-10, 16)) * 0.35
    return zone * (1 - np.clip(bare, 0, 1)) * (1 - cv2.dilate(at.lips(), np.ones((5, 5))))


def moustache_zone() -> Floats:
    """Where a moustache grows, 0..1 (h, w)."""
    top = _below(((0, 12, 60, 110, 140, 512), (640, 632, 630, 644, 676, 900)), 5)
    end = 1 - _below(((0, 90, 105, 140, 512), (716, 716, 722, 716, 716)), 6)
    return top * end * (1 - cv2.dilate(at.lips(), np.ones((3, 3))))


def beard(who: Character, linear: Floats, light: Floats) -> Floats:
    """Lay the beard over skin (h, w, 3): roots under the skin, stubble, or a full beard and moustache hair by hair."""
    look, seed = who.look, who.seed * 41
    if max(look.stubble, look.beard, look.moustache) <= 0:
        return linear
    zone, lip = beard_zone(), moustache_zone()
    ragged = noise.value(np.dstack([*at.grid(), np.zeros_like(zone)]) / 60.0, 0.5, seed, 3)
    tint = np.float32([0.42, 0.34, 0.24]) * (1.0 if who.tone < 7 else 0.6) * (1 - 0.5 * look.brow_grey)
    roots = np.maximum(zone * look.stubble, lip * max(look.stubble, look.moustache)) * (0.9 + 0.35 * ragged)
    linear = linear * np.exp(-np.clip(roots, 0, 1)[..., None] * tint)
    full = np.clip(np.clip(zone * (1 + 0.22 * ragged), 0, 1) * 1.45 - 0.25, 0, 1) * look.beard
    full = np.maximum(full, np.clip(lip * (1 + 0.3 * ragged) * 1.4 - 0.15, 0, 1) * look.moustache)
    full = full * (1 - cv2.dilate(at.lips(), np.ones((3, 3))))
    hue = np.array(look.hair_rgb, np.float32) * (1 - look.brow_grey) + GREY * look.brow_grey * 0.8
    clumps = np.exp(0.28 * noise.value(np.dstack([*at.grid(), np.ones_like(zone)]) / 60.0, 0.16, seed + 1, 2))
    ground = to_linear(beside_skin(who, hue))[None, None] * light * (0.80 * clumps)[..., None]
    cover = (0.74 * cv2.GaussianBlur(full, (0, 0), 3.0))[..., None]
    linear = linear * (1 - cover) + ground * cover
    strands = canvas(np.array(look.hair_rgb, np.float32))
    _short_hairs(who, strands, zone, lip)
    _long_hairs(who, strands, full)
    return over(linear, strands, light)


def _hair_ink(who: Character, rng: np.random.Generator, low: float, high: float) -> Floats:
    if rng.random() < who.look.brow_grey * 0.9:
        return beside_skin(who, GREY * rng.uniform(0.70, 0.95))
    return beside_skin(who, np.array(who.look.hair_rgb, np.float32) * rng.uniform(low, high))


def _scattered(rng: np.random.Generator, zone: Floats, count: int) -> Floats:
    places = rng.uniform(0, ATLAS_PX, (count * 4, 2)).astype(np.float32)
    dense = zone[places[:, 1].astype(int), places[:, 0].astype(int)]
    return places[rng.random(len(places)) < dense * 0.9][:count]


def _growth(root: Floats, rng: np.random.Generator) -> float:
    outward = (root[0] - ATLAS_PX / 2) / ATLAS_PX
    return float(np.pi / 2 - outward * 1.1 + rng.normal(0, 0.25))


def _short_hairs(who: Character, on: Canvas, zone: Floats, lip: Floats) -> None:
    """Dots and short strokes of a beard shaven a day ago."""
    rng = np.random.default_rng(who.seed * 41)
    there = np.maximum(zone * max(who.look.stubble, who.look.beard), lip * max(who.look.stubble, who.look.moustache))
    for root in _scattered(rng, there, int(24000 * who.look.stubble)):
        path = _bent(root, _growth(root, rng), rng.uniform(1.5, 3.4), 0, 4)
        on.strand(path, rng.uniform(0.45, 0.8), _hair_ink(who, rng, 0.6, 1.2), rng.uniform(0.18, 0.45))


def _long_hairs(who: Character, on: Canvas, full: Floats) -> None:
    """The hairs of a grown beard: they lie down and outward, in little clumps, some of them lit."""
    rng = np.random.default_rng(who.seed * 43)
    for root in _scattered(rng, full, int(9000 * max(who.look.beard, 0.35 * who.look.moustache))):
        angle = _growth(root, rng) + 0.5 * np.sin(root[0] / 23 + root[1] / 31)
        path = _bent(root, angle, rng.uniform(9, 22), rng.normal(0, 0.5), 6)
        lit = 1.9 if rng.random() < 0.22 else 1.0
        ink = np.minimum(_hair_ink(who, rng, 0.55, 1.25) * lit + (12 if lit > 1 else 0), 225)
        on.strand(path, rng.uniform(0.45, 0.9), ink, rng.uniform(0.3, 0.75))
