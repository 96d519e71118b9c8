"""Who is in the film: faces, tracks that never blink, people, and the cast."""

from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from veil.nouns.body import Body
from veil.nouns.light import LIGHT_TERMS, Light
from veil.nouns.picture import Box, Pixels, Points


class Sure(IntEnum):
    """How well a face is known in a frame; the less, the stronger its cover."""

    FITTED = 0  # the mesh fits
    SEEN = 1  # a detector sees a face, the mesh does not fit
    LOST = 2  # it was here a moment ago


ROW = np.dtype(
    [
        ("index", "<i4"),
        ("sure", "u1"),
        ("presence", "<f4"),
        ("box", "<f4", (4,)),  # left, top, right, bottom of the head's front, upright pixels
        ("mesh", "<f4", (478, 3)),
        ("light", "<f4", (LIGHT_TERMS, 3)),
        ("grain", "<f4"),  # standard deviation of the noise beside the face, code values
        ("blur", "<f4"),  # softness of the shot at the face, standard deviation in pixels
        ("speck", "<f4"),  # how large the noise's grains are, standard deviation in pixels
        ("lift", "<f4"),  # how bright the darkest things beside the face are in a flat picture, code values
    ]
)
"""One frame of one track, as kept on disk."""


@dataclass(frozen=True, eq=False)
class OtherMouth:
    """A mouth that says something else than was filmed: the mesh that a double wears, and what no mesh tells."""

    mesh: Points  # (478, 3), upright pixels
    outline: Points  # (478, 3): the same with a jaw that is as low as the filmed one is at most for a while
    jaw: float  # 0 closed to 1 wide open
    tongue: float  # 0 at rest to 1 behind the upper teeth
    share: float  # 0 to 1: how far it has taken the place of the filmed mouth

    def moved(self, shift: NDArray[np.float32]) -> "OtherMouth":
        """Return it further right, down and away by `shift` (3,) pixels."""
        return replace(self, mesh=self.mesh + shift, outline=self.outline + shift)


@dataclass(frozen=True, eq=False)
class Face:
    """One person's face at one instant: everything of it that a disguise may know.

    `mesh` (478, 3) in upright pixels holds pose, expression and gaze; it is what it last was where `sure` is not
    FITTED. `box` is the front of the head: what must be covered. Both are as filmed, whatever a mouth is made to say.
    """

    at: Fraction
    box: Box
    mesh: Points
    sure: Sure
    light: Light
    grain: float = 0.0
    blur: float = 0.0
    speck: float = 0.0  # size of the grains, standard deviation in pixels
    lift: float = 0.0  # how bright black is, code values: above 0 in material that is not graded yet
    step: tuple[float, float] = (0.0, 0.0)  # how far the head goes in a frame, right and down, pixels
    strength: float = 0.0  # how far the cover is on its way from the double (0) to the next stronger cover (1)
    alone: float = 1.0  # 0 where somebody else's face is so near that the picture around this one must stay as it is
    body: Body | None = None  # where a disguise needs it, and it is known
    spoken: OtherMouth | None = None  # where a double's mouth says something else than was filmed

    def moved(self, right_px: float, down_px: float) -> "Face":
        """Return the face in a picture whose origin lies that much further left and up."""
        shift = np.array([right_px, down_px, 0], np.float32)
        box = Box(
            self.box.left + round(right_px),
            self.box.top + round(down_px),
            self.box.right + round(right_px),
            self.box.bottom + round(down_px),
        )
        body = None if self.body is None else self.body.moved(right_px, down_px)
        spoken = None if self.spoken is None else self.spoken.moved(shift)
        return replace(self, mesh=self.mesh + shift, box=box, body=body, spoken=spoken)


@dataclass(frozen=True, eq=False)
class Fitting:
    """A look at a witness in the fitting room: a square crop, the mesh and the light in it."""

    crop: Pixels
    mesh: Points  # (478, 3), in the crop's pixels
    light: Light


@dataclass(frozen=True)
class Track:
    """One face through one shot, frames `first` to `last` (half-open) without a gap; rows of `ROW` in `path`."""

    label: str  # T1, T2, ...
    shot: int
    first: int
    last: int
    path: Path

    def rows(self) -> NDArray[np.void]:
        """Return the rows as a read-only map of the file, for looking up a few."""
        return np.memmap(self.path, dtype=ROW, mode="r", shape=(self.last - self.first,))

    def read(self, first: int, last: int) -> NDArray[np.void]:
        """Return rows `first` to `last` (half-open, counted from the track's start; clipped) out of the file."""
        first, last = max(0, first), min(last, self.last - self.first)
        return np.fromfile(self.path, ROW, max(0, last - first), offset=first * ROW.itemsize)

    def fittings(self) -> list[Fitting]:
        """Return the few looks that were kept of it, best spread over its time; none where it was never fitted."""
        path = self.path.with_suffix(".npz")
        if not path.is_file():
            return []
        with np.load(path) as kept:
            return [Fitting(*one) for one in zip(kept["crops"], kept["meshes"], kept["lights"], strict=True)]


@dataclass(frozen=True)
class Person:
    """Someone in the film, under a label (P1, P2, ...) that says nothing of them."""

    label: str
    tracks: tuple[str, ...]


@dataclass(frozen=True)
class Looks:
    """How someone may look to a stranger: a guess, for casting only."""

    sex: float  # 0 female to 1 male


@dataclass(frozen=True)
class Cast:
    """Everyone who was seen. Every track belongs to exactly one person."""

    tracks: tuple[Track, ...]
    people: tuple[Person, ...]

    def __post_init__(self) -> None:
        owned = [t for p in self.people for t in p.tracks]
        if sorted(owned) != sorted(t.label for t in self.tracks):
            raise ValueError("every track must belong to exactly one person")
