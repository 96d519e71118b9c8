"""Bending by a field: what may not be taken is never read, and the rest comes from where the field says."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from veil.disguise.faces.bending import drawn

HEIGHT, WIDTH = 90, 120
SKIN = np.array([200, 150, 120], np.float32)


def a_picture(seed: int = 1) -> NDArray[np.uint8]:
    """Return a picture full of detail."""
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def a_field(seed: int = 2, most_px: float = 6.0) -> NDArray[np.float32]:
    """Return a smooth field that moves most pixels, by parts of a pixel too."""
    coarse = np.random.default_rng(seed).uniform(-most_px, most_px, (6, 8, 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)


def a_guard() -> NDArray[np.uint8]:
    """Return a disc that nothing may be taken from."""
    guard = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(guard, (60, 45), 22, 255, -1)
    return guard


@pytest.mark.parametrize("seed", range(6))
def test_what_is_guarded_is_never_taken(seed: int) -> None:
    """Repaint what a filter's reach inside the guard holds: only pixels that stay, and their rim, can tell."""
    guard, field = a_guard(), a_field(seed)
    deep = cv2.erode(guard, np.ones((7, 7), np.uint8)) > 0  # a cubic reads two pixels to each side
    one = a_picture()
    other = np.where(deep[..., None], a_picture(9), one)
    told = np.any(drawn(one, field, guard, SKIN) != drawn(other, field, guard, SKIN), axis=2)
    still = (np.abs(field) <= 0.05).all(2)
    assert not (told & ~still).any()


@pytest.mark.parametrize("seed", range(3))
def test_skin_lies_wherever_a_share_would_be_taken(seed: int) -> None:
    """A pixel that a bilinear filter would give the least share of the guard is plain skin."""
    guard, field = a_guard(), a_field(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    share = cv2.remap(guard.astype(np.float32), x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR)
    moved = (np.abs(field) > 0.05).any(2)
    hidden = (share > 0.5) & moved  # of 255
    assert hidden.sum() > 200
    assert (drawn(a_picture(), field, guard, SKIN)[hidden] == SKIN.astype(np.uint8)).all()


def test_without_a_guard_it_is_the_usual_bending() -> None:
    """Nothing guarded, every pixel comes from where the field says, sampled as OpenCV's cubic does."""
    picture, field = a_picture(), a_field(most_px=3.0)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    where = x + field[..., 0], y + field[..., 1]
    usual = cv2.remap(picture, *where, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    moved = (np.abs(field) > 0.05).any(2)
    new = drawn(picture, field, np.zeros((HEIGHT, WIDTH), np.uint8), SKIN)
    assert np.array_equal(new[moved], usual[moved])
    assert np.array_equal(new[~moved], picture[~moved])


def test_a_field_of_no_numbers_shows_skin() -> None:
    """Where the field is broken there is skin, never the picture."""
    field = np.full((HEIGHT, WIDTH, 2), np.nan, np.float32)
    new = drawn(a_picture(), field, np.zeros((HEIGHT, WIDTH), np.uint8), SKIN)
    assert (new == SKIN.astype(np.uint8)).all()


def test_any_order_in_memory_will_do() -> None:
    """A picture whose rows do not lie one after another is bent alike."""
    picture, field, guard = a_picture(), a_field(), a_guard()
    turned = np.asfortranarray(picture)
    assert np.array_equal(drawn(turned, field, guard, SKIN), drawn(picture, field, guard, SKIN))
