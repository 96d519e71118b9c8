"""Prove: law 2 on this very film. The witness's skin is repainted, and the result must not change."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.media import probe, read
from veil.models.topology import STILL
from veil.nouns.cast import Face, Person, Sure, Track
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.light import Light
from veil.nouns.picture import Box, Frame, Picture, Pixels
from veil.nouns.plan import Plan
from veil.nouns.report import Attack, Verdict
from veil.progress import Progress, silent
from veil.sight.light import measure_grain, measure_light
from veil.sight.meshes import CROP_SIDE, place_of_points
from veil.sight.motion import FRONT
from veil.stages.case import Case, CaseFolder, load_found
from veil.stages.cut import scenery_of
from veil.stages.dressing import CuttingRoom
from veil.stages.presence import Part
from veil.stages.repaint import GENTLE, HARSH, Brush, Canvas, outline, repainted

FRAMES = 24
"""How many frames of each person are tried."""
RIM_PX = 4
"""So far inside the outline a trace of what lies beside the face may cross (colour is kept in blocks, and the halo is
one more rounding of it); it is not measured."""
MEAN_ALLOWED, MOST_ALLOWED = 3.0, 12.0
"""Code values that the smooth light, measured anew, may change: in the mean over the face, and at any one place.

Where it is more a person must judge. A mean of twice as much is no longer the light of a few marks.
"""
_CONTROL = 20.0  # code values by which a repainting must change the film, or it proves nothing
_LOOKED_AT = 300  # rows of a person from which the frames are chosen
_CHANNEL = "non-interference"


@dataclass(frozen=True)
class Trial:
    """One person's face repainted in one way, over all frames tried; changes of the result in code values."""

    person: str
    brush: str
    frames: int
    before: float  # the largest change of the film itself
    held: float  # the largest change of the result with the light held fixed
    most: float | None  # the largest and the mean change with the light measured anew; None where that says nothing
    mean: float | None
    frame: int  # where it is worst

    @property
    def verdict(self) -> Verdict:
        """Return safe where the result stayed as it was but for the smooth light."""
        most, mean = self.most or 0.0, self.mean or 0.0
        if self.held > 0 or mean > 2 * MEAN_ALLOWED:
            return "exposed"
        return "warned" if most > MOST_ALLOWED or mean > MEAN_ALLOWED else "safe"


