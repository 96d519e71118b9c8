"""Stills for the adaptive attacker: people with two pictures, one disguised as Veil would, and what shows in it.

The faces are those of the calibration. Of LFW's development test, whoever has two pictures is searched for, in the
double that Veil casts for them; of those with one, some only train, in a double by chance, and the others are searched
among, with the portraits. Nothing of the faces is kept but numbers, in ``bench/out``.
"""

import hashlib
import inspect
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bench.calibration import middle_face, picture_at
from bench.films import OUT
from bench.landmarks import SURE, Eyes, crop, picture_of
from veil.adversary import recognisers
from veil.adversary.recognisers import NAMES, Recogniser, five_of, recogniser
from veil.disguise import wardrobe
from veil.disguise.faces import double, fit
from veil.disguise.faces.double import FaceDouble
from veil.models.topology import OVAL, STILL
from veil.nouns.cast import ROW, Cast, Face, Fitting, Looks, Person, Sure, Track
from veil.nouns.film import Film
from veil.nouns.geometry import similarity
from veil.nouns.light import Light
from veil.nouns.picture import Box, Colour, Pixels, Points
from veil.sight.light import measure_light
from veil.sight.meshes import Mesher
from veil.sight.motion import FRONT
from veil.sight.people import likeness
from veil.sight.recogniser import Recogniser as Defence
from veil.stages.case import Case, CaseFolder
from veil.stages.casting import casting, try_on

_TRAINING = 300  # people with one picture who only train
_CONTEXT_SIDE = 28
_AROUND = 2.4  # the surroundings are a square so many times as wide as the face
Values = NDArray[np.float32]
Rows = dict[str, Values]
"""What shows in pictures, one row a picture: a vector a recogniser, `shape`, `light`, `around`."""


@dataclass(frozen=True, eq=False)
class Stills:
    """What shows in all pictures. Row i of `probe` and `disguised` is the person of row i of `gallery`."""

    probe: Rows  # picture A as it was
    disguised: Rows  # picture A in a double
    gallery: Rows  # picture B of the same people
    others: Rows  # further people as they were
    masked: Rows  # people who only train, in a double
    bare: Rows  # the same as they were
    cut: Rows  # picture A with the face cut out: what no double can hide
    cut_masked: Rows  # the people who only train, with the face cut out
    kin: int  # how many of `others`, the first ones, are of the collection that is searched for
    width_px: float


def described(nets: Iterable[Recogniser], pixels: Pixels, mesh: Points) -> Rows:
    """Return what shows of a face in one picture, one row each."""
    told = {net.name: net.embed([net.chip(pixels, five_of(mesh))])[0] for net in nets}
    told["shape"] = similarity(mesh[STILL], FRONT[STILL]).of(mesh)[:468].reshape(-1)
    told["light"] = measure_light(pixels, mesh).reshape(-1)
    told["around"] = _surroundings(pixels, mesh)
    return told


def _surroundings(pixels: Pixels, mesh: Points) -> Values:
    """Return a coarse picture of hair, ears, neck and clothes, 0..1; the face itself is grey."""
    wide = _AROUND * float(np.linalg.norm(mesh[234, :2] - mesh[454, :2]))
    scale = _CONTEXT_SIDE / max(wide, 1.0)
    middle = mesh[OVAL, :2].mean(0)
    small = crop(pixels, np.column_stack([np.eye(2) * scale, _CONTEXT_SIDE / 2 - scale * middle]), _CONTEXT_SIDE)
    oval = (mesh[OVAL, :2] - middle) * scale + _CONTEXT_SIDE / 2
    cv2.fillPoly(small, [np.round(oval).astype(np.int32)], (128, 128, 128))
    return np.asarray(small.reshape(-1) / 255, np.float32)


@dataclass(frozen=True, eq=False)
class _Still:
    pixels: Pixels
    mesh: Points
    light: Light

    def in_double(self, name: str, neutral: Points) -> Pixels:
        worn = FaceDouble(wardrobe.double(name), neutral)
        face = Face(Fraction(0), Box.around(self.mesh[:468]), self.mesh, Sure.FITTED, self.light, 1.0, 0.5)
        return worn.wear(self.pixels, face, 0)

    def cut_out(self) -> Pixels:
        """Return the picture with all that the mesh covers in one colour."""
        pixels, hull = self.pixels.copy(), cv2.convexHull(self.mesh[:468, :2].round().astype(np.int32))
        cv2.fillConvexPoly(pixels, hull, (150, 120, 105))
        return pixels


def _still(eyes: Eyes, path: Path) -> _Still | None:
    pixels = picture_at(path)
    mesh = middle_face(eyes, pixels)
    return None if mesh is None else _Still(pixels, mesh, measure_light(pixels, mesh))


def _case(stills: list[_Still], folder: Path) -> Case:
    """Return a case in which every still is a film of one frame, so that Veil casts as it does."""
    mesher, defence = Mesher(), Defence()
    tracks, neutrals, looks = [], {}, {}
    for number, still in enumerate(stills, 1):
        row = np.zeros(1, ROW)
        row["mesh"], row["sure"], row["light"] = still.mesh, Sure.FITTED, still.light
        path = folder / f"T{number}.rows"
        path.write_bytes(row.tobytes())
        track = Track(f"T{number}", 0, 0, 1, path)
        look = Fitting(still.pixels, still.mesh, still.light)
        np.savez(path.with_suffix(".npz"), crops=look.crop[None], meshes=look.mesh[None], lights=look.light[None])
        like = likeness([track], mesher, defence)
        if like is not None:
            neutrals[f"P{number}"] = like.neutral
        looks[f"P{number}"] = Looks(0.5)
        tracks.append(track)
    people = tuple(Person(f"P{i}", (t.label,)) for i, t in enumerate(tracks, 1))
    rate = Fraction(25)
    film = Film(folder / "none.mp4", 250, 250, rate, 1 / rate, 1, "h264", Colour(), False, 0, False, "0" * 64)
    return Case(film, 1, 0, (), Cast(tuple(tracks), people), neutrals, looks)


