"""Calibrates the adversary's recognisers with our own alignment: ``python -m bench.calibration [--write]``.

The folder of faces holds `lfw_devtest/` (Labeled Faces in the Wild, development test: Huang et al. 2007; 500 pairs of
one person, 500 of two) and `portraits/` (one picture a person, with `meta.csv`). What the numbers can bear: 500 pairs
of two people support a rate of 1e-2 (5 errors) and nothing finer. The limits at 1e-3 and 1e-4 therefore come from
every pair of pictures of two different people (about 1.2 million), which are not independent: each picture is in many.

Small faces are more alike than large ones, and a limit for large ones may accuse or acquit them wrongly. So everything
is measured three times: with LFW as it is, and with every face shrunk to 56 and to 32 pixels between the ears; the
landmarks are those of the large face, which is kinder than a film. Portraits show one picture a person, so by group
only false accepts can be measured. `--write` keeps the figures where the adversary reads them; faces and vectors stay
outside the project.
"""

import argparse
import csv
import hashlib
import inspect
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench import films, landmarks
from bench.landmarks import Eyes, picture_of
from veil.adversary import recognisers
from veil.adversary.recognisers import NAMES, Recogniser, Vectors, five_of, recogniser, unit
from veil.nouns.picture import Pixels, Points

RATES = (1e-2, 1e-3, 1e-4)
SIZES: tuple[tuple[int | None, int], ...] = ((None, 75), (56, 44), (32, 0))
"""How wide the faces are shown, and from which width on those limits hold."""
_CURVE = (0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 5e-3, 3e-3, 2e-3, 1e-3, 5e-4, 3e-4, 2e-4, 1e-4, 5e-5, 3e-5, 2e-5,
          1e-5)  # fmt: skip
_TEMPLATE = 3  # pictures from which a person's mean is taken
CACHE = Path(tempfile.gettempdir()) / "veil-calibration"
"""Where landmarks and vectors are kept from run to run: never in the project."""
_LIMITS = Path(recognisers.__file__).parent / "limits.json"


@dataclass(frozen=True, eq=False)
class Calibration:
    """How good a recogniser is here, where it draws its lines, and whom it may take the person for."""

    recogniser: Recogniser
    shown_px: int | None
    equal_error: float
    equal_error_at: float
    limits: dict[float, float]  # cosine from which two faces count as one person, by false accept rate
    accepted: dict[float, float]  # share of the 500 true pairs that reach that limit
    impostor_pairs: int
    curve: list[tuple[float, float]]  # score, share of impostor pairs that reach it
    templates: dict[str, float]
    groups: dict[str, dict[str, float]]
    others: Vectors  # (N, D), one row a person


def by_width(lines: Sequence[Calibration], width_px: float) -> Calibration:
    """Return the calibration, among those of one recogniser, that holds for faces so wide from ear to ear."""
    return next((c for c in lines if width_px >= dict(SIZES)[c.shown_px]), lines[-1])


def picture_at(path: Path) -> Pixels:
    """Return an image file as RGB; raise OSError when it is none."""
    stored = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if stored is None:
        raise OSError(f"{path.name} is not a picture")
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def middle_face(eyes: Eyes, pixels: Pixels) -> Points | None:
    """Return the mesh of the face nearest to the middle of a picture, or None."""
    picture = picture_of(pixels)
    seen = eyes.faces(picture, least=0.3)
    if not seen:
        return None
    middle = np.array([picture.width, picture.height]) / 2
    seen.sort(key=lambda s: float(np.linalg.norm(np.array(s.box.centre) - middle)))
    return eyes.at_box(picture, seen[0])[0]


def _shrunk(pixels: Pixels, five: Points, width_px: float, shown_px: int | None) -> tuple[Pixels, Points]:
    """Return a picture and its points, scaled so that the face is `shown_px` wide."""
    scale = 1.0 if shown_px is None else min(1.0, shown_px / width_px)
    if scale == 1:
        return pixels, five
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    ratio = np.array([size[0] / pixels.shape[1], size[1] / pixels.shape[0]], np.float32)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), five * ratio


