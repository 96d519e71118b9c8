"""Who is in the wardrobe: 25 doubles and one witness, invented; nobody's face.

What a double's line does not say is drawn at random, far apart from one double to the next, by its seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from anny_head import Anatomy

Rgb = tuple[int, int, int]

TONE_RGB: Mapping[int, Rgb] = {
    1: (224, 190, 174), 2: (220, 182, 162), 3: (219, 176, 149), 4: (205, 160, 128), 5: (187, 139, 105),
    6: (160, 113, 82), 7: (132, 91, 66), 8: (106, 72, 53), 9: (83, 56, 43), 10: (70, 46, 35),
}  # fmt: skip
"""Skin under soft light for each step of the Monk scale, sRGB (swatches warmed to what a camera sees)."""


@dataclass(frozen=True)
class Look:
    """Everything painted, not modelled. Amounts are 0..1 unless they say otherwise."""

    iris_rgb: Rgb
    hair_rgb: Rgb
    lip_red: float = 0.45
    lip_brown: float = 0.1
    flush: float = 0.5
    freckles: float = 0.0
    moles: int = 3
    patchy: float = 0.5
    lines: float = 0.0
    under_eye: float = 0.3
    pores: float = 0.5
    sheen: float = 0.5
    stubble: float = 0.0
    beard: float = 0.0
    moustache: float = 0.0
    brow_thick: float = 1.0
    brow_dense: float = 1.0
    brow_arch: float = 0.0
    brow_grey: float = 0.0
    brow_high: float = 0.0
    """How far the brows lie above (below 0: under) where the landmark net sees them, -1..1."""
    lashes: float = 0.7
    crease: float = 0.6
    teeth_yellow: float = 0.4


@dataclass(frozen=True)
class Character:
    """One invented person."""

    name: str
    sex: float
    age: int
    tone: int
    build: float
    seed: int
    anatomy: Anatomy
    look: Look
    lids: float = 0.0
    """How far the calm lids are lowered, 0..1."""
    glasses: Mapping[str, object] | None = None
    """What double.json says of glasses, for those who wear some."""


SPREAD = {
    "nose_scale_horiz": 0.45, "nose_scale_vert": 0.38, "nose_scale_depth": 0.35, "nose_hump": 0.50,
    "nose_point_width": 0.40, "nose_point": 0.40, "nose_volume": 0.30, "nose_width1": 0.30, "nose_width2": 0.35,
    "nose_width3": 0.35, "nose_flaring": 0.30, "nose_curve": 0.25, "nose_greek": 0.25, "nose_base": 0.30,
    "mouth_scale_horiz": 0.50, "mouth_scale_vert": 0.25, "mouth_upperlip_height": 0.40, "mouth_lowerlip_height": 0.40,
    "mouth_upperlip_volume": 0.25, "mouth_lowerlip_volume": 0.25, "mouth_cupidsbow": 0.40, "mouth_angles": 0.20,
    "mouth_trans_up": 0.22, "mouth_philtrum_volume": 0.20, "eye_scale": 0.25, "eye_trans_out": 0.40,
    "eye_trans_up": 0.25, "eye_corner1": 0.25, "eye_corner2": 0.40, "eye_height2": 0.25, "eye_eyefold": 0.25,
    "eye_eyefold_angle": 0.30, "eye_push1": 0.20, "eyebrows_angle": 0.40, "eyebrows_trans_up": 0.40,
    "eyebrows_trans_forward": 0.40, "chin_width": 0.50, "chin_height": 0.45, "chin_prominent": 0.25,
    "chin_jaw_drop": 0.30, "chin_bones": 0.30, "cheek_bones": 0.40, "cheek_inner": 0.35, "cheek_volume": 0.35,
    "cheek_trans": 0.30, "forehead_scale_vert": 0.30, "head_scale_horiz": 0.30, "head_scale_vert": 0.30,
    "head_fat": 0.20,
}  # fmt: skip
"""How far each of anny's controls strays from 0 between doubles; 1 is the end of the control."""


