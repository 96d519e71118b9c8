"""The one contract that every disguise keeps."""

from enum import IntEnum
from typing import Protocol

from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels


class Strength(IntEnum):
    """How much a disguise hides; the cutting room only ever goes up."""

    DOUBLE = 1
    SHADOW = 2
    BLACKOUT = 3


class Disguise(Protocol):
    """Turns a patch of film showing one face into a patch showing another.

    It opens no files, keeps no state between frames, and draws no randomness but its seed. Everything it puts over
    the face comes from `face` alone, never from the face's pixels.
    """

    @property
    def name(self) -> str: ...

    @property
    def strength(self) -> Strength: ...

    def reach(self, face: Face) -> Box:
        """Return the part of the picture that it needs as a patch; it may lie outside the picture."""
        ...

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return a new patch of the same shape; `patch` is read-only, `face` is in the patch's pixels."""
        ...
