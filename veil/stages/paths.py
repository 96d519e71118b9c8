"""Paths: where the writing and the regions that the plan wants covered are, in every frame of the original film.

Each is followed through its whole shot, forwards and backwards. What cannot be followed stays covered where it was seen
last and where it should be by now, a little larger: within its shot nothing is ever uncovered again.
"""

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from veil import __version__
from veil.errors import VeilError
from veil.media import read
from veil.nouns.film import Shot
from veil.nouns.picture import Box, Frame, Plane, Points
from veil.nouns.plan import Plan, Region
from veil.nouns.time import clock
from veil.progress import Progress, silent
from veil.sight.following import Follower, Place, camera_motion, grey, scale_of
from veil.sight.writing import Line, Writing, blocks
from veil.stages.ahead import ahead
from veil.stages.case import Case, CaseFolder, write_json
from veil.whole import whole

LOOK_S = Fraction(1, 2)  # between two looks for writing
_AT_ONCE = 240  # frames held while going backwards
_MARGIN, _MARGIN_PX = 0.12, 3  # of the lower side, and on top of it: what a place is grown by
_DOUBT, _DOUBT_MOST = 0.02, 0.5  # of the lower side: what it is grown by for each frame in which it was not seen
_DOUBT_PX = 24  # and at most so much, of the grey picture
_BLOCK = 0.06  # of the picture: no block of lines is larger
_COVERED = 0.9  # of a line must lie under what is covered already
_TICK_S = Fraction(1, 2000)  # instants in a plan are rounded to the millisecond

Covers = dict[int, list[Box]]
"""What must be covered, by frame number, in upright pixels."""


