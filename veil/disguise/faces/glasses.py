"""Glasses that a double wears: a rigid frame in space, carried by the head, lit by the shot."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.layer import Cover, depth_of, lay, side_light, spread, white_of
from veil.models.topology import STILL
from veil.nouns.cast import Face
from veil.nouns.double import Glasses
from veil.nouns.geometry import Similarity, similarity
from veil.nouns.picture import Box, Pixels, Points

# All lengths below are shares of the distance between the middles of the eyes.
_LENS = {"round": (0.385, 0.36, 2.1), "square": (0.43, 0.30, 4.5), "half": (0.43, 0.30, 3.0)}
"""Half width, half height, and how square: the exponent of a superellipse."""
_APART = 0.535  # from the middle to that of a lens
_LOW = 0.05  # a lens sits so much lower than the eye
_WIRE, _HEAVY = 0.015, 0.050  # thickness of a rim
_TILT = 0.14  # the lower edge leans to the cheeks
_WRAP = 0.13  # the outer ends lie back
_PROUD = 0.02  # nothing of a frame comes nearer to the skin
_TEMPLES = 0.96  # of the distance of the temples is the width of the front
_AROUND = 48  # points of a rim
_PUPILS = np.array([33, 133]), np.array([263, 362])


@dataclass(frozen=True, eq=False)
class _Line:
    """A piece of a frame: its points (N, 3) in the calm face's space, and how thick it is there, in its pixels."""

    points: Points
    thick: float
    arm: bool = False


class GlassesWorn:
    """Glasses on one double as one witness wears it.

    `worn` (478, 3) is the double's calm shape on the witness, `neutral` (478, 3) the witness's own, in the same space.
    """

    def __init__(self, glasses: Glasses, worn: Points, neutral: Points) -> None:
        self._glasses, self._neutral = glasses, neutral
        frame = _Space(worn)
        frame.widen(glasses.shape, worn)
        self._unit = frame.unit
        self._away = frame.out(np.array([[0.0, 0.0, 0.04]])) - frame.out(np.zeros((1, 3)))  # how deep a rim is
        thick = (_WIRE + (_HEAVY - _WIRE) * glasses.thick) * frame.unit
        rims = [_rim(glasses.shape, side) for side in (-1, 1)]
        forward = _clearance(frame, rims, worn)
        self._lenses = [frame.out(r + forward) for r in rims]
        self._lines = [_Line(frame.out(p + forward), thick * t) for p, t in _pieces(glasses.shape, rims)]
        self._lines += [
            _Line(_arm(frame, glasses.shape, worn, side, forward), thick * 0.8, arm=True) for side in (-1, 1)
        ]

    def wear(self, pixels: Pixels, face: Face, surface: Points, seed: int) -> None:
        """Draw them over `pixels`; `surface` (478, 3) is the double's mesh in this frame, which may hide parts."""
        head = similarity(self._neutral[STILL], face.mesh[STILL])
        every = np.concatenate([head.of(line.points) for line in self._lines])
        box = Box.around(every).grown(0.12).clipped(pixels.shape[1], pixels.shape[0])
        if not box.area or self._unit * head.scale < _LEAST_PX:
            return
        corner = np.array([box.left, box.top, 0], np.float32)
        view = pixels[box.top : box.bottom, box.left : box.right]
        here = face.moved(-box.left, -box.top)
        sheet = _Sheet(
            box.height, box.width, self._unit * head.scale, depth_of(surface - corner, box.height, box.width)
        )
        lines = [_Line(head.of(x.points) - corner, x.thick * head.scale, x.arm) for x in self._lines]
        lenses = [head.of(lens) - corner for lens in self._lenses]
        self._shade(view, sheet, lines, here, seed)
        self._glaze(view, sheet, lenses, head, here, seed)
        self._frame(view, sheet, lines, head.directions(self._away)[0], here, seed)

    @staticmethod
    def _shade(view: Pixels, sheet: "_Sheet", lines: list[_Line], face: Face, seed: int) -> None:
        """A faint shadow falls from the rims onto the skin, away from the light, never onto what lies beside it."""
        lift = 0.07 * sheet.unit_px
        towards = face.light[1:3].mean(1)  # how the light falls off from left to right, and downwards
        away = np.array([-np.clip(3 * towards[0], -0.6, 0.6), 0.8, 0], np.float32) * lift
        cover = sheet.strokes([_Line(x.points + away, 1.5 * x.thick) for x in lines if not x.arm])
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), max(0.5, 0.035 * sheet.unit_px)), np.float32)
        lay(view, np.zeros(3, np.float32), 0.26 * cover * sheet.skin, face, seed)

    @staticmethod
    def _glaze(view: Pixels, sheet: "_Sheet", lenses: list[Points], head: Similarity, face: Face, seed: int) -> None:
        """Glass is a little darker than nothing, and carries a pale streak that wanders as the head turns."""
        inside = sheet.filled(lenses)
        lay(view, np.zeros(3, np.float32), 0.05 * inside, face, seed)
        streak = np.zeros_like(inside)
        for lens in lenses:
            middle, wide = lens.mean(0), float(np.linalg.norm(np.ptp(lens[:, :2], axis=0)))
            turned = float(head.turn[0, 2] - 0.6 * head.turn[1, 2])
            x, y = np.meshgrid(np.arange(view.shape[1]) - middle[0], np.arange(view.shape[0]) - middle[1])
            along = (0.8 * x - 0.6 * y) / max(wide, 1.0) - 0.9 * turned + 0.12
            streak = np.maximum(streak, np.exp(-((along / 0.09) ** 2)) + 0.5 * np.exp(-(((along - 0.24) / 0.035) ** 2)))
        lay(view, white_of(face), np.asarray(0.11 * inside * streak, np.float32), face, seed)

    @staticmethod
    def _ends(cover: Cover, lines: list[_Line], unit_px: float) -> Cover:
        """Let the arms fade where they go behind the ear or into the hair: Veil does not know which."""
        y, x = np.mgrid[: cover.shape[0], : cover.shape[1]].astype(np.float32)
        for line in lines:
            if line.arm:
                off = np.hypot(x - line.points[-1, 0], y - line.points[-1, 1]) / (0.3 * unit_px)
                cover = cover * np.clip(off, 0, 1)
        return cover

    def _frame(self, view: Pixels, sheet: "_Sheet", lines: list[_Line], away: Points, face: Face, seed: int) -> None:
        """The frame itself, lit as the skin beside it, with a fine gleam along its upper edges."""
        colour = np.array(self._glasses.rgb, np.float32) / 255 * white_of(face)
        height, width = view.shape[:2]
        near = spread(face.mesh[_BESIDE, :2], side_light(face)[_BESIDE], height, width, 0.3 * sheet.unit_px)
        gain = np.exp(near)[..., None]
        back = [_Line(x.points + away, x.thick) for x in lines if not x.arm]
        lay(view, np.clip(0.6 * colour * gain, 0, 255), sheet.strokes(back), face, seed)
        lay(view, np.clip(colour * gain, 0, 255), self._ends(sheet.strokes(lines), lines, sheet.unit_px), face, seed)
        up = np.array([-0.1, -0.22, 0], np.float32)
        gleam = sheet.strokes([_Line(x.points + up * x.thick, 0.34 * x.thick) for x in lines])
        gleam = self._ends(gleam, lines, sheet.unit_px)
        lay(view, np.clip((0.55 * colour + 0.45 * white_of(face)) * gain, 0, 255), 0.4 * gleam, face, seed)


