"""Is every face covered in every frame? What stayed equal, and faces that nobody painted over.

A double wears the film's light, so equal colour at one place proves little. An eye, nose or mouth counts as leaked when
its fine structure (what is left after a blur) is the original's: correlated beyond 0.8 and about as far from it as a
codec's noise. Skin counts as leaked when more than 5 % of the face's blocks are equal within that noise, in colour too,
and lie side by side. The search is itself measured on films without a disguise (`--instead copy`): it must find all.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.landmarks import Eyes, around, inside
from bench.pairs import FacePair, FramePair
from veil.models import onnx_net
from veil.models.topology import LEFT_BROW, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_BROW, RIGHT_EYE
from veil.nouns.picture import Box, Picture, Pixels

_ALIKE = 0.8
_BLOCKS = 10  # across a face
_MOST = 0.05  # share of the face's blocks that may look equal by chance
_NOSE = np.array([168, 122, 217, 64, 2, 294, 437, 351])
_REGIONS = {
    "right eye": np.concatenate([RIGHT_EYE, RIGHT_BROW]),
    "left eye": np.concatenate([LEFT_EYE, LEFT_BROW]),
    "nose": _NOSE,
    "mouth": OUTER_LIPS,
}
Luma = NDArray[np.float32]


class Coverage:
    """Searches a clip for uncovered faces: by difference in every frame, by detectors every few frames."""

    def __init__(self, eyes: Eyes, every: int) -> None:
        self._eyes = eyes
        self._every = max(1, every)
        self._centerface = CenterFace()
        self.frames = 0
        self.faces = 0
        self.searched = 0  # frames given to the detectors
        self.leaked: dict[int, str] = {}
        self.bare: dict[int, list[tuple[int, int, int, int]]] = {}
        self._shares: list[float] = []
        self._worst: list[tuple[float, int]] = []

    def see(self, pair: FramePair) -> None:
        """Search one frame."""
        self.frames += 1
        noise = codec_noise(pair)
        for face in pair.faces:
            self.faces += 1
            region, share = leaked(pair, face, noise)
            self._shares.append(share)
            self._worst.append((share + bool(region), pair.index))
            if region:
                self.leaked[pair.index] = region
        if pair.index % self._every == 0:
            self.searched += 1
            bare = self._unpainted(pair, noise)
            if bare:
                self.bare[pair.index] = bare

    def _unpainted(self, pair: FramePair, noise: float) -> list[tuple[int, int, int, int]]:
        """Return boxes of faces that a detector sees in the result where the result is the original."""
        boxes = [s.box for s in self._eyes.faces(pair.result, least=0.7)] + self._centerface.look(pair.result, 0.5)
        found = []
        for box in boxes:
            middle = pair.original.even(box.grown(-0.15))
            if min(middle.width, middle.height) < 6:
                continue
            one, other = (_luma(p, middle) for p in (pair.original, pair.result))
            changed = float((cv2.blur(np.abs(one - other), (3, 3)) > max(4.0, 3 * noise)).mean())
            if changed < 0.3:
                found.append((box.left, box.top, box.right, box.bottom))
        return found

    def figures(self) -> dict[str, Any]:
        """Return the clip's figures."""
        regions = list(self.leaked.values())
        return {
            "frames": self.frames,
            "faces": self.faces,
            "leaked_frames": len(self.leaked),
            "leaked": {str(k): v for k, v in list(self.leaked.items())[:100]},
            "leaked_regions": {r: regions.count(r) for r in sorted(set(regions))},
            "equal_share_mean": float(np.mean(self._shares)) if self._shares else 0.0,
            "equal_share_max": float(np.max(self._shares)) if self._shares else 0.0,
            "searched": self.searched,
            "bare_frames": len(self.bare),
            "bare": {str(k): v for k, v in list(self.bare.items())[:40]},
            "worst_frames": [i for _, i in sorted(self._worst, reverse=True)[:3]],
        }


def _luma(picture: Picture, box: Box) -> Luma:
    return picture.y[box.top : box.bottom, box.left : box.right].astype(np.float32)


