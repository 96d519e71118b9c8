"""The cutting room: it dresses everyone who is owed, believes no disguise, and touches nothing else."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.disguise import Strength
from veil.errors import Exposed
from veil.models.topology import OVAL
from veil.nouns.cast import ROW, Face, Sure, Track
from veil.nouns.cut import Attendance
from veil.nouns.picture import Box, Frame, Pixels
from veil.nouns.plan import Cover, Plan, Role
from veil.nouns.time import Span
from veil.sight.motion import Motion
from veil.stages.case import Case
from veil.stages.dressing import CuttingRoom

FRAMES = 10
EVERYONE = Plan(7, {"P1": Role(double="boris"), "P2": Role(double="ada")})


@pytest.fixture(scope="module")
def scene() -> faces.Scene:
    """Return two people who pass each other."""
    return faces.wearing(faces.crossing(FRAMES), faces.speckled(16))


@pytest.fixture(scope="module")
def frames(scene: faces.Scene) -> list[Frame]:
    """Return the frames of the scene as a reader gives them."""
    return [faces.frame_of(scene, index) for index in range(FRAMES)]


@pytest.fixture
def case(scene: faces.Scene, tmp_path: Path) -> Case:
    """Return the case of the scene, of its own for each test."""
    return faces.case_of(scene, tmp_path)


def _planes(frame: Frame) -> list[NDArray[np.uint8]]:
    return [frame.picture.y, frame.picture.u, frame.picture.v]


def _same(a: Frame, b: Frame) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(_planes(a), _planes(b), strict=True))


def _settled(room: CuttingRoom, case: Case, plan: Plan, frames: list[Frame]) -> list[Frame]:
    attendance, out = Attendance(case.cast), []
    for frame in frames:
        room.ledger.owe(frame.index, frame.at, attendance, plan)
        out.append(room.dress(frame))
    room.ledger.settle()
    return out


class _Broken:
    """A disguise that does what it is told to do wrong."""

    name = "broken"
    strength = Strength.DOUBLE

    def __init__(self, how: str) -> None:
        self.how = how

    def reach(self, face: Face) -> Box:
        return face.box.grown(0.3)

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        del face, seed
        if self.how == "raises":
            raise ValueError("no")
        if self.how == "divides":
            raise ZeroDivisionError
        if self.how == "net fails":
            raise RuntimeError("the interpreter failed")
        if self.how == "another shape":
            return patch[1:]
        if self.how == "another kind":
            return patch.astype(np.float32)
        if self.how == "a few pixels":
            some = patch.copy()
            some[::9, ::9] ^= 255
            return some
        return patch.copy() if self.how == "a copy" else patch


def test_everyone_is_covered(scene: faces.Scene, case: Case, frames: list[Frame]) -> None:
    """In every frame every face is covered: nothing of any witness's own skin shows inside the true outlines."""
    room = CuttingRoom(case, EVERYONE, {})
    for frame, out in zip(frames, _settled(room, case, EVERYONE, frames), strict=True):
        before = faces.shown(scene, frame.index, frame.picture.rgb())
        after = faces.shown(scene, frame.index, out.picture.rgb())
        inside = after != -1
        assert (before[inside] > 0.5).mean() > 0.9, "the control: undisguised, the skin shows"
        assert (after[inside] > 0.5).mean() < 0.03


@pytest.mark.parametrize(
    "how",
    ["raises", "divides", "another shape", "another kind", "the same", "a copy", "a few pixels", "net fails"],
)
def test_a_disguise_that_fails_gives_way_to_blackout(
    scene: faces.Scene, case: Case, frames: list[Frame], how: str
) -> None:
    """A disguise that fails, or that is not believed, gives way to the blackout, and the ledger tells of it."""
    room = CuttingRoom(case, EVERYONE, {})
    room._disguises["P1"] = _Broken(how)
    out = _settled(room, case, EVERYONE, frames[:3])
    assert room.ledger.escalated == 3
    oval = cv2.convexHull(scene.truth(0)[0].round().astype(np.int32))
    mask = np.zeros(scene.size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, oval, 1)
    assert out[0].picture.rgb()[mask > 0].max() < 40, "the head is not black"


