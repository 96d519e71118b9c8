"""Checks that the doubles are nobody's faces: to the adversary no two are alike, and none is like a real person.

    python tools/check_wardrobe.py                                # doubles against doubles, in Veil's own environment
    python tools/check_wardrobe.py --faces FOLDER --table out.md  # and against every face in a folder of pictures

Each double is shown twice: as itself (its own shape on grey), and worn by the synthetic witness, where hair, ears and
outline are the same for all: that is the harder one. Nothing of the folder is kept. Exit code 1: some pair is too near.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.landmarks import Eyes, picture_of  # noqa: E402
from veil.adversary.recognisers import NAMES, five_of, limits, recogniser  # noqa: E402
from veil.disguise import wardrobe  # noqa: E402
from veil.disguise.faces.double import FaceDouble  # noqa: E402
from veil.disguise.faces.fit import Fit  # noqa: E402
from veil.errors import VeilError  # noqa: E402
from veil.nouns.cast import Face, Sure  # noqa: E402
from veil.nouns.double import Double  # noqa: E402
from veil.nouns.picture import Box, Pixels, Points  # noqa: E402
from veil.sight.light import measure_light  # noqa: E402

EARS_PX = 240.0
"""How wide the doubles are shown."""


@dataclass(frozen=True, eq=False)
class Shown:
    """One face in a picture: its five points in pixels, and how wide it is from ear to ear."""

    name: str
    pixels: Pixels
    five: Points
    width_px: float


@dataclass(frozen=True)
class Near:
    """A pair of faces, and how near a recogniser finds them: 1 is its limit of one false match in a thousand."""

    near: float
    score: float
    limit: float
    judge: str
    one: str
    other: str
    shown: str


def _face(mesh: Points, light: NDArray[np.float32]) -> Face:
    return Face(Fraction(0), Box.around(mesh[:468]), mesh.astype(np.float32), Sure.FITTED, light, 0.0, 0.5)


def _width(mesh: Points) -> float:
    return float(np.linalg.norm(mesh[234, :2] - mesh[454, :2]))


def alone(double: Double) -> Shown:
    """Return a double with its own shape and colour before grey."""
    mesh = double.mesh - double.mesh[:468].mean(0)
    mesh = mesh * (EARS_PX / _width(mesh)) + np.float32((200, 210, 0))
    patch = np.full((420, 400, 3), 118, np.uint8)
    light = np.zeros((18, 3), np.float32)
    light[0] = np.log(np.median(double.atlas[300:700, 300:700].reshape(-1, 3), 0) + 6)
    worn = FaceDouble(double, mesh.astype(np.float32)).wear(patch, _face(mesh, light), 1)
    return Shown(double.name, worn, five_of(mesh), EARS_PX)


def witness(eyes: Eyes, still: Path) -> tuple[Pixels, Points]:
    """Return the synthetic witness's portrait on grey and its mesh."""
    stored = cv2.imread(str(still), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise VeilError("the sample's portrait is not there", "run `make film`, or name a picture with --head")
    cover = stored[..., 3:] / 255.0 if stored.shape[2] == 4 else 1.0
    pixels = np.asarray(stored[..., 2::-1] * cover + 118 * (1 - cover), np.uint8)
    found = in_picture(eyes, pixels)
    if found is None:
        raise VeilError("no face was found in the sample's portrait", "name another picture with --head")
    return pixels, found


def worn_by(double: Double, pixels: Pixels, mesh: Points) -> Shown:
    """Return a double on the witness."""
    face = _face(mesh, measure_light(pixels, mesh))
    worn = FaceDouble(double, mesh)
    box = worn.reach(face).clipped(pixels.shape[1], pixels.shape[0])
    out = pixels.copy()
    part = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
    out[box.top : box.bottom, box.left : box.right] = worn.wear(part, face.moved(-box.left, -box.top), 1)
    points = Fit(double.mesh, mesh).pose(mesh).mesh
    return Shown(double.name, out, five_of(points), _width(mesh))


def in_picture(eyes: Eyes, pixels: Pixels) -> Points | None:
    """Return the mesh of the largest face in a picture, None where there is none."""
    picture = picture_of(pixels)
    seen = eyes.faces(picture, least=0.3)
    return eyes.at_box(picture, seen[0])[0] if seen else None


def in_folder(eyes: Eyes, folder: Path, at_most: int) -> Iterable[Shown]:
    """Yield the faces of a folder's pictures, evenly chosen where there are more than `at_most`; named by number."""
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    if not files:
        raise VeilError("there are no pictures in the folder of faces", "name a folder that holds .jpg or .png")
    for number in np.unique(np.linspace(0, len(files) - 1, min(at_most, len(files))).astype(int)):
        stored = cv2.imread(str(files[number]), cv2.IMREAD_COLOR)
        mesh = None if stored is None else in_picture(eyes, np.asarray(stored[..., ::-1], np.uint8))
        if mesh is not None:
            pixels = np.ascontiguousarray(stored[..., ::-1], np.uint8)
            yield Shown(f"face {number}", pixels, five_of(mesh), _width(mesh))


def _vectors(judge: str, faces: list[Shown]) -> NDArray[np.float32]:
    net = recogniser(judge)
    rows = [
        net.embed([net.chip(face.pixels, face.five) for face in faces[i : i + 16]]) for i in range(0, len(faces), 16)
    ]
    return np.concatenate(rows)


def pairs(faces: list[Shown], shown: str) -> list[Near]:
    """Return how near every two of the faces are, to every recogniser."""
    found = []
    for judge in NAMES:
        rows = _vectors(judge, faces)
        for i, j in combinations(range(len(faces)), 2):
            found.append(_near(judge, float(rows[i] @ rows[j]), faces[i], faces[j], shown))
    return found


def against(faces: list[Shown], others: list[Shown], shown: str) -> list[Near]:
    """Return for every double and recogniser the nearest of the other faces."""
    found = []
    for judge in NAMES:
        scores = _vectors(judge, faces) @ _vectors(judge, others).T
        for face, row in zip(faces, scores, strict=True):
            best = int(row.argmax())
            found.append(_near(judge, float(row[best]), face, others[best], shown))
    return found


def _near(judge: str, score: float, one: Shown, other: Shown, shown: str) -> Near:
    limit = limits(judge, min(one.width_px, other.width_px))
    return Near(limit.near(score), score, limit.frame, judge, one.name, other.name, shown)


def table(found: list[Near], most: int) -> str:
    """Return the nearest pairs as a table, worst first, and how many reach the limit."""
    ordered = sorted(found, key=lambda n: -n.near)
    lines = ["| shown | recogniser | one | other | score | limit | near |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {n.shown} | {n.judge} | {n.one} | {n.other} | {n.score:.3f} | {n.limit:.3f} | {n.near:.2f} |"
        for n in ordered[:most]
    ]
    over = sum(n.near >= 1 for n in found)
    return "\n".join([*lines, "", f"{over} of {len(found)} comparisons reach the limit"])


def main() -> int:
    """Print the tables; 1 where two doubles, or a double and a real face, count as one person."""
    options = argparse.ArgumentParser(
        description="check that no two doubles look alike, and that none looks like a real person",
        epilog="example: python tools/check_wardrobe.py --faces ~/faces --table out.md",
    )
    options.add_argument("--faces", type=Path, help="a folder of pictures of real people; nothing of it is kept")
    options.add_argument("--at-most", type=int, default=400, help="pictures to look at (400)")
    options.add_argument("--head", type=Path, default=ROOT / "samples" / "head.png", help="whose head they wear")
    options.add_argument("--rows", type=int, default=15, help="rows of each table (15)")
    options.add_argument("--table", type=Path, help="write the tables into this file, too")
    chosen = options.parse_args()
    eyes = Eyes()
    doubles = [wardrobe.double(name) for name in wardrobe.names()]
    bare = [alone(double) for double in doubles]
    pixels, mesh = witness(eyes, chosen.head)
    worn = [worn_by(double, pixels, mesh) for double in doubles]
    kinds = [pairs(bare, "as itself"), pairs(worn, "on one head")]
    if chosen.faces:
        others = list(in_folder(eyes, chosen.faces, chosen.at_most))
        kinds.append(against(bare, others, "as itself, real faces"))
    text = "\n\n".join(table(found, chosen.rows) for found in kinds)
    print(text)
    if chosen.table:
        chosen.table.write_text(text + "\n", encoding="utf-8")
    return int(any(n.near >= 1 for found in kinds for n in found))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except VeilError as error:
        sys.exit(f"check_wardrobe: {error}; {error.hint}")
