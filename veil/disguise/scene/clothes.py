"""Clothes: a body's clothes become one even tone, or another colour with no more than their large folds.

What is clothes is what is of the body and neither skin, hair nor head. Skin is told by the smooth light of the face,
near neck, arms, hands and legs; anywhere else only where it is a large piece: letters in skin's colour are none.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.shade import Field
from veil.disguise.faces.silhouette import guided, outline
from veil.models.topology import OVAL
from veil.nouns.body import Body
from veil.nouns.cast import Face, Sure
from veil.nouns.light import FLOOR, PLAIN, basis
from veil.nouns.picture import Box, Pixels

Colour = tuple[float, float, float]
COLOURS: dict[str, Colour] = {
    "black": (34, 34, 37), "grey": (112, 114, 117), "white": (205, 205, 202), "blue": (52, 76, 128),
    "green": (62, 98, 74), "brown": (104, 78, 58), "red": (140, 52, 52), "yellow": (190, 160, 84),
    "purple": (98, 66, 118),
}  # fmt: skip
_SEEDED = ("blue", "green", "brown", "red", "purple", "grey")
_GRID_PX = 480  # clothes are told from skin, and their folds are made, in a picture of about this size
_FOLD = 0.24  # of the face's width: what is narrower than half of it, as strokes of letters are, is no fold
_FOLDS_MOST = 0.4  # natural logarithm: folds are darker or lighter by less; what is more is no fold
_GRAIN_MOST = 6.0
_LIMBS = ((13, 15), (14, 16), (11, 13), (12, 14), (25, 27), (26, 28), (23, 25), (24, 26))
_HANDS = ((15, 17, 19, 21), (16, 18, 20, 22))
_SEEN = 0.3  # how likely a joint can be seen from which it counts
_GRAIN = np.random.default_rng(515).standard_normal((256, 256)).astype(np.float32)


@dataclass(frozen=True)
class ClothesOptions:
    """What is done to somebody's clothes."""

    how: str
    """ "flat", "recoloured", or the name of a colour."""
    tone: Colour
    """The usual colour of their clothes, RGB code values."""
    seed: int = 0
    """Draws the colour of "recoloured", far from the tone."""


