"""Paths: what is to be covered is followed through its whole shot, and never uncovered in it."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.stages.scenes import FRAMES, SIZE, Camera, Sign, case_of
from veil.errors import VeilError
from veil.nouns.picture import Box, Pixels
from veil.nouns.plan import Plan, Region
from veil.stages.paths import Covers, add_places, load_places, paths

CAMERAS: dict[str, Camera] = {
    "still": lambda _: (0, 0, 1),
    "pan": lambda i: (4 * (i - 18), 0, 1),
    "shaky": lambda i: (3 * np.sin(1.7 * i), 3 * np.cos(2.3 * i), 1),
    "zoom": lambda i: (0, 0, 0.8 + 0.02 * i),
}


def _least(covers: Covers, sign: Sign, frames: range = range(FRAMES)) -> float:
    """Return the smallest share of the sign that is covered in any frame."""
    shares = []
    for index in frames:
        box, mask = sign.box(index), np.zeros(SIZE[::-1], bool)
        for cover in covers.get(index, []):
            mask[cover.top : cover.bottom, cover.left : cover.right] = True
        if box.area:
            shares.append(mask[box.top : box.bottom, box.left : box.right].mean())
    return float(min(shares))


def _region(sign: Sign, index: int) -> Region:
    return Region(Fraction(index, 25), sign.box(index))


@pytest.mark.parametrize("name", sorted(CAMERAS))
def test_writing_is_covered_in_every_frame(name: str, tmp_path: Path) -> None:
    """Writing is found and covered from the first frame of its shot to the last, however the camera moves."""
    sign = Sign(CAMERAS[name])
    case, folder = case_of(tmp_path, sign.paint)
    covers = paths(case, Plan(1, writing="covered"), folder)
    letters = Sign(sign.camera)
    assert _least(covers, letters) > 0.8  # of the plate; its letters are less than that


@pytest.mark.parametrize("name", sorted(CAMERAS))
def test_a_region_is_followed_both_ways(name: str, tmp_path: Path) -> None:
    """A box that the plan gives at one instant is followed forwards and backwards, to a pixel or two."""
    sign = Sign(CAMERAS[name])
    case, folder = case_of(tmp_path, sign.paint)
    covers = paths(case, Plan(1, regions=(_region(sign, 15),)), folder)
    assert _least(covers, sign) == 1.0
    for index in range(FRAMES):
        (cover,) = covers[index]
        off = np.array(cover.centre) - sign.box(index).centre
        assert np.abs(off).max() < 4
        assert cover.area < 3 * sign.box(index).area


def test_what_is_hidden_for_a_while_stays_covered(tmp_path: Path) -> None:
    """A sign behind a post, while the camera pans, is covered while it is hidden and when it comes back."""
    sign = Sign(lambda i: (3 * (i - 18), 0, 1), hidden=(12, 22))
    case, folder = case_of(tmp_path, sign.paint)
    covers = paths(case, Plan(1, regions=(_region(sign, 2),)), folder)
    assert _least(covers, sign) > 0.95
    assert all(covers.get(index) for index in range(FRAMES))


def test_what_is_lost_stays_covered_to_the_end_of_the_shot(tmp_path: Path) -> None:
    """Where nothing can be followed any more the cover stays where it was, and does not shrink."""
    sign = Sign(CAMERAS["still"])
    plain = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)

    def paint(index: int) -> Pixels:
        return sign.paint(index) if index < 20 else plain

    case, folder = case_of(tmp_path, paint)
    covers = paths(case, Plan(1, regions=(_region(sign, 0),)), folder)
    assert _least(covers, sign) == 1.0
    assert covers[FRAMES - 1][0].area >= covers[10][0].area


def test_a_shot_ends_it(tmp_path: Path) -> None:
    """A region is covered in its own shot and in no other; writing in every shot that has some."""
    sign, plain = Sign(CAMERAS["still"]), np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    case, folder = case_of(tmp_path, lambda _: plain, sign.paint, frames=15)
    for plan in (Plan(1, writing="covered"), Plan(1, regions=(_region(sign, 22),))):
        assert sorted(paths(case, plan, folder)) == list(range(15, 30))


def test_nothing_asked_nothing_covered(tmp_path: Path) -> None:
    """Without regions, and with writing as it is, no frame is read and nothing is covered."""
    case, folder = case_of(tmp_path, Sign(CAMERAS["still"]).paint, frames=3)
    case.film.path.unlink()
    assert paths(case, Plan(1), folder) == {}


def test_followed_once(tmp_path: Path) -> None:
    """What was followed is kept for the same plan, and followed again for another or when the file is damaged."""
    sign = Sign(CAMERAS["still"])
    case, folder = case_of(tmp_path, sign.paint, frames=6)
    plan = Plan(1, regions=(_region(sign, 2),))
    first = paths(case, plan, folder)
    kept = folder.path / "scene-paths.npz"
    kept.write_bytes(kept.read_bytes()[:100])
    assert paths(case, plan, folder) == first
    away = case.film.path.rename(tmp_path / "away.mp4")
    assert paths(case, plan, folder) == first
    away.rename(case.film.path)
    other = paths(case, Plan(1, regions=(Region(Fraction(0), Box(10, 10, 40, 40)),)), folder)
    assert other != first


def test_what_an_attack_saw_is_covered_next_time(tmp_path: Path) -> None:
    """Places that an attack found are followed like regions, and known ones are not new."""
    sign = Sign(CAMERAS["pan"])
    case, folder = case_of(tmp_path, sign.paint)
    assert add_places(folder, [(20, sign.box(20))])
    assert not add_places(folder, [(20, sign.box(20))])
    assert load_places(folder) == [(20, sign.box(20))]
    assert _least(paths(case, Plan(1), folder), sign) == 1.0


def test_regions_at_the_edge_and_beyond(tmp_path: Path) -> None:
    """A region half outside the picture, or given at the film's very end, is covered where it is in the film."""
    case, folder = case_of(tmp_path, Sign(CAMERAS["still"]).paint, frames=6)
    half, late = Region(Fraction(0), Box(-20, -20, 30, 30)), Region(Fraction(6, 25), Box(200, 100, 240, 140))
    covers = paths(case, Plan(1, regions=(half, late)), folder)
    for index in range(6):
        assert any(c.shared_px(Box(0, 0, 30, 30)) == 900 for c in covers[index])
        assert any(c.shared_px(Box(200, 100, 240, 140)) == 1600 for c in covers[index])


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        (Region(Fraction(0), Box(-50, -50, -10, -10)), "outside of the picture"),
        (Region(Fraction(99), Box(200, 100, 240, 140)), "an instant that the film does not have"),
    ],
)
def test_a_region_that_is_nowhere_is_refused(region: Region, problem: str, tmp_path: Path) -> None:
    """A region outside of the picture, or of the film, covers nothing: that is said, each time, and does not pass."""
    case, folder = case_of(tmp_path, Sign(CAMERAS["still"]).paint, frames=6)
    for _ in range(2):
        with pytest.raises(VeilError, match=problem) as told:
            paths(case, Plan(1, regions=(region,)), folder)
        assert told.value.hint
