"""Signals through the whole path: the card is there, nothing else changes, and nobody can hide behind it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from veil.desk import Desk
from veil.errors import VeilError
from veil.media import Writer, probe, read
from veil.nouns.picture import Box, Frame
from veil.nouns.plan import Plan, Role
from veil.nouns.signals import Signals
from veil.nouns.time import ALWAYS
from veil.stages import attack as attacking
from veil.stages.case import Case, load_case
from veil.stages.cut import _key
from veil.stages.dressing import CuttingRoom, Scenery
from veil.stages.left_over import Reading
from veil.stages.plan import read_plan
from veil.stages.signing import disclosure, signs_of

FRAMES = 55


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """Return a film of a little over two seconds, and its cut with card and mark."""
    folder = tmp_path_factory.mktemp("film")
    desk = Desk(faces.film(folder / "film.mp4", faces.speaking(FRAMES, (480, 270), double="goran")))
    desk.watch()
    desk.folder.plan.write_text('[signals]\nmark = "top left"\nlanguage = "uk"\n[people.P1]\n')
    return desk, desk.cut(folder / "result.mp4")


def _changed(was: Frame, now: Frame, box: Box) -> float:
    """Return by how many code values a place differs in the mean."""
    return float(np.abs(was.picture.rgb(box).astype(int) - now.picture.rgb(box)).mean())


def test_the_card_and_the_mark_are_there(finished: tuple[Desk, Path]) -> None:
    """The mark is there in every frame, the card comes after the first ones; frames, instants and size stay."""
    desk, cut = finished
    signs = signs_of(load_case(desk.folder), desk.plan())
    assert signs.card is not None
    assert signs.mark is not None
    film = load_case(desk.folder).film
    with read(film) as before, read(probe(cut)) as after:
        for was, now in zip(before, after, strict=True):
            assert was.at == now.at
            assert was.picture.y.shape == now.picture.y.shape
            assert _changed(was, now, signs.mark.written) > 8
            more = _changed(was, now, signs.card.written)
            if 0.7 < now.at < 1.8:
                assert more > 25
            elif now.at < 0.25:
                assert more < 4


def test_the_attack_takes_it_for_no_leak(finished: tuple[Desk, Path]) -> None:
    """The attack is content: no place is strange, no writing is reported, and the report says what viewers are told."""
    desk, cut = finished
    report = desk.attack(cut)
    assert report.safe
    (writing,) = [a for a in report.attacks if a.channel == "writing"]
    assert writing.verdict == "safe"
    assert "a sentence over its beginning" in report.disclosure
    assert "a mark in a corner" in desk.folder.page.read_text("utf-8")


def test_nobody_hides_behind_the_card(finished: tuple[Desk, Path], tmp_path: Path) -> None:
    """A bare face under the card is found all the same: a sign is no paint."""
    desk, cut = finished
    pose = faces.Pose(80, 225, 44)
    signs = signs_of(load_case(desk.folder), desk.plan())
    actor, when = faces.Actor("ada", lambda _: pose), range(20, 26)
    with read(probe(cut)) as reader, Writer.like(reader, tmp_path / "planted.mp4") as writer:
        for frame in reader:
            picture = frame.picture.copy()
            if frame.index in when:
                pixels = picture.rgb()
                picture.paste(picture.box, pixels, faces.act(pixels.copy(), actor, 0))
                for sign, up in signs.at(frame.at):
                    patch = picture.rgb(sign.box)
                    picture.paste(sign.box, patch, sign.over(patch, 0.5 * up))
            writer.put(Frame(frame.index, frame.at, picture))
    report = attacking.attack(load_case(desk.folder), desk.plan(), desk.folder, tmp_path / "planted.mp4")
    assert len({f.index for f in report.findings} & set(when)) >= 5


def _case(tmp_path: Path, seconds: int = 6) -> Case:
    case = faces.case_of(faces.speaking(4), tmp_path)
    return replace(case, film=replace(case.film, length_s=Fraction(seconds)))


def test_who_is_not_disguised_needs_no_card(tmp_path: Path) -> None:
    """Where everybody may be seen, or nobody is there, the film claims no disguise; nor a flash of a card if short."""
    case, plan = _case(tmp_path), Plan(0, signals=Signals(mark="top left"))
    assert signs_of(case, plan).card is not None
    open_to_all = replace(plan, roles={"P1": Role(seen=(ALWAYS,))})
    assert signs_of(case, open_to_all).at(Fraction(2)) == []
    nobody = replace(case, cast=replace(case.cast, tracks=(), people=()))
    assert signs_of(nobody, plan).at(Fraction(2)) == []
    short = replace(case, film=replace(case.film, length_s=Fraction(1)))
    assert signs_of(short, plan).card is None


@pytest.mark.parametrize(("middle_y", "above"), [(80, False), (200, True)])
def test_the_card_keeps_off_faces(tmp_path: Path, middle_y: int, above: bool) -> None:
    """The card lies below, unless it would hide more of a face there than above."""
    low = faces.Scene((faces.Actor("farah", lambda _: faces.Pose(240, middle_y, 80)),), 20, (480, 270))
    case = faces.case_of(low, tmp_path)
    case = replace(case, film=replace(case.film, length_s=Fraction(6)))
    shown = signs_of(case, Plan(0)).card
    assert shown is not None
    assert (shown.box.top == 0) is above
    assert (shown.box.bottom == 270) is not above


def test_the_disclosure_tells_the_truth(tmp_path: Path) -> None:
    """The report's sentence names what there is, and warns where the film tells its viewers nothing."""
    case = _case(tmp_path)
    assert "card" not in disclosure(case, Plan(0))
    assert "sentence" in disclosure(case, Plan(0))
    assert "halo" in disclosure(case, Plan(0))
    silent = Plan(0, signals=Signals(0, "off"))
    assert "does not tell" in disclosure(case, silent)
    assert "halo" not in disclosure(case, Plan(0, others=Role("shadow")))
    assert "nobody" in disclosure(case, Plan(0, {"P1": Role(seen=(ALWAYS,))}))


