"""Sets the doubles' shapes further apart: what is a double's own in its mesh is made larger, as a caricature does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
MEAN = Path(__file__).parent / "mean_shape.npy"
"""The mean (478, 3) of the wardrobe's meshes before this step, laid over each other."""
MORE = 1.35
"""How much further each lies from the mean than its head would have it."""


def onto(mesh: Floats, target: Floats) -> tuple[Floats, float, Floats, Floats]:
    """Lay `mesh` over `target` by similarity on the 468 skin points (Umeyama 1991): turn, scale, both centres."""
    a, b = mesh[:468].astype(float), target[:468].astype(float)
    centre, aim = a.mean(0), b.mean(0)
    u, s, vt = np.linalg.svd((b - aim).T @ (a - centre))
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    turn = u @ sign @ vt
    scale = float((s * np.diag(sign)).sum() / ((a - centre) ** 2).sum())
    return turn.astype(np.float32), scale, centre.astype(np.float32), aim.astype(np.float32)


def apart(mesh: Floats) -> Floats:
    """Return the mesh (478, 3), in its own place and size, with its own features larger."""
    mean = np.load(MEAN).astype(np.float32)
    turn, scale, centre, aim = onto(mesh, mean)
    laid = (mesh - centre) @ turn.T * scale + aim
    further = mean + MORE * (laid - mean)
    out: Floats = ((further - aim) / scale @ turn + centre).astype(np.float32)
    return out


def mean_of(meshes: list[Floats]) -> Floats:
    """Return the mean of meshes (478, 3) laid over each other, twice round."""
    mean = meshes[0] - meshes[0][:468].mean(0)
    for _ in range(3):
        laid = []
        for mesh in meshes:
            turn, scale, centre, aim = onto(mesh, mean)
            laid.append((mesh - centre) @ turn.T * scale + aim)
        mean = np.mean(laid, 0).astype(np.float32)
    return mean
