"""Films with faces that nobody has, made on the spot: shipped doubles on drawn heads, with the truth of every frame."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.films import Recipe, make
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.models.topology import BLENDSHAPES, OVAL, STILL
from veil.nouns.cast import ROW, Cast, Face, Looks, Person, Sure, Track
from veil.nouns.double import Double
from veil.nouns.film import Film, Shot
from veil.nouns.geometry import similarity
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Colour, Frame, Picture, Pixels, Points
from veil.nouns.time import Span
from veil.sight.motion import FRONT
from veil.sight.people import expressions
from veil.stages.case import Case

Look = Callable[[Double], Double]
"""Repaints a face and leaves its shape alone: scars, marks, other eyes, other teeth."""


@dataclass(frozen=True)
class Pose:
    """Where a head is in one frame, and what its muscles do."""

    x: float  # middle of the face, pixels
    y: float
    ears_px: float = 80.0  # from ear to ear, seen from the front
    yaw_deg: float = 0.0  # positive: the nose goes to the picture's right
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    moves: tuple[tuple[str, float], ...] = ()  # blendshapes and their weights


@dataclass(frozen=True)
class Actor:
    """Somebody who is nobody: a double on a drawn head, and the way it goes; `None` where it is not in the scene."""

    double: str
    path: Callable[[int], Pose | None]
    hair: tuple[int, int, int] = (52, 36, 28)
    shirt: tuple[int, int, int] = (66, 84, 110)
    look: Look | None = None

    def mesh(self, index: int) -> Points | None:
        """Return the true mesh (478, 3) in pixels."""
        pose = self.path(index)
        return None if pose is None else posed(self.double, pose)


@dataclass(frozen=True)
class Scene:
    """Actors before a backdrop; those named later stand in front."""

    actors: tuple[Actor, ...]
    frames: int = 24
    size: tuple[int, int] = (320, 240)
    cut_at: int | None = None  # from this frame on the backdrop is another
    hand: Callable[[int], tuple[float, float, float] | None] | None = None  # x, y, width of a hand in front of all
    sky: int = 3  # which backdrop
    after: tuple[Actor, ...] = ()  # who plays from `cut_at` on

    def on(self, index: int) -> tuple[Actor, ...]:
        """Return who plays in a frame."""
        return self.after if self.cut_at is not None and index >= self.cut_at else self.actors

    def paint(self, index: int) -> Pixels:
        """Return one frame; it is shared and must not be written."""
        return _painted(self, index)

    def truth(self, index: int) -> list[Points]:
        """Return the oval (36, 2) of every face in a frame, in the order of the actors."""
        meshes = [actor.mesh(index) for actor in self.on(index)]
        return [mesh[OVAL, :2] for mesh in meshes if mesh is not None]

    def inside(self, index: int) -> NDArray[np.bool_]:
        """Return which pixels of a frame lie in any face's oval."""
        mask = np.zeros(self.size[::-1], np.uint8)
        for oval in self.truth(index):
            cv2.fillPoly(mask, [np.round(oval).astype(np.int32)], 1)
        return mask > 0

    def without_people(self) -> "Scene":
        """Return the scene with nobody in it."""
        return replace(self, actors=(), after=())


@lru_cache(maxsize=220)
def _painted(scene: Scene, index: int) -> Pixels:
    other = scene.cut_at is not None and index >= scene.cut_at
    pixels = backdrop(*scene.size, scene.sky + 5 * other).copy()
    for actor in scene.on(index):
        pixels = act(pixels, actor, index)
    if scene.hand and (where := scene.hand(index)):
        _hand(pixels, *where)
    pixels.flags.writeable = False
    return pixels


_PLAIN = Recipe()


def film(path: Path, scene: Scene, recipe: Recipe = _PLAIN) -> Path:
    """Write a scene as a film after the recipe (its size and length are the scene's)."""
    return make(path, replace(recipe, size=scene.size, frames=scene.frames), scene.paint)


def posed(double: str, pose: Pose) -> Points:
    """Return the mesh (478, 3) of a double in a pose, in pixels."""
    calm = _calm(double)
    moved = calm.copy()
    for name, weight in pose.moves:
        moved += weight * expressions().deltas[BLENDSHAPES.index(name)]
    scale = pose.ears_px / float(np.linalg.norm(calm[234] - calm[454]))
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    turn = _about(2, roll) @ _about(1, yaw) @ _about(0, pitch)
    mesh = (moved - calm[:468].mean(0)) * scale @ turn.T
    mesh[:, :2] += pose.x, pose.y
    return np.asarray(mesh, np.float32)


