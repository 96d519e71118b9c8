"""Finds hands near faces and follows them: 21 points of each hand, frame by frame.

The nets are MediaPipe's palm detector and hand landmarks (Zhang et al. 2020, arXiv:2006.10214), run by themselves;
anchors, cropping and following are ours. The detector looks around one face a frame, in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, tflite_net
from veil.models.palms import PALM_SIDE, palms_in
from veil.nouns.picture import Box, Picture, Points

HAND_POINTS = 21
FINGERS = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
"""Thumb to little finger: each finger's points from its root to its tip. Point 0 is the wrist."""

_HAND_SIDE = 224
_PALM, _PRESENT, _STAYS = 0.5, 0.6, 0.5  # scores from which a palm is tried, a hand believed, and believed again
_EVERY = 3  # frames between two looks for palms
_AROUND = 1.0  # of the head's longer side: so far around it hands are looked for
_SAME = 0.35  # overlap of the boxes of one hand
_RADII = np.array([0.125, 0.105, 0.095, 0.085])  # of a finger at its root to its tip, of the palm's length
_THUMB = np.array([0.14, 0.125, 0.115, 0.10])
_PALM_ROUND = 0.10
_PALM_POINTS = np.array([0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18])  # what stays still while fingers move

_UNDER = 0.6  # of a face's box that lies under a hand, and both its eyes: it is the hand
_SURE = 0.8  # the net's score, for that

Mask = NDArray[np.float32]
"""0..1, (H, W)."""


@dataclass(frozen=True, eq=False)
class Hand:
    """One hand in one frame: `points` (21, 3) in upright pixels, nearer is smaller, and the net's own score.

    `way` (21,) is how far each point came since the last frame, of the palm's length; infinite where that is not known.
    """

    points: Points
    score: float
    way: NDArray[np.float32] = field(default_factory=lambda: np.full(HAND_POINTS, np.inf, np.float32))

    @property
    def box(self) -> Box:
        return Box.around(self.points)

    @property
    def palm_px(self) -> float:
        """Return the length from the wrist to the knuckle of the middle finger, in space."""
        return float(np.linalg.norm(self.points[9] - self.points[0]))


@dataclass(eq=False)
class _Followed:
    """A hand that is followed, and how it moves, px a frame."""

    hand: Hand
    step: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))


