"""An attacker who knows Veil: trains on Veil's own output of other people, and tries who is in the double.

``python -m bench.adaptive``. Three questions: (i) whose other picture is this, among many people; (ii) what was the
original's vector; (iii) who moves like this (`bench.motion_attack`). The attacker has every recogniser, the shape of
the mesh, the light on the face and what is beside the face, and learns on pairs of original and result of other people,
five folds over people. Beside it stand the naive attacker and the undisguised picture. Bad figures are told like good.
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench import films
from bench.calibration import equal_error
from bench.landmarks import Eyes
from bench.motion_attack import auc, motion_attack
from bench.motion_attack import show as show_motion
from bench.stills import Rows, Stills, gathered
from veil.adversary.recognisers import NAMES, limits

_FOLDS = 5
_SEED = 20
_MOST = {"shape": 40, "light": 25, "around": 60}  # main directions that are used of each kind; of vectors 128
_RIDGES = (
    0.03,
    0.1,
    0.3,
    1.0,
    3.0,
    10.0,
)  # of the mean variance of what is told, for each of which the attacker tries itself
Values = NDArray[np.float64]

KNOWS: dict[str, tuple[str, ...]] = {
    "everything": (*NAMES, "shape", "light", "around"),
    "all but what is beside the face": (*NAMES, "shape", "light"),
    "all recognisers": NAMES,
    **{f"{name}, learned": (name,) for name in NAMES},
    "shape of the mesh": ("shape",),
    "light and complexion": ("light",),
    "what is beside the face": ("around",),
}
"""What each attacker looks at, in the result and in the pictures that it searches."""
_BESIDE = (*NAMES, "around")  # what there is to look at when the face is cut out


def _directions(rows: Rows) -> dict[str, tuple[Values, Values]]:
    """Return mean and main directions of what shows, each kind brought to the same weight."""
    parts = {}
    for kind, given in rows.items():
        values = given.astype(np.float64)
        mean = values.mean(0)
        _, sizes, axes = np.linalg.svd(values - mean, full_matrices=False)
        kept = min(_MOST.get(kind, 128), int((sizes > 1e-6 * sizes[0]).sum()))
        parts[kind] = (mean, axes[:kept].T / np.sqrt(np.square(sizes[:kept]).sum() / len(values)))
    return parts


def _placed(rows: Rows, parts: dict[str, tuple[Values, Values]]) -> Rows:
    return {kind: np.asarray((rows[kind] - mean) @ axes, np.float32) for kind, (mean, axes) in parts.items()}


def _in_directions(stills: Stills) -> Stills:
    """Return the stills in main directions, learned on those who only train or are searched among."""
    results = _directions(stills.masked)
    originals = _directions(_joined(stills.bare, stills.others))
    without = _directions(stills.cut_masked)
    return Stills(
        probe=_placed(stills.probe, originals),
        disguised=_placed(stills.disguised, results),
        gallery=_placed(stills.gallery, originals),
        others=_placed(stills.others, originals),
        masked=_placed(stills.masked, results),
        bare=_placed(stills.bare, originals),
        cut=_placed(stills.cut, without),
        cut_masked=_placed(stills.cut_masked, without),
        kin=stills.kin,
        width_px=stills.width_px,
    )


def _joined(*groups: Rows) -> Rows:
    return {key: np.concatenate([g[key] for g in groups]) for key in groups[0]}


def _some(rows: Rows, which: NDArray[Any]) -> Rows:
    return {key: values[which] for key, values in rows.items()}


def _ridge(seen: Values, wanted: Values, strength: float) -> Values:
    grid = seen.T @ seen
    grid += strength * np.trace(grid) / len(grid) * np.eye(len(grid))
    return np.asarray(np.linalg.solve(grid, seen.T @ wanted), np.float64)


def _unit(values: Values) -> Values:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9), np.float64)


def _flat(rows: Rows, kinds: tuple[str, ...]) -> Values:
    return np.concatenate([rows[kind] for kind in kinds], 1).astype(np.float64)


class _Attacker:
    """Learns to say from a result what other pictures of that person show, and compares where that differs."""

    def __init__(self, stills: Stills, train: NDArray[np.int64], kinds: tuple[str, ...], strength: float) -> None:
        self._kinds = kinds
        seen = _flat(_joined(_some(stills.disguised, train), stills.masked), kinds)
        first, second = (_flat(_some(group, train), kinds) for group in (stills.probe, stills.gallery))
        # The same result goes with both pictures of its person: what they share is who it is.
        inputs = np.concatenate([seen[: len(train)], seen])
        self._map = _ridge(inputs, np.concatenate([second, first, _flat(stills.bare, kinds)]), strength)
        within = (first - second) / np.sqrt(2)
        spread = within.T @ within / len(within)
        spread += 0.2 * np.trace(spread) / len(spread) * np.eye(len(spread))
        sizes, axes = np.linalg.eigh(spread)
        self._even = axes / np.sqrt(sizes)

    def scores(self, results: Rows, searched: Rows) -> Values:
        """Return the score of every result (rows) with every picture (columns)."""
        guessed = _flat(results, self._kinds) @ self._map @ self._even
        return _unit(guessed) @ _unit(_flat(searched, self._kinds) @ self._even).T


def _folds(people: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    order = np.random.default_rng(_SEED).permutation(people)
    return [(np.setdiff1d(order, part), np.sort(part)) for part in np.array_split(order, _FOLDS)]


def _learned(stills: Stills, kinds: tuple[str, ...]) -> Values:
    """Return scores (people, pictures) by attackers that never saw the person; the ridge is chosen in training."""
    people = len(stills.probe["shape"])
    searched = _joined(stills.gallery, stills.others)
    scores = np.zeros((people, len(searched["shape"])))
    for train, test in _folds(people):
        inner, tried = train[len(train) // 4 :], train[: len(train) // 4]
        worth = {}
        for strength in _RIDGES:
            found = _Attacker(stills, inner, kinds, strength).scores(_some(stills.disguised, tried), stills.gallery)
            worth[strength] = -np.log(_ranks(found, tried)).mean()
        best = max(worth, key=lambda s: worth[s])
        scores[test] = _Attacker(stills, train, kinds, best).scores(_some(stills.disguised, test), searched)
    return scores


def _ranks(scores: Values, own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return at which place the own picture comes among all, 1 being first; ties count against the attacker by half."""
    true = scores[np.arange(len(scores)), own][:, None]
    return np.asarray(1 + (scores > true).sum(1) + ((scores == true).sum(1) - 1) // 2, np.int64)


def _row(name: str, scores: Values, kin: int) -> dict[str, Any]:
    """Return the figures of one attacker: ranks among all, rates among the first `kin` pictures, of one collection."""
    own = np.arange(len(scores))
    ranks = _ranks(scores, own)
    centred = scores[:, :kin] - scores[:, :kin].mean(1, keepdims=True)
    mask = np.zeros(centred.shape, bool)
    mask[own, own] = True
    return {
        "attacker": name,
        "rank 1": float((ranks == 1).mean()),
        "rank 5": float((ranks <= 5).mean()),
        "median rank": float(np.median(ranks)),
        "AUC": auc(centred[mask], centred[~mask]),
        "equal error": equal_error(centred[mask], centred[~mask])[0],
    }


def reidentified(stills: Stills) -> list[dict[str, Any]]:
    """Return what every attacker finds, the most dangerous first.

    Then what the same attackers find when the face is cut out, which no double can better; naive attackers; and the
    undisguised pictures.
    """
    placed = _in_directions(stills)
    kin = len(stills.gallery["shape"]) + stills.kin
    rows = [_row(name, _learned(placed, kinds), kin) for name, kinds in KNOWS.items()]
    rows.sort(key=lambda r: -r["AUC"])
    without = replace(placed, disguised=placed.cut, masked=placed.cut_masked)
    for kinds in (NAMES, *((name,) for name in NAMES)):
        name = kinds[0] if len(kinds) == 1 else "all recognisers"
        rows.append(_row(f"{name}, face cut out", _learned(without, kinds), kin))
    for kind, group in (("naive", stills.disguised), ("undisguised", stills.probe)):
        for name in NAMES:
            searched = np.concatenate([stills.gallery[name], stills.others[name]])
            rows.append(_row(f"{name}, {kind}", np.asarray(group[name] @ searched.T, np.float64), kin))
    return rows


def reconstructed(stills: Stills) -> list[dict[str, Any]]:
    """Return how near the guessed vector of the very picture under the double comes to the true one."""
    rows = []
    people = len(stills.probe["shape"])
    placed = _in_directions(stills)
    without = replace(placed, disguised=placed.cut, masked=placed.cut_masked)
    for name in NAMES:
        limit = limits(name, stills.width_px).frame
        told: dict[str, list[Values]] = {"guess": [], "mean": [], "naive": [], "other": [], "cut": []}
        for train, test in _folds(people):
            truth, other = (_unit(g[name][test].astype(np.float64)) for g in (stills.probe, stills.gallery))
            guess, mean = _guessed(stills, placed, (train, test), name)
            told["guess"].append((guess * truth).sum(1))
            told["cut"].append((_guessed(stills, without, (train, test), name, _BESIDE)[0] * truth).sum(1))
            told["other"].append((guess * other).sum(1))
            told["mean"].append(truth @ mean)
            told["naive"].append((stills.disguised[name][test] * truth).sum(1))
        flat = {key: np.concatenate(parts) for key, parts in told.items()}
        rows.append({"recogniser": name, "limit 1e-3": limit} | {k: float(v.mean()) for k, v in flat.items()}
                    | {f"{k} over": float((v >= limit).mean()) for k, v in flat.items()})  # fmt: skip
    return sorted(rows, key=lambda r: -r["guess over"])


def _guessed(
    stills: Stills,
    placed: Stills,
    fold: tuple[NDArray[np.int64], NDArray[np.int64]],
    name: str,
    kinds: tuple[str, ...] = KNOWS["everything"],
) -> tuple[Values, Values]:
    """Return the guessed vectors of the people who are tested, and the best guess of who knows nothing.

    The ridge is chosen on a quarter of the people who are learned from.
    """
    train, test = fold

    def guess(known: NDArray[np.int64], asked: NDArray[np.int64], strength: float) -> tuple[Values, Values]:
        wanted = _joined(_some(stills.probe, known), stills.bare)[name].astype(np.float64)
        mean = wanted.mean(0)
        seen = _flat(_joined(_some(placed.disguised, known), placed.masked), kinds)
        learned = _ridge(seen, wanted - mean, strength)
        return _unit(mean + _flat(_some(placed.disguised, asked), kinds) @ learned), mean / np.linalg.norm(mean)

    quarter = len(train) // 4
    truth = stills.probe[name][train[:quarter]]
    worth = {s: float((guess(train[quarter:], train[:quarter], s)[0] * truth).sum()) for s in _RIDGES}
    return guess(train, test, max(worth, key=lambda s: worth[s]))


def adaptive(faces: Path, clips: Path, console: Console) -> dict[str, Any]:
    """Return all figures of the attacker who knows Veil; some minutes on two cores.

    `faces` holds what the recognisers were calibrated on, `clips` films of people. Raises OSError when there are none.
    """
    began = time.monotonic()
    people = [film for film in films.clips(clips, []) if film.parent == clips]  # not the project's own: it is nobody
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        moving = beside.submit(_motion, people)
        stills = gathered(faces, Eyes(), console)
        console.print("[dim]the attacker learns[/]")
        return {
            "people": len(stills.probe["shape"]),
            "searched": len(stills.gallery["shape"]) + len(stills.others["shape"]),
            "kin": len(stills.gallery["shape"]) + stills.kin,
            "trained_on": len(stills.masked["shape"]),
            "reidentified": reidentified(stills),
            "reconstructed": reconstructed(stills),
            "motion": moving.result(),
            "seconds": time.monotonic() - began,
        }


def _motion(people: list[Path]) -> dict[str, Any]:
    return motion_attack(people, Eyes(), Console(stderr=True))


def _table(title: str, names: list[str]) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for i, name in enumerate(names):
        table.add_column(name, justify="left" if i == 0 else "right", overflow="fold")
    return table


def show(told: dict[str, Any], console: Console) -> None:
    """Print every table, the most dangerous attacker first."""
    names = ["attacker", "rank 1", "rank 5", "median rank", "AUC", "equal error"]
    chance = f"chance: rank 1 {1 / told['searched']:.2%}, rank 5 {5 / told['searched']:.2%}"
    table = _table(
        f"Who is in the double? {told['people']} people, another picture of each among {told['searched']} people;"
        f" learned on four fifths of them (never the one asked for) and {told['trained_on']} others. Ranks among all"
        f" ({chance}), AUC and equal error among the {told['kin']} of one collection", names,
    )  # fmt: skip
    for r in told["reidentified"]:
        table.add_row(r["attacker"], f"{r['rank 1']:.1%}", f"{r['rank 5']:.1%}", f"{r['median rank']:.0f}",
                      f"{r['AUC']:.3f}", f"{r['equal error']:.1%}")  # fmt: skip
    console.print(table)
    names = ["recogniser", "guess", "of who knows nothing", "the double itself", "guess, other picture",
             "guess, face cut out", "limit 1e-3"]  # fmt: skip
    table = _table(
        "The original's vector guessed from the result: mean cosine to the truth, share over the limit", names
    )
    for r in told["reconstructed"]:
        cells = [f"{r[k]:.3f} ({r[k + ' over']:.1%})" for k in ("guess", "mean", "naive", "other", "cut")]
        table.add_row(r["recogniser"], *cells, f"{r['limit 1e-3']:.3f}")
    console.print(table)
    show_motion(told["motion"], console)
    console.print(f"the attacker who knows Veil: {told['seconds']:.0f} s, less what was kept from an earlier run")


def main() -> int:
    """Measure, print, write ``bench/out/adaptive.json``; return 2 when there is nothing to measure on."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    faces, clips = films.folder(None, "VEIL_BENCH_FACES", "faces"), films.folder(None, "VEIL_BENCH_CLIPS", "clips")
    if faces is None or clips is None:
        console.print("nothing to measure on: name folders in VEIL_BENCH_FACES and VEIL_BENCH_CLIPS")
        return 2
    told = adaptive(faces, clips, console)
    films.OUT.mkdir(parents=True, exist_ok=True)
    (films.OUT / "adaptive.json").write_text(json.dumps(told, indent=1, default=float))
    show(told, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
