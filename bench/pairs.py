"""Walks through a film and its disguised result together, and follows every face of the original through both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from bench.landmarks import SURE, Eyes
from veil.media import probe, read
from veil.nouns.picture import Box, Picture, Points

_LOOK_EVERY = 5
_LOOK_DEEP_EVERY = 25


@dataclass(frozen=True, eq=False)
class FacePair:
    """One face in one frame: its mesh (478, 3) in the original, and the mesh found at that place in the result."""

    track: int
    original: Points
    result: Points
    presence: float  # in the result, 0..1

    @property
    def width_px(self) -> float:
        """Between the ears, in the original."""
        return float(np.linalg.norm(self.original[234, :2] - self.original[454, :2]))


@dataclass(frozen=True, eq=False)
class FramePair:
    """One frame of both films, with the faces of the original."""

    index: int
    at: Fraction
    original: Picture
    result: Picture
    faces: tuple[FacePair, ...]


@dataclass(eq=False)
class Walk:
    """What a walk found besides the frames."""

    frames: int = 0
    missing: int = 0  # frames of one film that the other does not have
    shifted_s: Fraction = field(default_factory=Fraction)  # largest difference between the instants of a pair


class _Follower:
    """Follows faces from frame to frame by their meshes, and looks for new ones every few frames."""

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes
        self.live: dict[int, Points] = {}
        self._next = 0

    def follow(self, index: int, picture: Picture) -> dict[int, Points]:
        """Return the meshes of the faces in this frame by track."""
        moved: dict[int, Points] = {}
        for track, before in self.live.items():
            points, presence = self.eyes.near(picture, before)
            if presence >= SURE and self._new(points, moved):
                moved[track] = points
        if index % _LOOK_EVERY == 0 or len(moved) < len(self.live):
            for sighting in self.eyes.faces(picture, deep=index % _LOOK_DEEP_EVERY == 0):
                points, presence = self.eyes.at_box(picture, sighting)
                if presence >= SURE and self._new(points, moved):
                    moved[self._next] = points
                    self._next += 1
        self.live = moved
        return moved

    @staticmethod
    def _new(points: Points, known: dict[int, Points]) -> bool:
        box = Box.around(points)
        return all(box.overlap(Box.around(k)) < 0.4 for k in known.values())


def walk(original: Path, result: Path, eyes: Eyes, found: Walk) -> Iterator[FramePair]:
    """Yield every frame that both films have; what does not match is counted in `found`.

    Raises VeilError when one cannot be read, ValueError when their sizes differ.
    """
    films = probe(original), probe(result)
    if (films[0].width, films[0].height) != (films[1].width, films[1].height):
        raise ValueError(f"the result is {films[1].width}x{films[1].height}, not {films[0].width}x{films[0].height}")
    follower = _Follower(eyes)
    with read(films[0]) as ones, read(films[1]) as others:
        for one in ones:
            other = next(others, None)
            if other is None:
                found.missing += 1
                continue
            faces = []
            for track, points in follower.follow(one.index, one.picture).items():
                seen, presence = eyes.near(other.picture, points)
                faces.append(FacePair(track, points, seen, presence))
            found.frames += 1
            found.shifted_s = max(found.shifted_s, abs(one.at - other.at))
            yield FramePair(one.index, one.at, one.picture, other.picture, tuple(faces))
        found.missing += sum(1 for _ in others)
