"""The witness as moving geometry: skin, eyes, teeth, tongue, headscarf and jumper for any expression, gaze and turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import anny_head
import atlas_map as at
import face_nets
import noise
import numpy as np
import numpy.typing as npt
import portrait
import scipy.sparse as sp
from anny_head import Surface
from characters import Character
from make_wardrobe import NEUTRAL

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
NECK_CM = (-17.5, -8.5)
"""Heights under the eyes between which the head's turn fades into the still shoulders."""
PIVOT_CM = np.float32([0, -11.5, -7.5])


@dataclass(frozen=True)
class Part:
    """One thing to render: neutral vertices (n, 3) cm, quads, how each action moves it (a, n, 3)."""

    name: str
    rest: Floats
    quads: Ints
    moves: Floats

    def posed(self, weights: Floats) -> Floats:
        """Vertices for action weights (a,)."""
        used = np.flatnonzero(weights)
        out: Floats = self.rest + np.tensordot(weights[used], self.moves[used], 1).astype(np.float32)
        return out


@dataclass(frozen=True)
class Body:
    """All parts, the action names, and the eyes as spheres."""

    parts: tuple[Part, ...]
    actions: tuple[str, ...]
    eye_centres: Floats
    eye_radius: float


def _bodies(who: Character, actions: tuple[str, ...]) -> tuple[Floats, Floats]:
    """The whole body at rest (19158, 3) and what each action adds (a, 19158, 3), origin between the eyes."""
    rest = anny_head.vertices(who.anatomy, NEUTRAL)
    moved = np.stack(
        [anny_head.vertices(who.anatomy, NEUTRAL | {name: NEUTRAL.get(name, 0.0) + 1.0}) for name in actions]
    )
    origin = anny_head.eyes_origin(rest)
    return _earless(rest - origin), np.stack([_earless(move) for move in moved - rest])


def _earless(values: Floats) -> Floats:
    """Let the skin run smoothly over the ears, which the scarf hides; values (19158, 3) are places or moves."""
    quads = anny_head.faces()["skin"]
    step = portrait.mesh_blur(np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]), len(values))[anny_head.ears()]
    out = values.copy()
    for _ in range(500):
        out[anny_head.ears()] = step @ out
    return out


def _part(name: str, shape: Surface, rest: Floats, moves: Floats) -> Part:
    return Part(name, shape.of(rest), shape.quads, np.stack([shape.of(move) for move in moves]))


def build(who: Character, actions: tuple[str, ...], face_points: Floats) -> Body:
    """Make every part; `face_points` (468, 3) are MediaPipe's points on the neutral head."""
    rest, moves = _bodies(who, actions)
    parts = [_part("skin", anny_head.surface(anny_head.skin_above(rest, 26), len(rest), 2), rest, moves)]
    parts.append(_part("tongue", anny_head.surface(anny_head.faces()["tongue"], len(rest), 2), rest, moves))
    parts.append(_part("lashes", anny_head.surface(_upper_lashes(rest), len(rest), 1), rest, moves))
    lip = face_points[[13, 14]].mean(0)
    parts += [_teeth("upper_teeth", lip, rest, moves), _teeth("lower_teeth", lip, rest, moves)]
    torso = anny_head.surface(anny_head.skin_above(rest, 48), len(rest), 1)
    parts.append(_scarf(torso, rest, moves, face_points))
    centres = np.stack([rest[anny_head.EYE_LEFT].mean(0), rest[anny_head.EYE_RIGHT].mean(0)])
    radius = float(np.linalg.norm(rest[anny_head.EYE_LEFT] - centres[0], axis=1).mean()) * 0.985
    return Body(tuple(parts), actions, centres, radius)


def _upper_lashes(rest: Floats) -> Ints:
    """The upper lids' strips only: lower lashes are too thin to show."""
    quads = anny_head.eyelashes()
    return quads[rest[quads, 1].mean(1) > rest[quads, 1].mean() + 0.1]


