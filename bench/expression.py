"""Is the person still there? Blendshapes, mouth, gaze and head, original against result, over time.

Both films are read with the same nets, so what they cannot see does not count. Landmarks' own noise lowers every
correlation: the same film encoded twice is the ceiling (`python -m bench --instead copy`).

Where a new voice speaks the double's mouth says what that says, and must differ from what was filmed: there mouth and
jaw are left out of the comparison with the original, and the opening of the lips is compared with the new sound.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.landmarks import SURE, Eyes
from bench.pairs import FacePair, FramePair
from bench.spoken import Spoken
from veil.models.topology import BLENDSHAPES, CANONICAL, STILL, UV
from veil.nouns.picture import Points
from veil.stages.kept import MOVES, correlation

_FEWEST = 12
_MOUTH = np.array([name.startswith(("mouth", "jaw", "cheek", "noseSneer")) for name in BLENDSHAPES])
_UPPER = UV[:468, 1] < 0.43  # of the face's points: no new mouth moves them
_EYE_WIDTHS_PER_RADIUS = 2.5  # an eye is about 30 mm from corner to corner, its ball 12 mm in radius
Values = NDArray[np.float64]


@dataclass(eq=False)
class _Track:
    """What was read of one track; two entries (original, result) a frame."""

    indices: list[int] = field(default_factory=list)
    shapes: list[NDArray[np.float32]] = field(default_factory=list)  # (2, 52)
    mouth: list[tuple[float, float]] = field(default_factory=list)
    said: list[tuple[float, float]] = field(default_factory=list)  # how far the mouth is taken over, and its opening
    gaze: list[Values] = field(default_factory=list)  # (2, 2): right and down, degrees
    head: list[float] = field(default_factory=list)  # degrees between the two
    still: list[Values] = field(default_factory=list)  # (2, 468, 2): points freed of head motion, in face widths


class Expression:
    """Collects expressions over a clip."""

    def __init__(self, eyes: Eyes, rate_hz: float, spoken: Spoken | None = None) -> None:
        """`spoken` tells where the result's mouths say something else than was filmed."""
        self._eyes, self._spoken = eyes, spoken
        self._rate_hz = rate_hz
        self._tracks: dict[int, _Track] = {}
        self.unseen = 0  # faces of the original in whose place the result shows none

    def see(self, pair: FramePair) -> None:
        """Read one frame."""
        for face in pair.faces:
            if face.presence < SURE:
                self.unseen += 1
                continue
            said = self._spoken.at(pair.index, pair.at, face.original) if self._spoken else (0.0, 0.0)
            self._read(pair.index, face, said)

    def _read(self, index: int, face: FacePair, said: tuple[float, float]) -> None:
        track = self._tracks.setdefault(face.track, _Track())
        both = face.original, face.result
        track.indices.append(index)
        track.said.append(said)
        track.shapes.append(np.stack([self._eyes.mesher.expression(p) for p in both]))
        track.mouth.append((mouth_opening(both[0]), mouth_opening(both[1])))
        track.gaze.append(np.stack([gaze_deg(p) for p in both]))
        track.head.append(_angle_deg(head_turn(both[0]), head_turn(both[1])))
        track.still.append(np.stack([_stilled(p) for p in both]))

    def figures(self) -> list[dict[str, Any]]:
        """Return one row of figures a track, worst expression first."""
        rows = [self._figures(name, t) for name, t in self._tracks.items() if len(t.indices) >= _FEWEST]
        return sorted(rows, key=lambda r: r["blendshapes"] if r["blendshapes"] is not None else 2)

    def _figures(self, name: int, track: _Track) -> dict[str, Any]:
        shapes, mouth, said = np.array(track.shapes, np.float64), np.array(track.mouth), np.array(track.said)
        filmed, spoke = said[:, 0] <= 0, said[:, 0] >= 1
        each = {}
        for i, name_of in enumerate(BLENDSHAPES):
            pair = shapes[filmed if _MOUTH[i] else slice(None), :, i]
            if len(pair) >= _FEWEST and pair[:, 0].std() > MOVES:
                each[name_of] = correlation(pair[:, 0], pair[:, 1])
        lag, best = _lagged(mouth[filmed, 0], mouth[filmed, 1])
        speech_lag, speech = _lagged(said[spoke, 1], mouth[spoke, 1])
        gaze = np.array(track.gaze)
        error = np.linalg.norm(gaze[:, 0] - gaze[:, 1], axis=1)
        steady = gaze - gaze.mean(0)
        moving = [BLENDSHAPES.index(shape) for shape in each]
        difference = np.abs(shapes[:, 0] - shapes[:, 1])
        difference[np.ix_(~filmed, np.flatnonzero(_MOUTH))] = 0
        still = np.array(track.still)
        return {
            "track": name,
            "frames": len(track.indices),
            "spoken_frames": int(spoke.sum()),
            "blendshapes": float(np.mean(list(each.values()))) if each else None,
            "moving": len(each),
            "worst_blendshapes": dict(sorted(each.items(), key=lambda kv: kv[1])[:5]),
            "mouth": None if best is None else correlation(mouth[filmed, 0], mouth[filmed, 1]),
            "mouth_lag_frames": lag,
            "mouth_at_lag": best,
            "mouth_gain": float(mouth[filmed, 1].std() / max(mouth[filmed, 0].std(), 1e-9)) if best else None,
            "speech": None if speech is None else correlation(said[spoke, 1], mouth[spoke, 1]),
            "speech_lag_frames": speech_lag,
            "speech_at_lag": speech,
            "gaze_deg": float(np.median(error)),
            "gaze_moving_deg": float(np.median(np.linalg.norm(steady[:, 0] - steady[:, 1], axis=1))),
            "head_deg": float(np.median(track.head)),
            "jitter": jitter(track.indices, still[:, :, _UPPER] if spoke.any() else still, self._rate_hz),
            "worst_frames": [track.indices[int(i)] for i in np.argsort(-difference[:, moving].sum(1))[:3]],
        }


