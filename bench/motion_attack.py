"""Can people be told apart by how their double moves? An attacker who knows Veil, and what the dial costs.

Everyone wears one and the same double, so that only movement differs. Faces are read anew in the result, as anyone
could; windows of 1.4 seconds are compared by a metric that was learned on other people, at the same setting of the
dial. Two questions: are two results of one person (linked), and is this result of that person, of whom the film as it
was is at hand (named). There is one clip a person: camera, seat, mood and what is said are the same in all of their
windows, which flatters the attacker; the people are few. The head's pose is the film's at every setting.
"""

import hashlib
import inspect
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.expression import mouth_opening
from bench.films import OUT
from bench.landmarks import SURE, Eyes, crop, picture_of
from veil.disguise import wardrobe
from veil.disguise.faces import double, fit, performance
from veil.disguise.faces.double import DoubleOptions, FaceDouble
from veil.disguise.faces.performance import Ways, ways_of
from veil.errors import VeilError
from veil.media import probe, read
from veil.models.topology import BLENDSHAPES, STILL
from veil.nouns.cast import Face, Sure, Track
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.picture import Pixels, Points
from veil.sight import motion
from veil.sight.motion import FRONT, Motion
from veil.stages.case import Case, CaseFolder
from veil.stages.kept import MOVES, correlation
from veil.stages.watch import watch

SETTINGS = (100, 75, 50, 25, 0)
_DOUBLE = "goran"
_RATE_HZ = 12.5
_LONGEST_S, _SHORTEST_S, _WINDOW_S, _HOP_S = 10.0, 2.8, 1.4, 0.7
_EARS_PX = 110.0
_SPEAKS = 0.005  # a mouth whose opening changes less, in heights of the face, says nothing of how it is followed
_LEAST_PX = 36.0  # faces narrower than this between the ears move too little to be read
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Take:
    """What was read of one person: rows of values in the original, and in the result by setting of the dial."""

    who: str
    original: Values  # (N, VALUES)
    results: dict[int, Values]
    pieces: NDArray[np.int32]  # (N,): rows of one piece of film without a gap have one number


def values_of(eyes: Eyes, mesh: Points) -> Values:
    """Return what is read of a face in one frame: 52 blendshapes, mouth opening, yaw, pitch, roll, place and size."""
    onto = similarity(FRONT[STILL], mesh[STILL])
    tall = float(np.linalg.norm(mesh[10] - mesh[152]))
    place = mesh[168, :2] / max(tall, 1e-6)
    return np.array(
        [*eyes.mesher.expression(mesh), mouth_opening(mesh), *yaw_pitch_roll_deg(onto.turn), *place, np.log(tall)]
    )


_FACE = np.arange(53)
_HEAD = np.arange(53, 59)
_PAIRED = np.array([i for i, name in enumerate(BLENDSHAPES) if "Left" not in name and name[:2] in ("br", "ey", "mo")])
_BOTH = np.concatenate([_FACE, _HEAD])
_READ = {
    "all": (_BOTH, np.concatenate([_PAIRED, [52], _HEAD])),
    "head": (_HEAD, _HEAD),
    "face": (_FACE, np.append(_PAIRED, 52)),
    "play": (_FACE, np.append(_PAIRED, 52)),
}
"""What each attacker reads, and of what the correlations: all, the head's pose alone, the face without the head, and
how it moves without how it rests."""


def takes(clips: list[Path], eyes: Eyes, console: Console) -> list[Take]:
    """Return everyone who is in sight for long enough, rendered at every setting; kept between runs."""
    found = []
    modules = (double, fit, performance, motion)
    sources = "".join(inspect.getsource(m) for m in modules) + inspect.getsource(_Stage) + inspect.getsource(values_of)
    mark = hashlib.sha256(f"{sources}{SETTINGS}{_RATE_HZ}{_LONGEST_S}{_EARS_PX}{_DOUBLE}".encode()).hexdigest()[:12]
    for clip in clips:
        file = OUT / "adaptive" / f"{clip.name}-{mark}.npz"
        if not file.is_file():
            console.print(f"[dim]performing {clip.name}[/]")
            try:
                made = _performed(clip, eyes)
            except (VeilError, OSError) as problem:
                console.print(f"{clip.name}: {problem}")
                continue
            np.savez(file, **{k: v for take in made for k, v in _stored(take).items()})  # type: ignore[arg-type]
        with np.load(file) as kept:
            names = sorted({key.split("|")[0] for key in kept.files})
            for name in names:
                results = {p: kept[f"{name}|{p}"] for p in SETTINGS}
                found.append(Take(f"{clip.stem} {name}", kept[f"{name}|film"], results, kept[f"{name}|pieces"]))
    return found


