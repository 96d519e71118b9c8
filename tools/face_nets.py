"""MediaPipe's face nets through LiteRT: where a face is, its 478 points, its 52 expression weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

NETS = Path(__file__).resolve().parent.parent / "veil" / "models" / "weights"
"""Veil's own copies of the nets and of the canonical face."""

# fmt: off
BLENDSHAPE_POINTS = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)
BLENDSHAPE_NAMES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)
# fmt: on


@cache
def _net(name: str) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(str(NETS / name), num_threads=1)
    net.allocate_tensors()
    return net


def _run(name: str, tensor: Floats) -> list[Floats]:
    net = _net(name)
    net.set_tensor(net.get_input_details()[0]["index"], np.ascontiguousarray(tensor, np.float32))
    net.invoke()
    return [net.get_tensor(out["index"]) for out in net.get_output_details()]


@dataclass(frozen=True)
class Topology:
    """MediaPipe's canonical face: vertices (468, 3) cm, uv (468, 2), triangles (898, 3)."""

    vertices: Floats
    uv: Floats
    triangles: npt.NDArray[np.int32]


@cache
def topology() -> Topology:
    """Read the canonical face; v grows downwards: texel = (u, v) * size."""
    stored = np.load(NETS / "canonical_face.npz")
    return Topology(stored["vertices"], stored["uv"], stored["triangles"].astype(np.int32))


def landmarks(
    picture: Pixels, centre: tuple[float, float], side_px: float, roll_rad: float = 0.0
) -> tuple[Floats, float]:
    """Return 478 points (478, 3) in the picture's pixels (z in the same unit) and the presence, 0..1.

    The square of `side_px` around `centre`, turned by `roll_rad`, is what the net sees.
    """
    scale = side_px / 256
    cos, sin = np.cos(roll_rad) * scale, np.sin(roll_rad) * scale
    there = np.array([[cos, -sin, 0], [sin, cos, 0]])
    there[:, 2] = np.asarray(centre) - there[:, :2] @ (128, 128)
    crop = cv2.warpAffine(
        picture, there, (256, 256), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    outs = _run("face_landmarks.tflite", crop[None].astype(np.float32) / 255)
    points = next(out for out in outs if out.size == 478 * 3).reshape(478, 3)
    presence = float(1 / (1 + np.exp(-next(out for out in outs if out.size == 1).ravel()[0])))
    flat = points[:, :2] @ there[:, :2].T + there[:, 2]
    return np.column_stack([flat, points[:, 2] * scale]).astype(np.float32), presence


def find_face(picture: Pixels) -> tuple[float, tuple[float, float], float]:
    """Return (score, centre, side of the crop for `landmarks`) of the best face in the picture."""
    height, width = picture.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = picture
    small = cv2.resize(square, (128, 128), interpolation=cv2.INTER_AREA)
    boxes, scores = sorted(
        _run("face_detector_short.tflite", small[None].astype(np.float32) / 127.5 - 1), key=lambda out: -out.shape[-1]
    )
    best = int(scores.ravel().argmax())
    score = float(1 / (1 + np.exp(-np.clip(scores.ravel()[best], -60, 60))))
    anchor = _anchors()[best]
    raw = boxes.reshape(-1, 16)[best] / 128
    x, y = (raw[0] + anchor[0]) * side - left, (raw[1] + anchor[1]) * side - top
    return score, (float(x), float(y)), float(1.5 * max(raw[2], raw[3]) * side)


@cache
def _anchors() -> Floats:
    """The short-range detector's 896 anchors: 16x16 cells twice, then 8x8 cells six times."""
    rows = []
    for cells, repeat in ((16, 2), (8, 6)):
        y, x = np.mgrid[:cells, :cells]
        grid = np.stack([(x + 0.5) / cells, (y + 0.5) / cells], -1).reshape(-1, 1, 2)
        rows.append(np.repeat(grid, repeat, 1).reshape(-1, 2))
    return np.concatenate(rows).astype(np.float32)


def watch(picture: Pixels) -> tuple[Floats, float]:
    """Find the face, then its points, looking twice so that the crop is centred and upright."""
    _, centre, side = find_face(picture)
    points, presence = landmarks(picture, centre, side)
    for _ in range(2):
        low, high = points[:468, :2].min(0), points[:468, :2].max(0)
        across = points[263, :2] - points[33, :2]
        middle = (low + high) / 2
        points, presence = landmarks(
            picture,
            (float(middle[0]), float(middle[1])),
            float(1.5 * (high - low).max()),
            float(np.arctan2(across[1], across[0])),
        )
    return points, presence


def blendshapes(points: Floats) -> dict[str, float]:
    """Return the 52 weights (with `_neutral` first) that the net reads from 478 points."""
    chosen = points[list(BLENDSHAPE_POINTS), :2]
    out = _run("face_blendshapes.tflite", chosen[None])[0].ravel()
    return dict(zip(BLENDSHAPE_NAMES, out.tolist(), strict=True))
