"""The opponent at one pair of frames: searches the result for faces, and shows protected ones to the recognisers.

Everything here needs nets; it runs in several threads, each with nets of its own.
"""

import threading
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from veil.adversary.coverage import Coverage, Owed, Seen
from veil.adversary.identity import look
from veil.adversary.in_front import Bare
from veil.adversary.recognisers import NAMES, Recogniser, five_of, recogniser
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Box, Picture, Points
from veil.nouns.report import Finding
from veil.nouns.time import Instant
from veil.stages.presence import Part

_LEAST_PX = 16.0  # between the ears: narrower faces are known by no recogniser, undisguised or not
_ANEW_EVERY = 6  # frames: so often landmarks are found anew in the result, for a second alignment


@dataclass(frozen=True, eq=False)
class Pair:
    """One frame of the original beside the same frame of the result."""

    index: int
    at: Instant
    original: Picture
    result: Picture
    faces: tuple[tuple[Part, Face], ...]  # of everyone who may not be seen now
    painted: tuple[Box, ...]
    allowed: tuple[Box, ...]  # of everyone who may
    last: bool = False  # of the film
    judges: dict[str, tuple[str, ...]] = field(default_factory=dict)  # who looks at a track; all, where it is not said
    signs: tuple[Box, ...] = ()  # to the viewer: they are no paint, and hide nobody
    words: tuple[Box, ...] = ()  # what is written in them
    kept: frozenset[str] = frozenset()  # tracks before whose double the cut left something as it was filmed
    found: tuple[Box, ...] = ()  # covered because an earlier attack saw a face there
    bare: dict[str, Bare | None] = field(default_factory=dict)  # how everyone's face looks undisguised


@dataclass(frozen=True, eq=False)
class Probe:
    """One protected face in the result, as the recognisers see it: (1 or 2, D) vectors by recogniser."""

    part: Part
    face: Face
    width_px: float
    vectors: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Looked:
    """What the opponent got out of a pair."""

    pair: Pair
    seen: Seen
    probes: tuple[Probe, ...]

    def findings(self) -> list[Finding]:
        """Return what was found, with whose face it is where it is that of somebody who was owed a cover."""
        owner = {face.box: part.person for part, face in self.pair.faces}
        return [replace(f, person=owner.get(f.box)) if f.kind == "original" else f for f in self.seen.findings]


class Opponent:
    """Looks at pairs, from as many threads as there are."""

    def __init__(self, deep_every: int) -> None:
        self._deep_every = deep_every
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._deep_until = -1  # up to about here frames are searched deeply: something was found

    def look(self, pair: Pair) -> Looked:
        """Search the result's frame, and show who is in it to the recognisers."""
        if not hasattr(self._mine, "coverage"):
            self._mine.coverage = Coverage()
            self._mine.judges = {name: recogniser(name) for name in NAMES}
        coverage: Coverage = self._mine.coverage
        deep = pair.last or pair.index % self._deep_every == 0 or pair.index <= self._deep_until
        two = pair.original, pair.result
        places = pair.painted, pair.allowed
        seen = coverage.look(pair.index, *two, _owed(pair), *places, deep=deep, signs=pair.signs, found=pair.found)
        if seen.findings:
            with self._lock:
                self._deep_until = max(self._deep_until, pair.index + self._deep_every)
        probes = [self._probe(pair, part, face, seen) for part, face in pair.faces]
        return Looked(pair, seen, tuple(p for p in probes if p is not None))

    def _probe(self, pair: Pair, part: Part, face: Face, seen: Seen) -> Probe | None:
        """Show one face to recognisers, aligned where the original's was and, in turn, where it is found anew."""
        mine: dict[str, Recogniser] = self._mine.judges
        judges = [mine[name] for name in pair.judges.get(part.label, NAMES)]
        width = ears_px(face.mesh)
        if face.sure is not Sure.FITTED or face.strength >= 1 or width < _LEAST_PX:
            return None
        box = pair.result.even(Box.around(face.mesh[:468]).grown(0.7))
        if not box.area:
            return None
        corner = np.array([box.left, box.top], np.float32)
        fives = [five_of(face.mesh) - corner]
        if pair.index % _ANEW_EVERY == 0:
            fives += [five - corner for five in _anew(face, seen)]
        pixels = pair.result.rgb(box)
        return Probe(part, face, width, look(judges, pixels, fives))


def _owed(pair: Pair) -> list[Owed]:
    """Return what had to be covered. That something is in front of a face excuses only where the cut kept it."""
    return [
        Owed(
            face.box,
            face.mesh if face.sure is Sure.FITTED else None,
            pair.bare.get(part.person) if part.label in pair.kept else None,
        )
        for part, face in pair.faces
    ]


def ears_px(mesh: Points) -> float:
    """Return the width of a face from ear to ear."""
    return float(np.linalg.norm(mesh[234, :2] - mesh[454, :2]))


def _anew(face: Face, seen: Seen) -> list[Points]:
    """Return the five points of the face that the search found where this one is, if it did."""
    box = Box.around(face.mesh[:468])
    near = [(box.overlap(found.box), found.points) for found in seen.faces]
    best = max(near, key=lambda n: n[0], default=None)
    return [best[1]] if best is not None and best[0] > 0.4 else []
