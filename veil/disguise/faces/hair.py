"""Another colour of hair: its strands stay as filmed, their colour goes. Veil first learns what is hair, or says no.

Nothing is learned from the face: a net looks only when the double covers it. Where hair cannot be told from skin, a
hat or a scarf, nothing is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.layer import Cover, white_of
from veil.models import Net, tflite_net
from veil.models.topology import OVAL
from veil.nouns.cast import Face, Fitting
from veil.nouns.light import FLOOR, basis
from veil.nouns.picture import Box, Pixels, Points
from veil.nouns.plan import Hair

DYES: dict[Hair, tuple[int, int, int]] = {
    "black": (24, 21, 21),
    "dark brown": (58, 42, 33),
    "brown": (98, 70, 50),
    "blond": (176, 146, 100),
    "red": (126, 68, 42),
    "grey": (142, 138, 134),
    "white": (206, 202, 196),
}
"""What hair of each colour looks like in even white light, RGB."""

_SIDE = 256  # of the square that the net looks at
_ABOVE = 0.08, 0.27  # of the face's height over the forehead: where hair is looked for
_LEAST = 0.4  # share of what is there that must not be skin
_FAR = 16.0  # in CIELAB: hair that is nearer to the skin's colour cannot be told from it
_LOOKS = 6
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_FEW = 60  # pixels a look: fewer tell nothing
_KIN = 30.0  # in CIELAB: so far apart may two shades of one person's hair be
_HANGS = 0.3  # share of what lies beside the jaw that has the hair's colour, where it is long
_BRIGHTER = 2.2  # so many times as bright as filmed may hair become: beyond that its strands are lost
_MEASURED_PX = 130.0  # a head is looked at with a face so tall at most
_PERSON = 0.6
_WEIGHTS = np.array([0.55, 1.0, 1.0], np.float32)  # brightness says least
_SKIN_AT = np.array([151, 9, 50, 280, 205, 425, 127, 356, 152, 172, 397, 93, 323])
_EDGE = 0.009  # of the face's height: how soft the edge of what is hair is


@dataclass(frozen=True, eq=False)
class HairColour:
    """The colours of somebody's hair as filmed, in CIELAB: a few shades, and the usual brightness."""

    shades: NDArray[np.float32]  # (K, 3)
    luma_log: float  # of the hair, less that of the light on the face
    long: bool = False  # it hangs beside the neck


def hair_of(looks: Sequence[Fitting]) -> HairColour | None:
    """Return the colour of someone's hair; None where there is none, or what is there may be a hat or a scarf."""
    if not looks:
        return None
    net = tflite_net("person_mask", "disguise")
    some = [looks[i] for i in np.linspace(0, len(looks) - 1, min(_LOOKS, len(looks))).astype(int)]
    found = [_around(look, net) for look in some]
    over, beside = (np.concatenate([f[i] for f in found]) for i in (0, 1))
    off, off_beside = (np.concatenate([f[i] for f in found]) for i in (2, 3))
    hair = over[off > _FAR]
    if len(over) < _FEW * len(some) or len(hair) < _LEAST * len(over):
        return None
    usual = np.median(hair, 0)
    near = hair[np.linalg.norm((hair - usual) * _WEIGHTS, axis=1) < _KIN]
    if not len(near):
        return None
    usual = np.median(near, 0)
    if not _hairlike(usual):
        return None
    more = beside[(off_beside > _FAR) & (np.linalg.norm((beside - usual) * (0.35, 1, 1), axis=1) < _KIN)]
    shades = _shades(np.concatenate([near, more]))
    levels = [_level(look.mesh, look.light) for look in some]
    luma = float(np.log(_rgb(usual[None])[0] @ _LUMA + 6))
    low = np.concatenate([f[4] for f in found])
    hangs = float((_off(low, shades) < 0.7 * _FAR).mean()) if len(low) >= _FEW else 0.0
    return HairColour(shades, luma - float(np.median(levels)), hangs > _HANGS)


