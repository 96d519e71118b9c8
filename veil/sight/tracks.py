"""Follows every face through a shot. A track never blinks: where the face is lost, the row says so."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import OVAL
from veil.nouns.cast import ROW, Fitting, Sure
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Frame, Picture, Pixels, Points
from veil.sight.detector import Detector, Sighting, merged, tiles
from veil.sight.hands import Hands
from veil.sight.light import measure_grain, measure_light, measure_look
from veil.sight.meshes import CROP_SIDE, Mesher, Place, place_of_box, place_of_points

_PRESENT = 0.5  # the landmark net's own word that a face is there
_SURELY = 0.9  # of the same: so sure it is of a face behind a hand too
_DRIFT = 0.9  # of its last step is what somebody who is hidden goes on by in each frame
_LINGER_S = 1.0  # how long a lost face stays covered where it was
_CYCLE = 28  # frames in which every tile is looked at once, at most
_RING_BYTES = 256 << 20


@dataclass
class _Live:
    """A face being followed."""

    label: str
    first: int
    mesh: Points
    box: NDArray[np.float32]  # left, top, right, bottom
    step: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))  # px a frame
    sure: Sure = Sure.FITTED
    lost: int = 0
    good: int = 1  # frames in which it was fitted or seen
    rows: list[NDArray[np.void]] = field(default_factory=list)
    portrait: Pixels | None = None
    worth: float = 0.0  # of the portrait: large and frontal is good
    fittings: list[Fitting] = field(default_factory=list)
    pause: int = 2  # frames between two fittings; doubles when there are many
    next_fitting: int = 0


@dataclass(frozen=True, eq=False)
class Ended:
    """What is left of a track that has ended, beside its rows."""

    portrait: Pixels | None  # the best picture of the face
    fittings: list[Fitting]


Keep = Callable[[str, int, list[NDArray[np.void]], Ended | None], None]
"""Called with a track's label, its first frame, rows to append, and at its end with what is left of it."""

_PORTRAIT_PX = 128
_FITTINGS = 16


def head_box(mesh: Points) -> NDArray[np.float32]:
    """Return the front of the head for a mesh: the oval, and a little above it where the forehead goes on."""
    low, high = mesh[OVAL, :2].min(0), mesh[OVAL, :2].max(0)
    return np.array([low[0], low[1] - 0.06 * (high[1] - low[1]), high[0], high[1]], np.float32)


