"""Scene: what else in the film tells who or where somebody is, listed with a picture each.

Writing is found by Veil. Jewellery, tattoos, logos and hands it cannot judge: for every person there are pictures for a
human to look at. scene.html and scene/ hold the original picture; guard them like the film.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from veil.media import read
from veil.nouns.cast import Sure, Track
from veil.nouns.picture import Box, Frame, Pixels, Plane
from veil.nouns.plan import Plan
from veil.nouns.time import Instant
from veil.progress import Progress, silent
from veil.sight.following import camera_motion, grey, scale_of
from veil.sight.writing import Writing, blocks
from veil.stages.ahead import ahead
from veil.stages.case import Case, CaseFolder, write_json

WRITING, WHOLE = "writing", "the whole picture"
_EVERY_S = 1  # between two looks
_PICTURE_PX = 480  # longest side of a picture on the page
_SAME = 0.3  # of the smaller box: so much of it shared is the same thing
_LIT = 0.5  # of a box must be under a region of the plan for it to count as covered


@dataclass(frozen=True)
class Thing:
    """Something that may give a person or a place away; `box` is where it was at `at`, when it showed best."""

    label: str  # S1, S2, ...
    kind: str  # WRITING, or what a person must look at: WHOLE, "neck and chest of P1", "hands and body of P1"
    shot: int
    first: int  # frame numbers between which it was seen, half-open
    last: int
    start: Instant
    end: Instant
    at: Instant
    box: Box

    @property
    def found(self) -> bool:
        """Tell whether Veil found it, or only shows it for somebody to judge."""
        return self.kind == WRITING


@dataclass(frozen=True)
class Scene:
    """What was seen beside the faces."""

    things: tuple[Thing, ...]
    looks: int  # how many frames were looked at


def survey(case: Case, folder: CaseFolder, progress: Progress = silent) -> Scene:
    """Look at about one frame a second of the film; a survey of the same film that is there is read, not redone.

    Writes scene.json and the pictures; `veil.stages.scene_page.write_scene` makes the page of them.
    """
    known = _load(case, folder)
    if known is not None:
        return known
    pictures = folder.path / "scene"
    pictures.mkdir(mode=0o700, exist_ok=True)
    for old in pictures.iterdir():
        old.unlink()
    surveying = _Surveying(case)
    with read(case.film) as reader:
        for frame in progress(ahead(reader), doing="looking around", total=case.frames):
            surveying.take(frame)
    things = []
    for number, sight in enumerate(sorted(surveying.sights, key=lambda s: (s.kind != WRITING, s.first)), 1):
        thing = sight.thing(f"S{number}")
        _save_picture(pictures / f"{thing.label}.jpg", sight.picture)
        things.append(thing)
    scene = Scene(tuple(things), surveying.looks)
    _save(case, scene, folder)
    return scene


def surveyed(case: Case, folder: CaseFolder) -> Scene | None:
    """Return the survey of this film that is there already, None where there is none."""
    return _load(case, folder)


def covered(thing: Thing, plan: Plan, case: Case) -> bool:
    """Tell whether the plan covers a thing: as writing, or by a region in the same shot that lies over it."""
    if thing.found and plan.writing == "covered":
        return True
    span = case.shots[thing.shot].span
    return any(r.at in span and r.box.shared_px(thing.box) > _LIT * thing.box.area for r in plan.regions)


@dataclass
class _Sight:
    """A thing while it is being looked at."""

    kind: str
    shot: int
    first: int
    start: Instant
    box: Box
    last: int = 0
    end: Instant = Fraction(0)
    at: Instant = Fraction(0)
    best: float = -1.0
    best_box: Box | None = None
    picture: Pixels = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))

    def see(self, frame: Frame, box: Box, clear: float, step_s: Fraction) -> None:
        self.box, self.last, self.end = box, frame.index + 1, frame.at + step_s
        if clear > self.best:
            self.best, self.at, self.best_box = clear, frame.at, box
            shown = box if self.kind != WRITING else box.grown(0.15)
            self.picture = _small(frame.picture.rgb(shown))

    def thing(self, label: str) -> Thing:
        return Thing(
            label, self.kind, self.shot, self.first, self.last, self.start, self.end, self.at, self.best_box or self.box
        )  # fmt: skip


class _Surveying:
    """Goes through the film once."""

    def __init__(self, case: Case) -> None:
        self.sights: list[_Sight] = []
        self.looks = 0
        self._case = case
        self._step_s = 1 / case.film.rate_hz
        every = max(1, round(_EVERY_S * case.film.rate_hz))
        self._shot_of: dict[int, int] = {}
        for number, shot in enumerate(case.shots):
            self._shot_of |= dict.fromkeys((*range(shot.first, shot.last, every), shot.last - 1), number)
        self._writing = Writing()
        self._open: list[_Sight] = []
        self._before: tuple[int, Plane] | None = None
        self._portraits = _portraits(case)
        whole = Box(0, 0, case.film.width, case.film.height)
        for shot in case.shots:  # windows, screens, walls: for a human to judge
            self._portraits[(shot.first + shot.last) // 2].append((WHOLE, whole))

    def take(self, frame: Frame) -> None:
        """Look at a frame when it is due."""
        for kind, box in self._portraits.pop(frame.index, []):
            shot = next(n for n, s in enumerate(self._case.shots) if s.first <= frame.index < s.last)
            sight = _Sight(kind, shot, frame.index, frame.at, box)
            sight.see(frame, frame.picture.even(box), 1.0, self._step_s)
            self.sights.append(sight)
        if frame.index in self._shot_of:
            self._look(frame, self._shot_of[frame.index])

    def _look(self, frame: Frame, shot: int) -> None:
        self.looks += 1
        now = grey(frame.picture)
        self._move(shot, now)
        lines = self._writing.look(frame.picture)
        for block in blocks(lines):
            box = block.clipped(frame.picture.width, frame.picture.height)
            score = max((n.score for n in lines if n.box.shared_px(block) > 0.5 * n.box.area), default=0.5)
            same = next((s for s in self._open if _alike(s.box, box)), None)
            if same is None:
                same = _Sight(WRITING, shot, frame.index, frame.at, box)
                self._open.append(same)
                self.sights.append(same)
            same.see(frame, box, score * box.area**0.5, self._step_s)
        self._before = (shot, now)

    def _move(self, shot: int, now: Plane) -> None:
        """Move what was seen in the last look by the camera's motion; forget it when the shot is another one."""
        if self._before is None or self._before[0] != shot:
            self._open = []
            return
        if not self._open:
            return
        motion = camera_motion(self._before[1], now)
        scale = scale_of(self._case.film.width, self._case.film.height)
        for sight in self._open:
            corners = np.array([[sight.box.left, sight.box.top], [sight.box.right, sight.box.bottom]]) * scale
            sight.box = Box.around((corners @ motion[:, :2].T + motion[:, 2]) / scale)


