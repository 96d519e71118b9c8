"""Another mouth on a filmed face: nothing of the filmed lips' movement crosses, and all else stays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import faces
from veil.disguise import wardrobe
from veil.disguise.faces.fit import Fit
from veil.disguise.faces.head import as_usual
from veil.disguise.faces.lips import LIPS
from veil.disguise.faces.mouthing import Habit, Mouthing
from veil.disguise.faces.speaking import Shape
from veil.models.topology import LEFT_EYE, OVAL, RIGHT_BROW, RIGHT_EYE, STILL, UV
from veil.nouns.picture import Box, Points

RATE_HZ = 25.0
CALM, OPEN, ROUND = Shape(), Shape(jaw=0.45, gap=0.27), Shape(jaw=0.1, gap=0.08, wide=-0.22, forward=0.3)
Moves = tuple[tuple[str, float], ...]
LOW = np.flatnonzero(UV[:, 1] > 0.53)  # wholly taken over
SPEECH = ("jawOpen", "mouthPucker", "mouthFunnel", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthRollLower")


def talks(index: int, quick: float = 1.0) -> Moves:
    """Return what lips do that speak, by frame number."""
    jaw, pucker = 0.3 + 0.3 * np.sin(1.1 * quick * index), 0.3 + 0.3 * np.sin(0.8 * quick * index)
    return (("jawOpen", float(jaw)), ("mouthPucker", float(pucker)))


def filmed(moves: Moves, index: int = 0, x: float = 160) -> Points:
    """Return the mesh of somebody who sways."""
    return faces.posed("farah", faces.Pose(x, 120, 110, 12 * float(np.sin(0.2 * index)), 4, 2, moves))


def habit_of(meshes: list[Points], mouthing: Mouthing) -> Habit:
    turns = mouthing.turns(meshes)
    quick = np.stack([mouthing.expression(mesh, turns) for mesh in meshes])
    return mouthing.habit(turns, quick, np.ones(len(meshes), np.bool_), RATE_HZ, 1)


@pytest.fixture(scope="module")
def mouthing() -> Mouthing:
    return Mouthing(faces.calm_face("farah"))


@pytest.fixture(scope="module")
def habit(mouthing: Mouthing) -> Habit:
    """Return what a shot of 60 frames tells."""
    return habit_of([filmed(talks(i), i) for i in range(60)], mouthing)


def gap(mesh: Points) -> float:
    """Return how far the lips stand apart, in widths of the eyes' distance."""
    return float(np.linalg.norm(mesh[13] - mesh[14]) / np.linalg.norm(mesh[33] - mesh[263]))


@given(st.lists(st.tuples(st.sampled_from(SPEECH), st.floats(0, 1)), max_size=4), st.sampled_from([CALM, OPEN, ROUND]))
@settings(max_examples=25, deadline=None)
def test_filmed_lips_do_not_cross(moves: list[tuple[str, float]], shape: Shape) -> None:
    """In one frame, whatever the filmed lips do, the mouth that is put in is the same, to a tenth of a pixel."""
    mouthing = Mouthing(faces.calm_face("farah"))
    habit = habit_of([filmed(talks(i), i) for i in range(0, 60, 6)], mouthing)
    silent = filmed(())
    mesh = faces.posed("farah", faces.Pose(160, 120, 110, 0, 4, 2, tuple(moves)))
    mesh[STILL] = silent[STILL]  # where the head is, is as filmed: here it is the same
    one, other = (mouthing.put(m, shape, habit, 3, 1.0).mesh for m in (silent, mesh))
    assert np.abs(one[LOW] - other[LOW]).max() < 0.1


def test_a_whole_shot_of_other_words_gives_the_same_mouth(mouthing: Mouthing) -> None:
    """Over a shot, what is put in does not follow the filmed lips: other words of as much movement change it little.

    The control: the filmed lips differ by many times as much.
    """
    one = [filmed(talks(i), i) for i in range(90)]
    other = [filmed(talks(i + 3, 1.37), i) for i in range(90)]
    results = []
    for meshes in (one, other):
        habit = habit_of(meshes, mouthing)
        results.append([mouthing.put(mesh, CALM, habit, i, 1.0).mesh for i, mesh in enumerate(meshes)])
    off = [np.abs(a[LIPS] - b[LIPS]).mean() for a, b in zip(*results, strict=True)]
    was = [np.abs(a[LIPS] - b[LIPS]).mean() for a, b in zip(one, other, strict=True)]
    assert np.mean(off) < 0.12 * np.mean(was)
    gaps = np.array([gap(mesh) for mesh in results[0]])
    assert gaps.max() < 0.01, "lips that say nothing are closed"


def test_shapes_are_seen(mouthing: Mouthing, habit: Habit) -> None:
    """Open is open, closed is closed, round is narrower, on the mesh and on the double's own lips."""
    mesh = filmed(talks(5), 5)
    fit = Fit(wardrobe.double("boris").mesh, faces.calm_face("farah"))
    worn = {s: fit.pose(mouthing.put(mesh, s, habit, 5, 1.0).mesh).mesh for s in (CALM, OPEN, ROUND)}
    assert gap(worn[CALM]) < 0.005
    assert gap(worn[OPEN]) > 0.1
    widths = {s: float(np.linalg.norm(m[61] - m[291])) for s, m in worn.items()}
    assert widths[ROUND] < 0.9 * widths[CALM]
    assert worn[OPEN][152, 1] > worn[CALM][152, 1] + 2, "the chin goes with the jaw"


