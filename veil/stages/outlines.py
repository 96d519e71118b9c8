"""Outlines: what a net saw of somebody, without holes and what is a neighbour's, steadied by the frames around."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.body import BODY_CELLS, Body
from veil.nouns.picture import Box, Pixels, Plane

NEAR = 3  # frames on both sides that steady an outline
_STILL = 8.0  # code values: a place that changed by much more than that has moved
_SPECK, _HOLE = 0.04, 0.015  # of the body: smaller pieces beside it are dropped, smaller holes in it closed
_DOUBTED = 90  # of a share at most: too little for clothes to be painted there, enough for a shadow to cover it
_ONE = 0.75  # of the smaller of two bodies lies in the other: they are one body
_PART = 130  # mean share of somebody in a place from which it is a part of them


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen in one square; `face` is the front of its owner's head."""

    body: Body | None
    pixels: Pixels
    square: Box
    face: Box


def own(label: str, seen: dict[str, Seen]) -> tuple[Seen, Plane]:
    """Return what was seen of somebody without what is their neighbours', and its luma."""
    me = seen[label]
    luma = np.asarray(cv2.cvtColor(me.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    others = [s for name, s in seen.items() if name != label and s.body is not None]
    same = [s for s in others if _same(me, s)]
    others = [s for s in others if not any(s is one for one in same) and not _in_hand(s, me)]
    doubtful = [s for s in same if me.body is not None and _off_nose(s, me.body) < _off_nose(me, me.body)]
    if me.body is not None and (doubtful or any(_in_hand(me, s) for s in seen.values() if s is not me)):
        return replace(me, body=replace(me.body, share=np.minimum(me.body.share, np.uint8(_DOUBTED)))), luma
    if me.body is None or not others:
        return me, luma
    claim = _claim(me, me.square, others)
    most = claim.copy()
    for other in others:
        most += _claim(other, me.square, [me])
    share = me.body.share * (claim / np.maximum(most, 1e-6))
    return replace(me, body=replace(me.body, share=np.asarray(share, np.uint8))), luma


def _same(me: Seen, other: Seen) -> bool:
    """Tell whether two bodies are one: a face was seen in somebody's hand, or on their shirt."""
    if me.body is None or other.body is None:
        return False
    mine, theirs = me.body.share, onto(other.body.share, other.square, me.square)
    shared = float(np.minimum(mine, theirs).sum(dtype=np.float64))
    return shared > _ONE * min(float(mine.sum(dtype=np.float64)), float(theirs.sum(dtype=np.float64)))


def _off_nose(who: Seen, body: Body) -> float:
    """Return how far somebody's face is from the nose of a body, in heights of the face."""
    away = np.hypot(*(body.joints[0, :2] - np.array(who.face.centre)))
    return float(away) / max(1, who.face.height)


def _in_hand(me: Seen, other: Seen) -> bool:
    """Tell whether what was taken for a face is in the hand of somebody else, and a part of them."""
    if other.body is None:
        return False
    hands = other.body.joints[15:23]
    away = np.hypot(hands[:, 0] - me.face.centre[0], hands[:, 1] - me.face.centre[1])
    if not ((away < 0.6 * max(1, me.face.height)) & (hands[:, 2] > 0.5)).any():
        return False
    theirs = onto(other.body.share, other.square, me.face)
    return _off_nose(other, other.body) < 1 and float(theirs.mean()) > _PART


def _claim(who: Seen, square: Box, others: list[Seen]) -> NDArray[np.float32]:
    """Return how strongly somebody claims each cell of a square: the likelier and nearer to their head, the more."""
    if who.body is None:
        return np.zeros((BODY_CELLS, BODY_CELLS), np.float32)
    share = onto(who.body.share, who.square, square).astype(np.float32) / 255
    cell = square.width / BODY_CELLS
    x = square.left + (np.arange(BODY_CELLS, dtype=np.float32) + 0.5) * cell
    y = square.top + (np.arange(BODY_CELLS, dtype=np.float32) + 0.5) * cell
    centre, size = who.face.centre, max(who.face.height, 1)
    away = np.hypot((x - centre[0])[None] / size, 0.5 * (y - centre[1])[:, None] / size)
    claim = np.asarray(share * np.exp(-away / 2), np.float32)
    for other in others:  # a head is its owner's
        middle, half = other.face.centre, (0.75 * other.face.width, 0.8 * other.face.height)
        head = np.hypot((x - middle[0])[None] / max(half[0], 1), (y - middle[1])[:, None] / max(half[1], 1)) < 1
        claim[head] *= 0.2
    return np.asarray(claim**4, np.float32)


def onto(cells: NDArray[np.uint8], of: Box, square: Box) -> NDArray[np.uint8]:
    """Return the cells of one square in the cells of another; 0 outside."""
    if of == square:
        return cells
    scale = square.width / of.width
    right, down = (
        (a - b) * BODY_CELLS / of.width + 0.5 * scale - 0.5 for a, b in ((square.left, of.left), (square.top, of.top))
    )
    onto = np.array([[scale, 0, right], [0, scale, down]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(cells, onto, (BODY_CELLS, BODY_CELLS), flags=flags), np.uint8)


def steadied(around: "list[tuple[Seen, Plane]]", which: int) -> NDArray[np.uint8] | None:
    """Return the share of one of a few frames in a row, averaged with the others wherever the picture stood still.

    None where nobody was seen in any of them.
    """
    me, luma = around[which]
    total = np.zeros((BODY_CELLS, BODY_CELLS), np.float32)
    weights = np.zeros_like(total)
    for k, (seen, other) in enumerate(around):
        if seen.body is None or abs(k - which) > NEAR:
            continue
        share = onto(seen.body.share, seen.square, me.square)
        near = float(np.exp(-0.5 * ((k - which) / (0.6 * NEAR)) ** 2))
        if k == which:
            weight = np.ones_like(total)
        else:
            apart = cv2.blur(cv2.absdiff(onto(other, seen.square, me.square), luma), (7, 7)).astype(np.float32)
            least = 0.0 if me.body is not None else 1e-3
            weight = near * np.exp(-np.square(apart / _STILL)) + np.float32(least)
        total += weight * share
        weights += weight
    if not weights.any():
        return None
    return whole(np.asarray(total / np.maximum(weights, 1e-6) + 0.5, np.uint8))


def whole(share: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a share with specks beside the body in doubt, and without small holes in it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((share > 100).astype(np.uint8))
    if count < 2:
        return share
    areas = stats[:, cv2.CC_STAT_AREA]
    body = int(areas[1:].max())
    out = share.copy()
    small = np.flatnonzero(areas < _SPECK * body)
    if len(small[small > 0]):
        specks = np.isin(labels, small[small > 0]).astype(np.uint8)
        beside = cv2.dilate(specks, np.ones((5, 5), np.uint8)) > 0
        out[beside] = np.minimum(out[beside], _DOUBTED)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((out <= 100).astype(np.uint8), connectivity=4)
    holes = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] < _HOLE * body]
    if holes:
        inside = np.isin(labels, holes).astype(np.uint8)
        out[cv2.dilate(inside, np.ones((3, 3), np.uint8)) > 0] = 255
    return out


def tone_of(seen: Seen) -> NDArray[np.float32] | None:
    """Return the usual colour between shoulders and hips, RGB; None where they do not show."""
    if seen.body is None:
        return None
    cell = seen.square.width / BODY_CELLS
    points = (seen.body.joints[[11, 12, 24, 23], :2] - (seen.square.left, seen.square.top)) / cell
    middle = points.mean(0)
    quad = np.round(middle + 0.75 * (points - middle)).astype(np.int32)
    mask = np.zeros((BODY_CELLS, BODY_CELLS), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(quad), 1)
    inside = (mask > 0) & (seen.body.share > 200) & seen.pixels.any(2)
    return np.median(seen.pixels[inside], 0).astype(np.float32) if inside.sum() > 40 else None