def _drawn(seed: int, said: Mapping[str, float]) -> dict[str, float]:
    """Return `said`, and for every other control of `SPREAD` a value that is this seed's own."""
    rng = np.random.default_rng(seed * 7919)
    drawn = {name: float(np.clip(rng.uniform(-1.25, 1.25) * wide, -0.6, 0.6)) for name, wide in SPREAD.items()}
    return drawn | dict(said)


def _anatomy(
    sex: float, years: int, build: float, origin: tuple[float, float, float], seed: int = 0, **local: float
) -> Anatomy:
    """Translate sex 0 female..1 male, years and build to anny's phenotype; `origin` mixes its three face families.

    With a `seed` the controls that are not named stray as `SPREAD` says.
    """
    local = _drawn(seed, local) if seed else local
    age = 2 / 3 + (years - 25) / 65 / 3 if years >= 25 else 2 / 3 - (25 - years) / 75
    african, asian, caucasian = origin
    phenotype = {
        "gender": 1 - sex, "age": min(age, 1.0), "muscle": 0.5, "weight": build, "height": 0.5, "proportions": 0.6,
        "african": african, "asian": asian, "caucasian": caucasian,
    }  # fmt: skip
    extra = {name: local.pop(name) for name in list(local) if name.startswith("asym")}
    return Anatomy(
        phenotype,
        {name.replace("_", "-"): value for name, value in local.items()},
        {f"asym/{name.replace('_', '-')}": value for name, value in extra.items()},
    )


