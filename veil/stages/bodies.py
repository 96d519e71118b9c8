"""Bodies: the outline of everyone whose body or clothes are to be changed, steady in time, kept in the case.

Each frame is looked at once. What the net says flickers at the outline: where the picture stands still, a few frames
before and after are averaged; where it moves, they are not.
"""

import os
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from veil import __version__
from veil.media import read
from veil.nouns.body import BODY_CELLS, Body
from veil.nouns.cast import Track
from veil.nouns.picture import Box, Frame, Plane
from veil.nouns.plan import Plan, Role
from veil.progress import Progress, silent
from veil.sight.bodies import BodySight, square_of
from veil.stages.ahead import ahead, in_order
from veil.stages.case import Case, CaseFolder
from veil.stages.outlines import NEAR, Seen, own, steadied, tone_of
from veil.whole import whole

_CALM_S = 0.4  # standard deviation, in time, by which the path of a square is smoothed
_LESS = 0.35  # heights of a face: whoever is so much smaller stands far behind
_BRIDGED = 15  # frames: a body that was not seen is where it was seen so many before or after
_AT_ONCE = 4000  # rows


def needs_body(role: Role) -> bool:
    """Tell whether what somebody wears wants to know where their body is."""
    return role.cover == "shadow" or role.clothes != "as they are"


@dataclass(frozen=True, eq=False)
class KeptBodies:
    """The bodies of one track, read one by one."""

    first: int
    cells: NDArray[np.uint8]
    ends: NDArray[np.int64]
    squares: NDArray[np.int32]
    joints: NDArray[np.float32]
    tone: tuple[float, float, float]  # not a number where no frame told it

    def at(self, index: int) -> Body | None:
        """Return the body in frame number `index`; None where none was seen for a while."""
        i = index - self.first
        if not 0 <= i < len(self.squares):
            return None
        around = range(max(0, i - _BRIDGED), min(len(self.squares), i + _BRIDGED + 1))
        j = min((k for k in around if self.ends[k + 1] > self.ends[k]), key=lambda k: abs(k - i), default=None)
        if j is None:
            return None
        packed = self.cells[self.ends[j] : self.ends[j + 1]].tobytes()
        try:
            share = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(BODY_CELLS, BODY_CELLS)
        except (zlib.error, ValueError):
            return None  # damaged: like one that was not seen
        # A body that was not seen for a moment goes along with its head.
        return Body(Box(*(int(v) for v in self.squares[i])), share, self.joints[j])


@dataclass(frozen=True, eq=False)
class Bodies:
    """The bodies of a case, by track."""

    kept: dict[str, KeptBodies] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)  # person by track

    def at(self, track: str, index: int) -> Body | None:
        """Return somebody's body in a frame; None where it is not known, or not wanted."""
        return self.kept[track].at(index) if track in self.kept else None

    def tone(self, person: str) -> tuple[float, float, float]:
        """Return the usual colour of somebody's clothes in the whole film, RGB: that of the most frames."""
        theirs = [kept for track, kept in self.kept.items() if self.owner.get(track) == person]
        seen = [kept for kept in theirs if np.isfinite(kept.tone).all()]
        longest = max(seen, key=lambda kept: len(kept.squares), default=None)
        return (90.0, 90.0, 90.0) if longest is None else longest.tone


