"""Calibrates recognisers with our own alignment: thresholds at given false accept rates, and people to be mistaken for.

The folder of faces holds `lfw_devtest/` (Labeled Faces in the Wild, development test: Huang et al. 2007; 500 pairs of
one person, 500 of two) and `portraits/` (one picture a person). What the numbers can bear: 500 pairs of two people
support a rate of 1e-2 (5 errors) and nothing finer. The thresholds at 1e-3 and 1e-4 therefore come from every pair of
pictures of two different people (about 1.2 million), which are not independent: each picture is in many of them.

Small faces might be more alike than large ones, and a limit for large ones accuse them wrongly. So every recogniser is
calibrated twice: with LFW as it is, and with every face shrunk to 56 pixels between the ears. (The limits hardly move.)
"""

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench import landmarks, recognisers
from bench.landmarks import Eyes, picture_of
from bench.recognisers import Recogniser, Vector
from veil.nouns.picture import Pixels, Points

RATES = (1e-2, 1e-3, 1e-4)
SMALL_PX = 56
"""Width between the ears of the second calibration; it is used for faces narrower than `SMALL_BELOW_PX`."""
SMALL_BELOW_PX = 80


@dataclass(frozen=True, eq=False)
class Calibration:
    """How good a recogniser is here, where it draws its lines, and whom it may take the person for."""

    recogniser: Recogniser
    small: bool
    equal_error: float
    equal_error_at: float
    limits: dict[float, float]  # cosine from which two faces count as one person, by false accept rate
    accepted: dict[float, float]  # share of the 500 true pairs that reach that limit
    impostor_pairs: int
    others: Vector  # (N, D), one row a person


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


def _shrunk(pixels: Pixels, points: Points) -> tuple[Pixels, Points]:
    """Return a picture and its mesh, scaled so that the face is `SMALL_PX` wide."""
    scale = min(1.0, SMALL_PX / float(np.linalg.norm(points[234, :2] - points[454, :2])))
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), points * scale


def _embedded(recogniser: Recogniser, files: Sequence[Path], eyes: Eyes, *, small: bool) -> tuple[Vector, list[int]]:
    """Return the vectors of all pictures with a face, and which those are."""
    rows: list[Vector] = []
    kept: list[int] = []
    for i, path in enumerate(files):
        pixels = picture_at(path)
        points = middle_face(eyes, pixels)
        if points is not None:
            pixels, points = _shrunk(pixels, points) if small else (pixels, points)
            rows.append(recogniser.embed([recogniser.chip(pixels, points)])[0])
            kept.append(i)
    return np.array(rows), kept


def _pairs(faces: Path) -> list[tuple[str, str, bool]]:
    """Return LFW's pairs as file names and whether they show one person."""
    found: list[tuple[str, str, bool]] = []
    for line in (faces / "pairsDevTest.txt").read_text().splitlines()[1:]:
        words = line.split()
        one, other = (words[0], words[1]), (words[-2] if len(words) == 4 else words[0], words[-1])
        names = [f"{who}/{who}_{int(number):04d}.jpg" for who, number in (one, other)]
        found.append((names[0], names[1], len(words) == 3))
    return found


def _stored(
    recogniser: Recogniser, faces: Path, cache: Path, eyes: Eyes, *, small: bool
) -> dict[str, NDArray[np.float32]]:
    """Return the vectors of both collections, from the cache when neither code nor nets have changed since."""
    sources = "".join(inspect.getsource(m) for m in (landmarks, recognisers))
    mark = hashlib.sha256((recogniser.name + sources).encode()).hexdigest()[:12]
    file = cache / f"{recogniser.name.replace(' ', '_')}-{'small' if small else 'large'}-{mark}.npz"
    if not file.is_file():
        lfw, portraits = _lfw_files(faces), _portrait_files(faces)
        rows, kept = _embedded(recogniser, lfw, eyes, small=small)
        others, _ = _embedded(recogniser, portraits, eyes, small=small)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(file, rows=rows, kept=np.array(kept), others=others)
    with np.load(file) as stored:
        return {key: stored[key] for key in stored}


def _lfw_files(faces: Path) -> list[Path]:
    return sorted((faces / "lfw_devtest").glob("*/*.jpg"))


def _portrait_files(faces: Path) -> list[Path]:
    return sorted(p for p in (faces / "portraits").rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})


def equal_error(same: NDArray[np.floating], different: NDArray[np.floating]) -> tuple[float, float]:
    """Return the rate at which false accepts and false rejects are equal, and the score where they are."""
    at = np.sort(np.concatenate([same, different]))
    accepts = 1 - np.searchsorted(np.sort(different), at) / len(different)
    rejects = np.searchsorted(np.sort(same), at) / len(same)
    i = int(np.argmin(np.abs(accepts - rejects)))
    return float(accepts[i] + rejects[i]) / 2, float(at[i])


def calibrate(recogniser: Recogniser, faces: Path, cache: Path, eyes: Eyes, *, small: bool) -> Calibration:
    """Return a recogniser's lines for large or small faces; raise OSError when the faces are not there."""
    stored = _stored(recogniser, faces, cache, eyes, small=small)
    names = [f"{p.parent.name}/{p.name}" for p in _lfw_files(faces)]
    place = {names[k]: i for i, k in enumerate(stored["kept"])}
    rows = stored["rows"]
    scores = [(float(rows[place[a]] @ rows[place[b]]), one) for a, b, one in _pairs(faces / "lfw_devtest")
              if a in place and b in place]  # fmt: skip
    same = np.array([s for s, one in scores if one])
    different = np.array([s for s, one in scores if not one])
    who = np.array([names[k].split("/")[0] for k in stored["kept"]])
    upper = np.triu(who[:, None] != who[None], 1)
    impostors = np.sort((rows @ rows.T)[upper])
    limits = {rate: float(impostors[int(len(impostors) * (1 - rate))]) for rate in RATES}
    rate, at = equal_error(same, different)
    firsts = np.unique(who, return_index=True)[1]
    return Calibration(
        recogniser, small, rate, at, limits, {r: float((same >= limit).mean()) for r, limit in limits.items()},
        len(impostors), np.concatenate([rows[firsts], stored["others"]]).astype(np.float32),
    )  # fmt: skip
