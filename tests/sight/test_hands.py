"""Hands: the nets find a drawn one and follow it, faces are no hands, and a silhouette has the hand's shape."""

import numpy as np
import pytest

from tests import faces, hands
from veil.models.topology import LEFT_EYE, RIGHT_EYE
from veil.nouns.picture import Box, Picture, Points
from veil.sight.hands import Hand, Hands, silhouette

SCENE = faces.speaking(12, size=(480, 360))


def _picture(index: int, points: Points | None) -> Picture:
    pixels = SCENE.paint(index).copy()
    if points is not None:
        hands.draw_hand(pixels, points)
    return faces.picture_of(pixels)


def _head(index: int) -> Box:
    mesh = SCENE.actors[0].mesh(index)
    assert mesh is not None
    return faces.face_of(mesh).box


def _found(place: list[Points | None]) -> list[list[Hand]]:
    eyes = Hands()
    return [eyes.step(_picture(i, points), [_head(i)]) for i, points in enumerate(place)]


def test_a_hand_is_found_and_followed() -> None:
    """A drawn hand beside a face is found within a few frames and followed, to a tenth of the palm's length."""
    true = [hands.open_hand(140 + 3 * i, 340, 62, 12) for i in range(12)]
    found = _found(list(true))
    assert all(len(f) == 1 for f in found[3:])
    for points, (hand,) in zip(true[3:], found[3:], strict=True):
        assert np.abs(hand.points[:, :2] - points[:, :2]).mean() < 0.1 * 62


def test_a_bare_face_has_no_hand() -> None:
    """Where there is none, no hand is found, and a face is never taken for one."""
    assert not any(_found([None] * 12))
    mesh, eyes = SCENE.actors[0].mesh(0), Hands()
    assert mesh is not None
    middles = np.stack([mesh[RIGHT_EYE, :2].mean(0), mesh[LEFT_EYE, :2].mean(0)])
    assert not eyes.takes(_picture(0, None), _head(0), middles)


@pytest.mark.parametrize("shift", [0.0, -160.0])
def test_what_lies_under_a_hand_is_the_hand(shift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a detector takes for a face is a hand where box and eyes lie under one that the net sees; else it is not."""
    points = hands.open_hand(240, 350, 90)
    monkeypatch.setattr(Hands, "_fit", lambda *_: Hand(points, 1.0))
    palm = points[[0, 5, 9, 13, 17], :2]
    box = Box.around(np.stack([palm.min(0) + (8, 4), palm.max(0) - (8, 30)]))
    eyes = (np.array([box.left, box.top]) + np.array([[0.4, 0.4], [0.6, 0.4]]) * (box.width, box.height)).astype(
        np.float32
    )
    moved = Box(box.left + round(shift), box.top, box.right + round(shift), box.bottom)
    taken = Hands().takes(_picture(0, points), moved, eyes + np.array([shift, 0], np.float32))
    assert taken is (shift == 0)
    assert not Hands().takes(_picture(0, points), box, eyes - np.array([0, 200], np.float32))


def test_a_silhouette_has_the_shape_of_the_hand() -> None:
    """The silhouette of the true points holds nine tenths of the drawn hand, and little else."""
    points = hands.open_hand(200, 300, 90, 20)
    true = hands.draw_hand(np.zeros((360, 480, 3), np.uint8), points) > 0.5
    drawn = silhouette(points, (360, 480)) > 0.5
    assert (true & drawn).sum() > 0.9 * true.sum()
    assert (drawn & ~true).sum() < 0.2 * true.sum()
    assert silhouette(points, (360, 480), -0.05).sum() < drawn.sum() < silhouette(points, (360, 480), 0.05).sum()
