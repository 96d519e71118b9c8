"""The face double: another face, moved by the person's own expression, in the light of the shot.

What is painted depends on the `Face` alone: pose, expression, gaze, and a light of a few smooth terms. The patch's
pixels are only seen through the feathered rim outside the face's outline.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.contract import Strength
from veil.disguise.faces.fit import Fit, Posed
from veil.disguise.faces.mouth import inside_mouth, mouth_frame
from veil.disguise.faces.performance import Performance, Ways
from veil.disguise.faces.raster import Canvas, Depth, compose, draw
from veil.disguise.faces.shade import shade_head, shaded_head
from veil.models.topology import INNER_LIPS, LEFT_EYE, LEFT_IRIS, OPENINGS, OVAL, RIGHT_EYE, RIGHT_IRIS, SKIN, UV
from veil.nouns.cast import Face, Sure
from veil.nouns.double import Double
from veil.nouns.light import AREAS, FLOOR, PLAIN, basis, robust_light
from veil.nouns.picture import Box, Pixels, Points

_N_OVAL = len(OVAL)
_RIM = np.arange(468, 468 + _N_OVAL)
_RIM_TRIANGLES = np.array(
    [
        t
        for i in range(_N_OVAL)
        for j in [(i + 1) % _N_OVAL]
        for t in ((OVAL[i], _RIM[i], OVAL[j]), (OVAL[j], _RIM[i], _RIM[j]))
    ],
    np.int32,
)
_inner = np.setdiff1d(np.arange(468), OVAL)
_INWARDS = _inner[np.linalg.norm(UV[OVAL][:, None] - UV[_inner][None], axis=2).argmin(1)]
_EYES = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
_FACE = np.concatenate([SKIN, OPENINGS])  # eyes and mouth lie on skin: where they fail, skin shows, never the film
_MOUTH_TRIANGLES = OPENINGS[np.isin(OPENINGS, INNER_LIPS).all(1)]
_EYE_TRIANGLES = tuple(OPENINGS[np.isin(OPENINGS, eye).all(1)] for eye, _ in _EYES)


@dataclass(frozen=True)
class DoubleOptions:
    """How a double is worn."""

    halo: float = 0.045
    """Width of the soft rim outside the face's outline, as a share of the face's height."""
    performance: int = 100
    """Percent of the witness's own way of moving that the double keeps."""
    ways: Ways | None = None
    """How the witness usually moves; it is only asked for below 100 percent."""


