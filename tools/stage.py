"""A small room in Blender: one head, a window from the side, a camera; Cycles on the CPU, a picture with alpha."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Camera:
    """A pinhole in front of the head: its size and focal length in px, its distance from the eyes and its aim in cm."""

    width_px: int
    height_px: int
    focal_px: float
    away_cm: float
    aim_cm: Floats

    def project(self, points: Floats) -> Floats:
        """Head space (.., 3) cm to pixels x, y (pixel centres at +0.5) and depth from the camera in cm."""
        depth = self.away_cm - points[..., 2]
        x = self.width_px / 2 + (points[..., 0] - self.aim_cm[0]) * self.focal_px / depth
        y = self.height_px / 2 - (points[..., 1] - self.aim_cm[1]) * self.focal_px / depth
        out: Floats = np.stack([x, y, depth], -1).astype(np.float32)
        return out


def _world(points: Floats) -> Floats:
    """Head space (y up, z front, cm) to Blender's (z up, y back, decimetres)."""
    out: Floats = np.ascontiguousarray(np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1) / 10, np.float32)
    return out


def clear(samples: int, camera: Camera) -> Any:
    """An empty scene with the renderer set up."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.denoising_prefilter, scene.cycles.denoising_quality = "FAST", "BALANCED"
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 4, 2
    scene.cycles.glossy_bounces, scene.cycles.caustics_reflective = 1, False
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y = camera.width_px, camera.height_px
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Standard"
    lens = bpy.data.cameras.new("camera")
    lens.sensor_width = 36.0
    lens.lens = 36.0 * camera.focal_px / camera.width_px
    place = bpy.data.objects.new("camera", lens)
    place.location = (camera.aim_cm[0] / 10, -camera.away_cm / 10, camera.aim_cm[1] / 10)
    place.rotation_euler = (np.pi / 2, 0, 0)
    scene.collection.objects.link(place)
    scene.camera = place
    return scene


def window(
    scene: Any, where_cm: tuple[float, float, float], size_cm: float, watts: float, rgb: tuple[float, float, float]
) -> None:
    """A square soft light at `where_cm` (head space) that looks at the face."""
    import mathutils

    light = bpy.data.lights.new("window", "AREA")
    light.energy, light.size, light.color = watts, size_cm / 10, rgb
    lamp = bpy.data.objects.new("window", light)
    lamp.location = _world(np.float32([where_cm]))[0]
    aim = mathutils.Vector((0, 0, -0.5)) - lamp.location
    lamp.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(lamp)


def dim_room(scene: Any, rgb: tuple[float, float, float], strength: float) -> None:
    """Even light from all sides."""
    world = bpy.data.worlds.new("room")
    world.use_nodes = True
    ground = world.node_tree.nodes["Background"]
    ground.inputs["Color"].default_value, ground.inputs["Strength"].default_value = (*rgb, 1), strength
    scene.world = world


def add(
    scene: Any,
    name: str,
    points: Floats,
    quads: Ints,
    material: Any,
    uv: Floats | None = None,
    masks: dict[str, Floats] | None = None,
) -> Any:
    """A smooth mesh; uv (n, 2) and masks (n,) ride on its vertices as attributes."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(_world(points), [], quads.tolist())
    mesh.polygons.foreach_set("use_smooth", np.ones(len(quads), bool))
    if uv is not None:
        flipped = np.column_stack([uv[:, 0], 1 - uv[:, 1]])
        layer = mesh.attributes.new("face_uv", "FLOAT2", "POINT")
        layer.data.foreach_set("vector", flipped.astype(np.float32).ravel())
    for key, mask in (masks or {}).items():
        mesh.attributes.new(key, "FLOAT", "POINT").data.foreach_set("value", mask.astype(np.float32))
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    scene.collection.objects.link(thing)
    return thing


def move(thing: Any, points: Floats) -> None:
    """Give a mesh new vertices."""
    thing.data.vertices.foreach_set("co", _world(points).ravel())
    thing.data.update()


def _principled(
    name: str, rgb: tuple[float, float, float], rough: float, specular: float = 0.5
) -> tuple[Any, Any, Any]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*rgb, 1)
    shader.inputs["Roughness"].default_value = rough
    shader.inputs["Specular IOR Level"].default_value = specular
    return material, nodes, links


def plain(name: str, rgb: tuple[float, float, float], rough: float, specular: float = 0.5) -> Any:
    """One colour (linear)."""
    return _principled(name, rgb, rough, specular)[0]


