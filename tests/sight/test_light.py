"""The look of a shot is measured beside the face alone: size of its grains, lifted blacks; light outvotes hair."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.models.topology import OVAL
from veil.nouns.light import PLAIN, basis
from veil.nouns.picture import Pixels, Points
from veil.sight.light import measure_grain, measure_light, measure_look


def _mesh() -> Points:
    return faces.posed("farah", faces.Pose(128, 128, 110))


def _inside(mesh: Points) -> NDArray[np.bool_]:
    mask = np.zeros((256, 256), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(mesh[OVAL, :2].round().astype(np.int32)), 1)
    return mask > 0


def _noisy(blur_px: float, level: float = 120.0) -> Pixels:
    noise = np.random.default_rng(4).standard_normal((256, 256)).astype(np.float32)
    if blur_px:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), blur_px), np.float32)
    grey = level + 6 * noise / noise.std()
    return np.repeat(np.clip(grey, 0, 255)[..., None], 3, 2).astype(np.uint8)


def test_grains_are_measured() -> None:
    """Coarser noise is told from finer, about by its size; a crop that shrank the picture tells nothing."""
    fine, middle, coarse = (measure_look(_noisy(blur), _mesh(), 1.0)[0] for blur in (0.0, 0.8, 1.5))
    assert fine < 0.3
    assert 0.5 < middle < 1.0
    assert 1.1 < coarse < 1.9
    assert measure_look(_noisy(1.5), _mesh(), 0.3)[0] == 0


@pytest.mark.parametrize(("dark", "bright", "lifted"), [(60, 160, True), (5, 160, False), (60, 250, False)])
def test_only_flat_material_is_lifted(dark: int, bright: int, lifted: bool) -> None:
    """Blacks count as lifted where nothing is dark and nothing is bright, as in log; else not."""
    crop = np.full((256, 256, 3), (dark + bright) // 2, np.uint8)
    crop[:, :64], crop[:, -64:] = dark, bright
    lift = measure_look(crop, _mesh(), 1.0)[1]
    assert (abs(lift - dark) < 3) if lifted else lift == 0


def test_the_look_of_a_shot_tells_nothing_of_the_face() -> None:
    """Whatever is painted inside the outline, grain, softness, grain's size and black stay the same to the bit."""
    mesh, crop = _mesh(), _noisy(0.8)
    other = crop.copy()
    other[_inside(mesh)] = np.random.default_rng(9).integers(0, 256, (int(_inside(mesh).sum()), 3))
    for measure in (measure_look, measure_grain):
        assert measure(crop, mesh, 1.0) == measure(other, mesh, 1.0)


def test_hair_over_a_cheek_does_not_darken_it() -> None:
    """Dark grey hair over an eighth of a face leaves the light on the rest of it as it is."""
    mesh = _mesh()
    skin = np.full((256, 256, 3), (190, 140, 115), np.uint8)
    hairy = skin.copy()
    left = mesh[OVAL, 0].min()
    hairy[:, : int(left + 0.14 * np.ptp(mesh[OVAL, 0]))] = (46, 45, 47)
    bare, over = (basis(mesh) @ measure_light(crop, mesh) for crop in (skin, hairy))
    assert np.abs(np.exp(bare[PLAIN].mean((0, 1))) - 6 - skin[0, 0]).max() < 3
    free = mesh[:468, 0] > left + 0.3 * np.ptp(mesh[OVAL, 0])
    assert np.abs(bare - over)[free].max() < 0.12
