"""Boxes and pictures: what nobody touches stays bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from veil.nouns.picture import Box, Colour, Matrix, Picture, Pixels

numbers = st.integers(-60, 120)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), numbers, numbers, st.integers(0, 80), st.integers(0, 80))
sides = st.integers(1, 41)
matrices = st.sampled_from(["bt601", "bt709", "bt2020"])
seeds = st.integers(0, 2**32 - 1)


def noise(width: int, height: int, seed: int, colour: Colour | None = None) -> Picture:
    """Return a picture of random legal codes."""
    random = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    planes = [random.integers(16, 236, shape, np.uint8) for shape in ((height, width), half, half)]
    return Picture(planes[0], planes[1], planes[2], colour or Colour())


def same(one: Picture, other: Picture) -> bool:
    """Tell whether two pictures are equal bit for bit."""
    return all(np.array_equal(getattr(one, p), getattr(other, p)) for p in "yuv")


@given(boxes, boxes)
def test_overlap_is_mutual(a: Box, b: Box) -> None:
    """Overlap lies between 0 and 1, is mutual, and is 1 with itself when there is any area."""
    assert 0 <= a.overlap(b) <= 1
    assert a.overlap(b) == b.overlap(a)
    assert a.shared_px(b) <= min(a.area, b.area)
    assert a.overlap(a) == (1 if a.area else 0)


@given(boxes, st.integers(1, 200), st.integers(1, 200))
def test_clipped_lies_inside(box: Box, width: int, height: int) -> None:
    """A clipped box lies in the picture, and keeps every pixel that did."""
    inside = box.clipped(width, height)
    assert 0 <= inside.left <= inside.right <= width
    assert 0 <= inside.top <= inside.bottom <= height
    assert inside.area == box.shared_px(Box(0, 0, width, height))
    assert inside.clipped(width, height) == inside


@given(st.lists(boxes, min_size=1, max_size=5))
def test_union_holds_all(many: list[Box]) -> None:
    """The union holds each of its boxes."""
    whole = Box.union(many)
    assert all(whole.shared_px(box) == box.area for box in many)


@given(boxes, st.floats(0, 2))
def test_grown_holds_what_it_grew_from(box: Box, by: float) -> None:
    """A grown box holds the box, with the same centre."""
    assert box.grown(by).shared_px(box) == box.area
    assert box.grown(by).centre == box.centre


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=1, max_size=9))
def test_around_holds_every_point(points: list[tuple[float, float]]) -> None:
    """The box around points holds them, and is no more than a pixel larger on each side."""
    cloud = np.array(points, np.float64)
    box = Box.around(cloud)
    low, high = cloud.min(0), cloud.max(0)
    assert box.left <= low[0] < box.left + 1
    assert box.top <= low[1] < box.top + 1
    assert box.right - 1 < high[0] <= box.right
    assert box.bottom - 1 < high[1] <= box.bottom


@given(boxes, sides, sides, seeds)
def test_even_box_holds_whole_chroma(box: Box, width: int, height: int, seed: int) -> None:
    """An even box holds the clipped box, begins on a chroma sample and ends on one or at the picture's edge."""
    picture = noise(width, height, seed)
    even = picture.even(box)
    clipped = box.clipped(width, height)
    assert even.shared_px(clipped) == clipped.area
    assert even.left % 2 == even.top % 2 == 0
    assert even.right % 2 == 0 or even.right == width
    assert even.bottom % 2 == 0 or even.bottom == height
    assert picture.rgb(box).shape == (even.height, even.width, 3)


@given(boxes, sides, sides, seeds)
def test_pasting_the_same_changes_nothing(box: Box, width: int, height: int, seed: int) -> None:
    """A patch pasted back as it was leaves every plane bit for bit."""
    picture = noise(width, height, seed)
    before = picture.copy()
    even = picture.even(box)
    old = picture.rgb(even)
    picture.paste(even, old, old.copy())
    assert same(picture, before)


def _touched(old: Pixels, new: Pixels, box: Box, height: int, width: int) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), bool)
    mask[box.top : box.bottom, box.left : box.right] = (old != new).any(2)
    return mask


