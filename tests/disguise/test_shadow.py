"""Shadow: of a person nothing crosses but the outline; the head's shade covers what it always covered."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, figures
from veil.disguise.faces.blackout import whole_head
from veil.disguise.faces.shade import DARK, shade_head, shaded_head
from veil.disguise.faces.shadow import Shadow
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Pixels


@pytest.fixture(scope="module")
def shadow() -> Shadow:
    """Return the disguise; it keeps no state."""
    return Shadow()


def _inner(by_px: int) -> NDArray[np.bool_]:
    mask = np.pad(figures.body_mask().astype(np.uint8), ((0, by_px), (0, 0)), mode="edge")
    return cv2.erode(mask, np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8))[: figures.HEIGHT] > 0


def _repainted(pixels: Pixels, where: NDArray[np.bool_], seed: int) -> Pixels:
    other = pixels.copy()
    other[where] = np.random.default_rng(seed).integers(0, 256, other.shape, np.uint8)[where]
    return other


@pytest.mark.parametrize("seed", range(3))
def test_only_the_outline_crosses(shadow: Shadow, seed: int) -> None:
    """Repaint everything inside the outline: not one pixel of the shadow changes, beside the person neither."""
    face, pixels = figures.face_of(), figures.paint()
    one = shadow.wear(pixels, face, 7)
    two = shadow.wear(_repainted(pixels, _inner(10), seed), face, 7)
    assert np.array_equal(one, two)
    assert np.abs(pixels[_inner(10)].astype(int) - one[_inner(10)]).mean() > 40, "the control: the person is covered"


def test_the_whole_body_is_dark_and_no_hole(shadow: Shadow) -> None:
    """Inside the outline all is dark: nothing of the shirt's letters or the skin is left."""
    dark = shadow.wear(figures.paint(), figures.face_of(), 7)
    assert dark[_inner(8)].max() < 60
    assert dark[_inner(40)].mean() < 32
    assert dark[_inner(40)].std() < 6


def test_the_rim_is_lit_from_the_side_of_the_light(shadow: Shadow) -> None:
    """The edge towards the light is a little lighter than the middle, and than the edge that looks away."""
    dark = shadow.wear(figures.paint(), figures.face_of(), 7).astype(float).mean(2)
    rim = _inner(3) & ~_inner(9)
    rim[:230] = False  # the arms, not the head
    rim[-20:] = False
    left, right = rim.copy(), rim.copy()
    left[:, figures.MIDDLE :] = right[:, : figures.MIDDLE] = False
    assert dark[left].mean() > dark[right].mean() + 4
    assert dark[left].mean() > dark[_inner(40)].mean() + 4


def test_what_lies_beside_stays(shadow: Shadow) -> None:
    """Far from the person not one pixel changes."""
    pixels = figures.paint()
    dark = shadow.wear(pixels, figures.face_of(), 7)
    far = ~cv2.dilate(figures.body_mask().astype(np.uint8), np.ones((61, 61), np.uint8)).astype(bool)
    assert far.mean() > 0.1
    assert np.array_equal(dark[far], pixels[far])


def test_the_outline_follows_the_picture(shadow: Shadow) -> None:
    """A mask that is three pixels off is brought nearer to the picture's own edge."""
    pixels = figures.paint(letters="")
    face = figures.face_of()
    assert face.body is not None
    off = replace(face, body=face.body.moved(3, 0))
    dark = shadow.wear(pixels, off, 7).astype(float).mean(2) < 60
    rows = slice(300, 400)
    miss = (dark ^ figures.body_mask())[rows].sum() / 100
    assert miss < 6, "two sides, three pixels each"


def test_steady_on_a_moving_figure(shadow: Shadow) -> None:
    """A figure that moves evenly, in noise, has an outline that moves evenly: it wobbles by less than half a pixel."""
    edges = []
    for index in range(8):
        right = 1.5 * index
        dark = shadow.wear(figures.paint(right, seed=index), figures.face_of(right), 7).astype(float).mean(2)
        arms = dark[300:400] < 60
        edges.append(arms.argmax(1).astype(float) - right)
    assert np.std(edges, 0).mean() < 0.5


def _old_cover(width: int, height: int, face: Face) -> NDArray[np.float32]:
    """Return what the first head shade covered: an ellipse, soft outwards, of which the picture may cut something."""
    beyond = 60  # pixels, so that the edge of the picture does not count as more of the head
    head = whole_head(face.box)
    ellipse = np.zeros((height + 2 * beyond, width + 2 * beyond), np.float32)
    centre, axes = (head.centre[0] + beyond, head.centre[1] + beyond), (head.width / 2, head.height / 2)
    ends = [tuple(round(v * 256) for v in pair) for pair in (centre, axes)]
    cv2.ellipse(ellipse, ends[0], ends[1], 0, 0, 360, 1.0, -1, cv2.LINE_8, 8)
    soft = cv2.GaussianBlur(ellipse, (0, 0), max(1.0, 0.025 * head.width))
    whole = np.maximum(ellipse, np.clip(soft * 2, 0, 1))
    return np.asarray(whole[beyond : beyond + height, beyond : beyond + width], np.float32)


@pytest.mark.parametrize("ears_px", [8, 30, 70, 160])
@pytest.mark.parametrize("sure", [Sure.FITTED, Sure.LOST])
def test_the_shade_never_covers_less(ears_px: int, sure: Sure) -> None:
    """The head in shadow covers at least what the old ellipse covered, at every size."""
    mesh = faces.posed("farah", faces.Pose(200, 180, ears_px))
    face = faces.face_of(mesh, "farah", sure, 1.0)
    black, white = (np.full((400, 400, 3), code, np.uint8) for code in (0, 255))
    shown = (shade_head(white, face, 1.0).astype(float) - shade_head(black, face, 1.0)).max(2) / 255
    old = _old_cover(400, 400, face)
    assert (shown[old >= 1] == 0).all()
    assert (1 - shown >= old - 0.15).all()


def test_the_shade_sits_on_a_neck() -> None:
    """Below the chin the shade goes on, and fades into the shoulders; no hard edge is left below it."""
    face = faces.face_of(faces.posed("farah", faces.Pose(200, 150, 90)), "farah", Sure.SEEN, 1.0)
    grey = np.full((400, 400, 3), 150, np.uint8)
    column = shade_head(grey, face, 1.0)[:, 200].astype(float).mean(1)
    low = whole_head(face.box).bottom
    assert column[low + 6] < 100
    assert (np.abs(np.diff(column[low:])) < 16).all()
    assert column[shaded_head(face).bottom + 1] == 150


def test_the_shade_fades_with_its_opacity() -> None:
    """Half the strength is half the shade; none is none, bit for bit."""
    face = faces.face_of(faces.posed("farah", faces.Pose(200, 150, 90)), "farah")
    grey = np.full((400, 400, 3), 150, np.uint8)
    assert np.array_equal(shade_head(grey, face, 0.0), grey)
    half = shade_head(grey, face, 0.5)[150, 200]
    assert np.abs(half - (150 + DARK) / 2).max() <= 1
