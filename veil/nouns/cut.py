"""What was painted, against what was owed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from veil.errors import Exposed
from veil.nouns.cast import Cast
from veil.nouns.plan import Plan
from veil.nouns.time import Instant


@dataclass
class Ledger:
    """Two sources that must agree: `owed` comes from the tracks, `paid` from the paint."""

    owed: set[tuple[int, str]] = field(default_factory=set)
    paid: set[tuple[int, str]] = field(default_factory=set)
    escalated: int = 0  # faces for which the cutting room had to take a stronger cover than planned

    def owe(self, index: int, at: Instant, cast: "Attendance", plan: Plan) -> None:
        """Write down everyone who must be covered in frame number `index`."""
        self.owed.update((index, track) for track, person in cast.at(index) if not plan.role_of(person).shows(at))

    def settle(self) -> None:
        """Raise Exposed unless every debt is paid."""
        unpaid = self.owed - self.paid
        if unpaid:
            frames = sorted({index for index, _ in unpaid})
            raise Exposed(
                f"{len(unpaid)} faces in {len(frames)} frames were not covered, the first in frame {frames[0]}",
                "nothing was written; choose a stronger cover for them in the plan",
            )


class Attendance:
    """Who is in which frame, by the tracks alone."""

    def __init__(self, cast: Cast) -> None:
        owner = {track: person.label for person in cast.people for track in person.tracks}
        self._spans = sorted((t.first, t.last, t.label, owner[t.label]) for t in cast.tracks)
        self._next = 0
        self._open: list[tuple[int, int, str, str]] = []
        self._reached = -1

    def at(self, index: int) -> Iterable[tuple[str, str]]:
        """Return (track, person) for everyone in the frame; cheap when frames are asked for in order."""
        if index < self._reached:
            self._next, self._open = 0, []
        self._reached = index
        while self._next < len(self._spans) and self._spans[self._next][0] <= index:
            self._open.append(self._spans[self._next])
            self._next += 1
        self._open = [s for s in self._open if s[1] > index]
        return [(track, person) for _, _, track, person in self._open]
