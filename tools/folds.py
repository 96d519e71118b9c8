"""Maps of folds: how each expression darkens and lightens a double's skin, as creases of flesh and not of a pencil.

Each is a soft valley with a lighter ridge on its upper side (the light comes from above) and a broad shade around it,
uneven along its length and different on the two halves of the face. Young skin has few and soft ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import atlas_map as at
import cv2
import noise
import numpy as np
import numpy.typing as npt
from bind import ATLAS_PX
from characters import Character

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
SIDE_PX, STEP = 512, 0.005
"""Side of a map, and what a code is worth in natural logarithm of light; 128 is nothing."""


def _knots(*points: tuple[float, float]) -> Floats:
    return at.smooth_line(np.float32(points), 72)


class Sheet:
    """A map being drawn; every line wavers by its own chance."""

    def __init__(self, who: Character, seed: int) -> None:
        self.rng = np.random.default_rng(who.seed * 211 + seed)
        self.logs: Floats = np.zeros((ATLAS_PX, ATLAS_PX), np.float32)

    def crease(self, line: Floats, width: float, depth: float, ridge: float = 0.55, wide: float = 0.30) -> None:
        """Draw one valley (n, 2) with its ridge and shade."""
        rng, steps = self.rng, np.linspace(0, 1, len(line))
        wave = sum(rng.normal(0, 1.4 / k) * np.sin(np.pi * k * steps + rng.uniform(0, 6)) for k in (1, 2, 3, 5, 7))
        along = np.gradient(line, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1), 1e-3)[:, None]
        across *= np.where(across[:, 1:] > 0, -1, 1)  # towards the light: up
        line = (line + across * np.asarray(wave)[:, None]).astype(np.float32)
        lit = (line + across * width * 2.2).astype(np.float32)
        drawn = depth * rng.uniform(0.75, 1.2)
        self.logs -= drawn * (at.stroke(line, width) + wide * at.stroke(line, 3.2 * width))
        self.logs += drawn * ridge * at.stroke(lit, 1.5 * width)

    def twice(self, line: Floats, width: float, depth: float, ridge: float = 0.55, wide: float = 0.30) -> None:
        """Draw it on both halves, each a little its own way."""
        for side in (line, at.mirrored(line)):
            shift = self.rng.normal(0, 2.0, 2).astype(np.float32)
            self.crease(side + shift, width * self.rng.uniform(0.85, 1.2), depth, ridge, wide)

    def done(self, place: Floats, seed: int, most: float) -> Floats:
        """Let it wander and fade here and there as skin does; nothing lies in the eyes or the mouth."""
        column, row = at.grid()
        dx = 4.0 * noise.value(place, 0.8, seed, 3)
        dy = 4.0 * noise.value(place, 0.8, seed + 1, 3)
        logs = cv2.remap(self.logs, column - 0.5 + dx, row - 0.5 + dy, cv2.INTER_LINEAR)
        logs = logs * np.clip(0.9 + 0.7 * noise.value(place, 0.7, seed + 2, 3), 0.25, 1.5)
        out: Floats = np.clip(logs, -most, 0.7 * most) * (1 - at.eye_holes()) * (1 - at.mouth_hole())
        return out.astype(np.float32)


def _brows_up(on: Sheet, lines: float) -> None:
    """Forehead lines, arched over each brow, broken where the muscle is."""
    count = 2 + round(2.4 * lines)
    rows = np.linspace(232, 122, count + 1)[:-1] + on.rng.normal(0, 5, count)
    for k, row in enumerate(rows):
        depth = (0.12 + 0.26 * lines) * on.rng.uniform(0.7, 1.1) * (1.0 - 0.10 * k)
        sag = on.rng.uniform(4, 14)
        left, right = 512 - on.rng.uniform(150, 250), 512 + on.rng.uniform(150, 250)
        line = _knots((left, row + 22), (400, row - 6), (512, row + sag), (624, row - 6), (right, row + 22))
        on.crease(line + on.rng.normal(0, 3, 2).astype(np.float32), on.rng.uniform(3.6, 5.2), depth)
        if on.rng.random() < 0.5 * lines:
            at_x = on.rng.uniform(360, 560)
            on.crease(_knots((at_x, row - 16), (at_x + 50, row - 20), (at_x + 105, row - 14)), 3.0, depth * 0.55)
    on.logs += 0.06 * at.blob(223, 60, 16, (0, -8))


def _frown(on: Sheet, lines: float) -> None:
    """Upright lines between the brows, pinched flesh beside them, one across the root of the nose."""
    for side in (-1, 1):
        x = 512 + side * on.rng.uniform(15, 23)
        line = _knots((x + side * 9, 296), (x + side * 1, 266), (x - side * 2, 238), (x + side * 5, 208))
        on.crease(line, on.rng.uniform(3.8, 5.0), 0.26 + 0.22 * lines, 0.25, 0.5)
        on.logs += 0.10 * at.inside(line + np.float32((side * 15, 0)), 9) + 0.0
    if lines > 0.35:
        on.crease(_knots((514, 280), (511, 245), (513, 215)), 3.0, 0.16 * lines, 0.2)
    on.crease(_knots((474, 336), (512, 328), (550, 336)), 4.5, 0.10 + 0.16 * lines)
    on.logs -= 0.14 * at.blob(9, 30, 30, (0, 10)) + 0.14 * at.blob(55, 26, 13, (6, 16))
    on.twice(_knots((420, 300), (385, 286), (345, 284)), 8, 0.10 + 0.06 * lines, 0.3)


def _crows_feet(on: Sheet, lines: float, depth: float) -> None:
    corner = at.spot(33) + np.float32((-14, -2))
    for k in range(2 + round(2.5 * lines)):
        angle = np.radians(on.rng.normal((-26, 12, 34, -6, 22)[k % 5], 4))
        away = np.float32([-np.cos(angle), np.sin(angle)])
        down = np.float32([0.0, 1.0])
        start = corner + away * on.rng.uniform(2, 14)
        bend = on.rng.uniform(2, 10) * (1 if angle > 0 else -1)
        reach = on.rng.uniform(45, 80) * (0.7 + 0.4 * lines)
        line = _knots(
            tuple(start),
            tuple(start + away * reach * 0.5 + down * bend * 0.3),
            tuple(start + away * reach + down * bend),
        )
        on.twice(line, on.rng.uniform(2.6, 3.6), depth * on.rng.uniform(0.6, 1.1))


def _smile(on: Sheet, lines: float) -> None:
    """The fold from nose to mouth, the raised cheek above it, brackets beside the mouth, some crow's feet."""
    wing, beside, corner = at.spot(129), at.spot(206), at.spot(61)
    fold = _knots(tuple(wing + (2, -4)), tuple(at.spot(203) + (-8, 0)), tuple(beside + (-14, -2)),
                  tuple(corner + (-44, -26)), tuple(corner + (-46, 16)))  # fmt: skip
    on.twice(fold, 6.0, 0.28 + 0.14 * lines, 0.75, 0.55)
    on.twice(fold + np.float32((-3, 0)), 3.4, 0.05 + 0.18 * lines, 0.3, 0.1)
    on.logs += 0.15 * at.blob(50, 54, 36, (6, 10)) - 0.10 * at.blob(205, 30, 46, (2, 34))
    if lines > 0.2:
        bracket = _knots(tuple(corner + (-72, -40)), tuple(corner + (-84, 0)), tuple(corner + (-74, 44)))
        on.twice(bracket, 5.0, 0.22 * lines, 0.5)
    on.twice(_knots(tuple(corner + (-8, -10)), tuple(corner + (-14, 2)), tuple(corner + (-12, 16))), 4.0, 0.22, 0.3)
    on.twice(at.curve(at.LOWER_CREASE[1:-1]) + np.float32((0, 9)), 5.0, 0.13 + 0.10 * lines, 0.8)
    _crows_feet(on, lines, 0.08 + 0.18 * lines)
    on.logs -= 0.12 * at.blob(17, 50, 9, (0, 16))


