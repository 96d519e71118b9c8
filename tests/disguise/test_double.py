"""How a double plays: lips, lids, gaze, teeth, folds and profile follow the witness's, in the light of the shot."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble, smooth_colour
from veil.disguise.faces.eyes import seen_from_afar
from veil.disguise.faces.fit import Fit
from veil.disguise.faces.folds import Expressions, Folds
from veil.disguise.faces.mouth import Mouth
from veil.disguise.faces.shot import in_the_shot
from veil.models.topology import INNER_LIPS, LEFT_EYE, OUTER_LIPS, RIGHT_EYE, STILL, UV
from veil.nouns.double import FOLDS
from veil.nouns.geometry import similarity
from veil.nouns.picture import Pixels, Points

NAMES = ("ada", "boris", "imani")
Moves = tuple[tuple[str, float], ...]


def posed(name: str, moves: Moves = (), yaw_deg: float = 0.0, neutral: Points | None = None) -> tuple[Points, Points]:
    """Return the mesh of a witness (farah) who moves so, and of that double on her."""
    mesh = faces.posed("farah", faces.Pose(200, 200, 150, yaw_deg, moves=moves))
    calm = faces.calm_face("farah") if neutral is None else neutral
    return mesh, Fit(wardrobe.double(name).mesh, calm).pose(mesh).mesh


def parting(mesh: Points) -> float:
    """Return how far the lips stand apart, of the mouth's width."""
    return float(np.linalg.norm(mesh[13] - mesh[14]) / np.linalg.norm(mesh[61] - mesh[291]))


def flesh(mesh: Points) -> NDArray[np.float32]:
    """Return how thick upper and lower lip are, of the face's height."""
    tall = np.linalg.norm(mesh[10] - mesh[152])
    thick = [np.linalg.norm(mesh[0] - mesh[13]) / tall, np.linalg.norm(mesh[17] - mesh[14]) / tall]
    return np.array(thick, np.float32)


def lids(mesh: Points, eye: NDArray[np.int64]) -> float:
    """Return how open an eye is, of its width."""
    gap = np.linalg.norm(mesh[eye[1:8], :2] - mesh[eye[15:8:-1], :2], axis=1).mean()
    return float(gap / np.linalg.norm(mesh[eye[0], :2] - mesh[eye[8], :2]))


def blinking(eyes: tuple[NDArray[np.int64], ...]) -> Points:
    """Return a witness (farah) with these eyes as closed as the net sees closed eyes."""
    mesh = faces.posed("farah", faces.Pose(200, 200, 150))
    for eye in eyes:
        below, above = eye[1:8], eye[15:8:-1]
        mesh[above] = mesh[below] + 0.26 * (mesh[above] - mesh[below])
    return mesh


def worn(name: str, moves: Moves = (), yaw_deg: float = 0.0) -> tuple[Pixels, Points]:
    """Return a picture of that double on a grey ground, and its mesh."""
    mesh = faces.posed("farah", faces.Pose(200, 200, 150, yaw_deg, moves=moves))
    double = FaceDouble(wardrobe.double(name), faces.calm_face("farah"))
    face = faces.face_of(mesh, "farah")
    return double.wear(np.full((400, 400, 3), 90, np.uint8), face, 3), Fit(
        wardrobe.double(name).mesh, faces.calm_face("farah")
    ).pose(mesh).mesh


@pytest.mark.parametrize("name", NAMES)
def test_lips_meet_when_filmed_lips_meet(name: str) -> None:
    """Closed lips are closed on every double, and open ones open in proportion."""
    _, closed = posed(name)
    assert parting(closed) < 0.003
    pairs = [posed(name, (("jawOpen", w),)) for w in (0.2, 0.4, 0.6, 0.8)]
    filmed, shown = (np.array([parting(pair[i]) for pair in pairs]) for i in (0, 1))
    assert np.corrcoef(filmed, shown)[0, 1] > 0.99
    assert 0.7 < np.median(shown / filmed) < 1.4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ajar", [0.0, 0.25])
def test_lips_keep_their_flesh(name: str, ajar: float) -> None:
    """Speaking, smiling, or on a witness whose calm mouth is ajar, a double's lips are about as thick as its own."""
    own = flesh(wardrobe.double(name).mesh)
    calm = faces.posed("farah", faces.Pose(0, 0, 15, moves=(("jawOpen", ajar),)))
    for moves in ((), (("jawOpen", 0.5),), (("mouthSmileLeft", 0.8), ("mouthSmileRight", 0.8), ("jawOpen", 0.2))):
        shown = flesh(posed(name, moves, neutral=calm)[1])
        assert (shown > 0.55 * own).all()
        assert (shown < 1.7 * own).all()


