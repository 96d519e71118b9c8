"""Watching a film: the case is whole, and work that was interrupted ends as if it had not been."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tests import faces
from tests.films import Recipe, flat, make
from veil.errors import VeilError
from veil.media import probe
from veil.nouns.cast import Sure
from veil.nouns.picture import Pixels
from veil.sight.motion import Motion
from veil.stages import watch as watching
from veil.stages.case import Case, CaseFolder, load_case
from veil.stages.watch import watch

T = TypeVar("T")


class Interrupted(Exception):
    """Stands for a power cut."""


class StopsAt:
    """A progress that stops the work after so many frames."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.seen = 0

    def __call__(self, items: Iterable[T], *, doing: str, total: int | None = None) -> Iterator[T]:
        del doing, total
        for item in items:
            self.seen += 1
            if self.seen > self.frames:
                raise Interrupted
            yield item


@pytest.fixture(scope="module")
def cut_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of two shots, a face in each."""
    return faces.film(tmp_path_factory.mktemp("film") / "film.mp4", faces.cut_in_turn())


@pytest.fixture(scope="module")
def short_shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film with a shot of 8 frames in its middle: a face, another, and a third."""
    scene, other = faces.cut_in_turn(), replace(faces.speaking(40), sky=11)

    def paint(index: int) -> Pixels:
        if index < 12:
            return scene.paint(index)
        return scene.paint(index + 3) if index < 20 else other.paint(index)

    return make(tmp_path_factory.mktemp("film") / "film.mp4", Recipe(frames=26, size=(320, 240)), paint)


def _about(case: Case) -> dict[str, object]:
    """Return what a case says, with all rows, but for where it lies."""
    rows = {t.label: np.array(t.rows()) for t in case.cast.tracks}
    return {
        "frames": case.frames,
        "shots": case.shots,
        "tracks": [(t.label, t.shot, t.first, t.last) for t in case.cast.tracks],
        "people": case.cast.people,
        "indices": {label: r["index"].tolist() for label, r in rows.items()},
        "sure": {label: r["sure"].tolist() for label, r in rows.items()},
        "boxes": {label: r["box"].round().tolist() for label, r in rows.items()},
    }


def test_a_case_is_whole(cut_film: Path, tmp_path: Path) -> None:
    """Shots, tracks and people fit each other and the film, and the case reads back as it was."""
    case = watch(probe(cut_film), CaseFolder(tmp_path / "case"))
    assert case.frames == 30
    assert [(s.first, s.last) for s in case.shots] == [(0, 15), (15, 30)]
    assert case.shots[-1].span.end == Fraction(30, 25)
    assert [(t.shot, t.first, t.last) for t in case.cast.tracks] == [(0, 0, 15), (1, 15, 30)]
    for track in case.cast.tracks:
        rows = track.rows()
        assert np.array_equal(rows["index"], np.arange(track.first, track.last))
        assert (rows["sure"] == Sure.FITTED).mean() > 0.8
        assert track.path.stat().st_size == len(rows) * rows.dtype.itemsize
    again = load_case(CaseFolder(tmp_path / "case"))
    assert _about(again) == _about(case)
    assert again.film == case.film
    assert set(case.neutrals) == {"P1", "P2"}
    assert (tmp_path / "case").stat().st_mode & 0o077 == 0, "others may look into the case"
    assert not list((tmp_path / "case").glob("watching-*")), "what was kept for an interruption is left"


def test_finished_work_is_not_done_again(cut_film: Path, tmp_path: Path) -> None:
    """Watching a film that was watched reads the case: not one frame is looked at."""
    folder = CaseFolder(tmp_path / "case")
    first = watch(probe(cut_film), folder)
    assert _about(watch(probe(cut_film), folder, StopsAt(0))) == _about(first)


def test_a_case_of_another_film_is_refused(cut_film: Path, short_shots: Path, tmp_path: Path) -> None:
    """A case folder that holds another film, with another plan, is never taken for this one's."""
    folder = CaseFolder(tmp_path / "case")
    watch(probe(cut_film), folder)
    with pytest.raises(VeilError, match="another film"):
        watch(probe(short_shots), folder)