@dataclass(frozen=True)
class Proof:
    """What repainting everyone under protection did to the result."""

    trials: tuple[Trial, ...]
    attacks: tuple[Attack, ...]  # one a person

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict; not proven where nobody was tried."""
        verdicts = {a.verdict for a in self.attacks}
        if "exposed" in verdicts:
            return "exposed"
        if not verdicts or "not proven" in verdicts:
            return "not proven"
        return "warned" if "warned" in verdicts else "safe"


def prove(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Proof:
    """Repaint every protected face in a sample of frames, and measure what that changes in the result.

    Each frame is dressed as the cut dresses it, without encoding, once as it is and once for each repainting; the
    meshes stay as they were watched. Raises VeilError when the film is not the one that was watched.
    """
    if probe(case.film.path).fingerprint != case.film.fingerprint:
        raise VeilError("the film is not the one that was watched", "run `veil watch FILM` again")
    tracks = {t.label: t for t in case.cast.tracks}
    chosen = {p.label: _sample(p, tracks, plan, case.film.rate_hz) for p in case.cast.people}
    owed = [label for label, places in chosen.items() if places is not None]
    wanted: dict[int, list[tuple[str, str]]] = {}
    for person in owed:
        for index, track in chosen[person] or ():
            wanted.setdefault(index, []).append((person, track))
    room = _Room(case, plan, load_found(folder), None, scenery_of(case, plan, folder, progress))
    proving = _Proving(room, plan.seed)
    if wanted:
        with read(case.film, start=min(wanted)) as frames:
            total = max(wanted) - min(wanted) + 1
            for frame in progress(_up_to(frames, max(wanted)), doing="proving", total=total):
                for person, track in wanted.get(frame.index, ()):
                    if plan.role_of(person).hides(frame.at):
                        proving.take(frame, person, track)
    trials = proving.trials()
    return Proof(trials, tuple(_judged(p, [t for t in trials if t.person == p]) for p in owed))


def _up_to(frames: Iterable[Frame], last: int) -> Iterable[Frame]:
    for frame in frames:
        yield frame
        if frame.index >= last:
            return


# ── which frames ───────────────────────────────────────────────────────────────────────────────────────────────────


def _sample(person: Person, tracks: dict[str, Track], plan: Plan, rate_hz: Fraction) -> list[tuple[int, str]] | None:
    """Return frames of a person, by number and track: the smallest and largest, the most turned, the softest, others.

    None when nothing of them is owed: they may be seen wherever they are.
    """
    own = [tracks[label] for label in person.tracks]
    role = plan.role_of(person.label)
    places = [(t, i) for t in own for i in range(t.first, t.last) if role.hides(Fraction(i) / rate_hz)]
    if not places:
        return None
    some = places[:: max(1, len(places) // _LOOKED_AT)]
    looks = [(i, t.label, *_looks(t.rows()[i - t.first])) for t, i in some]
    seen = [x for x in looks if x[2] > 0]
    if not seen:
        return []
    size, yaw, soft = (np.array([x[k] for x in seen]) for k in (2, 3, 4))
    extreme = [*np.argsort(size)[[0, -1]], *np.argsort(yaw)[[0, -1]], *np.argsort(soft)[[-1]]]
    even = np.linspace(0, len(seen) - 1, max(1, min(FRAMES, len(seen)) - len(extreme))).round().astype(int)
    return sorted({(seen[k][0], seen[k][1]) for k in (*map(int, extreme), *even.tolist())})


def _looks(row: NDArray[np.void]) -> tuple[float, float, float]:
    """Return the size of a face in pixels (0 where there is none), its yaw in degrees and its softness."""
    if row["sure"] == Sure.LOST:
        return 0.0, 0.0, 0.0
    size = float(row["box"][2] - row["box"][0])
    if row["sure"] != Sure.FITTED:
        return size, 0.0, 0.0
    yaw = yaw_pitch_roll_deg(similarity(FRONT[STILL], row["mesh"][STILL]).turn)[0]
    return size, yaw, float(row["blur"])


# ── what changes ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class _Measured:
    """What the film tells of a face but its shape."""

    light: Light
    grain: float
    blur: float

    def __sub__(self, other: "_Measured") -> "_Measured":
        return _Measured(self.light - other.light, self.grain - other.grain, self.blur - other.blur)


class _Room(CuttingRoom):
    """The cutting room, in which one track's light can be moved, and which remembers whom it dressed."""

    moved: tuple[str, _Measured] | None = None
    faces: dict[str, Face]
    kept: dict[str, NDArray[np.float32] | None]
    """What of each picture is in front of a track's face, and stays as filmed: it is no part of the face."""

    def dressed(self, frame: Frame, moved: tuple[str, _Measured] | None = None) -> Picture:
        self.moved, self.faces, self.kept = moved, {}, {}
        return self.dress(frame).picture

    def _cover(self, frame: Frame, face: Face, part: Part) -> None:
        track = part.label
        self.faces[track] = face
        double = self._plan.role_of(part.person).cover == "double"
        self.kept[track] = self.before(part, face, frame.index, frame.picture.box) if double else None
        if self.moved is not None and self.moved[0] == track:
            by = self.moved[1]
            grain, blur = max(0.0, face.grain + by.grain), max(0.0, face.blur + by.blur)
            face = replace(face, light=face.light + by.light, grain=grain, blur=blur)
        super()._cover(frame, face, part)


@dataclass(eq=False)
class _Sum:
    """One person's trials of one brush so far."""

    frames: int = 0
    before: float = 0.0
    held: float = 0.0
    most: float | None = None
    mean: float | None = None
    frame: int = -1


