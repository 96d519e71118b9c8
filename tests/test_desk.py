"""The desk: one open film and its verbs, as the film wing's public Python API."""

import doctest
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

import veil.desk
from tests import faces
from tests.films import Recipe, flat, make
from veil.cli import run
from veil.desk import Desk, wardrobe_sheet
from veil.errors import NotProven, VeilError
from veil.media import probe, read

T = TypeVar("T")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a short film of somebody who speaks."""
    return faces.film(tmp_path_factory.mktemp("film") / "film.mp4", faces.speaking(8, double="goran"))


class Told:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.steps: dict[str, int] = {}

    def __call__(self, items: Iterable[T], *, doing: str, total: int | None = None) -> Iterator[T]:
        del total
        for item in items:
            self.steps[doing] = self.steps.get(doing, 0) + 1
            yield item


def test_the_example_in_its_caption(film: Path, tmp_path: Path) -> None:
    """The example in the desk's own documentation runs, and does what it says."""
    ran = doctest.testmod(veil.desk, extraglobs={"film": film, "folder": tmp_path})
    assert ran.failed == 0
    assert ran.attempted >= 4


def test_step_by_step_is_the_whole_job(film: Path, tmp_path: Path) -> None:
    """Watch, plan, cut and attack, one after the other, do what `disguise` does at once."""
    told = Told()
    desk = Desk(film, tmp_path / "case", told)
    case = desk.watch()
    assert [p.label for p in case.cast.people] == ["P1"]
    assert desk.plan().roles["P1"].cover == "double"
    part = desk.cut(tmp_path / "result.mp4")
    assert part.name == "result.mp4.part"
    assert not (tmp_path / "result.mp4").exists(), "an unsearched cut has its final name"
    assert desk.attack(part).safe
    assert told.steps == {"watching": 8, "cutting": 8, "attacking": 8}
    assert set(desk.seconds) == {"watch_s", "cut_s", "attack_s"}


def test_disguise_leaves_one_film(film: Path, tmp_path: Path) -> None:
    """The whole job leaves the film and its case, nothing half done, and picks up what was done before."""
    desk = Desk(film, tmp_path / "case")
    assert desk.disguise(tmp_path / "result.mp4").safe
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case", "result.mp4"]
    told = Told()
    assert Desk(film, tmp_path / "case", told).disguise(tmp_path / "again.mp4").safe
    assert "watching" not in told.steps, "the film was watched twice"


def test_the_case_lies_beside_the_film(film: Path) -> None:
    """Where no case folder is named it lies beside the film, under its name."""
    assert Desk(film).folder.path == film.with_suffix(".veil")


def test_reopen(film: Path, tmp_path: Path) -> None:
    """A case that was watched opens again by its folder alone; a folder without one is refused."""
    Desk(film, tmp_path / "case").watch()
    again = Desk.reopen(tmp_path / "case")
    assert again.film == film
    assert again.plan().roles
    with pytest.raises(VeilError) as caught:
        Desk.reopen(tmp_path / "nothing")
    assert caught.value.hint


