"""The cutting room: crops, dresses, pastes, and writes down what was paid. A disguise cannot forget a face."""

import hashlib
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise import Disguise, Strength, wardrobe
from veil.disguise.faces.blackout import Blackout
from veil.disguise.faces.double import DoubleOptions, FaceDouble
from veil.disguise.faces.halo import Halo
from veil.disguise.faces.head import Head
from veil.disguise.faces.performance import Ways, ways_of
from veil.disguise.faces.shade import shade_head
from veil.disguise.faces.shadow import Shadow
from veil.disguise.scene.camera import SensorNoise
from veil.disguise.scene.clothes import Clothes, ClothesOptions
from veil.disguise.scene.flat import Flat
from veil.disguise.scene.signs import Sign, Signs
from veil.models.topology import OVAL
from veil.nouns.caption import Caption
from veil.nouns.cast import Face, Sure
from veil.nouns.cut import Ledger
from veil.nouns.front import Front, load_fronts
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Frame, Pixels, Points
from veil.nouns.plan import Plan
from veil.stages.beyond import with_room
from veil.stages.bodies import Bodies
from veil.stages.case import Case, looks_of
from veil.stages.foreground import Refused, front_path
from veil.stages.mouths import Mouths
from veil.stages.presence import Part, Presence
from veil.stages.unclothed import unclothed

_ENOUGH = 0.5  # of the pixels owed must have changed, else the cover is not believed
_WATCHED = 600  # frames, about, from which it is learned how somebody moves
_IN_FRONT = 0.4  # of what is owed: where more is in front of a face, the cover wins
_FLAT = 4.0  # code values: a cover as flat as this holds no face, changed or not


@dataclass(frozen=True, eq=False)
class Settled:
    """A stretch of film in which everything owed was paid."""

    owed: int
    paid: int
    escalated: int
    painted: NDArray[np.int32]  # (n, 5): frame, left, top, right, bottom


@dataclass(frozen=True, eq=False)
class Scenery:
    """What is done to the picture beside the people in it."""

    covers: dict[int, list[Box]] = field(default_factory=dict)  # writing and regions, by frame
    noise: SensorNoise = field(default_factory=SensorNoise)  # the camera's own pattern, which is taken out
    bodies: Bodies = field(default_factory=Bodies)  # of those whose outline or clothes are changed
    signs: Signs = field(default_factory=Signs)  # to the viewer: a card, a mark
    refused: Refused = field(default_factory=dict)  # where nothing is kept in front of a face
    mouths: Mouths | None = None  # that say something else
    captions: tuple[Caption, ...] = ()  # burned in: `signs` has them laid


