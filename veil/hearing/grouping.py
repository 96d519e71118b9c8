"""Groups prints of voices that are alike, and finds the most likely row of speakers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from veil.hearing.voiceprint import Floats

_ALIKE = 0.55  # mean likeness of two groups' prints above which they are surely one voice
_ALIKE_MEANS = 0.6  # the same, as a share of how alike the prints of each are among themselves
_SURELY_ALIKE = 0.75  # the same, above which there is no doubt
_USUAL = 0.55  # how alike the prints of one voice usually are
_USUAL_PAIRS = 30  # pairs of prints that tell as much as this knowledge
_MOST = 2500  # prints that are compared each with each: 25 MB
_LEAST = 4  # prints of which a voice must have as many


@dataclass(frozen=True, eq=False)
class Groups:
    """Which voice each print is, numbered from 0; and the centres (P, D) of the parts that voices were joined from.

    Two prints near different parts of one voice may be of two people who sound alike.
    """

    voices: NDArray[np.int64]
    parts: Floats


def grouped(prints: Floats) -> Groups:
    """Group prints (M, D) of a film, by the mean likeness of all pairs; then join voices that are alike.

    Of long films only every so many prints are compared, and the others go to the nearest voice.
    """
    stride = max(1, -(-len(prints) // _MOST), 2 if len(prints) > 200 else 1)
    chosen = prints[::stride]
    if len(chosen) < 2:
        return Groups(np.zeros(len(prints), np.int64), prints[:1])
    labels = fcluster(linkage(pdist(chosen, "cosine"), "average"), 1 - _ALIKE, "distance")
    groups = [chosen[labels == one] for one in np.unique(labels)]
    large = [g for g in groups if len(g) >= min(_LEAST, max(len(o) for o in groups))]
    sums, counts = _joined([g.sum(0) for g in large], [len(g) for g in large], _SURELY_ALIKE)
    parts = _units(sums)
    nearest = (prints @ _units(_joined(sums, counts, _ALIKE_MEANS)[0]).T).argmax(1)
    return Groups(np.asarray(np.unique(nearest, return_inverse=True)[1].reshape(-1), np.int64), parts)


def _units(sums: list[Floats]) -> Floats:
    return np.array([s / max(float(np.linalg.norm(s)), 1e-6) for s in sums], np.float32)


def _joined(sums: list[Floats], counts: list[int], least: float) -> tuple[list[Floats], list[int]]:
    """Join the two voices that are most alike until none are alike enough; each is the sum of so many prints.

    How alike the prints of two voices are is measured against how alike each one's own prints are among themselves:
    in noise all prints are less alike.
    """
    sums, counts = list(sums), list(counts)
    while len(sums) > 1:
        rows, n = np.array(sums), np.array(counts, np.float64)
        products = (rows @ rows.T).astype(np.float64)
        pairs = n * (n - 1)
        within = (products.diagonal() - n + _USUAL_PAIRS * _USUAL) / (pairs + _USUAL_PAIRS)
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
