"""The survey lists what gives a place away; the reading says what can still be read."""

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import faces
from tests.stages.scenes import FRAMES, SIZE, Sign, case_of
from veil.disguise.scene.flat import Flat
from veil.media import probe, read
from veil.nouns.picture import Box, Picture
from veil.nouns.plan import Plan, Region
from veil.stages.case import Case, CaseFolder
from veil.stages.left_over import LeftOver, Reading
from veil.stages.paths import paths
from veil.stages.plan import _regions
from veil.stages.scene import WHOLE, WRITING, covered, survey
from veil.stages.scene_page import snippet, write_scene
from veil.stages.watch import watch

PLAIN = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, CaseFolder, list[Sign]]:
    """Return a case of three shots: a sign that moves, nothing, another sign."""
    one, two = Sign(lambda i: (3 * (i - 18), 0, 1)), Sign(lambda _: (30, 40, 1), text="PHARMACY")
    case, folder = case_of(tmp_path_factory.mktemp("film"), one.paint, lambda _: PLAIN, two.paint)
    return case, folder, [one, two]


def test_every_sign_is_listed_once(signs: tuple[Case, CaseFolder, list[Sign]]) -> None:
    """A sign that stays through its shot is one entry, with when, where, and a picture of it."""
    case, folder, (one, two) = signs
    scene = survey(case, folder)
    things = [t for t in scene.things if t.found]
    assert [(t.label, t.kind, t.shot) for t in things] == [("S1", WRITING, 0), ("S2", WRITING, 2)]
    for thing, sign in zip(things, (one, two), strict=True):
        shot = case.shots[thing.shot]
        where = sign.box(round(thing.at * 25) - shot.first)
        assert thing.box.shared_px(where) > 0.6 * where.area
        assert shot.span.start <= thing.start <= thing.at < thing.end <= shot.span.end
        assert (folder.path / "scene" / f"{thing.label}.jpg").stat().st_mode & 0o077 == 0
    assert [t.kind for t in scene.things if not t.found] == 3 * [WHOLE]
    assert scene.looks >= 6


def test_a_survey_is_kept(signs: tuple[Case, CaseFolder, list[Sign]], tmp_path: Path) -> None:
    """A survey that is there is read; a damaged one is made again."""
    case, folder, _ = signs
    first = survey(case, folder)
    away = case.film.path.rename(tmp_path / "away.mp4")
    assert survey(case, folder) == first
    away.rename(case.film.path)
    (folder.path / "scene.json").write_text("{", "utf-8")
    assert survey(case, folder) == first


def test_the_page_says_what_is_covered(signs: tuple[Case, CaseFolder, list[Sign]]) -> None:
    """The page is private, warns, gives lines that the plan takes, and tells what is covered by it."""
    case, folder, _ = signs
    scene = survey(case, folder)
    region = _regions([{"at": "0:00:00.500", "box": [1, 2, 30, 40]}])
    assert region == (Region(Fraction(1, 2), Box(1, 2, 30, 40)),)
    first = scene.things[0]
    told = snippet(first)
    at, corners = re.findall(r'"(.*)"', told)[0], json.loads(told.split("box = ")[1])
    plan = Plan(1, regions=_regions([{"at": at, "box": corners}]))
    assert [covered(t, plan, case) for t in scene.things if t.found] == [True, False]
    assert all(covered(t, Plan(1, writing="covered"), case) == t.found for t in scene.things)
    write_scene(scene, case, plan, folder)
    page = folder.path / "scene.html"
    text = page.read_text("utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert "Guard this folder" in text
    assert "cannot judge" in text
    assert told.splitlines()[0] in text
    assert text.count("as it is</span>") == 4  # one sign, three shots


def test_people_are_shown_for_a_human_to_judge(tmp_path: Path) -> None:
    """For everyone in the film there are pictures of neck and chest, and of hands and body, which nobody judged."""
    film = faces.film(tmp_path / "film.mp4", faces.speaking(12))
    folder = CaseFolder(tmp_path / "film.veil")
    case = watch(probe(film), folder)
    kinds = {t.kind for t in survey(case, folder).things}
    assert "neck and chest of P1" in kinds
    assert not any(t.found for t in survey(case, folder).things)


def test_covered_writing_cannot_be_read(signs: tuple[Case, CaseFolder, list[Sign]]) -> None:
    """Through search, following and covering: other eyes find no letter left, in any frame."""
    case, folder, _ = signs
    plan = Plan(1, writing="covered")
    covers = paths(case, plan, folder)
    reading = Reading(case, plan)
    reading._due = set(range(0, case.frames, 4))
    with read(case.film) as frames:
        for frame in frames:
            for box in covers.get(frame.index, []):
                _cover(frame.picture, box, frame.index)
            reading.look(frame)
    assert reading.looks == case.frames // 4
    assert reading.judge().attack.verdict == "safe"


def _cover(picture: Picture, box: Box, seed: int) -> None:
    reach = picture.even(Flat().reach(box))
    patch = picture.rgb(reach)
    here = Box(box.left - reach.left, box.top - reach.top, box.right - reach.left, box.bottom - reach.top)
    picture.paste(reach, patch, Flat().wear(patch, here, seed))


def _left_over(case: Case, plan: Plan) -> LeftOver:
    """Return what is read of writing in the film itself, as if it were the result."""
    reading = Reading(case, plan)
    with read(case.film) as frames:
        for frame in frames:
            reading.look(frame)
    return reading.judge()


def test_writing_that_is_left_is_told(signs: tuple[Case, CaseFolder, list[Sign]]) -> None:
    """Where the plan wants writing covered what is left exposes; else it is a warning with the way out."""
    case, _, (one, _) = signs
    exposed = _left_over(case, Plan(1, writing="covered"))
    assert exposed.attack.verdict == "exposed"
    assert exposed.attack.person is None
    assert any(box.shared_px(one.box(index)) for index, box in exposed.places if index < FRAMES)
    warned = _left_over(case, Plan(1))
    assert warned.attack.verdict == "warned"
    assert 'writing = "covered"' in warned.attack.said
    assert warned.places == ()


def test_no_look_is_no_proof(signs: tuple[Case, CaseFolder, list[Sign]]) -> None:
    """A result of which no frame was looked at is not proven safe."""
    assert Reading(signs[0], Plan(1, writing="covered")).judge().attack.verdict == "not proven"
