"""The cutting room: crops, dresses, pastes, and writes down what was paid. A disguise cannot forget a face."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise import Disguise, Strength, wardrobe
from veil.disguise.faces.blackout import Blackout
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.shade import shade_head
from veil.disguise.faces.shadow import Shadow
from veil.models.topology import OVAL
from veil.nouns.cast import Face, Sure
from veil.nouns.cut import Ledger
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Frame, Pixels
from veil.nouns.plan import Plan
from veil.sight.motion import Motion
from veil.stages.case import Case

_ENOUGH = 0.5  # of the pixels owed must have changed, else the cover is not believed
_FLAT = 4.0  # code values: a cover as flat as this holds no face, changed or not


@dataclass(frozen=True)
class _Part:
    """One track and who plays it."""

    motion: Motion
    person: str


@dataclass(frozen=True, eq=False)
class Settled:
    """A stretch of film in which everything owed was paid."""

    owed: int
    paid: int
    escalated: int
    painted: NDArray[np.int32]  # (n, 5): frame, left, top, right, bottom


class CuttingRoom:
    """Dresses the frames of one case by one plan."""

    def __init__(
        self, case: Case, plan: Plan, found: dict[int, list[Box]], sums: NDArray[np.uint32] | None = None
    ) -> None:
        """`found` are faces that only an attack saw, by frame; `sums` what each frame was when it was watched."""
        self._sums = np.zeros(0, np.uint32) if sums is None else sums
        owner = {track: person.label for person in case.cast.people for track in person.tracks}
        rate_hz = float(case.film.rate_hz)
        tracks = sorted(case.cast.tracks, key=lambda t: t.first)
        self._coming = [(t, owner[t.label]) for t in reversed(tracks)]
        self._rate_hz = rate_hz
        self._here: list[_Part] = []
        self._case, self._plan, self._found = case, plan, found
        self._disguises: dict[str, Disguise] = {}
        self._blackout: Disguise = Blackout()
        self.ledger = Ledger()
        self.painted: list[tuple[int, int, int, int, int]] = []  # frame, left, top, right, bottom

    def dress(self, frame: Frame) -> Frame:
        """Return the frame with everyone in their disguise, far ones first; pay the ledger for each.

        A frame that is not what was watched (a damaged film can be decoded in two ways) is covered whole.
        """
        parts = self._on_screen(frame.index)
        if frame.index < len(self._sums) and frame.picture.sum() != self._sums[frame.index]:
            return self._blank(frame, parts)
        faces = [(part, part.motion.face(frame.index, frame.at)) for part in parts]
        extra = self._found.get(frame.index, [])
        if not faces and not extra:
            return frame
        dressed = Frame(frame.index, frame.at, frame.picture.copy())
        # The lost lie below: where somebody else's double is, no shadow falls on it.
        for part, face in sorted(faces, key=lambda pf: (pf[1].sure is Sure.FITTED, pf[1].box.area)):
            if not self._plan.role_of(part.person).shows(frame.at):
                self._cover(dressed, face, part)
        for box in extra:
            self._black(dressed, box)
        return dressed

    def settled(self) -> Settled:
        """Close the ledger so far and open a new one; raise Exposed when somebody was not covered."""
        ledger, painted = self.ledger, self.painted
        ledger.settle()
        self.ledger, self.painted = Ledger(), []
        boxes = np.array(painted, np.int32).reshape(-1, 5)
        return Settled(len(ledger.owed), len(ledger.paid & ledger.owed), ledger.escalated, boxes)

    def _on_screen(self, index: int) -> list[_Part]:
        while self._coming and self._coming[-1][0].first <= index:
            track, person = self._coming.pop()
            self._here.append(_Part(Motion(track, self._rate_hz), person))
        self._here = [p for p in self._here if p.motion.track.last > index]
        return self._here

    def _blank(self, frame: Frame, parts: list[_Part]) -> Frame:
        picture = frame.picture.copy()
        picture.y[:], picture.u[:], picture.v[:] = 24, 128, 128
        self.ledger.escalated += len(parts)
        self.ledger.paid.update((frame.index, part.motion.track.label) for part in parts)
        self.painted.append((frame.index, *_corners(picture.box)))
        return Frame(frame.index, frame.at, picture)

    def _cover(self, frame: Frame, face: Face, part: _Part) -> None:
        disguise = self._disguise_of(part.person)
        picture = frame.picture
        box = picture.even(disguise.reach(face))
        self.painted.append((frame.index, *_corners(box)))
        key = (frame.index, part.motion.track.label)
        if not box.area:  # the face lies outside the picture
            self.ledger.paid.add(key)
            return
        patch = picture.rgb(box)
        patch.flags.writeable = False
        here = face.moved(-box.left, -box.top)
        seed = _seed(self._plan.seed, part.person, frame.index)
        new = self._worn(disguise, patch, here, seed)
        if not _covered(patch, new, here):
            self.ledger.escalated += 1
            new = self._worn(self._blackout, patch, here, seed)
            if not _covered(patch, new, here):
                return  # unpaid: the ledger will not settle
        picture.paste(box, patch, new)
        self.ledger.paid.add(key)

    def _worn(self, disguise: Disguise, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return what a disguise makes of the patch; one that fails gives way to the blackout."""
        try:
            new = disguise.wear(patch, face, seed)
            if new.shape == patch.shape and new.dtype == np.uint8:
                return new
        except (ArithmeticError, ValueError, IndexError, RuntimeError, cv2.error, np.linalg.LinAlgError):
            if disguise.strength is Strength.BLACKOUT:
                raise
        self.ledger.escalated += 1
        return self._blackout.wear(patch, face, seed)

    def _black(self, frame: Frame, box: Box) -> None:
        """Cover a face that only the attack saw."""
        face = Face(frame.at, box, np.zeros((478, 3), np.float32), Sure.SEEN, np.zeros((LIGHT_TERMS, 3), np.float32))
        whole = frame.picture.even(box.grown(0.6))
        patch = frame.picture.rgb(whole)
        frame.picture.paste(whole, patch, shade_head(patch, face.moved(-whole.left, -whole.top), 1.0))
        self.painted.append((frame.index, *_corners(whole)))

    def _disguise_of(self, person: str) -> Disguise:
        if person not in self._disguises:
            self._disguises[person] = self._tailor(person)
        return self._disguises[person]

    def _tailor(self, person: str) -> Disguise:
        """Return what a person wears; without a calm face no double fits, and they go in shadow of the head."""
        role = self._plan.role_of(person)
        if role.cover == "blackout":
            return self._blackout
        if role.cover == "shadow":
            return Shadow()
        neutral = self._case.neutrals.get(person)
        name = role.double or next(iter(wardrobe.names()))
        if neutral is None:
            neutral = wardrobe.double(name).mesh  # never drawn: this person has no fitted frame
        return FaceDouble(wardrobe.double(name), neutral)


