"""Detectors: both rooms' own find a synthetic face, and nobody where nobody is."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import faces
from veil.models.topology import BLENDSHAPES
from veil.nouns.picture import Box
from veil.sight.detector import Detector, Sighting, merged, tiles
from veil.sight.meshes import Mesher, Place, place_of_box, place_of_points


@pytest.fixture(scope="module")
def detector() -> Detector:
    """Return one detector for all tests."""
    return Detector()


@pytest.fixture(scope="module")
def mesher() -> Mesher:
    """Return one mesher for all tests."""
    return Mesher()


@pytest.mark.parametrize("name", ["speaking", "crossing", "cut in mid-turn"])
def test_finds_faces(detector: Detector, name: str) -> None:
    """Every face that shows itself is found, where it is."""
    scene = faces.SCENES[name]()
    for index in (0, 3, scene.frames - 1):
        picture = faces.picture_of(scene.paint(index))
        found = detector.look(picture, picture.box, 0.5)
        for oval in scene.truth(index):
            assert max(s.box.overlap(Box.around(oval)) for s in found) > 0.4
        assert len(found) == len(scene.truth(index))


def test_finds_small_faces_in_tiles(detector: Detector) -> None:
    """A face 24 px between the ears is found in a tile of a large picture."""
    small = faces.small()
    scene = faces.Scene(small.actors, small.frames, (1280, 720))
    picture = faces.picture_of(scene.paint(0))
    found = [s for tile in tiles(1280, 720, 320) for s in detector.look(picture, tile, 0.5)]
    assert max(s.box.overlap(Box.around(scene.truth(0)[0])) for s in found) > 0.35


def test_finds_nobody_where_nobody_is(detector: Detector) -> None:
    """In a room without people no face is found."""
    for sky in range(4):
        picture = faces.picture_of(faces.backdrop(320, 240, sky))
        assert not detector.look(picture, picture.box, 0.5)


def test_nobody_is_found_outside(detector: Detector) -> None:
    """Beside the picture, where somebody went who left it, nobody is found, and nothing fails."""
    scene = faces.SCENES["speaking"]()
    picture = faces.picture_of(scene.paint(0))
    wide, high = picture.box.right, picture.box.bottom
    for beside in (Box(wide + 20, 10, wide + 80, 70), Box(10, -90, 70, -20), Box(-70, high, -10, high + 60)):
        assert detector.look(picture, beside, 0.1) == []
        assert detector.doubt(picture, beside.grown(-0.2)) == 1


def test_the_second_net_doubts_what_is_no_face(detector: Detector) -> None:
    """The second net believes in a face, and doubts a wall."""
    scene = faces.speaking()
    picture = faces.picture_of(scene.paint(0))
    assert detector.doubt(picture, Box.around(scene.truth(0)[0])) < 0.4
    assert detector.doubt(picture, Box(5, 160, 65, 230)) > 0.7


@pytest.mark.parametrize("name", ["speaking", "small", "cut in mid-turn"])
def test_the_mesh_fits(detector: Detector, mesher: Mesher, name: str) -> None:
    """The mesh lies on the true one: the mean error of the outline is under 6 % of the face's height."""
    scene = faces.SCENES[name]()
    for index in (0, 6):
        picture = faces.picture_of(scene.paint(index))
        (found,) = detector.look(picture, picture.box, 0.3)
        b = found.box
        points, presence, crop = mesher.fit(picture, place_of_box(b.left, b.top, b.right, b.bottom, found.eyes))
        truth = scene.actors[0].mesh(index)
        assert truth is not None
        assert presence > 0.9
        assert crop.shape == (256, 256, 3)
        off = np.linalg.norm(points[:468, :2] - truth[:468, :2], axis=1).mean()
        assert off < 0.06 * np.ptp(truth[:468, 1])


def test_expressions_are_read(mesher: Mesher) -> None:
    """An open jaw and a blink are read as what they are."""
    for name in ("jawOpen", "mouthSmileLeft"):
        which = BLENDSHAPES.index(name)
        weights = [
            mesher.expression(faces.posed("farah", faces.Pose(100, 100, 90, moves=((name, w),))))[which]
            for w in (0.0, 0.7)
        ]
        assert weights[1] > weights[0] + 0.3


@given(st.integers(40, 4000), st.integers(40, 3000), st.integers(64, 700))
def test_tiles_leave_no_gap(width: int, height: int, side: int) -> None:
    """Tiles cover every pixel, lie in the picture, and overlap so that a face of a fifth of a tile is whole in one."""
    every = tiles(width, height, side)
    columns = sorted({(t.left, t.right) for t in every})
    rows = sorted({(t.top, t.bottom) for t in every})
    for ends, length in ((columns, width), (rows, height)):
        assert ends[0][0] == 0
        assert ends[-1][1] == length
        assert all(later[0] <= first[1] - 0.2 * min(side, length) for first, later in pairwise(ends))
    assert len(every) == len(columns) * len(rows)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(4, 60), st.floats(0.1, 1)), max_size=8))
def test_merged_keeps_the_best_of_each(found: list[tuple[int, int, int, float]]) -> None:
    """What is kept does not overlap, holds the best, and everything dropped overlaps something better that is kept."""
    sightings = [Sighting(Box(x, y, x + s, y + s), score, np.zeros((2, 2), np.float32)) for x, y, s, score in found]
    kept = merged(sightings)
    assert all(a.box.overlap(b.box) < 0.3 for i, a in enumerate(kept) for b in kept[i + 1 :])
    for one in sightings:
        assert any(k is one for k in kept) or any(k.score >= one.score and k.box.shared_px(one.box) for k in kept)


@given(st.floats(-200, 900), st.floats(-200, 900), st.floats(8, 900), st.floats(-3.1, 3.1))
def test_a_place_maps_to_the_middle_of_its_crop(x: float, y: float, side: float, roll: float) -> None:
    """The matrix of a place carries its centre to the crop's centre, and scales its side to the crop's."""
    matrix = Place(x, y, side, roll).to_crop()
    assert np.allclose(matrix @ (x, y, 1), (128, 128), atol=1e-3)
    assert np.isclose(abs(np.linalg.det(matrix[:, :2])), (256 / side) ** 2)


def test_a_place_follows_its_points() -> None:
    """Where a mesh was, its next place is: centre on the face, as wide as half again, rolled with it."""
    for roll in (0.0, 25.0, -40.0):
        mesh = faces.posed("farah", faces.Pose(140, 100, 70, roll_deg=roll))
        place = place_of_points(mesh)
        assert np.hypot(place.x - 140, place.y - 100) < 12
        assert np.isclose(np.degrees(place.roll), roll, atol=4)
        assert 90 < place.side < 190
