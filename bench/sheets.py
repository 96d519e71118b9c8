"""Contact sheets for eyes: worst frames by each measure and random ones, original over result, at full size."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from veil.media import probe, read
from veil.nouns.picture import Box, Pixels

_BAR = 28


@dataclass(frozen=True)
class Wanted:
    """A frame to show and why."""

    index: int
    why: str


def write_sheets(original: Path, result: Path, wanted: list[Wanted], where: Path, boxes: dict[int, list[Box]]) -> int:
    """Write one PNG a wanted frame, original over result with `boxes` marked in the result; return how many."""
    why: dict[int, list[str]] = {}
    for want in wanted:
        why.setdefault(want.index, []).append(want.why)
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    written = 0
    with read(probe(original)) as ones, read(probe(result)) as others:
        for one, other in zip(ones, others, strict=False):
            if one.index not in why:
                continue
            sheet = _sheet(one.picture.rgb(), other.picture.rgb(), f"frame {one.index}: {', '.join(why[one.index])}",
                           boxes.get(one.index, []))  # fmt: skip
            written += cv2.imwrite(str(where / f"{one.index:06d}.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
            if one.index >= max(why):
                break
    return written


def chosen(worst: dict[str, list[int]], frames: int, seed: int, some: int = 6) -> list[Wanted]:
    """Return the worst frames by each measure, and a few that chance picks."""
    picks = [Wanted(i, f"worst {name}") for name, indices in worst.items() for i in indices]
    chance = np.random.default_rng(seed)
    picks += [Wanted(int(i), "random") for i in chance.choice(max(frames, 1), min(some, max(frames, 1)), replace=False)]
    return picks


def _sheet(one: Pixels, other: Pixels, words: str, boxes: list[Box]) -> Pixels:
    marked = other.copy()
    for box in boxes:
        cv2.rectangle(marked, (box.left, box.top), (box.right, box.bottom), (255, 0, 0), 1)
    bar = np.zeros((_BAR, one.shape[1], 3), np.uint8)
    cv2.putText(bar, words, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    tall = one.shape[0] > one.shape[1]
    both = np.hstack([one, marked]) if tall else np.vstack([one, marked])
    if tall:
        bar = np.hstack([bar, np.zeros_like(bar)])
    return np.vstack([bar, both])
