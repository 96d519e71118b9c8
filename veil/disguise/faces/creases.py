"""Measures how expressions fold somebody's skin: what a clip shows of it beside the calm face, in the atlas."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.unwrap import Skin, inside, openings
from veil.models.topology import BLENDSHAPES
from veil.nouns.double import FOLD_LOG, FOLDS
from veil.nouns.light import FLOOR

SIDE = 512
"""Width and height of a map of folds."""

DRIVERS: dict[str, tuple[str, ...]] = {
    "brows up": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    "frown": ("browDownLeft", "browDownRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "squint": ("eyeSquintLeft", "eyeSquintRight", "cheekSquintLeft", "cheekSquintRight"),
    "pucker": ("mouthPucker",),
    "mouth open": ("jawOpen",),
}
"""The blendshapes whose mean weight says how far each fold of `FOLDS` is pulled."""

STRONG = 0.35
"""From this weight on an expression is worth looking at."""
_WIDE_PX, _QUIET = 12.0, 0.02  # folds are narrower than this; less log light than this is noise


@dataclass(frozen=True, eq=False)
class Pulled:
    """The skin of one frame, and how far each expression was pulled in it, (len(FOLDS),)."""

    skin: Skin
    weights: NDArray[np.float32]


def pulls(moves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each fold is pulled, (len(FOLDS),), by the 52 blendshape weights."""
    return np.array([np.mean([moves[BLENDSHAPES.index(n)] for n in DRIVERS[fold]]) for fold in FOLDS], np.float32)


def folds_of(calm: Skin, frames: Sequence[Pulled]) -> NDArray[np.uint8] | None:
    """Return the maps of folds (len(FOLDS), SIDE, SIDE) at full weight; None when no frame shows any expression."""
    base, known = _fine(calm)
    maps = np.full((len(FOLDS), SIDE, SIDE), 128, np.uint8)
    for number in range(len(FOLDS)):
        strong = [f for f in frames if f.weights[number] > STRONG]
        if not strong:
            continue
        total, worth = np.zeros((SIDE, SIDE), np.float32), np.full((SIDE, SIDE), 1e-3, np.float32)
        for frame in strong:
            fine, seen = _fine(frame.skin)
            there, weight = np.minimum(seen, known), float(frame.weights[number])
            total += there * (fine - base) * weight
            worth += there * weight * weight
        change = total / worth * np.clip(worth / (0.5 * STRONG**2), 0, 1)
        change = cv2.GaussianBlur(change, (0, 0), 1.3) * _skin()
        change = np.sign(change) * np.maximum(0, np.abs(change) - _QUIET)
        maps[number] = np.clip(np.clip(change, -0.35, 0.25) / FOLD_LOG + 128.5, 0, 255).astype(np.uint8)
    return maps if (maps != 128).any() else None


@lru_cache(maxsize=1)
def _skin() -> NDArray[np.float32]:
    """Return 1 on skin that may fold, 0 in and at the edge of eyes and mouth and near the outline, (SIDE, SIDE)."""
    wide = cv2.dilate(openings(), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25)))
    free = cv2.GaussianBlur((1 - wide).astype(np.float32), (0, 0), 5) * np.clip(2 * inside() - 1, 0, 1)
    return cv2.resize(free, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


def _fine(skin: Skin) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the log light of a skin without what is coarse, and how much of it is known, both (SIDE, SIDE)."""
    small = cv2.resize(skin.colour.mean(2), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    worth = cv2.resize(skin.worth, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    logs = np.log(small + FLOOR)
    return (logs - cv2.GaussianBlur(logs, (0, 0), _WIDE_PX)).astype(np.float32), worth
