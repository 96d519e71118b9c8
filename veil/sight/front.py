"""What is in front of a face: the silhouettes of hands, brought to the picture's edges, where they are believed.

A hand is believed where the picture does not look like the face behind it: each face is remembered as it looks when
nothing is before it, and what looks like that is face, whatever a net says. Eyes are never in front.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_EYE, SKIN
from veil.nouns.front import Front
from veil.nouns.light import FLOOR
from veil.nouns.picture import Box, Picture, Pixels, Points
from veil.sight.hands import Hand, Mask, silhouette

_FACE_PX = 144  # a face is looked at this wide at most
_LEAST_PX = 24  # narrower faces are covered whole
_LEAST_CALM = 0.3  # of 1: what is calmer is kept, by that share
_LEAST, _MOST = 0.002, (0.29, 0.35)  # of the oval: where more is in front, the cover wins; it does so softly
_MARGIN = 0.12  # of the oval's longer side is looked at around it
_CALM = 6  # looks at the bare face before anything is believed to be in front of it
_SLOW = 0.06  # share of a new look in the memory of a face
_EVERY = 3  # frames between two looks at the bare face
_PLAIN_LOG = 0.03  # natural logarithm: so much a face may differ from itself
_LEAST_APART = 0.3  # of that: a still face in still light
_UNLIKE, _ALIKE = 2.0, 1.2  # times the usual: a hand's middle must differ by the first; what differs by less is face
_BAND = 0.055  # of the palm's length: so far on both sides of the silhouette the picture decides
_LIPS = 0.02  # of the palm's length: so much narrower is a hand before a mouth
_QUICK = (0.24, 0.36)  # of the palm's length a frame: what moves faster is blurred, and the face shows through it


def _samples() -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return triangles (N, 3) and weights (N, 3) of places spread over the skin, four in each triangle."""
    shares = np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 2]], np.float32) / 6
    return SKIN.repeat(4, 0), np.tile(shares, (len(SKIN), 1))


_CORNERS, _SHARES = _samples()


