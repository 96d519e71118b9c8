"""The contract that every disguise keeps, one suite for all: what it covers, what it may not touch or remember."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import faces
from veil.disguise import Disguise, Strength, wardrobe
from veil.disguise.faces.blackout import Blackout, whole_head
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.shadow import Shadow
from veil.models.topology import OVAL
from veil.nouns.cast import Face, Sure
from veil.nouns.picture import Box, Pixels, Points

WIDTH, HEIGHT = 200, 160
REFUSALS = (ArithmeticError, ValueError, IndexError, cv2.error, np.linalg.LinAlgError)
"""What the cutting room takes for "I cannot": it then takes the blackout."""
FULL = 0.999  # more than this share of the pixels owed


def _double() -> Disguise:
    return FaceDouble(wardrobe.double("boris"), faces.calm_face("farah"))


MAKERS: dict[str, Callable[[], Disguise]] = {"double": _double, "shadow": Shadow, "blackout": Blackout}
MADE: dict[str, Disguise] = {}


@pytest.fixture(params=sorted(MAKERS))
def disguise(request: pytest.FixtureRequest) -> Disguise:
    """Return each disguise in turn; made once, for they keep no state."""
    return MADE.setdefault(request.param, MAKERS[request.param]())


SIDES = st.sampled_from(["front", "turned", "seen", "lost", "fading"])


def a_face(side: str = "front", x: float = 100, y: float = 80, ears_px: float = 60, roll_deg: float = 0) -> Face:
    """Return a face in a picture of WIDTH by HEIGHT."""
    yaw = 35 if side == "turned" else 0
    mesh = faces.posed("farah", faces.Pose(x, y, ears_px, yaw, 5, roll_deg, (("jawOpen", 0.4),)))
    sure = {"seen": Sure.SEEN, "lost": Sure.LOST}.get(side, Sure.FITTED)
    strength = {"seen": 1.0, "lost": 1.0, "fading": 0.4}.get(side, 0.0)
    return faces.face_of(mesh, "farah", sure, strength)


def a_picture(seed: int, kind: str = "noise") -> Pixels:
    """Return a picture of noise, of one colour, or striped, by its seed."""
    noise = np.random.default_rng(seed)
    if kind == "flat":
        return np.full((HEIGHT, WIDTH, 3), noise.integers(0, 256, 3), np.uint8)
    if kind == "stripes":
        return (
            np.repeat((np.arange(WIDTH) // (1 + seed % 7) % 2 * 255)[None, :, None], 3, 2)
            .repeat(HEIGHT, 0)
            .astype(np.uint8)
        )
    return noise.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def worn(disguise: Disguise, picture: Pixels, face: Face, seed: int = 7) -> tuple[Box, Pixels, Pixels]:
    """Return the box a disguise asked for, the patch it got and the patch it gave, as the cutting room does it."""
    box = disguise.reach(face).clipped(picture.shape[1], picture.shape[0])
    patch = np.ascontiguousarray(picture[box.top : box.bottom, box.left : box.right])
    patch.flags.writeable = False
    return box, patch, disguise.wear(patch, face.moved(-box.left, -box.top), seed)


def owed(disguise: Disguise, face: Face, box: Box) -> NDArray[np.bool_]:
    """Return which pixels of the patch must hold nothing of the patch."""
    mask = np.zeros((box.height, box.width), np.uint8)
    here = face.moved(-box.left, -box.top)
    if disguise.strength is Strength.DOUBLE and face.sure is Sure.FITTED and face.strength < 1:
        cv2.fillConvexPoly(mask, cv2.convexHull(here.mesh[OVAL, :2].round().astype(np.int32)), 1)
        return eroded(mask, RIM_PX)
    head = whole_head(here.box)
    middle = round(head.centre[0]), round(head.centre[1])
    cv2.ellipse(mask, middle, (max(0, head.width // 2 - 1), max(0, head.height // 2 - 1)), 0, 0, 360, 1, -1)
    return mask > 0


RIM_PX = 3
"""The double's edge is soft: so far inside the oval a trace of the patch may still cross."""


def eroded(mask: NDArray[np.uint8], by_px: int) -> NDArray[np.bool_]:
    """Return the mask without its rim; the edge of the patch is none."""
    return cv2.erode(mask, np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8), borderValue=1) > 0