@pytest.mark.parametrize("name", NAMES)
def test_lids_shut_and_wink(name: str) -> None:
    """A blink shuts both eyes, a wink one; open eyes are open alike."""
    fit = Fit(wardrobe.double(name).mesh, faces.calm_face("farah"))
    shut, wink = (fit.pose(blinking(eyes)).mesh for eyes in ((LEFT_EYE, RIGHT_EYE), (LEFT_EYE,)))
    assert max(lids(shut, LEFT_EYE), lids(shut, RIGHT_EYE)) < 0.04
    assert lids(wink, LEFT_EYE) < 0.05
    assert lids(wink, RIGHT_EYE) > 0.15
    _, awake = posed(name)
    assert min(lids(awake, LEFT_EYE), lids(awake, RIGHT_EYE)) > 0.16
    assert abs(lids(awake, LEFT_EYE) - lids(awake, RIGHT_EYE)) < 0.05


def test_a_blink_shows_skin() -> None:
    """Open eyes show white and dark, shut ones skin and the line of the lashes."""
    awake, mesh = worn("ada")
    double = FaceDouble(wardrobe.double("ada"), faces.calm_face("farah"))
    face = faces.face_of(blinking((LEFT_EYE, RIGHT_EYE)), "farah")
    shut = double.wear(np.full((400, 400, 3), 90, np.uint8), face, 3)
    x, y = mesh[468, :2].round().astype(int)
    patch = (slice(y - 3, y + 4), slice(x - 8, x + 9))
    assert np.ptp(awake[patch].max(2).astype(int)) > 80
    white, skin = (int(np.percentile(picture[patch].min(2), 95)) for picture in (awake, shut))
    assert white > 110
    assert skin < white - 20


def test_the_gaze_is_the_witness() -> None:
    """Pupils go where the witness's go."""
    middle = faces.posed("farah", faces.Pose(200, 200, 150))
    calm = faces.calm_face("farah")
    double = FaceDouble(wardrobe.double("luz"), calm)
    places = []
    for off in (-4.0, 0.0, 4.0):
        mesh = middle.copy()
        mesh[468:, 0] += off
        picture = double.wear(np.full((400, 400, 3), 90, np.uint8), faces.face_of(mesh, "farah"), 3)
        eye = mesh[RIGHT_EYE, :2]
        (left, top), (right, bottom) = eye.min(0).astype(int) + (3, 2), eye.max(0).astype(int) - (3, 1)
        dark = np.clip(90 - picture[top:bottom, left:right].astype(float).mean(2), 0, None)
        places.append(float((dark.sum(0) @ np.arange(left, right)) / dark.sum()))
    assert places[0] < places[1] - 1
    assert places[1] < places[2] - 1


def test_an_open_mouth_has_teeth_and_depth() -> None:
    """In an open mouth something is as bright as teeth and something as dark as a throat."""
    picture, mesh = worn("luz", (("jawOpen", 0.7),))
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(inside, [mesh[INNER_LIPS, :2].round().astype(np.int32)], 1)
    luma = picture.mean(2)[cv2.erode(inside, np.ones((3, 3), np.uint8)) > 0]
    assert np.percentile(luma, 98) > 110
    assert np.percentile(luma, 10) < 60


def test_a_grin_does_not_open_the_jaw() -> None:
    """The lower teeth go down with the jaw, and hardly with a grin."""
    calm = faces.calm_face("farah")
    mouth = Mouth(calm, calm, wardrobe.double("luz").mouth)

    def drop(moves: Moves) -> float:
        mesh = faces.posed("farah", faces.Pose(0, 0, 15, moves=moves))
        moved = similarity(calm[STILL], mesh[STILL]).back(mesh) - calm
        return float(np.linalg.norm(mouth.jaw(Expressions(calm).weights(moved))))

    grin = (("mouthSmileLeft", 0.8), ("mouthSmileRight", 0.8), ("mouthUpperUpLeft", 0.5), ("mouthUpperUpRight", 0.5))
    assert drop((("jawOpen", 0.6),)) > 4 * drop(grin)
    assert drop(()) < 0.05


