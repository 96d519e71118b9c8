"""Unwraps photographs of a calm face into the atlas of a double: several views, one even light, no eyes, no hair.

Coarse colour comes from all views that see a place, fine detail from the one that faces it. What no view shows (the
sides of a face seen from the front, what hair hid) is taken from the other half of the face, or filled smoothly and
given the grain of the cheeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.raster import draw
from veil.models.topology import LEFT_BROW, OPENINGS, OVAL, RIGHT_BROW, SKIN, UV
from veil.nouns.light import FLOOR, PLAIN, Light, basis, normals
from veil.nouns.picture import Pixels, Points

SIDE = 1024
"""Width and height of an atlas."""

Map = NDArray[np.float32]
"""Values over the atlas, (SIDE, SIDE) or (SIDE, SIDE, 3)."""

_FACE = np.concatenate([SKIN, OPENINGS])
_WHITE = np.full((2, 2, 3), 255, np.uint8)
_FACING = (0.28, 0.98)  # cosine between skin and lens from which a view counts, and from which it counts in full
_COARSE_PX = 14.0  # standard deviation between what is called coarse and fine
_SHADE_PX = 70.0  # shadows of the light are wider than this; features narrower
_BROWS_V = float(UV[np.concatenate([LEFT_BROW, RIGHT_BROW]), 1].min())
_GAIN = (0.35, 3.0)  # how far uneven light may be corrected


@dataclass(frozen=True, eq=False)
class View:
    """A calm face in a picture: RGB pixels (H, W, 3), its mesh (478, 3) in them, and the light on it."""

    pixels: Pixels
    mesh: Points
    light: Light


@dataclass(frozen=True, eq=False)
class Skin:
    """What one view tells of the skin: its colour in an even light (SIDE, SIDE, 3), and how much that is worth."""

    colour: Map
    worth: Map  # (SIDE, SIDE), 0 to 1
    hair: float  # 0 to 1, share of the forehead that is not skin


def atlas_of(skins: Sequence[Skin]) -> Pixels:
    """Return the atlas (SIDE, SIDE, 3) that several looks at one skin make together."""
    colour, worth = _blended(skins)
    colour, worth = _mirrored(colour, worth)
    colour = _filled(colour, worth)
    colour = _evened(colour)
    return np.asarray(np.clip(_without_openings(colour) + 0.5, 0, 255), np.uint8)


def skin_of(view: View, even: NDArray[np.float32] | None = None) -> Skin:
    """Return what a view shows of the skin; `even` (3,) is the log colour to which its light is brought."""
    even = even_colour(view) if even is None else even
    places = spread(view.mesh[:468])
    shown = _looked_up(view.pixels, places)
    lit = basis(view.mesh) @ view.light
    gain = _soft(spread(np.exp(np.clip(even - lit, *np.log(_GAIN)))))
    colour = np.clip((shown + FLOOR) * gain - FLOOR, 0, 255).astype(np.float32)
    facing = np.zeros((468, 3), np.float32)
    facing[:, 0] = -normals(view.mesh)[:, 2]
    worth = np.clip((spread(facing)[..., 0] - _FACING[0]) / (_FACING[1] - _FACING[0]), 0, 1)
    worth *= _seen(view, places) * inside()
    strange, hair = _strange(colour, worth, even)
    return Skin(colour, np.asarray(worth * (1 - strange), np.float32), hair)


def spread(values: NDArray[np.floating]) -> Map:
    """Return values of the 468 points (468, 3) interpolated over the atlas; 0 outside the face."""
    canvas = np.zeros((SIDE, SIDE, 4), np.float32)
    points = np.column_stack([UV * SIDE - 0.5, np.zeros(468)]).astype(np.float32)
    gains = np.column_stack([values / 255, np.ones(468)]).astype(np.float32)
    depth = np.full((SIDE, SIDE), np.inf, np.float32)
    draw(_FACE, points, np.zeros((468, 2), np.float32), gains, _WHITE, 0.0, 0.0, canvas, depth)
    return canvas[..., :3]


@lru_cache(maxsize=1)
def inside() -> Map:
    """Return 1 on the face and 0 outside, falling off softly towards the outline, where a mesh is least sure."""
    return np.asarray(np.clip((outline_px() - 10) / 30, 0, 1), np.float32)


def even_colour(view: View) -> NDArray[np.float32]:
    """Return the log colour (3,) of the view's plain skin, its light averaged."""
    lit = (basis(view.mesh) @ view.light)[PLAIN].mean(1)
    facing = -normals(view.mesh)[PLAIN, 2].mean(1)
    return np.asarray(np.median(lit[facing > 0.5], 0) if (facing > 0.5).any() else np.median(lit, 0), np.float32)