# fmt: off
WARDROBE: tuple[Character, ...] = (
    Character("ada", 0.0, 21, 3, 0.4, 101, _anatomy(0.02, 21, 0.4, (0.05, 0.1, 0.85), 101, nose_hump=-0.35,
        nose_scale_horiz=-0.3, nose_point=0.35, mouth_lowerlip_height=0.4, mouth_upperlip_height=0.25,
        chin_width=-0.35, chin_height=-0.1, cheek_bones=0.35, eye_scale=0.1, eye_height2=-0.35,
        mouth_scale_horiz=0.25, forehead_scale_vert=-0.1, asym_nose_1_l=0.1, asym_mouth_1_l=0.15, asym_brown_1_r=0.2),
        Look((104, 116, 98), (104, 72, 46), lip_red=0.32, lip_brown=0.02, flush=0.6, freckles=0.55, patchy=0.4,
        under_eye=0.2, pores=0.4, brow_thick=0.85, brow_dense=0.9, brow_arch=0.15, lashes=0.8), lids=0.16),
    Character("boris", 1.0, 52, 4, 0.65, 102, _anatomy(1.0, 52, 0.66, (0.0, 0.1, 0.9), 102, nose_hump=0.7,
        nose_scale_horiz=0.35, nose_volume=0.4, chin_width=0.5, chin_jaw_drop=0.2, chin_cleft=0.4,
        mouth_scale_horiz=0.3, mouth_upperlip_height=-0.35, eyebrows_trans=-0.3, head_fat=0.35, asym_nose_2_r=0.35,
        asym_jaw_1_l=0.3, asym_mouth_2_r=0.2), Look((88, 110, 128), (78, 66, 56), lip_red=0.2, lip_brown=0.1,
        flush=0.85, patchy=0.8, lines=0.6, under_eye=0.55, pores=0.9, stubble=0.75, brow_thick=1.35, brow_dense=1.0,
        brow_grey=0.3, lashes=0.35, crease=0.5, teeth_yellow=0.7), lids=0.05),
    Character("chen", 1.0, 31, 5, 0.45, 103, _anatomy(0.95, 31, 0.45, (0.0, 1.0, 0.05), 103, nose_scale_horiz=0.15,
        nose_hump=-0.2, cheek_bones=0.5, chin_width=0.15, chin_prominent=-0.2, mouth_lowerlip_volume=0.25,
        eye_epicanthus=-0.6, eye_height2=-0.25, head_scale_horiz=0.2, asym_jaw_2_r=0.2, asym_brown_2_l=0.2,
        asym_mouth_1_r=0.15, mouth_scale_horiz=0.45), Look((58, 38, 28), (22, 19, 19), lip_red=0.25, lip_brown=0.12,
        flush=0.35, patchy=0.45, moles=5, under_eye=0.3, pores=0.6, stubble=0.3, brow_thick=1.1, brow_dense=0.95,
        lashes=0.4, crease=0.15)),
    Character("dora", 0.0, 67, 1, 0.55, 104, _anatomy(0.05, 67, 0.55, (0.0, 0.05, 0.95), 104, nose_scale_vert=0.3,
        nose_point_width=0.25, nose_volume=0.2, mouth_upperlip_height=-0.5, mouth_lowerlip_height=-0.3,
        mouth_angles=-0.2, chin_prominent=0.25, neck_double=0.4, cheek_trans=-0.5, eye_bag=0.5, eye_eyefold=-0.3,
        eye_height2=-0.3, head_age=0.3, asym_nose_1_r=0.3, asym_eye_3_l=0.15), Look((104, 128, 144), (150, 142, 134),
        lip_red=0.28, lip_brown=0.02, flush=0.7, freckles=0.2, moles=4, patchy=0.9, lines=1.0, under_eye=0.6,
        pores=0.6, brow_thick=0.7, brow_dense=0.55, brow_grey=0.7, lashes=0.35, crease=0.7, teeth_yellow=0.7),
        lids=0.14),
    Character("emeka", 1.0, 38, 9, 0.5, 105, _anatomy(1.0, 38, 0.5, (1.0, 0.0, 0.0), 105, nose_scale_horiz=0.3,
        nose_flaring=0.35, nose_scale_vert=-0.15, mouth_lowerlip_volume=0.35, mouth_upperlip_volume=0.3,
        chin_width=0.3, chin_prominent=0.25, forehead_nubian=0.3, cheek_bones=0.3, asym_jaw_1_r=0.25,
        asym_nose_3_l=0.25, asym_mouth_2_l=0.2), Look((52, 32, 22), (18, 16, 15), lip_red=0.22, lip_brown=0.2,
        flush=0.3, patchy=0.6, lines=0.2, under_eye=0.4, pores=0.75, sheen=0.8, stubble=0.5, brow_thick=1.15,
        lashes=0.5, crease=0.55), lids=0.12),
    Character("farah", 0.0, 36, 6, 0.45, 106, _anatomy(0.05, 36, 0.45, (0.15, 0.1, 0.75), 106, nose_hump=0.45,
        nose_scale_vert=0.2, nose_scale_horiz=-0.15, mouth_lowerlip_height=0.35, mouth_cupidsbow=0.4, eye_scale=0.2,
        eye_height2=-0.3, eye_corner2=0.35, chin_height=0.2, asym_nose_4_l=0.25, asym_brown_1_l=0.25), Look((74, 48,
        30), (30, 22, 20), lip_red=0.4, lip_brown=0.15, flush=0.4, moles=4, patchy=0.5, lines=0.15, under_eye=0.5,
        pores=0.5, brow_thick=1.15, brow_dense=1.1, brow_arch=0.35, lashes=1.0, crease=0.8), lids=0.13),
    Character("goran", 1.0, 74, 3, 0.4, 107, _anatomy(0.95, 74, 0.35, (0.0, 0.05, 0.95), 107, nose_scale_vert=0.4,
        nose_scale_depth=0.3, nose_hump=0.3, nose_point_width=0.3, cheek_inner=-0.5, cheek_volume=-0.5,
        mouth_upperlip_height=-0.6, mouth_lowerlip_height=-0.4, chin_prominent=0.3, eye_bag=0.6, eye_eyefold=-0.5,
        head_age=0.5, ear_scale=0.4, forehead_temple=-0.4, asym_nose_2_l=0.4, asym_mouth_1_l=0.3, asym_jaw_2_l=0.3),
        Look((110, 124, 130), (176, 172, 166), lip_red=0.25, lip_brown=0.05, flush=0.8, freckles=0.25, moles=7,
        patchy=1.0, lines=0.95, under_eye=0.7, pores=0.8, stubble=0.5, brow_thick=1.4, brow_dense=0.7, brow_grey=0.85,
        lashes=0.25, crease=0.6, teeth_yellow=0.9), lids=0.06,
        glasses={"shape": "half", "rgb": [70, 62, 56], "thick": 0.35}),
    Character("hana", 0.0, 45, 4, 0.5, 108, _anatomy(0.0, 45, 0.5, (0.0, 1.0, 0.1), 108, nose_scale_horiz=0.1,
        nose_point_width=0.2, nose_scale_vert=-0.2, cheek_volume=0.35, cheek_bones=0.2, head_scale_horiz=0.3,
        chin_width=-0.1, mouth_scale_horiz=0.25, mouth_lowerlip_volume=0.2, eye_epicanthus=-0.8, eye_height2=-0.2,
        asym_mouth_2_r=0.2, asym_brown_2_r=0.2), Look((54, 36, 27), (28, 23, 22), lip_red=0.4, lip_brown=0.08,
        flush=0.45, freckles=0.25, moles=3, patchy=0.5, lines=0.35, under_eye=0.4, pores=0.4, brow_thick=0.75,
        brow_dense=0.8, lashes=0.45, crease=0.25)),
    Character("imani", 0.0, 29, 8, 0.55, 109, _anatomy(0.0, 29, 0.55, (0.95, 0.0, 0.1), 109, nose_scale_horiz=0.2,
        nose_hump=-0.3, cheek_volume=0.3, mouth_lowerlip_volume=0.45, mouth_upperlip_height=0.35,
        mouth_scale_horiz=0.15, chin_height=-0.25, eye_scale=0.1, eye_height2=-0.4, forehead_scale_vert=0.2,
        asym_mouth_1_r=0.2, asym_nose_1_l=0.2, asym_brown_1_r=0.2), Look((60, 36, 24), (20, 16, 15), lip_red=0.3,
        lip_brown=0.18, flush=0.35, moles=3, patchy=0.5, under_eye=0.3, pores=0.45, sheen=0.75, brow_thick=0.85,
        brow_arch=0.3, lashes=0.9, crease=0.7), lids=0.18),
    Character("juno", 0.5, 41, 7, 0.35, 110, _anatomy(0.5, 41, 0.35, (0.35, 0.35, 0.3), 110, nose_scale_vert=0.25,
        nose_scale_depth=0.2, nose_width2=-0.2, cheek_inner=-0.35, cheek_bones=0.45, chin_height=0.3, chin_width=-0.2,
        mouth_scale_horiz=0.35, eye_trans=0.1, head_scale_vert=0.2, asym_jaw_1_l=0.25, asym_nose_3_r=0.3,
        asym_eye_5_r=0.1), Look((66, 50, 34), (36, 28, 25), lip_red=0.32, lip_brown=0.2, flush=0.35, freckles=0.15,
        moles=4, patchy=0.6, lines=0.3, under_eye=0.5, pores=0.6, brow_thick=1.0, brow_dense=0.8, lashes=0.55,
        crease=0.55), lids=0.08),
    Character("kofi", 1.0, 60, 10, 0.6, 112, _anatomy(1.0, 60, 0.6, (0.9, 0.05, 0.15), 112, nose_scale_horiz=0.15,
        nose_hump=0.4, nose_scale_vert=0.25, nose_volume=0.3, mouth_scale_horiz=0.3, mouth_lowerlip_volume=0.15,
        chin_width=0.35, chin_height=0.2, head_fat=0.3, cheek_bones=0.2, eye_bag=0.3, asym_nose_4_r=0.3,
        asym_jaw_1_l=0.25, asym_brown_2_r=0.3), Look((48, 32, 24), (60, 56, 53), lip_red=0.14, lip_brown=0.22,
        flush=0.25, moles=6, patchy=0.8, lines=0.55, under_eye=0.5, pores=0.9, sheen=1.0, stubble=0.5, beard=0.75,
        brow_thick=1.2, brow_dense=0.8, brow_grey=0.35, lashes=0.4, crease=0.5, teeth_yellow=0.7), lids=0.1),
    Character("luz", 0.0, 27, 6, 0.65, 113, _anatomy(0.05, 27, 0.68, (0.1, 0.6, 0.4), 113, nose_scale_horiz=0.2,
        nose_point_width=0.25, nose_scale_vert=-0.15, cheek_volume=0.5, head_fat=0.45, head_scale_horiz=0.25,
        chin_width=0.1, chin_height=-0.2, mouth_scale_horiz=0.3, mouth_lowerlip_height=0.2,
        mouth_upperlip_height=-0.15, eye_corner2=-0.2, asym_nose_3_l=0.2, asym_mouth_2_l=0.2, asym_brown_1_r=0.25),
        Look((62, 40, 26), (26, 20, 18), lip_red=0.34, lip_brown=0.14, flush=0.5, freckles=0.3, moles=6, patchy=0.6,
        under_eye=0.35, pores=0.55, sheen=0.65, brow_thick=1.0, brow_dense=0.9, brow_arch=0.1, lashes=0.7,
        crease=0.35), lids=0.1),
    Character("nils", 1.0, 34, 1, 0.45, 121, _anatomy(1.0, 34, 0.42, (0.0, 0.05, 0.95), 121, nose_scale_vert=0.5,
        nose_scale_horiz=-0.4, nose_hump=0.1, chin_height=0.5, chin_width=0.1, mouth_scale_horiz=-0.2,
        head_scale_vert=0.3, eye_trans_out=-0.3), Look((112, 138, 158), (150, 118, 78), lip_red=0.34, flush=0.8,
        freckles=0.15, patchy=0.6, lines=0.12, under_eye=0.4, pores=0.55, stubble=0.35, brow_thick=0.9,
        brow_dense=0.75, brow_high=-0.1, lashes=0.3, crease=0.5), lids=0.05),
    Character("vera", 0.0, 58, 2, 0.5, 122, _anatomy(0.0, 58, 0.5, (0.0, 0.15, 0.85), 122, nose_hump=0.2,
        nose_point=-0.3, mouth_scale_horiz=0.45, cheek_volume=0.3, eye_bag=0.35, eye_eyefold=-0.3),
        Look((92, 108, 84), (122, 92, 70), lip_red=0.5, lip_brown=0.04, flush=0.6, freckles=0.2, moles=4, patchy=0.8,
        lines=0.62, under_eye=0.5, pores=0.5, brow_thick=0.8, brow_dense=0.8, brow_arch=0.5, brow_high=0.2,
        brow_grey=0.15, lashes=0.6, crease=0.6, teeth_yellow=0.6), lids=0.1),
    Character("olek", 1.0, 41, 2, 0.6, 123, _anatomy(1.0, 41, 0.6, (0.0, 0.05, 0.95), 123, nose_scale_horiz=0.4,
        nose_point=0.4, nose_hump=-0.3, chin_width=0.5, head_scale_horiz=0.4, eyebrows_trans_up=-0.5),
        Look((86, 104, 112), (124, 72, 42), lip_red=0.3, flush=0.9, freckles=0.4, patchy=0.8, lines=0.3,
        under_eye=0.4, pores=0.7, stubble=0.6, beard=0.9, moustache=0.9, brow_thick=1.2, brow_dense=0.9,
        brow_high=-0.3, lashes=0.3, crease=0.35), lids=0.06),
    Character("yuki", 0.5, 33, 2, 0.35, 124, _anatomy(0.45, 33, 0.35, (0.0, 1.0, 0.05), 124, nose_scale_horiz=-0.3,
        nose_scale_vert=0.2, chin_width=-0.5, chin_height=0.2, eye_epicanthus=-0.5, mouth_scale_horiz=-0.35,
        cheek_bones=-0.2), Look((66, 46, 34), (30, 25, 24), lip_red=0.42, lip_brown=0.05, flush=0.4, patchy=0.35,
        moles=2, lines=0.08, under_eye=0.35, pores=0.35, brow_thick=0.85, brow_dense=0.9, brow_arch=-0.2,
        brow_high=0.3, lashes=0.5, crease=0.3), lids=0.08),
    Character("leo", 1.0, 19, 4, 0.4, 125, _anatomy(0.9, 19, 0.4, (0.1, 0.1, 0.8), 125, nose_scale_horiz=-0.1,
        nose_hump=0.3, chin_width=-0.2, mouth_lowerlip_volume=0.4, mouth_upperlip_height=0.3, cheek_volume=0.2),
        Look((84, 72, 48), (58, 42, 30), lip_red=0.42, flush=0.7, freckles=0.1, moles=6, patchy=0.7, under_eye=0.25,
        pores=0.6, stubble=0.15, brow_thick=1.25, brow_dense=1.0, brow_high=0.0, lashes=0.7, crease=0.5), lids=0.1),
    Character("mei", 0.0, 26, 5, 0.4, 126, _anatomy(0.0, 26, 0.4, (0.05, 1.0, 0.0), 126, nose_scale_horiz=0.35,
        nose_scale_vert=-0.4, nose_hump=-0.5, chin_width=-0.3, mouth_scale_horiz=-0.1, mouth_lowerlip_height=0.4,
        eye_epicanthus=-0.7, eye_trans_out=0.4), Look((60, 40, 28), (24, 20, 20), lip_red=0.55, lip_brown=0.06,
        flush=0.55, moles=4, patchy=0.4, under_eye=0.25, pores=0.35, brow_thick=0.8, brow_dense=0.85, brow_arch=0.2,
        lashes=0.6, crease=0.3), lids=0.05,
        glasses={"shape": "round", "rgb": [52, 40, 34], "thick": 0.4}),
    Character("tala", 0.0, 72, 5, 0.45, 127, _anatomy(0.05, 72, 0.45, (0.1, 0.7, 0.3), 127, nose_scale_horiz=0.4,
        nose_scale_vert=0.2, mouth_upperlip_height=-0.5, cheek_inner=-0.4, eye_bag=0.5, eye_eyefold=-0.4,
        head_age=0.4), Look((62, 46, 36), (160, 152, 146), lip_red=0.3, lip_brown=0.12, flush=0.4, freckles=0.3,
        moles=7, patchy=0.9, lines=0.95, under_eye=0.65, pores=0.6, brow_thick=0.7, brow_dense=0.55, brow_grey=0.6,
        lashes=0.25, crease=0.5, teeth_yellow=0.8), lids=0.12),
    Character("omar", 1.0, 47, 6, 0.6, 128, _anatomy(1.0, 47, 0.6, (0.2, 0.05, 0.75), 128, nose_hump=0.8,
        nose_scale_vert=0.5, nose_point=-0.4, nose_scale_horiz=0.1, eyebrows_trans_forward=0.5, chin_width=0.3,
        mouth_scale_horiz=0.2), Look((64, 44, 30), (26, 22, 20), lip_red=0.3, lip_brown=0.14, flush=0.45, patchy=0.7,
        moles=4, lines=0.42, under_eye=0.65, pores=0.8, stubble=0.8, beard=1.0, moustache=1.0, brow_thick=1.5,
        brow_dense=1.1, brow_high=-0.2, lashes=0.7, crease=0.6), lids=0.12),
    Character("ravi", 1.0, 27, 7, 0.4, 129, _anatomy(1.0, 27, 0.4, (0.35, 0.1, 0.6), 129, nose_scale_horiz=0.1,
        nose_scale_depth=0.4, nose_width2=0.3, chin_width=-0.3, chin_height=-0.2, mouth_lowerlip_volume=0.3,
        eye_scale=0.35, cheek_inner=-0.3), Look((62, 42, 28), (22, 19, 18), lip_red=0.26, lip_brown=0.2, flush=0.35,
        patchy=0.6, moles=5, under_eye=0.65, pores=0.7, stubble=0.55, moustache=0.9, brow_thick=1.3, brow_dense=1.05,
        lashes=0.9, crease=0.7), lids=0.14),
    Character("rosa", 0.0, 63, 7, 0.65, 130, _anatomy(0.0, 63, 0.66, (0.25, 0.45, 0.3), 130, nose_scale_horiz=0.5,
        nose_volume=0.3, head_fat=0.4, cheek_volume=0.5, chin_width=0.2, mouth_scale_horiz=0.1, eye_bag=0.4,
        mouth_angles=-0.3), Look((56, 38, 28), (92, 86, 82), lip_red=0.28, lip_brown=0.2, flush=0.5, freckles=0.2,
        moles=7, patchy=0.9, lines=0.7, under_eye=0.6, pores=0.7, brow_thick=0.85, brow_dense=0.7, brow_grey=0.4,
        lashes=0.3, crease=0.45, teeth_yellow=0.8), lids=0.12),
    Character("samir", 1.0, 55, 8, 0.45, 131, _anatomy(1.0, 55, 0.42, (0.4, 0.1, 0.5), 131, nose_scale_vert=0.5,
        nose_scale_horiz=-0.1, nose_point_width=0.4, cheek_inner=-0.5, cheek_bones=0.5, chin_prominent=0.3,
        mouth_scale_horiz=0.4, forehead_temple=-0.3), Look((52, 36, 26), (120, 114, 110), lip_red=0.2, lip_brown=0.22,
        flush=0.35, patchy=0.8, moles=5, lines=0.6, under_eye=0.7, pores=0.9, sheen=0.7, stubble=0.7, brow_thick=1.2,
        brow_dense=0.9, brow_grey=0.45, brow_high=-0.2, lashes=0.4, crease=0.6, teeth_yellow=0.8), lids=0.12,
        glasses={"shape": "square", "rgb": [28, 26, 26], "thick": 0.6}),
    Character("zola", 0.0, 22, 9, 0.45, 132, _anatomy(0.0, 22, 0.45, (1.0, 0.0, 0.0), 132, nose_scale_horiz=0.4,
        nose_scale_vert=-0.3, mouth_lowerlip_volume=0.5, mouth_upperlip_volume=0.4, mouth_scale_horiz=0.0,
        chin_width=-0.4, eye_trans_out=0.3, forehead_nubian=0.3), Look((54, 36, 26), (20, 17, 16), lip_red=0.36,
        lip_brown=0.2, flush=0.3, moles=3, patchy=0.5, under_eye=0.25, pores=0.4, sheen=0.9, brow_thick=0.9,
        brow_dense=0.95, brow_arch=0.3, lashes=0.9, crease=0.7), lids=0.12),
    Character("abeni", 0.0, 50, 10, 0.6, 133, _anatomy(0.0, 50, 0.6, (1.0, 0.0, 0.05), 133, nose_scale_horiz=0.1,
        nose_hump=0.3, nose_scale_vert=0.3, cheek_volume=0.3, cheek_bones=0.4, mouth_scale_horiz=0.4, chin_height=0.3,
        eye_scale=-0.2, mouth_upperlip_height=-0.1), Look((50, 33, 25), (30, 26, 25), lip_red=0.2, lip_brown=0.24,
        flush=0.25, moles=6, patchy=0.7, lines=0.42, under_eye=0.5, pores=0.7, sheen=0.9, brow_thick=0.75,
        brow_dense=0.8, brow_arch=0.4, brow_high=0.2, lashes=0.5, crease=0.55), lids=0.1),
)

WITNESS = Character("witness", 0.0, 62, 4, 0.45, 111, _anatomy(0.1, 40, 0.45, (0.1, 0.1, 0.8), nose_hump=0.55,
    nose_scale_vert=0.35, nose_scale_horiz=-0.1, nose_point_width=0.1, mouth_scale_horiz=0.2,
    mouth_upperlip_height=-0.35, mouth_lowerlip_height=-0.1, mouth_angles=-0.1, chin_height=0.25, chin_width=0.15,
    cheek_inner=-0.3, cheek_bones=0.35, eyebrows_trans=0.2, asym_nose_1_l=0.25, asym_mouth_1_l=0.2,
    asym_brown_1_r=0.25), Look((86, 96, 84), (128, 120, 112), lip_red=0.3, lip_brown=0.06, flush=0.65, freckles=0.1,
    moles=5, patchy=0.8, lines=0.85, under_eye=0.6, pores=0.6, brow_thick=0.85, brow_dense=0.7, brow_arch=0.2,
    brow_grey=0.5, lashes=0.4, crease=0.35, teeth_yellow=0.6))
# fmt: on