@pytest.mark.parametrize(
    ("fold", "moves"),
    [
        ("brows up", (("browInnerUp", 0.8), ("browOuterUpLeft", 0.8), ("browOuterUpRight", 0.8))),
        ("frown", (("browDownLeft", 0.9), ("browDownRight", 0.9))),
        ("smile", (("mouthSmileLeft", 0.9), ("mouthSmileRight", 0.9))),
        ("pucker", (("mouthPucker", 0.9),)),
        ("mouth open", (("jawOpen", 0.8),)),
    ],
)
def test_folds_come_with_their_expression(fold: str, moves: Moves) -> None:
    """A calm face has no folds; an expression brings its own, which marks the skin, and no other half as deep."""
    calm = faces.calm_face("farah")
    maps = np.full((len(FOLDS), 64, 64), 128, np.uint8)
    k = FOLDS.index(fold)
    maps[k, 20:40] = 90
    folds, told = Folds(maps), Expressions(calm)
    assert folds.depths(told.weights(np.zeros((478, 3), np.float32))).max() == 0
    mesh = faces.posed("farah", faces.Pose(0, 0, 15, moves=moves))
    depths = folds.depths(told.weights(similarity(calm[STILL], mesh[STILL]).back(mesh) - calm))
    assert depths[k].min() > 0.5
    assert np.delete(depths, [k, FOLDS.index("squint")], 0).max() < 0.6 * depths[k].max()
    atlas = np.full((64, 64, 3), 150, np.uint8)
    folded = folds.on(atlas, depths)
    assert folded[30].max() < 150
    assert (folded[10] == 150).all()
    assert atlas.min() == 150


def test_one_brow_folds_its_own_half() -> None:
    """A brow that goes up alone folds its own half deeper."""
    calm = faces.calm_face("farah")
    mesh = faces.posed("farah", faces.Pose(0, 0, 15, moves=(("browOuterUpLeft", 1.0), ("browInnerUp", 0.3))))
    told = Expressions(calm).weights(similarity(calm[STILL], mesh[STILL]).back(mesh) - calm)
    right, left = Folds(np.full((6, 64, 64), 128, np.uint8)).depths(told)[0]
    assert left > right + 0.05


def test_a_double_without_folds_is_worn() -> None:
    """Skin that does not fold is drawn as it is, and maps of nothing change nothing."""
    bare = replace(wardrobe.double("boris"), folds=None)
    flat = replace(bare, folds=np.full((6, *bare.atlas.shape[:2]), 128, np.uint8))
    face = faces.face_of(faces.posed("farah", faces.Pose(200, 200, 150, moves=(("browInnerUp", 1.0),))), "farah")
    patch = np.full((400, 400, 3), 90, np.uint8)
    one, two = (FaceDouble(d, faces.calm_face("farah")).wear(patch, face, 1) for d in (bare, flat))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("yaw_deg", [-62, 62])
def test_a_profile_covers_a_longer_nose(yaw_deg: float) -> None:
    """In near profile nothing of a witness with a much longer nose stands out beyond the double's outline."""
    mesh = faces.posed("farah", faces.Pose(200, 200, 150, yaw_deg))
    nose = np.exp(-0.5 * np.square(np.linalg.norm(UV - UV[4], axis=1) / 0.06))[:, None]
    turn = similarity(faces.calm_face("farah")[STILL], mesh[STILL])
    longer = mesh.copy()
    longer[:468] += turn.directions((nose * (0, 0, -1.2)).astype(np.float32))
    calm = faces.calm_face("farah")
    calm[:468] += (nose * (0, 0, -1.2)).astype(np.float32)
    shown = Fit(wardrobe.double("ada").mesh, calm).pose(longer).mesh
    towards = float(np.sign(longer[4, 0] - longer[[234, 454], 0].mean()))
    assert (towards * shown[:468, 0]).max() > (towards * longer[:468, 0]).max() - 2.5


def _canvas() -> NDArray[np.float32]:
    canvas = np.zeros((80, 80, 4), np.float32)
    canvas[20:60, 20:60] = (150, 100, 70, 1)
    canvas[35:45, 35:45, :3] = 20
    return canvas


def test_grey_film_gets_a_grey_double() -> None:
    """Where skin has no colour in the film, the double has none; where it has, the double keeps its own."""
    face = faces.face_of(faces.posed("farah", faces.Pose(40, 40, 30)), "farah")
    grey = in_the_shot(_canvas(), face, np.array([90, 90, 90], np.float32), 30)
    assert np.ptp(grey[..., :3], axis=2).max() < 0.01
    coloured = in_the_shot(_canvas(), face, np.array([150, 110, 90], np.float32), 30)
    assert np.array_equal(coloured, _canvas())


def test_flat_film_gets_a_flat_double() -> None:
    """In material with lifted blacks the double's own darks are lifted; its cover stays."""
    face = replace(faces.face_of(faces.posed("farah", faces.Pose(40, 40, 30)), "farah"), lift=60.0)
    flat = in_the_shot(_canvas(), face, np.array([150, 110, 90], np.float32), 120)
    assert flat[40, 40, 0] > 35
    assert np.array_equal(flat[..., 3], _canvas()[..., 3])


