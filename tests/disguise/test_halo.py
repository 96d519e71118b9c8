"""The halo: the viewer sees that the face is a double, and nothing of the face below it is spread."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.halo import Halo
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
    return faces.face_of(
        faces.posed("farah", faces.Pose(160, 130, ears_px, yaw_deg)), "farah", sure=sure, strength=strength
    )


def a_picture(seed: int = 1) -> Pixels:
    """Return a picture full of detail."""
    return np.random.default_rng(seed).integers(0, 256, (*SIZE[::-1], 3), np.uint8)


def worn(double: FaceDouble, picture: Pixels, face: Face, share: float = 0.0) -> Pixels:
    """Return the whole picture with the double in it, and a halo of that share."""
    out = _put(picture, double.reach(face), lambda patch, here: double.wear(patch, here, 3), face)
    halo = Halo(share)
    return _put(out, halo.reach(face), halo.lay, face)


def _put(picture: Pixels, reach: Box, wear: Callable[[Pixels, Face], Pixels], face: Face) -> Pixels:
    box, out = reach.clipped(*SIZE), picture.copy()
    if box.area:
        patch = np.ascontiguousarray(picture[box.top : box.bottom, box.left : box.right])
        out[box.top : box.bottom, box.left : box.right] = wear(patch, face.moved(-box.left, -box.top))
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
    bare = np.any(worn(double, picture, face) != worn(double, other, face), axis=2)
    soft = np.any(worn(double, picture, face, share) != worn(double, other, face, share), axis=2)
    assert not (soft & ~bare).any()
    assert not soft[inside(face, TOUCHED_PX)].any()


def test_it_is_seen_and_grows(double: FaceDouble) -> None:
    """Along the outline the picture loses detail, more for a higher share; the features of the double keep all."""
    face, picture = a_face(), a_picture()
    outline = inside(face) & ~inside(face, 2)
    left = []
    for share in (0.0, 0.5, 1.0, 2.0, 3.0):
        detail = cv2.Laplacian(worn(double, picture, face, share).astype(np.float32), cv2.CV_32F)
        around = cv2.dilate(outline.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        left.append(float(np.abs(detail[around]).mean()))
    assert left == sorted(left, reverse=True)
    assert left[2] < 0.6 * left[0]
    features = inside(face, 16)
    assert np.array_equal(worn(double, picture, face, 1.0)[features], worn(double, picture, face)[features]), (
        "the halo reaches into the face"
    )


def test_far_away_nothing_changes(double: FaceDouble) -> None:
    """Outside what it says that it reaches, and a quarter of the face away, the picture stays as it was."""
    face, picture = a_face(80), a_picture()
    out = worn(double, picture, face, 3.0)
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
    assert np.array_equal(worn(double, a_picture(), face, 1.0), worn(double, a_picture(), face))


def test_zero_is_none() -> None:
    """At a share of zero nothing of the picture is asked for."""
    assert not Halo(0.0).reach(a_face()).area


def test_what_is_in_front_stays_sharp(double: FaceDouble) -> None:
    """A nearer face, and what is told to be before the face, keeps every detail in the midst of the band."""
    face, picture = a_face(), a_picture()
    nearer = faces.face_of(faces.posed("goran", faces.Pose(235, 150, 70)), "goran")
    before = np.zeros(SIZE[::-1], np.float32)
    before[140:200, 90:130] = 1
    dressed = worn(double, picture, face)
    plain, spared = Halo(2.0).lay(dressed, face), Halo(2.0).lay(dressed, face, [nearer], before)
    for mask in (inside(nearer, 1), before > 0):
        assert (plain != dressed)[mask].any(), "the control: the halo reaches there"
        assert np.array_equal(spared[mask], dressed[mask])


def test_it_goes_as_the_shadow_comes(double: FaceDouble) -> None:
    """Half in shadow, the halo is half as strong: nothing pops."""
    face, picture = a_face(), a_picture()

    def change(strength: float) -> float:
        here = replace(face, strength=strength)
        haloed, bare = (worn(double, picture, here, share).astype(int) for share in (1.0, 0.0))
        return float(np.abs(haloed - bare)[~inside(face)].mean())

    assert change(0) > change(0.5) > change(0.9) > 0


def test_nothing_kept_in_front_is_spread(double: FaceDouble) -> None:
    """What is kept in front of a face, and what film lies at its edge, stays where it is."""
    face, halo = a_face(), Halo(1.0)
    low = face.mesh[152, :2].round().astype(int)
    kept = np.zeros(SIZE[::-1], np.float32)
    kept[low[1] - 12 : low[1] + 30, low[0] - 20 : low[0] + 20] = 1
    plain = worn(double, a_picture(), face)
    other = plain.copy()
    other[kept > 0] = 255 - other[kept > 0]
    one, two = (halo.lay(picture, face, before=kept) for picture in (plain, other))
    assert np.array_equal(one[kept == 0], two[kept == 0])
    assert np.array_equal(one[kept > 0], plain[kept > 0])
