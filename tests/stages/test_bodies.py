"""Bodies: steady where the picture stands still, quick where it moves, one's own and no neighbour's, kept once."""

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, figures
from veil.disguise.faces.silhouette import IN_DOUBT, SURE
from veil.media import probe
from veil.nouns.body import BODY_CELLS, Body
from veil.nouns.picture import Box
from veil.nouns.plan import Plan, Role
from veil.sight.bodies import BodySight, square_of
from veil.stages import bodies as stage
from veil.stages.bodies import KeptBodies, bodies, needs_body
from veil.stages.case import Case, CaseFolder
from veil.stages.outlines import Seen, own, steadied, whole

SQUARE = Box(0, 0, BODY_CELLS, BODY_CELLS)
Cells = NDArray[np.uint8]


def _disc(x: float, y: float, radius: float) -> Cells:
    across, down = np.arange(BODY_CELLS)[None] - x, np.arange(BODY_CELLS)[:, None] - y
    return np.asarray(255 * np.clip(radius - np.hypot(across, down) + 0.5, 0, 1), np.uint8)


def _seen(share: Cells | None, face: Box, nose: tuple[float, float] | None = None) -> Seen:
    joints = np.zeros((33, 3), np.float32)
    joints[0] = *(nose or face.centre), 1
    body = None if share is None else Body(SQUARE, share, joints)
    return Seen(body, np.full((BODY_CELLS, BODY_CELLS, 3), 90, np.uint8), SQUARE, face)


FACE = Box(100, 40, 130, 80)


def test_a_still_outline_is_steadied() -> None:
    """Where the picture stands still an outline that jumps from frame to frame jumps by less than half as much."""
    noise = np.random.default_rng(4)
    still = np.full((BODY_CELLS, BODY_CELLS), 90, np.uint8)
    around = [(_seen(_disc(128 + noise.normal(0, 1.5), 128, 60), FACE), still) for _ in range(30)]
    before = [float((s.body.share[128] > 127).argmax()) for s, _ in around if s.body is not None]
    after = []
    for k in range(3, 27):
        share = steadied(around[k - 3 : k + 4], 3)
        assert share is not None
        after.append(float((share[128] > 127).argmax()))
    assert np.std(after) < 0.6 * np.std(before)
    assert np.abs(np.diff(after)).mean() < 0.5 * np.abs(np.diff(before)).mean()


def test_a_moving_outline_does_not_lag() -> None:
    """Where the picture moves the outline is that of the frame itself: nothing trails behind."""
    around = []
    for k in range(7):
        luma = np.where(_disc(80 + 12 * k, 128, 40) > 127, 200, 40).astype(np.uint8)
        around.append((_seen(_disc(80 + 12 * k, 128, 40), FACE), luma))
    share = steadied(around, 3)
    assert share is not None
    true = _disc(80 + 36, 128, 40) > 127
    assert ((share > 127) ^ true).sum() < 0.05 * true.sum()


def test_a_gap_is_bridged_by_its_neighbours() -> None:
    """A frame in which no body was seen takes that of the frames beside it; where none saw any, there is none."""
    still = np.full((BODY_CELLS, BODY_CELLS), 90, np.uint8)
    around = [(_seen(_disc(128, 128, 50) if k != 3 else None, FACE), still) for k in range(7)]
    share = steadied(around, 3)
    assert share is not None
    assert ((share > 127) == (_disc(128, 128, 50) > 127)).mean() > 0.99
    assert steadied([(_seen(None, FACE), still)] * 3, 1) is None


def test_holes_are_closed_and_specks_are_in_doubt() -> None:
    """A body has no small holes; specks beside it are in doubt: a shadow covers them, clothes are not painted there.

    A large gap, as between arm and body, stays.
    """
    body = _disc(128, 128, 80)
    body[120:126, 120:126] = 0
    body[140:180, 140:170] = 0
    body[10:14, 10:14] = 255
    found = whole(body)
    assert found[118:128, 118:128].min() == 255
    assert found[150:170, 148:162].max() == 0
    assert 255 * IN_DOUBT[1] < found[11:13, 11:13].min() <= found[5:20, 5:20].max() < 255 * SURE[0]


def test_a_neighbour_is_not_ones_own() -> None:
    """Two who stand together: each keeps their own half and their own head, though the net gave both to both."""
    left, right = Box(60, 40, 90, 80), Box(160, 40, 190, 80)
    mine, theirs = _disc(75, 150, 70), _disc(175, 150, 70)
    mine[40:80, 160:190] = theirs[40:80, 160:190] = mine[40:80, 60:90] = 255
    seen = {"T1": _seen(mine, left), "T2": _seen(theirs, right)}
    one, two = (own(label, seen)[0].body for label in ("T1", "T2"))
    assert one is not None
    assert two is not None
    assert one.share[45:75, 165:185].max() < 60, "the neighbour's head"
    assert one.share[150, 30] > 240
    assert two.share[150, 220] > 240
    assert (np.minimum(one.share, two.share) > 140).mean() < 0.01