def calm_face(double: str) -> Points:
    """Return the calm face of a double, seen from the front."""
    return _calm(double).copy()


@lru_cache(maxsize=16)
def _calm(double: str) -> Points:
    mesh = wardrobe.double(double).mesh
    return similarity(mesh[STILL], FRONT[STILL]).of(mesh)


def _about(axis: int, angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    turns = (
        [[1, 0, 0], [0, c, -s], [0, s, c]],
        [[c, 0, -s], [0, 1, 0], [s, 0, c]],
        [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    )
    return np.array(turns[axis])


def face_of(mesh: Points, double: str = "ada", sure: Sure = Sure.FITTED, strength: float = 0.0) -> Face:
    """Return a face with this mesh, lit from the upper left as the film's faces are."""
    low, high = mesh[OVAL, :2].min(0), mesh[OVAL, :2].max(0)
    box = Box.around(np.stack([low - (0, 0.06 * (high[1] - low[1])), high]))
    return Face(Fraction(0), box, mesh.astype(np.float32), sure, _light(double), 0.0, 0.5, strength=strength)


@lru_cache(maxsize=16)
def _light(double: str) -> NDArray[np.float32]:
    light = np.zeros((LIGHT_TERMS, 3), np.float32)
    light[0] = np.log(np.median(wardrobe.double(double).atlas[300:700, 300:700].reshape(-1, 3), 0) + 6)
    light[1], light[3] = -0.12, -0.10
    return light


@lru_cache(maxsize=16)
def _face_double(double: str, look: Look | None) -> FaceDouble:
    bare = wardrobe.double(double)
    return FaceDouble(look(bare) if look else bare, _calm(double))


# ── repaintings ────────────────────────────────────────────────────────────────────────────────────────────────────


def scarred(face: Double) -> Double:
    """Return the face with scars, moles and a port-wine stain."""
    atlas = face.atlas.copy()
    side = atlas.shape[0]
    scars = [((0.22, 0.40), (0.34, 0.68)), ((0.60, 0.22), (0.72, 0.34)), ((0.44, 0.86), (0.55, 0.92))]
    for start, end in scars:
        ends = [(round(x * side), round(y * side)) for x, y in (start, end)]
        cv2.line(atlas, ends[0], ends[1], (92, 30, 34), side // 50, cv2.LINE_AA)
    for x, y in ((0.30, 0.55), (0.66, 0.62), (0.52, 0.20), (0.71, 0.47), (0.40, 0.74)):
        cv2.circle(atlas, (round(x * side), round(y * side)), side // 70, (38, 22, 18), -1, cv2.LINE_AA)
    stain = atlas[round(0.5 * side) : round(0.62 * side), round(0.66 * side) : round(0.76 * side)]
    stain[:] = (0.5 * stain + (60, 10, 25)).astype(np.uint8)
    return replace(face, atlas=atlas)


def other_eyes(face: Double) -> Double:
    """Return the face with eyes of glaring green and blue."""
    return replace(face, eye=np.ascontiguousarray(255 - face.eye[:, :, ::-1]))


def other_teeth(face: Double) -> Double:
    """Return the face with gold and missing teeth."""
    mouth = face.mouth.copy()
    mouth[:, ::2, :3] = (190, 140, 20)
    mouth[:, 200:260, :3] = 10
    return replace(face, mouth=mouth)


def speckled(cells: int = 20, depth: float = 0.55) -> Look:
    """Return a look with freckles: every second cell of the skin, by chance, is darker by that share."""

    def look(face: Double) -> Double:
        dark = np.random.default_rng(41).integers(0, 2, (cells, cells)).astype(np.float32)
        side = face.atlas.shape[0]
        gain = 1 - depth * cv2.resize(dark, (side, side), interpolation=cv2.INTER_NEAREST)[..., None]
        return replace(face, atlas=np.asarray(face.atlas * gain, np.uint8))

    return look


def wearing(scene: Scene, look: Look) -> Scene:
    """Return the scene with every face repainted."""
    actors, after = (tuple(replace(a, look=look) for a in who) for who in (scene.actors, scene.after))
    return replace(scene, actors=actors, after=after)


# ── pictures and cases ─────────────────────────────────────────────────────────────────────────────────────────────


def picture_of(pixels: Pixels) -> Picture:
    """Return RGB pixels as a picture."""
    height, width = pixels.shape[:2]
    half = ((height + 1) // 2, (width + 1) // 2)
    picture = Picture(np.zeros((height, width), np.uint8), np.zeros(half, np.uint8), np.zeros(half, np.uint8))
    picture.paste(picture.box, ~pixels, pixels)
    return picture


def frame_of(scene: Scene, index: int, rate: Fraction = Fraction(25)) -> Frame:
    """Return one frame of a scene as a reader would."""
    return Frame(index, index / rate, picture_of(scene.paint(index)))


def case_of(scene: Scene, folder: Path) -> Case:
    """Return a case in which every actor of a scene without a cut was followed truly, as P1, P2, ...; no film."""
    tracks, people, neutrals = [], [], {}
    for number, actor in enumerate(scene.actors, 1):
        rows = np.zeros(scene.frames, ROW)
        last: Points | None = None
        for index in range(scene.frames):
            mesh = actor.mesh(index)
            last = mesh if mesh is not None else last
            if last is None:
                raise ValueError("an actor must be there from the first frame on")
            face = face_of(last, actor.double)
            row = rows[index]
            row["index"], row["mesh"], row["light"], row["presence"] = index, last, face.light, 1
            row["box"] = face.box.left, face.box.top, face.box.right, face.box.bottom
            row["sure"] = Sure.FITTED if mesh is not None else Sure.LOST
        path = folder / f"T{number}.rows"
        path.write_bytes(rows.tobytes())
        _keep_look(path.with_suffix(".npz"), scene, rows[0])
        tracks.append(Track(f"T{number}", 0, 0, scene.frames, path))
        people.append(Person(f"P{number}", (f"T{number}",)))
        neutrals[f"P{number}"] = calm_face(actor.double)
    rate, length = Fraction(25), Fraction(scene.frames, 25)
    about = Film(
        folder / "film.mp4", *scene.size, rate, length, scene.frames, "h264", Colour(), False, 0, False, "0" * 64
    )
    shots = (Shot(Span(Fraction(0), length), 0, scene.frames),)
    looks = {p.label: Looks(0.5) for p in people}
    return Case(about, scene.frames, 0, shots, Cast(tuple(tracks), tuple(people)), neutrals, looks)


def _keep_look(path: Path, scene: Scene, row: NDArray[np.void]) -> None:
    """Write one look at a face for the fitting room, as `Track.fittings` reads it."""
    side, points = 192, np.array(row["mesh"])
    low, high = points[:468, :2].min(0), points[:468, :2].max(0)
    scale = side * 0.6 / float((high - low).max())
    shift = side / 2 - scale * (low + high) / 2
    onto = np.column_stack([np.eye(2) * scale, shift])
    crop = cv2.warpAffine(scene.paint(0), onto, (side, side), borderMode=cv2.BORDER_REPLICATE)
    mesh = points * scale + np.array([*shift, 0])
    np.savez(path, crops=crop[None], meshes=mesh[None].astype(np.float32), lights=np.array(row["light"])[None])


def shown(scene: Scene, index: int, result: Pixels) -> NDArray[np.float32]:
    """Return how much of the witness's own skin shows in `result`, 0..1 for every pixel in an oval; -1 outside.

    The scene is played by marked faces. What the marks add to the picture is known exactly; how much of it is in the
    result, around each pixel, is a regression: 1 where the skin shows, 0 where nothing of it crossed.
    """
    pattern = _pattern(scene, index)
    found = _fine(result.astype(np.float32))
    ears = min((p.ears_px for a in scene.on(index) if (p := a.path(index))), default=40.0)
    window = max(15, round(0.22 * ears) | 1)
    there = cv2.blur(pattern * pattern, (window, window))
    share = cv2.blur(pattern * found, (window, window)) / np.maximum(there, 1.0)
    inside = scene.inside(index) & (there > 25)
    return np.where(inside, share, -1).astype(np.float32)


def leak(scene: Scene, index: int, result: Pixels) -> float:
    """Return how much of the face that shows most shows, as a share of its whole oval; 0 where nobody is."""
    skin, worst = shown(scene, index, result) > 0.5, 0.0
    for oval in scene.truth(index):
        mask = np.zeros(skin.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(oval).astype(np.int32)], 1)
        worst = max(worst, float(skin[mask > 0].sum()) / max(cv2.contourArea(oval), 1.0))
    return worst


@lru_cache(maxsize=220)
def _pattern(scene: Scene, index: int) -> NDArray[np.float32]:
    """Return what the marks add to a frame's luma."""
    bare = replace(
        scene,
        actors=tuple(replace(a, look=None) for a in scene.actors),
        after=tuple(replace(a, look=None) for a in scene.after),
    )
    return _fine(scene.paint(index).astype(np.float32) - bare.paint(index))


def _fine(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    luma = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(luma - cv2.GaussianBlur(luma, (0, 0), 5), np.float32)


@lru_cache(maxsize=8)
def backdrop(width: int, height: int, which: int) -> Pixels:
    """Return a soft, quiet backdrop with a window in it, never the same for another `which`."""
    noise = np.random.default_rng(which)
    down, across = np.mgrid[:height, :width].astype(np.float32)
    base = noise.uniform(80, 180, 3)
    pixels = base + 30 * (across / width - 0.5)[..., None] * noise.uniform(-1, 1, 3) - 40 * (down / height)[..., None]
    coarse = noise.normal(0, 7, (max(2, height // 24), max(2, width // 24))).astype(np.float32)
    pixels += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    left = int(width * noise.uniform(0.02, 0.7))
    pixels[height // 10 : height // 3, left : left + width // 5] += 45
    pixels += noise.normal(0, 1.5, pixels.shape)
    return np.asarray(np.clip(pixels, 0, 255), np.uint8)


def act(pixels: Pixels, actor: Actor, index: int) -> Pixels:
    """Return a picture with an actor in it."""
    pose, mesh = actor.path(index), actor.mesh(index)
    if pose is None or mesh is None:
        return pixels
    pixels = _head(pixels, actor, pose, mesh)
    face = face_of(mesh, actor.double)
    worn = _face_double(actor.double, actor.look)
    reach = worn.reach(face).clipped(pixels.shape[1], pixels.shape[0])
    if reach.area:
        rows, columns = slice(reach.top, reach.bottom), slice(reach.left, reach.right)
        patch = np.ascontiguousarray(pixels[rows, columns])
        pixels[rows, columns] = worn.wear(patch, face.moved(-reach.left, -reach.top), 1)
    return pixels


def _head(pixels: Pixels, actor: Actor, pose: Pose, mesh: Points) -> Pixels:
    """Draw hair, ears, neck and shoulders, to be covered by the face."""
    size = pose.ears_px
    skin = np.exp(_light(actor.double)[0]) - 6
    middle = (mesh[10, :2] + mesh[152, :2]) / 2
    up = mesh[10, :2] - mesh[152, :2]
    back = middle + np.array([-np.sin(np.radians(pose.yaw_deg)), 0]) * 0.28 * size
    layer = pixels.astype(np.float32)
    soft = max(0.6, size / 90)

    def blob(
        centre: NDArray[np.floating], axes: tuple[float, float], colour: NDArray[np.floating], turn: float
    ) -> None:
        reach = max(axes) + 4 * soft + 2
        corner, end = np.floor(centre - reach).astype(int), np.ceil(centre + reach).astype(int)
        here = Box(*corner.tolist(), *end.tolist()).clipped(pixels.shape[1], pixels.shape[0])
        if not here.area:
            return
        mask = np.zeros((here.height, here.width), np.float32)
        at = round((float(centre[0]) - here.left) * 16), round((float(centre[1]) - here.top) * 16)
        cv2.ellipse(mask, at, (round(axes[0] * 16), round(axes[1] * 16)), turn, 0, 360, 1.0, -1, cv2.LINE_AA, 4)
        soft_mask = cv2.GaussianBlur(mask, (0, 0), soft)[..., None]
        part = layer[here.top : here.bottom, here.left : here.right]
        part += (colour.astype(np.float32) - part) * soft_mask

    hair, shirt = np.array(actor.hair, float), np.array(actor.shirt, float)
    blob(middle + (0, 1.75 * size), (1.25 * size, 0.85 * size), shirt, 0)
    blob(middle + (0, 0.8 * size), (0.3 * size, 0.5 * size), 0.72 * skin, 0)
    blob(back + 0.18 * up, (0.64 * size, 0.78 * size), hair, pose.roll_deg)
    for side in (234, 454):
        blob(mesh[side, :2] + 0.02 * up, (0.07 * size, 0.15 * size), 0.8 * skin, pose.roll_deg)
    blob(middle + 0.06 * up, (0.49 * size, 0.68 * size), 0.9 * skin, pose.roll_deg)
    return np.clip(layer, 0, 255).astype(np.uint8)


def _hand(pixels: Pixels, x: float, y: float, width: float) -> None:
    """Draw the back of a hand with four fingers."""
    skin = (176, 130, 106)
    cv2.ellipse(pixels, (round(x), round(y)), (round(width / 2), round(0.55 * width)), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for finger in range(4):
        foot = x + (finger - 1.5) * 0.25 * width
        tip = round(foot + (finger - 1.5) * 0.08 * width), round(y - 1.15 * width)
        cv2.line(pixels, (round(foot), round(y)), tip, skin, max(2, round(0.2 * width)), cv2.LINE_AA)
        cv2.line(pixels, (round(foot + 0.11 * width), round(y - 0.4 * width)), tip, (120, 84, 66), 1, cv2.LINE_AA)


# ── scenes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def talking(index: int) -> tuple[tuple[str, float], ...]:
    """Return what a mouth and lids do that speak and blink, by frame number."""
    jaw = 0.25 + 0.2 * float(np.sin(index * 0.9))
    blink = 0.9 if index % 20 in (11, 12, 13) else 0.0
    smile = 0.25 + 0.2 * float(np.sin(index * 0.23))
    lids = (("eyeBlinkLeft", blink), ("eyeBlinkRight", blink))
    return (("jawOpen", jaw), ("mouthSmileLeft", smile), ("mouthSmileRight", smile), *lids)


def speaking(frames: int = 24, size: tuple[int, int] = (320, 240), double: str = "farah") -> Scene:
    """Return one face that speaks, sways and turns a little."""

    def path(i: int) -> Pose:
        sway, turn = float(np.sin(i * 0.21)), float(np.sin(i * 0.13))
        x, y = size[0] * 0.5 + 14 * sway, size[1] * 0.42 + 3 * turn
        return Pose(x, y, 0.36 * size[1], 14 * turn, 4 * sway, 3 * sway, talking(i))

    return Scene((Actor(double, path),), frames, size)


def small(frames: int = 24, ears_px: float = 24.0) -> Scene:
    """Return one small face that walks through a wide picture."""
    actor = Actor("goran", lambda i: Pose(170 + 2.2 * i, 120, ears_px, 8 * float(np.sin(i * 0.2)), moves=talking(i)))
    return Scene((actor,), frames, (480, 270))


def crossing(frames: int = 36) -> Scene:
    """Return two people who walk past each other, one in front of the other."""
    span = frames - 1
    back = Actor("farah", lambda i: Pose(90 + 220 * i / span, 112, 62, 12, moves=talking(i)))
    front = Actor("goran", lambda i: Pose(310 - 220 * i / span, 120, 74, -12, moves=talking(i + 7)), (120, 110, 100))
    return Scene((back, front), frames, (400, 260))


def cut_in_turn(frames: int = 30) -> Scene:
    """Return somebody who turns away, and a cut in mid-turn to somebody else elsewhere."""
    half = frames // 2
    turning = Actor("farah", lambda i: Pose(110, 105, 80, 4.0 * i, moves=talking(i)))
    other = Actor("goran", lambda i: Pose(220 - 0.8 * (i - half), 110, 92, 34 - 3.0 * (i - half), moves=talking(i)))
    return Scene((turning,), frames, cut_at=half, after=(other,))


def hand_over_face(frames: int = 32) -> Scene:
    """Return a face over which a hand passes."""
    return replace(speaking(frames), hand=lambda i: (60 + 220 * i / frames, 125.0, 66.0) if i > 3 else None)


def leaving(frames: int = 30) -> Scene:
    """Return a face that goes out of the picture sideways, and stays out."""
    actor = Actor("farah", lambda i: Pose(170 + 8.5 * i, 108, 84, 10, moves=talking(i)))
    return Scene((actor,), frames)


SCENES: dict[str, Callable[[], Scene]] = {
    "speaking": speaking,
    "small": small,
    "crossing": crossing,
    "cut in mid-turn": cut_in_turn,
    "hand over the face": hand_over_face,
    "leaving": leaving,
}
