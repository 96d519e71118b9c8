"""Films of signs that stand, move, grow and are hidden for a while; where they are is known in every frame."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.films import Recipe, make
from tests.sight.written import scenery, write
from veil.media import probe
from veil.nouns.cast import Cast
from veil.nouns.film import Shot
from veil.nouns.picture import Box, Pixels
from veil.nouns.time import Span
from veil.stages.case import Case, CaseFolder

SIZE = (480, 270)
FRAMES = 36
Camera = Callable[[int], tuple[float, float, float]]
"""Returns for a frame how far the picture goes right and down, and by how much it grows."""


@dataclass(frozen=True)
class Sign:
    """A sign in a film: how the camera moves, and when a post passes in front."""

    camera: Camera
    hidden: tuple[int, int] = (0, 0)  # frames, half-open
    text: str = "AB 123 CD"

    def motion(self, index: int) -> NDArray[np.float64]:
        right, down, size = self.camera(index)
        return np.array([[size, 0, 240 - size * 480 + right], [0, size, 135 - size * 270 + down]], np.float64)

    def box(self, index: int) -> Box:
        """Return where the sign is in a frame."""
        corners = _world(self.text)[1]
        ends = np.array([[corners.left, corners.top, 1], [corners.right, corners.bottom, 1]]) @ self.motion(index).T
        return Box.around(ends).clipped(*SIZE)

    def paint(self, index: int) -> Pixels:
        world = _world(self.text)[0]
        pixels = cv2.warpAffine(world, self.motion(index), SIZE, flags=cv2.INTER_LINEAR).astype(np.int16)
        if self.hidden[0] <= index < self.hidden[1]:
            middle = round(self.box(index).centre[0])
            pixels[:, max(0, middle - 90) : middle + 90] = 70, 60, 50
        noise = np.random.default_rng(index).integers(-3, 4, (*SIZE[::-1], 1))
        return np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)


@cache
def _world(text: str) -> tuple[Pixels, Box]:
    """Return a wide picture with one sign in its middle, and where that is."""
    pixels = scenery(960, 540, 3)
    box = write(pixels, text, 400, 250)
    return pixels, box


def case_of(folder: Path, *shots: Callable[[int], Pixels], frames: int = FRAMES) -> tuple[Case, CaseFolder]:
    """Write a film of so many shots of equal length, and a case in which nobody was seen."""

    def paint(index: int) -> Pixels:
        return shots[index // frames](index % frames)

    recipe = Recipe(frames=frames * len(shots), size=SIZE)
    film = probe(make(folder / "film.mp4", recipe, paint))
    kept = CaseFolder(folder / "film.veil")
    kept.make()
    spans = [Span(Fraction(k * frames, 25), Fraction((k + 1) * frames, 25)) for k in range(len(shots))]
    found = tuple(Shot(span, k * frames, (k + 1) * frames) for k, span in enumerate(spans))
    return Case(film, recipe.frames, 0, found, Cast((), ()), {}, {}), kept
