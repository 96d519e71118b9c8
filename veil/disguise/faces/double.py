"""The face double: another face, moved by the person's own expression, in the light of the shot.

What is painted depends on the `Face` alone: pose, expression, gaze, and a light of a few smooth terms. The patch's
pixels are only seen through the feathered rim outside the face's outline.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.contract import Strength
from veil.disguise.faces.eyes import RINGS, Balls, Eye, draw_lashes, main_light, opening_px
from veil.disguise.faces.fit import Fit, Posed
from veil.disguise.faces.folds import Expressions, Folds, Weights
from veil.disguise.faces.holes import Hole
from veil.disguise.faces.mouth import Mouth, Play
from veil.disguise.faces.performance import Performance, Ways
from veil.disguise.faces.raster import Canvas, Depth, compose, draw, feather
from veil.disguise.faces.shade import shade_head, shaded_head
from veil.disguise.faces.shot import in_the_shot, skin_colour
from veil.models.topology import INNER_LIPS, OPENINGS, OVAL, SKIN, UV
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
_FACE = np.concatenate([SKIN, OPENINGS])  # eyes and mouth lie on skin: where they fail, skin shows, never the film
_MOUTH_TRIANGLES = OPENINGS[np.isin(OPENINGS, INNER_LIPS).all(1)]
_EYE_TRIANGLES = tuple(OPENINGS[np.isin(OPENINGS, eye).all(1)] for eye, _ in RINGS)


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
        self._balls = Balls(self._fit.aligned, neutral, double.eye)
        self._mouth = Mouth(self._fit.aligned, neutral, double.mouth)
        self._even = smooth_colour(double)
        self._folds = None if double.folds is None else Folds(double.folds)
        self._expressions = Expressions(neutral)
        self._noise = [_specks(size) for size in _SPECKS_PX]
        self._places = np.concatenate([UV, np.clip(UV[OVAL] + 0.04 * (UV[OVAL] - 0.5), 0, 1)]).astype(np.float32)

    def reach(self, face: Face) -> Box:
        """Return the head and a little more."""
        boxes = [face.box]
        if face.strength > 0 or face.sure is not Sure.FITTED:
            boxes.append(shaded_head(face))
        if face.sure is Sure.FITTED:
            meshes = [face.mesh[:468]] if face.spoken is None else [face.mesh[:468], face.spoken.mesh[:468]]
            boxes.append(Box.around(np.concatenate(meshes)).grown(self._options.halo + 0.04))
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
            noise = self._noise[int(np.abs(np.array(_SPECKS_PX) - face.speck).argmin())]
            compose(canvas, noise, int(shift[0]), int(shift[1]), max(0.0, face.grain), patch, out)
        if face.strength > 0 or face.sure is not Sure.FITTED:
            out = shade_head(out, face, face.strength if face.sure is Sure.FITTED else 1.0)
        return out

    def shape(self, face: Face) -> Points:
        """Return the double's own mesh (478, 3) as it lies in the frame."""
        return self._fit.pose(_worn(face)).mesh

    def _paint(self, height: int, width: int, face: Face) -> Canvas:
        """Return the double as a canvas (H, W, 4) of the patch's size."""
        posed = self._fit.pose(_worn(face))
        size = float(np.ptp(posed.mesh[OVAL, 0]))
        finer = 2 if size < 150 else 1  # small faces are drawn larger, then brought down: no jagged lids
        points, gains = self._skin_points(posed, face)
        points[:, :2] = (points[:, :2] + 0.5) * finer - 0.5
        canvas = np.zeros((height * finer, width * finer, 4), np.float32)
        easel = _Easel(points, canvas, np.full(canvas.shape[:2], np.inf, np.float32), finer)
        atlas = self._atlas_for(size * finer)
        weights = self._weights(posed, face)
        if self._folds is not None:
            atlas = self._folds.on(atlas, self._folds.depths(weights))
        easel.draw(_FACE, self._places, gains, atlas, floor=FLOOR, front=_winding(points))
        easel.draw(_RIM_TRIANGLES, self._places, gains, atlas, floor=FLOOR)
        easel.under(self._footprint(face, finer), self._places, gains, atlas)
        skin = skin_colour(face)
        white = _white(skin)
        self._draw_eyes(easel, posed, face, white)
        tongue = 0.0 if face.spoken is None else face.spoken.share * face.spoken.tongue
        self._draw_mouth(easel, posed, Play(weights, tongue), white)
        side = _EDGE_PX * finer
        cover = np.minimum(canvas[..., 3], 1)
        feather(canvas, np.asarray(cv2.blur(cover, (side, side)), np.float32), side)
        canvas = _finished(canvas, width, height, max(face.blur, 0.4) if finer == 1 else face.blur)
        return in_the_shot(canvas, face, skin, size)

    def _weights(self, posed: Posed, face: Face) -> Weights:
        """Return how far each expression goes in a frame."""
        if face.spoken is None:
            return self._expressions.weights(posed.moved)
        return self._expressions.spoken(posed.moved, face.spoken)

    @staticmethod
    def _footprint(face: Face, finer: int) -> Points:
        """Return the witness's own mesh (504, 3) in canvas pixels, far behind the double's.

        It lies behind, in the double's skin: a nose that reaches beyond the double's outline does not show.
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
        logs[OVAL] = (
            0.3 * logs[OVAL] + 0.7 * logs[_INWARDS]
        )  # at the outline the light is a guess; the skin inside knows
        under = np.clip(2 * low - 1, 0, 1)[:, None]  # the jaw turns away from the light above it
        logs[OVAL] -= 0.07 * under
        gains[:468, :3] = np.exp(np.clip(logs, -2.5, 1.6))
        gains[468:, :3] = gains[OVAL, :3] * (1 - 0.1 * under)
        gains[OVAL, 3] = 1.4  # cut off at 1: the cover begins to fade a little outside the outline, not on it
        gains[468:, 3] = 0
        return points, gains

    def _atlas_for(self, face_px: float) -> Pixels:
        """Return the atlas whose texels are about as large as the pixels."""
        level = int(np.clip(np.floor(np.log2(self._atlases[0].shape[0] / max(face_px, 1.0))), 0, 8))
        return self._atlases[min(level, len(self._atlases) - 1)]

    def _draw_eyes(self, easel: "_Easel", posed: Posed, face: Face, white: NDArray[np.float32]) -> None:
        points, finer = easel.points, easel.finer
        for side, (ring, iris) in enumerate(RINGS):
            width = float(np.linalg.norm(points[ring[8], :2] - points[ring[0], :2]))
            open_px = opening_px(points, side)
            hole = easel.hole(_EYE_TRIANGLES[side], ring, 0.35)
            if hole is None:
                continue
            if open_px > _SHUT * width:
                middle = (posed.mesh[iris[0], :2] + 0.5) * finer - 0.5
                self._balls.paint(side, hole, Eye(posed, middle, open_px, white, face.light, finer))
            if width > 3:
                dim = white / _WHITE_CODE
                draw_lashes(points, side, hole, min(1.0, open_px / max(0.25 * width, 1e-6)), dim)

    def _draw_mouth(self, easel: "_Easel", posed: Posed, play: Play, white: NDArray[np.float32]) -> None:
        hole = easel.hole(_MOUTH_TRIANGLES, INNER_LIPS, 0.2)
        if hole is not None:
            self._mouth.paint(hole, posed, play, easel.finer, white)


def _worn(face: Face) -> Points:
    """Return the mesh that a double wears; what it must cover is the other."""
    return face.mesh if face.spoken is None else face.spoken.mesh


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

    def hole(self, triangles: NDArray[np.int32], ring: NDArray[np.int64], grown: float) -> Hole | None:
        """Return the inside of a ring of points with a soft edge, as lids and lips have; None outside the canvas."""
        box = Box.around(self.points[ring]).grown(grown).clipped(self.canvas.shape[1], self.canvas.shape[0])
        if not box.area:
            return None
        part = (slice(box.top, box.bottom), slice(box.left, box.right))
        layer = np.zeros((box.height, box.width, 4), np.float32)
        shifted = self.points - np.array([box.left, box.top, 0.5], np.float32)
        depth = np.ascontiguousarray(self.depth[part])
        draw(triangles, shifted, _NOWHERE, _FULL, _BLANK, 0.0, 0.0, layer, depth)
        mask = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(layer[..., 3]), (0, 0), 0.7), np.float32)
        return Hole(box.left, box.top, mask, self.canvas[part])


_NOWHERE = np.zeros((468 + _N_OVAL, 2), np.float32)
_FULL = np.ones((468 + _N_OVAL, 4), np.float32)
_BLANK = np.zeros((2, 2, 3), np.uint8)


def _sheen(terms: NDArray[np.float32], face: Face) -> NDArray[np.float32]:
    """Return how much skin shines at every point, (468,), natural logarithm.

    Skin is a little oily: where it mirrors the main light towards the lens, a broad highlight lies on it (Blinn 1977).
    The light's strength is what the linear terms tell, its direction too where they tell it clearly.
    """
    strength = float(np.linalg.norm(face.light[1:4].mean(1)))
    half = main_light(face.light) + np.array([0, 0, -1], np.float32)
    half /= max(float(np.linalg.norm(half)), 1e-3)
    shine = np.clip(terms[:, 1:4] @ half, 0, 1) ** 14
    return np.asarray(min(0.3, 0.5 * strength) * (shine - shine.mean()), np.float32)


_WHITE_CODE = 212.0  # what the white of an eye is in the textures
_SKIN_TINT = np.array([1.24, 0.95, 0.80], np.float32)  # of skin in white light, its luma being 1


def _white(skin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the code values (3,) that the white of an eye has where `skin` (3,) has such a colour.

    Skin tells light and complexion only together; eyes differ less from each other than skins do, so their white
    follows the skin's brightness by a power below 1; its tint is the light's, a usual skin's being taken off. Where
    there is no colour in the film there is none in the eyes.
    """
    luma = float(np.clip(skin @ np.array([0.2126, 0.7152, 0.0722], np.float32), 4, 255))
    tint = np.clip(skin / luma, 0.4, 2)
    coloured = float(np.clip(np.ptp(tint) / 0.12, 0, 1))
    tint = np.clip(tint / _SKIN_TINT, 0.6, 1.6) ** (0.45 * coloured)
    bright = min(luma**0.45 * 245**0.55, 2.5 * luma + 8)  # in the dark they do not glow
    return np.asarray(bright * tint, np.float32)


