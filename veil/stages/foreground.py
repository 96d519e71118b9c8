"""Keeps beside each track what is in front of its face: looked for while the faces are followed on."""

import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from veil.errors import VeilError
from veil.nouns.cast import Track
from veil.nouns.front import Front, load_fronts
from veil.nouns.picture import Box, Frame, Points
from veil.nouns.report import Finding
from veil.sight.front import Fronts
from veil.sight.hands import Hands
from veil.stages.case import Case, CaseFolder, write_json

Fitted = tuple[str, Points, Box]
"""A face whose mesh fits: its track's label, the mesh, and the front of the head."""


def front_path(rows: Path) -> Path:
    """Return where what is in front of a track's face lies, given the path of its rows."""
    return rows.with_suffix(".front")


class Foreground:
    """Looks at one frame after the other, a frame behind; writes into the folder of the tracks."""

    def __init__(self, tracks: Path) -> None:
        self._tracks = tracks
        self._hands, self._fronts = Hands(), Fronts()
        self._pool = ThreadPoolExecutor(1, "before faces")
        self._waiting: Future[list[tuple[str, int, Front]]] | None = None

    def cut(self) -> None:
        """Begin a new shot."""
        self.settle()
        self._hands.cut()
        self._fronts.cut()

    def step(self, frame: Frame, faces: Sequence[Fitted]) -> None:
        """Take the next frame and the faces that were fitted in it."""
        self.settle()
        self._waiting = self._pool.submit(self._look, frame, faces)

    def settle(self) -> None:
        """Write down what was found so far."""
        if self._waiting is None:
            return
        for label, index, front in self._waiting.result():
            with front_path(self._tracks / f"{label}.rows").open("ab") as out:
                out.write(front.packed(index))
        self._waiting = None

    def finish(self) -> None:
        """Write down the rest; the film is over."""
        self.settle()
        self._pool.shutdown()

    def _look(self, frame: Frame, faces: Sequence[Fitted]) -> list[tuple[str, int, Front]]:
        hands = self._hands.step(frame.picture, [box for _, _, box in faces])
        found = []
        for label, mesh, _ in faces:
            front = self._fronts.look(frame.picture, label, mesh, hands, frame.index)
            if front is not None:
                found.append((label, frame.index, front))
        return found


class Kept:
    """Tells in which frames a cut keeps something in front of a face; `refused` says where it does not."""

    def __init__(self, refused: "Refused") -> None:
        self._refused = {label: set(frames) for label, frames in refused.items()}
        self._frames: dict[str, set[int]] = {}

    def holds(self, track: Track, index: int) -> bool:
        """Tell whether something is kept in front of a track's face in frame number `index`."""
        if track.label not in self._frames:
            kept = set(load_fronts(front_path(track.path)))
            self._frames[track.label] = kept - self._refused.get(track.label, set())
        return index in self._frames[track.label]


# ── what the attack does not believe to be in front ────────────────────────────────────────────────────────────────

Refused = dict[str, list[int]]
"""Frames, by track, in which nothing is kept in front of the face."""


def load_refused(folder: CaseFolder) -> Refused:
    """Return where earlier attacks took for a face what was kept in front of it.

    Raises VeilError when the file is damaged.
    """
    path = folder.path / "front-refused.json"
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text("utf-8"))
        return {str(label): [int(i) for i in frames] for label, frames in stored.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise VeilError(
            "what attacks found in front of faces is damaged", "delete front-refused.json in the case folder"
        ) from error


def refuse(case: Case, folder: CaseFolder, findings: Sequence[Finding], around: int) -> bool:
    """Paint, in the next cut, over what was kept in front of a face where a finding says that the face shows.

    So it is for so many frames around it, too. Tells whether there was anything to paint over.
    """
    refused = {label: set(frames) for label, frames in load_refused(folder).items()}
    new = False
    for person in case.cast.people:
        for track in (t for t in case.cast.tracks if t.label in person.tracks):
            kept = set(load_fronts(front_path(track.path))) - refused.get(track.label, set())
            for finding in (f for f in findings if f.kind == "original" and f.person == person.label):
                near = {i for i in kept if abs(i - finding.index) <= around}
                if finding.index in kept:
                    new = True
                    refused.setdefault(track.label, set()).update(near)
    if new:
        write_json(folder.path / "front-refused.json", {label: sorted(i) for label, i in refused.items()})
    return new