def test_a_blackout_that_fails_stops_the_cut(case: Case, frames: list[Frame]) -> None:
    """When even the blackout changes nothing the debt stays, and the ledger refuses with exit code 3."""
    room = CuttingRoom(case, EVERYONE, {})
    room._blackout = _Broken("a copy")
    room._disguises["P1"] = _Broken("a copy")
    with pytest.raises(Exposed) as caught:
        _settled(room, case, EVERYONE, frames[:2])
    assert caught.value.exit_code == 3
    assert (0, "T1") in room.ledger.owed - room.ledger.paid


def test_seen_exactly_then(scene: faces.Scene, case: Case, frames: list[Frame]) -> None:
    """A person who may be seen in a span is untouched exactly then, bit for bit, and covered before and after."""
    span = Span(Fraction(1, 25), Fraction(3, 25))
    plan = replace(EVERYONE, roles={**EVERYONE.roles, "P1": Role(double="boris", seen=(span,))})
    out = _settled(CuttingRoom(case, plan, {}), case, plan, frames[:5])
    mask = np.zeros(scene.size[::-1], np.uint8)
    for index in range(5):
        mask[:] = 0
        cv2.fillConvexPoly(mask, cv2.convexHull(scene.truth(index)[0].round().astype(np.int32)), 1)
        before, after = frames[index].picture.y[mask > 0], out[index].picture.y[mask > 0]
        if index in {1, 2}:
            assert np.array_equal(before, after)
        else:
            assert (before != after).mean() > 0.5
        skin = faces.shown(scene, index, out[index].picture.rgb())[mask > 0]
        assert (skin > 0.5).mean() > 0.9 if index in {1, 2} else (skin > 0.5).mean() < 0.05


def test_a_film_in_which_all_may_be_seen_is_untouched(case: Case, frames: list[Frame]) -> None:
    """When the plan shows everyone, frames pass bit for bit."""
    always = (Span(Fraction(0), Fraction(10**9)),)
    plan = Plan(0, {"P1": Role(seen=always), "P2": Role(seen=always)})
    room = CuttingRoom(case, plan, {})
    out = _settled(room, case, plan, frames)
    assert all(_same(a, b) for a, b in zip(frames, out, strict=True))
    assert not room.painted
    assert not room.ledger.owed


def test_strangers_are_covered(case: Case, frames: list[Frame]) -> None:
    """Who has no role in the plan wears what `others` says."""
    plan = Plan(0, {}, Role("blackout"))
    out = _settled(CuttingRoom(case, plan, {}), case, plan, frames[:1])
    for oval in faces.crossing(FRAMES).truth(0):
        x, y = oval.mean(0).astype(int)
        assert out[0].picture.y[y, x] < 40


@pytest.mark.parametrize("cover", ["double", "shadow", "blackout"])
def test_what_is_not_painted_leaves_bit_for_bit(tmp_path: Path, cover: Cover) -> None:
    """Outside the boxes that were painted not one code value changes, and the frame that came in is not written."""
    plan, far = Plan(0, {}, Role(cover)), faces.small(4)
    room = CuttingRoom(faces.case_of(far, tmp_path), plan, {})
    for frame in (faces.frame_of(far, index) for index in range(4)):
        before = [p.copy() for p in _planes(frame)]
        out = room.dress(frame)
        assert all(np.array_equal(p, q) for p, q in zip(before, _planes(frame), strict=True)), "the film was written"
        free = np.ones(frame.picture.y.shape, bool)
        for index, left, top, right, bottom in room.painted:
            if index == frame.index:
                free[top:bottom, left:right] = False
        assert free.any()
        assert np.array_equal(out.picture.y[free], frame.picture.y[free])
        halves = free[::2, ::2] & free[1::2, 1::2]
        assert np.array_equal(out.picture.u[halves], frame.picture.u[halves])
        assert np.array_equal(out.picture.v[halves], frame.picture.v[halves])


def test_the_painted_boxes_are_stored(scene: faces.Scene, case: Case, frames: list[Frame]) -> None:
    """Every cover leaves its box: one for each face and frame, in the picture, and it holds the face."""
    room = CuttingRoom(case, EVERYONE, {})
    _settled(room, case, EVERYONE, frames)
    assert [row[0] for row in room.painted] == sorted([*range(FRAMES)] * 2)
    for index in range(FRAMES):
        boxes = [Box(*row[1:]) for row in room.painted if row[0] == index]
        for oval in scene.truth(index):
            face = Box.around(oval).clipped(*scene.size)
            assert max(b.shared_px(face) for b in boxes) == face.area