def _files(faces: Path) -> tuple[list[Path], list[Path]]:
    """Return the pictures of LFW and the portraits; raise OSError when there are none."""
    lfw = sorted((faces / "lfw_devtest").glob("*/*.jpg"))
    portraits = sorted(p for p in (faces / "portraits").rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if not lfw or not portraits:
        raise OSError("no faces to calibrate on: name a folder with --faces")
    return lfw, portraits


def _pairs(faces: Path) -> list[tuple[str, str, bool]]:
    """Return LFW's pairs as file names and whether they show one person."""
    found: list[tuple[str, str, bool]] = []
    for line in (faces / "pairsDevTest.txt").read_text().splitlines()[1:]:
        words = line.split()
        one, other = (words[0], words[1]), (words[-2] if len(words) == 4 else words[0], words[-1])
        names = [f"{who}/{who}_{int(number):04d}.jpg" for who, number in (one, other)]
        found.append((names[0], names[1], len(words) == 3))
    return found


def _mark(*sources: bytes) -> str:
    return hashlib.sha256(b"".join(sources)).hexdigest()[:12]


def _landmarks(faces: Path, cache: Path, eyes: Eyes) -> dict[str, NDArray[Any]]:
    """Return the five points of every picture, the width between its ears, and which pictures have a face."""
    file = cache / f"landmarks-{_mark(inspect.getsource(landmarks).encode(), str(faces).encode())}.npz"
    if not file.is_file():
        meshes = [middle_face(eyes, picture_at(path)) for files in _files(faces) for path in files]
        fives = [np.zeros((5, 2), np.float32) if m is None else five_of(m) for m in meshes]
        widths = [0.0 if m is None else float(np.linalg.norm(m[234, :2] - m[454, :2])) for m in meshes]
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(file, five=np.array(fives), width=np.array(widths), found=np.array([m is not None for m in meshes]))
    with np.load(file) as stored:
        return {key: stored[key] for key in stored}


@dataclass(frozen=True, eq=False)
class _Shown:
    """The vectors of one recogniser: of LFW with names and people, of the portraits with their groups."""

    rows: Vectors
    names: list[str]
    portraits: Vectors
    groups: list[str]

    @property
    def who(self) -> NDArray[np.str_]:
        return np.array([name.split("/")[0] for name in self.names])


def _shown(judge: Recogniser, faces: Path, cache: Path, eyes: Eyes, shown_px: int | None) -> _Shown:
    """Return the vectors of both collections, from the cache when the net makes of the first picture what it made."""
    lfw, portraits = _files(faces)
    points = _landmarks(faces, cache, eyes)
    here = np.flatnonzero(points["found"])
    first = judge.embed([judge.chip(picture_at((lfw + portraits)[here[0]]), points["five"][here[0]])])
    file = cache / f"{judge.name}-{shown_px or 'large'}-{_mark(first.tobytes(), str(faces).encode())}.npy"
    if not file.is_file():
        rows = []
        for i in here:
            path = (lfw + portraits)[i]
            pixels, five = _shrunk(picture_at(path), points["five"][i], float(points["width"][i]), shown_px)
            rows.append(judge.embed([judge.chip(pixels, five)])[0])
        np.save(file, np.array(rows))
    stored = np.load(file)
    known = here < len(lfw)
    with (faces / "portraits" / "meta.csv").open(newline="", encoding="utf-8") as table:
        group = {row["slug"]: row["ethnicity_as_listed"] for row in csv.DictReader(table)}
    return _Shown(
        stored[known], [f"{lfw[i].parent.name}/{lfw[i].name}" for i in here[known]], stored[~known],
        [group.get(portraits[i - len(lfw)].stem, "") for i in here[~known]],
    )  # fmt: skip


def equal_error(same: NDArray[np.floating], different: NDArray[np.floating]) -> tuple[float, float]:
    """Return the rate at which false accepts and false rejects are equal, and the score where they are."""
    at = np.sort(np.concatenate([same, different]))
    accepts = 1 - np.searchsorted(np.sort(different), at) / len(different)
    rejects = np.searchsorted(np.sort(same), at) / len(same)
    i = int(np.argmin(np.abs(accepts - rejects)))
    return float(accepts[i] + rejects[i]) / 2, float(at[i])


def calibrations(name: str, faces: Path, eyes: Eyes) -> tuple[Calibration, ...]:
    """Return a recogniser's lines for faces of each size; raise OSError when the faces are not there."""
    judge = recogniser(name)
    return tuple(calibrate(judge, faces, CACHE, eyes, shown_px) for shown_px, _ in SIZES)


def calibrate(judge: Recogniser, faces: Path, cache: Path, eyes: Eyes, shown_px: int | None) -> Calibration:
    """Return a recogniser's lines for faces of one size; raise OSError when the faces are not there."""
    shown = _shown(judge, faces, cache, eyes, shown_px)
    place = {name: i for i, name in enumerate(shown.names)}
    rows, who = shown.rows, shown.who
    scores = [(float(rows[place[a]] @ rows[place[b]]), one) for a, b, one in _pairs(faces / "lfw_devtest")
              if a in place and b in place]  # fmt: skip
    same = np.array([s for s, one in scores if one])
    impostors = np.sort((rows @ rows.T)[np.triu(who[:, None] != who[None], 1)])
    limits = {rate: _reached_by(impostors, rate) for rate in RATES}
    error, at = equal_error(same, np.array([s for s, one in scores if not one]))
    firsts = np.unique(who, return_index=True)[1]
    return Calibration(
        judge, shown_px, error, at, limits, {r: float((same >= limit).mean()) for r, limit in limits.items()},
        len(impostors), [(_reached_by(impostors, rate), rate) for rate in _CURVE], _templates(rows, who, limits),
        _groups(shown.portraits, shown.groups, limits), np.concatenate([rows[firsts], shown.portraits]),
    )  # fmt: skip


def _reached_by(impostors: NDArray[np.floating], rate: float) -> float:
    """Return the score that such a share of sorted scores reaches."""
    return float(impostors[int(len(impostors) * (1 - rate))])


def _templates(rows: Vectors, who: NDArray[np.str_], limits: dict[float, float]) -> dict[str, float]:
    """Return what the limits of pairs are worth where the mean of several pictures is compared.

    A mean is nearer to everybody than one picture is. `looks` is one picture against the mean of somebody else's three
    or more, at the limit of 1e-3; `means` is mean against mean, at 1e-4; `known` is one picture against the mean of the
    same person's others, at 1e-3.
    """
    people = [p for p in np.unique(who) if (who == p).sum() >= _TEMPLATE]
    means = np.stack([unit(rows[who == p].mean(0)) for p in people])
    looks = (means @ rows.T)[np.array(people)[:, None] != who[None]]
    between = (means @ means.T)[np.triu_indices(len(people), 1)]
    known = [
        float(rows[i] @ unit(rows[(who == p) & (np.arange(len(who)) != i)].mean(0)))
        for p in people
        for i in np.flatnonzero(who == p)
    ]
    return {
        "people": float(len(people)),
        "looks": float((looks >= limits[1e-3]).mean()),
        "means": float((between >= limits[1e-4]).mean()),
        "known": float((np.array(known) >= limits[1e-3]).mean()),
    }


def _groups(rows: Vectors, groups: Sequence[str], limits: dict[float, float]) -> dict[str, dict[str, float]]:
    """Return, for each group of portraits, the share of pairs of two people that reaches each limit."""
    found: dict[str, dict[str, float]] = {}
    for group in sorted(set(groups)):
        mine = rows[np.array(groups) == group]
        scores = (mine @ mine.T)[np.triu_indices(len(mine), 1)]
        if len(mine) >= 20:  # 190 pairs: fewer say nothing
            found[group] = {str(rate): float((scores >= limit).mean()) for rate, limit in limits.items()}
            found[group] |= {"people": float(len(mine)), "pairs": float(len(scores))}
    return found


def row(c: Calibration) -> dict[str, Any]:
    """Return what the adversary keeps of a calibration: figures, and no vector."""
    return {
        "from_px": dict(SIZES)[c.shown_px],
        "shown_px": c.shown_px,
        "equal_error": round(c.equal_error, 4),
        "limits": {f"{k:.10g}": round(v, 4) for k, v in c.limits.items()},
        "accepted": {f"{k:.10g}": round(v, 4) for k, v in c.accepted.items()},
        "impostor_pairs": c.impostor_pairs,
        "curve": [[round(s, 4), rate] for s, rate in c.curve],
        "templates": {k: round(v, 6) for k, v in c.templates.items()},
        "groups": {g: {k: round(v, 6) for k, v in values.items()} for g, values in c.groups.items()},
    }


def main() -> int:
    """Print every recogniser's figures for every size; with `--write`, keep them for the adversary."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", epilog="example: python -m bench.calibration")
    parser.add_argument("--faces", help="folder to calibrate on (default: $VEIL_BENCH_FACES, then ../shared/faces)")
    parser.add_argument("--write", action="store_true", help="keep the figures as the adversary's limits")
    asked = parser.parse_args()
    faces = films.folder(asked.faces, "VEIL_BENCH_FACES", "faces")
    if faces is None:
        sys.stderr.write("no faces to calibrate on: name a folder with --faces\n")
        return 2
    eyes = Eyes()
    found: dict[str, list[dict[str, Any]]] = {}
    for name in NAMES:
        found[name] = [row(c) for c in calibrations(name, faces, eyes)]
        for one in found[name]:
            sys.stdout.write(f"{name} {json.dumps({k: v for k, v in one.items() if k != 'curve'})}\n")
    if asked.write:
        of = "LFW development test, our alignment; see bench/calibration.py. Limits by false accept rate."
        _LIMITS.write_text(json.dumps({"of": of, "recognisers": found}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
