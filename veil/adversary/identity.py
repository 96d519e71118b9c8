"""Can a person be recognised in the result? Collects one person's faces, and says what each recogniser makes of them.

A score is the cosine between a face of the result and the mean of the person's own undisguised faces (the gallery).
The limits were drawn on pairs of single pictures. A mean is nearer to everybody than a single picture is, so against it
they accuse more often than 1 in 1,000 (2 to 7 times) or, mean against mean, than 1 in 10,000 (up to 100 times): see
"templates" in `limits.json`, measured on pictures of many days; frames of one shot are nearer to a single picture. The
limits are left as they are: the error is on the witness's side. The worst recogniser decides, never the mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from veil.adversary.recognisers import NAMES, Limits, Recogniser, Vectors, limits, unit
from veil.nouns.picture import Pixels, Points
from veil.nouns.report import Attack, Verdict

FEWEST = 3
"""Looks at the undisguised person without which nothing is proved."""
KNOWS = 0.5
"""Share of its own undisguised looks that a recogniser must recognise, or it proves nothing about this person."""
CROWD = 10_000
SHORT_LIST = 10
"""Somebody who is expected among the first so many of a crowd is found."""
_BLOCKS = 5
_MANY = 400  # looks that a gallery keeps

Looks = Mapping[str, Vectors]
"""Vectors (K, D) of one face by recogniser; several where it was aligned in several ways."""


def look(judges: Sequence[Recogniser], pixels: Pixels, fives: Sequence[Points]) -> dict[str, Vectors]:
    """Return what each recogniser makes of one face, aligned on each of `fives` (see `Recogniser.chip`)."""
    return {judge.name: judge.embed([judge.chip(pixels, five) for five in fives]) for judge in judges}


@dataclass(frozen=True)
class Pooled:
    """All looks of one track taken together."""

    track: str
    looks: int
    score: float
    limit: float  # at a false accept rate of 1 in 10,000
    rate: float  # share of strangers that reach this score
    rank: float  # expected among `CROWD` other people; 1 is found first, half of them is chance
    frame: int  # its worst


@dataclass(frozen=True, eq=False)
class Judged:
    """What one recogniser makes of one person; arrays are one value a look, in the order they came."""

    by: str
    own: float  # 0..1, share of the undisguised looks that it recognises: below `KNOWS` it proves nothing
    frames: NDArray[np.int32]
    scores: NDArray[np.float32]  # the better alignment's
    limits: NDArray[np.float32]  # at a false accept rate of 1 in 1,000, for faces of that width
    near: NDArray[np.float32]  # 0 is a stranger's usual score, 1 is recognised: see `Limits.near`
    tracks: tuple[Pooled, ...]

    @property
    def knows(self) -> bool:
        return self.own >= KNOWS

    @property
    def leak(self) -> float:
        """Return the share of looks at or above their limit."""
        return float((~(self.scores < self.limits)).mean()) if len(self.scores) else 0.0

    @property
    def worst(self) -> int:
        """Return the place, in the arrays, of the look nearest to being recognised."""
        return int(np.argmax(self.near))


class _Track:
    """Sums up one track for one recogniser."""

    def __init__(self) -> None:
        self.sum: NDArray[np.float64] | None = None
        self.widths_px: list[float] = []
        self.best = (-2.0, 0)  # score, frame

    def add(self, vector: Vectors, score: float, index: int, width_px: float) -> None:
        self.sum = vector.astype(np.float64) if self.sum is None else self.sum + vector
        self.widths_px.append(width_px)
        self.best = max(self.best, (score, -index))

    @property
    def mean(self) -> Vectors:
        return unit(np.asarray(self.sum))


class _File:
    """What one recogniser has on one person."""

    def __init__(self) -> None:
        self.originals: list[Vectors] = []
        self.when: list[int] = []
        self.frames: list[int] = []
        self.scores: list[float] = []
        self.limits: list[float] = []
        self.near: list[float] = []
        self.tracks: dict[str, _Track] = {}
        self.template: Vectors | None = None

    def own(self, limit: float) -> float:
        """Return the share of originals recognised by the mean of those from other times (fifths) of the film."""
        order = np.argsort(self.when, kind="stable")
        rows = np.stack(self.originals)[order]
        blocks = np.array_split(np.arange(len(rows)), min(_BLOCKS, len(rows)))
        known = 0
        for block in blocks:
            others = np.delete(rows, block, axis=0)
            known += int((rows[block] @ unit(others.mean(0)) >= limit).sum()) if len(others) else 0
        return known / len(rows)


class Likeness:
    """Collects the faces of one person: first the undisguised ones (`gallery`), then those of the result (`probe`).

    It keeps no pictures. Vectors of people are as good as their faces: they stay in memory, and nothing writes them.
    """

    def __init__(self, person: str, names: Sequence[str] = NAMES) -> None:
        self.person = person
        self._files = {name: _File() for name in names}
        self._widths_px: list[float] = []
        self._frozen = False

    def gallery(self, index: int, width_px: float, seen: Looks) -> None:
        """Add a look at the undisguised person; raise ValueError when a result was already shown.

        Of more than 400 looks the later ones are not kept: spread them over the film.
        """
        if self._frozen:
            raise ValueError("a gallery is filled before results are shown to it")
        if len(self._widths_px) >= _MANY:
            return
        self._widths_px.append(width_px)
        for name, file in self._files.items():
            file.originals.append(unit(seen[name].mean(0)))
            file.when.append(index)

    @property
    def looks(self) -> int:
        """Return how many looks the gallery holds."""
        return len(self._widths_px)

    def probe(self, track: str, index: int, width_px: float, seen: Looks) -> float:
        """Show a face of the result; return how near it is to being recognised, by the recogniser that sees most.

        0 is as any stranger, 1 and above is recognised; nan where there is no gallery. A face aligned in several ways
        counts by the way that is most like the person.
        """
        self._frozen = True
        if self.looks < FEWEST:
            return float("nan")
        nearest = -np.inf
        for name, file in self._files.items():
            if name not in seen:
                continue
            scores = seen[name] @ self.template(name)
            best, bounds = int(np.argmax(scores)), limits(name, width_px)
            score = float(scores[best])
            file.frames.append(index)
            file.scores.append(score)
            file.limits.append(bounds.frame)
            file.near.append(bounds.near(score))
            file.tracks.setdefault(track, _Track()).add(seen[name][best], score, index, width_px)
            nearest = max(nearest, file.near[-1])
        return float(nearest)

    def template(self, name: str) -> Vectors:
        """Return the mean of the undisguised looks, as one recogniser sees them; length 1."""
        file = self._files[name]
        if file.template is None:
            file.template = unit(np.mean(file.originals, 0))
        return file.template

    def verdicts(self) -> tuple[Judged, ...]:
        """Return what each recogniser makes of this person, the one that sees most first; none without a gallery."""
        if self.looks < FEWEST:
            return ()
        width_px = float(np.median(self._widths_px))
        found = [
            Judged(
                name,
                file.own(limits(name, width_px).frame),
                np.array(file.frames, np.int32),
                np.array(file.scores, np.float32),
                np.array(file.limits, np.float32),
                np.array(file.near, np.float32),
                tuple(self._pooled(name, label, track) for label, track in file.tracks.items()),
            )
            for name, file in self._files.items()
        ]
        return tuple(sorted(found, key=lambda j: -_nearest(j)))

    def _pooled(self, name: str, label: str, track: _Track) -> Pooled:
        score = float(track.mean @ self.template(name))
        bounds = limits(name, float(np.median(track.widths_px)))
        rate = bounds.rate(score)
        return Pooled(label, len(track.widths_px), score, bounds.track, rate, 1 + CROWD * rate, -track.best[1])

    def attacks(self) -> tuple[Attack, ...]:
        """Return the verdicts through the channels "face", "face over time" and "rank", one each."""
        judged = [j for j in self.verdicts() if len(j.scores)]
        found = self._face(judged), self._time(judged), self._rank(judged)
        channels = "face", "face over time", "rank"
        why = self._why_nothing(judged)
        return tuple(
            attack or Attack(self.person, channel, "", None, None, "not proven", said=why)
            for channel, attack in zip(channels, found, strict=True)
        )

    def _why_nothing(self, judged: Sequence[Judged]) -> str:
        if self.looks < FEWEST:
            return f"only {self.looks} looks at the undisguised face could be used; {FEWEST} are needed"
        if not judged:
            return "no face in the result could be shown to the recognisers"
        return "no recogniser knows even the undisguised face, so none proves anything"

    def _face(self, judged: Sequence[Judged]) -> Attack | None:
        worst = max((j for j in judged if _counts(j, j.leak > 0)), key=_nearest, default=None)
        if worst is None:
            return None
        at = worst.worst
        several = f"{round(worst.leak * len(worst.scores))} of {len(worst.scores)} looks reach the limit"
        return Attack(
            self.person,
            "face",
            worst.by,
            float(worst.scores[at]),
            float(worst.limits[at]),
            _verdict(worst.leak > 0),
            int(worst.frames[at]),
            f"{several}; it knows the undisguised face in {worst.own:.0%} of looks",
        )

    def _time(self, judged: Sequence[Judged]) -> Attack | None:
        tracks = [(j, t) for j in judged for t in j.tracks if _counts(j, _reaches(t.score, t.limit))]
        if not tracks:
            return None
        by, worst = max(tracks, key=lambda t: (_reaches(t[1].score, t[1].limit), -t[1].rate))
        return Attack(
            self.person,
            "face over time",
            by.by,
            worst.score,
            worst.limit,
            _verdict(_reaches(worst.score, worst.limit)),
            worst.frame,
            f"{worst.looks} looks of one shot taken together",
        )

    def _rank(self, judged: Sequence[Judged]) -> Attack | None:
        tracks = [(j, t) for j in judged for t in j.tracks if _counts(j, _listed(t.rank))]
        if not tracks:
            return None
        by, worst = min(tracks, key=lambda t: (not _listed(t[1].rank), t[1].rank))
        return Attack(
            self.person,
            "rank",
            by.by,
            worst.rank,
            SHORT_LIST,
            _verdict(_listed(worst.rank)),
            worst.frame,
            f"expected place among {CROWD:,} strangers; chance is {CROWD // 2:,}, and less is worse",
        )

    def resembles(self, others: Sequence["Likeness"], open_to_all: Sequence[str] = ()) -> Attack | None:
        """Return whom else the result looks like, through the channel "someone else"; None when nothing was shown.

        `others` are the galleries of other people, in the film or given. To look like somebody who must not be seen
        exposes them; to look like one of `open_to_all` is for a person to judge. Who was seen undisguised too seldom to
        be compared is named in what the attack says.
        """
        found: list[tuple[tuple[bool, float], Attack]] = []
        unknown: list[str] = []
        for other in (o for o in others if o.person != self.person):
            if other.looks < FEWEST:
                unknown.append(other.person)
            else:
                found += self._resembled(other, "warned" if other.person in open_to_all else "exposed")
        beside = f"not compared with {', '.join(unknown)}: fewer than {FEWEST} looks at them" if unknown else ""
        if found:
            worst = max(found, key=lambda f: f[0])[1]
            return replace(worst, said="; ".join(w for w in (worst.said, beside) if w))
        if not unknown or not any(file.tracks for file in self._files.values()):
            return None
        return Attack(self.person, "someone else", "", None, None, "safe", said=f"nobody to compare with; {beside}")

    def _resembled(self, other: "Likeness", bad: Verdict) -> list[tuple[tuple[bool, float], Attack]]:
        found = []
        for name, file in self._files.items():
            for track in file.tracks.values():
                score = float(track.mean @ other.template(name))
                bounds = limits(name, float(np.median(track.widths_px)))
                verdict, said = (bad, f"looks like {other.person}") if _reaches(score, bounds.track) else ("safe", "")
                attack = Attack(self.person, "someone else", name, score, bounds.track, verdict, -track.best[1], said)
                found.append((_severity(score, bounds), attack))
        return found


def _nearest(judged: Judged) -> float:
    """Return how near the worst look is; what is not a number counts as nearest of all."""
    return float(np.nan_to_num(judged.near, nan=np.inf).max()) if len(judged.near) else -np.inf


def _reaches(score: float, limit: float) -> bool:
    """Tell whether a score reaches its limit; one that is not a number does."""
    return not score < limit


def _listed(rank: float) -> bool:
    """Tell whether a rank lies on the short list; one that is not a number does."""
    return not rank > SHORT_LIST


def _severity(score: float, bounds: Limits) -> tuple[bool, float]:
    """Return what puts pooled scores of different recognisers in order, the worst largest."""
    return _reaches(score, bounds.track), -bounds.rate(score)


def _counts(judged: Judged, reached: bool) -> bool:
    """Return whether a recogniser is heard: one that does not know the original may accuse, and not acquit."""
    return judged.knows or reached


def _verdict(bad: bool) -> Verdict:
    return "exposed" if bad else "safe"