def _lagged(one: Values, other: Values) -> tuple[int | None, float | None]:
    """Return what `lagged` does; None where there is too little to compare, or nothing that moves."""
    return lagged(one, other) if len(one) >= _FEWEST and one.std() > 0 else (None, None)


def lagged(one: Values, other: Values, most: int = 5) -> tuple[int, float]:
    """Return by how many frames `other` follows `one` when they fit best, and how well they fit then."""
    scores = {}
    for lag in range(-most, most + 1):
        a, b = (one[: len(one) - lag], other[lag:]) if lag >= 0 else (one[-lag:], other[:lag])
        scores[lag] = correlation(a, b)
    best = max(scores, key=lambda k: (round(scores[k], 6), -abs(k)))
    return best, scores[best]


def mouth_opening(points: Points) -> float:
    """Return the distance of the inner lips as a share of the face's height."""
    height = float(np.linalg.norm(points[10] - points[152]))
    return float(np.linalg.norm(points[13] - points[14])) / max(height, 1e-6)


def gaze_deg(points: Points) -> Values:
    """Return where the eyes look in the head, right and down in degrees: irises between the corners of the eyes."""
    angles = []
    for iris, outer, inner in ((468, 33, 133), (473, 362, 263)):
        a, b = points[outer, :2].astype(np.float64), points[inner, :2].astype(np.float64)
        across = b - a
        width = float(np.linalg.norm(across))
        right = across / max(width, 1e-6)
        offset = (points[iris, :2] - (a + b) / 2) / max(width, 1e-6)
        place = np.array([offset @ right, offset @ np.array([-right[1], right[0]])])
        angles.append(np.degrees(np.arcsin(np.clip(place * _EYE_WIDTHS_PER_RADIUS, -1, 1))))
    return np.asarray(np.mean(angles, 0), np.float64)


def head_turn(points: Points) -> Values:
    """Return the 3x3 rotation of a head, by the points that expressions hardly move (Kabsch 1976)."""
    seen = points[STILL].astype(np.float64) * [1, -1, -1]
    model = CANONICAL[STILL].astype(np.float64)
    u, _, vt = np.linalg.svd((seen - seen.mean(0)).T @ (model - model.mean(0)))
    return np.asarray(u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt, np.float64)


def _angle_deg(one: Values, other: Values) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(one.T @ other) - 1) / 2, -1, 1))))


def _stilled(points: Points) -> Values:
    """Return the points (468, 2) in face widths from the middle of the face, roll taken out."""
    p = points[:468, :2].astype(np.float64)
    across = p[263] - p[33]
    c, s = across / max(float(np.linalg.norm(across)), 1e-6)
    width = max(float(np.linalg.norm(p[454] - p[234])), 1e-6)
    return np.asarray((p - p[STILL].mean(0)) @ np.array([[c, -s], [s, c]]) / width, np.float64)


def jitter(indices: list[int], still: Values, rate_hz: float, above_hz: float = 6.0) -> float | None:
    """Return the energy above 6 Hz of landmarks (N, 2, 468, 2), result over original; None when there is too little.

    Only runs of at least 16 frames without a gap are used.
    """
    breaks = np.flatnonzero(np.diff(indices) != 1) + 1
    energy = np.zeros(2)
    for run in np.split(np.arange(len(indices)), breaks):
        if len(run) < 16 or rate_hz <= 2 * above_hz:
            continue
        window = np.hanning(len(run))[:, None, None, None]
        part = still[run] - still[run].mean(0)
        spectrum = np.abs(np.fft.rfft(part * window, axis=0)) ** 2
        high = np.fft.rfftfreq(len(run), 1 / rate_hz) > above_hz
        energy += spectrum[high].sum((0, 2, 3))
    return float(energy[1] / energy[0]) if energy[0] > 0 else None
