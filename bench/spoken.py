"""What mouths were made to say in a result: there the original's mouth is no measure, the new sound is."""

from fractions import Fraction
from pathlib import Path

from veil.nouns.picture import Box, Points
from veil.stages.case import CaseFolder, load_case
from veil.stages.escalation import in_force, load_raised
from veil.stages.mouths import mouths_of
from veil.stages.plan import make_plan
from veil.stages.presence import Presence

_SAME = 0.4  # overlap of two boxes around one face


class Spoken:
    """Tells of each face of a film what its double's mouth says; frames must be asked for in order."""

    def __init__(self, case: Path) -> None:
        """`case` is the folder with which the result was made; raise VeilError when it is damaged."""
        folder = CaseFolder(case)
        found = load_case(folder)
        self._plan = in_force(make_plan(found, folder), load_raised(folder))
        self._mouths, self._presence = mouths_of(found, self._plan, folder), Presence(found)
        self._here: tuple[int, list[tuple[str, Box]]] = (-1, [])

    def at(self, index: int, at: Fraction, points: Points) -> tuple[float, float]:
        """Return how far a mouth is taken over, 0 to 1, and how far apart the new sound wants its lips to be.

        `points` is the face's mesh in the original. Nobody whom Veil knows of is at a mouth that says nothing new.
        """
        if self._here[0] != index:
            self._here = index, [(p.person, Box.around(face.mesh)) for p, face in self._presence.faces(index, at)]
        box = Box.around(points)
        person, overlap = max(((p, b.overlap(box)) for p, b in self._here[1]), key=lambda pb: pb[1], default=("", 0.0))
        if overlap < _SAME:
            return 0.0, 0.0
        share = self._mouths.share(person, float(at)) * self._plan.role_of(person).veil(at)
        return share, self._mouths.says(person, float(at)).gap if share else 0.0
