"""Whose mouth says what is heard in the result: from the lines of the new voices to the meshes of the doubles.

Where somebody hidden speaks, or something that nobody heard clearly is spoken, their filmed lips are taken out, so that
no word can be read on them; the double's mouth says what the new voice says, and rests while that is silent. Where
they are heard as themselves it stays as filmed.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from veil.disguise.faces.mouthing import EXPRESSIONS, Habit, Mouthing
from veil.disguise.faces.speaking import Saying, Shape
from veil.nouns.cast import Face, Sure, Track
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Placed
from veil.nouns.time import Span
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard
from veil.stages.placed import load_placed
from veil.stages.presence import Part

_BEFORE_S, _AFTER_S = 0.25, 0.2  # lips move before a voice is heard, and after: so much more is taken over in full
_RAMP_S = 0.12  # then the filmed mouth comes back
_BREATH_S = 0.6  # between two stretches: in a shorter one the filmed mouth does not come back
_UNKNOWN_S = 0.6  # a voice that no turn explains, for as long as this, may be anybody's
_LOOKS_HZ = 12.5  # how often an expression is looked at; it is averaged over far more
_AT_ONCE = 4  # lines of one person that a mouth may be on its way to, or from
_SAMPLE = 600  # meshes from which it is learned what the net makes of turns
_AROUND_S = 1.0  # so far around a stretch of film its mouths may depend on what is said
Stretch = tuple[float, float]


class Mouths:
    """The mouths of one film, by one plan."""

    def __init__(self, case: Case, plan: Plan, placed: Iterable[Placed], heard: Heard) -> None:
        """`placed` is what the new voices say, `heard` what was to be heard in the film."""
        self._case, self._plan = case, plan
        self._lines: dict[str, list[Placed]] = {}
        self._taken: dict[str, list[Stretch]] = {}
        if plan.sound == "disguised":
            for line in placed:
                self._lines.setdefault(line.speaker, []).append(line)
            anybodys = _unexplained(heard)
            for person in [p.label for p in case.cast.people]:
                own = [turn.span for turn in heard.turns if turn.speaker == person]
                self._taken[person] = _taken(plan.role_of(person), self._lines.get(person, []), [*own, *anybodys])
        self._sayings: dict[str, list[Saying]] = {}
        self._habits: dict[str, Habit | None] = {}
        self._mouthings: dict[str, Mouthing] = {}

    def share(self, person: str, time_s: float) -> float:
        """Return how far somebody's mouth is taken over, 0 to 1."""
        taken = self._taken.get(person, ())
        place = bisect_right(taken, (time_s, math.inf))  # they lie apart, in order
        near_by = taken[max(0, place - 1) : place + 1]
        away_s = min((max(a - time_s, time_s - b, 0.0) for a, b in near_by), default=_RAMP_S)
        near = 1 - min(away_s, _RAMP_S) / _RAMP_S
        return near * near * (3 - 2 * near)

    def says(self, person: str, time_s: float) -> Shape:
        """Return the shape of somebody's mouth, which their new voice gives it."""
        if person not in self._sayings:
            sayings = [Saying(line.phones, line.words) for line in self._lines.get(person, ())]
            self._sayings[person] = sorted(sayings, key=lambda saying: saying.span_s)
        last = bisect_right(self._sayings[person], time_s, key=lambda saying: saying.span_s[0])
        here = self._sayings[person][max(0, last - _AT_ONCE) : last]
        return max((s.at(time_s) for s in here), key=lambda shape: shape.gap, default=Shape())

    def spoken(self, part: Part, face: Face, index: int) -> Face:
        """Return the face of a frame, with the mesh that its double wears where the mouth says something else."""
        share = self.share(part.person, float(face.at)) if self._taken.get(part.person) else 0.0
        share *= self._plan.role_of(part.person).veil(face.at)
        if share <= 0 or face.sure is not Sure.FITTED or face.strength >= 1:
            return face
        neutral, track = self._case.neutrals.get(part.person), part.motion.track
        if neutral is None:
            return face
        if part.person not in self._mouthings:
            self._mouthings[part.person] = Mouthing(neutral)
        mouthing = self._mouthings[part.person]
        if track.label not in self._habits:
            self._habits[track.label] = _habit(mouthing, track, float(self._case.film.rate_hz))
        habit = self._habits[track.label]
        if habit is None:
            return face
        shape = self.says(part.person, float(face.at))
        return replace(face, spoken=mouthing.put(face.mesh, shape, habit, index - track.first, share))

    def told(self, people: Iterable[str], first: int, last: int) -> list[object]:
        """Return what the mouths of these people depend on from frame `first` to `last`: with other sound, other."""
        shots = [shot.span for shot in self._case.shots if shot.first < last and shot.last > first]
        if not shots:
            return []
        start, end = float(shots[0].start) - _AROUND_S, float(shots[-1].end) + _AROUND_S
        return [
            (
                person,
                [stretch for stretch in self._taken[person] if stretch[1] > start and stretch[0] < end],
                [line for line in self._lines.get(person, ()) if line.span.end > start and line.span.start < end],
            )
            for person in people
            if self._taken.get(person)
        ]