_LEAST_PX = 6.0  # between the eyes: smaller glasses are nothing but noise
_BESIDE = np.array([127, 356, 6, 116, 345, 105, 334])  # temples, bridge, cheeks, brows


class _Space:
    """Where things are on a face, in shares of the distance of the eyes: right, down, away, from between the eyes."""

    def __init__(self, mesh: Points) -> None:
        right, left = (mesh[i].mean(0) for i in _PUPILS)
        across = left - right
        self.unit = max(float(np.linalg.norm(across)), 1e-6)
        x = across / self.unit
        down = mesh[152] - mesh[10]
        y = down - (down @ x) * x
        y /= max(float(np.linalg.norm(y)), 1e-6)
        self._axes = np.stack([x, y, np.cross(x, y)]).astype(np.float32)
        self._origin = (right + left) / 2

    def widen(self, shape: str, mesh: Points) -> None:
        """Make the unit such that glasses reach from temple to temple, as a good optician would."""
        wide = float(np.ptp(self.into(mesh[[127, 356]])[:, 0]))
        self.unit *= float(np.clip(_TEMPLES * wide / (2 * (_APART + _LENS[shape][0])), 0.92, 1.18))

    def out(self, shares: NDArray[np.floating]) -> Points:
        """Return points of this space in the mesh's."""
        return np.asarray(self._origin + self.unit * shares @ self._axes, np.float32)

    def into(self, points: Points) -> Points:
        """Return points of the mesh in this space."""
        return np.asarray((points - self._origin) @ self._axes.T / self.unit, np.float32)


def _rim(shape: str, side: int) -> NDArray[np.float64]:
    """Return the ring of one lens (N, 3), starting at the outer end; `side` is -1 for the picture's left."""
    half, tall, square = _LENS[shape]
    angles = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    cos, sin = np.cos(angles), np.sin(angles)
    x = np.sign(cos) * np.abs(cos) ** (2 / square) * half
    y = np.sign(sin) * np.abs(sin) ** (2 / square) * tall
    if shape != "round":  # the lower edge is narrower, as lenses are
        x *= 1 - 0.10 * np.clip(y / tall, 0, 1)
    x = side * (_APART + x)
    return np.stack([x, y + _LOW, _WRAP * x * x + _TILT * y], 1)


