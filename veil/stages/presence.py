"""Who is on screen, frame after frame, with their face as the tracks know it."""

from dataclasses import dataclass

from veil.nouns.cast import Face
from veil.nouns.plan import Plan
from veil.nouns.time import Instant
from veil.sight.motion import Motion
from veil.stages.case import Case


@dataclass(frozen=True)
class Part:
    """One track and who plays it."""

    motion: Motion
    person: str

    @property
    def label(self) -> str:
        return self.motion.track.label


class Presence:
    """Everyone on screen; frames must be asked for in order."""

    def __init__(self, case: Case, plan: Plan | None = None) -> None:
        """With a `plan`, faces move as calmly as its dials say; without one, as they were filmed."""
        owner = {track: person.label for person in case.cast.people for track in person.tracks}
        tracks = sorted(case.cast.tracks, key=lambda t: t.first)
        self._coming = [(t, owner[t.label]) for t in reversed(tracks)]
        self._rate_hz = float(case.film.rate_hz)
        self._plan = plan
        self._here: list[Part] = []

    def at(self, index: int) -> list[Part]:
        """Return who is in frame number `index`."""
        while self._coming and self._coming[-1][0].first <= index:
            track, person = self._coming.pop()
            calm = 0.0 if self._plan is None else 1 - self._plan.role_of(person).performance / 100
            self._here.append(Part(Motion(track, self._rate_hz, calm), person))
        self._here = [p for p in self._here if p.motion.track.last > index]
        return self._here

    def faces(self, index: int, at: Instant) -> list[tuple[Part, Face]]:
        """Return who is in the frame, and their faces."""
        return [(part, part.motion.face(index, at)) for part in self.at(index)]