def _teeth(name: str, lip: Floats, rest: Floats, moves: Floats) -> Part:
    """A curved sheet that wears one half of mouth.webp: 25 columns, 7 rows, top row first."""
    upper = name == "upper_teeth"
    across, down = np.meshgrid(np.linspace(-1, 1, 25), np.linspace(0, 1, 7))
    x = 2.45 * np.sin(across * 1.25) / np.sin(1.25)
    front = lip[2] - (0.72 if upper else 0.95)
    z = front - 0.42 * x**2
    y = lip[1] + (0.82 - 1.28 * down if upper else -0.02 - 1.28 * down)
    points = np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32)
    index = np.arange(25 * 7).reshape(7, 25)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    if upper:
        return Part(name, points, quads.astype(np.int32), np.zeros((len(moves), *points.shape), np.float32))
    from scipy.spatial import cKDTree

    _, near = cKDTree(rest[anny_head.LOWER_TEETH]).query(points, k=6)
    return Part(name, points, quads.astype(np.int32), moves[:, anny_head.LOWER_TEETH][:, near].mean(2))


def teeth_uv(name: str) -> Floats:
    """Where each vertex of a row of teeth lies in mouth.webp, (175, 2), v downwards."""
    u, v = np.meshgrid(np.linspace(0, 1, 25), np.linspace(0.004, 0.496, 7))
    out: Floats = np.stack([u, v + (0 if name == "upper_teeth" else 0.5)], -1).reshape(-1, 2).astype(np.float32)
    return out


def face_reach(points: Floats, face_points: Floats) -> tuple[Floats, Floats]:
    """For skin points (n, 3): canonical uv (n, 2), and how well inside the face they are (n,) 0..1."""
    import trimesh

    face = face_nets.topology()
    mesh = trimesh.Trimesh(face_points, face.triangles, process=False)
    uv, reach = np.full((len(points), 2), 0.5, np.float32), np.zeros(len(points), np.float32)
    close = np.flatnonzero((points[:, 2] > face_points[:, 2].min() - 2) & (points[:, 1] > -16) & (points[:, 1] < 9))
    spot, distance, triangle = trimesh.proximity.closest_point(mesh, points[close])
    weights = trimesh.triangles.points_to_barycentric(face_points[face.triangles[triangle]], spot)
    weights = np.clip(np.nan_to_num(weights, nan=1 / 3), 0, 1)
    weights /= weights.sum(1, keepdims=True)
    corners = face.triangles[triangle]
    uv[close] = np.einsum("nk,nkc->nc", weights, face.uv[corners])
    rim = np.ones(468, np.float32)
    rim[list(at.OVAL)] = 0
    inner = np.einsum("nk,nk->n", weights, rim[corners])
    reach[close] = np.clip(inner * 1.5, 0, 1) * np.clip(1.6 - distance / 0.8, 0, 1)
    return uv, reach


