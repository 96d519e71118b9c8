"""Follows a place in the picture (a sign, a screen, a badge) from frame to frame, forwards or backwards.

Corner points in the place are found again by optical flow (Lucas and Kanade 1981, with pyramids: Bouguet 2000), always
from the picture in which it was last seen well, so that errors do not add up; one similarity is fitted to them (RANSAC)
and points that do not come back to where they started are dropped. What cannot be found goes with the camera, and is
said to be unsure.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Picture, Plane, Points

Affine = NDArray[np.float64]
"""Carries points (x, y, 1) over: shape (2, 3)."""
LONGEST_PX = 960  # of the grey pictures in which things are followed

_WINDOW: dict[str, Any] = {
    "winSize": (17, 17),
    "maxLevel": 4,
    "criteria": (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.02),
}
_BACK_PX = 1.0  # a point that does not come back closer than this is dropped
_OFF_PX = 1.5  # a point farther than this from where the similarity puts it does not belong to the place
_ENOUGH = 6  # points that agree
_SHARE = 0.4  # of the points in the picture must agree
_ALIKE = 0.7  # normalised correlation from which a template is believed
_STEP = (0.8, 1.25)  # scales from frame to frame that can be true


@dataclass(frozen=True, eq=False)
class Place:
    """Where something is in a frame: four corners (4, 2) going round, and for how many frames it was not seen."""

    corners: Points
    unsure: int


def grey(picture: Picture) -> Plane:
    """Return the picture's luma, brought to at most LONGEST_PX."""
    scale = scale_of(picture.width, picture.height)
    if scale == 1:
        return picture.y
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return cv2.resize(picture.y, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def scale_of(width: int, height: int) -> float:
    """Return how much smaller the grey picture is than the film's."""
    return min(1.0, LONGEST_PX / max(width, height))


def camera_motion(before: Plane, now: Plane) -> Affine:
    """Return how most of the picture moved; no motion where too little can be told."""
    points = _corners_in(before, None, 200, 12)
    fit = _fit(*_flow(before, now, points, points)) if len(points) >= _ENOUGH else None
    return fit[0] if fit is not None and fit[1] >= 0.3 * len(points) else np.eye(2, 3)


class Follower:
    """Follows one place through the frames of one shot, one way."""

    def __init__(self, picture: Plane, corners: Points) -> None:
        """`corners` (4, 2) of the place in the grey `picture`."""
        self._unsure = 0
        self._moved: Affine = np.eye(2, 3)
        self._see(picture, corners.astype(np.float32))

    def step(self, before: Plane, now: Plane, camera: Affine) -> Place:
        """Return where the place is in the grey picture `now`; `before` is the one before it, `camera` the motion."""
        expected = _after(camera, self._moved)
        sure = self._found_again(now, expected)
        if sure is None:
            sure = self._matched(now, expected)
        if sure is not None and self._plausible(sure):
            self._moved, self._unsure = sure, 0
            self._see_anew(now)
        else:
            carried = self._carried(before, now)
            self._moved = expected if carried is None else carried
            self._unsure += 1
        return Place(_moved(self._corners, self._moved), self._unsure)

    def _see(self, picture: Plane, corners: Points) -> None:
        """Take `picture` as the one in which the place was last seen well."""
        self._picture, self._corners = picture, corners
        self._moved = np.eye(2, 3)
        size_px = float(np.linalg.norm(np.ptp(corners, 0)))
        self._points = _corners_in(picture, corners, 60, 3)
        if len(self._points) < 2 * _ENOUGH:  # plain: what is around it goes with it
            around = corners.mean(0) + (corners - corners.mean(0)) * np.float32(1.0) * (1 + 24 / max(size_px, 24))
            self._points = _corners_in(picture, around.astype(np.float32), 60, 3)

    def _found_again(self, now: Plane, expected: Affine) -> Affine | None:
        """Find the points again where they are expected."""
        guesses = _moved(self._points, expected)
        here = _inside(guesses, now)
        if here.sum() < _ENOUGH:
            return None
        fit = _fit(*_flow_near(self._picture, now, self._points[here], guesses[here]))
        return None if fit is None or fit[1] < _SHARE * here.sum() else fit[0]

    def _matched(self, now: Plane, expected: Affine) -> Affine | None:
        """Find the place as a whole, as it was last seen well, near where it is expected."""
        target = _moved(self._corners, expected)
        low, high = np.floor(target.min(0)).astype(int), np.ceil(target.max(0)).astype(int)
        size = high - low
        if size.min() < 6 or size.max() > max(now.shape) // 2:
            return None
        shifted = expected.copy()
        shifted[:, 2] -= low
        template = cv2.warpAffine(self._picture, shifted, tuple(size.tolist()), borderMode=cv2.BORDER_REPLICATE)
        if template.std() < 6:
            return None
        reach = 12 + size // 2
        first, last = np.maximum(low - reach, 0), np.minimum(high + reach, now.shape[::-1])
        search = now[first[1] : last[1], first[0] : last[0]]
        if search.shape[0] < size[1] or search.shape[1] < size[0]:
            return None
        alike = cv2.matchTemplate(search, template, cv2.TM_CCOEFF_NORMED)
        _, best, _, where = cv2.minMaxLoc(alike)
        if best < _ALIKE:
            return None
        found = expected.copy()
        found[:, 2] += first + where - low
        return found

    def _carried(self, before: Plane, now: Plane) -> Affine | None:
        """Go with what lies in and around the place from the frame before."""
        corners = _moved(self._corners, self._moved)
        middle = corners.mean(0)
        around = middle + (corners - middle) * np.float32(1.6)
        points = _corners_in(before, around.astype(np.float32), 60, 4)
        if len(points) < _ENOUGH:
            return None
        fit = _fit(*_flow_near(before, now, points, points))
        if fit is None or fit[1] < 0.6 * len(points):
            return None
        return _after(fit[0], self._moved)

    def _plausible(self, moved: Affine) -> bool:
        step = _size(moved) / max(_size(self._moved), 1e-6)
        return _STEP[0] < step < _STEP[1]

    def _see_anew(self, now: Plane) -> None:
        """Go on from this frame when the place has become too different in size or turn."""
        turn_deg = abs(np.degrees(np.arctan2(self._moved[1, 0], self._moved[0, 0])))
        if 0.87 < _size(self._moved) < 1.15 and turn_deg < 8:
            return
        corners = _moved(self._corners, self._moved)
        if _inside(corners, now).all():
            self._see(now, corners)


def _size(moved: Affine) -> float:
    return float(np.hypot(moved[0, 0], moved[1, 0]))


def _after(second: Affine, first: Affine) -> Affine:
    """Return the motion that does `first`, then `second`."""
    whole = np.vstack([first, [0, 0, 1]])
    return np.asarray(second @ whole, np.float64)


def _moved(points: Points, by: Affine) -> Points:
    return (points @ by[:, :2].T + by[:, 2]).astype(np.float32)


def _inside(points: Points, picture: Plane) -> NDArray[np.bool_]:
    return np.asarray(((points >= 0) & (points < picture.shape[::-1])).all(1), np.bool_)


def _corners_in(picture: Plane, within: Points | None, most: int, apart_px: int) -> Points:
    """Return points (n, 2) that can be found again, inside a polygon or anywhere."""
    mask, origin = None, np.zeros(2, np.float32)
    if within is not None:
        low = np.maximum(np.floor(within.min(0)).astype(int) - 8, 0)
        high = np.minimum(np.ceil(within.max(0)).astype(int) + 8, picture.shape[::-1])
        if (high - low).min() < 10:
            return np.zeros((0, 2), np.float32)
        picture, origin = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]]), low.astype(np.float32)
        mask = np.zeros(picture.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(within - origin).astype(np.int32)], (255,))
    found: Any = cv2.goodFeaturesToTrack(picture, most, 0.02, apart_px, mask=mask, blockSize=3)
    return np.zeros((0, 2), np.float32) if found is None else (found.reshape(-1, 2) + origin).astype(np.float32)


