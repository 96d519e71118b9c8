"""Films of made-up cameras: scenes that move or stand still, seen through a sensor with a pattern of its own."""

from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Frame, Picture

Field = NDArray[np.float32]
SIZE = (240, 320)


def pattern(seed: int, strength: float = 0.006, size: tuple[int, int] = SIZE) -> Field:
    """Return how much more each pixel of a sensor answers, as a share of the light."""
    return (strength * np.random.default_rng(seed).standard_normal(size)).astype(np.float32)


def filmed(
    sensor: Field | None, *, frames: int = 80, moves: bool = True, noise: float = 1.5, seed: int = 0
) -> list[Frame]:
    """Return a film of soft hills, a bright house and a dark pole, through a sensor; `noise` in code values."""
    rng = np.random.default_rng(seed)
    height, width = sensor.shape if sensor is not None else SIZE
    hills = cv2.GaussianBlur(rng.standard_normal((height + 200, width + 200)).astype(np.float32), (0, 0), 22)
    scene = (120 + 35 * hills / hills.std()).astype(np.float32)
    cv2.rectangle(scene, (150, 140), (230, 260), 210, -1)
    cv2.line(scene, (60, 60), (420, 330), 40, 3)
    half = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    film = []
    for index in range(frames):
        left, top = (
            (round(100 + 95 * np.sin(0.17 * index)), round(100 + 95 * np.cos(0.11 * index))) if moves else (60, 60)
        )
        light = scene[top : top + height, left : left + width]
        seen = light if sensor is None else light * (1 + sensor)
        y = np.clip(np.round(seen + noise * rng.standard_normal(seen.shape)), 0, 255).astype(np.uint8)
        film.append(Frame(index, Fraction(index, 25), Picture(y, half, half)))
    return film
