"""The attack: it finds a bare face in the cut, leaves doubles alone, and what it finds is covered or withheld."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import veil.desk
from tests import faces
from veil.cli import run
from veil.desk import Desk
from veil.errors import NotProven, VeilError
from veil.media import Writer, probe, read
from veil.nouns.picture import Box, Frame, Picture
from veil.nouns.time import ALWAYS
from veil.sight.detector import Detector, Sighting
from veil.stages import attack as attacking
from veil.stages import plan as planning
from veil.stages.case import load_case, load_found
from veil.stages.escalation import Raised, save_raised

LEFT, RIGHT = faces.Pose(90, 110, 66), faces.Pose(300, 110, 66)


def two_people(frames: int = 20) -> faces.Scene:
    """Return two people side by side, who stay on their halves of the picture."""
    left = faces.Actor("dora", lambda i: replace(LEFT, x=90 + 0.5 * i, moves=faces.talking(i)))
    right = faces.Actor("goran", lambda i: replace(RIGHT, x=300 - 0.5 * i, moves=faces.talking(i + 5)), (120, 110, 100))
    return faces.Scene((left, right), frames, (400, 240))


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the defence blind on the right half of the picture: what stands there no track will ever see."""
    real = Detector.look

    def look(self: Detector, picture: Picture, tile: Box, least: float) -> list[Sighting]:
        return [s for s in real(self, picture, tile, least) if s.box.right < 200]

    monkeypatch.setattr(Detector, "look", look)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """Return a film that was watched and cut, and its cut."""
    folder = tmp_path_factory.mktemp("film")
    desk = Desk(faces.film(folder / "film.mp4", faces.speaking(14, double="goran")))
    desk.watch()
    return desk, desk.cut(folder / "result.mp4")


def _planted(cut: Path, to: Path, where: faces.Pose, when: range) -> Path:
    """Copy a cut with a bare face pasted into some of its frames."""
    actor = faces.Actor("goran", lambda _: where)
    with read(probe(cut)) as reader, Writer.like(reader, to) as writer:
        for frame in reader:
            if frame.index in when:
                picture = frame.picture.copy()
                pixels = picture.rgb()
                picture.paste(picture.box, pixels, faces.act(pixels.copy(), actor, 0))
                frame = Frame(frame.index, frame.at, picture)  # noqa: PLW2901
            writer.put(frame)
    return to


def test_doubles_are_left_alone(finished: tuple[Desk, Path]) -> None:
    """A cut in which everyone wears their double is safe: the attack does not complain about doubles."""
    desk, cut = finished
    report = desk.attack(cut)
    assert report.safe
    assert report.frames == 14
    stored = json.loads(desk.folder.report.read_text())
    assert stored["verdict"] == "safe"
    assert stored["frames_searched"] == 14
    assert stored["not_checked"]


@pytest.mark.parametrize("when", [range(14), range(5, 9), range(6, 7)], ids=["always", "four frames", "one frame"])
def test_a_planted_face_is_found(finished: tuple[Desk, Path], tmp_path: Path, when: range) -> None:
    """A bare face that is pasted into the finished cut is found, in the frames in which it is, where it is."""
    desk, cut = finished
    pose = faces.Pose(48, 180, 40)
    report = attacking.attack(
        load_case(desk.folder), desk.plan(), desk.folder, _planted(cut, tmp_path / "planted.mp4", pose, when)
    )
    assert not report.safe
    assert {f.index for f in report.findings} == set(when)
    truth = Box.around(faces.posed("goran", pose)[:468])
    for index in when:
        assert any(f.box.overlap(truth) > 0.3 for f in report.findings if f.index == index)
    assert [f.score for f in report.findings] == sorted((f.score for f in report.findings), reverse=True)
    assert json.loads(desk.folder.report.read_text())["verdict"] == "exposed"


def test_the_undisguised_film_is_exposed(finished: tuple[Desk, Path]) -> None:
    """The film itself, taken for its cut, is exposed in every frame, and its person is known: the control."""
    desk, _ = finished
    report = desk.attack(desk.film)
    assert len({f.index for f in report.findings if f.kind == "original"}) == 14
    (face,) = [a for a in report.attacks if a.channel == "face"]
    assert face.verdict == "exposed"
    assert face.score is not None
    assert face.score > 0.85


def test_who_may_be_seen_is_no_finding(tmp_path: Path) -> None:
    """A face that the plan lets be seen is no finding, in its span; a result that shows it longer is exposed."""
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(14, double="goran")))
    desk.watch()
    desk.folder.plan.write_text('[people.P1]\nseen = ["0:00:00 - 0:00:00.28"]\n')
    report = desk.attack(desk.cut(tmp_path / "result.mp4"))
    assert report.safe
    assert {f.index for f in desk.attack(desk.film).findings} == set(range(7, 14))


def test_only_people_who_may_be_seen_prove_nothing(tmp_path: Path) -> None:
    """Where everyone may be seen nobody was tried: that is not proven, never safe."""
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(6)))
    desk.watch()
    desk.folder.plan.write_text('[people.P1]\nseen = ["always"]\n')
    report = desk.attack(desk.cut(tmp_path / "result.mp4"))
    assert not report.findings
    assert report.verdict == "not proven"


