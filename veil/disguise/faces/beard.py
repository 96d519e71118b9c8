"""The hair of a beard beyond the outline: a soft, irregular fringe along cheeks and jaw and under the chin.

The beard on the skin is painted in the double's atlas; this is only what stands out from it. Every strand has its
place on the mesh once and for all, so the fringe moves with the jaw and never swims.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.layer import Cover, lay, side_light, spread, white_of
from veil.models.topology import OVAL
from veil.nouns.cast import Face
from veil.nouns.double import Double
from veil.nouns.picture import Box, Pixels, Points

_JAW = OVAL[8:29]  # from before one ear, under the chin, to before the other
_STRANDS = 1500  # of a full beard
_LONG = 0.07  # of the face's height: the longest strands of a full beard, under the chin
_ROOT = 0.02  # so far inside the outline they begin
_THICK = 0.003
_TONES = (0.72, 0.92, 1.15)  # strands are darker and lighter than the hair is
_LEAST_PX = 24.0  # tall: smaller faces show no strands


class Fringe:
    """The fringe of one double's beard."""

    def __init__(self, double: Double) -> None:
        self._full, self._rgb = float(np.clip(double.beard, 0, 1)), np.array(double.hair_rgb, np.float32)
        chance = np.random.default_rng(733)
        count = round(_STRANDS * (0.4 + 0.6 * self._full))
        self._along = np.sort(chance.uniform(0, 1, count)).astype(np.float32)
        self._root = chance.uniform(0.0, 1.0, count).astype(np.float32)
        self._length = (chance.beta(1.5, 3.0, count) * (0.45 + 0.55 * self._full)).astype(np.float32)
        self._lean = chance.normal(0, 0.35, count).astype(np.float32)
        self._tone = chance.integers(0, len(_TONES), count)

    def wear(self, pixels: Pixels, face: Face, surface: Points, seed: int) -> None:
        """Draw it over `pixels`; `surface` (478, 3) is the double's mesh in this frame."""
        tall = float(np.linalg.norm(surface[10] - surface[152]))
        if self._full <= 0 or tall < _LEAST_PX:
            return
        box = Box.around(surface[_JAW]).grown(0.2).clipped(pixels.shape[1], pixels.shape[0])
        if not box.area:
            return
        corner = np.array([box.left, box.top], np.float32)
        strands, share = self._strands(surface[:, :2] - corner, tall)
        view = pixels[box.top : box.bottom, box.left : box.right]
        colour = self._colour(view, surface[:, :2] - corner, face, tall)
        here = face.moved(-box.left, -box.top)
        lay(view, 0.75 * colour, self._mass(view, strands, share, tall), here, seed)
        for tone, by in enumerate(_TONES):
            chosen = self._tone == tone
            cover = _drawn(view, strands[chosen], _THICK * tall)
            lay(view, np.clip(by * colour, 0, 255), 0.6 * cover, here, seed + tone)

    def _colour(self, view: Pixels, mesh: Points, face: Face, tall: float) -> NDArray[np.float32]:
        """Return the beard's colour at each pixel (H, W, 3): as it was just drawn on the skin, and as hair is lit."""
        ring = mesh[_JAW]
        at = ring + 0.13 * (mesh[1] - ring)
        soft = cv2.blur(view, (max(1, round(0.05 * tall)),) * 2)
        x, y = at.round().astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < view.shape[1]) & (y < view.shape[0])
        hair = self._rgb / 255 * white_of(face) * np.exp(float(side_light(face)[_JAW].mean()))
        if not inside.any():
            return np.broadcast_to(hair, view.shape).astype(np.float32)
        drawn = soft[y[inside], x[inside]].astype(np.float32)
        field = spread(ring[inside], 0.65 * drawn + 0.35 * hair, view.shape[0], view.shape[1], 0.12 * tall)
        return np.asarray(0.85 * field, np.float32)  # below the jaw it is darker

    def _strands(self, mesh: Points, tall: float) -> tuple[Points, NDArray[np.float32]]:
        """Return every strand as four points (N, 4, 2), and how far it is from ear (0) to chin (1)."""
        ring = mesh[_JAW]
        places = self._along * (len(_JAW) - 1)
        first = np.minimum(places.astype(int), len(_JAW) - 2)
        part = (places - first)[:, None]
        at = ring[first] * (1 - part) + ring[first + 1] * part
        down = mesh[152] - mesh[10]
        down = down / max(float(np.linalg.norm(down)), 1e-3)
        out = at - (mesh[1] + mesh[152]) / 2
        out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-3)
        share = np.clip(1 - np.abs(2 * self._along - 1), 0, 1)
        grows = 0.25 + 0.75 * np.clip(share / 0.7, 0, 1)
        towards = 0.7 * out + (0.3 + 0.4 * (1 - share[:, None])) * down
        sideways = np.stack([-towards[:, 1], towards[:, 0]], 1) * self._lean[:, None]
        length = (_LONG * tall * self._length * grows)[:, None]
        root = at - out * (_ROOT * tall * self._root * grows)[:, None]
        steps = np.linspace(0, 1, 4)
        total = length + np.linalg.norm(root - at, axis=1, keepdims=True)
        points = [root + total * (s * towards + s * s * sideways) for s in steps]
        return np.stack(points, 1).astype(np.float32), share.astype(np.float32)

    def _mass(self, view: Pixels, strands: Points, share: NDArray[np.float32], tall: float) -> Cover:
        """Return the soft body of the beard between its strands."""
        rooted = strands[share > 0.15, :3]
        mask = _drawn(view, rooted, 2.5 * _THICK * tall)
        soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.011 * tall))
        return np.asarray(0.5 * self._full * soft, np.float32)


def _drawn(view: Pixels, strands: Points, thick_px: float) -> Cover:
    """Return the cover of strands; what is thinner than a pixel is fainter."""
    finer = int(np.clip(np.ceil(1.6 / max(thick_px, 0.2)), 1, 4))
    mask = np.zeros((view.shape[0] * finer, view.shape[1] * finer), np.uint8)
    at = np.round(((strands + 0.5) * finer - 0.5) * 16).clip(-(2**24), 2**24).astype(np.int32)
    wide = thick_px * finer
    cv2.polylines(mask, list(at), False, min(255, round(255 * min(1.0, wide))), max(1, round(wide)), cv2.LINE_AA, 4)
    small = cv2.resize(mask, (view.shape[1], view.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)
