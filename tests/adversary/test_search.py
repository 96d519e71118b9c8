"""The adversary's eyes: they find a synthetic face large and small, and nobody in an empty room."""

import pytest

from tests import faces
from veil.adversary.search import Search
from veil.nouns.picture import Box


@pytest.fixture(scope="module")
def search() -> Search:
    """Return one searcher for all tests."""
    return Search()


@pytest.mark.parametrize("name", ["speaking", "small", "crossing", "cut in mid-turn"])
def test_finds_faces(search: Search, name: str) -> None:
    """Every face of a frame is found where it is, at the quick size."""
    scene = faces.SCENES[name]()
    for index in (0, 5, scene.frames - 1):
        found = search.look(faces.picture_of(scene.paint(index)), 352, 0.35)
        for oval in scene.truth(index):
            assert max((box.overlap(Box.around(oval)) for box, _ in found), default=0) > 0.35


def test_finds_nobody_where_nobody_is(search: Search) -> None:
    """In rooms without people nobody is found, at either size."""
    for sky in range(3):
        picture = faces.picture_of(faces.backdrop(320, 240, sky))
        assert not search.look(picture, 352, 0.55)
        assert not search.look(picture, 736, 0.55)


def test_best_first_and_apart(search: Search) -> None:
    """Faces come best first, scored 0 to 1, each once."""
    found = search.look(faces.picture_of(faces.crossing().paint(0)), 352, 0.3)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(a.overlap(b) < 0.5 for i, (a, _) in enumerate(found) for b, _ in found[i + 1 :])


@pytest.mark.parametrize("size", [(33, 31), (640, 48), (48, 640)])
def test_any_shape(search: Search, size: tuple[int, int]) -> None:
    """Pictures of any shape, odd and narrow, are searched."""
    search.look(faces.picture_of(faces.backdrop(*size, 1)), 352, 0.5)