def test_a_cut_is_judged_by_the_plan_that_made_it(finished: tuple[Desk, Path]) -> None:
    """A plan that was changed since, or what an attack has raised, calls for a new cut before an attack."""
    desk, cut = finished
    kept = desk.folder.plan.read_text()
    try:
        desk.folder.plan.write_text(kept.replace('cover = "double"', 'cover = "shadow"'))
        with pytest.raises(VeilError, match="plan"):
            desk.attack(cut)
        desk.folder.plan.write_text(kept)
        save_raised(desk.folder, {"P1": Raised(hidden=(ALWAYS,))})
        with pytest.raises(VeilError, match="plan"):
            desk.attack(cut)
    finally:
        desk.folder.plan.write_text(kept)
        (desk.folder.path / "raised.json").unlink(missing_ok=True)


def test_another_film_in_its_place(finished: tuple[Desk, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """When the film is not the one that was watched, nothing is compared with it."""
    desk, cut = finished
    case = load_case(desk.folder)
    monkeypatch.setattr(attacking, "probe", lambda path: replace(probe(path), fingerprint="another"))
    with pytest.raises(VeilError, match="watched"):
        attacking.attack(case, desk.plan(), desk.folder, cut)


def test_a_recogniser_that_knows_somebody_gets_them_another_cover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who is known in their double gets another cover; the result then is safe, and says what was raised."""
    monkeypatch.setattr(planning, "too_alike", lambda *_: False)  # or nobody would wear a face so like their own
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(12, double="boris")))
    desk.watch()
    desk.folder.plan.write_text('[people.P1]\ndouble = "boris"\n')
    assert desk.disguise(tmp_path / "result.mp4").safe
    raised = desk.raised()["P1"]
    assert raised.refused
    assert raised.double or raised.whole


def test_a_face_that_the_defence_missed_is_covered(blind: None, tmp_path: Path) -> None:
    """Somebody whom the defence never saw is found by the attack and covered; the result then shows nobody."""
    del blind
    scene = two_people()
    desk = Desk(faces.film(tmp_path / "film.mp4", scene))
    report = desk.disguise(tmp_path / "result.mp4")
    assert report.safe
    assert len(load_case(desk.folder).cast.tracks) == 1, "the defence was not blind"
    assert load_found(desk.folder), "the attack found nothing"
    assert max(_brightest(scene, tmp_path / "result.mp4")) < 60


def test_a_face_that_cannot_be_covered_is_withheld(
    blind: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When what is found is never covered, the result is withheld: exit code 3, no final film and no part."""
    del blind
    monkeypatch.setattr(veil.desk, "raise_covers", lambda *_: True)
    film = faces.film(tmp_path / "film.mp4", two_people(8))
    assert run(["disguise", str(film), "-o", str(tmp_path / "result.mp4")]) == 3
    problem, hint = capsys.readouterr().err.splitlines()[-2:]
    assert "show somebody" in problem
    assert hint.startswith("! veil: hint: ")
    assert not list(tmp_path.glob("result*"))


def test_a_cut_that_is_not_whole_is_not_safe(finished: tuple[Desk, Path], tmp_path: Path) -> None:
    """A cut that has fewer frames than the film was not searched whole, so it is never called safe."""
    desk, cut = finished
    short = tmp_path / "short.mkv"
    with read(probe(cut)) as reader, Writer.like(reader, short) as writer:
        for frame in reader:
            if frame.index < 9:
                writer.put(frame)
    try:
        assert not desk.attack(short).safe
    except VeilError as error:
        assert error.hint  # noqa: PT017


def test_a_face_beside_somebody_who_may_be_seen_is_found(tmp_path: Path, blind: None) -> None:
    """The plan lets one person be seen; a stranger whom the defence missed is covered all the same."""
    del blind
    scene = two_people(10)
    desk = Desk(faces.film(tmp_path / "film.mp4", scene))
    desk.watch()
    desk.folder.plan.write_text('[people.P1]\nseen = ["always"]\n')
    assert desk.plan().roles["P1"].seen
    with pytest.raises(NotProven):
        desk.disguise(tmp_path / "result.mp4")
    part = tmp_path / "result.mp4.part"
    assert max(_brightest(scene, part)) < 60
    assert min(_brightest(replace(scene, actors=scene.actors[::-1]), part)) > 100, "P1 may be seen"


def _brightest(scene: faces.Scene, result: Path) -> Iterator[int]:
    """Yield of every frame the brightest code value in the last actor's face, a little inside its outline."""
    with read(probe(result)) as reader:
        for frame in reader:
            mask = np.zeros(scene.size[::-1], np.uint8)
            oval = scene.truth(frame.index)[-1]
            cv2.fillPoly(mask, [(oval.mean(0) + 0.9 * (oval - oval.mean(0))).round().astype(np.int32)], 1)
            yield int(frame.picture.y[mask > 0].max())