def _shades(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return up to four shades (K, 3) that stand for colours (N, 3): medians of parts, by brightness."""
    order = lab[np.argsort(lab[:, 0])]
    parts = np.array_split(order, min(4, max(1, len(order) // 50)))
    return np.stack([np.median(part, 0) for part in parts]).astype(np.float32)


def _hairlike(lab: NDArray[np.floating]) -> bool:
    """Tell whether hair has such a colour: none is blue, green, purple or as red as cloth."""
    return bool(-8 < lab[1] < 26 and -9 < lab[2] < 42)


def _level(mesh: Points, light: NDArray[np.float32]) -> float:
    return float(np.median((basis(mesh) @ light).mean(1)))


def _around(look: Fitting, net: Net) -> tuple[NDArray[np.float32], ...]:
    """Return the colours of a person over the forehead (N, 3) and beside the temples (M, 3), and how far from skin."""
    lab = _lab(look.crop)
    top, chin, sides = look.mesh[10, :2], look.mesh[152, :2], look.mesh[[103, 332], :2]
    tall = float(np.linalg.norm(chin - top))
    up = (top - chin) / max(tall, 1.0)
    share = np.linspace(0.05, 0.95, 40)
    rise = np.linspace(*_ABOVE, 16) * tall
    start = sides[0] + share[:, None] * (sides[1] - sides[0]) + (top - sides.mean(0))
    over = (start[:, None] + rise[None, :, None] * up).reshape(-1, 2)
    out = np.stack([up[1], -up[0]]) * tall
    ears = look.mesh[[162, 389], :2]
    out = out if (ears[1] - ears[0]) @ out > 0 else -out
    away = np.linspace(0.05, 0.2, 10)[:, None] * out
    lift = np.linspace(0.0, 0.25, 16)[:, None] * up * tall
    beside = np.concatenate([(ears[i] + s * away[:, None] + lift[None]).reshape(-1, 2) for i, s in ((0, -1), (1, 1))])
    mouth = look.mesh[[132, 361], :2]  # there short hair has ended
    low = np.concatenate(
        [(mouth[i] + s * away[:, None] - 0.6 * lift[None]).reshape(-1, 2) for i, s in ((0, -1), (1, 1))]
    )
    likely = cv2.resize(_likely(look.crop, net), look.crop.shape[1::-1])
    skin = _skin(look.mesh, look.light)
    found = []
    for at in (over, beside, low):
        inside = ((at >= 0) & (at < (look.crop.shape[1], look.crop.shape[0]))).all(1)
        x, y = at[inside].astype(int).T
        found.append(lab[y, x][likely[y, x] > _PERSON])
    return found[0], found[1], _off(found[0], skin), _off(found[1], skin), found[2]


def _skin(mesh: Points, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the colours of the skin (K, 3) as the smooth light tells them, in CIELAB."""
    logs = (basis(mesh) @ light)[_SKIN_AT]
    return np.asarray(_lab((np.exp(np.clip(logs, 0, 5.6)) - FLOOR)[None])[0])


def _off(lab: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far colours (..., 3) are from the nearest of some (K, 3)."""
    one, other = (lab * _WEIGHTS).reshape(-1, 3), colours * _WEIGHTS
    apart = np.square(other).sum(1)[:, None] - 2 * other @ one.T  # less the square of the first, which is added below
    nearest = apart.min(0) + np.einsum("ij,ij->i", one, one)
    return np.asarray(np.sqrt(np.maximum(nearest, 0)).reshape(lab.shape[:-1]), np.float32)


def _likely(pixels: Pixels, net: Net) -> NDArray[np.float32]:
    """Return how likely each pixel of a square is a person, (_SIDE, _SIDE)."""
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return net(np.asarray(small, np.float32)[None] / np.float32(255))[0][0, :, :, 0]


class Dye:
    """Dyes hair of one known colour with another."""

    def __init__(self, hair: HairColour, dye: Hair) -> None:
        self._hair, self._colour = hair, np.array(DYES[dye], np.float32)
        self._net: Net = tflite_net("person_mask", "disguise")

    def reach(self, face: Face) -> Box:
        """Return the head with its hair, down to the shoulders."""
        box = Box.around(face.mesh[OVAL])
        by = round(0.75 * max(box.height, box.width))
        return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)

    def wear(self, patch: Pixels, face: Face) -> Pixels:
        """Return the patch, in which the double is worn already, with the hair dyed; nothing inside the outline is."""
        white = white_of(face)
        within = np.zeros(patch.shape[:2], np.uint8)
        ring = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
        cv2.fillConvexPoly(within, ring, 255)
        cover = self._cover(patch, within, face)
        rows, columns = np.nonzero(cover > 1 / 256)
        if not len(rows):
            return patch
        part = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        out = patch.copy()
        film = patch[part].astype(np.float32)
        dyed = self._dyed(film, face, white)
        out[part] = np.clip(film + (dyed - film) * cover[part][..., None] + 0.5, 0, 255).astype(np.uint8)
        return out

    def _dyed(self, film: NDArray[np.float32], face: Face, white: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return pixels as they would be in another colour: each strand as much brighter or darker as it was."""
        usual = float(np.exp(self._hair.luma_log + _level(face.mesh, face.light)))
        wanted = self._colour / 255 * white
        luma = float(wanted @ _LUMA) + 6
        wanted = wanted * min(1.0, _BRIGHTER * usual / luma)
        luma = float(wanted @ _LUMA) + 6
        ratio = (film @ _LUMA + 6) / usual
        brighter = np.log2(max(luma / usual, 1e-3))
        # Dark hair shines: what is ten times as bright as its shade cannot be so in fair hair.
        power = float(np.clip(1 - 0.22 * brighter, 0.5, 1.0))
        strand = np.clip(ratio, 0.05, 12) ** power
        # Hair's edge is half background; a bright one, made brighter still, would be a halo.
        strand = np.minimum(strand, np.maximum(2.0, (film @ _LUMA + 6) / luma))
        gleam = np.clip((strand - 1.5) / 3, 0, 0.6)[..., None]  # what mirrors the lamp has the lamp's colour
        tone = wanted * (1 - gleam) + gleam * luma * white / max(float(white @ _LUMA), 1.0)
        return np.asarray((tone + 6) * strand[..., None] - 6, np.float32)

    def _cover(self, patch: Pixels, within: NDArray[np.uint8], face: Face) -> Cover:
        """Return how much each pixel is hair: a person, round the head, with the hair's colour and not the skin's.

        The net sees the double's face; no pixel inside the outline has a say about colours.
        """
        height, width = patch.shape[:2]
        person = _likely(patch, self._net)
        coarser = max(1.0, _tall(face) / _MEASURED_PX)
        size = max(2, round(width / coarser)), max(2, round(height / coarser))
        outside = cv2.resize((within == 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)
        outside = np.asarray(outside > 0.99, np.float32)
        small = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA), np.uint8)
        place, high = _place(face, size, coarser, long=self._hair.long)
        cover = np.clip((cv2.resize(person, size) - 0.35) / 0.3, 0, 1) * place * self._like_hair(small, face, high)
        tall = _tall(face) / coarser
        # Single pixels that look like skin or wall lie between strands: neighbours decide.
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * max(1, round(0.02 * tall)) + 1,) * 2)
        cover = np.asarray(
            cv2.morphologyEx(np.asarray(cover * outside, np.float32), cv2.MORPH_CLOSE, kernel), np.float32
        )
        soft_px = max(0.8, _EDGE * tall)
        share = np.maximum(cv2.GaussianBlur(outside, (0, 0), 2 * soft_px), 0.05)
        spread = cv2.GaussianBlur(cover * outside, (0, 0), 2 * soft_px) / share
        cover = np.where(outside > 0, cv2.GaussianBlur(cover, (0, 0), soft_px), 0)
        rim = cv2.dilate(1 - outside, np.ones((2 * round(2 * soft_px) + 1,) * 2)) > 0
        cover = np.where(rim, spread, cover).astype(np.float32)  # beside the outline what lies inside it has no say
        return np.asarray(cv2.resize(cover, (width, height)) * (within == 0), np.float32)

    def _like_hair(self, patch: Pixels, face: Face, high: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much colours are hair's and not skin's; over the ears (`high`) what is not skin is hair."""
        lab = _lab(patch)
        away, skin = _off(lab, self._hair.shades), _off(lab, _skin(face.mesh, face.light))
        near = np.clip((1.3 * _FAR - away) / (0.6 * _FAR), 0, 1)
        near = np.maximum(near, high * np.clip((3.5 * _FAR - away) / _FAR, 0, 1))
        return np.asarray(near * np.clip((skin - 0.6 * away + 2) / 8, 0, 1), np.float32)


def _tall(face: Face) -> float:
    return max(1.0, float(np.linalg.norm(face.mesh[10] - face.mesh[152])))


def _place(
    face: Face, size: tuple[int, int], coarser: float, *, long: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return where hair may be, 0 to 1 (H, W), and where it is over the ears.

    It may be all round the head; lower than the ears only where it is long, and beside the shoulders ever less.
    """
    tall = _tall(face)
    up = face.mesh[10, :2] - face.mesh[152, :2]
    up = up / max(float(np.linalg.norm(up)), 1e-3)
    middle = (face.mesh[234, :2] + face.mesh[454, :2]) / 2
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32) * np.float32(coarser)
    rise = ((x - middle[0]) * up[0] + (y - middle[1]) * up[1]) / tall
    aside = np.abs((x - middle[0]) * up[1] - (y - middle[1]) * up[0]) / tall
    around = np.clip((1.05 - np.hypot(rise * 0.95, aside)) / 0.2, 0, 1)
    floor, fade = (0.85, 0.4) if long else (0.3, 0.12)
    low = np.clip((rise + floor) / fade, 0, 1) * np.clip((0.85 - aside) / 0.2, 0, 1)
    place = np.where(rise > 0, around, np.minimum(around, low)).astype(np.float32)
    return place, np.clip((rise - 0.12) / 0.1, 0, 1).astype(np.float32)


def _lab(pixels: "NDArray[np.generic]") -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)


def _rgb(lab: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(lab[None].astype(np.float32), cv2.COLOR_LAB2RGB)[0] * 255, np.float32)