class Clothes:
    """Paints one person's clothes; keeps nothing between frames."""

    name = "clothes"

    def __init__(self, options: ClothesOptions) -> None:
        self._flat = options.how == "flat"
        self._tone = np.array(options.tone, np.float32)
        self._colour = self._tone if self._flat else _dyed(options)

    def reach(self, body: Body) -> Box:
        """Return the part of the picture that it needs as a patch; it may lie outside the picture."""
        return body.extent

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return a new patch of the same shape with the clothes painted; `face` must know its body.

        `patch` is read-only. Where it is not sure what is clothes, the paint fades over a soft edge. Raises ValueError
        without a body.
        """
        if face.body is None:
            raise ValueError("clothes without a body")
        height, width = patch.shape[:2]
        step = max(1, round(max(height, width) / _GRID_PX))
        size = -(-width // step), -(-height // step)
        padded = cv2.copyMakeBorder(patch, 0, size[1] * step - height, 0, size[0] * step - width, cv2.BORDER_REPLICATE)
        small = np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.uint8)
        scene = _Small(small, face, face.body, step)
        bare = scene.kept(self._tone)
        luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
        worn = np.clip(guided(luma, 1 - bare, max(1, round(0.035 * scene.unit)), 4e-4), 0, 1)
        worn = np.clip(1.6 * worn - 0.3, 0, 1)
        cover = cv2.resize(worn, (size[0] * step, size[1] * step), interpolation=cv2.INTER_LINEAR)[:height, :width]
        cover = np.asarray(cover * outline(patch, face.body, face), np.float32)
        paint = self._paint(scene, worn * scene.mine)
        full = cv2.resize(paint, (size[0] * step, size[1] * step), interpolation=cv2.INTER_LINEAR)[:height, :width]
        full = _grainy(np.asarray(full, np.uint8), min(_GRAIN_MOST, face.grain), seed)
        mixed = np.asarray(cv2.blendLinear(patch, full, 1 - cover, cover), np.uint8)
        return np.where((cover > 0)[..., None], mixed, patch)

    def _paint(self, scene: "_Small", worn: Field) -> Pixels:
        """Return the paint (h, w, 3) for every small pixel: the colour, and the folds that are kept."""
        tone = float(np.log(self._tone @ _LUMA + 8))
        luma = np.log(np.asarray(scene.pixels, np.float32) @ _LUMA + 8)
        # What is not clothes must not shine in: there the tone goes on.
        known = np.asarray(np.where(worn > 0.5, luma, tone), np.float32)
        if self._flat:
            folds = 0.3 * np.clip(_blurred(known - tone, max(1.0, 0.7 * scene.unit)), -0.5, 0.5)
        else:
            folds = _without_strokes(_without_prints(known - tone), worn > 0.5, scene.unit)
        lit = self._colour * np.exp(folds)[..., None]
        return np.asarray(np.clip(lit + 0.5, 0, 255), np.uint8)


_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def _dyed(options: ClothesOptions) -> NDArray[np.float32]:
    """Return the new colour, about as light as the clothes were."""
    name = options.how
    if name == "recoloured":
        far = sorted(_SEEDED, key=lambda n: -_apart(COLOURS[n], options.tone))[:3]
        name = far[int(np.random.default_rng(options.seed).integers(len(far)))]
    colour = np.array(COLOURS[name], np.float32)
    luma, was = float(colour @ _LUMA), float(np.array(options.tone, np.float32) @ _LUMA)
    named = options.how != "recoloured" and name in ("black", "white")
    wanted = luma if named else float(np.clip(luma**0.55 * max(was, 20.0) ** 0.45, 34, 175))
    return np.asarray(np.clip(colour * (wanted / luma), 0, 235), np.float32)


def _apart(one: Colour, other: Colour) -> float:
    """Return how far two colours are apart, mostly by hue (Lab)."""
    lab = cv2.cvtColor(np.array([[one, other]], np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)[0]
    return float(np.hypot(*(lab[0, 1:] - lab[1, 1:])) + 0.2 * abs(lab[0, 0] - lab[1, 0]))


def _without_prints(values: Field) -> Field:
    """Return folds without what is much lighter or darker than they are: badges, stripes, another garment."""
    return np.asarray(values * np.exp(-np.square(values / _FOLDS_MOST)), np.float32)


def _without_strokes(values: Field, worn: NDArray[np.bool_], unit: float) -> Field:
    """Return a field without anything narrow: strokes, stripes, checks, small prints; large folds stay."""
    height, width = values.shape
    cell = max(1.0, _FOLD * unit / 11)
    size = max(3, round(width / cell)), max(3, round(height / cell))
    codes = np.clip(128 + 80 * values, 0, 255).astype(np.uint8)
    codes[~worn] = 128
    small = np.asarray(cv2.resize(codes, size, interpolation=cv2.INTER_AREA), np.uint8)
    calm = cv2.medianBlur(cv2.medianBlur(small, 11), 11).astype(np.float32)
    soft = cv2.GaussianBlur(calm, (0, 0), 3.0)
    return np.asarray((cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR) - 128) / 80, np.float32)


def _grainy(paint: Pixels, grain: float, seed: int) -> Pixels:
    """Return the paint with the shot's grain on it."""
    if grain < 0.3:
        return paint
    height, width = paint.shape[:2]
    tiles = np.tile(np.asarray(np.round(_GRAIN * grain), np.int8), (height // 256 + 2, width // 256 + 2))
    down, across = seed % 251, seed // 251 % 251
    noise = tiles[down : down + height, across : across + width].astype(np.int16)
    planes = [cv2.add(p, noise, dtype=cv2.CV_8U) for p in cv2.split(paint)]
    return np.asarray(cv2.merge(planes), np.uint8)


@dataclass(frozen=True, eq=False)
class _Small:
    """A patch in small (h, w, 3), `step` pixels each, with whose body it is."""

    pixels: Pixels
    face: Face
    body: Body
    step: int

    @property
    def unit(self) -> float:
        """Return the width of the face in small pixels."""
        return max(2.0, self.face.box.width / self.step)

    @cached_property
    def mine(self) -> Field:
        """Return how likely each small pixel is of the body."""
        height, width = self.pixels.shape[:2]
        return self.body.likely(width * self.step, height * self.step, self.step)

    def kept(self, tone: NDArray[np.float32]) -> Field:
        """Return how far each small pixel is to stay as it is: skin, head and hair, 0 to 1, (h, w)."""
        head = self._head()
        skin, hair = self._skin(tone), self._hair(tone, head)
        return np.asarray(np.maximum(np.maximum(head, skin), hair), np.float32)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x + 0.5) / self.step - 0.5, (y + 0.5) / self.step - 0.5

    def _grid(self) -> tuple[Field, Field]:
        height, width = self.pixels.shape[:2]
        return np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]

    def _head(self) -> Field:
        """Return the head: the face's front, and above the mouth everything near it, hair and ears."""
        x, y = self._grid()
        box = self.face.box
        middle, chin = self._at(box.centre[0], box.bottom)
        tall = box.height / self.step
        near = _soft(np.abs(x - middle), 1.1 * self.unit, 0.3 * self.unit)
        above = np.asarray(near * _soft(y, chin - 0.3 * tall, 0.12 * tall), np.float32)
        front = np.zeros(self.pixels.shape[:2], np.uint8)
        if self.face.sure is Sure.FITTED and np.isfinite(self.face.mesh).all():
            oval = (self.face.mesh[OVAL, :2].clip(-30000, 30000) + 0.5) / self.step - 0.5
            cv2.fillConvexPoly(front, cv2.convexHull(oval.round().astype(np.int32)), 255)
        else:
            centre, axes = self._at(*box.centre), (0.46 * self.unit, 0.5 * tall)
            cv2.ellipse(front, [round(v) for v in centre], [max(1, round(v)) for v in axes], 0, 0, 360, 255, -1)
        front = cv2.blur(cv2.dilate(front, np.ones((3, 3), np.uint8)), (3, 3)).astype(np.uint8)
        return np.asarray(np.maximum(above, front.astype(np.float32) / 255), np.float32)

    def _skin(self, tone: NDArray[np.float32]) -> Field:
        """Return how likely each small pixel is bare skin."""
        pixels = cv2.GaussianBlur(self.pixels, (0, 0), max(0.6, 0.025 * self.unit)).astype(np.float32)
        skin = self._skin_colour()
        nearer, tinted = _nearer(pixels, skin, tone), _nearer(_tint(pixels), _tint(skin), _tint(tone))
        like = _skin_like(pixels, skin, 0.15) * np.minimum(1, nearer + 0.3)
        like = np.maximum(like, _skin_like(pixels, skin, 0.26) * np.clip(2 * tinted - 1, 0, 1))
        throat = self._throat(0.62, 0.75) * np.maximum(like, _skin_like(pixels, skin, 0.21) * nearer)
        throat = np.maximum(throat, self._throat(0.3, 0.3) * nearer)  # deep in the chin's shadow no tint is left
        piece, crease = (max(3, round(share * self.unit)) | 1 for share in (0.16, 0.06))
        shape, small = (cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)) for side in (piece, crease))
        large, fingers = (cv2.morphologyEx(like, cv2.MORPH_OPEN, kernel) for kernel in (shape, small))
        # Clothes in skin's colour are told from it by the place alone.
        alike = float(_skin_like(tone[None, None], skin, 0.15)[0, 0])
        anywhere = np.clip(1 - 2.5 * alike, 0, 1)
        likely = np.maximum(np.maximum(fingers * self._limbs(), large * anywhere), throat)
        closed = cv2.morphologyEx(np.asarray(likely, np.float32), cv2.MORPH_CLOSE, small)  # nails, rings, creases
        return np.asarray(np.clip(2 * closed - 0.6, 0, 1), np.float32)

    def _skin_colour(self) -> NDArray[np.float32]:
        """Return the colour of the person's skin as their face's smooth light has it, RGB."""
        logs = basis(self.face.mesh) @ self.face.light
        colour = np.exp(np.clip(np.median(logs[PLAIN[:, 0]], 0), 0, 6)) - FLOOR
        usual = np.array([150, 110, 90], np.float32)
        return np.asarray(colour if np.isfinite(colour).all() and colour.max() > 12 else usual, np.float32)

    def _limbs(self) -> Field:
        """Return where arms, hands and legs may be bare, 0 to 1."""
        mask, unit = np.zeros(self.pixels.shape[:2], np.uint8), self.unit
        joints = [(*self._at(float(j[0]), float(j[1])), float(j[2])) for j in self.body.joints]

        def limb(a: int, b: int, wide: float) -> None:
            if min(joints[a][2], joints[b][2]) > _SEEN:
                ends = [(round(joints[k][0]), round(joints[k][1])) for k in (a, b)]
                cv2.line(mask, ends[0], ends[1], 255, max(1, round(wide * unit)))

        for a, b in _LIMBS:
            limb(a, b, 0.9 if a >= 23 else 0.6)
        for hand in _HANDS:
            for finger in hand[1:]:
                limb(hand[0], finger, 1.0)
        return _doubled(mask, 0.15 * unit)

    def _throat(self, across: float, down: float) -> Field:
        """Return where the neck may be bare, 0 to 1: so many widths of the face around a point below the chin."""
        mask, unit = np.zeros(self.pixels.shape[:2], np.uint8), self.unit
        middle, chin = self._at(self.face.box.centre[0], self.face.box.bottom)
        centre = round(middle), round(chin + 0.2 * down * unit)
        cv2.ellipse(mask, centre, (max(1, round(across * unit)), max(1, round(down * unit))), 0, 0, 360, 255, -1)
        return _doubled(mask, 0.2 * down * unit)

    def _hair(self, tone: NDArray[np.float32], head: Field) -> Field:
        """Return how likely each small pixel near the head is hair that hangs over the clothes."""
        x, y = self._grid()
        box = self.face.box
        middle, brow = self._at(box.centre[0], box.top)
        tall = box.height / self.step
        crown = (np.abs(x - middle) < 0.3 * self.unit) & (y < brow - 0.02 * tall) & (y > brow - 0.2 * tall)
        crown = crown & (self.mine > 0.8)
        if crown.sum() < 6:
            return np.zeros_like(head)
        lab = cv2.cvtColor(self.pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
        hair = np.median(lab[crown], 0)
        cloth = cv2.cvtColor((tone / np.float32(255))[None, None].astype(np.float32), cv2.COLOR_RGB2Lab)[0, 0]
        apart = float(np.linalg.norm(hair - cloth))
        away = np.linalg.norm(lab - hair, axis=2)
        like = _soft(np.asarray(away, np.float32), 0.3 * apart, 0.2 * apart) * np.clip(apart / 15 - 1, 0, 1)
        near = _soft(np.abs(x - middle), 0.9 * self.unit, 0.3 * self.unit) * _soft(y, brow + 1.7 * tall, 0.4 * tall)
        found = np.asarray(like * near, np.float32)
        piece = max(3, round(0.1 * self.unit)) | 1
        return np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((piece, piece), np.uint8)), np.float32)


