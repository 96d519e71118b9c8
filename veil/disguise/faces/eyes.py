"""A double's eyes: balls that turn in their sockets, the shadow of the lids, lashes, and the light they mirror."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.fit import FRONT, Posed
from veil.disguise.faces.holes import Hole, stroke
from veil.models.topology import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS, STILL
from veil.nouns.geometry import similarity
from veil.nouns.light import Light
from veil.nouns.picture import Pixels, Points

RINGS = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
_CREASES = (np.array([226, 247, 30, 29, 27, 28, 56, 190]), np.array([446, 467, 260, 259, 257, 258, 286, 414]))

# Of the distance between the eyes' middles, which is about 63 mm.
_IRIS = 12.2 / 2 / 63
_BALL = 12.0 / 63
_FLAT = float(np.sqrt(1 - (_IRIS / _BALL) ** 2))  # how far before the ball's middle the iris lies, of the radius
_CORNEA, _FORWARD = 7.8 / 63, 5.6 / 63  # radius of the clear bulge in front, and how far before the ball's middle
_SUNK = 11.0 / 63  # how far the ball's middle lies behind the lids
_ASIDE = 0.6  # sine of the furthest turn of an eye; what is more is the net's, or the corners'
_TEXTURE_IRIS = 0.25  # radius of the iris in the picture of an eye, of its side
_IRIS_COLOUR = 0.7  # how much of its colour an iris keeps in the shade of the lids
_IRIS_DARK = (12.0, 0.4)  # how light it is then, of how light it is in the picture
_PUPIL = 0.37  # radius of the pupil, of the iris's
_WHITE_CODE = 205.0  # what the white of an eye is in the picture of an eye
_LASH = np.array([26, 18, 16], np.float32)


class Balls:
    """The two eyeballs of a double on one witness."""

    def __init__(self, aligned: Points, neutral: Points, picture: Pixels) -> None:
        """`aligned` and `neutral` (478, 3) in one frame, `picture` (256, 256, 3) of an eye from the front."""
        middles = [(aligned[ring[0]] + aligned[ring[8]]) / 2 for ring, _ in RINGS]
        self._apart = float(np.linalg.norm(middles[1] - middles[0]))
        onto = similarity(FRONT[STILL], neutral[STILL])
        inwards = onto.directions(np.array([[0, 0, 1]], np.float32))[0] / onto.scale
        self._centres = np.stack([m + inwards * _SUNK * self._apart for m in middles]).astype(np.float32)
        self._pictures = [seen_from_afar(picture)]
        while self._pictures[-1].shape[0] > 16:
            self._pictures.append(cv2.pyrDown(self._pictures[-1]).astype(np.uint8, copy=False))

    def paint(self, side: int, hole: Hole, eye: "Eye") -> None:
        """Paint one ball (0 right, 1 left) into its hole."""
        head, finer = eye.posed.head, eye.finer
        centre = (head.of(self._centres[side : side + 1])[0, :2] + 0.5) * finer - 0.5
        apart = self._apart * head.scale * finer
        gaze = _gaze(np.asarray((eye.iris - centre) / (_FLAT * _BALL * apart), np.float32))
        # The iris is where the witness's is, whatever the ball's place.
        centre = eye.iris - gaze[:2] * _FLAT * _BALL * apart
        y, x = np.mgrid[: hole.mask.shape[0], : hole.mask.shape[1]].astype(np.float32)
        qx, qy = (x + hole.left - centre[0]) / (_BALL * apart), (y + hole.top - centre[1]) / (_BALL * apart)
        far = np.sqrt(np.maximum(qx * qx + qy * qy, 1e-9))
        kept = np.minimum(1, 0.985 / far)
        qx, qy = qx * kept, qy * kept
        qz = -np.sqrt(np.maximum(0, 1 - qx * qx - qy * qy))
        facing = np.clip(-qz, 0, 1)
        # The iris is a flat disc across the ball: its pupil stays in its middle when it looks aside.
        flat = (_FLAT - gaze[0] * qx - gaze[1] * qy) / min(float(gaze[2]), -0.2)
        qz = np.where(gaze[0] * qx + gaze[1] * qy + gaze[2] * qz > _FLAT, flat, qz)
        right, down = _across(gaze)
        share = _TEXTURE_IRIS * _BALL / _IRIS
        u = 0.5 + share * (qx * right[0] + qy * right[1] + qz * right[2])
        v = 0.5 + share * (qx * down[0] + qy * down[1] + qz * down[2])
        ball = _sampled(self._picture(2 * _IRIS * apart), u, v) * (eye.white / _WHITE_CODE)
        colour = ball * (0.54 + 0.44 * facing[..., None] ** 0.7)
        colour *= _lid_shadow(hole.mask, eye.open_px)[..., None]
        glint = _glint(x + hole.left, y + hole.top, centre, gaze, apart, eye.light)
        colour += (np.minimum(1.7 * eye.white + 30, 252) - colour) * (eye.gleam * glint)[..., None]
        hole.lay(colour.astype(np.float32))

    def _picture(self, iris_px: float) -> Pixels:
        """Return the picture of an eye whose iris is about as large as it will be drawn."""
        level = int(np.clip(np.floor(np.log2(128 / max(iris_px, 1.0))), 0, len(self._pictures) - 1))
        return self._pictures[level]


@dataclass(frozen=True, eq=False)
class Eye:
    """What is known of one eye in one frame; pixels are those of the canvas."""

    posed: Posed
    iris: NDArray[np.float32]  # (2,), the middle of the iris
    open_px: float  # how far the lids are apart
    white: NDArray[np.float32]  # (3,), the white of an eye in this light
    light: Light
    finer: int  # canvas pixels a patch pixel
    gleam: float = 0.9


def _gaze(off: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the unit vector in which an eye looks whose iris lies `off` (2,) ball radii from the ball's middle."""
    length = float(np.linalg.norm(off))
    if length > _ASIDE:
        off = off * (_ASIDE / length)
    return np.array([off[0], off[1], -np.sqrt(1 - float(off @ off))], np.float32)


