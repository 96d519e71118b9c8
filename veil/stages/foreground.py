"""Keeps beside each track what is in front of its face: looked for while the faces are followed on."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from veil.nouns.front import Front
from veil.nouns.picture import Box, Frame, Points
from veil.sight.front import Fronts
from veil.sight.hands import Hands

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
