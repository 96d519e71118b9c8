"""Hands before a face, from the film to the cut and through the attack."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces, hands
from tests.films import Recipe, make
from veil.desk import Desk
from veil.disguise.faces.double import FaceDouble
from veil.media import read
from veil.nouns.front import load_fronts
from veil.nouns.picture import Pixels, Points
from veil.nouns.report import Finding
from veil.stages.case import Case, load_case
from veil.stages.cut import scenery_of
from veil.stages.dossier import Dossier
from veil.stages.dressing import CuttingRoom
from veil.stages.foreground import front_path, load_refused, refuse
from veil.stages.opponent import Opponent, Pair
from veil.stages.presence import Presence

FRAMES, SIZE = 40, (480, 360)
HELD = range(26, 34)  # frames in which the hand stands before the face


def _hand(index: int) -> Points | None:
    """Return where the hand is: it comes up slowly, stays before the cheek, and goes."""
    if index < 10:
        return None
    rise = min(1.0, (index - 10) / 14)
    return hands.open_hand(150 + 12 * rise, 380 - 78 * rise, 74, 14)


def _scene() -> faces.Scene:
    return faces.wearing(faces.speaking(FRAMES, size=SIZE), faces.speckled(20, 0.3))


def _paint(index: int) -> Pixels:
    pixels = _scene().paint(index).copy()
    points = _hand(index)
    if points is not None:
        hands.draw_hand(pixels, points)
    return pixels


def _cover(index: int) -> NDArray[np.bool_]:
    points = _hand(index)
    assert points is not None
    return hands.draw_hand(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), points) > 0.5


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a film of a speaking face and a hand, watched."""
    folder = tmp_path_factory.mktemp("hand")
    desk = Desk(make(folder / "film.mp4", Recipe(frames=FRAMES, size=SIZE), _paint))
    desk.watch()
    desk.plan()
    return desk


def _case(desk: Desk) -> Case:
    return load_case(desk.folder)


def _dressed(desk: Desk) -> list[tuple[Pixels, Pixels]]:
    """Return every frame as it was and as it goes out, before the encoder; the ledger must settle."""
    case, plan = _case(desk), desk.plan()
    room = CuttingRoom(case, plan, {}, None, scenery_of(case, plan, desk.folder))
    with read(case.film) as frames:
        both = [(frame.picture.rgb(), room.dress(frame).picture.rgb()) for frame in frames]
    room.settled()
    return both


def _stays(desk: Desk, index: int = 30) -> float:
    """Return which share of the hand before the face is in the result as it was filmed."""
    film, result = _dressed(desk)[index]
    before = _cover(index) & _scene().inside(index)
    return float((np.abs(film.astype(int) - result).max(2)[before] <= 2).mean())


def test_the_hand_stays_and_the_face_does_not(desk: Desk) -> None:
    """A hand before a disguised face stays as it was filmed; of the face beside and behind it nothing shows."""
    scene = _scene()
    for index, (film, result) in enumerate(_dressed(desk)):
        assert faces.leak(scene, index, result) < 0.02, index
        if index in HELD:
            before = _cover(index) & scene.inside(index)
            same = np.abs(film.astype(int) - result).max(2)[before] <= 2
            assert before.sum() > 400
            assert same.mean() > 0.55, (index, same.mean())  # where in doubt, its edge goes with the face


def test_a_cut_with_a_hand_is_safe(desk: Desk, tmp_path: Path) -> None:
    """The attack takes the hand for what it is, and finds nobody."""
    kept = load_fronts(front_path(_case(desk).cast.tracks[0].path))
    assert set(HELD) <= set(kept)
    report = desk.attack(desk.cut(tmp_path / "result.mp4"))
    assert not report.findings


def test_repainting_the_face_does_not_show_beside_the_hand(desk: Desk) -> None:
    """Law 2 with a hand before the face: what is repainted and is not the hand changes nothing in the result."""
    proof = desk.prove()
    assert proof.trials
    assert max(t.held for t in proof.trials) == 0


def test_what_the_attack_does_not_believe_is_covered(desk: Desk) -> None:
    """Where the attack takes what was kept for the face, it is painted over in the next cut, a little around too."""
    case = _case(desk)
    (track,) = case.cast.tracks
    box = track_box = faces.face_of(faces.posed("farah", faces.Pose(240, 150, 130))).box
    elsewhere = Finding(2, box, 1.0, "original", "P1")
    assert not refuse(case, desk.folder, [elsewhere, Finding(30, box, 1.0, "face")], 3)
    try:
        assert refuse(case, desk.folder, [Finding(30, track_box, 1.0, "original", "P1")], 3)
        assert set(load_refused(desk.folder)[track.label]) == set(range(27, 34))
        assert _stays(desk) < 0.2
        assert not refuse(case, desk.folder, [replace(elsewhere, index=30)], 3), "refused twice is nothing new"
    finally:
        (desk.folder.path / "front-refused.json").unlink(missing_ok=True)


@pytest.mark.parametrize("light", [0.45, 1.6])
def test_a_bare_mouth_in_other_light_is_found(desk: Desk, light: float) -> None:
    """Where the cut kept nothing in front of a face, what stayed of it is of it, however unlike itself it looks."""
    case, plan = _case(desk), desk.plan()
    presence = Presence(case)
    with read(case.film) as frames:
        frame = next(iter(frames))
    people = tuple(presence.faces(frame.index, frame.at))
    mesh = people[0][1].mesh
    low = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    jaw = mesh[[132, 58, 172, 150, 176, 152, 400, 379, 397, 288, 361], :2]
    cv2.fillConvexPoly(low, cv2.convexHull(jaw.astype(np.int32)), 1)
    film, double = frame.picture.rgb(), _dressed(desk)[0][1]
    relit = np.where(low[..., None] > 0, np.clip(film * light, 0, 255), film).astype(np.uint8)
    original, result = (faces.picture_of(p) for p in (relit, np.where(low[..., None] > 0, relit, double)))
    pair = Pair(0, frame.at, original, result, people, (original.box,), (), bare=Dossier(case, plan).bare())
    assert [f.kind for f in Opponent(12).look(pair).seen.findings].count("original") == 1


def test_nothing_is_kept_before_a_stronger_cover(desk: Desk) -> None:
    """A head in shadow hides the hand before it, too."""
    desk.folder.plan.write_text('[others]\ncover = "shadow"\n[people.P1]\ncover = "shadow"\n')
    try:
        assert _stays(desk) < 0.2
    finally:
        desk.folder.plan.unlink()
        desk.plan()


def test_nothing_is_kept_where_the_double_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the double fails and gives way to the blackout, the hand goes too: the cover only gets stronger."""
    assert _stays(desk) > 0.6

    def fail(*_: object) -> Pixels:
        raise ValueError("no")

    monkeypatch.setattr(FaceDouble, "wear", fail)
    assert _stays(desk) < 0.2