def _looked_up(pixels: Pixels, places: Map) -> Map:
    """Return the picture's colour at every texel, through a copy about as fine as the atlas: no sparkle."""
    found = cv2.remap(pixels, places[..., 0], places[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return found.astype(np.float32)


def _seen(view: View, places: Map) -> Map:
    """Return 1 where no nearer part of the face (a nose) hides the skin from the lens."""
    height, width = view.pixels.shape[:2]
    depth = np.full((height, width), np.inf, np.float32)
    canvas = np.zeros((height, width, 4), np.float32)
    gains = np.ones((468, 4), np.float32)
    draw(_FACE, view.mesh[:468].copy(), np.zeros((468, 2), np.float32), gains, _WHITE, 0.0, 0.0, canvas, depth)
    x = np.clip(places[..., 0].round().astype(int), 0, width - 1)
    y = np.clip(places[..., 1].round().astype(int), 0, height - 1)
    tall = float(np.ptp(view.mesh[:468, 1]))
    hidden = places[..., 2] > depth[y, x] + 0.03 * tall
    return np.asarray(1 - cv2.GaussianBlur(hidden.astype(np.float32), (0, 0), 4), np.float32)


@lru_cache(maxsize=1)
def _forehead() -> NDArray[np.bool_]:
    """Return the texels of the forehead, well above the brows and within the outline."""
    rows = np.arange(SIDE)[:, None] < (_BROWS_V - 0.015) * SIDE
    return np.asarray((outline_px() > 40) & rows, np.bool_)


def _strange(colour: Map, worth: Map, even: NDArray[np.float32]) -> tuple[Map, float]:
    """Return 1 where forehead or temples do not have the colour of skin (hair, a scarf, the wall behind), else 0.

    And the share of the forehead of which that is certain.
    """
    soft = cv2.GaussianBlur(colour, (0, 0), 5)
    logs = np.log(soft + FLOOR)
    skin = (worth > 0.5) & (inside() > 0.5)
    middle = even if skin.sum() < 1000 else np.median(logs[skin], 0)
    off = logs - middle
    luma = off.mean(2)
    tint = np.abs(off - luma[..., None]).max(2)
    rows = np.arange(SIDE)[:, None] / SIDE
    above, rim = rows < _BROWS_V - 0.02, np.where(rows < 0.62, outline_px() < 130, outline_px() < 90)
    far_off = (luma < -0.55) | (luma > 0.6) | (tint > 0.22)
    off_a_little = rim & ((luma < -0.38) | (luma > 0.45) | (tint > 0.16))
    bad = ((far_off & above) | off_a_little).astype(np.uint8)  # elsewhere what looks strange is a beard, a mole, a lip
    bad = cv2.morphologyEx(bad, cv2.MORPH_OPEN, np.ones((5, 5))).astype(np.uint8)
    bad = np.where(rim, cv2.dilate(bad, np.ones((45, 45))), cv2.dilate(bad, np.ones((23, 23)))).astype(np.uint8)
    bad[~(rows < _BROWS_V - 0.005) & ~rim] = 0
    out = _outwards(bad)
    hair = float(cv2.morphologyEx(far_off.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5)))[_forehead()].mean())
    strange = np.where(rim, np.maximum(bad, out), bad).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(strange, (0, 0), 4), np.float32), hair


def _outwards(bad: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the mask with all that lies further to the side than a masked texel: behind hair comes no skin."""
    half = SIDE // 2
    left = np.maximum.accumulate(bad[:, half - 1 :: -1], 1)[:, ::-1]
    return np.concatenate([left, np.maximum.accumulate(bad[:, half:], 1)], 1)


def _soft(gain: Map) -> Map:
    """Return a gain without the creases of the mesh: light changes less suddenly than normals do."""
    known = cv2.GaussianBlur((gain > 0).astype(np.float32), (0, 0), 18)
    return np.asarray(cv2.GaussianBlur(gain, (0, 0), 18) / np.maximum(known, 1e-3), np.float32)


@lru_cache(maxsize=1)
def outline_px() -> Map:
    """Return how far each texel lies inside the outline; near it, and outside, hair, ears and the wall come in."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, [np.round(UV[OVAL] * SIDE).astype(np.int32)], 1)
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5), np.float32)


def _blended(skins: Sequence[Skin]) -> tuple[Map, Map]:
    """Return colour and worth of several looks: coarse colour from all, fine detail from whoever looks straightest."""
    if len(skins) == 1:
        return skins[0].colour, skins[0].worth
    broad = [_coarse(s.colour, s.worth) for s in skins]
    wide = np.stack([cv2.GaussianBlur(s.worth, (0, 0), 20) * (s.worth > 0) + 1e-6 for s in skins])
    sharp = np.stack([cv2.GaussianBlur(s.worth, (0, 0), 3) * (s.worth > 0.02) for s in skins]) ** 8 + 1e-9
    sharp[0] *= 3  # two views never fit to a pixel: where they see as much, the first one alone is crisper
    wide, sharp = wide / wide.sum(0), sharp / sharp.sum(0)
    colour = sum(w[..., None] * b for w, b in zip(wide, broad, strict=True))
    colour = colour + sum(w[..., None] * (s.colour - b) for w, s, b in zip(sharp, skins, broad, strict=True))
    return np.asarray(colour, np.float32), np.asarray(np.max([s.worth for s in skins], 0), np.float32)


