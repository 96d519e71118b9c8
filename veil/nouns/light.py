"""The light on a face as a few numbers: the only colour that crosses from a witness to a double.

Log colour over the face is a sum of LIGHT_TERMS smooth functions: the nine spherical harmonics of the surface normal
that carry all but a per cent of diffuse light (Ramamoorthi and Hanrahan 2001), and the two image directions.
"""

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import SKIN
from veil.nouns.picture import Points

LIGHT_TERMS = 11
"""How many numbers each colour channel has."""

Light = NDArray[np.float32]
"""Natural logarithm of (code value + FLOOR), shape (LIGHT_TERMS, 3)."""

FLOOR = 6.0
"""Added to code values before the logarithm, so that black stays finite."""


def normals(mesh: Points) -> NDArray[np.float32]:
    """Return the unit normals of the 468 skin points; x to the right, y down, z away: a frontal nose has z = -1."""
    a, b, c = (mesh[SKIN[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    sums = np.zeros((468, 3), np.float32)
    for i in range(3):
        np.add.at(sums, SKIN[:, i], faces)
    if sums[:, 2].sum() > 0:  # the winding that makes the front look at us
        sums = -sums
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return (sums / np.maximum(lengths, 1e-6)).astype(np.float32)


def basis(mesh: Points) -> NDArray[np.float32]:
    """Return the value of every term at every skin point, (468, LIGHT_TERMS)."""
    nx, ny, nz = normals(mesh).T
    points = mesh[:468, :2]
    place = (points - points.mean(0)) / max(float(np.ptp(points[:, 1])), 1.0)
    one = np.ones_like(nx)
    terms = (one, nx, ny, nz, nx * ny, ny * nz, nx * nz, 3 * nz * nz - 1, nx * nx - ny * ny, place[:, 0], place[:, 1])
    return np.stack(terms, 1).astype(np.float32)
