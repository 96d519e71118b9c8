"""Is anything of a face still there? Compares what is owed a cover in the original with the same place in the result.

A double has the same pose, expression and light, so edges meet by chance and colours are near. What was not covered is
nearer: it differs by no more than encoding makes it, in luma and in both colours, at every scale. Three tests look for
that: a patch of the face's inside that stayed equal, an eye, a nose or a mouth that stayed equal, and the original's
features somewhere else, as they were or mirrored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.adversary.in_front import Bare, in_front
from veil.models.topology import LEFT_BROW, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_BROW, RIGHT_EYE
from veil.nouns.picture import Box, Picture, Plane, Points

_FACE_PX = 112  # a face is compared at this width at most: grain goes, features stay
_LEAST_PX = 6
_RIM = 0.16  # of the crop's width is rim: hairline and jaw meet the double's by chance
_SOLID = 0.0145  # share of the oval that may look equal by chance, in one piece three pixels thick
_ANY = 0.032, 0.045  # the same in a piece of any shape, in a small face and in a large one: edges are long and thin
_SMALL_PX = 48
_COMPARED = 0.25  # share of an owed face that must be there to compare; the rest is behind somebody who may be seen
_COVERED = 0.75  # share of what has structure that must have changed; a double leaves less than an eighth by chance
_WITHOUT_MESH = 0.06  # the same where no mesh tells what is face
_FEATURES = {  # and how often as far from the original as encoding brings it a double's may be
    "right eye": (RIGHT_EYE, 0.8),  # dark eyes are alike
    "left eye": (LEFT_EYE, 0.8),
    "right eye and brow": (np.concatenate([RIGHT_EYE, RIGHT_BROW]), 1.6),
    "left eye and brow": (np.concatenate([LEFT_EYE, LEFT_BROW]), 1.6),
    "nose": (np.array([168, 122, 217, 64, 2, 294, 437, 351]), 1.15),  # shading makes all noses alike
    "mouth": (OUTER_LIPS, 1.7),
}
_INNER = np.concatenate([RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, OUTER_LIPS])
_STRUCTURE = 2.0  # standard deviation of the fine part, codes
_LEAST_INNER_PX = 10
_LEAST_FEATURE_PX = 10
_EDGE = 8  # of a second derivative, codes
_MIRRORED = 0.5, 0.06  # correlation with the mirrored face, and how much more that is than unmirrored
_AS_MUCH = 0.4  # of the contrast of what is looked for; the noise of a flat cover, stretched, is like anything
_MOVED_PX = 40  # a face is looked for elsewhere at this width
Values = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Owed:
    """A face that must not show: the front of the head, and its mesh (478, 3) where one fits."""

    box: Box
    mesh: Points | None = None
    bare: Bare | None = None
    """How this face looks in the opponent's pictures of it, to tell it from a hand before it."""

    @property
    def outline(self) -> Points:
        """Return the ring (n, 2) around what is owed: the face's oval, or one that fills most of the box."""
        if self.mesh is not None:
            return np.asarray(self.mesh[OVAL, :2], np.float32)
        box, angles = self.box, np.linspace(0, 2 * np.pi, 36, endpoint=False)
        ring = np.stack([np.cos(angles) * 0.4 * box.width, np.sin(angles) * 0.42 * box.height], 1)
        return np.asarray(ring + np.array(box.centre), np.float32)

    @property
    def width_px(self) -> float:
        """Return how wide the face would be from the front, or nearly."""
        if self.mesh is None:
            return float(self.box.width)
        across = float(np.linalg.norm(self.mesh[234, :2] - self.mesh[454, :2]))
        return max(across, 0.6 * float(np.linalg.norm(self.mesh[10, :2] - self.mesh[152, :2])))


@dataclass(frozen=True)
class Noise:
    """What encoding alone changes in a frame, in codes, 0.3 to 3: everywhere, and where there is much to encode."""

    even: float
    busy: float


@dataclass(frozen=True)
class Remains:
    """What is left of one face."""

    covered: float  # 0..1, share of its inside that is no longer the original; nan where too little can be compared
    part: str = ""  # what shows; "" when nothing does
    score: float = 0.0  # 0..1


Palms = Callable[[], bool]
"""Tells whether a palm is seen near a face; it is only asked where something of the face stayed."""


