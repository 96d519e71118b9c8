"""Can a person be recognised by the voice of the result? Collects one person's speech; recognisers say what it is like.

All that is heard of the undisguised voice makes one template; the result is compared with it turn by turn, pooled
over all its turns, and once more after a search for the shift that undoes a disguise. What scores mean was measured on
people whom nobody here protects: `limits`, written by `python -m bench.voice_calibration --write`. The worst recogniser
decides, never the mean; one that does not know the undisguised voice may accuse, and not acquit.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veil.adversary.speakers import NAMES, STRAIGHT, Bend, Vectors, joined, listener, spoken, unit
from veil.nouns.report import VOICES, Attack, Verdict
from veil.nouns.speech import HEARING_HZ, Sound
from veil.nouns.time import Instant

KNOWS = 0.5
"""Share of the pieces of the undisguised voice that a recogniser must recognise by the others, or it proves nothing."""
CROWD = 1_000
FAR_TURN, FAR_POOLED = 1e-2, 1e-3
"""How often a stranger may be taken for the person; beyond the second the measured voices say nothing."""
_ENOUGH_S = 3.0  # of undisguised speech, without which nothing is proved
_LEAST_S = 1.0  # of speech in the result, without which nothing is tried; a shorter turn only counts among others
_PIECE_S = 4.0  # of undisguised speech, compared with the rest to see whether a recogniser knows the person
_SEARCHED_S = 10.0  # of the result, on which shifts are tried
_CHANCE = 0.01  # so seldom would strangers' turns reach their limit so often
_EVEN_S, _EVEN_LEAST, _EVEN_DB = 0.1, 3, 6.0  # frames of this length differ by less where there is noise alone
_EVEN_HZ = ((200, 1000), (1000, 3000), (3000, 7500))
_LIMITS = Path(__file__).parent / "voice_limits.json"

SEARCH: tuple[Bend, ...] = (
    *(Bend(st, st) for st in range(-6, 7) if st),
    *(Bend(0, st) for st in (-4, -2, 2, 4)),
)
"""What an opponent tries to undo a disguise: the voice higher or lower as a whole, or its colour alone."""

VOICE, OVER_TIME, BETWEEN = VOICES


@dataclass(frozen=True, eq=False)
class Limits:
    """What the scores of a recogniser mean for so much speech, measured on pairs of different people."""

    scores: NDArray[np.float64]  # (K,), rising; half of all pairs of different people reach the first
    rates: NDArray[np.float64]  # (K,), falling: share of pairs of different people that reach each of `scores`

    def at(self, rate: float) -> float:
        """Return the cosine that such a share of strangers reaches."""
        return float(np.interp(-math.log(rate), -np.log(self.rates), self.scores))

    def rate(self, score: float) -> float:
        """Return the share of strangers that reach this score; beyond what was measured, the least."""
        return float(np.exp(np.interp(score, self.scores, np.log(self.rates))))

    def near(self, score: float, rate: float) -> float:
        """Return how near a score is to its limit: 0 is a stranger's usual score, 1 the limit."""
        limit = self.at(rate)
        return float((score - self.scores[0]) / (limit - self.scores[0]))


@lru_cache(maxsize=8)
def _calibrated(name: str) -> dict[str, tuple[tuple[float, Limits], ...]]:
    stored: dict[str, Any] = json.loads(_LIMITS.read_text(encoding="utf-8"))["recognisers"][name]
    return {
        kind: tuple(
            (row["from_s"], Limits(*np.array(row["curve"], np.float64).T))
            for row in sorted(stored[kind], key=lambda row: -row["from_s"])
        )
        for kind in ("straight", "searched")
    }


def limits(name: str, length_s: float, searched: bool = False) -> Limits:
    """Return what scores mean for so much speech; `searched` where the best of all shifts is compared."""
    rows = _calibrated(name)["searched" if searched else "straight"]
    return next((row for least, row in rows if length_s >= least), rows[-1][1])


