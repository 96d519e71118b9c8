"""Draws random frames of results for a fresh pair of eyes: ``python -m bench.hundred [--seed N] [--count N]``.

It reads what the last ``python -m bench`` left in ``bench/out/work`` and writes one PNG a drawn face into
``bench/out/hundred``, at full size, as filmed on the left and as disguised on the right. Every face that wears a double
has the same chance; whether the frame is good or bad plays no part.
"""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.films import OUT
from veil.media import probe, read
from veil.nouns.cast import Sure
from veil.nouns.picture import Box, Picture, Pixels
from veil.stages.case import CaseFolder, load_case
from veil.stages.presence import Presence

_SMALLEST_PX = 40  # narrower faces show an editor nothing
_ROUND = 0.55  # of the head's size that is shown around it


@dataclass(frozen=True)
class Drawn:
    """One face in one frame of one clip."""

    work: Path
    index: int
    box: Box


def faces(work: Path) -> list[Drawn]:
    """Return every face of a measured clip that wears a double and is large enough to be judged."""
    case = load_case(CaseFolder(work / "case.veil"))
    presence, rate_hz = Presence(case), case.film.rate_hz
    found = []
    for index in range(case.frames):
        for _, face in presence.faces(index, index / rate_hz):
            inside = face.box.clipped(case.film.width, case.film.height)
            if face.sure is Sure.FITTED and face.strength < 1 and inside.width >= _SMALLEST_PX:
                found.append(Drawn(work, index, inside))
    return found


def write(drawn: list[Drawn], where: Path) -> int:
    """Write a PNG for each, in the order drawn; return how many."""
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    written = 0
    for work in sorted({d.work for d in drawn}):
        wanted = {d.index: [(i, o) for i, o in enumerate(drawn) if o.work == work and o.index == d.index]
                  for d in drawn if d.work == work}  # fmt: skip
        film = load_case(CaseFolder(work / "case.veil")).film
        with read(film) as ones, read(probe(work / "result.mp4")) as others:
            for one, other in zip(ones, others, strict=False):
                for i, d in wanted.get(one.index, []):
                    pair = np.hstack([_around(p, d.box) for p in (one.picture, other.picture)])
                    name = f"{i:03d}-{work.name}-{d.index:05d}.png"
                    written += cv2.imwrite(str(where / name), cv2.cvtColor(pair, cv2.COLOR_RGB2BGR))
    return written


def _around(picture: Picture, box: Box) -> Pixels:
    return picture.rgb(picture.even(box.grown(_ROUND)))


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.hundred", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    asked = parser.parse_args()
    works = [p.parent for p in sorted((OUT / "work").glob("*/result.mp4"))]
    every = [face for work in works for face in faces(work)]
    chance = np.random.default_rng(asked.seed)
    places = chance.choice(len(every), min(asked.count, len(every)), replace=False) if every else []
    drawn = [every[int(i)] for i in places]
    written = write(drawn, OUT / "hundred")
    print(f"{written} of {len(every):,} faces in {len(works)} clips: {OUT / 'hundred'}")


if __name__ == "__main__":
    main()