def _coarse(colour: Map, worth: Map) -> Map:
    """Return the colour without its fine detail, as if only what is known were there."""
    known = np.clip(worth, 1e-4, 1)[..., None]
    total = cv2.GaussianBlur(known, (0, 0), _COARSE_PX)[..., None]
    return np.asarray(cv2.GaussianBlur(colour * known, (0, 0), _COARSE_PX) / total, np.float32)


def _mirrored(colour: Map, worth: Map) -> tuple[Map, Map]:
    """Return the skin with what is unknown on one side taken from the other, where that side is known."""
    other, known = colour[:, ::-1], worth[:, ::-1]
    take = (np.clip(1 - worth / 0.3, 0, 1) * np.clip(known / 0.3, 0, 1)).astype(np.float32)
    take = cv2.GaussianBlur(take, (0, 0), 5)[..., None]
    return colour * (1 - take) + other * take, np.maximum(worth, known * take[..., 0])


def _filled(colour: Map, worth: Map) -> Map:
    """Return the skin with the unknown filled smoothly and given the grain of the cheeks."""
    known = np.clip(worth / 0.12, 0, 1).astype(np.float32)
    sources = cv2.erode(known, np.ones((15, 15))).astype(np.float32)  # the edge of the known is half hair, half shade
    smooth = _pushed(colour, sources * sources)
    fine = colour - cv2.GaussianBlur(colour, (0, 0), 6)
    return np.asarray(colour * known[..., None] + (smooth + _grain(fine)) * (1 - known[..., None]), np.float32)


def _pushed(colour: Map, known: Map) -> Map:
    """Return the colour pulled into the unknown from ever further away (Gortler et al. 1996, push-pull)."""
    if colour.shape[0] <= 4:
        total = max(float(known.sum()), 1e-6)
        return np.broadcast_to((colour * known[..., None]).sum((0, 1)) / total, colour.shape).astype(np.float32)
    less = cv2.pyrDown(known)
    coarse = cv2.pyrDown(colour * known[..., None]) / np.maximum(less, 1e-6)[..., None]
    from_afar = cv2.pyrUp(_pushed(np.asarray(coarse, np.float32), np.clip(less * 2, 0, 1)))
    return np.asarray(colour * known[..., None] + from_afar * (1 - known[..., None]), np.float32)


def _grain(fine: Map) -> Map:
    """Return noise with as much play of light in two fine octaves as the cheeks have, everywhere."""
    luma, total = fine.mean(2), np.zeros((SIDE, SIDE), np.float32)
    cheeks = [luma[y - 50 : y + 50, x - 50 : x + 50] for x, y in (UV[[50, 280]] * SIDE).astype(int)]
    noise = np.random.default_rng(20251).standard_normal((SIDE, SIDE)).astype(np.float32)
    for near, far in ((0.8, 1.6), (1.6, 3.2)):
        wanted = min(float((_octave(c, near, far)).std()) for c in cheeks)
        made = _octave(noise, near, far)
        total += made * (wanted / max(float(made.std()), 1e-6))
    return np.asarray(np.repeat(total[..., None], 3, 2), np.float32)


def _octave(values: Map, near: float, far: float) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), near) - cv2.GaussianBlur(values, (0, 0), far), np.float32)


def _evened(colour: Map) -> Map:
    """Return the skin without what is left of light from one side, and with its shine softened."""
    logs = np.log(colour + FLOOR)
    wide = cv2.GaussianBlur(logs, (0, 0), _SHADE_PX / 2)
    lopsided = (wide - wide[:, ::-1]).mean(2, keepdims=True) / 2
    shine = np.maximum(0, (cv2.GaussianBlur(logs, (0, 0), 5) - wide).min(2, keepdims=True) - 0.06)
    return np.asarray(np.exp(logs - lopsided - 0.6 * shine) - FLOOR, np.float32)


@lru_cache(maxsize=1)
def openings() -> NDArray[np.uint8]:
    """Return 1 where the atlas shows eyes and the inside of the mouth, (SIDE, SIDE)."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for triangle in OPENINGS:
        cv2.fillConvexPoly(mask, np.round(UV[triangle] * SIDE).astype(np.int32), 1)
    return mask


def _without_openings(colour: Map) -> Map:
    """Return the skin with eyes and mouth closed by the skin around them: eyeballs and teeth are drawn apart."""
    mask = openings()
    around = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (31, 31)))
    skin = _pushed(colour, (1 - around).astype(np.float32))
    soft = cv2.GaussianBlur(cv2.erode(mask, np.ones((3, 3))).astype(np.float32), (0, 0), 1.5)[..., None]
    return np.asarray(colour * (1 - soft) + skin * soft, np.float32)