class CuttingRoom:
    """Dresses the frames of one case by one plan."""

    def __init__(
        self,
        case: Case,
        plan: Plan,
        found: dict[int, list[Box]],
        sums: NDArray[np.uint32] | None = None,
        scenery: Scenery | None = None,
    ) -> None:
        """`found` are faces that only an attack saw, by frame; `sums` what each frame was when it was watched."""
        self._sums = np.zeros(0, np.uint32) if sums is None else sums
        self._scenery = scenery or Scenery()
        self._flat, self._halo = Flat(), Halo(plan.signals.halo / 100)
        self._presence = Presence(case, plan)
        self._case, self._plan, self._found = case, plan, found
        self._disguises: dict[str, Disguise] = {}
        self._clothes: dict[str, Clothes] = {}
        self._blackout: Disguise = Blackout()
        self._dark: Disguise | None = None  # where clothes are to be changed and nobody knows where they are
        self._fronts: dict[str, dict[int, Front]] = {}
        self.ledger = Ledger()
        self.painted: list[tuple[int, int, int, int, int]] = []  # frame, left, top, right, bottom

    def dress(self, frame: Frame) -> Frame:
        """Return the frame with everyone in their disguise, far ones first; pay the ledger for each.

        A frame that is not what was watched (a damaged film can be decoded in two ways) is covered whole.
        """
        parts = self._presence.at(frame.index)
        if frame.index < len(self._sums) and frame.picture.sum() != self._sums[frame.index]:
            return self._blank(frame, parts)
        faces = [(part, self._with_body(part, frame)) for part in parts]
        extra, covers = self._found.get(frame.index, []), self._scenery.covers.get(frame.index, [])
        faces = list(zip(parts, with_room([face for _, face in faces], covers), strict=True))
        clean = self._scenery.noise.remove(frame.picture, _seed(self._plan.seed, "camera", frame.index))
        signs = self._scenery.signs.at(frame.at)
        if not faces and not extra and not covers and not signs:
            return Frame(frame.index, frame.at, clean)
        dressed = Frame(frame.index, frame.at, clean.copy())
        for part, face in faces:
            self._reclothe(dressed, face, part)
        # The lost lie below: where somebody else's double is, no shadow falls on it.
        faces.sort(key=lambda pf: (pf[1].sure is Sure.FITTED, pf[1].box.area))
        for part, face in faces:
            if not self._plan.role_of(part.person).shows(frame.at):
                self._cover(dressed, face, part)
        for box in covers:  # after the people: what is drawn from its rim must not be a face
            self._flatten(dressed, box)
        for box in extra:
            self._black(dressed, box)
        self._soften(dressed, faces)
        for sign, opacity in signs:
            _lay(dressed, sign, opacity)
        return dressed

    def _with_body(self, part: Part, frame: Frame) -> Face:
        """Return somebody's face, with their body where what they wear needs it."""
        face, body = part.motion.face(frame.index, frame.at), self._scenery.bodies.at(part.label, frame.index)
        face = face if body is None else replace(face, body=body)
        return face if self._scenery.mouths is None else self._scenery.mouths.spoken(part, face, frame.index)

    def _reclothe(self, frame: Frame, face: Face, part: Part) -> None:
        """Paint the clothes of somebody whose plan asks for it, before anything is put over their face."""
        role = self._plan.role_of(part.person)
        if face.body is None or role.clothes == "as they are" or role.cover == "shadow" or role.shows(frame.at):
            return
        if unclothed(role, face.body):
            return
        if part.person not in self._clothes:
            tone, seed = self._scenery.bodies.tone(part.person), _seed(self._plan.seed, part.person, "clothes")
            self._clothes[part.person] = Clothes(ClothesOptions(role.clothes, tone, seed))
        clothes, picture = self._clothes[part.person], frame.picture
        box = picture.even(clothes.reach(face.body))
        if not box.area:
            return
        patch = picture.rgb(box)
        patch.flags.writeable = False
        new = clothes.wear(patch, face.moved(-box.left, -box.top), _seed(self._plan.seed, part.person, frame.index))
        if (opacity := role.veil(frame.at)) < 1:
            new = np.asarray(cv2.addWeighted(new, opacity, patch, 1 - opacity, 0), np.uint8)
        picture.paste(box, patch, new)
        self.painted.append((frame.index, *_corners(box)))

    def settled(self) -> Settled:
        """Close the ledger so far and open a new one; raise Exposed when somebody was not covered."""
        ledger, painted = self.ledger, self.painted
        ledger.settle()
        self.ledger, self.painted = Ledger(), []
        boxes = np.array(painted, np.int32).reshape(-1, 5)
        return Settled(len(ledger.owed), len(ledger.paid & ledger.owed), ledger.escalated, boxes)

    def _blank(self, frame: Frame, parts: list[Part]) -> Frame:
        picture = frame.picture.copy()
        picture.y[:], picture.u[:], picture.v[:] = 24, 128, 128
        self.ledger.escalated += len(parts)
        self.ledger.paid.update((frame.index, part.label) for part in parts)
        self.painted.append((frame.index, *_corners(picture.box)))
        return Frame(frame.index, frame.at, picture)

    def _cover(self, frame: Frame, face: Face, part: Part) -> None:
        disguise = self._disguise_of(part.person)
        if disguise.strength is Strength.DOUBLE and unclothed(self._plan.role_of(part.person), face.body):
            disguise, self.ledger.escalated = self._in_the_dark(), self.ledger.escalated + 1
        ordered = self._plan.role_of(part.person).shade(frame.at)
        if ordered > face.strength:
            face = replace(face, strength=ordered)
        # As the veil lifts the outline becomes their own again: two outlines would show as a ghost.
        face = replace(face, alone=face.alone * self._plan.role_of(part.person).veil(frame.at))
        picture = frame.picture
        reach = disguise.reach(face)
        box = picture.even(reach)
        halo = self._halo.reach(_as_said(face)) if disguise.strength is Strength.DOUBLE else Box(0, 0, 0, 0)
        changed = picture.even(Box.union((reach, halo))) if halo.area else box
        self.painted.append((frame.index, *_corners(changed)))
        key = (frame.index, part.label)
        if not box.area:  # the face lies outside the picture
            self.ledger.paid.add(key)
            return
        patch = picture.rgb(box)
        patch.flags.writeable = False
        here = face.moved(-box.left, -box.top)
        seed = _seed(self._plan.seed, part.person, frame.index)
        owed = whole = _owed(patch, here)
        escalated = self.ledger.escalated
        new = self._worn(disguise, patch, here, seed)
        doubled = disguise.strength is Strength.DOUBLE and escalated == self.ledger.escalated
        before = self.before(part, face, frame.index, box) if doubled else None
        if before is not None:
            new, owed = _put_back(patch, new, before, owed)
        if not _covered(patch, new, *owed):
            self.ledger.escalated += 1
            owed = whole
            new = self._worn(self._blackout, patch, here, seed)
            if not _covered(patch, new, *owed):
                return  # unpaid: the ledger will not settle
        opacity = self._plan.role_of(part.person).veil(frame.at)
        if opacity < 1:
            new = cv2.addWeighted(new, opacity, patch, 1 - opacity, 0).astype(np.uint8, copy=False)
        picture.paste(box, _anew(patch, new, *owed), new)
        self.ledger.paid.add(key)

    def _soften(self, frame: Frame, faces: list[tuple[Part, Face]]) -> None:
        """Lay the halos, when nobody's own face is left that they could spread; they come and go with the double."""
        picture = frame.picture
        for place, (part, face) in enumerate(faces):
            role = self._plan.role_of(part.person)
            said = _as_said(face)
            box = picture.even(self._halo.reach(said))
            if role.cover != "double" or role.shows(frame.at) or not box.area or unclothed(role, face.body):
                continue
            worn = (1 - max(face.strength, role.shade(frame.at))) * role.veil(frame.at)
            here = replace(said, strength=1 - worn).moved(-box.left, -box.top)
            others = [other for _, other in faces[place + 1 :] if other.sure is Sure.FITTED]
            nearer = [o.moved(-box.left, -box.top) for o in others if o.box.grown(0.3).shared_px(box)]
            patch = picture.rgb(box)
            picture.paste(box, patch, self._halo.lay(patch, here, nearer, self.before(part, face, frame.index, box)))

    def before(self, part: Part, face: Face, index: int, place: Box) -> NDArray[np.float32] | None:
        """Return how much of each pixel of a place is in front of a face in a double, 0..1; None where nothing is."""
        if face.sure is not Sure.FITTED or face.strength >= 1:
            return None
        track = part.motion.track
        if track.label not in self._fronts:
            self._fronts[track.label] = load_fronts(front_path(track.path))
        front = self._fronts[track.label].get(index)
        if index in self._scenery.refused.get(track.label, ()):
            return None
        return None if front is None else front.onto(place) * np.float32(1 - face.strength)

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

    def _flatten(self, frame: Frame, region: Box) -> None:
        """Cover writing, or a region that the plan names."""
        whole = frame.picture.even(self._flat.reach(region))
        if not whole.area:
            return
        patch = frame.picture.rgb(whole)
        here = Box(
            region.left - whole.left, region.top - whole.top, region.right - whole.left, region.bottom - whole.top
        )
        frame.picture.paste(whole, patch, self._flat.wear(patch, here, _seed(self._plan.seed, "flat", frame.index)))
        edge = Box(region.left - 4, region.top - 4, region.right + 4, region.bottom + 4)
        self.painted.append((frame.index, *_corners(frame.picture.even(edge))))

    def _in_the_dark(self) -> Disguise:
        self._dark = self._dark or Shadow()
        return self._dark

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
            return self._in_the_dark()
        neutral = self._case.neutrals.get(person)
        name = role.double or next(iter(wardrobe.names()))
        if neutral is None:
            neutral = wardrobe.double(name).mesh  # never drawn: this person has no fitted frame
        ways = self._ways(person, neutral) if role.performance < 100 else None
        worn, options = wardrobe.double(name), DoubleOptions(performance=role.performance, ways=ways)
        return Head(FaceDouble(worn, neutral, options), worn, neutral, role.beyond, looks_of(self._case, person))

    def _ways(self, person: str, neutral: Points) -> Ways | None:
        """Return how a person moves over the whole film; None when no frame of them was fitted."""
        (owned,) = [p.tracks for p in self._case.cast.people if p.label == person]
        meshes = []
        for rows in [t.rows() for t in self._case.cast.tracks if t.label in owned]:
            fitted = np.flatnonzero(np.array(rows["sure"]) == Sure.FITTED)
            meshes += [np.array(rows[int(i)]["mesh"]) for i in fitted[:: max(1, len(fitted) * len(owned) // _WATCHED)]]
        return ways_of(np.stack(meshes), neutral) if meshes else None


def _lay(frame: Frame, sign: Sign, opacity: float) -> None:
    """Lay a sign to the viewer over what is dressed. It is no paint: it hides nobody."""
    patch = frame.picture.rgb(sign.box)
    frame.picture.paste(sign.box, patch, sign.over(patch, opacity))


def _seed(seed: int, person: str, index: int | str) -> int:
    digest = hashlib.sha256(f"{seed}/{person}/{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _owed(patch: Pixels, face: Face) -> tuple[Box, NDArray[np.uint8]]:
    """Return the box of what is owed a cover within the patch, and its mask (255 where owed).

    Owed is what lies within the outline of a mesh that fits; else, or where the mesh is no face, the head's front.
    """
    front = face.box.grown(-0.15).clipped(patch.shape[1], patch.shape[0])
    outline = cv2.convexHull(face.mesh[OVAL, :2].clip(-30000, 30000).round().astype(np.int32))
    fits = face.sure is Sure.FITTED and cv2.contourArea(outline) > 0.2 * face.box.area
    box = Box.around(outline[:, 0].astype(np.float32)).clipped(patch.shape[1], patch.shape[0]) if fits else front
    owed = np.full((box.height, box.width), 0 if fits else 255, np.uint8)
    if fits and box.area:
        cv2.fillConvexPoly(owed, outline - np.array([box.left, box.top]), 255)
    return box, owed


def _as_said(face: Face) -> Face:
    """Return a face as its double wears it: a halo lies around the jaw that is seen, not around the filmed one."""
    return face if face.spoken is None else replace(face, mesh=face.spoken.mesh)


def _put_back(
    patch: Pixels, new: Pixels, before: NDArray[np.float32], owed: tuple[Box, NDArray[np.uint8]]
) -> tuple[Pixels, tuple[Box, NDArray[np.uint8]]]:
    """Return the patch with what is in front of the face put back, and what is owed without it.

    Where too much of the face would be left bare, both stay as they are.
    """
    box, mask = owed
    here = before[box.top : box.bottom, box.left : box.right]
    if float(here[mask > 0].sum()) > _IN_FRONT * max(1, int((mask > 0).sum())):
        return new, owed
    mixed = new + (patch.astype(np.float32) - new) * before[..., None]
    return np.asarray(mixed + 0.5, np.uint8), (box, np.where(here >= 0.5, 0, mask).astype(np.uint8))


def _covered(patch: Pixels, new: Pixels, box: Box, owed: NDArray[np.uint8]) -> bool:
    """Tell whether the paint reached the face: what was owed has changed, or is flat."""
    if not box.area:
        return True  # nothing of the face lies in the picture
    part = (slice(box.top, box.bottom), slice(box.left, box.right))
    planes = cv2.split(cv2.absdiff(patch[part], new[part]))
    changed = cv2.bitwise_or(cv2.bitwise_or(planes[0], planes[1]), planes[2])
    changed = cv2.bitwise_and(changed, changed, mask=owed)
    enough = cv2.countNonZero(changed) >= _ENOUGH * cv2.countNonZero(owed)
    return enough or float(cv2.meanStdDev(new[part], mask=owed)[1].max()) < _FLAT


def _anew(patch: Pixels, new: Pixels, box: Box, owed: NDArray[np.uint8]) -> Pixels:
    """Return the patch as it was, but different from `new` wherever something was owed.

    Pasting keeps what did not change; where a double has the very colour of the film, that would keep the film.
    """
    was = patch.copy()
    part = was[box.top : box.bottom, box.left : box.right]
    if box.area:
        cv2.bitwise_not(new[box.top : box.bottom, box.left : box.right], dst=part, mask=owed)
    return was


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