@pytest.mark.parametrize("side", ["front", "turned", "seen", "lost", "fading"])
def test_a_new_patch_of_the_same_kind(disguise: Disguise, side: str) -> None:
    """A disguise returns a new patch of the same shape and dtype and never writes to the one it was given."""
    picture = a_picture(1)
    before = picture.copy()
    _, patch, new = worn(disguise, picture, a_face(side))
    assert new.shape == patch.shape
    assert new.dtype == np.uint8
    assert not np.shares_memory(new, patch)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("side", ["front", "turned", "seen", "fading"])
def test_no_memory(disguise: Disguise, side: str) -> None:
    """The same input gives the same output, whatever was worn before, and from a fresh disguise too."""
    face, grainy = a_face(side), replace(a_face(side), grain=4.0)
    first = worn(disguise, a_picture(1), face)[2]
    worn(disguise, a_picture(2, "stripes"), a_face("turned", 60, 70, 40), 99)
    worn(disguise, a_picture(3), a_face("lost", 150, 90, 90), 98)
    assert np.array_equal(worn(disguise, a_picture(1), face)[2], first)
    assert np.array_equal(worn(MAKERS[disguise.name](), a_picture(1), face)[2], first)
    assert np.array_equal(worn(disguise, a_picture(1), grainy, 5)[2], worn(disguise, a_picture(1), grainy, 5)[2])


def test_the_face_itself_is_not_written(disguise: Disguise) -> None:
    """A disguise leaves the face it is told of as it was."""
    face = a_face()
    mesh, light = face.mesh.copy(), face.light.copy()
    worn(disguise, a_picture(1), face)
    assert np.array_equal(face.mesh, mesh)
    assert np.array_equal(face.light, light)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seeds=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    kinds=st.tuples(*[st.sampled_from(["noise", "flat", "stripes"])] * 2),
    side=SIDES,
    x=st.floats(10, 190),
    y=st.floats(10, 150),
    ears_px=st.floats(14, 120),
    roll_deg=st.floats(-50, 50),
)
def test_noninterference(
    disguise: Disguise,
    seeds: tuple[int, int],
    kinds: tuple[str, str],
    side: str,
    x: float,
    y: float,
    ears_px: float,
    roll_deg: float,
) -> None:
    """What covers a face does not depend on the pixels under it: tolerance 0, wherever and whatever they are."""
    face = a_face(side, x, y, ears_px, roll_deg)
    box, _, one = worn(disguise, a_picture(seeds[0], kinds[0]), face)
    _, _, two = worn(disguise, a_picture(seeds[1], kinds[1]), face)
    inside = owed(disguise, face, box)
    assert np.array_equal(one[inside], two[inside])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.floats(-40, 240), y=st.floats(-40, 200), ears_px=st.floats(2, 400), side=SIDES)
def test_any_place_and_size(disguise: Disguise, x: float, y: float, ears_px: float, side: str) -> None:
    """At the picture's edge, half outside it, tiny or huge: what lies in the picture is covered."""
    face = a_face(side, x, y, ears_px)
    box = disguise.reach(face).clipped(WIDTH, HEIGHT)
    if not box.area:
        return
    box, patch, one = worn(disguise, a_picture(4), face)
    two = worn(disguise, ~a_picture(4), face)[2]
    inside = owed(disguise, face, box)
    assert np.array_equal(one[inside], two[inside])
    if inside.sum() > 50:
        assert (one[inside] != patch[inside]).any(1).mean() > 0.9


def _degenerate() -> dict[str, Points]:
    line = np.zeros((478, 3), np.float32)
    line[:, 0] = np.linspace(60, 140, 478)
    line[:, 1] = 80
    flat = faces.posed("farah", faces.Pose(100, 80, 60))
    flat[:, 2] = 0
    huge = faces.posed("farah", faces.Pose(100, 80, 60))
    huge[17] = 1e6, -1e6, 1e6
    mirrored = faces.posed("farah", faces.Pose(100, 80, 60))
    mirrored[:, 0] = 200 - mirrored[:, 0]
    return {
        "one point": np.full((478, 3), 80, np.float32),
        "all zero": np.zeros((478, 3), np.float32),
        "a line": line,
        "no depth": flat,
        "a point far off": huge,
        "inside out": mirrored,
    }