def test_only_the_beginning_depends_on_the_card(tmp_path: Path) -> None:
    """Another sentence cuts the first section again and no later one; the mark and the halo are in all of them."""
    case, plan = _case(tmp_path, 3600), Plan(0)

    def changed(signals: Signals) -> list[bool]:
        other = replace(plan, signals=signals)
        return [_key(case, plan, (), i, Scenery()) != _key(case, other, (), i, Scenery()) for i in (0, 900)]

    assert changed(Signals(text="Other words.")) == [True, False]
    assert changed(Signals(language="fr")) == [True, False]
    assert changed(Signals(card="off")) == [True, False]
    assert changed(Signals(mark="top left")) == [True, True]
    assert changed(Signals(halo=50)) == [True, True]


def test_only_the_words_themselves_are_excused(tmp_path: Path) -> None:
    """Writing beside the card's own words is reported: the card hides no sign."""
    case = _case(tmp_path)
    signs = signs_of(case, Plan(0))
    assert signs.card is not None
    assert signs.card.written.area < 0.5 * signs.card.box.area
    reading = Reading(case, Plan(0))
    scene = faces.frame_of(faces.speaking(4), 0).picture.copy()
    patch = scene.rgb(signs.card.box)
    scene.paste(signs.card.box, patch, signs.card.over(patch, 1.0))
    frame = Frame(0, Fraction(0), scene)
    reading.look(frame)
    assert reading.seen, "the control: the card can be read"
    reading.seen.clear()
    reading.look(frame, [signs.card.written])
    assert not reading.seen


MISTAKES = {
    "halo = 301": "halo",
    "halo = true": "halo",
    'card = "maybe"': "card",
    'language = "fa"': "language",
    'mark = "middle"': "mark",
    "text = 3": "text",
    'text = "من أجل"': "right to left",
    'shine = "x"': "shine",
}


@pytest.mark.parametrize("line", sorted(MISTAKES))
def test_every_mistake_is_told(tmp_path: Path, line: str) -> None:
    """What the plan says wrongly of signals is refused with a sentence that names it, and a hint."""
    with pytest.raises(VeilError, match=MISTAKES[line]) as caught:
        read_plan(f"[signals]\n{line}\n", _case(tmp_path), {})
    assert caught.value.hint


def test_a_text_too_long_is_told_by_the_plan(tmp_path: Path) -> None:
    """A sentence that does not fit the picture is refused when the plan is read, not when the film is cut."""
    with pytest.raises(VeilError, match="too long"):
        read_plan(f'[signals]\ntext = "{"word " * 99}"\n', _case(tmp_path), {})


def test_a_halo_spreads_nobody_elses_face(tmp_path: Path) -> None:
    """Cheek to cheek, repaint the nearer face under its double, and not one pixel of the result changes.

    A halo that were laid before everyone is dressed would smear the neighbour's own skin past their outline.
    """
    far = faces.Actor("farah", lambda _: faces.Pose(130, 110, 80))
    near = faces.Actor("goran", lambda _: faces.Pose(214, 112, 92), (120, 110, 100))
    scene = faces.Scene((far, near), 1, (400, 240))
    case, frame = faces.case_of(scene, tmp_path), faces.frame_of(scene, 0)
    oval = cv2.convexHull(scene.truth(0)[1].round().astype(np.int32))
    inside = np.zeros(scene.size[::-1], np.uint8)
    cv2.fillConvexPoly(inside, oval, 1)
    inside = cv2.erode(inside, np.ones((9, 9), np.uint8))  # colour is kept at half size
    picture = frame.picture.copy()
    pixels = picture.rgb()
    loud = pixels.copy()
    loud[inside > 0] = 255 - loud[inside > 0]
    picture.paste(picture.box, pixels, loud)
    other = Frame(0, frame.at, picture)
    plan = Plan(5, {"P1": Role(double="boris"), "P2": Role(double="ada")}, signals=Signals(300))
    results = [CuttingRoom(case, plan, {}).dress(f).picture.rgb() for f in (frame, other)]
    bare = CuttingRoom(case, replace(plan, signals=Signals(0)), {}).dress(frame).picture.rgb()
    assert (results[0] != bare).any(), "the control: there are halos"
    assert np.array_equal(results[0], results[1])
