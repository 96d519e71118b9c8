"""Bodies: a head whose face shows is found, the back of a head and an empty room are none."""

import pytest

from tests import faces
from veil.adversary.bodies import Bodies
from veil.nouns.picture import Box


@pytest.fixture(scope="module")
def bodies() -> Bodies:
    """Return one net for all tests."""
    return Bodies()


def test_heads_are_found_where_they_are(bodies: Bodies) -> None:
    """Two people who stand side by side are two heads, in their places."""
    scene = faces.crossing()
    heads = bodies.heads(faces.picture_of(scene.paint(0)))
    for oval in scene.truth(0):
        assert max((h.box.overlap(Box.around(oval)) for h in heads), default=0) > 0.3


def test_an_empty_room_has_no_heads(bodies: Bodies) -> None:
    """Where nobody is, nobody is found."""
    for sky in range(4):
        assert not bodies.heads(faces.picture_of(faces.backdrop(320, 240, sky)))


@pytest.mark.parametrize("size", [(33, 31), (640, 48), (48, 640)])
def test_any_shape(bodies: Bodies, size: tuple[int, int]) -> None:
    """Pictures of any shape are searched."""
    bodies.heads(faces.picture_of(faces.backdrop(*size, 1)))