class Hands:
    """Follows the hands near faces through the frames of a film; holds two nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._palms: Net = tflite_net("palms", "sight")
        self._points: Net = tflite_net("hand_landmarks", "sight")
        self._live: list[_Followed] = []
        self._turn = 0

    def cut(self) -> None:
        """Forget every hand: a new shot begins."""
        self._live = []

    def step(self, picture: Picture, heads: Sequence[Box]) -> list[Hand]:
        """Return the hands near these heads in the next frame."""
        around = [head.grown(_AROUND) for head in heads]
        kept: list[_Followed] = []
        for one in self._live:
            ahead = one.hand.points.copy()
            ahead[:, :2] += 0.5 * one.step
            hand = self._fit(picture, _square_of(ahead), _STAYS)
            if hand is None or not any(hand.box.shared_px(a) for a in around):
                continue
            if any(hand.box.overlap(k.hand.box) > _SAME for k in kept):
                continue
            moved = (hand.points - one.hand.points)[:, :2]
            way = np.linalg.norm(moved, axis=1) / max(1.0, hand.palm_px)
            hand = replace(hand, way=way.astype(np.float32))
            kept.append(_Followed(hand, np.asarray(0.5 * one.step + 0.5 * moved.mean(0), np.float32)))
        self._live = kept
        self._turn += 1
        if around and self._turn % _EVERY == 0:
            self._look(picture, around[self._turn // _EVERY % len(around)])
        return [one.hand for one in self._live]

    def takes(self, picture: Picture, box: Box, eyes: NDArray[np.float32]) -> bool:
        """Tell whether what a detector took for a face with these eyes (2, 2) is a hand: both lie under one."""
        if box.area < 64:
            return False
        for square in _whole_hands(self._palms, picture, box.grown(0.6), _PALM):
            hand = self._fit(picture, square, _SURE)
            if hand is None:
                continue
            corner = np.array([box.left, box.top, 0], np.float32)
            under = silhouette(hand.points - corner, (box.height, box.width))
            places = np.round(eyes - corner[:2]).astype(int)
            inside = ((places >= 0) & (places < (box.width, box.height))).all()
            if inside and float(under.mean()) > _UNDER and bool((under[places[:, 1], places[:, 0]] > 0.5).all()):
                return True
        return False

    def _look(self, picture: Picture, part: Box) -> None:
        """Begin to follow the hands in a part of the picture that are not followed yet."""
        for square in _whole_hands(self._palms, picture, part, _PALM):
            hand = self._fit(picture, square, _PRESENT)
            if hand is not None and all(hand.box.overlap(o.hand.box) <= _SAME for o in self._live):
                self._live.append(_Followed(hand))

    def _fit(self, picture: Picture, square: "_Square", least: float) -> Hand | None:
        """Return the hand that the net sees in a square, if it sees one."""
        if not 12 <= square.side <= 4 * max(picture.width, picture.height):
            return None
        to_crop = square.to_crop(_HAND_SIDE)
        crop = picture.warped(to_crop, _HAND_SIDE)
        outputs = self._points(np.multiply(crop, np.float32(1 / 255), dtype=np.float32)[None])
        score = float(outputs[1].reshape(-1)[0])
        if score < least:
            return None
        points = outputs[0].reshape(HAND_POINTS, 3).astype(np.float32)
        back = cv2.invertAffineTransform(to_crop).astype(np.float32)
        placed = np.empty_like(points)
        placed[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        placed[:, 2] = points[:, 2] * (square.side / _HAND_SIDE)
        return Hand(placed, score)


@dataclass(frozen=True)
class _Square:
    """Where something is looked at: centre, side and turn (0: fingers up), in upright pixels and radians."""

    x: float
    y: float
    side: float
    turn: float

    def to_crop(self, pixels: int) -> NDArray[np.float64]:
        """Return the 2x3 matrix from picture to crop pixels."""
        scale = pixels / self.side
        c, s = np.cos(-self.turn) * scale, np.sin(-self.turn) * scale
        half = pixels / 2
        return np.array([[c, -s, half - c * self.x + s * self.y], [s, c, half - s * self.x - c * self.y]])

    def shifted(self, up: float, scale: float) -> "_Square":
        """Return the square moved along its own upright by a share of its side, then scaled."""
        away = up * self.side
        x, y = self.x + away * np.sin(self.turn), self.y - away * np.cos(self.turn)
        return _Square(float(x), float(y), self.side * scale, self.turn)


def _whole_hands(net: Net, picture: Picture, part: Box, least: float) -> list[_Square]:
    """Return where whole hands are to be looked at, for every palm seen in a part of the picture, best first."""
    part = picture.even(part)
    if min(part.width, part.height) < 16:
        return []
    side = max(part.width, part.height)
    width, height = (max(1, round(v * PALM_SIDE / side)) for v in (part.width, part.height))
    canvas = np.zeros((PALM_SIDE, PALM_SIDE, 3), np.uint8)
    canvas[:height, :width] = picture.scaled(part, width, height)
    found = []
    for _, points in palms_in(net, canvas, least):
        low, high, wrist, _, knuckle = points[:5] * side + np.array([part.left, part.top], np.float32)
        x, y = (low + high) / 2
        square = _Square(float(x), float(y), float((high - low).max()), _turn(wrist, knuckle))
        found.append(square.shifted(0.5, 2.6))
    return found


def _turn(wrist: NDArray[np.float32], knuckle: NDArray[np.float32]) -> float:
    """Return how far a hand is turned clockwise from fingers up, radians."""
    along = knuckle - wrist
    return float(np.arctan2(along[0], -along[1]))


def _square_of(points: Points) -> _Square:
    """Return where to look for a hand whose points were here a moment ago."""
    flat = points[:, :2]
    turn = _turn(flat[0], (flat[5] + flat[13]) * 0.25 + flat[9] * 0.5)
    c, s = np.cos(turn), np.sin(turn)
    upright = flat[_PALM_POINTS] @ np.array([[c, -s], [s, c]])
    low, high = upright.min(0), upright.max(0)
    middle = (low + high) / 2 @ np.array([[c, s], [-s, c]])
    return _Square(float(middle[0]), float(middle[1]), float((high - low).max()), turn).shifted(0.1, 2.0)


def silhouette(points: Points, shape: tuple[int, int], grow: float = 0.0) -> Mask:
    """Return the shape of a hand (21, 3) in a picture of that size; `grow` is a share of the palm's length."""
    palm = max(1.0, float(np.linalg.norm(points[9] - points[0])))
    flat, mask, eight = points[:, :2], np.zeros(shape, np.uint8), 8
    for number, finger in enumerate(FINGERS):
        radii = np.maximum(0.02, (_THUMB if number == 0 else _RADII) + grow) * palm
        for i, (a, b) in enumerate(pairwise(finger)):
            _capsule(mask, flat[a], flat[b], float(radii[i]), float(radii[i + 1]))
    ring = cv2.convexHull(flat[[0, 1, 5, 9, 13, 17]].astype(np.float32))[:, 0]
    middle = ring.mean(0)
    away = ring - middle
    length = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-3)
    ring = middle + away * np.maximum(0.1, 1 + (_PALM_ROUND + grow) * palm / length)
    cv2.fillConvexPoly(mask, (ring * 2**eight).round().astype(np.int32), 255, cv2.LINE_AA, eight)
    return np.asarray(mask.astype(np.float32) / 255, np.float32)


def _capsule(mask: NDArray[np.uint8], a: Points, b: Points, from_px: float, to_px: float) -> None:
    """Draw a finger's bone with its flesh: two discs and what lies between."""
    bits = 4
    across = np.array([-(b - a)[1], (b - a)[0]])
    across = across / max(float(np.linalg.norm(across)), 1e-3)
    quad = np.stack([a + across * from_px, b + across * to_px, b - across * to_px, a - across * from_px])
    cv2.fillConvexPoly(mask, (quad * 2**bits).round().astype(np.int32), 255, cv2.LINE_AA, bits)
    for point, radius in ((a, from_px), (b, to_px)):
        x, y = (round(float(v) * 2**bits) for v in point)
        cv2.circle(mask, (x, y), max(1, round(radius * 2**bits)), 255, -1, cv2.LINE_AA, bits)
