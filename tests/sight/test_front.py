"""What is in front of a face: hands are kept where they hide it, and no face is ever taken for a hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, hands
from veil.models.topology import LEFT_EYE, OVAL, RIGHT_EYE
from veil.nouns.front import Front
from veil.nouns.picture import Points
from veil.sight.front import Fronts
from veil.sight.hands import Hand

SIZE = (480, 360)
SCENE = faces.speaking(30, size=SIZE)
STILL = np.zeros(21, np.float32)


def _mesh(index: int, scene: faces.Scene = SCENE) -> Points:
    mesh = scene.actors[0].mesh(index)
    assert mesh is not None
    return mesh


def _looked(place: Points | None, *, drawn: bool, scene: faces.Scene = SCENE, way: float = 0.0) -> Front | None:
    """Look at a bare face for a while; return what is in front of it when a hand is said to be in a place."""
    fronts = Fronts()
    for index in range(10):
        assert fronts.look(faces.picture_of(scene.paint(index)), "T1", _mesh(index, scene), [], index) is None
    pixels = scene.paint(10).copy()
    if drawn and place is not None:
        hands.draw_hand(pixels, place)
    said = [] if place is None else [Hand(place, 1.0, STILL + np.float32(way))]
    return fronts.look(faces.picture_of(pixels), "T1", _mesh(10, scene), said, 10)


def _kept(front: Front | None) -> NDArray[np.float32]:
    box = faces.picture_of(SCENE.paint(0)).box
    return np.zeros((box.height, box.width), np.float32) if front is None else front.onto(box)


def test_a_hand_before_a_face_is_kept() -> None:
    """Most of a hand before the cheek is kept, and next to nothing of the face beside it."""
    points = hands.open_hand(160, 300, 80, 12)
    true = hands.draw_hand(SCENE.paint(10).copy(), points) > 0.5
    kept, inside = _kept(_looked(points, drawn=True)), SCENE.inside(10)
    assert (true & inside).sum() > 500, "the hand is not before the face"
    assert kept[true & inside].mean() > 0.6
    assert kept[~true & inside].sum() < 0.02 * inside.sum()


PLACES = [(160, 300, 80, 12), (240, 340, 80, 0), (300, 320, 70, -15), (240, 260, 60, 40), (200, 120, 50, 90)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("look", [None, faces.scarred, faces.speckled(24, 0.3)], ids=["plain", "scarred", "speckled"])
def test_a_face_is_no_hand(place: tuple[float, float, float, float], look: faces.Look | None) -> None:
    """Where a net sees a hand and the picture shows the face, repainted or not, nothing is kept: law 2."""
    scene = faces.wearing(SCENE, look) if look else SCENE
    assert _looked(hands.open_hand(*place), drawn=False, scene=scene) is None


def test_eyes_are_never_in_front() -> None:
    """A hand before an eye does not keep the eye."""
    mesh = _mesh(10)
    eye = mesh[RIGHT_EYE, :2].mean(0)
    points = hands.open_hand(float(eye[0]) - 6, float(eye[1]) + 120, 75)
    kept = _kept(_looked(points, drawn=True))
    for ring in (RIGHT_EYE, LEFT_EYE):
        x, y = mesh[ring, :2].mean(0).round().astype(int)
        assert kept[y - 2 : y + 3, x - 3 : x + 4].max() == 0


def test_too_much_is_nothing() -> None:
    """A hand that hides most of a face is not kept: the cover wins."""
    low, high = _mesh(10)[OVAL, :2].min(0), _mesh(10)[OVAL, :2].max(0)
    points = hands.open_hand(float((low[0] + high[0]) / 2), float(high[1]) + 20, 130)
    assert _looked(points, drawn=True) is None


def test_a_quick_hand_is_not_kept() -> None:
    """A hand that flies past is blurred, and the face shows through it: it is not kept."""
    points = hands.open_hand(160, 300, 80, 12)
    assert _looked(points, drawn=True, way=0.5) is None
    assert _looked(points, drawn=True, way=0.1) is not None


def test_an_unknown_face_has_nothing_before_it() -> None:
    """Before a face was seen bare for a few frames, nothing is believed; so it is after a cut."""
    points = hands.open_hand(160, 300, 80, 12)
    pixels = SCENE.paint(0).copy()
    hands.draw_hand(pixels, points)
    picture, said = faces.picture_of(pixels), [Hand(points, 1.0, STILL)]
    fronts = Fronts()
    assert fronts.look(picture, "T1", _mesh(0), said, 0) is None
    for index in range(10):
        fronts.look(faces.picture_of(SCENE.paint(index)), "T1", _mesh(index), [], index)
    fronts.cut()
    assert fronts.look(picture, "T1", _mesh(0), said, 10) is None


def test_a_small_face_is_covered_whole() -> None:
    """In front of a face of a few pixels nothing is kept."""
    scene = faces.Scene((replace(SCENE.actors[0], path=lambda _: faces.Pose(100, 80, 18)),), 12, SIZE)
    assert _looked(hands.open_hand(95, 100, 12), drawn=True, scene=scene) is None
