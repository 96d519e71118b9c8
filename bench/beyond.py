"""What each part of a head adds against the recognisers: ``python -m bench.beyond [--clips DIR] [--only NAME]``.

Per clip and recogniser the highest and the mean cosine to the person's own faces in the original, over a few frames
fresh from the cutting room: with the inner face alone, then with outline, hair, glasses, beard and ears on top.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import films
from veil.adversary.recognisers import NAMES, Recogniser, Vectors, five_of, limits, recogniser, unit
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.hair import hair_of
from veil.disguise.faces.head import Head
from veil.media import probe, read
from veil.nouns.cast import Face, Sure
from veil.nouns.double import Double, Glasses
from veil.nouns.picture import Frame, Pixels
from veil.nouns.plan import Beyond, Hair
from veil.stages.case import Case, CaseFolder, load_case, looks_of
from veil.stages.casting import casting, try_on
from veil.stages.presence import Presence
from veil.stages.watch import watch

_FRAMES = 8


@dataclass(frozen=True)
class Variant:
    """What is worn: what the plan says, and what the double has beside its face."""

    name: str
    beyond: Beyond
    glasses: Glasses | None = None
    beard: float = 0.0


def variants(dark: bool = True) -> list[Variant]:
    """Return what is tried on: each part alone on the inner face, then all. Dark hair turns grey, other hair black."""
    dye: Hair = "grey" if dark else "black"
    bare, round_ones = Beyond(outline=0), Glasses("square")
    return [
        Variant("inner face", bare),
        Variant("+ outline", Beyond()),
        Variant("+ hair", replace(bare, hair=dye)),
        Variant("+ glasses", bare, round_ones),
        Variant("+ beard", bare, None, 0.9),
        Variant("+ ears", replace(bare, ears="softened")),
        Variant("all", Beyond(hair=dye, ears="softened"), round_ones, 0.9),
    ]


def main() -> None:
    """Measure every clip and print a row for each recogniser."""
    parser = argparse.ArgumentParser(prog="python -m bench.beyond", description=__doc__)
    parser.add_argument("--clips", help="folder of films")
    parser.add_argument("--cases", help="folder of cases already watched, called case_<name of the film>")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only clips that begin with NAME")
    parser.add_argument("--double", help="everyone wears this double")
    asked = parser.parse_args()
    console = Console(width=200)
    names = [v.name for v in variants()]
    table = Table("clip", "recogniser", "limit", *names, title=f"highest (mean) cosine, {_FRAMES} frames a clip")
    judges = [recogniser(name) for name in NAMES]
    for clip in films.clips(films.folder(asked.clips, "VEIL_BENCH_CLIPS", "clips"), asked.only):
        console.print(f"[dim]measuring {clip.name}[/]")
        with tempfile.TemporaryDirectory() as scratch:
            for label, rows in _measured(_case(clip, asked.cases, Path(scratch)), judges, asked.double):
                for judge, limit, scores in rows:
                    told = [f"{max(s):.2f} ({np.mean(s):.2f})" if s else "-" for s in scores]
                    table.add_row(f"{clip.name} {label}", judge, f"{limit:.2f}", *told)
    console.print(table)


def _case(clip: Path, cases: str | None, scratch: Path) -> tuple[Case, CaseFolder]:
    if cases and (folder := CaseFolder(Path(cases) / f"case_{clip.name}")).about.is_file():
        return load_case(folder), CaseFolder(scratch)
    folder = CaseFolder(scratch / "film.veil")
    return watch(probe(clip), folder), folder


Rows = list[tuple[str, float, list[list[float]]]]
"""Of each recogniser: its name, its limit, and by variant the score of each frame."""


def _measured(
    opened: tuple[Case, CaseFolder], judges: list[Recogniser], forced: str | None
) -> Iterator[tuple[str, Rows]]:
    case, folder = opened
    given = dict.fromkeys(case.neutrals, forced) if forced else casting(case, try_on(case, folder))
    looks = _looks(case)
    for label, seen in looks.items():
        if label not in given or len(seen) < 2:
            continue
        double, hair = wardrobe.double(given[label]), hair_of(looks_of(case, label))
        width_px = float(np.median([np.linalg.norm(f.mesh[234, :2] - f.mesh[454, :2]) for _, f in seen]))
        dressed = [
            [_worn(_head(double, case, label, variant), pixels, face) for pixels, face in seen]
            for variant in variants(hair is None or bool(hair.shades[:, 0].mean() < 40))
        ]
        rows: Rows = []
        for judge in judges:
            own = _vectors(judge, [p for p, _ in seen], seen)
            gallery = unit(own.mean(0))
            scores = [[float(s) for s in _vectors(judge, d, seen) @ gallery] for d in dressed]
            rows.append((judge.name, limits(judge.name, width_px).frame, scores))
        yield f"{label} in {double.name}{', hair not told' * (hair is None)}", rows


def _head(double: Double, case: Case, label: str, variant: Variant) -> Head:
    worn = replace(double, glasses=variant.glasses, beard=variant.beard)
    neutral = case.neutrals[label]
    return Head(FaceDouble(worn, neutral), worn, neutral, variant.beyond, looks_of(case, label))


def _worn(head: Head, pixels: Pixels, face: Face) -> Pixels:
    box = head.reach(face).clipped(pixels.shape[1], pixels.shape[0])
    out = pixels.copy()
    part = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
    out[box.top : box.bottom, box.left : box.right] = head.wear(part, face.moved(-box.left, -box.top), 0)
    return out


def _vectors(judge: Recogniser, pictures: list[Pixels], seen: list[tuple[Pixels, Face]]) -> Vectors:
    return judge.embed([judge.chip(p, five_of(f.mesh)) for p, (_, f) in zip(pictures, seen, strict=True)])


def _looks(case: Case) -> dict[str, list[tuple[Pixels, Face]]]:
    """Return a few frames of everyone who wears a double, with their face."""
    presence = Presence(case)
    wanted = set(np.linspace(0, case.frames - 1, _FRAMES + 2).astype(int)[1:-1].tolist())
    found: dict[str, list[tuple[Pixels, Face]]] = {}
    with read(case.film) as frames:
        for frame in frames:
            _look(frame, presence, frame.index in wanted, found)
    return found


def _look(frame: Frame, presence: Presence, due: bool, found: dict[str, list[tuple[Pixels, Face]]]) -> None:
    faces = presence.faces(frame.index, frame.at)
    if not due:
        return
    for part, face in faces:
        if face.sure is Sure.FITTED and face.strength == 0:
            found.setdefault(part.person, []).append((frame.picture.rgb(), face))


if __name__ == "__main__":
    main()