def paths(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Covers:
    """Return what the plan wants covered beside the people, frame by frame; followed once, then kept in the case.

    Raises VeilError for a region of the plan that is nowhere in the film: it would cover nothing.
    """
    _check_regions(case, plan)
    found = load_places(folder)
    if plan.writing != "covered" and not plan.regions and not found:
        return {}
    kept = folder.path / "scene-paths.npz"
    key = hashlib.sha256(
        repr((__version__, case.film.fingerprint, plan.writing, plan.regions, found)).encode()
    ).hexdigest()
    try:
        with np.load(io.BytesIO(kept.read_bytes())) as stored:
            if str(stored["key"]) == key:
                return _covers(stored["boxes"])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        pass  # not there, or of an interrupted write: follow again
    rows = list(_followed(case, plan, found, progress))
    boxes = np.array(rows, np.int32).reshape(-1, 5)
    with whole(kept) as file:
        np.savez_compressed(file, key=np.array(key), boxes=boxes)
    return _covers(boxes)


def _check_regions(case: Case, plan: Plan) -> None:
    """Raise VeilError where a region lies outside of the picture, or its instant outside of every shot."""
    film = case.film
    for number, region in enumerate(plan.regions, 1):
        if not region.box.clipped(film.width, film.height).area:
            hint = f"the picture is {film.width} by {film.height} pixels; a box is left, top, right, bottom in these"
            raise VeilError(f"region {number} of the plan lies outside of the picture", hint)
        if not any(s.span.start - _TICK_S <= region.at <= s.span.end + _TICK_S for s in case.shots):
            end = max((s.span.end for s in case.shots), default=Fraction(0))
            hint = f"the film ends at {clock(end)}; give an instant before that, at which the thing is in the picture"
            raise VeilError(f"region {number} of the plan is at an instant that the film does not have", hint)


def load_places(folder: CaseFolder) -> list[tuple[int, Box]]:
    """Return the places (frame number, box) where an attack still saw writing that was to be covered."""
    path = folder.path / "scene-found.json"
    if not path.is_file():
        return []
    return [(int(index), Box(*box)) for index, box in json.loads(path.read_text("utf-8"))]


def add_places(folder: CaseFolder, places: Iterable[tuple[int, Box]]) -> bool:
    """Put what an attack saw into the next cut; tell whether any of it is new."""
    known = load_places(folder)
    new = [p for p in places if p not in known]
    stored = [[i, [b.left, b.top, b.right, b.bottom]] for i, b in sorted([*known, *new], key=lambda p: p[0])]
    write_json(folder.path / "scene-found.json", stored)
    return bool(new)


def _covers(boxes: NDArray[np.int32]) -> Covers:
    covers: Covers = defaultdict(list)
    for index, *corners in boxes.tolist():
        covers[index].append(Box(*corners))
    return dict(covers)


def _followed(
    case: Case, plan: Plan, found: list[tuple[int, Box]], progress: Progress
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield frame number and box of everything that is to be covered."""
    writing = Writing() if plan.writing == "covered" else None
    shots = []
    for shot in case.shots:
        regions = [r for r in plan.regions if r.at in shot.span or (shot is case.shots[-1] and r.at >= shot.span.end)]
        places = [(i, b) for i, b in found if shot.first <= i < shot.last]
        if writing or regions or places:
            shots.append(_InShot(case, shot, writing, regions, places))
    total = sum(s.shot.last - s.shot.first for s in shots)
    everything = chain.from_iterable(s.forwards() for s in shots)
    for index, boxes in progress(everything, doing="following", total=total or None):
        yield from ((index, b.left, b.top, b.right, b.bottom) for b in boxes)
    for shot_ in shots:
        for index, boxes in shot_.backwards():
            yield from ((index, b.left, b.top, b.right, b.bottom) for b in boxes)


@dataclass(eq=False)
class _Thing:
    """Something that is followed, and where it was last seen for sure, in the grey picture's pixels."""

    follower: Follower
    seen: Points

    def at(self, place: Place) -> Points:
        """Return corners that hold the thing: where it is and, in doubt, where it was, a little larger."""
        if not place.unsure:
            self.seen = place.corners
            return place.corners
        both = np.concatenate([place.corners, self.seen])
        grow = min(_DOUBT_PX, min(_DOUBT_MOST, _DOUBT * place.unsure) * float(np.ptp(self.seen, 0).min()))
        low, high = both.min(0) - grow, both.max(0) + grow
        return np.stack([low, high]).astype(np.float32)


@dataclass(eq=False)
class _InShot:
    """Everything that is followed through one shot."""

    case: Case
    shot: Shot
    writing: Writing | None
    regions: list[Region]
    places: list[tuple[int, Box]]
    starts: list[tuple[int, Points]] = field(default_factory=list)

    def forwards(self) -> Iterator[tuple[int, list[Box]]]:
        """Look for what begins, follow it to the end of the shot, and note where each began."""
        things: list[_Thing] = []
        before: Plane | None = None
        every = max(1, round(LOOK_S * self.case.film.rate_hz))
        with read(self.case.film, start=self.shot.first) as reader:
            for frame in ahead(reader):
                if frame.index >= self.shot.last:
                    break
                now = grey(frame.picture)
                boxes = self._stepped(things, before, now)
                last = frame.index == self.shot.last - 1
                for corners in self._begun(frame, boxes, look=(frame.index - self.shot.first) % every == 0 or last):
                    things.append(_Thing(Follower(now, corners), corners))
                    self.starts.append((frame.index, corners))
                    boxes.append(self._cover(corners))
                before = now
                yield frame.index, [b for b in boxes if b.area]

    def backwards(self) -> Iterator[tuple[int, list[Box]]]:
        """Follow everything from where it began back to the start of the shot, a stretch of frames at a time."""
        waiting = sorted((s for s in self.starts if s[0] > self.shot.first), key=lambda s: s[0])
        if not waiting:
            return
        things: list[_Thing] = []
        before: Plane | None = None
        end = waiting[-1][0] + 1
        while end > self.shot.first:
            start = max(self.shot.first, end - _AT_ONCE)
            for index, now in reversed(self._stretch(start, end)):
                boxes = self._stepped(things, before, now)
                while waiting and waiting[-1][0] >= index:
                    corners = waiting.pop()[1]
                    things.append(_Thing(Follower(now, corners), corners))
                before = now
                yield index, [b for b in boxes if b.area]
            end = start

    def _stretch(self, start: int, end: int) -> list[tuple[int, Plane]]:
        held = []
        with read(self.case.film, start=start) as reader:
            for frame in reader:
                if frame.index >= end:
                    break
                held.append((frame.index, grey(frame.picture).copy()))
        return held

    def _stepped(self, things: list[_Thing], before: Plane | None, now: Plane) -> list[Box]:
        if before is None or not things:
            return []
        camera = camera_motion(before, now)
        return [self._cover(thing.at(thing.follower.step(before, now, camera))) for thing in things]

    def _begun(self, frame: Frame, covered: list[Box], *, look: bool) -> list[Points]:
        """Return the corners of what begins in this frame: regions, what an attack saw, and writing not covered yet."""
        new = [box for index, box in self.places if index == frame.index]
        due = [r for r in self.regions if frame.at >= r.at - _TICK_S or frame.index == self.shot.last - 1]
        for region in due:
            self.regions.remove(region)
            new.append(region.box)
        if self.writing and look:
            lines = [n for n in self.writing.look(frame.picture) if _bare(n, [*covered, *new]) > 1 - _COVERED]
            new += blocks(lines, _BLOCK * frame.picture.box.area)
        scale = scale_of(frame.picture.width, frame.picture.height)
        inside = [box.clipped(frame.picture.width, frame.picture.height) for box in new]
        return [_corners(box, scale) for box in inside if box.area]

    def _cover(self, corners: Points) -> Box:
        """Return what to cover: the place with a margin, in even pixels, clipped to the picture."""
        film = self.case.film
        box = Box.around(corners / scale_of(film.width, film.height))
        margin = round(_MARGIN * min(box.width, box.height)) + _MARGIN_PX
        return Box(
            (box.left - margin) // 2 * 2,
            (box.top - margin) // 2 * 2,
            (box.right + margin + 1) // 2 * 2,
            (box.bottom + margin + 1) // 2 * 2,
        ).clipped(film.width, film.height)


def _corners(box: Box, scale: float) -> Points:
    return np.array(
        [[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]], np.float32
    ) * np.float32(scale)


def _bare(line: Line, covered: list[Box]) -> float:
    """Return which share of a line's box lies under none of the boxes."""
    box = line.box
    open_ = np.ones((max(1, box.height), max(1, box.width)), np.bool_)
    for cover in covered:
        part = cover.clipped(box.right, box.bottom)
        open_[max(0, part.top - box.top) : max(0, part.bottom - box.top)][
            :, max(0, part.left - box.left) : max(0, part.right - box.left)
        ] = False
    return float(open_.mean())
