"""A double and the head around it: outline, hair, ears, glasses and beard, worn as one disguise."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from veil.disguise.contract import Strength
from veil.disguise.faces.beard import Fringe
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.ears import Ears
from veil.disguise.faces.glasses import GlassesWorn
from veil.disguise.faces.hair import Dye, hair_of
from veil.disguise.faces.outline import Outline
from veil.disguise.faces.shade import shade_head, shaded_head
from veil.nouns.cast import Face, Fitting, Sure
from veil.nouns.double import Double, Glasses
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Pixels, Points
from veil.nouns.plan import Beyond, Spectacles

_HAIR = 0.35  # of the face's box: so far around it hair is shaded where a dye is on


class Head:
    """A face double, and what the plan changes around it. `neutral` (478, 3) is the witness's calm face."""

    name = "double"
    strength = Strength.DOUBLE

    def __init__(
        self, inner: FaceDouble, double: Double, neutral: Points, beyond: Beyond, looks: Sequence[Fitting] = ()
    ) -> None:
        """`looks` at the witness tell what their hair is like; they are asked only where it is to be dyed."""
        self._inner = inner
        self._outline = Outline(double.mesh, neutral, beyond.outline)
        still = Face(Fraction(0), Box(0, 0, 1, 1), neutral, Sure.FITTED, np.zeros((LIGHT_TERMS, 3), np.float32))
        calm = inner.shape(still)
        chosen = _chosen(beyond.glasses, double)
        self._ears = Ears(neutral) if beyond.ears == "softened" else None
        self._fringe = Fringe(double) if double.beard > 0 else None
        hair = None if beyond.hair == "as it is" else hair_of(looks)
        self._dye = None if hair is None else Dye(hair, beyond.hair)
        self._glasses = GlassesWorn(chosen, calm, neutral) if chosen else None

    def reach(self, face: Face) -> Box:
        """Return what the double needs, and the part of the picture that follows the outline."""
        boxes = [self._inner.reach(face).grown(0.06), self._outline.reach(face)]
        if self._ears is not None and face.sure is Sure.FITTED:
            boxes.append(Box.around(face.mesh[:468]).grown(0.3))
        if self._dye is not None and face.sure is Sure.FITTED:
            boxes.append(self._dye.reach(face))
        if self._dye is not None and (face.sure is not Sure.FITTED or face.strength > 0):
            boxes.append(shaded_head(self._in_shadow(face)))
        return Box.union(boxes)

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the double in it and the head around it changed.

        Raises ValueError when the mesh is no face, so that the paint would not cover the head.
        """
        if face.sure is not Sure.FITTED or face.strength >= 1:
            out = self._inner.wear(patch, face, seed)
            return out if self._dye is None else shade_head(out, self._in_shadow(face), 1.0)
        eared = patch if self._ears is None else self._ears.bend(patch, face)
        bent = self._outline.bend(eared, face)
        own = bent.patch.copy() if bent.patch is patch else bent.patch
        out = self._dressed(own, replace(face, strength=0.0), replace(bent.face, strength=0.0), seed)
        return shade_head(out, self._in_shadow(face), face.strength) if face.strength > 0 else out  # over all of it

    def _dressed(self, patch: Pixels, face: Face, bent: Face, seed: int) -> Pixels:
        """Return a patch, which fits the `bent` face and is written, with all that is worn on it."""
        out = self._within(patch, bent, seed)
        if self._dye is not None:
            out = self._dye.wear(out, bent)
        if self._fringe is None and self._glasses is None:
            return out
        surface = self._inner.shape(bent)
        if self._fringe is not None:
            self._fringe.wear(out, face, surface, seed)
        if self._glasses is not None:
            self._glasses.wear(out, face, surface, seed)
        return out

    def _in_shadow(self, face: Face) -> Face:
        """Return the head that a shadow covers: larger where hair is dyed, whose own colour must not show."""
        return face if self._dye is None else replace(face, box=face.box.grown(_HAIR))

    def _within(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch, which is written, with the double worn in the part that it needs."""
        box = self._inner.reach(face).clipped(patch.shape[1], patch.shape[0])
        if not box.area:
            return self._inner.wear(patch, face, seed)
        part = patch[box.top : box.bottom, box.left : box.right]
        part[:] = self._inner.wear(part, face.moved(-box.left, -box.top), seed)
        return patch


def as_usual(double: Double, neutral: Points) -> Head:
    """Return a double as it is worn where the plan says nothing else: its own outline, glasses and beard."""
    return Head(FaceDouble(double, neutral), double, neutral, Beyond())


def _chosen(wish: Spectacles, double: Double) -> Glasses | None:
    """Return the glasses that the plan wants on a double."""
    if wish == "as the double's":
        return double.glasses
    return None if wish == "none" else Glasses(wish)
