"""Brows, lashes and stubble, hair by hair, as colour and cover over the atlas."""

from __future__ import annotations

from dataclasses import dataclass

import atlas_map as at
import cv2
import numpy as np
import numpy.typing as npt
from bind import ATLAS_PX
from characters import Character

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


def _grey(who: Character) -> Floats:
    """Grey hair as it looks beside this skin, sRGB (3,)."""
    return np.float32([194, 190, 185]) * (1 - 0.07 * max(0, who.tone - 4))


def _tint(who: Character, rng: np.random.Generator) -> Floats:
    rgb = np.array(who.look.hair_rgb, np.float32)
    if rng.random() < who.look.brow_grey * 0.8:
        rgb = _grey(who) * rng.uniform(0.75, 1.0)
    return rgb * rng.uniform(0.7, 1.25)


def brows(who: Character, on: Canvas) -> None:
    """Both brows; hairs stand at the inner end, lie outward in the middle and point down the tail."""
    look = who.look
    for side in (0, 1):
        rng = np.random.default_rng(who.seed * 31 + side)
        top, low = at.curve(at.BROW_TOP), at.curve(at.BROW_LOW)
        steps = np.linspace(0, 1, 64)[:, None]  # 0 tail .. 1 inner end
        arch = look.brow_arch * 9 * np.sin(np.pi * np.clip(steps * 1.3, 0, 1))
        middle = (top + low) / 2 - np.concatenate([np.zeros_like(arch), arch], 1)
        middle[:, 0] -= (1 - steps[:, 0]) * 6 - 2
        half = (low - top) / 2 * 0.92 * look.brow_thick
        half *= np.interp(steps, [0, 0.15, 0.5, 0.85, 1], [0.25, 0.5, 0.85, 1.0, 0.8])
        for _ in range(int(1700 * look.brow_dense * (0.55 + 0.45 * look.brow_thick))):
            t = rng.beta(1.25, 1.05)
            if t > 0.93 and rng.random() < 0.6:
                continue
            across = np.clip(rng.normal(0, 0.52), -1.1, 1.1)
            index = min(63, int(t * 63))
            root = middle[index] + half[index] * across + rng.normal(0, 0.8, 2)
            along = np.degrees(np.arctan2(*(middle[max(0, index - 6)] - middle[min(63, index + 6)])[::-1]))
            lift = np.interp(t, [0, 0.35, 0.75, 0.92, 1], [-4, 14, 30, 58, 78]) * (1 if across > -0.2 else 0.55)
            if across < -0.45 and t < 0.75:
                lift = -6.0
            angle = np.radians(along + lift + rng.normal(0, 8))
            length = rng.uniform(13, 26) * np.interp(t, [0, 0.3, 0.8, 1], [0.75, 1.05, 1.0, 0.75])
            path = _bent(root, angle, length, np.radians(-lift * 0.55 + rng.normal(0, 9)))
            path = at.mirrored(path) if side else path
            on.strand(path, rng.uniform(0.35, 0.72), _tint(who, rng), rng.uniform(0.6, 1.0))


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


def beard_zone() -> Floats:
    """Where a beard grows, 0..1 (h, w)."""
    jaw = np.stack([at.spot(i) for i in (127, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)])
    cheek = np.stack([at.spot(i) for i in (152, 17, 84, 181, 91, 61, 92, 203, 206, 207, 187, 147, 177, 137)])
    outline = np.concatenate([jaw, [at.spot(152) + (0, 70)], [at.spot(17)], cheek[2:]])
    side = at.inside(outline.astype(np.float32), 30)
    lip = at.inside(
        np.stack([at.spot(i) for i in (61, 92, 203, 98, 97, 2, 326, 327, 423, 322, 291, 270, 267, 0, 37, 40)]), 9
    )
    chin = at.inside(np.stack([at.spot(i) for i in (181, 17, 405, 418, 421, 200, 201, 194)]), 10)
    zone = np.maximum(np.maximum(side, side[:, ::-1]), np.maximum(lip, chin))
    return zone * (1 - cv2.dilate(at.lips(), np.ones((5, 5))))


def stubble(who: Character, on: Canvas) -> None:
    """Short hairs in the beard's zone: dots when shaven a day ago, strokes in a short beard."""
    look = who.look
    amount = max(look.stubble, look.beard)
    if amount <= 0:
        return
    rng = np.random.default_rng(who.seed * 41)
    zone = beard_zone()
    count = int(26000 * amount)
    places = rng.uniform(0, ATLAS_PX, (count * 4, 2)).astype(np.float32)
    dense = zone[places[:, 1].astype(int), places[:, 0].astype(int)]
    places = places[rng.random(len(places)) < dense * 0.9][:count]
    for root in places:
        outward = (root[0] - ATLAS_PX / 2) / ATLAS_PX
        angle = np.pi / 2 - outward * 1.1 + rng.normal(0, 0.25)
        length = rng.uniform(1.5, 3.2) * (1 + 3.2 * look.beard)
        rgb = np.array(look.hair_rgb, np.float32) * rng.uniform(0.6, 1.2)
        if rng.random() < look.brow_grey * 0.9:
            rgb = _grey(who) * rng.uniform(0.75, 1.0)
        on.strand(
            _bent(root, angle, length, 0, 4),
            rng.uniform(0.45, 0.8),
            rgb,
            rng.uniform(0.18, 0.42) * (0.7 + 0.6 * look.beard),
        )
