"""The dossier: everything the attack has on each protected person, and what follows from it."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from veil.adversary.identity import Likeness, look
from veil.adversary.in_front import Bare, bare_of
from veil.adversary.recognisers import NAMES, five_of, recogniser
from veil.nouns.cast import Sure
from veil.nouns.picture import Box, Pixels
from veil.nouns.plan import Plan
from veil.nouns.report import Attack, Finding, Moment, Trace, Verdict
from veil.stages.case import Case, looks_at
from veil.stages.kept import Kept
from veil.stages.mouths import Mouths
from veil.stages.opponent import Looked, Pair, ears_px
from veil.stages.pages import Pictures, view

_LOOKS = 60  # undisguised ones that a gallery is made of
_MOMENTS = 12  # worst frames kept of each person
_FLATTERED = "their double was chosen by these recognisers, which flatters it"
_NEAR = 0.75  # of the way from a stranger's score to the limit: from here on every recogniser looks at every frame
_ALL_EVERY = 6  # frames
_FOUND = 24  # findings of which a picture is kept


@dataclass(eq=False)
class _Course:
    """One person, frame by frame."""

    frames: list[int] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    likeness: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    doubled: int = 0  # frames in which a double was seen
    moments: list[Moment] = field(default_factory=list)


class Dossier:
    """Takes in what the opponent saw, frame by frame in order."""

    def __init__(self, case: Case, plan: Plan, mouths: Mouths | None = None) -> None:
        """`mouths` say something else than was filmed: their play is not compared."""
        self._case, self._plan, self._mouths = case, plan, mouths
        self._kept = Kept(float(case.film.rate_hz))
        self._courses: dict[str, _Course] = defaultdict(_Course)
        self._crops: dict[tuple[int, str | None, Box], tuple[Pixels, Pixels]] = {}
        self._likenesses = _galleries(case)
        self._nearest: dict[str, float] = {}
        self._seen: dict[str, int] = {}

    def bare(self) -> dict[str, Bare | None]:
        """Return how everyone's face looks undisguised, to tell it from a hand before it."""
        tracks = {t.label: t for t in self._case.cast.tracks}
        looks = {p.label: [f for t in p.tracks for f in tracks[t].fittings()] for p in self._case.cast.people}
        return {label: bare_of([(f.crop, f.mesh) for f in found]) for label, found in looks.items()}

    def judges(self, track: str) -> tuple[str, ...]:
        """Return which recognisers are to look at a track in the next frame.

        One of them looks at every frame, in turn; all of them at every sixth, at a track's first six, and from then on
        at all of a track that one of them came near to knowing.
        """
        count = self._seen[track] = self._seen.get(track, -1) + 1
        near = self._nearest.get(track, 0.0) >= _NEAR
        return NAMES if near or count < _ALL_EVERY or count % _ALL_EVERY == 0 else (NAMES[count % len(NAMES)],)

    def take(self, looked: Looked) -> None:
        """Note what one frame shows of everyone who may not be seen."""
        pair = looked.pair
        ratios: dict[int, float] = {}
        for probe in looked.probes:
            likeness = self._likenesses[probe.part.person]
            near = likeness.probe(probe.part.label, pair.index, probe.width_px, probe.vectors)
            ratios[id(probe.face)] = near
            self._nearest[probe.part.label] = max(self._nearest.get(probe.part.label, 0.0), near)
        for (part, face), covered in zip(pair.faces, looked.seen.covered, strict=True):
            course, ratio = self._courses[part.person], ratios.get(id(face), float("nan"))
            course.frames.append(pair.index)
            course.at_s.append(float(pair.at))
            course.likeness.append(ratio)
            course.covered.append(covered)
            if self._plan.role_of(part.person).cover == "double":
                wears = face.sure is Sure.FITTED and face.strength < 1
                course.doubled += wears
                if wears:
                    said = self._mouths.spoken(part, face, pair.index) if self._mouths else face
                    self._kept.see(pair.index, pair.at, part.person, said, pair.original, pair.result)
            if np.isfinite(ratio):
                self._note(course, Moment(pair.index, part.person, face.box, ratio, ""), pair)
        for finding in looked.seen.findings:
            if sum(person is None for _, person, _ in self._crops) < _FOUND:
                self._crops[pair.index, None, finding.box] = self._views(pair, finding.box)

    def _note(self, course: _Course, moment: Moment, pair: Pair) -> None:
        """Keep the moment and its pictures when it is one of the worst, a second apart."""
        apart = float(self._case.film.rate_hz)
        near = next((m for m in course.moments if abs(m.index - moment.index) < apart), None)
        if near is not None and near.ratio >= moment.ratio:
            return
        least = min(course.moments, key=lambda m: m.ratio, default=None)
        gone = near or (least if len(course.moments) >= _MOMENTS else None)
        if gone is not None:
            if gone.ratio >= moment.ratio:
                return
            course.moments.remove(gone)
            del self._crops[gone.index, gone.person, gone.box]
        course.moments.append(moment)
        self._crops[moment.index, moment.person, moment.box] = self._views(pair, moment.box)

    @staticmethod
    def _views(pair: Pair, box: Box) -> tuple[Pixels, Pixels]:
        return view(box, pair.original), view(box, pair.result)

    def attacks(self, findings: tuple[Finding, ...], chosen: set[str]) -> tuple[Attack, ...]:
        """Return what was tried on everyone who was to be hidden, the worst recogniser of each channel.

        `chosen` are those whose double these recognisers chose: they are told that it flatters.
        """
        found: list[Attack] = []
        open_to_all = [p.label for p in self._case.cast.people if p.label not in self._courses]
        for person in self._case.cast.people:
            course = self._courses.get(person.label)
            if course is None:  # they may be seen all the time
                continue
            found.append(self._coverage(person.label, course, findings))
            faces = self._faces(person.label, course, open_to_all)
            found += [replace(a, said=f"{a.said}; {_FLATTERED}") for a in faces] if person.label in chosen else faces
        return tuple(found)

    def _faces(self, label: str, course: _Course, open_to_all: list[str]) -> list[Attack]:
        if not course.doubled and not np.isfinite(course.likeness).any():
            said = "their head is covered in every frame: there is no face to compare"
            return [Attack(label, "face", "the cover", None, None, "safe", said=said)]
        likeness = self._likenesses[label]
        others = [o for o in self._likenesses.values() if o.person != label]
        other = likeness.resembles(others, open_to_all)
        return [*likeness.attacks(), *([other] if other else [])]

    @staticmethod
    def _coverage(label: str, course: _Course, findings: tuple[Finding, ...]) -> Attack:
        """Return whether the person was covered wherever they were owed a cover."""
        frames = set(course.frames)
        shown = [f for f in findings if f.kind == "original" and f.index in frames and f.person in {None, label}]
        least = int(np.nanargmin(course.covered)) if np.isfinite(course.covered).any() else None
        score = None if least is None else course.covered[least]
        at = shown[0].index if shown else None if least is None else course.frames[least]
        said = f"{len(course.frames)} frames; the share of the face that is no longer the original"
        beside = int(np.isnan(course.covered).sum())
        if beside:
            said += f"; in {beside} of them somebody who may be seen is in front, and nothing could be compared"
        verdict: Verdict = "exposed" if shown else "not proven" if score is None else "warned" if beside else "safe"
        return Attack(label, "coverage", "comparison with the original", score, None, verdict, at, said)

    def moments(self) -> tuple[Moment, ...]:
        """Return the worst moments of everyone, worst first."""
        return tuple(sorted((m for c in self._courses.values() for m in c.moments), key=lambda m: -m.ratio))

    def traces(self) -> dict[str, Trace]:
        """Return the course of everyone through the film."""
        traces = {}
        for label, course in self._courses.items():
            at_s = np.array(course.at_s)
            traces[label] = Trace(
                np.array(course.frames, np.int32),
                at_s,
                np.array(course.likeness, np.float32),
                np.array(course.covered, np.float32),
                self._kept.expression(label, at_s),
                self._kept.flicker(label, at_s),
            )
        return traces

    def pictures(self, moments: tuple[Moment, ...]) -> Pictures:
        """Return the pictures of these moments, by their place."""
        there = {(k[0], k[2]): pictures for k, pictures in self._crops.items()}
        return {i: there[m.index, m.box] for i, m in enumerate(moments) if (m.index, m.box) in there}


def _galleries(case: Case) -> dict[str, Likeness]:
    """Return what the recognisers make of everyone undisguised, by the looks that watching the film has kept."""
    judges = [recogniser(name) for name in NAMES]
    galleries = {}
    for person in case.cast.people:
        likeness = Likeness(person.label)
        for place, fitting in enumerate(looks_at(case, person.label, _LOOKS)):
            seen = look(judges, fitting.crop, [five_of(fitting.mesh)])
            likeness.gallery(place, ears_px(fitting.mesh), seen)
        galleries[person.label] = likeness
    return galleries