def codec_noise(pair: FramePair) -> float:
    """Return the median absolute difference outside all faces, in codes, 0.5 to 2: what encoding alone does.

    The median, because people whom the walk does not follow are covered too.
    """
    step = max(1, pair.original.height // 270)
    one, other = (p.rgb()[::step, ::step].astype(np.float32) for p in (pair.original, pair.result))
    difference = np.abs(one - other).mean(2)
    outside = np.ones(difference.shape, bool)
    for face in pair.faces:
        box = around(face.original, 0.5).clipped(pair.original.width, pair.original.height)
        outside[box.top // step : box.bottom // step + 1, box.left // step : box.right // step + 1] = False
    return float(np.clip(np.median(difference[outside]), 0.5, 2.0)) if outside.any() else 1.0


@dataclass(eq=False)
class _Compared:
    """The same place in both films: luma without its blur, and how far luma and colour are apart."""

    one: Luma
    other: Luma
    luma_apart: Luma
    colour_apart: Luma
    noise: float

    def same_structure(self, mask: NDArray[np.bool_] | tuple[slice, slice]) -> bool:
        """Tell whether there is structure under the mask and it is the original's."""
        a, b = self.one[mask].ravel(), self.other[mask].ravel()
        if a.size < 12 or a.std() < max(1.2, 1.5 * self.noise):
            return False
        a, b = a - a.mean(), b - b.mean()
        alike = float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
        apart = float(self.luma_apart[mask].mean())
        return alike > _ALIKE and apart < max(3.0, 3 * self.noise, 0.35 * float(a.std()))

    def same_colour(self, place: tuple[slice, slice]) -> bool:
        """Tell whether a block differs by no more than encoding would make it."""
        return float(self.colour_apart[place].mean()) < max(1.3, 1.6 * self.noise)


def leaked(pair: FramePair, face: FacePair, noise: float) -> tuple[str, float]:
    """Return which part of a face can still be seen ("" when none), and the share of its oval that stayed equal."""
    box = pair.original.even(around(face.original, 0.05))
    if min(box.width, box.height) < 8:
        return "", 0.0
    lumas = [_luma(p, box) for p in (pair.original, pair.result)]
    sigma = max(1.0, face.width_px / 20)
    fine = [p - cv2.GaussianBlur(p, (0, 0), sigma) for p in lumas]
    colours = [p.rgb(box).astype(np.float32) for p in (pair.original, pair.result)]
    apart = np.abs(lumas[0] - lumas[1]), np.abs(colours[0] - colours[1]).mean(2)
    compared = _Compared(fine[0], fine[1], apart[0], apart[1], noise)
    points = face.original[:, :2] - [box.left, box.top]
    share = _equal_share(compared, inside(points[OVAL], lumas[0].shape))
    for name, ring in _REGIONS.items():
        if any(compared.same_structure(mask) for mask in _parts(points[ring], lumas[0].shape)):
            return name, share
    return ("skin" if share > _MOST else ""), share


def _parts(ring: NDArray[np.floating], shape: tuple[int, ...]) -> list[NDArray[np.bool_]]:
    """Return the masks of a region, of its core, and of its two halves: half an eye is an eye too many."""
    hull = np.asarray(cv2.convexHull(ring.astype(np.float32))[:, 0], np.float32)
    middle = hull.mean(0)
    whole, core = inside(hull, shape), inside(middle + (hull - middle) * 0.7, shape)
    left = np.arange(shape[1]) < middle[0]
    return [whole, core, whole & left, whole & ~left]


def _equal_share(compared: _Compared, oval: NDArray[np.bool_]) -> float:
    """Return the share of the blocks inside the oval that stayed equal and touch another that did."""
    height, width = oval.shape
    side = max(4, width // _BLOCKS)
    equal = np.zeros((height // side + 2, width // side + 2), bool)  # with a rim that is never equal
    total = 0
    for r in range(height // side):
        for c in range(width // side):
            place = (slice(r * side, (r + 1) * side), slice(c * side, (c + 1) * side))
            if oval[place].all():
                total += 1
                equal[r + 1, c + 1] = compared.same_structure(place) or compared.same_colour(place)
    beside = np.roll(equal, 1, 0) | np.roll(equal, -1, 0) | np.roll(equal, 1, 1) | np.roll(equal, -1, 1)
    return float((equal & beside).sum()) / total if total >= 4 else 0.0


class CenterFace:
    """The adversary's detector (Xu et al. 2019) on a whole picture; for one thread."""

    def __init__(self, longest_px: int = 640) -> None:
        self._net = onnx_net("centerface", "adversary")
        self._longest_px = longest_px

    def look(self, picture: Picture, least: float) -> list[Box]:
        """Return the boxes of faces scored at least `least`."""
        scale = min(1.0, self._longest_px / max(picture.width, picture.height))
        width, height = (max(32, round(v * scale / 32) * 32) for v in (picture.width, picture.height))
        small: Pixels = picture.scaled(picture.box, width, height)
        heat, size, shift, _ = self._net(small.astype(np.float32).transpose(2, 0, 1)[None])
        rows, columns = np.nonzero(heat[0, 0] >= least)
        across, down = picture.width / width, picture.height / height
        scored: list[tuple[float, Box]] = []
        for r, c in zip(rows, columns, strict=True):
            tall, wide = np.exp(size[0, :, r, c]) * 4
            y, x = (shift[0, 0, r, c] + r + 0.5) * 4, (shift[0, 1, r, c] + c + 0.5) * 4
            left, top = (x - wide / 2) * across, (y - tall / 2) * down
            box = Box(round(left), round(top), round(left + wide * across), round(top + tall * down))
            scored.append((float(heat[0, 0, r, c]), box))
        kept: list[Box] = []
        for _, box in sorted(scored, key=lambda s: -s[0]):
            if all(box.overlap(k) < 0.3 for k in kept):
                kept.append(box)
        return kept