def _doubled(mask: NDArray[np.uint8], sigma: float) -> Field:
    """Return a mask (255) as 1, falling to 0 beside it."""
    soft = _blurred(mask.astype(np.float32) / np.float32(255), max(0.8, sigma))
    return np.asarray(np.clip(2 * soft, 0, 1), np.float32)


def _blurred(values: Field, sigma: float) -> Field:
    """Return a field blurred by a Gaussian, or by nearly one where that would be slow."""
    smaller = max(1, int(sigma / 2.5))
    height, width = values.shape[:2]
    size = max(1, round(width / smaller)), max(1, round(height / smaller))
    coarse = cv2.resize(values, size, interpolation=cv2.INTER_AREA) if smaller > 1 else values
    soft = cv2.GaussianBlur(coarse, (0, 0), sigma / smaller)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _nearer(pixels: NDArray[np.float32], skin: NDArray[np.float32], tone: NDArray[np.float32]) -> Field:
    """Return how much nearer each pixel (h, w, 3) is to skin than to the tone of the clothes, 0 to 1."""
    logs = np.log(np.maximum(pixels, 0) + 8)
    apart = [np.linalg.norm(logs - np.log(np.maximum(colour, 0) + 8), axis=2) for colour in (skin, tone)]
    return np.asarray(np.clip(2 * (apart[1] - apart[0]) / (apart[0] + apart[1] + 0.05) + 0.5, 0, 1), np.float32)


