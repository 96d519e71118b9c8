"""Is every face covered in every frame? What stayed equal, and faces that nobody painted over.

The comparison is the adversary's own (`veil.adversary.remains`), but the faces are those that the measures follow, not
those that Veil's tracks followed: a face that Veil lost is not lost here for the same reason. The search is itself
measured on films without a disguise (`--instead copy`): it must find all.
"""

from typing import Any

import cv2
import numpy as np

from bench.landmarks import Eyes, around
from bench.pairs import FramePair
from veil.adversary.remains import Noise, Owed, codec_noise, remains
from veil.adversary.search import Search

_LONGEST_PX = 640
_LEAST_PX = 6


class Coverage:
    """Searches a clip for uncovered faces: by difference in every frame, by detectors every few frames."""

    def __init__(self, eyes: Eyes, every: int) -> None:
        self._eyes = eyes
        self._every = max(1, every)
        self._search = Search()
        self.frames = 0
        self.faces = 0
        self.searched = 0  # frames given to the detectors
        self.leaked: dict[int, str] = {}
        self.bare: dict[int, list[tuple[int, int, int, int]]] = {}
        self._shares: list[float] = []
        self._worst: list[tuple[float, int]] = []

    def see(self, pair: FramePair) -> None:
        """Search one frame."""
        self.frames += 1
        noise = codec_noise(pair.original, pair.result, [around(face.original, 0.5) for face in pair.faces])
        for face in pair.faces:
            self.faces += 1
            owed = Owed(around(face.original, 0), face.original)
            left = remains(pair.original, pair.result, owed, noise)
            self._shares.append(1 - left.covered)
            self._worst.append((1 - left.covered + bool(left.part), pair.index))
            if left.part:
                self.leaked[pair.index] = left.part
        if pair.index % self._every == 0:
            self.searched += 1
            bare = self._unpainted(pair, noise)
            if bare:
                self.bare[pair.index] = bare

    def _unpainted(self, pair: FramePair, noise: Noise) -> list[tuple[int, int, int, int]]:
        """Return boxes of faces that a detector sees in the result where the result is the original."""
        boxes = [s.box for s in self._eyes.faces(pair.result, least=0.7)]
        boxes += [s.box for s in self._search.sights(pair.result, _LONGEST_PX, 0.5)]
        found = []
        for box in boxes:
            middle = pair.original.even(box.grown(-0.15))
            if min(middle.width, middle.height) < _LEAST_PX:
                continue
            rows, columns = slice(middle.top, middle.bottom), slice(middle.left, middle.right)
            apart = cv2.absdiff(pair.original.y[rows, columns], pair.result.y[rows, columns])
            changed = float((cv2.blur(apart.astype(np.float32), (3, 3)) > max(4.0, 3 * noise.even)).mean())
            if changed < 0.3:
                found.append((box.left, box.top, box.right, box.bottom))
        return found

    def figures(self) -> dict[str, Any]:
        """Return the clip's figures."""
        regions = list(self.leaked.values())
        return {
            "frames": self.frames,
            "faces": self.faces,
            "leaked_frames": len(self.leaked),
            "leaked": {str(k): v for k, v in list(self.leaked.items())[:100]},
            "leaked_regions": {r: regions.count(r) for r in sorted(set(regions))},
            "equal_share_mean": float(np.mean(self._shares)) if self._shares else 0.0,
            "equal_share_max": float(np.max(self._shares)) if self._shares else 0.0,
            "searched": self.searched,
            "bare_frames": len(self.bare),
            "bare": {str(k): v for k, v in list(self.bare.items())[:40]},
            "worst_frames": [i for _, i in sorted(self._worst, reverse=True)[:3]],
        }
