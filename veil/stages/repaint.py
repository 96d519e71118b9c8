"""Repaints a face inside its outline and leaves its shape alone: scars, other eyes, other teeth, noise, nothing at all.

The first kind keeps the smooth light of the face, so that a measure of that light has little to tell; the second does
not care.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import INNER_LIPS, LEFT_EYE, OVAL, RIGHT_EYE
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Pixels, Points

Mask = NDArray[np.uint8]
"""255 inside, 0 outside, (H, W)."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A patch of film with one face in it, `mesh` None where no mesh fits; `own` is what belongs to the face."""

    patch: Pixels
    own: Mask
    mesh: Points | None
    wide_px: float

    def smooth(self, share_of_face: float) -> NDArray[np.float32]:
        """Return the face without what is finer than a share of its width, (H, W, 3)."""
        share = self.own.astype(np.float32) / 255
        sigma = max(0.8, share_of_face * self.wide_px)
        total = cv2.GaussianBlur(self.patch.astype(np.float32) * share[..., None], (0, 0), sigma)
        weight = np.maximum(cv2.GaussianBlur(share, (0, 0), sigma), 1e-3)
        return np.asarray(total / weight[..., None], np.float32)


Brush = Callable[[Canvas, np.random.Generator], NDArray[np.float32]]
"""Returns what the patch is to become, code values; only what lies inside the outline is taken."""


def outline(face: Face, height: int, width: int) -> Mask:
    """Return which pixels of a patch belong to a face: its oval, or where no mesh fits an ellipse in its box."""
    mask = np.zeros((height, width), np.uint8)
    if face.sure is Sure.FITTED:
        ring = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
        cv2.fillConvexPoly(mask, ring, 255)
        return mask
    (x, y), axes = face.box.centre, (face.box.width // 2, face.box.height // 2)
    cv2.ellipse(mask, (round(x), round(y)), axes, 0, 0, 360, 255, -1)
    return mask


def repainted(canvas: Canvas, brush: Brush, seed: int) -> Pixels:
    """Return the patch with the face repainted, and the rest as it was."""
    new = brush(canvas, np.random.default_rng(seed))
    out = canvas.patch.copy()
    inside = canvas.own > 0
    out[inside] = np.clip(new[inside] + 0.5, 0, 255).astype(np.uint8)
    return out


def _scars(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    out = canvas.patch.copy()
    rows, columns = np.nonzero(canvas.own)  # never empty: a face that shows has pixels
    size = max(1, round(0.015 * canvas.wide_px))
    places = rng.integers(0, len(rows), 8)
    ends = [(int(columns[i]), int(rows[i])) for i in places]
    for (x, y), turn in zip(ends[:3], rng.uniform(0, np.pi, 3), strict=False):
        reach = 0.14 * canvas.wide_px
        end = round(x + reach * float(np.cos(turn))), round(y + reach * float(np.sin(turn)))
        cv2.line(out, (x, y), end, (92, 30, 34), size, cv2.LINE_AA)
    for spot in ends[3:]:
        cv2.circle(out, spot, size, (38, 22, 18), -1, cv2.LINE_AA)
    return out.astype(np.float32)


def _eyes(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    return _filled(canvas, (RIGHT_EYE, LEFT_EYE), rng, (30, 250, 120))


def _teeth(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    return _filled(canvas, (INNER_LIPS,), rng, (230, 180, 20))


def _filled(
    canvas: Canvas, rings: tuple[NDArray[np.int64], ...], rng: np.random.Generator, colour: tuple[int, int, int]
) -> NDArray[np.float32]:
    """Fill rings of the mesh with a loud colour in stripes."""
    out = canvas.patch.astype(np.float32)
    if canvas.mesh is None:
        return out
    mask = np.zeros(canvas.own.shape, np.uint8)
    for ring in rings:
        cv2.fillPoly(mask, [canvas.mesh[ring, :2].round().astype(np.int32)], 255)
    stripes = rng.uniform(0.2, 1.0, (1, out.shape[1], 1)).astype(np.float32)
    return np.where(mask[..., None] > 0, np.array(colour, np.float32) * stripes, out).astype(np.float32)


def _fine(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    """Every few pixels darker or brighter, and as bright as before in the mean: freckles, pores, another skin."""
    cell = max(1.0, 0.04 * canvas.wide_px)
    height, width = canvas.own.shape
    coarse = rng.choice(np.array([-0.15, 0.15], np.float32), (round(height / cell) + 1, round(width / cell) + 1))
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    field = field - cv2.GaussianBlur(field, (0, 0), 2 * cell)
    return np.asarray(canvas.patch * (1 + field)[..., None], np.float32)


def _blank(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    del rng
    return canvas.smooth(0.12)


def _turned(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    """What was a little darker than around it is brighter, and the other way round: lines, pores, lashes."""
    del rng
    return 2 * canvas.smooth(0.02) - canvas.patch


def _noise(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.uniform(0, 255, canvas.patch.shape).astype(np.float32)


def _grey(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    del rng
    return np.full(canvas.patch.shape, 128, np.float32)


def _negative(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    del rng
    return 255 - canvas.patch.astype(np.float32)


GENTLE: dict[str, Brush] = {
    "scars and moles": _scars,
    "other eyes": _eyes,
    "other teeth": _teeth,
    "fine marks": _fine,
    "fine features turned over": _turned,
}
"""Change who it is and keep the smooth light."""

HARSH: dict[str, Brush] = {"no features": _blank, "noise": _noise, "grey": _grey, "negative": _negative}
"""Change the light too: they tell nothing once it is measured anew."""