def test_a_face_on_a_shirt_has_no_body() -> None:
    """Of two faces in one body the one at the nose owns it; the other owns nothing for sure."""
    body = _disc(115, 150, 90)
    seen = {"T1": _seen(body, FACE), "T2": _seen(body, Box(100, 160, 130, 200), FACE.centre)}
    owner, other = (own(label, seen)[0].body for label in ("T1", "T2"))
    assert owner is not None
    assert np.array_equal(owner.share, body)
    assert other is not None
    assert other.share.max() < 255 * SURE[0]
    assert other.known, "a shadow covers it all the same"


def test_nobody_is_in_an_empty_picture() -> None:
    """In a picture of nothing no body is seen."""
    picture = faces.picture_of(faces.backdrop(320, 240, 3))
    face = Box(140, 60, 180, 110)
    square = square_of(face, picture.height)
    assert square.width == square.height
    assert square.shared_px(face) == face.area
    assert BodySight().look(picture, square, face)[0] is None


def test_only_who_needs_it_is_looked_at() -> None:
    """A double alone needs no body; a shadow, and other clothes, do."""
    assert not needs_body(Role())
    assert not needs_body(Role("blackout"))
    assert needs_body(Role("shadow"))
    assert needs_body(Role(clothes="flat"))


@pytest.fixture
def case(tmp_path: Path) -> tuple[Case, CaseFolder]:
    """Return a film of one speaking face, and its case."""
    scene = faces.speaking(8)
    case = faces.case_of(scene, tmp_path)
    film = probe(faces.film(tmp_path / "film.mp4", scene))
    folder = CaseFolder(tmp_path / "film.veil")
    folder.make()
    return replace(case, film=film), folder


class _Sight:
    """Sees a disc in every square, and counts."""

    looks = 0

    def look(self, picture: object, square: Box, face: Box) -> tuple[Body | None, NDArray[np.uint8]]:
        del picture
        _Sight.looks += 1
        joints = np.zeros((33, 3), np.float32)
        joints[0] = *face.centre, 1
        pixels = np.full((BODY_CELLS, BODY_CELLS, 3), 90, np.uint8)
        return (Body(square, _disc(128, 128, 80), joints) if _Sight.looks != 4 else None), pixels


def test_bodies_are_looked_for_once(case: tuple[Case, CaseFolder], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every frame of a track gets its body, in its own square; the second time nothing is looked at again."""
    monkeypatch.setattr(stage, "BodySight", _Sight)
    _Sight.looks = 0
    plan = Plan(1, {"P1": Role(clothes="flat")})
    found = bodies(case[0], plan, case[1])
    assert _Sight.looks == 8
    for index in range(8):
        body = found.at("T1", index)
        assert body is not None
        assert (body.share > 127).sum() == pytest.approx((_disc(128, 128, 80) > 127).sum(), rel=0.02)
    assert found.at("T1", 99) is None
    again = bodies(case[0], plan, case[1])
    assert _Sight.looks == 8
    assert again.at("T1", 3) is not None


def test_nothing_is_looked_at_without_need(case: tuple[Case, CaseFolder], monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of doubles alone asks for no body, and leaves nothing in the case."""
    monkeypatch.setattr(stage, "BodySight", None)
    assert not bodies(case[0], Plan(1), case[1]).kept
    assert not (case[1].path / "bodies").exists()


def test_damaged_bodies_are_looked_for_again(case: tuple[Case, CaseFolder], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cut short by a crash is no body: it is looked for again."""
    monkeypatch.setattr(stage, "BodySight", _Sight)
    plan = Plan(1, {"P1": Role("shadow")})
    bodies(case[0], plan, case[1])
    cells = case[1].path / "bodies" / "T1.cells"
    cells.write_bytes(cells.read_bytes()[:-3])
    _Sight.looks = 0
    assert bodies(case[0], plan, case[1]).at("T1", 0) is not None
    assert _Sight.looks == 8


def test_a_damaged_body_is_none() -> None:
    """Of a frame whose outline is damaged on disk nothing is known: no traceback, and no outline of another."""
    cells = [zlib.compress(np.full((BODY_CELLS, BODY_CELLS), k, np.uint8).tobytes(), 1) for k in (1, 2, 3)]
    cells[1] = cells[1][:9] + b"x" * (len(cells[1]) - 9)
    ends = np.cumsum([0, *(len(c) for c in cells)])
    squares, joints = np.tile(np.array([0, 0, 9, 9], np.int32), (3, 1)), np.zeros((3, 33, 3), np.float32)
    stored = KeptBodies(5, np.frombuffer(b"".join(cells), np.uint8), ends, squares, joints, (1.0, 2.0, 3.0))
    assert [stored.at(index) is None for index in (5, 6, 7)] == [False, True, False]


def test_a_square_holds_the_body() -> None:
    """The square under a face reaches from above the hair to the picture's lower edge where it can."""
    face = figures.face_of().box
    square = square_of(face, figures.HEIGHT)
    assert square.top < face.top - 0.5 * face.height
    assert square.bottom >= figures.HEIGHT
    assert abs(square.centre[0] - face.centre[0]) <= 1