class FaceDouble:
    """A double on one witness, whose calm face is `neutral` (478, 3)."""

    name = "double"
    strength = Strength.DOUBLE

    def __init__(self, double: Double, neutral: Points, options: DoubleOptions | None = None) -> None:
        self._options = options or DoubleOptions()
        tame = self._options.performance < 100
        performance = Performance(neutral, self._options.performance, self._options.ways) if tame else None
        self._fit = Fit(double.mesh, neutral, performance)
        self._atlases = [double.atlas]
        while self._atlases[-1].shape[0] > 64:
            self._atlases.append(cv2.pyrDown(self._atlases[-1]).astype(np.uint8, copy=False))
        coarse = cv2.resize(double.eye, (64, 64), interpolation=cv2.INTER_AREA)
        self._eyes = (double.eye, np.asarray(coarse, np.uint8))
        self._even = _smooth_colour(double)
        self._teeth = _bleached(double.mouth)
        self._noise = np.random.default_rng(20171).standard_normal((256, 256)).astype(np.float32)
        self._places = np.concatenate([UV, np.clip(UV[OVAL] + 0.04 * (UV[OVAL] - 0.5), 0, 1)]).astype(np.float32)

    def reach(self, face: Face) -> Box:
        """Return the head and a little more."""
        boxes = [face.box]
        if face.strength > 0 or face.sure is not Sure.FITTED:
            boxes.append(shaded_head(face))
        if face.sure is Sure.FITTED:
            boxes.append(Box.around(face.mesh[:468]).grown(self._options.halo + 0.04))
        return Box.union(boxes)

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the double in it; where the mesh does not fit, with the head in shadow.

        Raises ValueError when the mesh is no face, so that the paint would not cover the head.
        """
        out = patch
        if face.sure is Sure.FITTED and face.strength < 1:
            canvas = self._paint(patch.shape[0], patch.shape[1], face)
            _check_cover(canvas, face)
            out = np.empty_like(patch)
            shift = np.random.default_rng(seed).integers(0, 256, 2)
            compose(canvas, self._noise, int(shift[0]), int(shift[1]), max(0.0, face.grain), patch, out)
        if face.strength > 0 or face.sure is not Sure.FITTED:
            out = shade_head(out, face, face.strength if face.sure is Sure.FITTED else 1.0)
        return out

    def shape(self, face: Face) -> Points:
        """Return the double's own mesh (478, 3) as it lies in the frame."""
        return self._fit.pose(face.mesh).mesh

    def _paint(self, height: int, width: int, face: Face) -> Canvas:
        """Return the double as a canvas (H, W, 4) of the patch's size."""
        posed = self._fit.pose(face.mesh)
        size = float(np.ptp(posed.mesh[OVAL, 0]))
        finer = 2 if size < 150 else 1  # small faces are drawn larger, then brought down: no jagged lids
        points, gains = self._skin_points(posed, face)
        points[:, :2] = (points[:, :2] + 0.5) * finer - 0.5
        canvas = np.zeros((height * finer, width * finer, 4), np.float32)
        easel = _Easel(points, canvas, np.full(canvas.shape[:2], np.inf, np.float32), finer)
        atlas = self._atlas_for(size * finer)
        easel.under(self._footprint(face, finer), self._places, gains, atlas)
        easel.draw(_FACE, self._places, gains, atlas, floor=FLOOR, front=_winding(points))
        easel.draw(_RIM_TRIANGLES, self._places, gains, atlas, floor=FLOOR)
        white = _white(face)
        self._draw_eyes(easel, posed, white, gains)
        self._draw_mouth(easel, posed, white)
        return _finished(canvas, width, height, max(face.blur, 0.4) if finer == 1 else face.blur)

    @staticmethod
    def _footprint(face: Face, finer: int) -> Points:
        """Return the witness's own mesh (504, 3) in canvas pixels, far behind the double's.

        It is painted first, in the double's skin: a nose that reaches beyond the double's outline does not show.
        """
        points = np.zeros((468 + _N_OVAL, 3), np.float32)
        points[:468, :2] = (face.mesh[:468, :2] + 0.5) * finer - 0.5
        points[468:, :2] = points[OVAL, :2]
        points[:, 2] = 1e4
        return points

    def _skin_points(self, posed: Posed, face: Face) -> tuple[Points, NDArray[np.float32]]:
        """Return the points of skin and rim (504, 3), and what each multiplies the atlas by and covers (504, 4)."""
        mesh = posed.mesh[:468]
        middle = mesh[OVAL].mean(0)
        outwards = mesh[OVAL] - middle
        outwards[:, 2] = 0
        length = np.linalg.norm(outwards[:, :2], axis=1, keepdims=True)
        tall = float(np.linalg.norm(mesh[10] - mesh[152]))
        low = (mesh[OVAL, :2] - mesh[10, :2]) @ (mesh[152, :2] - mesh[10, :2]) / tall**2
        width = self._options.halo * tall * (1 - 0.6 * np.clip(2 * low - 0.9, 0, 1))[:, None]  # narrow over the neck
        rim = mesh[OVAL] + outwards / np.maximum(length, 1e-3) * width
        rim[:, 2] += 0.05 * tall
        points = np.concatenate([mesh, rim]).astype(np.float32)
        gains = np.ones((len(points), 4), np.float32)
        terms = basis(posed.mesh)
        logs = terms @ face.light - self._even + _sheen(terms, face)[:, None]
        logs[OVAL] = 0.5 * (logs[OVAL] + logs[_INWARDS])  # at the outline the light is a guess; the skin inside knows
        under = np.clip(2 * low - 1, 0, 1)[:, None]  # the jaw turns away from the light above it
        logs[OVAL] -= 0.12 * under
        gains[:468, :3] = np.exp(np.clip(logs, -2.5, 1.6))
        gains[468:, :3] = gains[OVAL, :3] * (1 - 0.22 * under)
        gains[OVAL, 3] = 1.4  # cut off at 1: the cover begins to fade a little outside the outline, not on it
        gains[468:, 3] = 0
        return points, gains

    def _atlas_for(self, face_px: float) -> Pixels:
        """Return the atlas whose texels are about as large as the pixels."""
        level = int(np.clip(np.floor(np.log2(self._atlases[0].shape[0] / max(face_px, 1.0))), 0, 8))
        return self._atlases[min(level, len(self._atlases) - 1)]

    def _draw_eyes(self, easel: "_Easel", posed: Posed, white: NDArray[np.float32], lids: NDArray[np.float32]) -> None:
        points = easel.points
        for (ring, iris), triangles in zip(_EYES, _EYE_TRIANGLES, strict=True):
            width = float(np.linalg.norm(points[ring[8], :2] - points[ring[0], :2]))
            if _opening(points, ring) < _SHUT * width:  # all that shows is lid
                easel.inlay(triangles, ring, self._places, lids, self._atlas_for(8 * width), floor=FLOOR)
                continue
            centre = (posed.mesh[iris[0], :2] + 0.5) * easel.finer - 0.5
            radius = max(width * self._fit.iris_share, 0.5)
            places = np.zeros((len(points), 2), np.float32)
            places[ring] = (points[ring, :2] - centre) / (4 * radius) + 0.5
            gains = np.ones((len(points), 4), np.float32)
            gains[ring, :3] = white / _WHITE_CODE
            gains[ring[9:16], :3] *= 0.68  # the upper lid throws a shadow
            gains[ring[[0, 8]], :3] *= 0.85
            easel.inlay(triangles, ring, places, gains, self._eyes[0] if radius > 20 else self._eyes[1])

    def _draw_mouth(self, easel: "_Easel", posed: Posed, white: NDArray[np.float32]) -> None:
        frame = mouth_frame(self._fit.aligned, posed)
        if frame is None:
            return
        places = np.zeros((len(easel.points), 2), np.float32)
        places[INNER_LIPS] = frame.places(posed.mesh[INNER_LIPS, :2])
        gains = np.ones((len(easel.points), 4), np.float32)
        gains[INNER_LIPS, :3] = 1.35 * white / _WHITE_CODE
        inside = inside_mouth(self._teeth, frame.lower_lip, frame.opening)
        easel.inlay(_MOUTH_TRIANGLES, INNER_LIPS, places, gains, inside)


