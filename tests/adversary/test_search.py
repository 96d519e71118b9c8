"""The adversary's eyes: they find a synthetic face large and small, turned, and nobody in an empty room."""

import numpy as np
import pytest

from tests import faces
from veil.adversary.cascade import Cascade
from veil.adversary.search import Search, Sight
from veil.adversary.views import VIEWS, View
from veil.nouns.picture import Box, Points


@pytest.fixture(scope="module")
def search() -> Search:
    """Return one searcher for all tests."""
    return Search()


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    """Return one searcher of the other kind for all tests."""
    return Cascade()


def _best(oval: Points, sights: list[Sight]) -> float:
    return max((s.box.overlap(Box.around(oval)) for s in sights), default=0)


@pytest.mark.parametrize("name", ["speaking", "small", "crossing", "cut in mid-turn"])
def test_finds_faces(search: Search, name: str) -> None:
    """Every face of a frame is found where it is, at the quick size."""
    scene = faces.SCENES[name]()
    for index in (0, 5, scene.frames - 1):
        found = search.sights(faces.picture_of(scene.paint(index)), 352, 0.35)
        assert all(_best(oval, found) > 0.35 for oval in scene.truth(index))


def test_the_other_kind_finds_faces(search: Search, cascade: Cascade) -> None:
    """MTCNN finds a face that looks ahead, large and small, and puts its five points where CenterFace does."""
    for scene in (faces.speaking(), faces.small()):
        picture = faces.picture_of(scene.paint(0))
        found = cascade.sights(picture, 480, 0.7)
        assert _best(scene.truth(0)[0], found) > 0.35
        apart = found[0].points - search.sights(picture, 480, 0.5)[0].points
        assert np.linalg.norm(apart, axis=1).max() < 0.25 * found[0].box.width


def test_points_lie_on_the_face(search: Search) -> None:
    """Eyes come before the nose and the mouth, from the picture's left to its right, near the true ones."""
    scene = faces.speaking()
    mesh = scene.actors[0].mesh(0)
    assert mesh is not None
    points = search.sights(faces.picture_of(scene.paint(0)), 320, 0.5)[0].points
    truth = np.stack(
        [mesh[[33, 133], :2].mean(0), mesh[[263, 362], :2].mean(0), mesh[1, :2], mesh[61, :2], mesh[291, :2]]
    )
    assert np.linalg.norm(points - truth, axis=1).max() < 0.12 * scene.actors[0].path(0).ears_px  # type: ignore[union-attr]


def test_finds_nobody_where_nobody_is(search: Search, cascade: Cascade) -> None:
    """In rooms without people nobody is found, at either size, by either kind."""
    for sky in range(3):
        picture = faces.picture_of(faces.backdrop(320, 240, sky))
        assert not search.sights(picture, 352, 0.55)
        assert not search.sights(picture, 736, 0.55)
        assert not cascade.sights(picture, 384, 0.9)


def test_best_first_and_apart(search: Search) -> None:
    """Faces come best first, scored 0 to 1, each once."""
    found = search.sights(faces.picture_of(faces.crossing().paint(0)), 352, 0.3)
    scores = [s.score for s in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(a.box.overlap(b.box) < 0.5 for i, a in enumerate(found) for b in found[i + 1 :])


def test_a_part_is_searched_in_the_pictures_own_coordinates(search: Search, cascade: Cascade) -> None:
    """What is found in a part of a picture lies where it lies in the whole."""
    scene = faces.small()
    picture, oval = faces.picture_of(scene.paint(3)), scene.truth(3)[0]
    around = Box.around(oval).grown(1.0)
    assert _best(oval, search.sights(picture, 160, 0.5, around)) > 0.4
    assert _best(oval, cascade.sights(picture, 112, 0.7, around)) > 0.4


@pytest.mark.parametrize("size", [(33, 31), (640, 48), (48, 640), (2, 2), (1, 9)])
def test_any_shape(search: Search, cascade: Cascade, size: tuple[int, int]) -> None:
    """Pictures of any shape, odd, narrow and tiny, are searched."""
    picture = faces.picture_of(
        faces.backdrop(*size, 1) if min(size) > 20 else np.zeros((size[1], size[0], 3), np.uint8)
    )
    search.sights(picture, 352, 0.5)
    cascade.sights(picture, 352, 0.5)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_what_a_view_shows_goes_back_to_its_place(view: View) -> None:
    """A point that is seen in a turned, mirrored or lifted picture is found again where it was."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[10:14, 20:26] = 200
    seen = view.of(pixels)
    rows, columns = np.nonzero(seen[..., 0])
    box = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    sight = view.back(Sight(box, 1.0, np.array([[box.left, box.top]], np.float32)), 60, 40)
    assert sight.box == Box(20, 10, 26, 14)
    assert sight.points[0, 0] in {20, 26}
    assert sight.points[0, 1] in {10, 14}


def test_a_mirrored_face_keeps_its_points_in_order() -> None:
    """Five points that were seen in a mirrored picture go from left to right once it is the right way round again."""
    seen = np.array([[30, 40], [50, 40], [41, 52], [33, 62], [48, 62]], np.float32)
    sight = Sight(Box(20, 20, 60, 70), 0.9, seen)
    back = View(mirrored=True).back(sight, 100, 80).points
    np.testing.assert_allclose(back, [[50, 40], [70, 40], [59, 52], [52, 62], [67, 62]])
    assert (View().back(sight, 100, 80).points == seen).all()