class Tracker:
    """Follows faces through the frames of one film, in order; `keep` receives the rows."""

    def __init__(self, width: int, height: int, rate_hz: float, keep: Keep) -> None:
        self._size = (width, height)
        self._linger = max(8, round(_LINGER_S * rate_hz))
        self._keep = keep
        self._detector, self._mesher = Detector(), Mesher()
        self._hands = Hands()
        self._scouting, self._scout = Detector(), ThreadPoolExecutor(1, "scanning")
        self._live: list[_Live] = []
        self._fitting: Fitting | None = None  # of the last mesh that was fitted
        self.born = 0
        self._shot_first = 0
        self._rota = self._plan_tiles(_RING_BYTES // (width * height * 3 // 2) - 2)
        self._ring: deque[Frame] = deque(maxlen=len(self._rota) + 2)

    def _plan_tiles(self, most: int) -> list[list[Box]]:
        """Deal the tiles out over a cycle of frames, one or two a frame; the whole picture comes by most often."""
        width, height = self._size
        longest = max(width, height)
        # In the finest tiles a face 24 px between the ears is at least 12 px of the detector's 192.
        finest = int(np.clip(longest / 4, 200, 360))
        sides = [s for s in (longest // 2, finest) if s >= finest]
        every = [t for s in dict.fromkeys(sides) for t in tiles(width, height, s)] if longest > finest else []
        turns = [tile for i, part in enumerate(every) for tile in ([self._all] if i % 6 == 0 else []) + [part]]
        cycle = int(np.clip(len(turns), 2, max(2, min(_CYCLE, most))))
        return [turns[i::cycle] or [self._all] for i in range(cycle)]

    @property
    def _all(self) -> Box:
        return Box(0, 0, *self._size)

    def cut(self, first: int) -> None:
        """Begin a new shot at frame number `first`: every track ends."""
        for live in self._live:
            self._end(live)
        self._live.clear()
        self._ring.clear()
        self._shot_first = first

    def step(self, frame: Frame) -> None:
        """Follow every face into the next frame and look for new ones."""
        scan = self._scout.submit(self._scan, frame)  # looks for new faces while the known ones are followed
        for live in self._live:
            self._follow(live, frame)
        self._part_doubles()
        for live in [one for one in self._live if one.lost > min(self._linger, 3 * one.good)]:
            self._end(live)  # a face seen for a moment lingers for a moment
            self._live.remove(live)
        for sighting in scan.result():
            self._meet(sighting, frame)
        self._ring.append(frame)
        for live in self._live:
            if len(live.rows) >= 64:
                self._flush(live)

    def finish(self) -> None:
        """End every track; the film is over."""
        self.cut(self._shot_first)
        self._scout.shutdown()

    def _end(self, live: _Live) -> None:
        self._keep(live.label, live.first, live.rows, Ended(live.portrait, live.fittings))

    def _flush(self, live: _Live) -> None:
        self._keep(live.label, live.first, live.rows, None)
        live.rows = []

    # ── being interrupted ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def memory(self) -> int:
        """How many frames before a new face it looks back to."""
        return self._ring.maxlen or 0

    def state(self) -> list[dict[str, Any]]:
        """Return what `resume` needs, as plain values; all rows so far are kept first."""
        for live in self._live:
            self._flush(live)
        return [
            {
                "label": t.label,
                "first": t.first,
                "mesh": t.mesh.tolist(),
                "box": t.box.tolist(),
                "step": t.step.tolist(),
                "sure": int(t.sure),
                "lost": t.lost,
                "good": int(t.good),
                "pause": [t.pause, t.next_fitting],
            }
            for t in self._live
        ]

    def fitted(self) -> list[tuple[str, Points, Box]]:
        """Return label, mesh and the front of the head of every face that fits in the last frame."""
        return [(t.label, t.mesh, _whole(t.box)) for t in self._live if t.sure is Sure.FITTED]

    def fittings(self) -> dict[str, list[Fitting]]:
        """Return the looks kept so far of every live track."""
        return {live.label: live.fittings for live in self._live}

    def resume(self, state: list[dict[str, Any]], born: int, looks: dict[str, list[Fitting]] | None = None) -> None:
        """Take up tracks where `state` and `fittings` left them."""
        self.born = born
        for t in state:
            mesh, box, step = (np.array(t[k], np.float32) for k in ("mesh", "box", "step"))
            sure = Sure(t["sure"])
            live = _Live(t["label"], t["first"], mesh, box, step, sure, t["lost"], t["good"])
            live.fittings = (looks or {}).get(live.label, [])
            live.pause, live.next_fitting = t["pause"]
            self._live.append(live)

    def remember(self, frame: Frame) -> None:
        """Take a frame that was already followed, to look back to."""
        self._ring.append(frame)

    # ── following ──────────────────────────────────────────────────────────────────────────────────────────────

    def _follow(self, live: _Live, frame: Frame) -> None:
        row, mesh = self._look_again(live.mesh, live.box, live.step, live.sure, frame)
        if live.sure is not Sure.FITTED and row["sure"] != Sure.LOST and self._taken(row["box"], live):
            row, mesh = _row(frame.index, Sure.LOST, live.box, live.mesh, 0.0), live.mesh
        box = row["box"]
        moved = ((box[:2] + box[2:]) - (live.box[:2] + live.box[2:])) / 2
        live.step = np.clip(0.5 * live.step + 0.5 * moved, -0.5 * np.ptp(box[::2]), 0.5 * np.ptp(box[::2]))
        live.mesh, live.box, live.sure = mesh, box.copy(), Sure(int(row["sure"]))
        live.lost = live.lost + 1 if live.sure is Sure.LOST else 0
        live.good += live.sure is not Sure.LOST
        live.rows.append(row)
        self._portray(live, frame.picture)

    def _portray(self, live: _Live, picture: Picture) -> None:
        """Keep the best picture of the face for the contact sheet."""
        mesh, size = live.mesh, float(live.box[2] - live.box[0])
        nose, left, right = mesh[4, 0], mesh[234, 0], mesh[454, 0]
        frontal = 1 - abs(float((nose - left) - (right - nose))) / max(size, 1.0)
        worth = (min(size, 200) / 200 + frontal) if live.sure is Sure.FITTED else 0.1
        if live.sure is Sure.FITTED and frontal > 0.6:
            self._keep_fitting(live)
        if worth > live.worth * 1.15:
            (x, y), half = _whole(live.box).centre, round(0.8 * max(size, float(live.box[3] - live.box[1])))
            box = picture.even(Box(round(x) - half, round(y) - half, round(x) + half, round(y) + half))
            if box.area:
                live.portrait, live.worth = picture.scaled(box, _PORTRAIT_PX, _PORTRAIT_PX), worth

    def _keep_fitting(self, live: _Live) -> None:
        """Keep a look now and then; when there are many, every second goes and the pauses double."""
        live.next_fitting -= 1
        if live.next_fitting > 0 or self._fitting is None:
            return
        live.fittings.append(self._fitting)
        if len(live.fittings) > _FITTINGS:
            live.fittings = live.fittings[::2]
            live.pause *= 2
        live.next_fitting = live.pause

    def _look_again(
        self, mesh: Points, box: NDArray[np.float32], step: NDArray[np.float32], sure: Sure, frame: Frame
    ) -> tuple[NDArray[np.void], Points]:
        """Find a face near where it was: by its mesh, else by the detector, else it is lost where it would be."""
        picture = frame.picture
        if sure is Sure.FITTED:
            ahead = mesh.copy()
            ahead[:, :2] += 0.5 * step
            fitted = self._fit(frame.index, picture, place_of_points(ahead))
            if fitted is not None and _plausible(fitted[1], mesh):
                return fitted
        seen = self._near(picture, box)
        if seen is not None:
            fitted = self._fit(frame.index, picture, _place(seen))
            if fitted is not None and _holds(fitted[1], seen.box):
                return fitted
            b = seen.box
            return _row(frame.index, Sure.SEEN, _as_head(b), mesh, seen.score), mesh
        gone = box + np.tile((1.0 if sure is not Sure.LOST else _DRIFT) * step, 2).astype(np.float32)
        return _row(frame.index, Sure.LOST, gone, mesh, 0.0), mesh

    def _near(self, picture: Picture, box: NDArray[np.float32]) -> Sighting | None:
        """Return the sighting that best overlaps where the face was, if any."""
        here = _whole(box)
        around = here.grown(0.8)
        side = max(around.width, around.height)
        found = self._detector.look(picture, around, 0.35) if side > 8 else []
        near = [s for s in found if s.box.overlap(here) > 0.15 and 0.4 < s.box.width / max(1, here.width) < 2.5]
        return max(near, key=lambda s: s.score * s.box.overlap(here), default=None)

    def _fit(self, index: int, picture: Picture, place: Place) -> tuple[NDArray[np.void], Points] | None:
        if not 4 <= place.side <= 4 * max(self._size):
            return None
        mesh, presence, crop = self._mesher.fit(picture, place)
        if presence < _PRESENT:
            return None
        row = _row(index, Sure.FITTED, head_box(mesh), mesh, presence)
        to_crop = place.to_crop()
        scale = CROP_SIDE / place.side
        in_crop = np.empty_like(mesh)
        in_crop[:, :2] = mesh[:, :2] @ to_crop[:, :2].T + to_crop[:, 2]
        in_crop[:, 2] = mesh[:, 2] * scale
        row["light"] = measure_light(crop, in_crop)
        self._fitting = Fitting(crop, in_crop, row["light"].copy())
        if index % 8 == 0:
            row["grain"], row["blur"] = measure_grain(crop, in_crop, scale)
            row["speck"], row["lift"] = measure_look(crop, in_crop, scale)
        return row, mesh

    def _taken(self, box: NDArray[np.float32], but: _Live | None = None) -> bool:
        """Tell whether a face that was found again is one that another track follows."""
        here = _whole(box)
        return any(
            live is not but and live.sure is Sure.FITTED and _whole(live.box).overlap(here) > 0.4 for live in self._live
        )

    def _part_doubles(self) -> None:
        """Where two tracks came to follow one face, the one that fits worse counts as lost, and stays covered."""
        for i, a in enumerate(self._live):
            for b in self._live[i + 1 :]:
                if a.sure is Sure.LOST or b.sure is Sure.LOST:
                    continue
                if _whole(a.box).overlap(_whole(b.box)) < 0.55:
                    continue
                worse = min(a, b, key=lambda t: (t.sure is Sure.FITTED, -t.first))
                worse.sure, worse.lost = Sure.LOST, worse.lost + 1
                if len(worse.rows) > 1:  # it went astray just now: the person is where they were before
                    worse.rows[-1]["sure"], worse.rows[-1]["box"] = Sure.LOST, worse.rows[-2]["box"]
                    worse.box = worse.rows[-2]["box"].copy()

    # ── meeting ────────────────────────────────────────────────────────────────────────────────────────────────

    def _scan(self, frame: Frame) -> list[Sighting]:
        beginning = frame.index == self._shot_first
        turn = [t for part in self._rota for t in part] if beginning else self._rota[frame.index % len(self._rota)]
        found = [
            s
            for tile in turn
            for s in self._scouting.look(frame.picture, tile, 0.5)
            if not _cut_by(tile, s.box, self._size)
        ]
        return merged(found)

    def _meet(self, sighting: Sighting, frame: Frame) -> None:
        """Begin a track for a face that no live track holds, and follow it back to where it came from."""
        for live in self._live:
            held = _whole(live.box)
            near = held.overlap(sighting.box) > 0.2 or _share(sighting.box, held) > 0.6
            if near and live.sure is not Sure.LOST:
                return
        doubt = self._detector.doubt(frame.picture, sighting.box)
        fitted = self._fit(frame.index, frame.picture, _place(sighting))
        if fitted is not None and _holds(fitted[1], sighting.box) and (doubt < 0.7 or self._insists(sighting)):
            row, mesh = fitted
        elif (sighting.score >= 0.6 and doubt < 0.6) or self._insists(sighting):
            mesh = np.zeros((478, 3), np.float32)
            row = _row(frame.index, Sure.SEEN, _as_head(sighting.box), mesh, sighting.score)
        else:
            return
        if self._taken(row["box"]):
            return
        # A hand is no face; but where a mesh surely fits there is one, whatever is before it.
        fits = row["sure"] == Sure.FITTED and row["presence"] >= _SURELY
        if not fits and self._hands.takes(frame.picture, sighting.box, sighting.eyes):
            return
        self.born += 1
        earlier = self._trace_back(row, mesh)
        first = int(earlier[0]["index"]) if earlier else frame.index
        live = _Live(f"T{self.born}", first, mesh, row["box"].copy(), sure=Sure(int(row["sure"])))
        live.rows = [*earlier, row]
        live.good = sum(r["sure"] != Sure.LOST for r in live.rows)
        self._live.append(live)
        self._portray(live, frame.picture)

    def _insists(self, sighting: Sighting) -> bool:
        """Tell whether a doubtful face shows in four of the last frames too: a hand or a pattern does not stay one."""
        before = list(self._ring)[-6:]
        again = sum(
            any(s.box.overlap(sighting.box) > 0.3 for s in self._detector.look(f.picture, sighting.box.grown(0.8), 0.5))
            for f in before
        )
        return again >= 4

    def _trace_back(self, row: NDArray[np.void], mesh: Points) -> list[NDArray[np.void]]:
        """Return the rows of the frames before, oldest first: the face was there before the scan came by."""
        rows: list[NDArray[np.void]] = []
        box, sure, still = row["box"], Sure(int(row["sure"])), np.zeros(2, np.float32)
        for frame in reversed(self._ring):
            earlier, mesh = self._look_again(mesh, box, still, sure, frame)
            rows.append(earlier)
            box, sure = earlier["box"], Sure(int(earlier["sure"]))
        good = 1 + sum(r["sure"] != Sure.LOST for r in rows)
        before = min(12, 4 * good)  # a face that came in stays covered a little before it was first seen, no longer
        while len(rows) > before and all(r["sure"] == Sure.LOST for r in rows[-before - 1 :]):
            rows.pop()
        return rows[::-1]


def _row(index: int, sure: Sure, box: NDArray[np.float32], mesh: Points, presence: float) -> NDArray[np.void]:
    row = np.zeros((), ROW)
    row["index"], row["sure"], row["box"], row["mesh"], row["presence"] = index, sure, box, mesh, presence
    row["light"] = np.zeros((LIGHT_TERMS, 3), np.float32)
    row["grain"] = row["blur"] = row["speck"] = row["lift"] = -1  # not measured in this frame
    return row


def _cut_by(tile: Box, box: Box, size: tuple[int, int]) -> bool:
    """Tell whether a face reaches over an edge of the tile inside the picture: another tile sees it whole."""
    slack = 0.04 * box.width
    return (
        (tile.left > 0 and box.left < tile.left + slack)
        or (tile.top > 0 and box.top < tile.top + slack)
        or (tile.right < size[0] and box.right > tile.right - slack)
        or (tile.bottom < size[1] and box.bottom > tile.bottom - slack)
    )


def _whole(box: NDArray[np.float32]) -> Box:
    return Box(*(int(v) for v in box))


def _place(sighting: Sighting) -> Place:
    b = sighting.box
    return place_of_box(b.left, b.top, b.right, b.bottom, sighting.eyes)


def _as_head(box: Box) -> NDArray[np.float32]:
    """Widen a detector's box (brows to chin) to the front of the head."""
    w, h = box.width, box.height
    return np.array([box.left - 0.1 * w, box.top - 0.35 * h, box.right + 0.1 * w, box.bottom + 0.12 * h], np.float32)


def _plausible(mesh: Points, before: Points) -> bool:
    """Tell whether a face can have gone from one mesh to the other within a frame."""
    size, size_before = (max(float(np.ptp(m[:468, :2], axis=0).max()), 1.0) for m in (mesh, before))
    way = float(np.linalg.norm(mesh[:468, :2].mean(0) - before[:468, :2].mean(0)))
    return 0.6 < size / size_before < 1.7 and way < 0.7 * size_before


def _holds(mesh: Points, box: Box) -> bool:
    """Tell whether a mesh sits where the detector saw the face."""
    return (fitted := Box.around(mesh[:468])).overlap(box) > 0.25 or _share(fitted, box) > 0.6


def _share(a: Box, b: Box) -> float:
    return a.shared_px(b) / max(1, min(a.area, b.area))