def remains(
    original: Picture,
    result: Picture,
    owed: Owed,
    noise: Noise,
    open_places: Sequence[Box] = (),
    palms: Palms = lambda: False,
) -> Remains:
    """Return what is left of a face; `open_places` belong to those who may be seen, and are not compared.

    What stayed and is in front of the face is not of it. Both pictures must be of one size.
    """
    left = _remains(original, result, owed, noise, open_places)
    if left.part and owed.mesh is not None and owed.bare is not None:
        before = _before(original, result, owed, noise, palms())
        if before is not None:
            left = _remains(original, result, owed, noise, open_places, before)
    return replace(left, covered=np.nan) if open_places and _behind(original, result, owed, open_places) else left


def _before(original: Picture, result: Picture, owed: Owed, noise: Noise, palm: bool) -> Mask | None:
    """Return what is in front of a face, in the pixels in which it is compared; None where nothing is."""
    pair = _paired(original, result, owed)
    if pair is None or owed.mesh is None or owed.bare is None:
        return None
    pixels = original.scaled(pair.place, pair.shape[1], pair.shape[0])
    mesh = np.column_stack([pair.onto(owed.mesh), owed.mesh[:, 2]]).astype(np.float32)
    found = in_front(pixels, mesh, owed.bare, pair.equal(noise.even), palm=palm)
    return found if found.any() else None


def _behind(original: Picture, result: Picture, owed: Owed, open_places: Sequence[Box]) -> bool:
    """Tell whether so much of a face is behind those who may be seen that the rest says nothing about it."""
    pair = _paired(original, result, owed)
    if pair is None:
        return False
    return bool(pair.inside(owed.outline, open_places).sum() < _COMPARED * pair.inside(owed.outline, ()).sum())