def _across(gaze: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return unit vectors across a gaze, to the right and down."""
    right = np.array([-gaze[2], 0, gaze[0]], np.float32)
    right /= max(float(np.linalg.norm(right)), 1e-6)
    return right, np.cross(right, -gaze).astype(np.float32) * np.float32(-1)


def seen_from_afar(picture: Pixels) -> Pixels:
    """Return the picture of an eye as a camera sees eyes in a face: a dark iris with a ring, a wide pupil, no window.

    Irises lie in the shade of brow, lids and lashes, which a picture of an eyeball alone does not have; and what the
    cornea mirrors is the shot's to say, so what it mirrors in the picture goes.
    """
    side = picture.shape[0]
    x, y = np.meshgrid(*[(np.arange(side, dtype=np.float32) + 0.5) / side - 0.5] * 2)
    away = np.hypot(x, y) / _TEXTURE_IRIS
    iris = _without_window(picture.astype(np.float32), away)
    middle = iris[(away > 0.45) & (away < 0.85)].mean(0)
    luma = float(max(middle.mean(), 1.0))
    grey = iris.mean(2, keepdims=True)
    iris = (grey + _IRIS_COLOUR * (iris - grey)) * (_IRIS_DARK[0] + _IRIS_DARK[1] * luma) / luma
    ring = 1 - 0.68 * np.clip((away - 0.62) / 0.36, 0, 1) ** 2
    open_by = 1 / (1 + np.exp((_PUPIL - away) / 0.035))
    iris *= (ring * (0.1 + 0.9 * open_by))[..., None]
    inside = (1 / (1 + np.exp((away - 1.0) / 0.03)))[..., None]
    white = picture.astype(np.float32)
    clear = white[(away > 1.15) & (away < 1.3)].mean(0)  # the picture's own soft edge of the iris goes too
    white += (clear - white) * np.clip((1.2 - away) / 0.08, 0, 1)[..., None]
    return np.asarray(np.clip(white + (iris - white) * inside + 0.5, 0, 255), np.uint8)


def _without_window(picture: NDArray[np.float32], away: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an eye (side, side, 3) whose iris mirrors nothing: half its usual colour there, half an unlit quarter."""
    half = picture.shape[0] // 2
    quarter = picture[:half, half:]
    whole = np.concatenate([quarter[:, ::-1], quarter], 1)
    whole = np.concatenate([whole, whole[::-1]], 0)
    rings = np.clip((away * 32).astype(int), 0, 39)
    usual = np.stack([np.median(whole[rings == k], 0) for k in range(40)])
    return np.asarray(0.5 * whole + 0.5 * usual[rings], np.float32)


def _sampled(picture: Pixels, u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    side = picture.shape[0]
    x, y = (u * side - 0.5).astype(np.float32), (v * side - 0.5).astype(np.float32)
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def _lid_shadow(mask: NDArray[np.float32], open_px: float) -> NDArray[np.float32]:
    """Return how much light reaches each pixel of an eye under its lids, (H, W): little above, a wet gleam below."""
    reach = max(0.6, 0.24 * open_px)
    soft = cv2.GaussianBlur(mask, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
    lower = cv2.warpAffine(soft, np.array([[1, 0, 0], [0, 1, 0.9 * reach]], np.float32), mask.shape[::-1])
    return np.asarray(np.clip(0.2 + 0.86 * lower, 0, 1.02) * np.clip(0.6 + 0.52 * soft, 0, 1), np.float32)


def main_light(light: Light) -> NDArray[np.float32]:
    """Return the unit vector towards the main light of a face, never from below or behind."""
    towards = light[1:4].mean(1).astype(np.float32)
    strength = float(np.linalg.norm(towards))
    sure = float(np.clip((strength - 0.15) / 0.35, 0, 1))  # skin, marked or not, tells a soft light's side but badly
    mixed = sure * towards / max(strength, 1e-6) + (1 - sure) * np.array([-0.2, -0.5, -0.84], np.float32)
    mixed = mixed.astype(np.float32)
    mixed[1], mixed[2] = min(mixed[1], -0.15), min(mixed[2], -0.35)
    return np.asarray(mixed / np.linalg.norm(mixed), np.float32)


def _glint(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    centre: NDArray[np.float32],
    gaze: NDArray[np.float32],
    apart: float,
    light: Light,
) -> NDArray[np.float32]:
    """Return where an eye mirrors the main light, 0..1."""
    half = main_light(light) + np.array([0, 0, -1], np.float32)
    half /= max(float(np.linalg.norm(half)), 1e-3)
    place = centre + apart * (_FORWARD * gaze[:2] + _CORNEA * half[:2])
    iris = centre + _BALL * apart * gaze[:2]
    off, most = place - iris, 0.62 * _IRIS * apart  # it stays on the iris
    place = iris + off * min(1.0, most / max(float(np.linalg.norm(off)), 1e-6))
    size = max(0.11 * _IRIS * apart, 0.45)
    return np.asarray(np.exp(-0.5 * (np.square(x - place[0]) + np.square(y - place[1])) / size**2), np.float32)


def draw_lashes(points: Points, side: int, hole: Hole, open_share: float, light: NDArray[np.float32]) -> None:
    """Draw the upper lid's lashes as a soft dark line, and the crease above it; `light` (3,) is their colour's."""
    ring = RINGS[side][0]
    width = float(np.linalg.norm(points[ring[8], :2] - points[ring[0], :2]))
    upper = points[ring[[0, 15, 14, 13, 12, 11, 10, 9, 8]], :2] - (hole.left, hole.top)
    thick = max(0.028 * width, 0.45)
    lash = stroke(upper[:-1] - (0, 0.35 * thick), hole.mask.shape, thick * (0.8 + 0.2 * open_share))
    hole.shade((0.5 + 0.35 * open_share) * lash, _LASH * light)
    crease = points[_CREASES[side], :2] - (hole.left, hole.top)
    above = 0.55 * crease[1:] + 0.45 * upper[1:8] if len(crease) == 8 else crease
    fold = stroke(above, hole.mask.shape, 0.03 * width)
    hole.canvas[..., :3] *= 1 - 0.22 * np.clip(open_share, 0, 1) * fold[..., None]
    lower = points[ring[1:8], :2] - (hole.left, hole.top)
    rim = stroke(lower + (0, 0.4 * thick), hole.mask.shape, 0.8 * thick)
    hole.canvas[..., :3] *= 1 - 0.16 * rim[..., None]


def opening_px(points: Points, side: int) -> float:
    """Return how far the lids of an eye are apart, in the points' pixels."""
    ring = RINGS[side][0]
    return float(np.linalg.norm(points[ring[2:7], :2] - points[ring[14:9:-1], :2], axis=1).mean())