def _clearance(frame: _Space, rims: list[NDArray[np.float64]], worn: Points) -> NDArray[np.float64]:
    """Return how far forward the frame must sit so that it touches nothing but the bridge of the nose."""
    skin = frame.into(worn[:468])
    gaps = [0.0]
    for point in np.concatenate(rims)[::3]:
        near = np.linalg.norm(skin[:, :2] - point[:2], axis=1) < 0.12
        if near.any():
            gaps.append(float(point[2] - skin[near, 2].min()))
    bridge = float(-skin[[6, 168], 2].min())
    forward = np.zeros(3)
    forward[2] = -(max(float(np.percentile(gaps, 80)), bridge) + _PROUD)
    return forward


def _pieces(shape: str, rims: list[NDArray[np.float64]]) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Yield the lines of the front and how thick each is, the usual being 1."""
    for ring in rims:
        closed = np.concatenate([ring, ring[:1]])
        if shape == "half":
            upper = np.roll(ring, _AROUND // 2 - 3, axis=0)[: _AROUND // 2 + 7]
            yield upper[upper[:, 1] <= _LOW + 0.12], 1.25
            yield closed, 0.14
        else:
            yield closed, 1.0
    inner = [ring[np.argmin(np.abs(ring[:, 0]) + 0.35 * np.abs(ring[:, 1] + 0.04))] for ring in rims]
    share = np.linspace(0, 1, 9)[:, None]
    bridge = inner[0] * (1 - share) + inner[1] * share
    bridge[:, 1] -= 0.07 * np.sin(np.pi * share[:, 0])
    bridge[:, 2] -= 0.04 * np.sin(np.pi * share[:, 0])
    yield bridge, 0.9


def _arm(frame: _Space, shape: str, worn: Points, side: int, forward: NDArray[np.float64]) -> Points:
    """Return the arm (N, 3) from the hinge to where the ear begins, bending down behind it."""
    ear = frame.into(worn[[234 if side < 0 else 454]])[0].astype(np.float64)
    temple = frame.into(worn[[127 if side < 0 else 356]])[0]
    half, tall, _ = _LENS[shape]
    high = _LOW - (0.1 if shape == "round" else 0.55) * tall  # where the front is widest
    hinge = np.array([side * (_APART + half), high, _WRAP * (_APART + half) ** 2 + _TILT * (high - _LOW)]) + forward
    wide = side * (max(abs(ear[0]), abs(float(temple[0])), abs(hinge[0])) + 0.02)
    top = np.array([wide, min(float(temple[1]), ear[1] - 0.12), ear[2] + 0.02])
    share = np.linspace(0, 1, 24)[:, None]
    bow = np.array([[side * 0.02, 0.0, 0.0]]) * np.sin(np.pi * share)
    return frame.out(hinge * (1 - share) + top * share + bow)


class _Sheet:
    """Where glasses are drawn: a mask finer than the picture, and what the face hides."""

    def __init__(self, height: int, width: int, unit_px: float, depth: NDArray[np.float32]) -> None:
        self._height, self._width, self.unit_px, self._depth = height, width, unit_px, depth
        self._finer = int(np.clip(np.ceil(260 / max(unit_px, 1)), 1, 4))
        self.skin: Cover = np.isfinite(depth).astype(np.float32)

    def strokes(self, lines: list[_Line]) -> Cover:
        """Return the cover of lines; what lies behind the face is left out."""
        mask = np.zeros((self._height * self._finer, self._width * self._finer), np.uint8)
        for line in lines:
            seen = self._seen(line.points)
            at = np.round(((line.points[:, :2] + 0.5) * self._finer - 0.5) * 16).clip(-(2**24), 2**24).astype(np.int32)
            thick = max(1, round(line.thick * self._finer))
            for first, last in _runs(seen):
                cv2.polylines(mask, [at[first:last]], False, 255, thick, cv2.LINE_AA, 4)
        return self._down(mask)

    def filled(self, rings: list[Points]) -> Cover:
        """Return the cover of rings that are filled."""
        mask = np.zeros((self._height * self._finer, self._width * self._finer), np.uint8)
        for ring in rings:
            at = np.round(((ring[:, :2] + 0.5) * self._finer - 0.5) * 16).clip(-(2**24), 2**24).astype(np.int32)
            cv2.fillPoly(mask, [at], 255, cv2.LINE_AA, 4)
        return self._down(mask)

    def _seen(self, points: Points) -> NDArray[np.bool_]:
        x = points[:, 0].round().astype(int).clip(0, self._width - 1)
        y = points[:, 1].round().astype(int).clip(0, self._height - 1)
        return np.asarray(points[:, 2] <= self._depth[y, x] + 0.06 * self.unit_px, np.bool_)

    def _down(self, mask: NDArray[np.uint8]) -> Cover:
        small = cv2.resize(mask, (self._width, self._height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / np.float32(255)


def _runs(seen: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of every run of at least two points that are seen."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first > 1:
            yield int(first), int(last)