def test_a_film_that_moved(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film that was watched is cut from where it is now: moved, or named from another folder."""
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    monkeypatch.chdir(tmp_path)
    Desk(Path("film.mp4"), Path("case")).watch()
    (tmp_path / "moved").mkdir()
    monkeypatch.chdir(tmp_path / "moved")
    assert Desk(Path("../film.mp4"), Path("../case")).disguise(Path("one.mp4")).safe
    (tmp_path / "film.mp4").rename("film.mp4")
    assert Desk(Path("film.mp4"), Path("../case")).disguise(Path("two.mp4")).safe


def test_a_plan_of_another_film_is_not_followed(tmp_path: Path) -> None:
    """A plan that lets P1 be seen is for one film; another film in the same place has another P1, who stays hidden."""
    film = faces.film(tmp_path / "film.mp4", faces.speaking(6))
    desk = Desk(film)
    desk.watch()
    desk.folder.plan.write_text('[people.P1]\nseen = ["always"]\n')
    assert desk.plan().roles["P1"].seen
    other = faces.wearing(faces.speaking(6, double="goran"), faces.speckled(16))
    faces.film(film, other)
    try:
        Desk(film).disguise(tmp_path / "result.mp4")
    except VeilError:
        return
    with read(probe(tmp_path / "result.mp4")) as reader:
        for frame in reader:
            shown = faces.leak(other, frame.index, frame.picture.rgb())
            assert shown < 0.05, "somebody is seen whom no plan let be seen"


def test_the_sheet_of_the_cast(film: Path, tmp_path: Path) -> None:
    """Watching writes the contact sheet as a picture and as a page that names nobody's file."""
    desk = Desk(film, tmp_path / "case")
    desk.watch()
    page = (tmp_path / "case" / "cast.html").read_text("utf-8")
    assert "P1" in page
    assert str(film) not in page
    assert (tmp_path / "case" / "cast.png").stat().st_size > 500


def test_a_result_that_exists_is_never_written_over(film: Path, tmp_path: Path) -> None:
    """A file under the final name is left as it is, and said so before any work is done."""
    (tmp_path / "result.mp4").write_bytes(b"precious")
    told = Told()
    with pytest.raises(VeilError, match="exists"):
        Desk(film, tmp_path / "case", told).disguise(tmp_path / "result.mp4")
    assert (tmp_path / "result.mp4").read_bytes() == b"precious"
    assert not told.steps


def test_a_cut_never_takes_the_place_of_a_result(film: Path, tmp_path: Path) -> None:
    """Step by step too, a finished film is never written over: a new cut under its name is refused, or not named so."""
    (tmp_path / "result.mp4").write_bytes(b"precious")
    words = [str(tmp_path / "case"), "-o", str(tmp_path / "result.mp4")]
    Desk(film, tmp_path / "case").watch()
    codes = [run(["cut", *words]), run(["attack", *words])]
    assert (tmp_path / "result.mp4").read_bytes() == b"precious"
    assert 1 in codes


@pytest.mark.parametrize("name", ["result.avi", "result", "result.txt", "no/such/folder/result.mp4"])
def test_a_result_that_cannot_be_is_said_at_once(film: Path, tmp_path: Path, name: str) -> None:
    """A name that cannot be written is refused before hours of watching, with a hint."""
    told = Told()
    with pytest.raises(VeilError) as caught:
        Desk(film, tmp_path / "case", told).disguise(tmp_path / name)
    assert caught.value.hint
    assert not told.steps, "the film was watched first"


def test_a_film_without_people_is_not_proven(tmp_path: Path) -> None:
    """A film in which nobody is found is searched, and not proven: an empty result is no pass."""
    film = make(tmp_path / "film.mp4", Recipe(frames=5), flat((90, 100, 110), (100, 90, 80)))
    desk = Desk(film)
    with pytest.raises(NotProven):
        desk.disguise(tmp_path / "result.mp4")
    assert not (tmp_path / "result.mp4").exists()
    assert probe(tmp_path / "result.mp4.part").frames == 5
    assert json.loads(desk.folder.report.read_text())["verdict"] == "not proven"
    assert json.loads(desk.folder.ledger.read_text())["owed"] == 0


def test_one_frame(tmp_path: Path) -> None:
    """A film of one frame goes through."""
    desk = Desk(faces.film(tmp_path / "film.mp4", faces.speaking(1)))
    assert desk.disguise(tmp_path / "result.mp4").safe
    assert probe(tmp_path / "result.mp4").frames == 1


def test_the_wardrobe_sheet(tmp_path: Path) -> None:
    """All doubles are shown as one picture; a place that cannot be written is refused with a hint."""
    wardrobe_sheet(tmp_path / "doubles.png")
    assert (tmp_path / "doubles.png").stat().st_size > 10_000
    for wrong in (tmp_path / "no" / "doubles.png", tmp_path / "doubles.txt"):
        with pytest.raises(VeilError) as caught:
            wardrobe_sheet(wrong)
        assert caught.value.hint
