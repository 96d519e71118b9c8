"""Groups prints of voices that are alike, and finds the most likely row of speakers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from veil.hearing.voiceprint import Floats

_FIRST = 0.55  # mean likeness of the prints of two groups of moments, above which they are one
_FIRST_JOINED = 0.75  # the same, as a share of how alike the prints of each are among themselves
_ALIKE = 0.6  # mean likeness of the prints of two groups of stretches, above which they are surely one voice
_JOINED = 0.7  # the same as a share, above which they are taken for one voice
_SURELY_JOINED = 0.85  # and above which there is no doubt
_SCRAP, _ALIKE_SCRAP = 3, 0.45  # a voice of so few stretches goes, in doubt, to one that is so like it, and
_MANY = 10  # has at least so many
_USUAL = 0.55, 0.7  # how alike prints of moments, and of stretches, of one voice usually are
_USUAL_PAIRS = 30  # pairs of prints that tell as much as this knowledge
_MOST = 2500  # prints that are compared each with each: 25 MB
_LEAST = 4  # moments that a group must have
_LONG = 8  # moments in a stretch whose print is a good one


@dataclass(frozen=True, eq=False)
class Groups:
    """Which voice each moment is, numbered from 0; and the centres (P, D) of the parts that voices were joined from.

    Two moments near different parts of one voice may be of two people who sound alike.
    """

    voices: NDArray[np.int64]
    parts: Floats


def parts_of(prints: Floats) -> Floats:
    """Return the centres (P, D) of groups of moments (M, D) that are alike; one voice may have several.

    Of long films only every so many moments are compared.
    """
    chosen = prints[:: max(1, -(-len(prints) // _MOST), 2 if len(prints) > 200 else 1)]
    groups = _agglomerated(chosen, _FIRST)
    large = [g for g in groups if len(g) >= min(_LEAST, max(len(o) for o in groups))]
    return _units(_joined([g.sum(0) for g in large], [len(g) for g in large], _FIRST_JOINED, _USUAL[0])[0])


def grouped(prints: Floats, lengths: NDArray[np.int64]) -> Groups:
    """Group the prints (S, D) of stretches of one voice each, so many moments long: the better ones lead."""
    long = prints[lengths >= min(_LONG, int(lengths.max()))]
    groups = _agglomerated(long[:: -(-len(long) // _MOST)], _ALIKE)
    sums, counts = _joined([g.sum(0) for g in groups], [len(g) for g in groups], _SURELY_JOINED, _USUAL[1])
    parts = _units(sums)
    nearest = (prints @ _units(_without_scraps(*_joined(sums, counts, _JOINED, _USUAL[1]))).T).argmax(1)
    voices = np.unique(np.repeat(nearest, lengths), return_inverse=True)[1].reshape(-1)
    return Groups(np.asarray(voices, np.int64), parts)


def _agglomerated(prints: Floats, least: float) -> list[Floats]:
    """Return groups of prints: the two that are most alike in the mean of all pairs become one, down to `least`."""
    if len(prints) < 2:
        return [prints]
    labels = fcluster(linkage(pdist(prints, "cosine"), "average"), 1 - least, "distance")
    return [prints[labels == one] for one in np.unique(labels)]


def _units(sums: list[Floats]) -> Floats:
    return np.array([s / max(float(np.linalg.norm(s)), 1e-6) for s in sums], np.float32)


def _without_scraps(sums: list[Floats], counts: list[int]) -> list[Floats]:
    """Leave out voices of very few stretches where a voice of many is like them: those stretches go to it, in doubt."""
    units, n = _units(sums), np.array(counts)
    if n.max() < _MANY:
        return sums
    like = (units @ units[n >= _MANY].T).max(1)
    return [s for s, count, most in zip(sums, counts, like, strict=True) if count > _SCRAP or most < _ALIKE_SCRAP]


def _joined(sums: list[Floats], counts: list[int], least: float, usual: float) -> tuple[list[Floats], list[int]]:
    """Join the two voices that are most alike until none are alike enough; each is the sum of so many prints.

    How alike the prints of two voices are is measured against how alike each one's own prints are among themselves:
    in noise all prints are less alike.
    """
    sums, counts = list(sums), list(counts)
    while len(sums) > 1:
        rows, n = np.array(sums), np.array(counts, np.float64)
        products = (rows @ rows.T).astype(np.float64)
        pairs = n * (n - 1)
        within = (products.diagonal() - n + _USUAL_PAIRS * usual) / (pairs + _USUAL_PAIRS)
        likeness = products / np.outer(n, n) / np.sqrt(np.outer(within, within))
        np.fill_diagonal(likeness, -1)
        a, b = (int(i) for i in np.unravel_index(int(likeness.argmax()), likeness.shape))
        if likeness[a, b] < least:
            break
        sums[a], counts[a] = sums[a] + sums[b], counts[a] + counts[b]
        del sums[b], counts[b]
    return sums, counts


def most_likely(odds: NDArray[np.float64], runs: NDArray[np.int64], change: float) -> NDArray[np.int64]:
    """Return the best row of states (M,) through `odds` (M, S), where each change of state costs `change`.

    Between two runs a change costs a third of it.
    """
    count, states = odds.shape
    came = np.zeros((count, states), np.int32)
    score = odds[0].copy()
    for row in range(1, count):
        cost = change if runs[row] == runs[row - 1] else change / 3
        best = int(score.argmax())
        stay = score >= score[best] - cost
        came[row] = np.where(stay, np.arange(states), best)
        score = np.where(stay, score, score[best] - cost) + odds[row]
    path = np.zeros(count, np.int64)
    path[-1] = int(score.argmax())
    for row in range(count - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