def _seed(seed: int, person: str, index: int) -> int:
    digest = hashlib.sha256(f"{seed}/{person}/{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _covered(patch: Pixels, new: Pixels, face: Face) -> bool:
    """Tell whether the paint reached the face: what was owed has changed, or is flat.

    Owed is what lies within the outline of a mesh that fits; else, or where the mesh is no face, the head's front.
    """
    front = face.box.grown(-0.15).clipped(patch.shape[1], patch.shape[0])
    outline = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
    fits = face.sure is Sure.FITTED and cv2.contourArea(outline) > 0.2 * face.box.area
    box = Box.around(outline[:, 0].astype(np.float32)).clipped(patch.shape[1], patch.shape[0]) if fits else front
    if not box.area:
        return True  # nothing of the face lies in the picture
    owed = np.full((box.height, box.width), 0 if fits else 255, np.uint8)
    if fits:
        cv2.fillConvexPoly(owed, outline - np.array([box.left, box.top]), 255)
    part = (slice(box.top, box.bottom), slice(box.left, box.right))
    planes = cv2.split(cv2.absdiff(patch[part], new[part]))
    changed = cv2.bitwise_or(cv2.bitwise_or(planes[0], planes[1]), planes[2])
    changed[owed == 0] = 0
    enough = cv2.countNonZero(changed) >= _ENOUGH * cv2.countNonZero(owed)
    return enough or float(cv2.meanStdDev(new[part], mask=owed)[1].max()) < _FLAT


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
