"""The doubles that ship: enough of them for anyone, with skin that folds, and small enough to carry."""

from pathlib import Path

import numpy as np
import pytest

from veil.disguise import wardrobe
from veil.models.topology import LEFT_BROW, UV
from veil.nouns.double import FOLDS
from veil.nouns.picture import Pixels

FOLDER = Path(wardrobe.__file__).parent / "doubles"
LUMA = np.array([0.2126, 0.7152, 0.0722])


def _luma(atlas: Pixels, point: int, reach: int = 5, down_px: int = 0) -> float:
    x, y = (UV[point] * atlas.shape[0]).astype(int)
    return float((atlas[y + down_px - reach : y + down_px + reach, x - reach : x + reach] @ LUMA).mean())


def test_anyone_finds_a_double() -> None:
    """There are 24 doubles, two for each step of the Monk scale, both sexes light, middling and dark, of all ages."""
    doubles = [wardrobe.double(name) for name in wardrobe.names()]
    assert len(doubles) >= 24
    assert all(sum(d.tone == tone for d in doubles) >= 2 for tone in range(1, 11))
    for low, high in ((1, 4), (5, 7), (8, 10)):
        assert {0.0, 1.0} <= {d.sex for d in doubles if low <= d.tone <= high}
    assert any(0 < d.sex < 1 for d in doubles)
    assert min(d.age for d in doubles) < 22
    assert max(d.age for d in doubles) > 70


def test_small_enough_to_carry() -> None:
    """All doubles together weigh less than 8 MB."""
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 8e6


@pytest.mark.parametrize("name", wardrobe.names())
def test_skin_folds_where_it_should(name: str) -> None:
    """Every double has maps of folds: most of a map is nothing, and each darkens the place that it is named for."""
    double = wardrobe.double(name)
    assert double.folds is not None
    places = dict(zip(FOLDS, (151, 9, 206, 33, 17, 203), strict=True))
    for drawn, fold in zip(double.folds, FOLDS, strict=True):
        x, y = (UV[places[fold]] * drawn.shape[0]).astype(int)
        near = drawn[max(0, y - 48) : y + 48, max(0, x - 48) : x + 48]
        assert near.min() < 122, fold
        assert abs(float(np.median(drawn)) - 128) < 1.5, fold


def test_the_old_fold_more() -> None:
    """The folds of those over 60 are deeper than of those under 30."""
    depth = {
        d.name: float((128.0 - np.minimum(d.folds, 128)).sum())
        for d in map(wardrobe.double, wardrobe.names())
        if d.folds is not None
    }
    old = [depth[n] for n in depth if wardrobe.double(n).age > 60]
    young = [depth[n] for n in depth if wardrobe.double(n).age < 30]
    assert np.mean(old) > 1.5 * np.mean(young)


@pytest.mark.parametrize("name", wardrobe.names())
def test_form_is_in_the_skin(name: str) -> None:
    """Nostrils are darker than the cheek, and brows than the forehead: the run-time light is too smooth to do that."""
    atlas = wardrobe.double(name).atlas
    cheek, forehead = _luma(atlas, 50, 12), _luma(atlas, 151, 12)
    nostril = min(_luma(atlas, point) for point in (20, 60, 75, 79, 166, 238))
    assert nostril < 0.75 * cheek
    assert min(_luma(atlas, int(point)) for point in LEFT_BROW) < 0.9 * forehead