def smooth_colour(double: Double) -> NDArray[np.float32]:
    """Return the double's own even colour at every skin point, natural logarithm, (468, 3).

    Measured on the atlas as the light is measured on the film, so that what the two have in common cancels.
    """
    side = double.atlas.shape[0]
    soft = cv2.blur(double.atlas, (round(side * 0.05), round(side * 0.05)))
    places = UV[PLAIN].mean(1) * side
    x, y = (np.clip(places[:, i], 0, side - 1).astype(int) for i in range(2))
    logs = np.log(soft[y, x].astype(np.float32) + FLOOR)
    logs = _shaved(logs, double)
    terms = basis(double.mesh)
    own = robust_light(terms[PLAIN].mean(1), logs, AREAS)
    return (terms @ own).astype(np.float32)


_NOSE_V = float(UV[2, 1])  # the lower end of the nose, down the texture
_BEARD = ((0.04, 0.12), (0.1, 0.18))  # natural logarithm: so much darker are known beards, and others, as a whole
_HAIR = (0.06, 0.16)  # and so much each place in them


def _shaved(logs: NDArray[np.float32], double: Double) -> NDArray[np.float32]:
    """Return the log colours (N, 3) of the plain triangles as they would be without a beard.

    A beard is no shade: were it evened out, chin and lips would glow. Where the skin below the nose is much darker
    than that above, it counts as if it were like that above.
    """
    low = UV[PLAIN, 1].mean(1) > _NOSE_V
    usual = np.median(logs[~low], 0)
    darker = (usual - logs).mean(1)
    least, full = _BEARD[0 if double.beard > 0 else 1]
    bearded = float(np.clip((np.median(darker[low]) - least) / (full - least), 0, 1))
    hair = bearded * np.clip((darker - _HAIR[0]) / (_HAIR[1] - _HAIR[0]), 0, 1) * low
    return np.asarray(logs + hair[:, None] * (usual - logs), np.float32)