def _alike(one: Box, other: Box) -> bool:
    return one.shared_px(other) > _SAME * max(1, min(one.area, other.area))


def _portraits(case: Case) -> defaultdict[int, list[tuple[str, Box]]]:
    """Return which pictures of which people are to be taken for a human to judge, by frame."""
    tracks = {t.label: t for t in case.cast.tracks}
    wanted: defaultdict[int, list[tuple[str, Box]]] = defaultdict(list)
    picture = Box(0, 0, case.film.width, case.film.height)
    for person in case.cast.people:
        faces = [face for label in person.tracks for face in _faces(tracks[label])]
        for what, around, count in (("neck and chest", _chest, 1), ("hands and body", _body, 3)):
            shown = [(index, around(box).clipped(picture.width, picture.height)) for index, box in faces]
            for index, box in _spread(shown, count):
                wanted[index].append((f"{what} of {person.label}", box))
    return wanted


def _faces(track: Track) -> Iterator[tuple[int, Box]]:
    """Yield frame number and box of the face about four times a second, where it fits."""
    rows = track.rows()[::6]
    for row in rows[rows["sure"] == Sure.FITTED]:
        left, top, right, bottom = (int(v) for v in np.round(row["box"]))
        yield int(row["index"]), Box(left, top, right, bottom)


def _chest(face: Box) -> Box:
    """Return the ears, the neck and the chest below a face."""
    w, h = face.width, face.height
    return Box(face.left - w, face.top + h // 4, face.right + w, face.bottom + round(1.6 * h))


def _body(face: Box) -> Box:
    """Return the body below a face, arms spread."""
    w, h = face.width, face.height
    return Box(face.left - round(2.6 * w), face.bottom, face.right + round(2.6 * w), face.bottom + 6 * h)


def _spread(shown: list[tuple[int, Box]], count: int) -> list[tuple[int, Box]]:
    """Return the largest of the boxes in each of `count` stretches of time; none that holds next to nothing."""
    parts = [shown[len(shown) * k // count : len(shown) * (k + 1) // count] for k in range(count)]
    best = [max(part, key=lambda s: s[1].area) for part in parts if part]
    return [b for b in best if min(b[1].width, b[1].height) >= 32]


def _small(pixels: Pixels) -> Pixels:
    scale = min(1.0, _PICTURE_PX / max(1, *pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _save_picture(path: Path, picture: Pixels) -> None:
    write_private(path, cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)


def _save(case: Case, scene: Scene, folder: CaseFolder) -> None:
    things = [
        {
            "label": t.label, "kind": t.kind, "shot": t.shot, "first": t.first, "last": t.last, "start": t.start,
            "end": t.end, "at": t.at, "box": [t.box.left, t.box.top, t.box.right, t.box.bottom],
        }
        for t in scene.things
    ]  # fmt: skip
    path = folder.path / "scene.json"
    write_json(path, {"film": case.film.fingerprint, "looks": scene.looks, "things": things})
    path.chmod(0o600)


def _load(case: Case, folder: CaseFolder) -> Scene | None:
    """Return the survey that is kept, if it is this film's and whole."""
    try:
        stored = json.loads((folder.path / "scene.json").read_text("utf-8"))
        if stored["film"] != case.film.fingerprint:
            return None
        things = [
            Thing(
                **{
                    **t,
                    "start": Fraction(t["start"]),
                    "end": Fraction(t["end"]),
                    "at": Fraction(t["at"]),
                    "box": Box(*t["box"]),
                }
            )
            for t in stored["things"]
        ]
        return Scene(tuple(things), int(stored["looks"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
