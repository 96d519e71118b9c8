"""The attack: it finds a bare face in the cut, leaves doubles alone, and what it finds is covered or withheld."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from veil.cli import run
from veil.desk import Desk
from veil.errors import VeilError
from veil.media import Writer, probe, read
from veil.nouns.film import Shot
from veil.nouns.picture import Box, Frame, Picture
from veil.nouns.plan import Plan, Role
from veil.nouns.report import Finding, Report
from veil.nouns.time import Span
from veil.sight.detector import Detector, Sighting
from veil.stages import attack as attacking
from veil.stages.case import CaseFolder, load_case
from veil.stages.cut import load_found

ALWAYS = Span(Fraction(0), Fraction(10**9))
LEFT, RIGHT = faces.Pose(90, 110, 66), faces.Pose(300, 110, 66)


def two_people(frames: int = 20) -> faces.Scene:
    """Return two people side by side, who stay on their halves of the picture."""
    left = faces.Actor("farah", lambda i: replace(LEFT, x=90 + 0.5 * i, moves=faces.talking(i)))
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
    desk = Desk(faces.film(folder / "film.mp4", faces.speaking(14)))
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
    assert all(f.box.overlap(truth) > 0.3 for f in report.findings)
    assert [f.score for f in report.findings] == sorted((f.score for f in report.findings), reverse=True)
    assert json.loads(desk.folder.report.read_text())["verdict"] == "exposed"


def test_the_undisguised_film_is_exposed(finished: tuple[Desk, Path]) -> None:
    """The film itself, taken for a cut in which nothing was painted, is exposed in every frame: the control."""
    desk, _ = finished
    stored = np.load(desk.folder.path / "painted.npy")
    try:
        np.save(desk.folder.path / "painted.npy", stored[:0])
        report = attacking.attack(load_case(desk.folder), desk.plan(), desk.folder, desk.film)
    finally:
        np.save(desk.folder.path / "painted.npy", stored)
    assert len({f.index for f in report.findings}) == 14


def test_who_may_be_seen_is_no_finding(finished: tuple[Desk, Path]) -> None:
    """A face that the plan lets be seen is no finding, in its span; outside the span it is one."""
    desk, _ = finished
    case = load_case(desk.folder)
    stored = np.load(desk.folder.path / "painted.npy")
    try:
        np.save(desk.folder.path / "painted.npy", stored[:0])
        seen = Plan(0, {"P1": Role(seen=(ALWAYS,))})
        assert attacking.attack(case, seen, desk.folder, desk.film).safe
        early = Plan(0, {"P1": Role(seen=(Span(Fraction(0), Fraction(7, 25)),))})
        found = attacking.attack(case, early, desk.folder, desk.film).findings
        assert {f.index for f in found} == set(range(7, 14))
    finally:
        np.save(desk.folder.path / "painted.npy", stored)


def test_what_is_found_is_fed_back_around_its_frame(tmp_path: Path) -> None:
    """A finding is covered from a little before to a little after, inside the film, and earlier findings stay."""
    folder, box = CaseFolder(tmp_path), Box(10, 10, 40, 50)
    shots = [Shot(Span(Fraction(0), Fraction(2)), 0, 60)]
    attacking.feed_back(folder, Report(60, 0, (Finding(2, box, 0.9),)), shots)
    attacking.feed_back(folder, Report(60, 0, (Finding(58, box, 0.9),)), shots)
    found, near = load_found(folder), attacking._DEEP_EVERY
    assert set(found) == {*range(2 + near + 1), *range(58 - near, 60)}
    assert all(boxes == [box] for boxes in found.values())


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
    monkeypatch.setattr(attacking, "feed_back", lambda *_: None)
    film = faces.film(tmp_path / "film.mp4", two_people(8))
    assert run(["disguise", str(film), "-o", str(tmp_path / "result.mp4")]) == 3
    problem, hint = capsys.readouterr().err.splitlines()[-2:]
    assert "faces still show" in problem
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
    assert desk.disguise(tmp_path / "result.mp4").safe
    assert max(_brightest(scene, tmp_path / "result.mp4")) < 60
    assert min(_brightest(replace(scene, actors=scene.actors[::-1]), tmp_path / "result.mp4")) > 100, "P1 may be seen"


def _brightest(scene: faces.Scene, result: Path) -> Iterator[int]:
    """Yield of every frame the brightest code value in the last actor's face, a little inside its outline."""
    with read(probe(result)) as reader:
        for frame in reader:
            mask = np.zeros(scene.size[::-1], np.uint8)
            oval = scene.truth(frame.index)[-1]
            cv2.fillPoly(mask, [(oval.mean(0) + 0.9 * (oval - oval.mean(0))).round().astype(np.int32)], 1)
            yield int(frame.picture.y[mask > 0].max())