def _squint(on: Sheet, lines: float) -> None:
    """Crow's feet, folds under the lower lid, little ones beside the nose."""
    _crows_feet(on, lines, 0.12 + 0.24 * lines)
    lid = at.curve(at.LOWER_CREASE[1:-1])
    on.twice(lid + np.float32((0, 6)), 4.2, 0.17 + 0.10 * lines, 0.9)
    on.twice(lid + np.float32((-4, 20)), 3.8, 0.06 + 0.16 * lines, 0.6)
    if lines > 0.4:
        on.twice(lid + np.float32((-8, 33)), 3.4, 0.12 * lines, 0.5)
    on.logs += 0.08 * at.blob(118, 56, 18, (0, -4))
    for k in range(2):
        start = at.spot(188) + np.float32((4, 6 + 17 * k))
        on.twice(_knots(tuple(start), tuple(start + (-12, 8)), tuple(start + (-22, 22))), 3.2, 0.05 + 0.14 * lines)
    on.twice(at.curve(at.UPPER_FOLD[1:-1]) + np.float32((0, 10)), 6.0, 0.10, 0.3)


def _pucker(on: Sheet, lines: float) -> None:
    """Upright lines round the lips, and a chin like orange peel."""
    upper, lower = at.curve(at.LIPS_OUTER[:11], 64), at.curve((291, *at.LIPS_OUTER[11:], 61), 64)
    for rim, up, count in ((upper, -1.0, 7 + round(6 * lines)), (lower, 1.0, 5 + round(4 * lines))):
        for _ in range(count):
            root = rim[int(on.rng.uniform(8, 56))]
            lean = (root[0] - 512) / 300
            reach = on.rng.uniform(18, 42) * (0.6 + 0.5 * lines)
            line = _knots(tuple(root + (0, -6 * up)), tuple(root + (lean * reach * 0.4, up * reach * 0.5)),
                          tuple(root + (lean * reach, up * reach)))  # fmt: skip
            on.crease(line, on.rng.uniform(2.6, 3.8), (0.07 + 0.20 * lines) * on.rng.uniform(0.5, 1.1), 0.4, 0.4)
    for _ in range(26):
        x, y = on.rng.normal(512, 34), on.rng.normal(float(at.spot(199)[1]), 20)
        pit = _knots((x - on.rng.uniform(4, 9), y), (x, y + on.rng.normal(0, 3)), (x + on.rng.uniform(4, 9), y))
        on.crease(pit, 3.8, 0.07 + 0.06 * lines, 0.6, 0.2)
    on.logs -= 0.20 * at.blob(17, 52, 9, (0, 22)) - 0.07 * at.blob(206, 30, 40)


