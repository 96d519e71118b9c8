"""Burned-in subtitles through the whole path: they are there, the attack takes just them for Veil's own writing."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from veil.desk import Desk
from veil.disguise.scene.signs import check_subtitle, subtitle
from veil.errors import VeilError
from veil.media import probe, read
from veil.nouns.caption import Caption
from veil.nouns.picture import Frame
from veil.nouns.plan import Plan
from veil.nouns.signals import Signals
from veil.nouns.time import Span
from veil.stages import attack as attacking
from veil.stages import cut as cutting
from veil.stages.burned import laid, load_captions, save_captions
from veil.stages.case import CaseFolder, load_case
from veil.stages.left_over import Reading
from veil.stages.painted import seal_of
from veil.stages.signing import signs_of

FRAMES = 18
WORDS = Caption(
    Span(Fraction(1, 5), Fraction(4, 5)), ("Мой брат уже уехал,", "and nobody knew."), ("P1", "P1"), begins=True
)
PLAN = Plan(0, subtitles="burned in", signals=Signals(100, "off"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Plan, Path]:
    """Return a film of half a second, its plan, and its cut with one subtitle in the middle."""
    folder = tmp_path_factory.mktemp("film")
    monkeypatch = pytest.MonkeyPatch()
    desk = Desk(faces.film(folder / "film.mp4", faces.speaking(FRAMES, (480, 270), double="goran")))
    case = desk.watch()
    plan = replace(desk.plan(), subtitles="burned in", signals=Signals(100, "off"))
    save_captions(desk.folder, [WORDS])
    monkeypatch.setattr(cutting, "burn_in", lambda *_: None)  # what is said is told by the line above
    cutting.cut(case, plan, desk.folder, folder / "cut.mp4.part")
    monkeypatch.undo()
    return desk, plan, folder / "cut.mp4.part"


def test_the_words_are_there_while_they_are_said(finished: tuple[Desk, Plan, Path]) -> None:
    """The subtitle stands in each frame of its time, from the first to the last, and in no other."""
    desk, plan, cut = finished
    case = load_case(desk.folder)
    signs = signs_of(case, plan, load_captions(plan, desk.folder))
    (sign,) = [s for s, _ in signs.at(Fraction(3, 10))]
    with read(case.film) as before, read(probe(cut)) as after:
        for was, now in zip(before, after, strict=True):
            more = np.abs(was.picture.rgb(sign.written).astype(int) - now.picture.rgb(sign.written)).mean()
            assert bool(more > 20) is (was.at in WORDS.span)


def test_the_attack_accepts_them_and_nothing_else(finished: tuple[Desk, Plan, Path]) -> None:
    """The attack finds neither writing nor a strange place in the cut; the same words elsewhere it finds."""
    desk, plan, cut = finished
    case = load_case(desk.folder)
    report = attacking.attack(case, plan, desk.folder, cut)
    (writing,) = [a for a in report.attacks if a.channel == "writing"]
    assert writing.verdict == "safe"
    assert not report.findings
    signs = signs_of(case, plan, load_captions(plan, desk.folder))
    (sign,) = [s for s, _ in signs.at(Fraction(3, 10))]
    with read(probe(cut)) as reader:
        frame = [f for f in reader if f.at in WORDS.span][3]
    picture = frame.picture.copy()
    pixels = picture.rgb()
    planted = pixels.copy()
    cv2.putText(planted, "RUSLAN WAS HERE", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2)
    picture.paste(picture.box, pixels, planted)
    for shown, seen in ((frame, 0), (Frame(frame.index, frame.at, picture), 1)):
        reading = Reading(case, replace(plan, writing="covered"))
        reading._due = {frame.index}
        reading.look(shown, [sign.written])
        assert len(reading.seen) == seen


def test_other_words_are_another_cut(finished: tuple[Desk, Plan, Path]) -> None:
    """A cut with other subtitles has another seal, and a plan without them knows none."""
    desk, plan, _ = finished
    case, folder = load_case(desk.folder), CaseFolder(desk.folder.path)
    before = seal_of(case, plan, folder)
    save_captions(folder, [replace(WORDS, lines=("Other words",), speakers=("P1",))])
    assert seal_of(case, plan, folder) != before
    save_captions(folder, [WORDS])
    assert seal_of(case, plan, folder) == before
    assert load_captions(replace(plan, subtitles="beside"), folder) == ()


def test_they_must_be_known_and_drawable(tmp_path: Path) -> None:
    """A plan that wants subtitles in the picture is refused while none are known, and where no letter can be drawn."""
    folder = CaseFolder(tmp_path)
    with pytest.raises(VeilError, match="nothing that is said is known"):
        load_captions(PLAN, folder)
    with pytest.raises(VeilError, match="script"):
        save_captions(folder, [replace(WORDS, lines=("שלום",), speakers=("P1",))])
    check_subtitle("Ещё ўґєїі İşçñåø – «да»… №1 100 % €?")


@pytest.mark.parametrize(("middle_y", "above"), [(80, False), (215, True)])
def test_they_keep_off_faces_and_signs(tmp_path: Path, middle_y: int, *, above: bool) -> None:
    """A subtitle stands below, or above where a face is below; on the card or the mark it never lies."""
    low = faces.Scene((faces.Actor("farah", lambda _: faces.Pose(240, middle_y, 80)),), 20, (480, 270))
    case = faces.case_of(low, tmp_path)
    case = replace(case, film=replace(case.film, length_s=Fraction(6)))
    early = replace(WORDS, span=Span(Fraction(1, 5), Fraction(4, 5)))
    alone = laid([early], case, ())
    assert alone is not None
    sign = alone.at(Fraction(1, 2))
    assert sign is not None
    assert (sign.written.bottom < 135) is above
    signs = signs_of(case, Plan(0, signals=Signals(mark="bottom left")), [early])
    shown = [s for s, up in signs.at(Fraction(3, 4)) if up > 0]
    assert len(shown) >= 2
    assert not any(shown[-1].written.shared_px(other.written) for other in shown[:-1])


@pytest.mark.parametrize("ground", [0, 128, 255])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (720, 1280), (320, 180)])
def test_they_can_be_read_on_any_picture(ground: int, size: tuple[int, int]) -> None:
    """On black, grey and white the letters stand out from their ground by at least 4.5 to 1 (WCAG 2, AA)."""
    lines = ("When they came to the house at night, the", "brother of my neighbour had already left")
    sign = subtitle(lines, *size, round(0.06 * size[1]))
    assert sign.box.left >= 0
    assert sign.box.bottom <= size[1]
    patch = sign.over(np.full((sign.box.height, sign.box.width, 3), ground, np.uint8), 1.0)
    near = cv2.dilate((sign.letters > 0.9).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    bright, dark = patch[sign.letters > 0.9].mean(), np.percentile(patch[near & (sign.letters == 0)], 90)
    light, shade = (((v / 255 + 0.055) / 1.055) ** 2.4 for v in (bright, dark))
    assert (light + 0.05) / (shade + 0.05) >= 4.5
    with pytest.raises(VeilError, match="too small"):
        subtitle(lines, 40, 24, 2)