@dataclass(eq=False)
class _Memory:
    """How one face looks when nothing is before it: log colours at places of its skin, exposure taken out."""

    mean: NDArray[np.float32] = field(default_factory=lambda: np.zeros((len(_CORNERS), 3), np.float32))
    spread: NDArray[np.float32] = field(default_factory=lambda: np.zeros((len(_CORNERS), 3), np.float32))
    looks: int = 0

    def take(self, values: NDArray[np.float32]) -> None:
        """Take in one look at the bare face."""
        values = (values - np.median(values, 0)).astype(np.float32)
        share = max(_SLOW, 1 / (self.looks + 1))
        off = values - self.mean
        self.mean += share * off
        if self.looks:
            self.spread += share * (np.abs(off) - self.spread)
        self.looks += 1

    def apart(self, values: NDArray[np.float32], bare: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return how far each place is from how it looks bare, 1 being as far as bare places are now, (N,)."""
        off = values - self.mean
        off = off - np.median(off[bare], 0)
        apart = (np.abs(off) / (_PLAIN_LOG + 1.5 * self.spread)).mean(1)
        return np.asarray(apart / max(_LEAST_APART, float(np.median(apart[bare]))), np.float32)


@dataclass(frozen=True, eq=False)
class _View:
    """A face in one frame, at the scale at which it is looked at."""

    box: Box
    scale: float
    pixels: Pixels
    mesh: Points  # (478, 3), in the pixels of the view

    @property
    def wide_px(self) -> float:
        return float(np.ptp(self.mesh[OVAL, 0]))

    @property
    def shape(self) -> tuple[int, int]:
        return self.pixels.shape[0], self.pixels.shape[1]

    def places(self) -> NDArray[np.float32]:
        """Return where the places of its skin are, (N, 2)."""
        return np.asarray(np.einsum("nkd,nk->nd", self.mesh[_CORNERS, :2], _SHARES), np.float32)

    def values(self) -> NDArray[np.float32]:
        """Return the log colour at every place of its skin, (N, 3)."""
        side = max(1, round(0.03 * self.wide_px)) | 1
        soft = cv2.blur(self.pixels, (side, side))
        at = self.places()
        seen = cv2.remap(soft, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(np.log(seen[0].astype(np.float32) + FLOOR), np.float32)

    def oval(self) -> Mask:
        """Return the face's oval."""
        return self.filled(self.mesh[OVAL, :2])

    def filled(self, ring: Points) -> Mask:
        """Return the convex hull of points as a mask."""
        mask = np.zeros(self.shape, np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(ring.round().astype(np.int32)), 1)
        return mask.astype(np.float32)

    def at(self, mask: Mask) -> NDArray[np.float32]:
        """Return a mask's value at every place of the skin, (N,)."""
        at = self.places()
        return np.asarray(cv2.remap(mask, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0], np.float32)

    def spread_out(self, values: NDArray[np.float32], over: float) -> Mask:
        """Return values of the places as a picture, each pixel the mean of those nearby (a share of the face's width).

        It is 0 where there is none.
        """
        at = self.places().round().astype(int)
        there = (at >= 0).all(1) & (at[:, 0] < self.shape[1]) & (at[:, 1] < self.shape[0])
        total, count = np.zeros(self.shape, np.float32), np.zeros(self.shape, np.float32)
        np.add.at(total, (at[there, 1], at[there, 0]), values[there])
        np.add.at(count, (at[there, 1], at[there, 0]), 1)
        side = max(3, round(over * self.wide_px)) | 1
        sums, counts = (cv2.blur(cv2.blur(m, (side, side)), (side, side)) for m in (total, count))
        return np.asarray(np.where(counts > 1e-4, sums / np.maximum(counts, 1e-4), 0), np.float32)


class Fronts:
    """Watches what is in front of each face of a shot; `label` tells the faces apart."""

    def __init__(self) -> None:
        self._memories: dict[str, _Memory] = {}
        self._count = 0

    def cut(self) -> None:
        """Forget every face: a new shot begins."""
        self._memories = {}

    def look(self, picture: Picture, label: str, mesh: Points, hands: Sequence[Hand], index: int) -> Front | None:
        """Return what is in front of a face whose mesh (478, 3) fits; None where nothing is, or nothing is believed."""
        near = [h for h in hands if _touches(h, mesh)]
        memory = self._memories.setdefault(label, _Memory())
        if not near:
            if index % _EVERY == 0 or memory.looks < _CALM:
                view = _view(picture, mesh)
                if view is not None:
                    memory.take(view.values())
            return None
        view = _view(picture, mesh)
        return None if view is None or memory.looks < _CALM else _judged(view, memory, near)


def _view(picture: Picture, mesh: Points) -> _View | None:
    """Return the face as it is looked at; None where it is too small, or mostly outside of the picture."""
    oval = mesh[OVAL, :2]
    box = picture.even(Box.around(oval).grown(_MARGIN))
    wide = float(np.ptp(oval[:, 0]))
    if wide < _LEAST_PX or min(box.width, box.height) < _LEAST_PX:
        return None
    scale = min(1.0, _FACE_PX / wide)
    width, height = max(8, round(box.width * scale)), max(8, round(box.height * scale))
    pixels = picture.scaled(box, width, height)
    ratio = np.array([width / box.width, height / box.height, scale], np.float32)
    own = ((mesh - np.array([box.left - 0.5, box.top - 0.5, 0], np.float32)) * ratio).astype(np.float32)
    own[:, :2] -= 0.5
    return _View(box, scale, pixels, own)


def _touches(hand: Hand, mesh: Points) -> bool:
    """Tell whether a hand may reach into the oval."""
    margin = 0.3 * hand.palm_px
    low, high = mesh[OVAL, :2].min(0) - margin, mesh[OVAL, :2].max(0) + margin
    return bool(((hand.points[:, :2] > low) & (hand.points[:, :2] < high)).all(1).any())


def _judged(view: _View, memory: _Memory, hands: Sequence[Hand]) -> Front | None:
    """Return the hands in front of a face as far as they are believed."""
    ratio = np.array([view.pixels.shape[1] / view.box.width, view.pixels.shape[0] / view.box.height, view.scale])
    corner = np.array([view.box.left, view.box.top, 0])
    placed = [np.asarray((h.points - corner) * ratio, np.float32) for h in hands]
    oval = view.oval()
    largest = np.max([silhouette(p, view.shape, _BAND) for p in placed], 0)
    if float((largest * oval).sum()) < 4:
        return None
    apart = memory.apart(view.values(), view.at(largest) < 0.1)
    evidence = _Evidence(view, oval, largest, view.spread_out(apart, 0.08), view.spread_out(apart, 0.03))
    alpha = np.zeros(view.shape, np.float32)
    for points, hand in zip(placed, hands, strict=True):
        if (calm := _calmness(hand, view.box)) > _LEAST_CALM:
            alpha = np.maximum(alpha, calm * _believed(evidence, points))
    alpha *= _no_eyes(view)
    share = float((alpha * oval).sum() / max(1.0, float(oval.sum())))
    if not _LEAST < share < _MOST[1]:
        return None
    alpha *= np.float32(np.clip((_MOST[1] - share) / (_MOST[1] - _MOST[0]), 0, 1))
    return Front(view.box, np.asarray(np.round(alpha * 255), np.uint8))


def _calmness(hand: Hand, box: Box) -> float:
    """Return 1 for a hand that stands still near a face, 0 for one that is blurred there."""
    flat = hand.points[:, :2]
    near = ((flat >= (box.left, box.top)) & (flat < (box.right, box.bottom))).all(1)
    way = float(hand.way[near].max()) if near.any() else float(hand.way.max())
    return float(np.clip((_QUICK[1] - way) / (_QUICK[1] - _QUICK[0]), 0, 1))


@dataclass(frozen=True, eq=False)
class _Evidence:
    """A face in one frame, where hands may be at most, and how far it is from how it looks bare, coarse and fine."""

    view: _View
    oval: Mask
    largest: Mask
    apart: Mask
    finely: Mask


def _believed(here: _Evidence, points: Points) -> Mask:
    """Return one hand's cover, brought to the edges of the picture; nothing where the face itself is seen."""
    view, nothing = here.view, np.zeros(here.view.shape, np.float32)
    core, whole = (silhouette(points, view.shape, g) for g in (-_BAND, _BAND))
    inside = (core * here.oval) > 0.5
    if inside.sum() < 6 or float(np.median(here.apart[inside])) < _UNLIKE:
        return nothing
    logs = np.log(view.pixels.astype(np.float32) + FLOOR)
    palm = max(2.0, float(np.linalg.norm(points[9] - points[0])))
    beside = (here.oval > 0) & (here.largest < 0.02) & (_widened(whole, 0.35 * palm) > 0.5)
    hand = core > 0.9
    score = 2.5 * _depth(points, view.shape, _BAND)
    if beside.sum() > 20 and hand.sum() > 20:
        score += 0.5 * np.clip(_likelier(logs, hand, beside), -3, 3)
    score += np.where(here.oval > 0, np.clip(here.finely - 0.5 * (_ALIKE + _UNLIKE), -1, 1), 0)
    sure = np.clip(0.5 + 0.5 * score, 0, 1)
    luma = cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
    soft = guided(luma, np.asarray(sure, np.float32), max(1, round(0.02 * view.wide_px)), 4e-4)
    soft = np.clip(2 * soft - 0.6, 0, 1)
    face = np.where(here.oval > 0, np.clip((here.finely - _ALIKE) / (_UNLIKE - _ALIKE), 0, 1), 1)
    face = np.maximum(face, (_widened(core, 0.0) > 0.5).astype(np.float32))
    lips = view.filled(view.mesh[OUTER_LIPS, :2]) > 0
    whole = np.where(lips, silhouette(points, view.shape, -_LIPS), whole)
    return np.asarray(np.minimum(soft, whole) * cv2.blur(face.astype(np.float32), (3, 3)), np.float32)


def _widened(mask: Mask, by_px: float) -> Mask:
    side = 2 * round(by_px) + 1
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(mask, shape), np.float32)


