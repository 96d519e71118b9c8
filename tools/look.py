"""Look at doubles: the mesh wearing its atlas, eyes and teeth, as the film wing would show it at rest.

python tools/look.py sheet.png ada boris       # each: at rest at 380 px between the ears, turned, and the atlas
"""

from __future__ import annotations

import sys
from pathlib import Path

import atlas_map as at
import cv2
import face_nets
import numpy as np
import numpy.typing as npt
import portrait
import raster
from make_wardrobe import DOUBLES
from PIL import Image

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


def wear(folder: Path, wide_px: float = 380, yaw_deg: float = 0.0, size_px: int = 560) -> Pixels:
    """The double's own neutral mesh with its texture and eyes, `wide_px` between the ears, on grey."""
    mesh = np.load(folder / "mesh.npy").astype(np.float32)
    atlas = np.array(Image.open(folder / "atlas.webp").convert("RGB"))
    eye = np.array(Image.open(folder / "eye.webp").convert("RGB"))
    mesh = (mesh - mesh[:468].mean(0)) * (wide_px / np.linalg.norm(mesh[454] - mesh[234]))
    if yaw_deg:
        mesh = portrait.turned(mesh * (1, 1, -1), yaw_deg) * (1, 1, -1)
    big = size_px * 2
    xy = mesh[:, :2] * 2 + big / 2
    face = face_nets.topology()
    seen = raster.rasterise(xy[:468], -mesh[:468, 2], face.triangles, big, big)
    uv = seen.spread(face.uv, face.triangles)
    picture = cv2.remap(portrait.to_linear(atlas), uv[..., 0] * 1024 - 0.5, uv[..., 1] * 1024 - 0.5, cv2.INTER_LINEAR)
    picture[~seen.mask] = 0.16
    for iris, corners in ((468, (at.UPPER_LID, at.LOWER_LID)), (473, None)):
        _paint_eye(picture, xy, iris, corners, eye)
    return portrait.to_srgb(cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_AREA))


LEFT_UPPER = (263, 466, 388, 387, 386, 385, 384, 398, 362)
LEFT_LOWER = (263, 249, 390, 373, 374, 380, 381, 382, 362)


def _paint_eye(picture: Floats, xy: Floats, iris: int, lids: tuple[tuple[int, ...], ...] | None, eye: Pixels) -> None:
    upper, lower = lids or (LEFT_UPPER, LEFT_LOWER)
    outline = np.concatenate([at.smooth_line(xy[list(upper)], 40), at.smooth_line(xy[list(lower)], 40)[::-1]])
    hole = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(hole, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    radius = np.linalg.norm(xy[[iris + 1, iris + 3]] - xy[iris], axis=1).mean()
    row, column = np.mgrid[: hole.shape[0], : hole.shape[1]].astype(np.float32)
    u, v = (column - xy[iris, 0]) * 64 / radius + 127.5, (row - xy[iris, 1]) * 64 / radius + 127.5
    ball = cv2.remap(portrait.to_linear(eye), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    depth = cv2.GaussianBlur(hole, (0, 0), radius * 0.28).astype(np.float32) / 255
    shade = np.clip(0.30 + 0.85 * depth, 0, 1)
    glint = np.exp(-(((u - 110) / 7) ** 2 + ((v - 104) / 9) ** 2))
    cover = cv2.GaussianBlur(hole, (0, 0), 1.0).astype(np.float32)[..., None] / 255
    picture[:] = picture * (1 - cover) + (ball * shade[..., None] + 0.7 * glint[..., None]) * cover


def main() -> int:
    """Write one row per double."""
    names = sys.argv[2:] or sorted(path.name for path in DOUBLES.iterdir() if path.is_dir())
    rows = []
    for name in names:
        folder = DOUBLES / name
        front = wear(folder)
        points, presence = face_nets.watch(front)
        weights = face_nets.blendshapes(points)
        worst = sorted(((round(value, 2), key) for key, value in weights.items()), reverse=True)[:5]
        print(name, f"presence {presence:.3f}", worst)
        atlas = cv2.resize(
            np.array(Image.open(folder / "atlas.webp").convert("RGB")), (560, 560), interpolation=cv2.INTER_AREA
        )
        rows.append(np.hstack([front, wear(folder, yaw_deg=35), atlas]))
    Image.fromarray(np.vstack(rows)).save(sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
