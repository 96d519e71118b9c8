"""Can the person be recognised? Leak rate, track score and rank, by each recogniser; the worst one decides.

Original gallery: the mean vector of the person's own faces in the original. Probe: frames of the result, aligned on the
original's landmarks and on those found anew in the result; the higher score counts. Baselines: the film as it was
(one half of its frames against the other), Gaussian blur and mosaic of the face, unencoded.
"""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from bench.calibration import Calibration, by_width
from bench.landmarks import around
from bench.pairs import FacePair, FramePair
from veil.adversary.recognisers import Vectors, five_of, limits, unit
from veil.nouns.picture import Pixels, Points

LEAST_PX = 24
"""Faces narrower than this between the ears are not shown to recognisers: they cannot know even the original."""
_FEWEST = 6


@dataclass(eq=False)
class _Seen:
    """The vectors of one track: (D,) each."""

    indices: list[int] = field(default_factory=list)
    widths_px: list[float] = field(default_factory=list)
    original: list[Vectors] = field(default_factory=list)
    result: list[Vectors] = field(default_factory=list)  # (2, D): by the original's landmarks, by the result's own
    blur: list[Vectors] = field(default_factory=list)
    mosaic: list[Vectors] = field(default_factory=list)


class Identity:
    """Collects vectors of one recogniser over a clip; `every` is how many frames lie between two looks.

    `lines` are its calibrations for faces of each size; the limits are those that ship.
    """

    def __init__(self, lines: tuple[Calibration, ...], every: int) -> None:
        self._lines = lines
        self._recogniser = lines[0].recogniser
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
        chip, own = self._recogniser.chip, five_of(face.original)
        chips = [chip(original, own), chip(result, own), chip(result, five_of(face.result))]
        baseline = len(seen.indices) % 3 == 0
        if baseline:
            chips += [chip(blurred(original, face.original), own), chip(mosaic(original, face.original), own)]
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
        width_px = float(np.median(seen.widths_px))
        bounds, others = limits(self._recogniser.name, width_px), by_width(self._lines, width_px).others
        gallery = unit(np.mean(seen.original, 0))
        scores = (np.array(seen.result) @ gallery).max(1)
        mean = unit(np.mean([r[int(np.argmax(r @ gallery))] for r in seen.result], 0))
        track_score = float(mean @ gallery)
        half = unit(np.mean(seen.original[::2], 0))
        filmed = np.array(seen.original[1::2]) @ half
        worst = np.argsort(-scores)[:3]
        return {
            "recogniser": self._recogniser.name,
            "width_px": width_px,
            "track": track,
            "frames": len(seen.indices),
            "every": self.every,
            "leak_rate": float((scores >= bounds.frame).mean()),
            "score_mean": float(scores.mean()),
            "score_max": float(scores.max()),
            "limit_1e-3": bounds.frame,
            "track_score": track_score,
            "limit_1e-4": bounds.track,
            "track_verified": track_score >= bounds.track,
            "rank": 1 + int((others @ mean > track_score).sum()),
            "of": len(others) + 1,
            "filmed": float((filmed >= bounds.frame).mean()),
            "blur": _share(seen.blur, gallery, bounds.frame),
            "mosaic": _share(seen.mosaic, gallery, bounds.frame),
            "worst_frames": [seen.indices[int(i)] for i in worst],
        }


def _share(rows: list[Vectors], gallery: Vectors, limit: float) -> float:
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