def _stored(take: Take) -> dict[str, NDArray[Any]]:
    rows: dict[str, NDArray[Any]] = {f"{take.who}|{p}": v for p, v in take.results.items()}
    return rows | {f"{take.who}|film": take.original, f"{take.who}|pieces": take.pieces}


def _performed(clip: Path, eyes: Eyes) -> list[Take]:
    """Return the takes of one clip, labels for names."""
    film = probe(clip)
    case = watch(film, CaseFolder(OUT / "adaptive" / f"{clip.name}.veil"))
    rate_hz = float(film.rate_hz)
    every = max(1, round(rate_hz / _RATE_HZ))
    stages = [_Stage(case, label, track, rate_hz) for label, track in _leads(case, rate_hz)]
    with read(film) as frames:
        for frame in frames:
            on = [s for s in stages if s.wants(frame.index, every)]
            pixels = frame.picture.rgb() if on else None
            for stage in on:
                if pixels is not None:
                    stage.play(eyes, pixels, frame.index, frame.at)
    return [take for stage in stages if (take := stage.take()) is not None]


def _leads(case: Case, rate_hz: float) -> list[tuple[str, Track]]:
    """Return the longest track of everyone who is in sight for long enough and large enough."""
    tracks = {t.label: t for t in case.cast.tracks}
    found = []
    for person in case.cast.people:
        track = max((tracks[t] for t in person.tracks), key=lambda t: t.last - t.first)
        rows = track.rows()
        fitted = np.array(rows["sure"]) == Sure.FITTED
        if person.label not in case.neutrals or fitted.sum() < _SHORTEST_S * rate_hz:
            continue
        middle = rows[int(np.flatnonzero(fitted)[fitted.sum() // 2])]["mesh"]
        if np.linalg.norm(middle[234] - middle[454]) >= _LEAST_PX:
            found.append((person.label, track))
    return found


class _Stage:
    """One person, played at every setting of the dial in a patch of one size."""

    def __init__(self, case: Case, label: str, track: Track, rate_hz: float) -> None:
        self._label, self._track, self._rate_hz = label, track, rate_hz
        rows = track.rows()
        self._fitted = np.array(rows["sure"]) == Sure.FITTED
        neutral = case.neutrals[label]
        ways: Ways = ways_of(np.array(rows["mesh"])[self._fitted], neutral)
        bare = wardrobe.double(_DOUBLE)
        self._plays = {
            p: (FaceDouble(bare, neutral, DoubleOptions(performance=p, ways=ways)), Motion(track, rate_hz, 1 - p / 100))
            for p in SETTINGS
        }
        self._rows: dict[int, list[Values]] = {-1: [], **{p: [] for p in SETTINGS}}
        self._indices: list[int] = []

    def wants(self, index: int, every: int) -> bool:
        i = index - self._track.first
        here = 0 <= i < len(self._fitted) and i < _LONGEST_S * self._rate_hz
        return bool(here and i % every == 0 and self._fitted[i])

    def play(self, eyes: Eyes, pixels: Pixels, index: int, at: Fraction) -> None:
        """Dress one frame at every setting and read the faces anew."""
        faces = {p: play.face(index, at) for p, (_, play) in self._plays.items()}
        mesh = faces[100].mesh
        scale = _EARS_PX / max(float(np.linalg.norm(mesh[234] - mesh[454])), 1.0)
        middle, side = mesh[:468, :2].mean(0), round(3.2 * _EARS_PX)
        shift = side / 2 - scale * middle
        to_patch = np.column_stack([np.eye(2) * scale, shift])
        patch = crop(pixels, to_patch, side)
        seen = {-1: patch}
        for p, face in faces.items():
            seen[p] = self._plays[p][0].wear(patch, _scaled(face, scale, shift), index)
        rows = {}
        for p, shown in seen.items():
            points, presence = eyes.near(picture_of(shown), (mesh * scale + np.array([*shift, 0])).astype(np.float32))
            if presence < SURE:
                return
            points[:, :2] -= shift.astype(np.float32)
            rows[p] = values_of(eyes, points)
        for p, row in rows.items():
            self._rows[p].append(row)
        self._indices.append(index)

    def take(self) -> Take | None:
        """Return what was read; None when it is too little."""
        if len(self._indices) < _SHORTEST_S * _RATE_HZ * 0.8:
            return None
        step = np.diff(self._indices)
        pieces = np.concatenate([[0], np.cumsum(step > 2 * np.median(step))]).astype(np.int32)
        results = {p: np.array(self._rows[p]) for p in SETTINGS}
        return Take(self._label, np.array(self._rows[-1]), results, pieces)


def _scaled(face: Face, scale: float, shift: Values) -> Face:
    mesh = (face.mesh * scale + np.array([*shift, 0])).astype(np.float32)
    return Face(face.at, type(face.box).around(mesh[:468]), mesh, Sure.FITTED, face.light, 0.0, 0.5)


# ── the attacker ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class _Windows:
    """What an attacker makes of takes: one row a window."""

    rows: Values  # (N, D)
    who: NDArray[np.int32]
    starts: NDArray[np.int32]  # window number within its take


def _described(part: Values, kind: str) -> Values:
    """Return the description of one window (n, 59) of values, of one of `_KINDS`.

    Amounts, roughness, what moves with what, and (but for `play`) how the face rests. The head's mean place and size
    are left out: they are the camera's.
    """
    still = part - part.mean(0)
    quick = np.diff(part, axis=0)
    use, paired = _READ[kind]
    unit = still[:, paired] / (still[:, paired].std(0) + 0.01)
    together = (unit.T @ unit / len(unit))[np.triu_indices(len(paired), 1)]
    amounts = np.log(still[:, use].std(0) + 1e-3)
    rough = np.log(quick[:, use].std(0) + 1e-3) - amounts
    turned = [part[:, _HEAD[:3]].mean(0) / 10] if kind in ("all", "head") else []
    resting = [part[:, _FACE].mean(0) / 0.1] if kind in ("all", "face") else []
    return np.concatenate([*turned, *resting, amounts, rough, 0.5 * together])


def _windows(found: list[Take], setting: int | None, kind: str) -> _Windows:
    long, hop = round(_WINDOW_S * _RATE_HZ), round(_HOP_S * _RATE_HZ)
    rows, who, starts = [], [], []
    for number, take in enumerate(found):
        values = take.original if setting is None else take.results[setting]
        for start in range(0, len(values) - long + 1, hop):
            if take.pieces[start] == take.pieces[start + long - 1]:
                rows.append(_described(values[start : start + long], kind))
                who.append(number)
                starts.append(start)
    return _Windows(np.array(rows), np.array(who, np.int32), np.array(starts, np.int32))


def _metric(rows: Values, who: NDArray[np.int32], most: int = 24) -> tuple[Values, Values]:
    """Return mean and projection learned on some people: main directions, then the spread within people made even."""
    mean = rows.mean(0)
    values, axes = np.linalg.eigh((rows - mean).T @ (rows - mean))
    project = axes[:, np.argsort(-values)[:most]]
    placed = (rows - mean) @ project
    within = placed.copy()
    for one in np.unique(who):
        within[who == one] -= placed[who == one].mean(0)
    spread = within.T @ within / len(within)
    spread += 0.1 * np.trace(spread) / len(spread) * np.eye(len(spread))
    values, vectors = np.linalg.eigh(spread)
    return mean, project @ vectors / np.sqrt(values)


def _told_apart(probes: _Windows, gallery: _Windows, people: int) -> tuple[float, float]:
    """Return how well two people are told apart, by a metric that was learned on all others: AUC and its error.

    For each pair of people: the chance that two windows of one score more than two windows of both. A window is never
    compared with one that shares its time. The error is the jackknife's over people.
    """
    probes, gallery = _fewer(probes, gallery)
    table = np.full((people, people), np.nan)
    for a, b in combinations(range(people), 2):
        table[a, b] = table[b, a] = _auc_of_pair(probes, gallery, (a, b))
    whole = float(np.nanmean(table))
    without = [np.nanmean(np.delete(np.delete(table, k, 0), k, 1)) for k in range(people)]
    error = float(np.sqrt((people - 1) / people * np.square(np.array(without) - np.mean(without)).sum()))
    return whole, error


def _fewer(probes: _Windows, gallery: _Windows, most: int = 60) -> tuple[_Windows, _Windows]:
    """Return the windows in their main directions; it needs no knowledge of whose they are."""
    centred = [w.rows - w.rows.mean(0) for w in (probes, gallery)]
    whole = np.concatenate(centred)
    scale = whole.std(0) + 1e-3
    values, axes = np.linalg.eigh((whole / scale).T @ (whole / scale))
    kept = axes[:, np.argsort(-values)[:most]]
    one, other = (replace(w, rows=c / scale @ kept) for w, c in zip((probes, gallery), centred, strict=True))
    return one, other


def _auc_of_pair(probes: _Windows, gallery: _Windows, pair: tuple[int, int]) -> float:
    means, centred, owners = [], [], []
    for windows in (probes, gallery):
        others = ~np.isin(windows.who, pair)
        means.append(np.mean([windows.rows[windows.who == k].mean(0) for k in np.unique(windows.who[others])], 0))
        centred.append(windows.rows[others] - means[-1])
        owners.append(windows.who[others])
    _, project = _metric(np.concatenate(centred), np.concatenate(owners))
    held = [np.isin(w.who, pair) for w in (probes, gallery)]
    placed = [(w.rows[h] - mean) @ project for w, h, mean in zip((probes, gallery), held, means, strict=True)]
    p, g = (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9) for v in placed)
    one = probes.who[held[0]][:, None] == gallery.who[held[1]][None]
    apart = np.abs(probes.starts[held[0]][:, None] - gallery.starts[held[1]][None]) >= round(_WINDOW_S * _RATE_HZ)
    cosines = p @ g.T
    return auc(cosines[one & apart], cosines[~one])


def auc(same: NDArray[np.floating], different: NDArray[np.floating]) -> float:
    """Return the chance that a same score is above a different one; nan where there is none of a kind."""
    if not len(same) or not len(different):
        return float("nan")
    ranked = np.sort(different)
    below = np.searchsorted(ranked, same, "left") + np.searchsorted(ranked, same, "right")
    return float(below.mean() / 2 / len(ranked))


def _kept(take: Take, setting: int) -> tuple[float, float]:
    """Return how much of the expression is kept: correlation of the moving blendshapes, and of the mouth's opening.

    Nan where a mouth hardly opens.
    """
    one, other = take.original, take.results[setting]
    moving = np.flatnonzero(one[:, :52].std(0) > MOVES)
    shapes = float(np.mean([correlation(one[:, k], other[:, k]) for k in moving])) if len(moving) else float("nan")
    opens = one[:, 52].std() > _SPEAKS
    return shapes, correlation(one[:, 52], other[:, 52]) if opens else float("nan")


_KINDS = tuple(_READ)


def motion_attack(clips: list[Path], eyes: Eyes, console: Console) -> dict[str, Any]:
    """Return the trade-off: for the original and each setting, AUC of the attacker and expression kept."""
    found = takes(clips, eyes, console)
    rows: list[dict[str, Any]] = []
    films = {kind: _windows(found, None, kind) for kind in _KINDS}
    for setting in (None, *SETTINGS):
        row: dict[str, Any] = {"performance": setting}
        for kind in _KINDS:
            seen = _windows(found, setting, kind)
            row[f"linked {kind}"] = _told_apart(seen, seen, len(found))
            row[f"named {kind}"] = _told_apart(seen, films[kind], len(found))
        if setting is not None:
            kept = np.array([_kept(take, setting) for take in found])
            row |= {"blendshapes": float(np.nanmean(kept[:, 0])), "mouth": float(np.nanmean(kept[:, 1]))}
            row |= {"blendshapes worst": float(np.nanmin(kept[:, 0])), "mouth worst": float(np.nanmin(kept[:, 1]))}
        rows.append(row)
    return {"people": len(found), "windows": len(films["all"].who), "window_s": _WINDOW_S, "rows": rows}


def show(told: dict[str, Any], console: Console) -> None:
    """Print the trade-off, from the film as it was down the dial."""
    title = (
        f"Told apart by motion alone: {told['people']} people, {told['windows']} windows of {told['window_s']} s, one"
        " clip a person, one double for all (AUC, 0.5 is chance; ± jackknife over people), and expression kept"
        " (correlation, mean and worst person). linked: two results; named: a result and the film as it was. head: pose"
        " alone; face: without the head; play: the face without how it rests"
    )
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    names = [f"{question} {kind}" for question in ("linked", "named") for kind in _KINDS]
    for i, name in enumerate(("performance", *names, "blendshapes", "worst", "mouth", "worst")):
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in told["rows"]:
        dial = "as filmed" if row["performance"] is None else f"{row['performance']} %"
        figures = ["{:.2f} ±{:.2f}".format(*row[name]) for name in names]
        kept = [
            f"{row[k]:.2f}" if k in row else "–" for k in ("blendshapes", "blendshapes worst", "mouth", "mouth worst")
        ]
        table.add_row(dial, *figures, *kept)
    console.print(table)
