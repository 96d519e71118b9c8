"""One assembled head (skin, eyeballs), how light falls on it, and plain pictures of it for the nets and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anny_head
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

CAMERA_CM = 150.0
"""How far the portrait camera stands from the eyes."""
IRIS_CM = 0.55
"""Radius of every iris."""


@dataclass(frozen=True)
class Head:
    """Skin first, then the two eyeballs: vertices (n, 3) cm, normals (n, 3), triangles (t, 3), eyes' own ranges."""

    points: Floats
    normals: Floats
    triangles: Ints
    n_skin: int
    n_skin_triangles: int
    eye_centres: Floats
    eye_radius: float
    ears: npt.NDArray[np.bool_]
    uv: Floats
    """Where each skin vertex lies in MakeHuman's textures (n_skin, 2)."""


def ball(centre: Floats, radius: float, rows: int = 48) -> tuple[Floats, Ints]:
    """Return a sphere with its pole towards +z: vertices and triangles."""
    theta, phi = np.meshgrid(np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, 2 * rows), indexing="ij")
    unit = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    index = np.arange(rows * 2 * rows).reshape(rows, 2 * rows)
    a, b, c, d = index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return (unit.reshape(-1, 3) * radius + centre).astype(np.float32), triangles.astype(np.int32)


def assemble(body: Floats, skin: anny_head.Surface) -> Head:
    """Put the smooth skin and two true spheres together, origin between the eyes."""
    body = body - anny_head.eyes_origin(body)
    points = skin.of(body)
    triangles = skin.triangles
    around = anny_head.normals(points, triangles)
    centres = np.stack([body[anny_head.EYE_LEFT].mean(0), body[anny_head.EYE_RIGHT].mean(0)])
    radius = float(np.linalg.norm(body[anny_head.EYE_LEFT] - centres[0], axis=1).mean()) * 0.985
    all_points, all_normals, all_triangles = [points], [around], [triangles]
    ear = np.zeros(len(body))
    ear[anny_head.ears()] = 1
    offset = len(points)
    for centre in centres:
        eye, eye_triangles = ball(centre, radius)
        all_points.append(eye)
        all_normals.append(((eye - centre) / radius).astype(np.float32))
        all_triangles.append(eye_triangles + offset)
        offset += len(eye)
    return Head(
        np.concatenate(all_points),
        np.concatenate(all_normals),
        np.concatenate(all_triangles),
        len(points),
        len(triangles),
        centres.astype(np.float32),
        radius,
        skin.matrix @ ear > 0.3,
        np.asarray(skin.matrix @ anny_head.vertex_uv(), np.float32),
    )


def sphere_directions(count: int) -> Floats:
    """Return `count` even directions (Fibonacci's lattice)."""
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    angle = np.pi * (1 + 5**0.5) * k
    radius = np.sqrt(1 - z * z)
    return np.stack([radius * np.cos(angle), z, radius * np.sin(angle)], 1).astype(np.float32)


def soft_light(head: Head, directions: Floats, sky: Floats) -> tuple[Floats, Floats]:
    """Trace which of the sky's directions (d, 3) each vertex sees.

    Returns irradiance (n,) under `sky` (d,) scaled so that an open surface facing +z gets 1, and openness (n,) 0..1.
    """
    light, seen = skies_light(head, directions, sky[:, None])
    return light[:, 0], seen


def skies_light(head: Head, directions: Floats, skies: Floats) -> tuple[Floats, Floats]:
    """Like `soft_light` under several skies (d, k) at once: irradiance (n, k) and openness (n,)."""
    import trimesh
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    tracer = RayMeshIntersector(trimesh.Trimesh(head.points, head.triangles, process=False))
    light = np.zeros((len(head.points), skies.shape[1]), np.float32)
    seen, possible = np.zeros(len(head.points), np.float32), np.zeros(len(head.points), np.float32)
    front = np.float32([0, 0, 1])
    full = (np.maximum(directions @ front, 0)[:, None] * skies).sum(0)
    for direction, strength in zip(directions, skies, strict=True):
        cosine = head.normals @ direction
        lit = np.flatnonzero(cosine > 0.02)
        start = head.points[lit] + head.normals[lit] * 0.03
        free = ~tracer.intersects_any(start, np.broadcast_to(direction, start.shape))
        light[lit] += strength * (cosine[lit] * free)[:, None]
        seen[lit] += cosine[lit] * free
        possible[lit] += cosine[lit]
    return (light / full).astype(np.float32), seen / np.maximum(possible, 1e-6)


def mesh_blur(triangles: Ints, count: int) -> sp.csr_matrix:
    """Return one diffusion step over the mesh's edges, (n, n), rows summing to one."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    graph = sp.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (count, count))
    graph = ((graph + graph.T) > 0).astype(float) + sp.identity(count)
    return sp.diags(1 / np.asarray(graph.sum(1)).ravel()) @ graph


def turned(points: Floats, yaw_deg: float, pitch_deg: float = 0.0) -> Floats:
    """Turn points or normals about the vertical (positive: the nose goes to the image's right), then nod."""
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    out: Floats = (points @ (about_x @ about_y).T).astype(np.float32)
    return out


def project(points: Floats, size_px: int, tall_cm: float = 30.0) -> tuple[Floats, Floats]:
    """Seen from `CAMERA_CM`: pixel positions (n, 2) in a square picture and depth (n,)."""
    grow = CAMERA_CM / (CAMERA_CM - points[:, 2]) * size_px / tall_cm
    xy = np.stack([size_px / 2 + points[:, 0] * grow, size_px / 2 - (points[:, 1] + 3.5) * grow], 1)
    return xy.astype(np.float32), points[:, 2]


def to_srgb(linear: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Encode linear light 0..1 as sRGB bytes."""
    clipped = np.clip(linear, 0, 1)
    coded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    out: npt.NDArray[np.uint8] = np.rint(coded * 255).astype(np.uint8)
    return out


def to_linear(coded: npt.NDArray[Any]) -> Floats:
    """Decode sRGB bytes to linear light 0..1."""
    unit = np.asarray(coded, np.float32) / 255
    out: Floats = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return out
