"""Pictures with writing in them, painted on the spot."""

import cv2
import numpy as np

from veil.nouns.picture import Box, Colour, Picture, Pixels


def picture_of(pixels: Pixels) -> Picture:
    """Return RGB pixels of even size as a picture."""
    height, width = pixels.shape[:2]
    stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420).astype(np.uint8)
    u, v = stored[height:].reshape(2, height // 2, width // 2)
    return Picture(stored[:height].copy(), u.copy(), v.copy(), Colour("bt601"))


def scenery(width: int, height: int, seed: int = 1) -> Pixels:
    """Return a soft background with boxes and discs in it, and no writing."""
    rng = np.random.default_rng(seed)
    base = cv2.resize(rng.integers(40, 200, (4, 6, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    pixels = np.ascontiguousarray(base, np.uint8)
    for _ in range(width * height // 6000):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        colour = tuple(int(c) for c in rng.integers(30, 220, 3))
        cv2.rectangle(pixels, (x, y), (x + int(rng.integers(8, 50)), y + int(rng.integers(8, 50))), colour, -1)
        cv2.circle(pixels, (int(rng.integers(width)), int(rng.integers(height))), int(rng.integers(3, 12)), colour, -1)
    return pixels


def write(pixels: Pixels, text: str, left: int, top: int, tall: float = 1.0) -> Box:
    """Write light letters on a dark plate into `pixels`; return the plate's box."""
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, tall, 2)
    plate = Box(left, top, left + width + 12, top + height + base + 10)
    cv2.rectangle(pixels, (plate.left, plate.top), (plate.right - 1, plate.bottom - 1), (20, 30, 60), -1)
    cv2.putText(
        pixels, text, (left + 6, top + height + 5), cv2.FONT_HERSHEY_SIMPLEX, tall, (240, 240, 235), 2, cv2.LINE_AA
    )
    return plate
