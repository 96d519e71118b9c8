"""Can the person be recognised? Leak rate, track score and rank, by each recogniser; the worst one decides.

Original gallery: the mean vector of the person's own faces in the original. Probe: frames of the result, aligned on the
original's landmarks and on those found anew in the result; the higher score counts. Baselines: the film as it was
(one half of its frames against the other), Gaussian blur and mosaic of the face, unencoded.
"""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from bench.calibration import SMALL_BELOW_PX, Calibration
from bench.landmarks import around
from bench.pairs import FacePair, FramePair
from bench.recognisers import Vector, unit
from veil.nouns.picture import Pixels, Points

LEAST_PX = 40
"""Faces narrower than this between the ears are not shown to recognisers: they cannot know even the original."""
_FEWEST = 6


@dataclass(eq=False)
class _Seen:
    """The vectors of one track: (D,) each."""

    indices: list[int] = field(default_factory=list)
    widths_px: list[float] = field(default_factory=list)
    original: list[Vector] = field(default_factory=list)
    result: list[Vector] = field(default_factory=list)  # (2, D): by the original's landmarks, by the result's own
    blur: list[Vector] = field(default_factory=list)
    mosaic: list[Vector] = field(default_factory=list)


class Identity:
    """Collects vectors of one recogniser over a clip; `every` is how many frames lie between two looks."""

    def __init__(self, large: Calibration, small: Calibration, every: int) -> None:
        self._lines = large, small
        self._recogniser = large.recogniser
        self.every = max(1, every)
        self._tracks: dict[int, _Seen] = {}
        self.too_small = 0

    def see(self, pair: FramePair) -> None:
        """Look at one frame, when it is its turn."""
        if pair.index % self.every or not pair.faces:
            return
        original, result = pair.original.rgb(), pair.result.rgb()
        for face in pair.faces:
            if face.width_px < LEAST_PX:
                self.too_small += 1
                continue
            self._look(pair.index, face, original, result)

    def _look(self, index: int, face: FacePair, original: Pixels, result: Pixels) -> None:
        seen = self._tracks.setdefault(face.track, _Seen())
        chip = self._recogniser.chip
        chips = [chip(original, face.original), chip(result, face.original), chip(result, face.result)]
        baseline = len(seen.indices) % 3 == 0
        if baseline:
            chips += [chip(blurred(original, face.original), face.original)]
            chips += [chip(mosaic(original, face.original), face.original)]
        rows = self._recogniser.embed(chips)
        seen.indices.append(index)
        seen.widths_px.append(face.width_px)
        seen.original.append(rows[0])
        seen.result.append(rows[1:3])
        if baseline:
            seen.blur.append(rows[3])
            seen.mosaic.append(rows[4])

    def figures(self) -> list[dict[str, Any]]:
        """Return one row of figures for each track that was seen often enough, worst first."""
        rows = [self._figures(t, s) for t, s in self._tracks.items() if len(s.indices) >= _FEWEST]
        return sorted(rows, key=lambda r: (-r["leak_rate"], -r["track_score"]))

    def _figures(self, track: int, seen: _Seen) -> dict[str, Any]:
        small = float(np.median(seen.widths_px)) < SMALL_BELOW_PX
        limits, others = self._lines[small].limits, self._lines[small].others
        gallery = unit(np.mean(seen.original, 0))
        scores = (np.array(seen.result) @ gallery).max(1)
        mean = unit(np.mean([r[int(np.argmax(r @ gallery))] for r in seen.result], 0))
        track_score = float(mean @ gallery)
        half = unit(np.mean(seen.original[::2], 0))
        filmed = np.array(seen.original[1::2]) @ half
        worst = np.argsort(-scores)[:3]
        return {
            "recogniser": self._recogniser.name,
            "width_px": float(np.median(seen.widths_px)),
            "track": track,
            "frames": len(seen.indices),
            "every": self.every,
            "leak_rate": float((scores >= limits[1e-3]).mean()),
            "score_mean": float(scores.mean()),
            "score_max": float(scores.max()),
            "limit_1e-3": limits[1e-3],
            "track_score": track_score,
            "limit_1e-4": limits[1e-4],
            "track_verified": track_score >= limits[1e-4],
            "rank": 1 + int((others @ mean > track_score).sum()),
            "of": len(others) + 1,
            "filmed": float((filmed >= limits[1e-3]).mean()),
            "blur": _share(seen.blur, gallery, limits[1e-3]),
            "mosaic": _share(seen.mosaic, gallery, limits[1e-3]),
            "worst_frames": [seen.indices[int(i)] for i in worst],
        }


def _share(rows: list[Vector], gallery: Vector, limit: float) -> float:
    return float((np.array(rows) @ gallery >= limit).mean()) if rows else 0.0


def blurred(pixels: Pixels, points: Points) -> Pixels:
    """Return the pixels with the face under a Gaussian blur of a tenth of its width."""
    box = around(points, 0.15).clipped(pixels.shape[1], pixels.shape[0])
    covered = pixels.copy()
    part = covered[box.top : box.bottom, box.left : box.right]
    if part.size:
        part[:] = cv2.GaussianBlur(part, (0, 0), max(1.0, box.width / 10))
    return covered


def mosaic(pixels: Pixels, points: Points) -> Pixels:
    """Return the pixels with the face in a mosaic of ten blocks across."""
    box = around(points, 0.15).clipped(pixels.shape[1], pixels.shape[0])
    covered = pixels.copy()
    part = covered[box.top : box.bottom, box.left : box.right]
    if part.size:
        rows = max(1, round(10 * box.height / box.width))
        few = cv2.resize(part, (10, rows), interpolation=cv2.INTER_AREA)
        part[:] = cv2.resize(few, (box.width, box.height), interpolation=cv2.INTER_NEAREST)
    return covered