@dataclass(frozen=True, eq=False)
class _Easel:
    """What a frame's double is painted on: its points in canvas pixels, colour, depth."""

    points: Points
    canvas: Canvas
    depth: Depth
    finer: int  # canvas pixels a patch pixel

    def draw(
        self,
        triangles: NDArray[np.int32],
        places: NDArray[np.float32],
        gains: NDArray[np.float32],
        texture: Pixels,
        *,
        floor: float = 0.0,
        front: float = 0.0,
    ) -> None:
        """Draw triangles in front of what is there; see `raster.draw`."""
        draw(triangles, self.points, places, gains, texture, floor, front, self.canvas, self.depth)

    def under(self, points: Points, places: NDArray[np.float32], gains: NDArray[np.float32], texture: Pixels) -> None:
        """Draw the whole face at other points, seen from either side."""
        draw(_FACE, points, places, gains, texture, FLOOR, 0.0, self.canvas, self.depth)

    def inlay(
        self,
        triangles: NDArray[np.int32],
        ring: NDArray[np.int64],
        places: NDArray[np.float32],
        gains: NDArray[np.float32],
        texture: Pixels,
        *,
        floor: float = 0.0,
    ) -> None:
        """Draw the inside of a ring of points with a soft edge, as lids and lips have: no jags."""
        box = Box.around(self.points[ring]).grown(0.1).clipped(self.canvas.shape[1], self.canvas.shape[0])
        if not box.area:
            return
        part = (slice(box.top, box.bottom), slice(box.left, box.right))
        layer = np.zeros((box.height, box.width, 4), np.float32)
        shifted = self.points - np.array([box.left, box.top, 0.5], np.float32)
        depth = np.ascontiguousarray(self.depth[part])
        draw(triangles, shifted, places, gains, texture, floor, 0.0, layer, depth)
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.7), np.float32)
        under = self.canvas[part]
        under *= 1 - layer[..., 3:]
        under += layer