def _keep(part_quads: Ints, mask: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    quads = part_quads[mask[part_quads].all(1)]
    used, renumbered = np.unique(quads, return_inverse=True)
    return used.astype(np.int32), renumbered.reshape(-1, 4).astype(np.int32)


def _cloth(
    name: str, torso: Surface, mask: npt.NDArray[np.bool_], rest: Floats, moves: Floats, lift: Floats, calm: int
) -> Part:
    """A cloth over the masked skin: lifted by `lift` (n,) cm along the normals, smoothed `calm` times."""
    skin, skin_moves = torso.of(rest), np.stack([torso.of(move) for move in moves])
    used, quads = _keep(torso.quads, mask)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    edge = _rim_blur(quads, len(used))
    step = portrait.mesh_blur(triangles, len(used))
    cloth = skin[used].copy()
    for _ in range(14):
        cloth = edge @ cloth
    flat = cloth.copy()
    for _ in range(calm):
        cloth = step @ cloth
    outward = anny_head.normals(cloth.astype(np.float32), triangles)
    sink, raised = np.clip(((flat - cloth) * outward).sum(1, keepdims=True), 0, 2.2), lift[used, None]
    for _ in range(8):
        sink, outward, raised = step @ sink, step @ outward, step @ raised
    cloth = cloth + outward * (raised + sink)
    for _ in range(6):
        cloth = edge @ cloth
    moved = skin_moves[:, used]
    for _ in range(10):
        moved = np.stack([step @ move for move in moved])
    return Part(name, cloth.astype(np.float32), quads, moved.astype(np.float32))


def _rim_blur(quads: Ints, count: int) -> sp.csr_matrix:
    """One smoothing step along the cloth's edges alone, (n, n)."""
    sides = np.sort(np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2), axis=1)
    unique, uses = np.unique(sides, axis=0, return_counts=True)
    rim = unique[uses == 1]
    beside = sp.csr_matrix((np.ones(len(rim)), (rim[:, 0], rim[:, 1])), (count, count))
    beside = beside + beside.T
    degree = np.asarray(beside.sum(1)).ravel()
    weight = np.where(degree > 0, 0.5, 0.0)
    return sp.diags(1 - weight) + sp.diags(weight / np.maximum(degree, 1)) @ beside


def _scarf(torso: Surface, rest: Floats, moves: Floats, face_points: Floats) -> Part:
    """A headscarf round the face, over ears and neck, down to the chest."""
    skin = torso.of(rest)
    _, reach = face_reach(skin, face_points)
    inside_mouth = (np.hypot(skin[:, 0], skin[:, 1] + 7) < 4.2) & (skin[:, 2] > -6)
    inside_eyes = (np.abs(skin[:, 1]) < 2.5) & (skin[:, 2] > -3) & (np.abs(skin[:, 0]) < 5.5)
    mask = ~(reach > 0.62) & ~inside_mouth & ~inside_eyes & (skin[:, 1] > -42)
    folds = noise.value((skin * np.float32([1.0, 0.22, 1.0]) + 0.25 * skin[:, [1, 0, 2]])[None], 1.9, 5, 2)[0]
    low = np.clip((-6 - skin[:, 1]) / 6, 0, 1) * np.clip((skin[:, 1] + 30) / 10, 0, 1)
    from scipy.spatial import cKDTree

    far = np.clip(cKDTree(face_points[list(at.OVAL)]).query(skin)[0] / 4.0 - 0.2, 0, 1)
    back = np.clip((-9 - skin[:, 2]) / 6, 0, 1) * np.clip((skin[:, 1] + 14) / 8, 0, 1)
    lift = 0.2 + far * (0.5 + 3.4 * low + 1.6 * back + 0.7 * folds * (0.25 + 1.3 * low))
    return _cloth("scarf", torso, mask, rest, moves, lift.astype(np.float32), 8)


def turn_matrix(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Floats:
    """Rotation (3, 3): roll, then pitch (positive: chin down), then yaw (positive: nose to the image's right)."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    out: Floats = (about_y @ about_x @ about_z).astype(np.float32)
    return out


def turned(points: Floats, rest: Floats, matrix: Floats, shift: Floats) -> Floats:
    """Turn the head about the neck; what lies low at rest stays, the neck follows in between."""
    follow = np.clip((rest[:, 1:2] - NECK_CM[0]) / (NECK_CM[1] - NECK_CM[0]), 0, 1)
    follow = follow * follow * (3 - 2 * follow)
    whole = (points - PIVOT_CM) @ matrix.T + PIVOT_CM + shift
    out: Floats = (points * (1 - follow) + whole * follow).astype(np.float32)
    return out


def colours(points: Floats, reach: Floats, openness_guess: Floats) -> Mapping[str, Floats]:
    """Per-vertex masks for the skin's material."""
    mouth = np.hypot(points[:, 0] / 1.2, points[:, 1] + 7) < 3.4
    return {"reach": reach, "inner": (mouth & (openness_guess < 0.16)).astype(np.float32)}