@pytest.mark.parametrize("kind", sorted(_degenerate()))
def test_meshes_that_are_no_faces(disguise: Disguise, kind: str) -> None:
    """A mesh that is no face is covered, or refused so that the cutting room takes the blackout; never let through."""
    head = a_face()
    face = replace(head, mesh=_degenerate()[kind])
    try:
        with np.errstate(all="ignore"):
            box, patch, new = worn(disguise, a_picture(6), face)
    except REFUSALS:
        assert disguise.strength is not Strength.BLACKOUT
        return
    front = face.box.grown(-0.15)
    rows = slice(max(0, front.top - box.top), max(0, front.bottom - box.top))
    columns = slice(max(0, front.left - box.left), max(0, front.right - box.left))
    changed = (new != patch).any(2)[rows, columns]
    assert changed.size
    assert changed.mean() > 0.5, "the face was let through"


@pytest.mark.parametrize("kind", sorted(_degenerate()))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_points_that_are_no_numbers(disguise: Disguise, kind: str, value: float) -> None:
    """Not-a-number in a mesh is covered or refused, and never makes a disguise hang or let the face through."""
    mesh = _degenerate()[kind].copy()
    mesh[::3] = value
    face = replace(a_face(), mesh=mesh)
    try:
        with np.errstate(all="ignore"):
            box, patch, new = worn(disguise, a_picture(6), face)
    except REFUSALS:
        assert disguise.strength is not Strength.BLACKOUT
        return
    front = face.box.grown(-0.15)
    rows = slice(max(0, front.top - box.top), max(0, front.bottom - box.top))
    columns = slice(max(0, front.left - box.left), max(0, front.right - box.left))
    assert (new != patch).any(2)[rows, columns].mean() > 0.5, "the face was let through"


@pytest.mark.parametrize("side", ["front", "turned", "seen", "lost", "fading"])
@pytest.mark.parametrize("ears_px", [6, 24, 60, 300])
def test_reach_holds_the_face(disguise: Disguise, side: str, ears_px: float) -> None:
    """The part of the picture that a disguise asks for holds the face's box and its whole oval."""
    face = a_face(side, ears_px=ears_px)
    reach = disguise.reach(face)
    oval = Box.around(face.mesh[OVAL])
    assert reach.shared_px(face.box) == face.box.area
    if face.sure is Sure.FITTED:
        assert reach.shared_px(oval) == oval.area


def test_a_stronger_cover_leaves_less(disguise: Disguise) -> None:
    """At full strength nothing of a face is left but a dark flat shape, whichever disguise is worn."""
    face = replace(a_face(), strength=1.0)
    box, _, new = worn(disguise, a_picture(8), face)
    face_of_strength_1 = replace(face, sure=Sure.SEEN)
    inside = owed(disguise, face_of_strength_1, box)
    assert new[inside].max() <= 20
    assert new[inside].std(0).max() < 2


def test_the_double_shows_the_expression() -> None:
    """The double does what the witness does: another mouth changes the result, inside the outline."""
    double, picture = _double(), a_picture(1)
    calm, open_mouth = (
        faces.face_of(faces.posed("farah", faces.Pose(100, 80, 60, moves=(("jawOpen", jaw),))), "farah")
        for jaw in (0.0, 0.6)
    )
    one, two = (double.wear(picture, face, 7) for face in (calm, open_mouth))
    assert np.abs(one.astype(int) - two).max() > 40


@pytest.mark.parametrize("name", wardrobe.names())
def test_every_double_can_be_worn(name: str) -> None:
    """Every double that ships draws a whole face: nothing of the patch is left inside the outline."""
    double, face = FaceDouble(wardrobe.double(name), faces.calm_face("farah")), a_face("turned")
    box, _, one = worn(double, a_picture(1), face)
    two = worn(double, a_picture(2), face)[2]
    inside = owed(double, face, box)
    assert (one == two).all(2)[inside].mean() >= FULL


def test_strengths_only_go_up() -> None:
    """The disguises differ in strength, and the blackout is the strongest."""
    strengths = {name: maker().strength for name, maker in MAKERS.items()}
    assert len(set(strengths.values())) == len(strengths)
    assert max(strengths, key=lambda n: strengths[n]) == "blackout"
