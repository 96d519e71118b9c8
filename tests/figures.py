"""Figures that are nobody: a head on a drawn body in a shirt with letters, with the truth of what is what."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tests import faces
from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels

WIDTH, HEIGHT = 360, 420
EARS_PX = 70
MIDDLE = 180
SKIN = (188, 136, 108)
SHIRT = (58, 70, 96)
_SHOULDERS, _HAND = 190, (118, 330)
Mask = NDArray[np.bool_]
SQUARE = Box(-60, 0, 400, 460)


def body_mask(right_px: float = 0.0) -> Mask:
    """Return which pixels are of the figure: head, neck, shirt and hand."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    middle = round((MIDDLE + right_px) * 16)
    cv2.ellipse(mask, (middle, 110 * 16), (44 * 16, 60 * 16), 0, 0, 360, 1, -1, cv2.LINE_8, 4)
    cv2.rectangle(mask, (round(middle / 16) - 22, 140), (round(middle / 16) + 22, 200), 1, -1)
    mask[shirt_mask(right_px)] = 1
    return mask > 0


def shirt_mask(right_px: float = 0.0) -> Mask:
    """Return which pixels are of the shirt, the hand in front of it too."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    corners = [(-40, _SHOULDERS - 8), (40, _SHOULDERS - 8), (108, _SHOULDERS + 30), (118, HEIGHT), (-118, HEIGHT)]
    corners += [(-108, _SHOULDERS + 30)]
    cv2.fillPoly(mask, [np.array([(round(MIDDLE + right_px + x), y) for x, y in corners])], 1)
    neck = np.zeros_like(mask)
    cv2.ellipse(neck, (round(MIDDLE + right_px), _SHOULDERS - 8), (24, 14), 0, 0, 360, 1, -1)
    return np.asarray((mask > 0) & (neck == 0), np.bool_)


def hand_mask(right_px: float = 0.0) -> Mask:
    """Return which pixels are of the hand."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(mask, (round(_HAND[0] + right_px), _HAND[1]), 20, 1, -1)
    return mask > 0


def face_of(right_px: float = 0.0, *, body: bool = True) -> Face:
    """Return the figure's face, lit from the left of the picture, and their true body."""
    mesh = faces.posed("farah", faces.Pose(MIDDLE + right_px, 112, EARS_PX))
    face = faces.face_of(mesh, "farah")
    light = np.zeros_like(face.light)
    light[0] = np.log(np.array(SKIN, np.float32) + 6)
    light[1] = -0.2
    face = replace(face, light=light)
    return replace(face, body=body_of(right_px)) if body else face


def body_of(right_px: float = 0.0, square: Box = SQUARE) -> Body:
    """Return the figure's true body in a square."""
    canvas = np.zeros((square.height, square.width), np.uint8)
    canvas[-square.top : HEIGHT - square.top, -square.left : WIDTH - square.left] = 255 * body_mask(right_px)
    share = cv2.resize(canvas, (BODY_CELLS, BODY_CELLS), interpolation=cv2.INTER_AREA)
    joints = np.zeros((JOINTS, 3), np.float32)
    told = {0: (0, 115), 11: (85, 215), 12: (-85, 215), 13: (100, 300), 14: (-100, 300), 23: (60, 400), 24: (-60, 400)}
    for joint, (x, y) in told.items():
        joints[joint] = MIDDLE + right_px + x, y, 1
    for joint in (16, 18, 20, 22):
        joints[joint] = _HAND[0] + right_px, _HAND[1], 1
    return Body(square, np.asarray(share, np.uint8), joints)


def paint(right_px: float = 0.0, letters: str = "NOT", seed: int = 1) -> Pixels:
    """Return the figure before a wall: a shirt with a fold and letters, a bare neck, a bare hand."""
    pixels = faces.backdrop(WIDTH, HEIGHT, 3).astype(np.float32)
    pixels[body_mask(right_px)] = SKIN
    shirt = np.zeros((HEIGHT, WIDTH, 3), np.float32) + SHIRT
    across = np.arange(WIDTH, dtype=np.float32) - MIDDLE - right_px
    shirt *= (1 + 0.22 * np.cos(across / 28))[None, :, None]
    for line, y in enumerate((270, 325, 380)):
        place = (round(MIDDLE + right_px - 50 + 12 * line), y)
        if letters:
            ink = np.zeros((HEIGHT, WIDTH), np.uint8)
            cv2.putText(ink, letters, place, cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 4, cv2.LINE_AA)
            shirt += (np.array([235, 235, 230], np.float32) - shirt) * (ink[..., None] / 255)
    pixels[shirt_mask(right_px)] = shirt[shirt_mask(right_px)]
    pixels[hand_mask(right_px)] = SKIN
    hair = body_mask(right_px) & (np.arange(HEIGHT)[:, None] < 82)
    pixels[hair] = 40, 30, 26
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.7), np.float32)
    pixels += np.random.default_rng(seed).normal(0, 1.2, pixels.shape)
    return np.asarray(np.clip(pixels, 0, 255), np.uint8)
