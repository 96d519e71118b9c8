"""Clothes: logos cannot be read, folds may stay, skin and everything else stays as it was."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, figures
from veil.disguise.scene.clothes import COLOURS, Clothes, ClothesOptions
from veil.nouns.picture import Pixels
from veil.sight.writing import Writing

TONE = (58.0, 70.0, 96.0)


def _worn(how: str, pixels: Pixels | None = None, right_px: float = 0.0, seed: int = 3) -> Pixels:
    clothes = Clothes(ClothesOptions(how, TONE, seed))
    patch = figures.paint(right_px) if pixels is None else pixels
    patch.flags.writeable = False
    return clothes.wear(patch, figures.face_of(right_px), 11)


def _within(mask: NDArray[np.bool_], by_px: int) -> NDArray[np.bool_]:
    padded = np.pad(mask.astype(np.uint8), ((0, by_px), (0, 0)), mode="edge")
    return cv2.erode(padded, np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8))[: mask.shape[0]] > 0


def _plain_shirt(by_px: int = 6) -> NDArray[np.bool_]:
    bare = cv2.dilate(figures.hand_mask().astype(np.uint8), np.ones((41, 41), np.uint8)) > 0
    neck = np.arange(figures.HEIGHT)[:, None] < 225
    return _within(figures.shirt_mask(), by_px) & ~bare & ~neck


def _edges(pixels: Pixels, where: NDArray[np.bool_]) -> float:
    """Return the energy of the edges: mean square of the luma's gradient."""
    luma = pixels.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    return float((across**2 + down**2)[where].mean())


@pytest.mark.parametrize("how", ["flat", "recoloured", "green"])
def test_letters_cannot_be_read(how: str) -> None:
    """A text detector reads the shirt before and nothing after; of its edges less than a fiftieth is left."""
    before = figures.paint()
    after = _worn(how, before)
    eyes = Writing()
    shirt = figures.shirt_mask()

    def read(pixels: Pixels) -> int:
        lines = eyes.look(faces.picture_of(pixels))
        return sum(shirt[int(n.box.centre[1]) - 1, int(n.box.centre[0])] for n in lines)

    assert read(before) >= 2, "the control: the letters can be read"
    assert read(after) == 0
    assert _edges(after, _plain_shirt()) < 0.02 * _edges(before, _plain_shirt())


@pytest.mark.parametrize("how", ["flat", "recoloured", "brown"])
def test_only_clothes_change(how: str) -> None:
    """The wall is untouched bit for bit, and so are face and hand but for their rims."""
    before = figures.paint()
    after = _worn(how, before)
    changed = np.abs(after.astype(int) - before).max(2)
    wall = ~cv2.dilate(figures.body_mask().astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool)
    assert not changed[wall].any()
    face = np.zeros(wall.shape, bool)
    face[80:150, 150:210] = True
    assert changed[face].mean() < 1
    assert (changed[_within(figures.hand_mask(), 5)] > 12).mean() < 0.05
    assert (changed[_plain_shirt()] > 0).mean() > 0.9


def test_flat_is_even() -> None:
    """One even tone: folds and letters are gone, and it is the tone that was asked for."""
    after = _worn("flat")[_plain_shirt()].astype(float)
    assert after.std(0).max() < 6
    assert np.abs(np.median(after, 0) - TONE).max() < 20


def test_recoloured_keeps_folds() -> None:
    """Another hue, and where the cloth was dark in a fold it is dark still."""
    before, after = figures.paint(letters=""), _worn("green", figures.paint(letters=""))
    where = _plain_shirt(8)
    lumas = [p.astype(np.float32).mean(2)[where] for p in (before, after)]
    assert np.corrcoef(*lumas)[0, 1] > 0.6
    colour = after[where].astype(float).mean(0)
    assert colour[1] > colour[0] + 8
    assert colour[1] > colour[2] + 8


def test_the_seed_draws_a_far_colour() -> None:
    """The same seed gives the same colour; every seed one far from the old hue; several seeds several colours."""
    drawn = []
    for seed in range(12):
        clothes = [Clothes(ClothesOptions("recoloured", TONE, seed))._colour for _ in range(2)]
        assert np.array_equal(clothes[0], clothes[1])
        lab = cv2.cvtColor(np.array([[clothes[0], TONE]], np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)[0]
        assert np.hypot(*(lab[0, 1:] - lab[1, 1:])) > 25
        drawn.append(tuple(np.round(clothes[0])))
    assert len(set(drawn)) > 1


def test_steady_while_it_moves() -> None:
    """On a figure that moves evenly in noise the paint moves along: its colour does not flicker."""
    means = []
    for index in range(6):
        right = 2.0 * index
        after = _worn("recoloured", figures.paint(right, seed=index), right)
        moved = np.roll(_plain_shirt(10), round(right), 1)
        means.append(after[moved].astype(float).mean(0))
    assert np.std(means, 0).max() < 1.5


def test_nothing_of_the_letters_steers_the_colour() -> None:
    """Another word in the shirt leaves hardly a trace: fewer than three code values in the mean."""
    one, two = (_worn("recoloured", figures.paint(letters=word)) for word in ("NOT", "YES"))
    assert np.abs(one.astype(int) - two)[_plain_shirt()].mean() < 3


def test_without_a_body_it_is_refused() -> None:
    """Whoever's body is not known wears no painted clothes: a bug is told, nothing is guessed."""
    with pytest.raises(ValueError, match="body"):
        Clothes(ClothesOptions("flat", TONE)).wear(figures.paint(), figures.face_of(body=False), 1)


@pytest.mark.parametrize("name", sorted(COLOURS))
def test_every_named_colour_can_be_worn(name: str) -> None:
    """Every colour that a plan may name is one that can be painted."""
    after = _worn(name)[_plain_shirt()].astype(float).mean(0)
    assert np.isfinite(after).all()
    assert np.abs(after - TONE).max() > 8
