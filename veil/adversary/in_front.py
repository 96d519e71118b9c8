"""Is what stayed of a face in front of it? The opponent's own judgement, out of what it knows of that face.

A hand before a face may stay as it was filmed. It is told from a piece of the face that was not covered by how that
face looks otherwise: the opponent has pictures of it, and where the film looks as they do, it is the face.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, tflite_net
from veil.models.palms import PALM_SIDE, palms_in
from veil.models.topology import LEFT_BROW, LEFT_EYE, OVAL, RIGHT_BROW, RIGHT_EYE, SKIN
from veil.nouns.picture import Box, Picture, Pixels, Points

_FEWEST = 4  # pictures of the bare face
_FLOOR = 6.0  # code values, so that black has a logarithm
_LEAST_LOG = 0.04  # natural logarithm: so much a face differs from its pictures at least
_LEAST_APART = 0.3  # of that: a still face in still light
_UNLIKE, _UNLIKE_ALONE = 1.9, 3.0  # times what the covered rest differs; the second where no palm is seen
_MOST = 0.42  # of the oval: so much of a face is never in front of itself
_REST = 0.35  # of the places must have been covered: they tell how far the face is from its pictures now
_WINDOW, _SOFT, _WIDER = 0.08, 0.03, 0.05  # of the face's width
_PALM = 0.4  # the palm detector's score
_ON, _ON_ALL = 0.35, 0.6  # overlap of a palm's box with a face's, or the share of the face's that it holds
_AROUND = 0.8  # of the face's box: so far around it palms are looked for

Mask = NDArray[np.bool_]
Values = NDArray[np.float32]

_SHARES = np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 2]], np.float32) / 6
_CORNERS = SKIN.repeat(len(_SHARES), 0)
_WEIGHTS = np.tile(_SHARES, (len(SKIN), 1))


@dataclass(frozen=True, eq=False)
class Bare:
    """How one face looks in the opponent's pictures: log colour at places of its skin, and how far they differ."""

    middle: Values  # (N, 3)
    usual: Values


def bare_of(looks: Sequence[tuple[Pixels, Points]]) -> Bare | None:
    """Return how a face looks by pictures of it, each with its mesh (478, 3); None where they are too few."""
    if len(looks) < _FEWEST:
        return None
    seen = np.stack([_values(pixels, mesh) for pixels, mesh in looks])
    seen = seen - np.median(seen, 1, keepdims=True)
    middle = np.median(seen, 0)
    return Bare(middle.astype(np.float32), (1.5 * np.median(np.abs(seen - middle), 0)).astype(np.float32))


def _places(mesh: Points) -> Values:
    return np.asarray(np.einsum("nkd,nk->nd", mesh[_CORNERS, :2], _WEIGHTS), np.float32)


def _values(pixels: Pixels, mesh: Points) -> Values:
    """Return the log colour at every place of the skin, (N, 3)."""
    side = max(1, round(_SOFT * float(np.ptp(mesh[OVAL, 0])))) | 1
    at = _places(mesh)
    soft = cv2.blur(pixels, (side, side))
    seen = cv2.remap(soft, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.log(seen[0].astype(np.float32) + _FLOOR), np.float32)


