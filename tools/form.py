"""What light does in the small forms of a face: nostrils, wings of the nose, lids, lips, folds, as logarithm of light.

At run time only a very smooth light falls on a double, so all that is finer than a third of a face is painted here.
The traced light of the true shape comes on top; this is what its coarse mesh cannot show.
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
NOSTRIL = (79, 218, 166, 59, 75, 60, 20, 238, 239)
UNDER_NOSE = (219, 218, 237, 44, 1, 274, 457, 438, 439, 455, 460, 328, 326, 2, 97, 99, 240, 235)


def _mix(*shares: tuple[int, float]) -> Floats:
    """A point between landmarks."""
    total = sum(share for _, share in shares)
    return sum((at.spot(i) * (share / total) for i, share in shares), np.zeros(2, np.float32)).astype(np.float32)


def _line(points: Sequence[Floats], width: float, taper: bool = True) -> Floats:
    """A soft line on both halves of the face, its darkest about 1."""
    return at.both(at.smooth_line(np.stack(points)), width, taper)


def _marks(indices: Sequence[int], width: float, shift: tuple[float, float] = (0, 0), taper: bool = True) -> Floats:
    line = at.curve(indices) + np.float32(shift)
    return at.both(line, width, taper)


def nose(who: Character) -> Floats:
    """Nostrils, underside, wings and bridge, (h, w)."""
    rng = np.random.default_rng(who.seed * 13 + 1)
    ring = np.stack([at.spot(i) for i in NOSTRIL])
    middle = ring.mean(0) + (rng.normal(0, 1), 2.0)
    shape = np.float32([0.80, 0.60]) * rng.uniform(0.92, 1.12)
    hole = (ring - ring.mean(0)) * shape + middle
    holes = at.inside(hole.astype(np.float32), 2.6)
    holes = np.maximum(holes, holes[:, ::-1])
    under = at.inside(np.stack([at.spot(i) for i in UNDER_NOSE]), 7)
    groove = [
        _mix((198, 1), (131, 1.4)), _mix((209, 0.5), (49, 1)), _mix((129, 0.5), (102, 1)),
        _mix((129, 0.35), (64, 0.8)), _mix((98, 1), (64, 0.25)), _mix((98, 1), (99, 0.7)),
    ]  # fmt: skip
    deep = rng.uniform(0.85, 1.15)
    out = -2.1 * holes - 0.42 * under
    out -= deep * (0.44 * _line(groove, 4.4) + 0.42 * _line(groove, 11.0))
    out -= 0.30 * _marks((98, 99, 97), 5, (0, 4)) + 0.24 * at.blob(2, 38, 9, (0, 7))
    out += 0.14 * at.blob(64, 11, 16, (6, -18)) + 0.05 * at.blob(94, 9, 10)
    side = [_mix((244, 1), (193, 0.6)), at.spot(188), _mix((174, 1), (217, 0.6)), at.spot(198)]
    out -= 0.20 * _line(side, 15) + 0.10 * _line(side, 30)
    bridge = at.smooth_line(np.stack([at.spot(i) for i in (168, 6, 197, 195, 5)]) + (rng.normal(-2, 2), 0))
    out += 0.12 * at.stroke(bridge.astype(np.float32), 11) + 0.16 * at.blob(4, 14, 10, (rng.normal(-2, 2), -12))
    return out.astype(np.float32)


def eyes(who: Character) -> Floats:
    """Sockets, lid creases, lash line and the lower lid, (h, w)."""
    look = who.look
    rng = np.random.default_rng(who.seed * 13 + 2)
    rise = rng.uniform(-3.5, 1.0) - 1.5
    crease = _marks(UPPER, 2.3, (0, rise)), _marks(UPPER, 7.0, (0, rise - 4))
    out = -(0.30 + 0.75 * look.crease) * crease[0] - (0.22 + 0.28 * look.crease) * crease[1]
    out -= 0.30 * at.blob(221, 26, 22, (2, 10)) + 0.22 * at.blob(193, 15, 26, (-4, 0))  # between eye and nose
    out -= 0.16 * _marks(at.UPPER_FOLD, 13, (0, 2)) + 0.10 * at.blob(225, 26, 16, (-6, -6))
    out += 0.13 * _marks(at.BROW_LOW[1:], 8, (0, 15)) * (1.0 - 0.4 * look.lines)  # the bone under the brow
    out += 0.12 * _marks(at.UPPER_LID[2:-2], 4.0, (0, -7)) * look.crease
    out -= 0.50 * _marks(at.UPPER_LID, 4.5, (0, -1), taper=False)  # lashes' roots seen together
    out -= 0.26 * _marks(at.LOWER_LID[1:], 3.2, (0, 2.5), taper=False)
    out += 0.10 * _marks(at.LOWER_LID[2:-1], 2.6, (0, 8))
    out -= (0.08 + 0.22 * look.lines) * _marks(at.LOWER_CREASE[1:-1], 4.0, (0, 3))
    out -= (0.03 + 0.22 * look.under_eye) * _marks(at.TEAR_TROUGH[3:], 10, (0, 0))
    out += 0.08 * _marks(at.TEAR_TROUGH[1:-2], 9, (0, 20))
    out -= 0.55 * at.blob(133, 7, 5, (2, 1)) + 0.40 * at.blob(33, 10, 4, (-7, -1))
    return out.astype(np.float32)


UPPER = at.UPPER_CREASE[:-1]


def mouth(who: Character) -> Floats:
    """Seam and corners of the lips, their roundness, philtrum and the hollow above the chin, (h, w)."""
    rng = np.random.default_rng(who.seed * 13 + 3)
    red = at.lips()
    _, row = at.grid()
    seam_line = at.curve((61, 78, 13, 308, 291))
    middle_row = (at.spot(13)[1] + at.spot(14)[1]) / 2
    upper, lower = red * (row < middle_row), red * (row >= middle_row)
    soft_upper, soft_lower = cv2.GaussianBlur(upper, (0, 0), 3), cv2.GaussianBlur(lower, (0, 0), 3)
    out = -0.10 * soft_upper
    out -= 1.0 * at.stroke(seam_line, 2.0, taper=False) + 0.36 * at.stroke(seam_line, 6.0)
    out += 0.20 * at.blob(14, 46, 6, (rng.normal(0, 4), 17)) * lower + 0.07 * at.blob(14, 60, 11, (0, 18)) * lower
    out -= 0.30 * at.both(at.curve((61, 146, 91, 181, 84, 17)), 4.0) * soft_lower  # it rolls in
    out -= 0.38 * at.blob(61, 8, 8, (2, 1)) + 0.20 * at.blob(61, 15, 20, (-9, 9))
    out += 0.10 * at.both(at.curve((61, 185, 40, 39, 37, 0)) + np.float32((0, -6)), 3.4)
    out -= 0.34 * at.blob(17, 42, 10, (0, 19)) + 0.16 * at.blob(17, 70, 15, (0, 24))
    out -= 0.17 * at.stroke(at.smooth_line(np.stack([at.spot(2) + (0, 8), at.spot(164), at.spot(0) - (0, 9)])), 8)
    out += 0.09 * at.both(at.smooth_line(np.stack([_mix((97, 1), (2, 1)) + (0, 8), at.spot(167), at.spot(37)])), 6)
    out += 0.10 * at.blob(199, 44, 26, (0, 4)) - 0.06 * at.blob(201, 26, 20, (-22, 6))
    return out.astype(np.float32)


def cheeks(who: Character) -> Floats:
    """The fold from nose to mouth, even in the young, and what age adds round mouth and cheeks, (h, w)."""
    lines = who.look.lines
    fold = [_mix((98, 0.4), (129, 0.8)), at.spot(203), at.spot(206), _mix((216, 1), (206, 0.2)), at.spot(212)]
    out = -(0.11 + 0.20 * lines) * _line(fold, 14) - (0.05 + 0.24 * lines**1.2) * _line(fold, 6.0)
    ridge = [point + np.float32((-16, -6)) for point in fold]
    out += (0.05 + 0.13 * lines) * _line(ridge, 11)
    pouch = [at.spot(61) + (-8, 12), at.spot(204), at.spot(211)]
    out -= (0.05 + 0.20 * lines) * _line(pouch, 11) + 0.14 * lines**1.5 * _line(pouch, 5.5)
    out -= 0.16 * lines * _marks(at.CHEEK_BAG, 9) - 0.08 * _marks(at.CHEEK_BAG, 9, (0, 18)) * lines
    out += 0.07 * at.blob(117, 42, 22, (0, 8))
    return out.astype(np.float32)


def light_log(who: Character, place: Floats) -> Floats:
    """All small forms together, uneven as flesh is and a little different on either side, (h, w)."""
    total = nose(who) + mouth(who) + cheeks(who) + eyes(who)
    column, row = at.grid()
    seed = who.seed * 17
    dx = 3.0 * noise.value(place, 1.4, seed, 2) + 1.0 * noise.value(place, 0.35, seed + 1)
    dy = 3.0 * noise.value(place, 1.4, seed + 2, 2) + 1.0 * noise.value(place, 0.35, seed + 3)
    still = np.clip(1 - 1.2 * cv2.GaussianBlur(cv2.dilate(at.eye_holes(), np.ones((25, 25))), (0, 0), 8), 0.15, 1)
    total = cv2.remap(total, column - 0.5 + dx * still, row - 0.5 + dy * still, cv2.INTER_LINEAR)
    uneven = 1 + 0.18 * noise.value(place, 0.9, seed + 4, 3)
    dark = 1.0 if who.tone < 7 else 0.9
    return (total * uneven * dark).astype(np.float32)


def window(trusted: Floats) -> Floats:
    """Where the bound surface can be believed, soft at its rim, 0..1 (h, w): the middle of the face."""
    column, row = at.grid()
    oval = ((column - ATLAS_PX / 2) / (345 - 0.22 * np.maximum(row - 560, 0))) ** 4 + ((row - 500) / 415) ** 4
    inside = np.clip((1.0 - oval) / 0.55, 0, 1)
    believed = cv2.morphologyEx(trusted, cv2.MORPH_CLOSE, np.ones((61, 61)))
    believed = cv2.GaussianBlur(cv2.erode(believed, np.ones((51, 51))), (0, 0), 24)
    out: Floats = (inside * np.clip(believed * 1.5 - 0.3, 0, 1)).astype(np.float32)
    return out


def local(logs: Floats, where: Floats, strength: float) -> Floats:
    """What is left of `logs` (h, w, 3) without its broad gradients, inside `where`; calmer round the mouth."""
    mouth_zone = np.clip(cv2.GaussianBlur(cv2.dilate(at.lips(), np.ones((31, 31))), (0, 0), 10), 0, 1)[..., None]
    logs = logs * (1 - mouth_zone) + cv2.GaussianBlur(logs, (0, 0), 5) * mouth_zone
    sure = np.maximum(where, 1e-3)
    wide = ATLAS_PX * 0.11
    broad = cv2.GaussianBlur(logs * sure[..., None], (0, 0), wide) / cv2.GaussianBlur(sure, (0, 0), wide)[..., None]
    stray = logs - broad
    forehead = np.clip((at.grid()[1] - 90) / 230, 0.15, 1)[..., None]
    stray = np.minimum(stray, 0) + np.maximum(stray, 0) * forehead  # or a bright brow ends in an edge
    out: Floats = (strength * stray * where[..., None] * (1 - 0.45 * mouth_zone)).astype(np.float32)
    return out


def key_log(key: Floats, where: Floats) -> Floats:
    """The traced lamp as logarithm, without its broad gradients, (h, w): the run-time light brings those."""
    nose_zone = np.clip(at.blob(1, 70, 44, (0, 12)) * 1.6, 0, 1)
    eye_zone = np.clip(cv2.GaussianBlur(cv2.dilate(at.eye_holes(), np.ones((21, 21))), (0, 0), 9) * 1.2, 0, 1)
    logs = np.log(np.clip(key, 0, 2) + 0.28)
    soft = cv2.GaussianBlur(logs, (0, 0), 12)
    logs = cv2.GaussianBlur(logs, (0, 0), 2.5) * (1 - nose_zone) + soft * nose_zone
    stray = local(np.dstack([logs] * 3), where, 1.0)[..., 0]
    out: Floats = np.clip(stray, -0.7, 0.28) * (1 - 0.75 * eye_zone)
    return out.astype(np.float32)