def _remains(
    original: Picture,
    result: Picture,
    owed: Owed,
    noise: Noise,
    open_places: Sequence[Box],
    before: Mask | None = None,
) -> Remains:
    pair = _paired(original, result, owed)
    if pair is None:
        return Remains(1.0)
    inside = pair.inside(owed.outline, open_places)
    if before is not None:
        inside &= ~before
    if pair.flat(inside):
        return Remains(1.0)
    telling = pair.telling() & inside
    equal = pair.equal(noise.even) & telling
    covered = 1 - float(equal.sum()) / max(1, int(telling.sum()))
    solid = cv2.morphologyEx(equal.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    area = max(1.0, cv2.contourArea(pair.onto(owed.outline)))
    thin = _ANY[0] if pair.width_px < _SMALL_PX else _ANY[1]
    limits = (_SOLID, thin) if owed.mesh is not None else (_WITHOUT_MESH, _WITHOUT_MESH)
    if (patch := max(_largest(m) / area / most for m, most in zip((solid, equal), limits, strict=True))) > 1:
        return Remains(covered, "skin", min(1.0, 0.5 + 0.1 * patch))
    if covered < _COVERED and 10 * telling.sum() > inside.sum():
        return Remains(covered, "skin", 1 - 0.5 * covered)
    if owed.mesh is None:
        return Remains(covered)
    for name, (ring, limit) in _FEATURES.items():
        far = pair.apart(owed.mesh[ring, :2], noise.busy, inside)
        if name == "mouth":  # of a few pixels, it is a dark line in both
            limit *= float(np.clip(pair.width_px / 32, 0.7, 1))  # noqa: PLW2901
        if far < limit:
            return Remains(covered, name, 1 - 0.4 * far / limit)
    if elsewhere := _elsewhere(original, result, owed):
        return Remains(covered, *elsewhere)
    return Remains(covered)


def likeness(original: Picture, result: Picture, owed: Owed, noise: Noise) -> float:
    """Return the share of a face's inside that is the original's, 0 to 1."""
    pair = _paired(original, result, owed)
    if pair is None:
        return 0.0
    inside = pair.inside(owed.outline, ())
    telling = pair.telling() & inside
    return float((pair.equal(noise.even) & telling).sum()) / max(1, int(telling.sum()))


def codec_noise(original: Picture, result: Picture, painted: Sequence[Box]) -> Noise:
    """Return what encoding changed outside of what was painted; both pictures must be of one size."""
    step = max(1, original.height // 270)
    luma = np.ascontiguousarray(original.y[::step, ::step])
    sampled = cv2.absdiff(luma, np.ascontiguousarray(result.y[::step, ::step]))
    outside = np.ones(sampled.shape, bool)
    for box in painted:
        rows = slice(max(0, box.top // step), max(0, box.bottom // step + 1))
        outside[rows, max(0, box.left // step) : max(0, box.right // step + 1)] = False
    if not outside.any():
        return Noise(1.0, 1.0)
    even = float(np.clip(sampled[outside].mean(), 0.3, 3.0))
    edges = np.abs(cv2.Laplacian(luma, cv2.CV_16S)) > _EDGE
    busy = 0.35 * float(sampled[edges & outside].mean()) if (edges & outside).sum() > 50 else 0.0
    return Noise(even, float(np.clip(busy, even, 3.0)))


@dataclass(frozen=True, eq=False)
class _Pair:
    """The same place in both films, at one scale: luma, its fine part, and colour."""

    place: Box
    width_px: float  # of the face, at this scale
    one: tuple[Values, Values, Values]
    other: tuple[Values, Values, Values]

    @property
    def shape(self) -> tuple[int, int]:
        return self.one[0].shape[0], self.one[0].shape[1]

    def onto(self, points: Points) -> Points:
        """Return points of the picture in this place's pixels."""
        ratio = np.array([self.shape[1] / self.place.width, self.shape[0] / self.place.height])
        return np.asarray((points[:, :2] - (self.place.left, self.place.top)) * ratio, np.float32)

    def within(self, ring: Points) -> Mask:
        """Return the mask of a convex ring."""
        mask = np.zeros(self.shape, np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(self.onto(ring)).astype(np.int32)), 1)
        return mask > 0

    def inside(self, outline: Points, open_places: Sequence[Box]) -> Mask:
        """Return the face without its rim, and without what belongs to somebody who may be seen."""
        mask = self.within(outline).astype(np.uint8)
        for box in open_places:
            corners = np.array([[box.left, box.top], [box.right, box.bottom]], np.float32)
            (left, top), (right, bottom) = np.round(self.onto(corners)).astype(int).clip(0).tolist()
            mask[top:bottom, left:right] = 0
        rim = max(3, int(_RIM * self.shape[1])) | 1
        shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim))
        edge = (rim, rim, rim, rim, cv2.BORDER_CONSTANT)
        return cv2.erode(cv2.copyMakeBorder(mask, *edge), shape)[rim:-rim, rim:-rim] > 0

    def flat(self, inside: Mask) -> bool:
        """Tell whether the original shows nothing here that could be recognised: a fade to black, a bare wall."""
        return not inside.any() or float(self.one[0][inside].std()) < 2.0

    def telling(self) -> Mask:
        """Return where the original has structure: a colour alone proves nothing, the double wears the film's light."""
        return np.asarray(self._mean(self._fine(self.one[0]) ** 2) > _STRUCTURE**2, np.bool_)

    def equal(self, noise: float) -> Mask:
        """Return where a small window around a pixel is the original's: its colour, its luma and its structure."""
        apart = [np.abs(self._mean(a - b)) for a, b in zip(self.one, self.other, strict=True)]
        near = (apart[0] < 1 + 0.3 * noise) & (np.maximum(apart[1], apart[2]) < 0.9 + 0.2 * noise)
        fine = [self._fine(p[0]) for p in (self.one, self.other)]
        structure = self._mean(fine[0] ** 2)
        near &= self._mean(np.abs(self.one[0] - self.other[0])) < 2 + noise + 0.1 * np.sqrt(structure)
        near &= self._mean((fine[0] - fine[1]) ** 2) < 0.2 * structure + (0.8 + 0.7 * noise) ** 2
        return np.asarray(near, np.bool_)

    def _mean(self, values: Values) -> Values:
        side = max(4, round(self.width_px / 9))
        return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    def _fine(self, luma: Values) -> Values:
        return _fine(luma, max(1.0, self.width_px / 20))

    def apart(self, ring: Points, noise: float, inside: Mask) -> float:
        """Return how far a feature is from the original's; 1 is as far as encoding may bring it."""
        mask = self.within(ring) & inside
        if mask.sum() < _LEAST_FEATURE_PX:
            return np.inf
        one, apart = self.one[0][mask], [np.abs(a - b)[mask] for a, b in zip(self.one, self.other, strict=True)]
        spread = float(one.std())
        if spread < 4:
            return np.inf
        structure = float((apart[0] ** 2).mean()) / (0.15 * spread**2 + 0.5 + noise**2)
        luma = float(apart[0].mean()) / (3 + 1.5 * noise)
        return max(structure, luma, float(apart[1].mean() + apart[2].mean()) / (4 + noise))


def _paired(original: Picture, result: Picture, owed: Owed) -> _Pair | None:
    """Return both films around a face; None where too little of it lies in the picture."""
    place = original.even(Box.around(owed.outline).grown(0.06))
    if min(place.width, place.height) < _LEAST_PX or owed.width_px < _LEAST_PX:
        return None
    scale = min(1.0, _FACE_PX / owed.width_px)
    size = max(4, round(place.width * scale)), max(4, round(place.height * scale))
    return _Pair(place, owed.width_px * scale, _scaled(original, place, size), _scaled(result, place, size))


def _scaled(picture: Picture, place: Box, size: tuple[int, int]) -> tuple[Values, Values, Values]:
    halves = slice(place.top // 2, (place.bottom + 1) // 2), slice(place.left // 2, (place.right + 1) // 2)
    parts = picture.y[place.top : place.bottom, place.left : place.right], picture.u[halves], picture.v[halves]
    y, u, v = (
        cv2.resize(p, size, interpolation=cv2.INTER_AREA if p.shape[1] > size[0] else cv2.INTER_LINEAR) for p in parts
    )
    return y.astype(np.float32), u.astype(np.float32), v.astype(np.float32)


def _fine(values: Values, sigma: float) -> Values:
    return np.asarray(values - cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _largest(mask: Mask) -> int:
    """Return how many pixels the largest connected piece has."""
    if not mask.any():
        return 0
    return int(cv2.connectedComponentsWithStats(mask.astype(np.uint8))[2][1:, cv2.CC_STAT_AREA].max())


def _elsewhere(original: Picture, result: Picture, owed: Owed) -> tuple[str, float] | None:
    """Tell whether the original's features lie near their place, mirrored: correlation of what they show."""
    if owed.mesh is None:
        return None
    inner = Box.around(owed.mesh[_INNER]).clipped(original.width, original.height)
    around = inner.grown(0.5).clipped(original.width, original.height)
    scale = min(1.0, _MOVED_PX / owed.width_px)
    if min(inner.width, inner.height) * scale < _LEAST_INNER_PX:
        return None
    sought, there = (_small(p.y, b, scale) for p, b in ((original, inner), (result, around)))
    if sought.shape[0] > there.shape[0] or sought.shape[1] > there.shape[1]:
        return None
    mirrored = np.ascontiguousarray(sought[:, ::-1])
    coarse = [_match(there, values)[0] for values in (mirrored, sought)]
    (best, place), (other, _) = (_match(_fine(there, 2.5), _fine(values, 2.5)) for values in (mirrored, sought))
    more = best - other + 0.5 * (coarse[0] - coarse[1])
    if best > _MIRRORED[0] and more > _MIRRORED[1] and _alike(there[place], mirrored):
        return "a mirrored face", min(1.0, 0.5 + 0.5 * best)
    return None


def _alike(there: Values, sought: Values) -> bool:
    """Tell whether a patch has structure of its own that is what is sought, but for contrast and light."""
    if float(there.std()) < _AS_MUCH * float(sought.std()):
        return False
    fine = _fine(there, 2.5), _fine(sought, 2.5)
    return float(fine[0].std()) >= _AS_MUCH * float(fine[1].std())


def _small(plane: Plane, box: Box, scale: float) -> Values:
    part = plane[box.top : box.bottom, box.left : box.right]
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _match(there: Values, sought: Values) -> tuple[float, tuple[slice, slice]]:
    """Return the highest correlation, and where it is."""
    found = np.nan_to_num(cv2.matchTemplate(there, sought, cv2.TM_CCOEFF_NORMED))
    top, left = (int(v) for v in np.unravel_index(int(found.argmax()), found.shape))
    return float(found[top, left]), (slice(top, top + sought.shape[0]), slice(left, left + sought.shape[1]))