class Before:
    """Judges what is before faces; holds a net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._palms: Net = tflite_net("palms_other", "adversary")

    def palm_near(self, picture: Picture, box: Box) -> bool:
        """Tell whether a palm is seen at a face, or beside it."""
        return any(score >= _PALM for score, _ in self._seen(picture, box.grown(_AROUND)))

    def palm_on(self, picture: Picture, box: Box) -> bool:
        """Tell whether a palm fills much of a box."""
        return any(
            Box.around(points[:2]).overlap(box) > _ON or Box.around(points[:2]).shared_px(box) > _ON_ALL * box.area
            for _, points in self._seen(picture, box.grown(0.6))
        )

    def _seen(self, picture: Picture, part: Box) -> list[tuple[float, Points]]:
        """Return score and points of the palms in a part of the picture, in its pixels."""
        part = picture.even(part)
        if min(part.width, part.height) < 16:
            return []
        side = max(part.width, part.height)
        width, height = (max(1, round(v * PALM_SIDE / side)) for v in (part.width, part.height))
        square = np.zeros((PALM_SIDE, PALM_SIDE, 3), np.uint8)
        square[:height, :width] = picture.scaled(part, width, height)
        corner = np.array([part.left, part.top], np.float32)
        return [(score, points * side + corner) for score, points in palms_in(self._palms, square, _PALM)]


def in_front(pixels: Pixels, mesh: Points, bare: Bare, stayed: Mask, *, palm: bool) -> Mask:
    """Return what of a face's oval is in front of it and not of it, (H, W).

    `pixels` (H, W, 3) are the original, `mesh` lies in them, `stayed` is what the result has left as it was. Nothing is
    in front but what looks unlike the face, and reaches over its outline. Eyes and brows never are.
    """
    nothing = np.zeros(stayed.shape, np.bool_)
    at = _places(mesh)
    spots = np.round(at).astype(int)
    inside = (spots >= 0).all(1) & (spots[:, 0] < stayed.shape[1]) & (spots[:, 1] < stayed.shape[0])
    painted = inside.copy()
    near = cv2.dilate(stayed.astype(np.uint8), np.ones((3, 3), np.uint8))
    painted[inside] = near[spots[inside, 1], spots[inside, 0]] == 0
    if painted.sum() < _REST * len(at):
        return nothing
    off = _values(pixels, mesh) - bare.middle
    off = off - np.median(off[painted], 0)
    apart = (np.abs(off) / (_LEAST_LOG + bare.usual)).mean(1)
    apart = apart / max(_LEAST_APART, float(np.median(apart[painted])))
    wide = float(np.ptp(mesh[OVAL, 0]))
    unlike = _spread_out(apart, spots, inside, stayed.shape, _WINDOW * wide) > (_UNLIKE if palm else _UNLIKE_ALONE)
    oval = _filled(mesh[OVAL, :2], stayed.shape)
    found = _reaching_out(unlike & oval, oval, max(2, round(_WIDER * wide)))
    wider = 2 * round(_WIDER * wide) + 1
    found = cv2.dilate(found.astype(np.uint8), np.ones((wider, wider), np.uint8)) > 0
    for ring in (np.concatenate([LEFT_EYE, LEFT_BROW]), np.concatenate([RIGHT_EYE, RIGHT_BROW])):
        found &= ~_filled(mesh[ring, :2], stayed.shape)
    return found if (found & oval).sum() <= _MOST * oval.sum() else nothing


def _filled(ring: Points, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(ring).astype(np.int32)), 1)
    return mask > 0


def _spread_out(values: Values, spots: NDArray[np.int_], there: Mask, shape: tuple[int, ...], over: float) -> Values:
    """Return values at spots as a picture, each pixel the mean of those around it; 0 where there are none."""
    total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    np.add.at(total, (spots[there, 1], spots[there, 0]), values[there])
    np.add.at(count, (spots[there, 1], spots[there, 0]), 1)
    side = max(3, round(over)) | 1
    sums, counts = (cv2.blur(cv2.blur(m, (side, side)), (side, side)) for m in (total, count))
    return np.asarray(np.where(counts > 1e-4, sums / np.maximum(counts, 1e-4), 0), np.float32)


def _reaching_out(mask: Mask, oval: Mask, rim_px: int) -> Mask:
    """Return the pieces of a mask that reach the oval's outline."""
    rim = np.ones((2 * rim_px + 1, 2 * rim_px + 1), np.uint8)
    edge = oval & (cv2.erode(oval.astype(np.uint8), rim, borderValue=0) == 0)
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    reaching = np.zeros(count, np.bool_)
    reaching[np.unique(labels[edge & mask])] = True
    reaching[0] = False
    return np.asarray(reaching[labels], np.bool_)
