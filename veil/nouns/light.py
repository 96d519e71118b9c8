"""The light on a face as a few numbers: the only colour that crosses from a witness to a double.

Log colour over the face is a sum of LIGHT_TERMS smooth functions: the nine spherical harmonics of the surface normal
that carry all but a per cent of diffuse light (Ramamoorthi and Hanrahan 2001), and a cubic in the place on the face,
for the flush of cheeks and the fall of a near lamp's light. Nothing finer than about a third of the face fits in.
"""

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import (
    CANONICAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
    SKIN,
)
from veil.nouns.picture import Points

LIGHT_TERMS = 18
"""How many numbers each colour channel has."""

Light = NDArray[np.float32]
"""Natural logarithm of (code value + FLOOR), shape (LIGHT_TERMS, 3)."""

FLOOR = 6.0
"""Added to code values before the logarithm, so that black stays finite."""


def _meeting() -> NDArray[np.int64]:
    """Return which triangles meet at each skin point, (468, the most that do); where fewer do, one that is none."""
    meeting: list[list[int]] = [[] for _ in range(468)]
    for i in range(3):
        for triangle, point in enumerate(SKIN[:, i]):
            meeting[int(point)].append(triangle)
    most = max(len(m) for m in meeting)
    return np.array([m + [len(SKIN)] * (most - len(m)) for m in meeting]).T.copy()


_MEETING = _meeting()
_CORNERS = np.ascontiguousarray(SKIN.T)


def normals(mesh: Points) -> NDArray[np.float32]:
    """Return the unit normals of the 468 skin points; x to the right, y down, z away: a frontal nose has z = -1."""
    corners = np.take(mesh, _CORNERS, 0)  # (3, T, 3): corner, triangle, axis
    (ax, ay, az), (bx, by, bz) = (corners[1] - corners[0]).T, (corners[2] - corners[0]).T
    faces = np.zeros((3, len(SKIN) + 1), np.float32)
    faces[:, :-1] = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    sums = np.take(faces, _MEETING, 1).sum(1)
    if sums[2].sum() > 0:  # the winding that makes the front look at us
        sums = -sums
    lengths = np.sqrt(np.square(sums).sum(0))
    return np.asarray((sums / np.maximum(lengths, 1e-6)).T, np.float32)


def basis(mesh: Points) -> NDArray[np.float32]:
    """Return the value of every term at every skin point, (468, LIGHT_TERMS)."""
    nx, ny, nz = normals(mesh).T
    points = mesh[:468, :2]
    place = (points - points.mean(0)) / max(float(np.ptp(points[:, 1])), 1.0)
    one, x, y = np.ones_like(nx), 2 * place[:, 0], 2 * place[:, 1]
    form = (one, nx, ny, nz, nx * ny, ny * nz, nx * nz, 3 * nz * nz - 1, nx * nx - ny * ny)
    terms = (*form, x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y)
    return np.stack(terms, 1).astype(np.float32)


_brows = np.concatenate([LEFT_BROW, RIGHT_BROW])
_hem = np.setdiff1d(OVAL, [10, 338, 297, 109, 67])  # of the outline only the forehead is plain skin
_eyes_and_lips = np.concatenate([INNER_LIPS, OUTER_LIPS, LEFT_EYE, RIGHT_EYE])
_is_plain = (
    ~np.isin(SKIN, _eyes_and_lips).any(1) & (np.isin(SKIN, _brows).sum(1) < 2) & (np.isin(SKIN, _hem).sum(1) < 2)
)
PLAIN: NDArray[np.int32] = SKIN[_is_plain]
"""Triangles of plain skin: forehead, cheeks, nose, chin."""


def _areas() -> NDArray[np.float32]:
    a, b, c = (CANONICAL[PLAIN[:, i]] for i in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return np.asarray(areas / areas.mean(), np.float32)


AREAS = _areas()
"""How large each plain triangle is on the average face, the mean being 1."""

_RIDGE = np.array([0.0, *[2.0] * 3, *[8.0] * 5, *[2.0] * 5, *[6.0] * 4], np.float32)
"""How dearly each term is bought: form only where the skin shows it clearly."""


def robust_light(terms: NDArray[np.float32], logs: NDArray[np.float32], worth: NDArray[np.float32]) -> Light:
    """Fit log colours (N, 3) by terms (N, LIGHT_TERMS); `worth` (N,) is what each counts, outliers count nothing."""
    weights = worth
    fitted = np.zeros((LIGHT_TERMS, 3), np.float32)
    for _ in range(3):
        weighted = terms * weights[:, None]
        normal = weighted.T @ terms + np.diag(_RIDGE)
        # The ridge pulls form to zero, not brightness: the constant term goes free.
        fitted = np.linalg.solve(normal, weighted.T @ logs).astype(np.float32)
        off = np.abs(logs - terms @ fitted).max(1)
        scale = 4.7 * 1.48 * max(float(np.median(off)), 0.02)
        weights = (worth * np.square(np.maximum(0, 1 - np.square(off / scale)))).astype(np.float32)
    return fitted