def bodies(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Bodies:
    """Return the bodies that the plan needs; looked for once, then kept in the case."""
    owner = {track: person.label for person in case.cast.people for track in person.tracks}
    wanted = [t for t in case.cast.tracks if needs_body(plan.role_of(owner[t.label]))]
    if not wanted:
        return Bodies()
    place = folder.path / "bodies"
    place.mkdir(mode=0o700, exist_ok=True)
    missing = [t for t in wanted if _load(place, t, case) is None]
    if missing:
        _Looking(case, place, missing).run(progress)
    kept = {t.label: _load(place, t, case) for t in wanted}
    return Bodies({label: found for label, found in kept.items() if found is not None}, owner)


def _key(case: Case, track: Track) -> str:
    return f"{__version__}/{case.film.fingerprint}/{track.label}/{track.first}/{track.last}"


def _load(place: Path, track: Track, case: Case) -> KeptBodies | None:
    """Return what is kept of a track; None where nothing is, or it is of another film."""
    notes, cells = place / f"{track.label}.npz", place / f"{track.label}.cells"
    try:
        with np.load(notes) as stored:
            if str(stored["key"]) != _key(case, track):
                return None
            ends, squares, joints, tone = (stored[k] for k in ("ends", "squares", "joints", "tone"))
        size = cells.stat().st_size
        mapped = np.memmap(cells, np.uint8, "r") if size else np.zeros(0, np.uint8)
    except (OSError, KeyError, ValueError, EOFError, BadZipFile, zlib.error):
        return None
    if size != ends[-1]:
        return None
    red, green, blue = (float(v) for v in tone)
    return KeptBodies(track.first, mapped, ends, squares, joints, (red, green, blue))


class _Looking:
    """Goes through the frames in which bodies are missing."""

    def __init__(self, case: Case, place: Path, missing: list[Track]) -> None:
        self._case, self._place = case, place
        self._missing = {t.label for t in missing}
        self._paths = {t.label: _path(t, case) for t in self._tracks(missing)}
        self._mine = threading.local()
        self._open: dict[str, _Keeping] = {}

    def _tracks(self, missing: list[Track]) -> list[Track]:
        """Return whoever is on screen together with those who are missing: a neighbour's arm is not one's own."""
        return [t for t in self._case.cast.tracks if any(t.first < m.last and t.last > m.first for m in missing)]

    def run(self, progress: Progress) -> None:
        tracks = [t for t in self._case.cast.tracks if t.label in self._missing]
        spans = _merged([(t.first, t.last) for t in tracks])
        total = sum(last - first for first, last in spans)
        looked = in_order(self._look, self._frames(spans), workers=2)
        try:
            for index, seen in progress(looked, doing="looking at bodies", total=total):
                for track in tracks:
                    if track.first <= index < track.last:
                        self._take(track, index, seen)
        finally:
            for keeping in self._open.values():
                keeping.abandon()

    def _take(self, track: Track, index: int, seen: "dict[str, Seen]") -> None:
        if track.label not in self._open:
            self._open[track.label] = _Keeping(self._place, track, _key(self._case, track))
        self._open[track.label].take(*own(track.label, seen))
        if index == track.last - 1:
            self._open.pop(track.label).close()

    def _frames(self, spans: list[tuple[int, int]]) -> Iterator[Frame]:
        for first, last in spans:
            with read(self._case.film, start=first) as reader:
                for frame in ahead(reader):
                    if frame.index >= last:
                        break
                    yield frame

    def _look(self, frame: Frame) -> tuple[int, "dict[str, Seen]"]:
        """Return the bodies of a frame, by track: of those who are missing and of those who stand near them."""
        if not hasattr(self._mine, "sight"):
            self._mine.sight = BodySight()
        sight: BodySight = self._mine.sight
        places = {label: path.at(frame.index) for label, path in self._paths.items() if path.holds(frame.index)}
        mine = {label: place for label, place in places.items() if label in self._missing}
        seen = {}
        for label, (square, face) in places.items():
            beside = any(
                square.shared_px(other) and face.height > _LESS * head.height
                for name, (other, head) in mine.items()
                if name != label
            )
            if label in mine or beside:
                body, pixels = sight.look(frame.picture, square, face)
                seen[label] = Seen(body, pixels, square, face)
        return frame.index, seen


@dataclass(frozen=True, eq=False)
class _Path:
    """Where a face is along its track, calmed so that a square does not shake."""

    first: int
    boxes: NDArray[np.float32]
    height: int

    def holds(self, index: int) -> bool:
        return 0 <= index - self.first < len(self.boxes)

    def at(self, index: int) -> tuple[Box, Box]:
        """Return the body's square, and the face's box."""
        face = Box(*(int(v) for v in np.round(self.boxes[index - self.first])))
        return square_of(face, self.height), face


def _path(track: Track, case: Case) -> _Path:
    count = track.last - track.first
    boxes = np.concatenate([track.read(i, i + _AT_ONCE)["box"] for i in range(0, count, _AT_ONCE)])
    sigma = max(0.5, _CALM_S * float(case.film.rate_hz))
    calm = cv2.GaussianBlur(
        boxes.astype(np.float32), (1, 0x1 | round(6 * sigma)), sigmaX=0.1, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE
    )
    return _Path(track.first, np.asarray(calm, np.float32), case.film.height)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans (half-open) in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


class _Keeping:
    """Steadies the bodies of one track and writes them down; a few frames behind what is taken."""

    def __init__(self, place: Path, track: Track, key: str) -> None:
        self._notes, self._cells = place / f"{track.label}.npz", place / f"{track.label}.cells"
        self._draft = self._cells.with_suffix(".part")
        self._out = self._draft.open("wb")
        self._key = key
        self._waiting: deque[tuple[Seen, Plane]] = deque()
        self._next = 0  # which of those waiting is written next
        self._ends, self._squares, self._joints = [0], [], []  # type: ignore[var-annotated]
        self._tones: list[NDArray[np.float32]] = []

    def take(self, seen: Seen, luma: Plane) -> None:
        """Take the next frame of the track."""
        self._waiting.append((seen, cv2.GaussianBlur(luma, (0, 0), 1.5).astype(np.uint8, copy=False)))
        if len(self._waiting) - self._next > NEAR:
            self._write()

    def abandon(self) -> None:
        """Leave no file open, and none that looks finished."""
        self._out.close()
        self._draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Write the rest, and give the files their names."""
        while self._next < len(self._waiting):
            self._write()
        self._out.close()
        tone = np.median(self._tones, 0) if self._tones else np.full(3, np.nan)
        os.replace(self._draft, self._cells)
        with whole(self._notes) as notes:
            np.savez(
                notes,
                key=np.array(self._key),
                ends=np.array(self._ends, np.int64),
                squares=np.array(self._squares, np.int32).reshape(-1, 4),
                joints=np.array(self._joints, np.float32).reshape(-1, 33, 3),
                tone=np.asarray(tone, np.float32),
            )

    def _write(self) -> None:
        seen = self._waiting[self._next][0]
        share = steadied(list(self._waiting), self._next)
        square = seen.square
        self._squares.append((square.left, square.top, square.right, square.bottom))
        body = seen.body or next((s.body for s, _ in self._waiting if s.body is not None), None)
        self._joints.append(np.zeros((33, 3), np.float32) if body is None else body.joints)
        if share is not None:
            self._out.write(zlib.compress(share.tobytes(), 1))
        self._ends.append(self._out.tell())
        if seen.body is not None and len(self._tones) < 2000:
            self._tones += [tone] if (tone := tone_of(seen)) is not None else []
        self._next += 1
        if self._next > NEAR:
            self._waiting.popleft()
            self._next -= 1
