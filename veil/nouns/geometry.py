"""Where a face is: the similarity that carries one set of points onto another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Similarity:
    """Scale, then turn, then shift: ``scale * points @ turn.T + shift``."""

    scale: float
    turn: NDArray[np.float32]  # (3, 3)
    shift: NDArray[np.float32]  # (3,)

    def of(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Carry points (N, 3) over."""
        return (self.scale * points @ self.turn.T + self.shift).astype(np.float32)

    def directions(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Carry vectors (N, 3) over: turned and scaled, not shifted."""
        return (self.scale * vectors @ self.turn.T).astype(np.float32)

    def back(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Carry points (N, 3) the other way."""
        return ((points - self.shift) @ self.turn / self.scale).astype(np.float32)


def similarity(source: NDArray[np.float32], target: NDArray[np.float32]) -> Similarity:
    """Return the similarity that best carries `source` onto `target`, both (N, 3), by least squares (Umeyama 1991)."""
    a, b = source.astype(np.float64), target.astype(np.float64)
    a_mean, b_mean = a.sum(0) / len(a), b.sum(0) / len(b)
    a -= a_mean
    b -= b_mean
    u, s, vt = np.linalg.svd(b.T @ a)
    turn = u @ vt
    if _handed(turn.tolist()) < 0:  # a mirror is no turn
        u[:, 2] *= -1
        s[2] *= -1
        turn = u @ vt
    scale = float(s.sum()) / max(float(np.vdot(a, a)), 1e-12)
    shift = b_mean - scale * turn @ a_mean
    return Similarity(scale, turn.astype(np.float32), shift.astype(np.float32))


def _handed(rows: list[list[float]]) -> float:
    """Return the determinant of three rows of three."""
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def yaw_pitch_roll_deg(turn: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the angles of a turn of the head; yaw is positive when the nose goes to the image's right."""
    yaw = float(np.degrees(np.arctan2(-turn[0, 2], turn[2, 2])))
    pitch = float(np.degrees(np.arctan2(turn[1, 2], np.hypot(turn[0, 2], turn[2, 2]))))
    roll = float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0])))
    return yaw, pitch, roll