@settings(deadline=None)
@given(boxes, sides, sides, seeds)
def test_paste_changes_only_what_changed(box: Box, width: int, height: int, seed: int) -> None:
    """Luma changes only under changed pixels, chroma only under samples that hold one."""
    picture = noise(width, height, seed)
    before = picture.copy()
    even = picture.even(box)
    old = picture.rgb(even)
    random = np.random.default_rng(seed)
    new = np.where(random.random((*old.shape[:2], 1)) < 0.3, random.integers(0, 256, old.shape, np.uint8), old)
    picture.paste(even, old, new)
    mask = _touched(old, new, even, height, width)
    assert np.array_equal(picture.y[~mask], before.y[~mask])
    padded = np.pad(mask, ((0, height & 1), (0, width & 1)))
    quads = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2).any((1, 3))
    for plane, was in ((picture.u, before.u), (picture.v, before.v)):
        assert np.array_equal(plane[~quads], was[~quads])


@settings(deadline=None)
@given(sides, sides, seeds, st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), matrices, st.booleans())
def test_a_flat_patch_is_read_back(
    width: int, height: int, seed: int, red: int, green: int, blue: int, matrix: Matrix, full: bool
) -> None:
    """A flat patch comes back within 3 codes a channel of what was painted, in every matrix and range."""
    picture = noise(width, height, seed, Colour(matrix, full))
    old = picture.rgb()
    new = np.broadcast_to(np.array([red, green, blue], np.uint8), old.shape).copy()
    old = np.where((old == new).all(2, keepdims=True), old ^ 1, old)  # every pixel counts as changed
    picture.paste(picture.box, old, new)
    assert np.abs(picture.rgb().astype(int) - new).max() <= 3


@given(sides, sides, st.integers(0, 255), matrices, st.booleans())
def test_gray_stays_gray(width: int, height: int, level: int, matrix: Matrix, full: bool) -> None:
    """A gray picture is read as gray: its three channels are equal."""
    half = ((height + 1) // 2, (width + 1) // 2)
    chroma = np.full(half, 128, np.uint8)
    picture = Picture(np.full((height, width), level, np.uint8), chroma, chroma.copy(), Colour(matrix, full))
    pixels = picture.rgb().astype(int)
    assert np.ptp(pixels, axis=2).max() <= 1
    expected = level if full else np.clip((level - 16) * 255 / 219, 0, 255)
    assert np.abs(pixels - expected).max() <= 1


def test_a_picture_needs_planes_that_belong_together() -> None:
    """Chroma planes of another size are refused."""
    with pytest.raises(ValueError, match="chroma planes"):
        Picture(np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((2, 2), np.uint8))


def test_a_patch_of_another_shape_is_refused() -> None:
    """A patch that does not fit its box is refused before anything is written."""
    picture = noise(8, 8, 0)
    before = picture.copy()
    with pytest.raises(ValueError, match="a patch for"):
        picture.paste(Box(0, 0, 4, 4), np.zeros((4, 4, 3), np.uint8), np.zeros((2, 4, 3), np.uint8))
    assert same(picture, before)


@settings(deadline=None)
@given(boxes, st.integers(8, 60), st.integers(8, 60), seeds, st.integers(1, 90), st.integers(1, 90))
def test_scaled_has_the_size_asked_for(box: Box, width: int, height: int, seed: int, across: int, down: int) -> None:
    """A box brought to a size has that size, smaller or larger, and three channels."""
    picture = noise(width, height, seed)
    even = picture.even(box)
    if even.area:
        assert picture.scaled(even, across, down).shape == (down, across, 3)


@settings(deadline=None)
@given(st.integers(20, 60), st.integers(20, 60), seeds)
def test_warping_by_nothing_reads_the_pixels(width: int, height: int, seed: int) -> None:
    """A square cut out without turning or scaling holds the pixels of the picture, within rounding."""
    picture = noise(width, height, seed)
    crop = picture.warped(np.array([[1.0, 0, -4], [0, 1, -4]]), 12)
    assert np.abs(crop[1:-1, 1:-1].astype(int) - picture.rgb()[5:15, 5:15]).max() <= 3


def test_warping_keeps_a_plane_of_colour() -> None:
    """Turned and scaled, a flat picture stays flat and keeps its colour, beyond its edges too."""
    half = np.full((20, 20), 90, np.uint8)
    picture = Picture(np.full((40, 40), 120, np.uint8), half, half + np.uint8(80))
    crop = picture.warped(np.array([[1.4, -0.7, 3.2], [0.7, 1.4, -30.1]]), 32)
    assert (crop == picture.rgb()[0, 0]).all()
