"""What is in front of a face is told from the face by pictures of it: a hand passes, a piece of the face does not."""

from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, hands
from veil.adversary.in_front import Bare, Before, bare_of, in_front
from veil.adversary.remains import Noise, Owed, Remains, remains
from veil.models.topology import LEFT_EYE, OUTER_LIPS, RIGHT_EYE
from veil.nouns.picture import Pixels, Points

SCENE = faces.wearing(faces.speaking(24, size=(480, 360)), faces.speckled(40, 0.3))
PLACE = hands.open_hand(160, 240, 60, 40)
NOISE = Noise(0.5, 0.5)


def _mesh(index: int) -> Points:
    mesh = SCENE.actors[0].mesh(index)
    assert mesh is not None
    return mesh


@lru_cache(maxsize=1)
def _bare() -> Bare:
    bare = bare_of([(SCENE.paint(i), _mesh(i)) for i in range(0, 16, 2)])
    assert bare is not None
    return bare


def _with_hand() -> tuple[Pixels, NDArray[np.bool_]]:
    """Return a frame with a freckled hand before the face, and where the hand is."""
    film = SCENE.paint(20).copy()
    hand = hands.draw_hand(film, PLACE) > 0.5
    freckles = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, hand.shape), (0, 0), 1.5) * 90
    film[hand] = np.clip(film[hand] + freckles[hand][:, None], 0, 255).astype(np.uint8)
    return film, hand


def _doubled(film: Pixels, index: int) -> Pixels:
    """Return the frame with another face painted over the witness's."""
    actor = faces.Actor("boris", SCENE.actors[0].path)
    other = faces.act(film.copy(), actor, index)
    inside = SCENE.inside(index).astype(np.uint8)
    return np.where(inside[..., None] > 0, other, film).astype(np.uint8)


def _left(film: Pixels, stays: NDArray[np.bool_], *, told: bool = True) -> Remains:
    """Return what is left where everything but `stays` was painted."""
    result = np.where(stays[..., None], film, _doubled(film, 20)).astype(np.uint8)
    owed = Owed(faces.face_of(_mesh(20)).box, _mesh(20), _bare() if told else None)
    return remains(faces.picture_of(film), faces.picture_of(result), owed, NOISE, (), lambda: True)


def test_a_hand_before_a_face_is_not_of_the_face() -> None:
    """A hand that stays as filmed is found where the opponent has no pictures of the face, and passed where it has."""
    film, hand = _with_hand()
    assert (hand & SCENE.inside(20)).sum() > 500
    assert _left(film, hand, told=False).part
    assert not _left(film, hand).part


@pytest.mark.parametrize("part", ["left half", "mouth and chin", "cheek", "right eye"])
def test_a_piece_of_the_face_is_found_all_the_same(part: str) -> None:
    """A piece of the face that stayed is found, beside a hand that stayed, too: law 2."""
    (film, hand), mesh = _with_hand(), _mesh(20)
    stays = np.zeros(film.shape[:2], np.uint8)
    low, high = mesh[:468, :2].min(0).astype(int), mesh[:468, :2].max(0).astype(int)
    middle = (low + high) // 2
    if part == "left half":
        stays[low[1] : high[1], middle[0] : high[0]] = 1
    elif part == "mouth and chin":
        stays[int(mesh[OUTER_LIPS, 1].min()) : high[1], low[0] : high[0]] = 1
    elif part == "cheek":
        cv2.circle(stays, (int(mesh[425, 0]), int(mesh[425, 1])), (high[0] - low[0]) // 5, 1, -1)
    else:
        x, y = mesh[LEFT_EYE, :2].mean(0).astype(int)
        cv2.ellipse(stays, (int(x), int(y) - 6), (34, 26), 0, 0, 360, 1, -1)
    assert _left(film, (stays > 0) & SCENE.inside(20) & ~hand).part
    assert _left(film, ((stays > 0) & SCENE.inside(20)) | hand).part


def test_eyes_are_never_in_front() -> None:
    """Whatever lies there: eyes and brows are of the face."""
    film, mesh = SCENE.paint(20).copy(), _mesh(20)
    x, y = mesh[RIGHT_EYE, :2].mean(0).astype(int)
    film[: y + 40, : x + 30] = (20, 160, 60)
    stayed = np.zeros(film.shape[:2], np.bool_)
    stayed[: y + 40, : x + 30] = True
    found = in_front(film, mesh, _bare(), stayed, palm=True)
    assert found.any()
    assert not found[y, x]


def test_too_few_pictures_tell_nothing() -> None:
    """With less than four pictures of a face the opponent does not judge."""
    assert bare_of([(SCENE.paint(i), _mesh(i)) for i in range(3)]) is None


def test_it_sees_palms() -> None:
    """A palm beside a face is seen, none where there is none."""
    film, box = SCENE.paint(20).copy(), faces.face_of(_mesh(20)).box
    eyes = Before()
    assert not eyes.palm_near(faces.picture_of(film), box)
    hands.draw_hand(film, hands.open_hand(150, 330, 60, 30))
    assert eyes.palm_near(faces.picture_of(film), box)