def _bleached(mouth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return teeth (H, W, 4) with half their colour: the light of the shot brings its own."""
    paler = mouth.copy()
    grey = mouth[..., :3].mean(2, keepdims=True) * 1.06
    paler[..., :3] = np.clip(0.45 * mouth[..., :3] + 0.55 * grey, 0, 255)
    return paler


def _sheen(terms: NDArray[np.float32], face: Face) -> NDArray[np.float32]:
    """Return how much skin shines at every point, (468,), natural logarithm.

    Skin is a little oily: where it mirrors the main light towards the lens, a broad highlight lies on it (Blinn 1977).
    The light's direction and strength are those that the linear terms tell.
    """
    towards = face.light[1:4].mean(1)
    strength = float(np.linalg.norm(towards))
    if strength < 0.02:
        return np.zeros(len(terms), np.float32)
    half = towards / strength + np.array([0, 0, -1], np.float32)
    half /= max(float(np.linalg.norm(half)), 1e-3)
    shine = np.clip(terms[:, 1:4] @ half, 0, 1) ** 14
    return np.asarray(min(0.3, 0.5 * strength) * (shine - 0.25), np.float32)


_WHITE_CODE = 212.0  # what the white of an eye is in the textures


def _white(face: Face) -> NDArray[np.float32]:
    """Return the code values (3,) that the white of an eye has in the light of the face.

    Skin tells light and complexion only together; eyes differ less from each other than skins do, so their white
    follows the skin's brightness by a power below 1, and its tint by half.
    """
    skin = np.exp(np.median((basis(face.mesh) @ face.light)[PLAIN[:, 0]], 0)) - FLOOR
    luma = float(np.clip(skin @ np.array([0.2126, 0.7152, 0.0722], np.float32), 4, 255))
    tint = np.clip(skin / luma, 0.5, 1.8) ** 0.3
    return np.asarray(luma**0.52 * 255**0.48 * tint, np.float32)


def _smooth_colour(double: Double) -> NDArray[np.float32]:
    """Return the double's own even colour at every skin point, natural logarithm, (468, 3).

    Measured on the atlas as the light is measured on the film, so that what the two have in common cancels.
    """
    side = double.atlas.shape[0]
    soft = cv2.blur(double.atlas, (round(side * 0.05), round(side * 0.05)))
    places = UV[PLAIN].mean(1) * side
    x, y = (np.clip(places[:, i], 0, side - 1).astype(int) for i in range(2))
    logs = np.log(soft[y, x].astype(np.float32) + FLOOR)
    terms = basis(double.mesh)
    own = robust_light(terms[PLAIN].mean(1), logs, AREAS)
    return (terms @ own).astype(np.float32)


_SHUT = 0.07  # an eye open by less of its width than this is shut


def _opening(points: Points, ring: NDArray[np.int64]) -> float:
    """Return the mean distance of the lids, pixels."""
    return float(np.linalg.norm(points[ring[2:7], :2] - points[ring[14:9:-1], :2], axis=1).mean())


def _winding(points: Points) -> float:
    """Return the sign of the area that most front triangles have (the nose's, which always faces us)."""
    a, b, c = (points[SKIN[:, i], :2] for i in range(3))
    areas = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return float(areas.sum())


def _check_cover(canvas: Canvas, face: Face) -> None:
    """Raise ValueError unless the paint covers the face wherever it lies in the patch."""
    mesh = face.mesh[:468, :2]
    tall, wide = np.ptp(mesh[:, 1]), np.ptp(mesh[:, 0])
    if not (
        np.isfinite(mesh).all() and 0.3 * face.box.height < tall < 4 * face.box.height and wide > 0.1 * face.box.width
    ):
        raise ValueError("the mesh is no face")
    x, y = mesh[_inner].round().astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < canvas.shape[1]) & (y < canvas.shape[0])
    if tall > 8 and inside.any() and float((canvas[y[inside], x[inside], 3] > 0.5).mean()) < 0.85:
        raise ValueError("the double does not cover the face")


def _finished(canvas: Canvas, width: int, height: int, softness_px: float) -> Canvas:
    """Soften a canvas and bring it down by area to (height, width)."""
    finer = canvas.shape[1] // width
    if softness_px > 0.3:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), softness_px * finer), np.float32)
    if finer > 1:
        canvas = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    return canvas