def cloth(name: str, rgb: tuple[float, float, float], weave_per_dm: float, bump: float) -> Any:
    """Woven or knitted stuff: colour that wavers, a fine bumpy surface, a soft rim."""
    material, nodes, links = _principled(name, rgb, 0.92, 0.15)
    shader = nodes["Principled BSDF"]
    shader.inputs["Sheen Weight"].default_value = 0.25
    place = nodes.new("ShaderNodeTexCoord")
    grain = nodes.new("ShaderNodeTexNoise")
    grain.inputs["Scale"].default_value, grain.inputs["Detail"].default_value = weave_per_dm, 4
    links.new(place.outputs["Object"], grain.inputs["Vector"])
    height = nodes.new("ShaderNodeBump")
    height.inputs["Strength"].default_value, height.inputs["Distance"].default_value = bump, 0.03
    links.new(grain.outputs["Fac"], height.inputs["Height"])
    links.new(height.outputs["Normal"], shader.inputs["Normal"])
    stretch = nodes.new("ShaderNodeMapping")
    stretch.inputs["Scale"].default_value, stretch.inputs["Rotation"].default_value = (6.0, 6.0, 1.1), (0.3, 0.2, 0)
    links.new(place.outputs["Object"], stretch.inputs["Vector"])
    crease = nodes.new("ShaderNodeTexNoise")
    crease.inputs["Scale"].default_value, crease.inputs["Detail"].default_value = 0.9, 2
    links.new(stretch.outputs["Vector"], crease.inputs["Vector"])
    wide = nodes.new("ShaderNodeBump")
    wide.inputs["Strength"].default_value, wide.inputs["Distance"].default_value = 0.55, 0.12
    links.new(crease.outputs["Fac"], wide.inputs["Height"])
    links.new(wide.outputs["Normal"], height.inputs["Normal"])
    ramp = nodes.new("ShaderNodeMixRGB")
    ramp.inputs[1].default_value, ramp.inputs[2].default_value = (
        (*(v * 0.72 for v in rgb), 1),
        (*(v * 1.2 for v in rgb), 1),
    )
    links.new(grain.outputs["Fac"], ramp.inputs[0])
    links.new(ramp.outputs[0], shader.inputs["Base Color"])
    return material


def textured(
    name: str,
    picture: Path,
    rough: float,
    specular: float,
    rest_rgb: tuple[float, float, float] | None = None,
    coat: float = 0.0,
    scatter: float = 0.0,
    cut_out: bool = False,
) -> Any:
    """A picture by `face_uv`; with `rest_rgb`, that colour where `reach` is 0, and dark red where `inner` is 1."""
    material, nodes, links = _principled(name, (0.5, 0.5, 0.5), rough, specular)
    shader = nodes["Principled BSDF"]
    shader.inputs["Coat Weight"].default_value, shader.inputs["Coat Roughness"].default_value = coat, 0.03
    shader.inputs["Subsurface Weight"].default_value = scatter
    shader.inputs["Subsurface Radius"].default_value = (1.0, 0.35, 0.2)
    shader.inputs["Subsurface Scale"].default_value = 0.03
    where = nodes.new("ShaderNodeAttribute")
    where.attribute_name = "face_uv"
    image = nodes.new("ShaderNodeTexImage")
    image.image = bpy.data.images.load(str(picture))
    image.extension = "EXTEND"
    links.new(where.outputs["Vector"], image.inputs["Vector"])
    colour = image.outputs["Color"]
    for mask, rgb, inverse in (("reach", rest_rgb, True), ("inner", (0.16, 0.035, 0.03), False)) if rest_rgb else ():
        value = nodes.new("ShaderNodeAttribute")
        value.attribute_name = mask
        mix = nodes.new("ShaderNodeMixRGB")
        links.new(value.outputs["Fac"], mix.inputs[0])
        mix.inputs[1 if inverse else 2].default_value = (*rgb, 1)
        links.new(colour, mix.inputs[2 if inverse else 1])
        colour = mix.outputs[0]
    links.new(colour, shader.inputs["Base Color"])
    if cut_out:
        links.new(image.outputs["Alpha"], shader.inputs["Alpha"])
    return material


def veil_of(name: str, rgb: tuple[float, float, float], cover: float) -> Any:
    """One colour that covers only in part (thin hair)."""
    material, _, _ = _principled(name, rgb, 0.7, 0.2)
    material.node_tree.nodes["Principled BSDF"].inputs["Alpha"].default_value = cover
    return material


def thicken(thing: Any, cm: float) -> None:
    """Give a cloth a thickness outward and a soft edge."""
    solid = thing.modifiers.new("thickness", "SOLIDIFY")
    solid.thickness, solid.offset = cm / 10, 0
    smooth = thing.modifiers.new("smooth", "SUBSURF")
    smooth.levels = smooth.render_levels = 1


def shoot(scene: Any, path: Path, seed: int) -> None:
    """Render one picture to `path`."""
    scene.cycles.seed = seed
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