@dataclass(frozen=True, eq=False)
class _Heard:
    """A piece of speech as the recognisers hear it."""

    at: Instant
    length_s: float
    vectors: dict[str, Vectors]


@dataclass(frozen=True)
class Try:
    """One recogniser's score for one voice; `near` is 0 for a stranger's usual score, and 1 at the limit."""

    by: str
    score: float
    limit: float
    near: float
    rate: float  # share of strangers that reach the score
    at: Instant
    said: str = ""

    @property
    def reaches(self) -> bool:
        """Tell whether the score reaches its limit; one that is not a number does."""
        return not self.score < self.limit


class Voiceprint:
    """Collects the speech of one person: first the undisguised (`original`), then what is heard instead (`result`).

    It keeps vectors and some seconds of the result. Vectors of a voice are as good as the voice: they stay in memory.
    """

    def __init__(self, person: str, names: Sequence[str] = NAMES) -> None:
        self.person = person
        self._names = names
        self._originals: list[_Heard] = []
        self._results: list[_Heard] = []
        self._kept: list[Sound] = []
        self._between: list[_Heard] = []
        self._steady_s = 0.0

    def original(self, at: Instant, sound: Sound) -> None:
        """Take a turn of the undisguised voice, float32 (samples,) at 16 kHz."""
        speech = spoken(sound)
        size = round(_PIECE_S * HEARING_HZ)
        starts = range(0, max(1, len(speech) - size // 2), size)
        for start in starts:
            self._take(self._originals, at, speech[start : None if start == starts[-1] else start + size])

    def result(self, at: Instant, sound: Sound) -> None:
        """Take what is heard of them in the result, turn by turn, as `original` does."""
        speech = spoken(sound)
        if sum(map(len, self._kept)) < _SEARCHED_S * HEARING_HZ:
            self._kept.append(speech[: round(_SEARCHED_S * HEARING_HZ)])
        self._take(self._results, at, speech)

    def between(self, at: Instant, sound: Sound) -> None:
        """Take what is heard in the result where they spoke and no new word stands; but for a steady noise."""
        if steady(sound):
            self._steady_s += len(sound) / HEARING_HZ
        else:
            self._take(self._between, at, spoken(sound))

    def _take(self, into: list[_Heard], at: Instant, speech: Sound) -> None:
        if len(speech) >= HEARING_HZ // 4:
            vectors = {}
            for name in self._names:
                ear = listener(name)
                vectors[name] = ear.embed(ear.spectrum(speech))
            into.append(_Heard(at, len(speech) / HEARING_HZ, vectors))

    @property
    def original_s(self) -> float:
        """Return how much undisguised speech was heard."""
        return sum(piece.length_s for piece in self._originals)

    @property
    def result_s(self) -> float:
        """Return how much speech was heard in the result."""
        return sum(piece.length_s for piece in self._results)

    def template(self, name: str) -> Vectors:
        """Return what all that was heard of the undisguised voice is like, to one recogniser."""
        return _pooled(self._originals, name)

    def own(self, name: str) -> float:
        """Return the share of undisguised pieces that a recogniser recognises by the rest."""
        pieces = [p for p in self._originals if p.length_s >= _LEAST_S]
        if len(pieces) < 2:
            return 0.0
        known = 0
        for piece in pieces:
            others = _pooled([p for p in self._originals if p is not piece], name)
            known += float(piece.vectors[name] @ others) >= limits(name, piece.length_s).at(FAR_TURN)
        return known / len(pieces)

    def attacks(self, rate_hz: Fraction) -> tuple[Attack, ...]:
        """Return the verdicts through the channels "voice" and "voice over time"."""
        why = self._why_nothing()
        if why:
            verdict: Verdict = "safe" if not self._results else "not proven"
            return tuple(Attack(self.person, c, "", None, None, verdict, said=why) for c in (VOICE, OVER_TIME))
        own = {name: self.own(name) for name in self._names}
        turns = [t for name in self._names if (t := self._turns(name)) and (own[name] >= KNOWS or t.reaches)]
        whole = [t for name in self._names for t in self._whole(name) if own[name] >= KNOWS or t.reaches]
        return self._told(VOICE, turns, own, rate_hz), self._told(OVER_TIME, whole, own, rate_hz)

    def attack_between(self, rate_hz: Fraction) -> Attack | None:
        """Return whether they are recognised by what is left between the words; None where there is too little."""
        length_s = sum(piece.length_s for piece in self._between)
        if length_s < _LEAST_S <= self._steady_s:
            said = "between the new words a steady noise is heard and no voice"
            return Attack(self.person, BETWEEN, "", None, None, "safe", said=said)
        if length_s < _LEAST_S or self.original_s < _ENOUGH_S:
            return None
        tries = []
        for name in self._names:
            score = float(_pooled(self._between, name) @ _pooled(self._originals, name))
            bounds, at = limits(name, length_s), self._between[0].at
            said = f"{length_s:.0f} s between the new words, breath and laughter too, taken together"
            near, rate = bounds.near(score, FAR_POOLED), bounds.rate(score)
            tries.append(Try(name, score, bounds.at(FAR_POOLED), near, rate, at, said))
        return self._told(BETWEEN, tries, {name: self.own(name) for name in self._names}, rate_hz)

    def taken_for(self, hidden: "Voiceprint") -> Instant | None:
        """Return when this voice, which may be heard, is like that of somebody hidden; None where it is not.

        So it is where every recogniser finds a piece more like the hidden voice than like the rest of this one, or all
        of this voice like that one: whoever was to say who speaks may have been mistaken.
        """
        mine = [piece for piece in self._originals if piece.length_s >= _LEAST_S]
        if hidden.original_s < _ENOUGH_S or not mine:
            return None
        length_s = sum(piece.length_s for piece in mine)
        theirs = {name: hidden.template(name) for name in self._names}
        if len(mine) > 1 and all(
            float(_pooled(mine, n) @ theirs[n]) >= limits(n, length_s).at(FAR_POOLED) for n in self._names
        ):
            return mine[0].at
        for piece in mine:
            rest = [other for other in mine if other is not piece]
            scores = [(n, float(piece.vectors[n] @ theirs[n])) for n in self._names]
            own = {n: float(piece.vectors[n] @ _pooled(rest, n)) if rest else -1.0 for n in self._names}
            if all(s >= limits(n, piece.length_s).at(FAR_TURN) and s > own[n] for n, s in scores):
                return piece.at
        return None

    def _why_nothing(self) -> str:
        """Return why nothing can be tried, in plain words; empty where it can."""
        if not self._results:
            return "nothing is heard of them in the result"
        if self.original_s < _ENOUGH_S:
            return f"only {self.original_s:.1f} s of the original are their voice alone; {_ENOUGH_S:.0f} s are needed"
        if self.result_s < _LEAST_S:
            return f"only {self.result_s:.1f} s of speech in the result: too little to compare"
        return ""

    def _turns(self, name: str) -> Try | None:
        """Return the turn that decides: the first beyond those that strangers' turns would reach by chance."""
        template = _pooled(self._originals, name)
        tries = []
        for turn in (r for r in self._results if r.length_s >= _LEAST_S):
            bounds = limits(name, turn.length_s)
            score = float(turn.vectors[name] @ template)
            limit = bounds.at(FAR_TURN)
            tries.append(Try(name, score, limit, bounds.near(score, FAR_TURN), bounds.rate(score), turn.at))
        if not tries:
            return None
        allowed = by_chance(len(tries))
        tries.sort(key=lambda t: -t.near if math.isfinite(t.near) else -math.inf)
        reached = sum(t.reaches for t in tries)
        deciding = tries[min(allowed, len(tries) - 1)]
        chance = f"; strangers' would {allowed} by chance" * bool(allowed)
        said = f"{reached} of {len(tries)} turns reach the limit{chance}"
        return Try(name, deciding.score, deciding.limit, deciding.near, deciding.rate, deciding.at, said)

    def _whole(self, name: str) -> list[Try]:
        """Return what all turns together are like, as they are and after the search for a shift."""
        template, mine = _pooled(self._originals, name), _pooled(self._results, name)
        first = max(self._results, key=lambda r: r.length_s).at
        score, bounds = float(mine @ template), limits(name, self.result_s)
        place = (
            f"expected place among {CROWD:,} strangers {1 + round(CROWD * bounds.rate(score)):,}, chance {CROWD // 2}"
        )
        said = f"{len(self._results)} turns, {self.result_s:.0f} s of speech taken together; {place}"
        straight = Try(
            name, score, bounds.at(FAR_POOLED), bounds.near(score, FAR_POOLED), bounds.rate(score), first, said
        )
        best, how = searched(name, joined(self._kept)[: round(_SEARCHED_S * HEARING_HZ)], template)
        bounds = limits(name, min(self.result_s, _SEARCHED_S), searched=True)
        limit, near = bounds.at(FAR_POOLED), bounds.near(best, FAR_POOLED)
        back = f"after {len(SEARCH)} ways to shift the voice back; most alike {_told_bend(how)}"
        return [straight, Try(name, best, limit, near, bounds.rate(best), first, back)]

    def _told(self, channel: str, tries: Sequence[Try], own: dict[str, float], rate_hz: Fraction) -> Attack:
        if not tries:
            why = "no recogniser knows even the undisguised voice, so none proves anything"
            return Attack(self.person, channel, "", None, None, "not proven", said=why)
        worst = max(tries, key=lambda t: (t.reaches, t.near))
        said = f"{worst.said}; it knows the undisguised voice in {own[worst.by]:.0%} of its pieces"
        verdict: Verdict = "exposed" if worst.reaches else "safe"
        return Attack(self.person, channel, worst.by, worst.score, worst.limit, verdict, int(worst.at * rate_hz), said)


def steady(sound: Sound) -> bool:
    """Tell whether a sound of 16 kHz is as even as noise, in every band in which breath and voices lie, all the time.

    Recognisers take any sound for a voice: the noise of a room is like that of the same room, and no person.
    """
    size = round(_EVEN_S * HEARING_HZ)
    rows = sound[: len(sound) // size * size].reshape(-1, size)
    if len(rows) < _EVEN_LEAST:
        return False
    power = np.square(np.abs(np.fft.rfft(rows * np.hanning(size), axis=1)))
    at_hz = np.fft.rfftfreq(size, 1 / HEARING_HZ)
    bands = [power[:, (at_hz >= low) & (at_hz < high)].sum(1) for low, high in _EVEN_HZ]
    levels = 10 * np.log10(np.stack(bands) + 1e-12)
    return bool(np.all(np.ptp(levels, axis=1) < _EVEN_DB))


def by_chance(turns: int) -> int:
    """Return how many of so many turns of strangers may reach the limit before that is no longer chance."""
    allowed, beyond = 0, 1 - (1 - FAR_TURN) ** turns
    while beyond > _CHANCE * 1.0000001:
        allowed += 1
        beyond -= math.comb(turns, allowed) * FAR_TURN**allowed * (1 - FAR_TURN) ** (turns - allowed)
    return allowed


def searched(name: str, speech: Sound, template: Vectors) -> tuple[float, Bend]:
    """Return the highest score of all shifts of prepared speech against a template, and which shift gave it."""
    ear = listener(name)
    power = ear.spectrum(speech)
    tried = [(float(ear.embed(power, bend) @ template), bend) for bend in (STRAIGHT, *SEARCH)]
    return max(tried, key=lambda t: t[0])


def _pooled(pieces: Sequence[_Heard], name: str) -> Vectors:
    """Return the mean of pieces by their length, of length 1."""
    return unit(np.sum([p.vectors[name] * p.length_s for p in pieces], axis=0))


def _told_bend(bend: Bend) -> str:
    if bend == STRAIGHT:
        return "as it is"
    if bend.pitch_st == bend.formants_st:
        return f"shifted by {bend.pitch_st:+.0f} semitones"
    return f"with its colour shifted by {bend.formants_st:+.0f} semitones"