def mouths_of(case: Case, plan: Plan, folder: CaseFolder) -> Mouths:
    """Return the mouths of a film as its new voices, where there are any, make them.

    Raises VeilError when what was heard, or what the voices say, is damaged.
    """
    if plan.sound != "disguised":
        return Mouths(case, plan, (), Heard())
    return Mouths(case, plan, load_placed(folder), load_heard(folder))


def _taken(role: Role, lines: list[Placed], spoken: Iterable[Span]) -> list[Stretch]:
    """Return the stretches in which somebody's mouth is taken over whole: where they speak, or are made to, unheard.

    A voice that is only bent says what the lips say; where nobody wrote down what that is there is nothing to hide.
    """
    bent = [line.span for line in lines if line.by == "convert" and not line.words and not line.phones]
    new = [line.span for line in lines if line.span not in bent]
    stretches = [(float(s.start), float(s.end)) for s in (*spoken, *new)]
    for kept in (*role.voicing.heard, *bent):
        stretches = _without(stretches, (float(kept.start), float(kept.end)))
    whole: list[Stretch] = []
    for start, end in sorted((a - _BEFORE_S, b + _AFTER_S) for a, b in stretches):
        if whole and start - whole[-1][1] < _BREATH_S:
            whole[-1] = whole[-1][0], max(end, whole[-1][1])
        else:
            whole.append((start, end))
    return whole


def _without(stretches: list[Stretch], kept: Stretch) -> list[Stretch]:
    """Return the stretches with one cut out of them."""
    pieces = [piece for a, b in stretches for piece in ((a, min(b, kept[0])), (max(a, kept[1]), b))]
    return [(a, b) for a, b in pieces if b > a]


def _unexplained(heard: Heard) -> list[Span]:
    """Return where a voice is heard that belongs to no turn: it may be anybody's."""
    stretches = [(float(s.start), float(s.end)) for s in heard.voiced]
    for turn in heard.turns:
        stretches = _without(stretches, (float(turn.span.start), float(turn.span.end)))
    return [Span(Fraction(a), Fraction(b)) for a, b in stretches if b - a > _UNKNOWN_S]


def _habit(mouthing: Mouthing, track: Track, rate_hz: float) -> Habit | None:
    """Return what a track tells of a face beside its speech; None where no mesh of it fits."""
    rows = track.rows()
    fitted = np.flatnonzero(np.array(rows["sure"]) == Sure.FITTED)
    if not len(fitted):
        return None
    sample = fitted[np.linspace(0, len(fitted) - 1, min(len(fitted), _SAMPLE)).astype(int)]
    turns = mouthing.turns([np.array(rows["mesh"][int(i)]) for i in sample])
    every = max(1, round(rate_hz / _LOOKS_HZ))
    looks = range(0, len(rows), every)
    known = np.isin(looks, fitted)
    quick = np.zeros((len(looks), EXPRESSIONS))
    for place, row in enumerate(looks):
        if known[place]:
            quick[place] = mouthing.expression(np.array(rows["mesh"][row]), turns)
    return mouthing.habit(turns, quick, known, rate_hz / every, every)
