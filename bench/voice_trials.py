"""What an attack's scores are worth: error rates with intervals, over speakers and draws, and what chance gives."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DRAWS = 200
_STRANGE = 0.01  # of strangers' scores lie above where true accepts are counted

Scores = NDArray[np.float64]
"""Of each probe against each speaker, (probes, speakers); the higher, the more alike."""
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Trial:
    """What an attacker made of all probes: `owners` (probes,) are places among the columns of the scores.

    What one speaker says in one draw is one film: its probes are pooled. `sexes` (speakers,) are those of the columns.
    """

    scores: Scores
    owners: Places
    draws: Places
    sexes: NDArray[np.str_]

    def __post_init__(self) -> None:
        if not np.isfinite(self.scores).all():  # it would look like chance
            raise ValueError("an attack gave no number")

    def alike(self) -> NDArray[np.bool_]:
        """Return which columns count as others of one sex for each speaker: (speakers, speakers)."""
        return np.asarray(self.sexes[:, None] == self.sexes[None])


@dataclass(frozen=True)
class Rate:
    """A rate with its interval (95 %), and the interval that it would have by chance alone; shares of 1."""

    is_: float
    low: float
    high: float
    chance_low: float
    chance_high: float

    def told(self) -> str:
        return f"{100 * self.is_:.1f} ({100 * self.low:.0f}–{100 * self.high:.0f})"


def equal_error(genuine: NDArray[np.floating], strange: NDArray[np.floating]) -> float:
    """Return the share of mistakes where both kinds are as frequent."""
    at = np.sort(np.concatenate([genuine, strange]))
    missed = np.searchsorted(np.sort(genuine), at) / len(genuine)
    let_in = 1 - np.searchsorted(np.sort(strange), at) / len(strange)
    place = int(np.argmin(np.abs(missed - let_in)))
    return float((missed[place] + let_in[place]) / 2)


def figures(trial: Trial) -> dict[str, Any]:
    """Return the figures of one attack: over everybody, and among people of one sex."""
    everybody = np.ones((trial.scores.shape[1],) * 2, bool)
    told: dict[str, Any] = {"probes": len(trial.owners), "films": len(_films(trial))}
    for name, among in (("all", everybody), ("one_sex", trial.alike())):
        if (among.sum(0) < 2).any():
            continue
        told[name] = {
            "eer": _with_interval(trial, among, _equal_error),
            "top1": _of_counts(_with_interval(trial, among, _hits), len(_films(trial))),
            "chance": float(np.mean(1 / among.sum(0)[trial.owners])),
            "accepted": _with_interval(trial, among, _accepted),
        }
    return told


def _of_counts(rate: Rate, of: int) -> Rate:
    """Return a rate with the interval of so many counted films (Wilson), which knows that none of ten is not never."""
    z = 1.96
    middle = (rate.is_ + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(rate.is_ * (1 - rate.is_) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return replace(rate, low=max(0.0, float(middle - half)), high=min(1.0, float(middle + half)))


def _films(trial: Trial) -> dict[tuple[int, int], Places]:
    """Return the rows of each film, by owner and draw."""
    found: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(trial.owners.tolist(), trial.draws.tolist(), strict=True)):
        found.setdefault(key, []).append(row)
    return {key: np.array(rows) for key, rows in found.items()}


_Measure = Callable[[Scores, NDArray[np.int64], NDArray[np.bool_], list[Places]], float]


def _with_interval(trial: Trial, among: NDArray[np.bool_], measure: _Measure) -> Rate:
    """Return a rate; its interval by drawing speakers, then their films; chance by giving films to other people."""
    random, films = np.random.default_rng(0), _films(trial)
    people = np.unique(trial.owners)
    of = {int(p): [rows for (owner, _), rows in films.items() if owner == p] for p in people}

    def rate(chosen: NDArray[np.int64], owners: Places, *, again: bool) -> float:
        rows = [
            films_of[k]
            for p in chosen.tolist()
            for films_of in (of[p],)
            for k in (random.integers(len(films_of), size=len(films_of)) if again else range(len(films_of)))
        ]
        there = among if measure is _hits else among & np.isin(np.arange(len(among)), chosen)[None]
        return measure(trial.scores, owners, there, rows)

    is_ = rate(people, trial.owners, again=False)
    drawn = [rate(random.choice(people, len(people)), trial.owners, again=True) for _ in range(_DRAWS)]
    by_chance = []
    for _ in range(_DRAWS):
        owners = trial.owners.copy()
        for draw in np.unique(trial.draws):
            other = _exchanged(people, among, random)
            here = trial.draws == draw
            owners[here] = np.array([other[int(p)] for p in trial.owners[here]])
        by_chance.append(rate(people, owners, again=False))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    chance_low, chance_high = np.nanpercentile(by_chance, [2.5, 97.5])
    return Rate(is_, float(low), float(high), float(chance_low), float(chance_high))


def _exchanged(people: Places, among: NDArray[np.bool_], random: np.random.Generator) -> dict[int, int]:
    """Return somebody for each speaker, drawn among those who count as others for them; nobody twice."""
    other: dict[int, int] = {}
    for group in {tuple(np.flatnonzero(among[p] & np.isin(np.arange(len(among)), people)).tolist()) for p in people}:
        other |= dict(zip(group, random.permutation(group).tolist(), strict=True))
    return other


def _equal_error(scores: Scores, owners: Places, among: NDArray[np.bool_], films: list[Places]) -> float:
    own, other = _split(scores, owners, among, films)
    return equal_error(own, other) if len(own) and len(other) else np.nan


def _accepted(scores: Scores, owners: Places, among: NDArray[np.bool_], films: list[Places]) -> float:
    """Return how many of a person's own probes lie above all but a few of strangers'."""
    own, other = _split(scores, owners, among, films)
    return float((own > np.quantile(other, 1 - _STRANGE)).mean()) if len(own) and len(other) else np.nan


def _hits(scores: Scores, owners: Places, among: NDArray[np.bool_], films: list[Places]) -> float:
    """Return how many films' owners come first, all that is said in a film taken together."""
    pooled = [(scores[rows].mean(0), int(owners[rows[0]])) for rows in films]
    return float(np.mean([np.where(among[p], row, -np.inf).argmax() == p for row, p in pooled]))


def _split(
    scores: Scores, owners: Places, among: NDArray[np.bool_], films: list[Places]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = np.concatenate(films)
    mine = owners[rows]
    others = among[mine].copy()
    others[np.arange(len(rows)), mine] = False
    return scores[rows, mine], scores[rows][others]