def test_a_fast_head_is_smeared_along_its_way() -> None:
    """Motion blurs a double along its way and never uncovers; a slow head stays sharp."""
    still = faces.face_of(faces.posed("farah", faces.Pose(40, 40, 60)), "farah")
    skin = np.array([150, 110, 90], np.float32)
    fast = in_the_shot(_canvas(), replace(still, step=(36.0, 0.0)), skin, 60)
    assert (fast[..., 3] >= _canvas()[..., 3]).all()
    across, down = np.abs(np.diff(fast[40, 25:55, 0])).max(), np.abs(np.diff(fast[25:55, 40, 0])).max()
    assert across < 0.5 * down
    slow = in_the_shot(_canvas(), replace(still, step=(2.0, 1.0)), skin, 60)
    assert np.array_equal(slow, _canvas())


def test_grains_have_the_films_size() -> None:
    """The double's grain is as large as the film's: neighbours are alike where they are in the film."""
    mesh = faces.posed("farah", faces.Pose(200, 200, 150))
    double = FaceDouble(wardrobe.double("ada"), faces.calm_face("farah"))
    patch = np.full((400, 400, 3), 90, np.uint8)
    alike = []
    for speck in (0.0, 1.0):
        face = replace(faces.face_of(mesh, "farah"), grain=8.0, speck=speck)
        noise = double.wear(patch, face, 3).astype(float) - double.wear(patch, replace(face, grain=0.0), 3)
        part = noise[180:240, 150:180, 1]
        alike.append(float(np.corrcoef(part[:, 1:].ravel(), part[:, :-1].ravel())[0, 1]))
        assert 6 < part.std() < 10
    assert alike[0] < 0.2
    assert alike[1] > 0.6


def test_outer_lips_do_not_cross_inner_ones() -> None:
    """Whatever the mouth does, the red of the lips has no hole: outer points stay outside inner ones."""
    for moves in ((("mouthPucker", 1.0),), (("mouthRollLower", 1.0), ("mouthRollUpper", 1.0)), (("jawOpen", 1.0),)):
        for name in NAMES:
            _, mesh = posed(name, moves)
            upper = mesh[INNER_LIPS[11:20], 1] - mesh[OUTER_LIPS[11:20], 1]
            lower = mesh[OUTER_LIPS[1:10], 1] - mesh[INNER_LIPS[1:10], 1]
            assert min(upper.min(), lower.min()) > 0


@pytest.mark.parametrize("name", wardrobe.names())
def test_irises_are_dark(name: str) -> None:
    """In a face every iris is much darker than the white of its eye, darkest in the pupil, and mirrors no window."""
    own = wardrobe.double(name)
    eye = seen_from_afar(own.eye).astype(float).mean(2)
    y, x = np.mgrid[:256, :256] - 127.5
    away = np.hypot(x, y) / 64
    white = float(eye[(away > 1.2) & (away < 1.4)].mean())
    iris = eye[(away > 0.5) & (away < 0.9)]
    assert iris.mean() < 0.5 * white
    assert iris.max() < 0.75 * white
    assert eye[away < 0.25].max() < 0.6 * iris.mean()


@pytest.mark.parametrize("name", NAMES)
def test_a_look_down_takes_the_lids_along(name: str) -> None:
    """Where the witness looks down or aside, the double's irises go at least as far, and its upper lids go down too."""
    fit = Fit(wardrobe.double(name).mesh, faces.calm_face("farah"))
    ahead = faces.posed("farah", faces.Pose(200, 200, 150))
    down, aside = ahead.copy(), ahead.copy()
    down[468:, 1] += 2.0
    aside[468:, 0] += 3.0
    shown = [fit.pose(mesh).mesh for mesh in (ahead, down, aside)]
    for iris, upper in ((468, 159), (473, 386)):
        assert shown[1][iris, 1] - shown[0][iris, 1] > 2.0
        assert shown[1][upper, 1] - shown[0][upper, 1] > 0.5
        assert shown[2][iris, 0] - shown[0][iris, 0] > 2.0


def test_both_eyes_look_together() -> None:
    """An iris that the net loses in one eye hardly makes a double squint."""
    fit = Fit(wardrobe.double("ada").mesh, faces.calm_face("farah"))
    mesh = faces.posed("farah", faces.Pose(200, 200, 150))
    still = fit.pose(mesh).mesh
    mesh[468:473, 0] += 4.0
    moved = fit.pose(mesh).mesh - still
    assert moved[468, 0] < 3.9
    assert moved[473, 0] > 0.5


def test_a_beard_is_no_shade() -> None:
    """A dark beard in the atlas stays dark on the witness, and the skin above it is lit as without one."""
    bare = wardrobe.double("nils")
    atlas = bare.atlas.copy()
    side = atlas.shape[0]
    start = round((float(UV[2, 1]) + 0.03) * side)
    atlas[start:] = (atlas[start:] * 0.6).astype(np.uint8)
    even, bearded = (smooth_colour(replace(bare, atlas=a)) for a in (bare.atlas, atlas))
    assert np.abs(bearded - even).max() < 0.15