def _tint(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return colours (..., 3) at one brightness."""
    lifted = np.maximum(colours, 0) + 8
    return np.asarray(lifted * (100 / lifted.mean(-1, keepdims=True)) - 8, np.float32)


def _skin_like(pixels: NDArray[np.float32], skin: NDArray[np.float32], wide: float) -> Field:
    """Return how like skin each pixel (h, w, 3) is: by the ratios of its colours, and not much lighter or darker.

    `wide` is the standard deviation of the ratios, natural logarithm.
    """
    logs, own = np.log(np.maximum(pixels, 0) + 8), np.log(np.maximum(skin, 0) + 8)
    # Skin in shade is redder and browner than in the light; paler than the face it is not.
    red = _one_sided((logs[..., 0] - logs[..., 1]) - (own[0] - own[1]))
    blue = _one_sided((logs[..., 1] - logs[..., 2]) - (own[1] - own[2]))
    light = logs[..., 1] - own[1]
    tint = np.exp(-(np.square(red) + 0.6 * np.square(blue)) / (2 * wide**2))
    return np.asarray(tint * np.clip(2.6 - np.maximum(2 * light, -1.7 * light), 0, 1), np.float32)


def _one_sided(off: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(off > 0, 0.4 * off, off)


def _soft(values: Field, limit: float, wide: float) -> Field:
    """Return 1 below a limit, falling smoothly to 0 over a width."""
    t = np.clip((values - limit) / max(wide, 1e-3), 0, 1)
    return np.asarray(1 - t * t * (3 - 2 * t), np.float32)