def test_eyes_and_brows_stay_as_filmed(mouthing: Mouthing, habit: Habit) -> None:
    """From the eyes upwards, and everywhere where nothing is taken over, the mesh is the filmed one."""
    mesh = filmed((*talks(7), ("browInnerUp", 0.8), ("eyeBlinkLeft", 0.7)), 7)
    new = mouthing.put(mesh, OPEN, habit, 7, 1.0).mesh
    upper = np.concatenate([RIGHT_EYE, LEFT_EYE, RIGHT_BROW, np.arange(468, 478)])
    assert np.array_equal(new[upper], mesh[upper])
    assert np.array_equal(mouthing.put(mesh, OPEN, habit, 7, 0.0).mesh, mesh)
    half = mouthing.put(mesh, OPEN, habit, 7, 0.5).mesh
    assert np.allclose(half, (mesh + new) / 2, atol=1e-3)


def test_a_smile_that_lasts_stays(mouthing: Mouthing) -> None:
    """Somebody who smiles all the while they speak still smiles; a twitch between two sounds is not seen."""
    smiles = (("mouthSmileLeft", 0.6), ("mouthSmileRight", 0.6))

    def shot(moves: list[Moves]) -> NDArray[np.float32]:
        meshes = [filmed((*talks(i), *extra)) for i, extra in enumerate(moves)]
        habit = habit_of(meshes, mouthing)
        return np.stack([mouthing.put(mesh, CALM, habit, i, 1.0).mesh for i, mesh in enumerate(meshes)])

    earnest, smiling = shot([()] * 75), shot([smiles] * 75)
    twitch = shot([smiles if 36 <= i < 38 else () for i in range(75)])
    raised = earnest[37, [61, 291], 1] - smiling[37, [61, 291], 1]
    assert raised.min() > 1.0, "pixels: the corners are up"
    assert np.abs(twitch[37, [61, 291], 1] - earnest[37, [61, 291], 1]).max() < 0.2 * raised.min()


@pytest.mark.parametrize("yaw_deg", [0.0, 30.0, 60.0])
def test_what_was_filmed_stays_covered(mouthing: Mouthing, yaw_deg: float) -> None:
    """A wide open mouth under a double that says nothing: none of the witness's marked skin shows, chin included."""
    moves: Moves = (("jawOpen", 0.8),)
    actor = faces.Actor("farah", lambda _: faces.Pose(160, 110, 100, yaw_deg, moves=moves), look=faces.speckled(16))
    scene = faces.Scene((actor,), 1)
    mesh = actor.mesh(0)
    assert mesh is not None
    habit = habit_of([mesh] * 4, mouthing)
    film = scene.paint(0).copy()
    face = faces.face_of(mesh, "farah")
    other = mouthing.put(mesh, CALM, habit, 0, 1.0)
    head = as_usual(wardrobe.double("boris"), faces.calm_face("farah"))
    assert faces.leak(scene, 0, film) > 0.5, "the control: undisguised, the skin shows"
    assert faces.leak(scene, 0, head.wear(film, replace(face, spoken=other), 3)) < 0.03
    assert np.abs(other.mesh[OVAL] - mesh[OVAL]).max() > 3, "the outline of the mouth's play is another"


@pytest.mark.parametrize(("yaw_deg", "jaw_allowed"), [(0.0, 0.2), (30.0, 0.3), (60.0, 0.45)])
def test_no_filmed_jaw_is_seen(mouthing: Mouthing, yaw_deg: float, jaw_allowed: float) -> None:
    """Open or shut, the filmed mouth makes no difference to one that says nothing; its jaw little, turned heads too.

    The control: as filmed, the same two frames differ by far more.
    """
    off: dict[bool, list[NDArray[np.int_]]] = {True: [], False: []}
    poses = [faces.Pose(160, 110, 130, yaw_deg, moves=(("jawOpen", float(j)),)) for j in np.linspace(0, 0.5, 26)]
    meshes = [faces.posed("farah", pose) for pose in poses]
    habit = habit_of(meshes, mouthing)
    head = as_usual(wardrobe.double("boris"), faces.calm_face("farah"))
    for pose, mesh in ((poses[0], meshes[0]), (poses[-1], meshes[-1])):
        film = faces.act(faces.backdrop(320, 240, 3).copy(), faces.Actor("farah", lambda _, p=pose: p), 0)  # type: ignore[misc]
        face = faces.face_of(mesh, "farah")
        spoken = replace(face, spoken=mouthing.put(mesh, CALM, habit, 13, 1.0))
        for taken, worn in ((True, spoken), (False, face)):
            off[taken].append(head.wear(film, worn, 3).astype(int))
    mouth, jaw = Box.around(meshes[-1][LIPS]).grown(0.1), Box.around(meshes[-1][LOW])

    def differs(taken: bool, box: Box) -> float:
        one, other = (picture[box.top : box.bottom, box.left : box.right] for picture in off[taken])
        return float(np.abs(one - other).mean())

    assert differs(False, mouth) > 8
    assert differs(True, mouth) < 0.12 * differs(False, mouth)
    assert differs(True, jaw) < jaw_allowed * differs(False, jaw)