@dataclass(eq=False)
class _Proving:
    """Repaints faces and adds up what changes."""

    room: _Room
    seed: int
    sums: dict[tuple[str, str], _Sum] = field(default_factory=dict)

    def take(self, frame: Frame, person: str, track: str) -> None:
        """Try every brush on one person in one frame."""
        plain = self.room.dressed(frame)
        face = self.room.faces.get(track)
        if face is None:
            return
        where = frame.picture.even(_around(face))
        if min(where.width, where.height) < 8:
            return
        patch, here = frame.picture.rgb(where), face.moved(-where.left, -where.top)
        own = outline(here, where.height, where.width)
        rim = 2 * RIM_PX + 1
        inside = cv2.erode(own, np.ones((rim, rim), np.uint8), borderValue=0) > 0
        if (kept := self.room.kept[track]) is not None:
            here_kept = kept[where.top : where.bottom, where.left : where.right]
            inside &= cv2.dilate(here_kept, np.ones((rim, rim), np.uint8)) == 0
        if not inside.any():
            return
        mesh = here.mesh if here.sure is Sure.FITTED else None
        canvas = Canvas(patch, own, mesh, max(float(face.box.width), 8.0))
        was, told = plain.rgb(where), _measured(frame.picture, face)
        for name, brush in (GENTLE | HARSH).items():
            new = self._painted(frame, where, canvas, brush, name)
            self._compare(new, (person, track, name), _Held(where, inside, patch, was, told))

    def _painted(self, frame: Frame, where: Box, canvas: Canvas, brush: Brush, name: str) -> Frame:
        seed = self.seed + frame.index + sum(name.encode())
        picture = frame.picture.copy()
        picture.paste(where, canvas.patch, repainted(canvas, brush, seed))
        return Frame(frame.index, frame.at, picture)

    def _compare(self, new: Frame, about: tuple[str, str, str], held: "_Held") -> None:
        person, track, name = about
        before = held.change(new.picture.rgb(held.where), held.patch)[0]
        if before < _CONTROL:
            return  # this brush found nothing to paint: a shut mouth, say
        total = self.sums.setdefault((person, name), _Sum())
        total.frames, total.before = total.frames + 1, max(total.before, before)
        most, mean = held.change(self.room.dressed(new).rgb(held.where), held.result)
        gravest = most > total.held
        total.held = max(total.held, most)
        if name in GENTLE and held.told is not None:
            face = self.room.faces[track]
            again = _measured(new.picture, face)
            if again is None:
                return
            moved = (track, again - held.told)
            most, mean = held.change(self.room.dressed(new, moved).rgb(held.where), held.result)
            gravest = gravest or most > (total.most or 0)
            total.most, total.mean = max(total.most or 0, most), max(total.mean or 0, mean)
        if gravest or total.frame < 0:
            total.frame = new.index

    def trials(self) -> tuple[Trial, ...]:
        """Return all trials, those that changed most first."""
        trials = [
            Trial(person, brush, s.frames, s.before, s.held, s.most, s.mean, s.frame)
            for (person, brush), s in self.sums.items()
        ]
        return tuple(sorted(trials, key=lambda t: (-t.held, -(t.most or 0))))


@dataclass(frozen=True, eq=False)
class _Held:
    """What a repainting is held against."""

    where: Box
    inside: NDArray[np.bool_]
    patch: Pixels  # the film
    result: Pixels  # what the film became
    told: _Measured | None

    def change(self, one: Pixels, other: Pixels) -> tuple[float, float]:
        """Return the largest and the mean change inside the outline, code values."""
        off = cv2.absdiff(one, other)[self.inside]
        return float(off.max()), float(off.mean())


def _around(face: Face) -> Box:
    if face.sure is Sure.FITTED:
        return Box.union((face.box, Box.around(face.mesh[:468]))).grown(0.05)
    return face.box.grown(0.05)


def _measured(picture: Picture, face: Face) -> _Measured | None:
    """Return what watching would measure of a face with this mesh; None where no mesh fits."""
    if face.sure is not Sure.FITTED:
        return None
    place = place_of_points(face.mesh)
    to_crop, scale = place.to_crop(), CROP_SIDE / place.side
    flat = face.mesh[:, :2] @ to_crop[:, :2].T + to_crop[:, 2]
    in_crop = np.column_stack([flat, face.mesh[:, 2] * scale]).astype(np.float32)
    crop = picture.warped(to_crop, CROP_SIDE)
    return _Measured(measure_light(crop, in_crop), *measure_grain(crop, in_crop, scale))


def _judged(person: str, trials: list[Trial]) -> Attack:
    """Return what the trials of one person say."""
    if not trials:
        said = "no frame shows them well enough to be repainted; look at them yourself"
        return Attack(person, _CHANNEL, "repainting", None, MOST_ALLOWED, "not proven", None, said)
    held, most = max(t.held for t in trials), max(t.most or 0.0 for t in trials)
    frames = max(t.frames for t in trials)
    worst = max(trials, key=lambda t: (_GRAVITY.index(t.verdict), t.held, t.most or 0.0))
    said = (
        f"{len(trials)} repaintings in up to {frames} frames changed the result by at most {held:g} of 255 with the "
        f"light held fixed{' (rounding)' * (held > 0 and worst.verdict != 'exposed')}, by {most:g} with it measured "
        "anew"
    )
    if worst.verdict != "safe":
        said += f"; the worst is “{worst.brush}”: {_REMEDY[worst.verdict]}"
    score = max(held, most)
    return Attack(person, _CHANNEL, "repainting", score, MOST_ALLOWED, worst.verdict, worst.frame, said)


_GRAVITY: tuple[Verdict, ...] = ("safe", "warned", "exposed")
_REMEDY: dict[Verdict, str] = {
    "warned": "no detail crosses, but the light tells more than it should; if in doubt, choose shadow",
    "exposed": "more than light crosses from the real face; choose shadow or blackout",
}