@pytest.mark.parametrize("stop", [3, 11, 17, 22, 29])
def test_interrupted_work_goes_on(cut_film: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Watching that was interrupted, at any frame, goes on and ends with the same case as a run that was not."""
    monkeypatch.setattr(watching, "_SAVE_EVERY", 10)
    whole = watch(probe(cut_film), CaseFolder(tmp_path / "whole"))
    folder = CaseFolder(tmp_path / "broken")
    with pytest.raises(Interrupted):
        watch(probe(cut_film), folder, StopsAt(stop))
    assert not folder.about.is_file()
    assert _about(watch(probe(cut_film), folder)) == _about(whole)


@pytest.mark.parametrize("stop", [16, 21])
def test_what_was_written_after_the_last_save_does_not_stay(
    short_shots: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A track that began, and perhaps ended, after the last save and before the interruption is not kept twice."""
    monkeypatch.setattr(watching, "_SAVE_EVERY", 11)
    whole = watch(probe(short_shots), CaseFolder(tmp_path / "whole"))
    assert any(t.first == 12 and t.last == 20 for t in whole.cast.tracks), "the film is not what the test needs"
    folder = CaseFolder(tmp_path / "broken")
    with pytest.raises(Interrupted):
        watch(probe(short_shots), folder, StopsAt(stop))
    case = watch(probe(short_shots), folder)
    for track in case.cast.tracks:
        assert np.array_equal(track.rows()["index"], np.arange(track.first, track.last)), track.label
        assert track.last <= case.frames
    assert _about(case) == _about(whole)


@pytest.mark.parametrize("stop", [18, 19])
def test_interrupted_twice(cut_film: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second interruption does no more harm than the first."""
    monkeypatch.setattr(watching, "_SAVE_EVERY", 5)
    whole = watch(probe(cut_film), CaseFolder(tmp_path / "whole"))
    folder = CaseFolder(tmp_path / "broken")
    for frames in (stop, 11):
        with pytest.raises(Interrupted):
            watch(probe(cut_film), folder, StopsAt(frames))
    assert _about(watch(probe(cut_film), folder)) == _about(whole)


def test_a_film_without_people(tmp_path: Path) -> None:
    """A film in which nobody is gives a case without tracks, not an error."""
    film = make(tmp_path / "film.mp4", Recipe(frames=5, size=(160, 120)), flat((90, 90, 90)))
    case = watch(probe(film), CaseFolder(tmp_path / "case"))
    assert not case.cast.tracks
    assert not case.neutrals
    assert len(case.shots) == 1


def test_one_frame(tmp_path: Path) -> None:
    """A film of a single frame with a face in it is watched."""
    film = faces.film(tmp_path / "film.mp4", faces.speaking(1))
    case = watch(probe(film), CaseFolder(tmp_path / "case"))
    assert [(t.first, t.last) for t in case.cast.tracks] == [(0, 1)]


@pytest.mark.parametrize(
    "harm", ["not json", "another version", "a key is missing", "no neutrals", "a list", "half a file"]
)
def test_a_damaged_case_is_refused(cut_film: Path, tmp_path: Path, harm: str) -> None:
    """A case that is damaged, or of another version, is refused with a sentence and a hint; never read in part."""
    folder = CaseFolder(tmp_path / "case")
    watch(probe(cut_film), folder)
    about = json.loads(folder.about.read_text())
    if harm == "not json":
        folder.about.write_text("{")
    elif harm == "another version":
        folder.about.write_text(json.dumps({**about, "format": 99}))
    elif harm == "a key is missing":
        del about["tracks"]
        folder.about.write_text(json.dumps(about))
    elif harm == "no neutrals":
        (folder.path / "neutrals.npz").unlink()
    elif harm == "a list":
        folder.about.write_text("[]")
    else:
        neutrals = folder.path / "neutrals.npz"
        neutrals.write_bytes(neutrals.read_bytes()[:50])
    with pytest.raises(VeilError) as caught:
        load_case(folder)
    assert caught.value.hint
    if harm == "another version":
        assert "--case" in caught.value.hint, "in the same folder it would be refused again"


def test_rows_that_were_cut_short_are_not_taken(cut_film: Path, tmp_path: Path) -> None:
    """Where the rows of a track are not all there the case is damaged: no frame of a person goes missing unseen."""
    folder = CaseFolder(tmp_path / "case")
    case = watch(probe(cut_film), folder)
    track = case.cast.tracks[0]
    track.path.write_bytes(track.path.read_bytes()[:-100])

    def read_all() -> None:
        motion = Motion(load_case(folder).cast.tracks[0], 25.0)
        for index in range(track.first, track.last):
            motion.face(index, Fraction(index, 25))

    with pytest.raises((VeilError, ValueError, IndexError)):
        read_all()