def _cast(stills: list[_Still]) -> list[tuple[str, Points]]:
    """Return for everyone the double that Veil gives them when they are alone in a film, and their calm face."""
    with tempfile.TemporaryDirectory() as scratch:
        case = _case(stills, Path(scratch))
        scores = try_on(case, CaseFolder(Path(scratch)))
        given = {label: casting(case, {label: row})[label] for label, row in scores.items()}
        return [(given[label], case.neutrals[label]) for label in (p.label for p in case.cast.people)]


def _neutrals(stills: list[_Still]) -> list[Points]:
    with tempfile.TemporaryDirectory() as scratch:
        case = _case(stills, Path(scratch))
        return [case.neutrals[p.label] for p in case.cast.people]


def _stacked(rows: list[Rows]) -> Rows:
    return {key: np.stack([row[key] for row in rows]).astype(np.float32) for key in rows[0]}


def gathered(faces: Path, eyes: Eyes, console: Console) -> Stills:
    """Return what shows in all stills, from the cache while code and nets are the same."""
    sources = "".join(inspect.getsource(m) for m in (double, fit, recognisers)) + Path(__file__).read_text("utf-8")
    mark = hashlib.sha256((sources + str(wardrobe.names())).encode()).hexdigest()[:12]
    file = OUT / "adaptive" / f"stills-{mark}.npz"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        groups = _gather(faces, eyes, console)
        np.savez(file, **{f"{g}|{k}": v for g, rows in groups.items() for k, v in rows.items()})  # type: ignore[arg-type]
    with np.load(file) as kept:
        found: dict[str, Rows] = {}
        for name in kept.files:
            group, key = name.split("|")
            found.setdefault(group, {})[key] = kept[name]
    counts = found.pop("counts")
    return Stills(**found, kin=int(counts["kin"][0]), width_px=float(counts["width_px"][0]))


def _gather(faces: Path, eyes: Eyes, console: Console) -> dict[str, Rows]:
    nets = [recogniser(name) for name in NAMES]
    pairs = [p for p in (_pair(eyes, folder) for folder in sorted((faces / "lfw_devtest").iterdir())) if p]
    console.print(f"[dim]casting {len(pairs)} people[/]")
    disguised, probe, gallery, cut, widths = [], [], [], [], []
    for (name, neutral), (a, b) in zip(_cast([a for a, _ in pairs]), pairs, strict=True):
        worn = _reread(nets, eyes, a.in_double(name, neutral), a.mesh)
        if worn is None:
            continue
        disguised.append(worn)
        probe.append(described(nets, a.pixels, a.mesh))
        gallery.append(described(nets, b.pixels, b.mesh))
        cut.append(described(nets, a.cut_out(), a.mesh))
        widths.append(float(np.linalg.norm(a.mesh[234] - a.mesh[454])))
    console.print("[dim]those who train, and those who are searched among[/]")
    chance = np.random.default_rng(7)
    singles = [f for f in sorted((faces / "lfw_devtest").glob("*/*.jpg")) if len(list(f.parent.glob("*.jpg"))) == 1]
    singles = [singles[i] for i in chance.permutation(len(singles))]
    portraits = sorted(p for p in (faces / "portraits").rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    masked, bare, cut_masked = _trained(nets, eyes, [s for f in singles[:_TRAINING] if (s := _still(eyes, f))])
    kin, far = ([s for f in files if (s := _still(eyes, f))] for files in (singles[_TRAINING:], portraits))
    others = [described(nets, s.pixels, s.mesh) for s in (*kin, *far)]
    groups = {"probe": probe, "disguised": disguised, "gallery": gallery, "cut": cut}
    groups |= {"others": others, "masked": masked, "bare": bare, "cut_masked": cut_masked}
    counts = {"kin": np.array([len(kin)], np.float32), "width_px": np.array([np.median(widths)], np.float32)}
    return {g: _stacked(rows) for g, rows in groups.items()} | {"counts": counts}


def _pair(eyes: Eyes, folder: Path) -> tuple[_Still, _Still] | None:
    """Return two stills of one person, None where there are no two."""
    files = sorted(folder.glob("*.jpg")) if folder.is_dir() else []
    stills = [s for s in (_still(eyes, f) for f in files[:2]) if s is not None] if len(files) > 1 else []
    return (stills[0], stills[1]) if len(stills) == 2 else None


def _reread(nets: list[Recogniser], eyes: Eyes, pixels: Pixels, mesh: Points) -> Rows | None:
    """Return what shows of a double, by landmarks found anew; None where no face is found."""
    points, presence = eyes.near(picture_of(pixels), mesh)
    return described(nets, pixels, points) if presence >= SURE else None


def _trained(nets: list[Recogniser], eyes: Eyes, stills: list[_Still]) -> tuple[list[Rows], list[Rows], list[Rows]]:
    """Return what shows of people in a double by chance, as they were, and with the face cut out."""
    chance = np.random.default_rng(11)
    found: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for still, neutral in zip(stills, _neutrals(stills), strict=True):
        worn = _reread(nets, eyes, still.in_double(str(chance.choice(wardrobe.names())), neutral), still.mesh)
        if worn is not None:
            bare, cut = (described(nets, p, still.mesh) for p in (still.pixels, still.cut_out()))
            for rows, row in zip(found, (worn, bare, cut), strict=True):
                rows.append(row)
    return found