def test_what_an_attack_found_is_covered(case: Case, frames: list[Frame]) -> None:
    """A face that no track saw and an attack found is covered in the next cut, where it is and nowhere else."""
    where = Box(170, 180, 210, 226)
    room = CuttingRoom(case, EVERYONE, {1: [where]})
    plain = CuttingRoom(case, EVERYONE, {})
    for frame in frames[:3]:
        out, usual = room.dress(frame), plain.dress(frame)
        if frame.index == 1:
            assert out.picture.y[where.top : where.bottom, where.left : where.right].max() < 50
            assert (1, *_corners(where)) not in room.painted
            assert any(row[0] == 1 and Box(*row[1:]).shared_px(where) == where.area for row in room.painted)
        else:
            assert _same(out, usual)


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom


def _rewritten(case: Case, **values: object) -> None:
    """Write fields of the first track's rows anew."""
    track = case.cast.tracks[0]
    rows = np.array(track.rows())
    for name, value in values.items():
        rows[name] = value
    track.path.write_bytes(rows.astype(ROW).tobytes())


@pytest.mark.parametrize("where", ["at the corner", "in the middle", "outside"])
def test_a_mesh_that_is_no_face_does_not_open_the_box(
    scene: faces.Scene, case: Case, frames: list[Frame], where: str
) -> None:
    """A mesh that is no face, with a box that is: the box is covered all the same."""
    mesh = np.zeros((478, 3), np.float32) + {"at the corner": 0, "in the middle": 100, "outside": -500}[where]
    _rewritten(case, mesh=mesh)
    with np.errstate(all="ignore"):
        out = _settled(CuttingRoom(case, EVERYONE, {}), case, EVERYONE, frames[:2])
    skin = faces.shown(replace(scene, actors=scene.actors[:1]), 0, out[0].picture.rgb())
    assert (skin[skin != -1] > 0.5).mean() < 0.05, "a face shows"


@pytest.mark.parametrize("sure", [Sure.SEEN, Sure.LOST])
def test_a_face_that_is_not_fitted_lies_in_shadow(
    scene: faces.Scene, case: Case, frames: list[Frame], sure: Sure
) -> None:
    """Where the mesh does not fit, the whole head is dark, with no double in it."""
    _rewritten(case, sure=np.uint8(sure))
    out = _settled(CuttingRoom(case, EVERYONE, {}), case, EVERYONE, frames[:1])
    mask = np.zeros(scene.size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(scene.truth(0)[0].round().astype(np.int32)), 1)
    assert out[0].picture.rgb()[mask > 0].max() < 40


def test_a_face_outside_the_picture_is_paid(case: Case, frames: list[Frame]) -> None:
    """A face that went out of the picture needs no paint and owes none."""
    away = np.array(case.cast.tracks[0].rows())
    _rewritten(case, mesh=away["mesh"] + (5000, 0, 0), box=away["box"] + (5000, 0, 5000, 0))
    _settled(CuttingRoom(case, EVERYONE, {}), case, EVERYONE, frames[:2])


def test_without_a_calm_face_nobody_falls_through(scene: faces.Scene, case: Case, frames: list[Frame]) -> None:
    """Somebody whose calm face is not known is covered like everyone."""
    bare = replace(case, neutrals={})
    _rewritten(case, sure=np.uint8(Sure.SEEN))
    out = _settled(CuttingRoom(bare, Plan(0), {}), bare, Plan(0), frames[:1])
    skin = faces.shown(scene, 0, out[0].picture.rgb())
    assert (skin[skin != -1] > 0.5).mean() < 0.05


def test_the_strength_grows_before_the_face_is_lost(case: Case) -> None:
    """Where a face is about to be lost the cover already grows, frame by frame, and fades again after."""
    sure = np.zeros(FRAMES, np.uint8)
    sure[8:] = Sure.LOST
    _rewritten(case, sure=sure)
    track: Track = case.cast.tracks[0]
    strengths = [Motion(track, 25.0).face(i, Fraction(i, 25)).strength for i in range(FRAMES)]
    assert strengths == sorted(strengths)
    assert strengths[0] == 0
    assert 0 < strengths[3] < 1
    assert strengths[5:] == [1.0] * 5


def test_the_oval_is_the_outline() -> None:
    """The outline that the tests take for the truth has 36 points, as the mesh's own has."""
    assert len(faces.crossing(4).truth(0)) == 2
    assert faces.crossing(4).truth(0)[0].shape == (len(OVAL), 2)