def _mouth_open(on: Sheet, lines: float) -> None:
    """Skin drawn long: the fold is deep beside the nose and gone below, cheeks hollow, the chin smooth."""
    wing = at.spot(129)
    top = _knots(tuple(wing + (4, -10)), tuple(at.spot(203) + (-4, 4)), tuple(at.spot(206) + (-4, 20)))
    on.twice(top, 6.5, 0.18 + 0.14 * lines, 0.6, 0.5)
    on.logs += (0.05 + 0.10 * lines) * at.blob(212, 20, 44) + 0.04 * at.blob(199, 60, 26)
    on.logs -= 0.09 * at.blob(187, 26, 70, (10, 10))
    on.twice(_knots(tuple(at.spot(61) + (-16, -18)), tuple(at.spot(61) + (-22, 14)), tuple(at.spot(204) + (-6, 6))), 6,
             0.06 + 0.12 * lines)  # fmt: skip
    on.logs -= 0.10 * at.blob(17, 44, 8, (0, 18))


DRAWN = (_brows_up, _frown, _smile, _squint, _pucker, _mouth_open)
"""In the order of `FOLDS` in veil/nouns/double.py."""


def folding(who: Character) -> float:
    """How much this skin folds, 0..1: by its lines, at least a little by its years."""
    return float(np.clip(max(who.look.lines, 0.06 + 0.6 * (who.age - 18) / 60), 0.06, 1))


def maps(who: Character, place: Floats) -> Sequence[Floats]:
    """Return the six maps in natural logarithm of light, each (1024, 1024)."""
    lines = folding(who)
    most = 0.34 + 0.28 * lines
    out = []
    for k, draw in enumerate(DRAWN):
        sheet = Sheet(who, k)
        draw(sheet, lines)
        sheet.logs *= (0.72 + 0.28 * lines) * (1.0 if who.tone < 8 else 0.85)
        out.append(sheet.done(place, who.seed * 307 + 10 * k, most))
    return out


def picture(who: Character, place: Floats) -> Pixels:
    """The maps as one grey picture (1024, 1536): two rows of three."""
    coded = [
        np.clip(np.rint(128 + cv2.resize(logs, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA) / STEP), 1, 255)
        for logs in maps(who, place)
    ]
    rows = [np.hstack(coded[:3]), np.hstack(coded[3:])]
    return np.vstack(rows).astype(np.uint8)
