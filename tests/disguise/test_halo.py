"""The halo: the viewer sees that the face is a double, and nothing of the face below it is spread."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.disguise import Strength, wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.halo import Haloed
from veil.models.topology import OVAL
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Box, Pixels

SIZE = 320, 260
TOUCHED_PX = 3  # so far inside the outline the double's own soft edge holds a trace of the film


@pytest.fixture(scope="module")
def double() -> FaceDouble:
    """Return a double on a witness."""
    return FaceDouble(wardrobe.double("boris"), faces.calm_face("farah"))


def a_face(ears_px: float = 110, yaw_deg: float = 0, sure: Sure = Sure.FITTED, strength: float = 0.0) -> Face:
    """Return a face in the middle of the picture."""
    return faces.face_of(faces.posed("farah", faces.Pose(160, 130, ears_px, yaw_deg)), "farah", sure, strength)


def a_picture(seed: int = 1) -> Pixels:
    """Return a picture full of detail."""
    return np.random.default_rng(seed).integers(0, 256, (*SIZE[::-1], 3), np.uint8)


def worn(disguise: FaceDouble | Haloed, picture: Pixels, face: Face) -> Pixels:
    """Return the whole picture with the disguise in it."""
    box = disguise.reach(face).clipped(*SIZE)
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    out = picture.copy()
    out[rows, columns] = disguise.wear(np.ascontiguousarray(picture[rows, columns]), face.moved(-box.left, -box.top), 3)
    return out


def inside(face: Face, by_px: int = 0) -> NDArray[np.bool_]:
    """Return which pixels lie inside the outline, by at least so much."""
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(face.mesh[OVAL, :2].round().astype(np.int32)), 1)
    return cv2.erode(mask, np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8)) > 0


@pytest.mark.parametrize("share", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("yaw_deg", [0, 30])
def test_nothing_of_the_face_is_spread(double: FaceDouble, share: float, yaw_deg: float) -> None:
    """Repaint the face inside its outline, and the haloed result changes nowhere that the bare double did not."""
    face, picture = a_face(yaw_deg=yaw_deg), a_picture()
    other = picture.copy()
    other[inside(face)] = 255 - other[inside(face)]
    haloed = Haloed(double, share)
    bare = np.any(worn(double, picture, face) != worn(double, other, face), axis=2)
    soft = np.any(worn(haloed, picture, face) != worn(haloed, other, face), axis=2)
    assert not (soft & ~bare).any()
    assert not soft[inside(face, TOUCHED_PX)].any()


def test_it_is_seen_and_grows(double: FaceDouble) -> None:
    """Along the outline the picture loses detail, more for a higher share; the features of the double keep all."""
    face, picture = a_face(), a_picture()
    outline = inside(face) & ~inside(face, 2)
    left = []
    for share in (0.0, 0.5, 1.0, 2.0, 3.0):
        detail = cv2.Laplacian(worn(Haloed(double, share), picture, face).astype(np.float32), cv2.CV_32F)
        around = cv2.dilate(outline.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        left.append(float(np.abs(detail[around]).mean()))
    assert left == sorted(left, reverse=True)
    assert left[2] < 0.6 * left[0]
    features = inside(face, 16)
    assert np.array_equal(worn(Haloed(double, 1.0), picture, face)[features], worn(double, picture, face)[features]), (
        "the halo reaches into the face"
    )


def test_far_away_nothing_changes(double: FaceDouble) -> None:
    """Outside what it says that it reaches, and a quarter of the face away, the picture stays as it was."""
    face, picture = a_face(80), a_picture()
    out = worn(Haloed(double, 3.0), picture, face)
    far = Box.around(face.mesh[OVAL]).grown(0.3)
    free = np.ones(SIZE[::-1], bool)
    free[max(0, far.top) : far.bottom, max(0, far.left) : far.right] = False
    assert free.any()
    assert np.array_equal(out[free], picture[free])


@pytest.mark.parametrize(
    "face",
    [a_face(sure=Sure.SEEN), a_face(sure=Sure.LOST), a_face(strength=1.0), a_face(ears_px=22)],
    ids=["seen", "lost", "in shadow", "small"],
)
def test_where_there_is_no_double_there_is_no_halo(double: FaceDouble, face: Face) -> None:
    """A head in shadow and a face of a few pixels leave as the disguise itself made them."""
    assert np.array_equal(worn(Haloed(double, 1.0), a_picture(), face), worn(double, a_picture(), face))


def test_zero_is_none(double: FaceDouble) -> None:
    """At a share of zero the disguise is what it was, name and strength included."""
    bare = Haloed(double, 0.0)
    assert np.array_equal(worn(bare, a_picture(), a_face()), worn(double, a_picture(), a_face()))
    assert (bare.name, bare.strength) == ("double", Strength.DOUBLE)
    assert bare.reach(a_face()) == double.reach(a_face())


def test_it_goes_as_the_shadow_comes(double: FaceDouble) -> None:
    """Half in shadow, the halo is half as strong: nothing pops."""
    face, picture = a_face(), a_picture()

    def change(strength: float) -> float:
        here = replace(face, strength=strength)
        haloed, bare = (worn(d, picture, here).astype(int) for d in (Haloed(double, 1.0), double))
        return float(np.abs(haloed - bare)[~inside(face)].mean())

    assert change(0) > change(0.5) > change(0.9) > 0