_SHUT = 0.07  # an eye open by less of its width than this is shut


def _winding(points: Points) -> float:
    """Return the sign of the area that most front triangles have (the nose's, which always faces us)."""
    a, b, c = (points[SKIN[:, i], :2] for i in range(3))
    areas = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return float(areas.sum())


_SPECKS_PX = (0.0, 0.45, 0.7, 1.0, 1.5, 2.2)


def _specks(size_px: float) -> NDArray[np.float32]:
    """Return a tile of noise (256, 256) with grains of that size, which repeats without a seam; its power is 1."""
    noise = np.random.default_rng(20171).standard_normal((256, 256)).astype(np.float32)
    if size_px > 0:
        tiled = np.pad(noise, 16, "wrap")
        noise = np.asarray(cv2.GaussianBlur(tiled, (0, 0), size_px), np.float32)[16:-16, 16:-16]
    return np.ascontiguousarray(noise / noise.std(), np.float32)


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


_EDGE_PX = 5  # over which a hard edge of the double is softened outwards


def _finished(canvas: Canvas, width: int, height: int, softness_px: float) -> Canvas:
    """Soften a canvas and bring it down by area to (height, width). The cover grows soft outwards only."""
    finer = canvas.shape[1] // width
    if softness_px > 0.3:
        hard = np.minimum(canvas[..., 3:], 1)
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), softness_px * finer), np.float32)
        soft = canvas[..., 3:].copy()
        canvas *= np.maximum(soft, hard) / np.maximum(soft, 1e-3)  # where the cover was full, no film shines through
    if finer > 1:
        canvas = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    return canvas
