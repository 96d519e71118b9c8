"""Finds whose body is where: BlazePose's net (Bazarevsky et al. 2020), which knows one person among others.

A second net, which knows people from all else but not one from another, decides where the first is in doubt.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, tflite_net
from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.picture import Box, Picture, Pixels

_ABOVE = 0.9  # heights of a face: so far above its box a body's square begins
_SIZES = (6.5, 10.0)  # of a face: the least and the most that a square measures
_THERE = 0.5  # the net's own score from which it is a person
_FILLED = 0.6  # of the face's place, where the score says no: it doubts whoever shows little but head and shoulders
_DOUBT, _BESIDE = 6.0, 0.75  # at the word of the second net: times as likely as the first says; beside the body
_BESIDE_CELLS = 6
_EVERY = 4  # a shade of likelihood a few codes off is no news


class BodySight:
    """Looks at bodies; holds a net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = tflite_net("body", "sight")
        self._anybody: Net = tflite_net("person_mask", "sight")

    def look(self, picture: Picture, square: Box, face: Box) -> tuple[Body | None, Pixels]:
        """Return the body under a face in its square, None where there is none, and the square's pixels.

        The square is `square_of` the face; the pixels are (BODY_CELLS, BODY_CELLS, 3), black outside the picture.
        """
        pixels = _cropped(picture, square)
        batch = np.asarray(pixels, np.float32)[None] / np.float32(255)
        points, score, logits, *_ = self._net(batch)
        likely = np.asarray(1 / (1 + np.exp(-np.clip(logits[0, :, :, 0], -30, 30))), np.float32)
        if float(score.ravel()[0]) < _THERE and float(likely[_face_cells(square, face)].mean()) < _FILLED:
            return None, pixels
        likely = _beyond_doubt(likely, self._anybody(batch)[0][0, :, :, 0]) * _in_picture(picture, square)
        share = np.asarray(np.minimum(255, np.round(255 / _EVERY * likely) * _EVERY), np.uint8)
        told = points.reshape(-1, 5)[:JOINTS]
        joints = np.empty((JOINTS, 3), np.float32)
        joints[:, :2] = told[:, :2] * (square.width / BODY_CELLS) + (square.left, square.top)
        joints[:, 2] = 1 / (1 + np.exp(-np.clip(told[:, 3], -30, 30)))
        return Body(square, share, joints), pixels


def square_of(box: Box, height: int) -> Box:
    """Return the square in which the net sees the body under a face best, in a picture of that height.

    It holds the head, and the body to the picture's lower edge where the net can still see it then.
    """
    unit = max(box.width, 0.8 * box.height, 8.0)
    top = box.top - _ABOVE * box.height
    side = float(np.clip(1.05 * (height - top), _SIZES[0] * unit, _SIZES[1] * unit))
    left = box.centre[0] - side / 2
    return Box(round(left), round(top), round(left) + round(side), round(top) + round(side))


def _beyond_doubt(likely: NDArray[np.float32], anybody: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is likely one's own: beside it, or where it is in doubt, what is sure to be somebody's, too."""
    side = 2 * _BESIDE_CELLS + 1
    beside = cv2.dilate(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    sure = np.clip((anybody - 0.5) / 0.45, 0, 1)
    most = np.maximum(_DOUBT * likely, _BESIDE * np.clip(2 * beside - 1, 0, 1))
    return np.asarray(np.maximum(likely, np.minimum(sure, most)), np.float32)


def _in_picture(picture: Picture, square: Box) -> NDArray[np.float32]:
    """Return 1 for the cells of a square that lie in the picture or touch it, else 0."""
    cell = square.width / BODY_CELLS
    x = square.left + np.arange(BODY_CELLS) * cell
    y = square.top + np.arange(BODY_CELLS) * cell
    across, down = (x > -2 * cell) & (x < picture.width + cell), (y > -2 * cell) & (y < picture.height + cell)
    return np.asarray(down[:, None] & across[None], np.float32)


def _face_cells(square: Box, face: Box) -> tuple[slice, slice]:
    """Return the rows and columns of a square in which the middle of a face lies."""
    cell = square.width / BODY_CELLS
    x, y = (face.centre[0] - square.left) / cell, (face.centre[1] - square.top) / cell
    half = max(1.0, 0.3 * face.width / cell), max(1.0, 0.35 * face.height / cell)
    left, top = max(0, round(x - half[0])), max(0, round(y - half[1]))
    return slice(top, max(top + 1, round(y + half[1]))), slice(left, max(left + 1, round(x + half[0])))


def _cropped(picture: Picture, square: Box) -> Pixels:
    """Return a square of the picture in BODY_CELLS, brought down by area; black outside the picture."""
    inside = picture.even(square)
    cells: NDArray[np.uint8] = np.zeros((BODY_CELLS, BODY_CELLS, 3), np.uint8)
    if min(inside.width, inside.height) < 2:
        return cells
    scale = BODY_CELLS / square.width
    size = max(2, round(inside.width * scale)), max(2, round(inside.height * scale))
    small = picture.scaled(inside, *size)
    across, down = inside.width * scale / size[0], inside.height * scale / size[1]
    left, top = (inside.left - square.left) * scale, (inside.top - square.top) * scale
    onto = np.array([[across, 0, left + 0.5 * across - 0.5], [0, down, top + 0.5 * down - 0.5]])
    return np.asarray(cv2.warpAffine(small, onto, (BODY_CELLS, BODY_CELLS)), np.uint8)
