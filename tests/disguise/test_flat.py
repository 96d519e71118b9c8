"""Flat: nothing of what it covers crosses, it is smooth, and it keeps to its place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.films import shapes
from veil.disguise.scene.flat import Flat
from veil.nouns.picture import Box, Picture, Pixels

WIDTH, HEIGHT = 200, 120
FEATHER_PX = 5  # the soft edge, and one pixel where the place is widened to even pixels


def _noise(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def _repainted(pixels: Pixels, box: Box, seed: int) -> Pixels:
    new = pixels.copy()
    part = new[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)]
    part[:] = np.random.default_rng(seed).integers(0, 256, part.shape, np.uint8)
    return new


BOXES = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(-30, WIDTH), st.integers(-30, HEIGHT), st.integers(1, WIDTH + 40), st.integers(1, HEIGHT + 40),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(box=BOXES, seed=st.integers(0, 1000))
def test_nothing_from_inside_crosses(box: Box, seed: int) -> None:
    """Repaint what lies in the place, and the result is the same bit for bit, wherever the place is."""
    one = _noise(seed)
    two = _repainted(one, box, seed + 1)
    for pixels in (one, two):
        pixels.flags.writeable = False
    assert np.array_equal(Flat().wear(one, box, 7), Flat().wear(two, box, 7))


@settings(max_examples=80, deadline=None)
@given(box=BOXES)
def test_it_keeps_to_its_place(box: Box) -> None:
    """What lies farther off than the soft edge stays as it was, and the patch that was given is not written to."""
    before = _noise(3)
    after = Flat().wear(before, box, 7)
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert np.array_equal(before, _noise(3))
    beside = np.ones((HEIGHT, WIDTH), bool)
    beside[max(0, box.top - FEATHER_PX) : max(0, box.bottom + FEATHER_PX)][
        :, max(0, box.left - FEATHER_PX) : max(0, box.right + FEATHER_PX)
    ] = False
    assert np.array_equal(after[beside], before[beside])


@pytest.mark.parametrize("box", [Box(61, 33, 120, 70), Box(60, 32, 121, 71), Box(0, 0, 40, 30), Box(150, 90, 200, 120)])
def test_nothing_crosses_into_the_planes(box: Box) -> None:
    """Through crop and paste too: the planes of the film inside the place do not depend on what was there."""
    rng = np.random.default_rng(1)
    planes = []
    for seed in (5, 6):
        y = np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1))
        u, v = np.full((HEIGHT // 2, WIDTH // 2), 110, np.uint8), np.full((HEIGHT // 2, WIDTH // 2), 140, np.uint8)
        rng = np.random.default_rng(seed)
        rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
        y[rows, columns] = rng.integers(16, 235, (box.height, box.width))
        halves = slice(box.top // 2, (box.bottom + 1) // 2), slice(box.left // 2, (box.right + 1) // 2)
        for plane in (u, v):
            plane[halves] = rng.integers(16, 235, plane[halves].shape)
        picture = Picture(y, u, v)
        reach = picture.even(Flat().reach(box))
        patch = picture.rgb(reach)
        here = Box(box.left - reach.left, box.top - reach.top, box.right - reach.left, box.bottom - reach.top)
        picture.paste(reach, patch, Flat().wear(patch, here, 9))
        planes.append((picture.y[rows, columns], picture.u[halves], picture.v[halves]))
    for one, two in zip(*planes, strict=True):
        # A sample is written where it changed; by chance it was there already. Then it is the same all the same.
        assert np.abs(one.astype(int) - two.astype(int)).max() <= 1


def test_it_does_not_jump_out() -> None:
    """On a smooth background the place takes its colours: nothing of a letter is left, and no edge is seen."""
    plain = np.broadcast_to(np.linspace(40, 180, WIDTH, dtype=np.float32)[None, :, None], (HEIGHT, WIDTH, 3))
    before = plain.astype(np.uint8)
    written, box = before.copy(), Box(60, 40, 140, 70)
    written[45:65:4, 64:136] = 255
    after = Flat().wear(written, box, 7)
    assert np.abs(after.astype(int) - before.astype(int)).max() < 16


def test_it_does_not_flicker() -> None:
    """From frame to frame, under noise, the place stays as steady as the film around it."""
    painted = shapes(WIDTH, HEIGHT)(0).astype(np.float32)
    box, steps = Box(100, 20, 180, 50), []
    for seed in range(6):
        noisy = np.clip(painted + np.random.default_rng(seed).normal(0, 3, painted.shape), 0, 255).astype(np.uint8)
        steps.append(Flat().wear(noisy, box, seed)[box.top : box.bottom, box.left : box.right].mean((0, 1)))
    assert np.ptp(np.array(steps), 0).max() < 1.5


def test_grain_is_the_seeds() -> None:
    """The same seed gives the same grain, another one another grain."""
    patch, box = _noise(1), Box(60, 40, 140, 70)
    assert np.array_equal(Flat().wear(patch, box, 1), Flat().wear(patch, box, 1))
    assert not np.array_equal(Flat().wear(patch, box, 1), Flat().wear(patch, box, 2))