def _depth(points: Points, shape: tuple[int, int], band: float) -> Mask:
    """Return how deep in a hand's silhouette each pixel lies: -1 outside of the band around its outline, 1 inside."""
    steps = np.linspace(-band, band, 5)
    return np.asarray(np.mean([silhouette(points, shape, float(g)) for g in steps], 0) * 2 - 1, np.float32)


def _likelier(logs: NDArray[np.float32], one: NDArray[np.bool_], other: NDArray[np.bool_]) -> Mask:
    """Return how much likelier each pixel's colour is among the first than among the second, natural logarithm."""
    worth = []
    for chosen in (one, other):
        colours = logs[chosen]
        middle = colours.mean(0)
        spread = np.cov(colours.T) + 4e-4 * np.eye(3)
        off = logs - middle
        far = np.einsum("hwi,ij,hwj->hw", off, np.linalg.inv(spread), off)
        worth.append(-0.5 * (far + np.linalg.slogdet(spread)[1]))
    return np.asarray(worth[0] - worth[1], np.float32)


def _no_eyes(view: _View) -> Mask:
    """Return 0 at the eyes and 1 away from them."""
    eyes = np.zeros(view.shape, np.uint8)
    for ring in (LEFT_EYE, RIGHT_EYE):
        cv2.fillConvexPoly(eyes, cv2.convexHull(view.mesh[ring, :2].round().astype(np.int32)), 255)
    side = max(3, round(0.05 * view.wide_px)) | 1
    wide = cv2.dilate(eyes, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(1 - cv2.blur(wide, (side // 2 | 1, side // 2 | 1)).astype(np.float32) / 255, np.float32)


def guided(guide: Mask, values: Mask, radius: int, least: float = 1e-3) -> Mask:
    """Return values smoothed along the edges of a guide (He et al. 2013, guided image filter)."""

    def mean(m: NDArray[Any]) -> Mask:
        return np.asarray(cv2.blur(m, (2 * radius + 1, 2 * radius + 1)), np.float32)

    mean_g, mean_v = mean(guide), mean(values)
    slope = (mean(guide * values) - mean_g * mean_v) / (mean(guide * guide) - mean_g * mean_g + least)
    return np.asarray(mean(slope) * guide + mean(mean_v - slope * mean_g), np.float32)