def _flow_near(old: Plane, new: Plane, points: Points, guesses: Points) -> tuple[Points, Points]:
    """Return the points that were found again and where; only what lies around them is looked at."""
    margin = 48
    first = [np.floor(p.min(0)).astype(int) - margin for p in (points, guesses)]
    size = np.max(
        [np.ceil(p.max(0)).astype(int) + margin - f for p, f in zip((points, guesses), first, strict=True)], 0
    )
    crops = []
    for picture, corner in zip((old, new), first, strict=True):
        low, high = np.maximum(corner, 0), np.minimum(corner + size, picture.shape[::-1])
        left, top = (low - corner).tolist()
        right, bottom = (corner + size - high).tolist()
        part = picture[low[1] : high[1], low[0] : high[0]]
        if not part.size:
            return points[:0], points[:0]
        crops.append(cv2.copyMakeBorder(part, top, bottom, left, right, cv2.BORDER_REPLICATE))
    origins = [f.astype(np.float32) for f in first]
    was, now = _flow(crops[0], crops[1], points - origins[0], guesses - origins[1])
    now = now + origins[1]
    seen = _inside(now, new)  # what lies beyond the picture's edge is made up
    return (was + origins[0])[seen], now[seen]


def _flow(old: Any, new: Any, points: Points, guesses: Points) -> tuple[Points, Points]:
    """Return the points that were found again and where; those that do not come back are dropped."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        old, new, points[:, None], guesses[:, None].copy(), flags=cv2.OPTFLOW_USE_INITIAL_FLOW, **_WINDOW
    )
    # Back from where it was found, by the mean motion: a point that came by chance goes elsewhere.
    back_guess = there - np.median(there - points[:, None], 0)
    back, again, _ = cv2.calcOpticalFlowPyrLK(
        new, old, there, back_guess.astype(np.float32), flags=cv2.OPTFLOW_USE_INITIAL_FLOW, **_WINDOW
    )
    off = np.linalg.norm(back[:, 0] - points, axis=1)
    good = (found[:, 0] > 0) & (again[:, 0] > 0) & (off < _BACK_PX)
    return points[good], there[good, 0].astype(np.float32)


def _fit(old: Points, new: Points) -> tuple[Affine, int] | None:
    """Return the similarity that most points agree on, and how many do."""
    if len(old) < _ENOUGH:
        return None
    cv2.setRNGSeed(1)  # the same film gives the same paths
    fit: Any
    fit, agree = cv2.estimateAffinePartial2D(old, new, method=cv2.RANSAC, ransacReprojThreshold=_OFF_PX, maxIters=300)
    if fit is None or int(agree.sum()) < _ENOUGH:
        return None
    return np.asarray(fit, np.float64), int(agree.sum())
