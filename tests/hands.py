"""Hands that nobody has: an open palm, shaded as round fingers are, with its 21 points known."""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Pixels, Points
from veil.sight.hands import FINGERS, HAND_POINTS

_KNUCKLES = {1: (-0.24, -0.20), 5: (-0.26, -0.95), 9: (-0.04, -1.0), 13: (0.16, -0.94), 17: (0.34, -0.80)}
_LENGTHS = ((0.33, 0.25, 0.22), (0.46, 0.28, 0.22), (0.52, 0.31, 0.23), (0.47, 0.29, 0.22), (0.36, 0.22, 0.20))
_WAYS_DEG = (-46.0, -12.0, -2.0, 8.0, 20.0)  # clockwise from up
_WIDE = (0.13, 0.10, 0.10, 0.095, 0.085)  # half of each finger, of the palm's length


def open_hand(x: float, y: float, palm_px: float, turn_deg: float = 0.0) -> Points:
    """Return the points (21, 3) of an open hand whose wrist is at (x, y), fingers up, turned clockwise."""
    points = np.zeros((HAND_POINTS, 3), np.float32)
    for finger, lengths, way in zip(FINGERS, _LENGTHS, np.radians(_WAYS_DEG), strict=True):
        at = np.array(_KNUCKLES[finger[0]])
        points[finger[0], :2] = at
        for point, length in zip(finger[1:], lengths, strict=True):
            at = at + length * np.array([np.sin(way), -np.cos(way)])
            points[point, :2] = at
    turn = np.radians(turn_deg)
    c, s = np.cos(turn), np.sin(turn)
    points[:, :2] = points[:, :2] @ np.array([[c, s], [-s, c]]) * palm_px + (x, y)
    return points


def draw_hand(pixels: Pixels, points: Points, skin: tuple[int, int, int] = (186, 138, 112)) -> NDArray[np.float32]:
    """Draw a hand into a picture, lit from the upper left; return its true cover, 0..1, (H, W)."""
    palm = float(np.linalg.norm(points[9] - points[0]))
    whole = np.zeros(pixels.shape[:2], np.uint8)
    light = np.full(pixels.shape[:2], 0.45, np.float32)
    knuckles = points[[0, 1, 5, 9, 13, 17], :2]
    middle = knuckles.mean(0)
    ring = cv2.convexHull((middle + 1.22 * (knuckles - middle)).round().astype(np.int32))
    parts = [np.zeros_like(whole)]
    cv2.fillConvexPoly(parts[0], ring, 255, cv2.LINE_AA)
    for finger, half in zip(FINGERS, _WIDE, strict=True):
        part = np.zeros_like(whole)
        line = (points[list(finger), :2] * 16).round().astype(np.int32)
        cv2.polylines(part, [line], False, 255, max(2, round(2 * half * palm)), cv2.LINE_AA, 4)
        parts.append(part)
    for part in parts:
        deep = cv2.distanceTransform((part > 127).astype(np.uint8), cv2.DIST_L2, 5)
        round_ = np.sqrt(np.clip(deep / max(float(deep.max()), 1.0), 0, 1))
        slope = cv2.Sobel(round_, cv2.CV_32F, 1, 0) + cv2.Sobel(round_, cv2.CV_32F, 0, 1)
        shade = 0.55 + 0.45 * round_ + 0.12 * np.clip(slope, -1, 1)
        light = np.where(part > 127, shade, light).astype(np.float32)
        whole = np.maximum(whole, part)
    cover = np.asarray(cv2.GaussianBlur(whole, (0, 0), 0.7), np.float32) * np.float32(1 / 255)
    shown = np.array(skin, np.float32) * np.clip(light, 0.3, 1.15)[..., None]
    pixels[:] = np.clip(pixels + (shown - pixels) * cover[..., None] + 0.5, 0, 255).astype(np.uint8)
    return cover
