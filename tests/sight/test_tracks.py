"""The tracker: tracks never blink, hold on while faces cross, and go on after an interruption as if there was none."""

import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.nouns.cast import ROW, Sure
from veil.nouns.picture import Frame
from veil.sight.tracks import Ended, Tracker
from veil.stages.case import write_json

SCENES = {name: make() for name, make in faces.SCENES.items()}
Rows = dict[str, list[NDArray[np.void]]]


class Kept:
    """Takes what a tracker keeps."""

    def __init__(self) -> None:
        self.rows: Rows = {}
        self.first: dict[str, int] = {}
        self.ended: dict[str, Ended] = {}

    def __call__(self, label: str, first: int, rows: list[NDArray[np.void]], ended: Ended | None) -> None:
        assert label not in self.ended, "a track that ended goes on"
        self.rows.setdefault(label, []).extend(np.array(r, ROW) for r in rows)
        self.first.setdefault(label, first)
        if ended is not None:
            self.ended[label] = ended

    def whole(self, label: str) -> NDArray[np.void]:
        return np.array(self.rows[label], ROW)


@lru_cache(maxsize=4)
def frames_of(scene: faces.Scene) -> list[Frame]:
    """Return all frames of a scene."""
    return [faces.frame_of(scene, index) for index in range(scene.frames)]


@lru_cache(maxsize=16)
def followed(scene: faces.Scene) -> Kept:
    """Return what a tracker keeps of a scene."""
    kept = Kept()
    tracker = Tracker(*scene.size, 25.0, kept)
    tracker.cut(0)
    for frame in frames_of(scene):
        if frame.index and frame.index == scene.cut_at:
            tracker.cut(frame.index)
        tracker.step(frame)
    tracker.finish()
    return kept


@pytest.fixture(scope="module", params=sorted(faces.SCENES))
def seen(request: pytest.FixtureRequest) -> tuple[faces.Scene, Kept]:
    """Return each scene and what was followed in it."""
    scene = SCENES[request.param]
    return scene, followed(scene)


def test_a_track_never_blinks(seen: tuple[faces.Scene, Kept]) -> None:
    """The rows of a track are one run of frames without a gap, and every track comes to an end."""
    scene, kept = seen
    assert kept.rows
    assert sorted(kept.ended) == sorted(kept.rows)
    for label in kept.rows:
        index = kept.whole(label)["index"]
        assert index[0] == kept.first[label]
        assert np.array_equal(index, np.arange(index[0], index[0] + len(index)))
        assert index[-1] < scene.frames
        if scene.cut_at:
            assert (index[0] < scene.cut_at) == (index[-1] < scene.cut_at), "a track goes over a cut"


def test_everyone_is_followed(seen: tuple[faces.Scene, Kept]) -> None:
    """In every frame each face, or what shows of it, lies in the cover of a track: fitted, seen or lost."""
    scene, kept = seen
    for index in range(scene.frames):
        rows = [r for label in kept.rows for r in kept.whole(label) if r["index"] == index]
        held = np.zeros(scene.size[::-1], np.uint8)
        for row in rows:
            left, top, right, bottom = row["box"]
            w, h = right - left, bottom - top
            cv2.rectangle(
                held,
                (round(left - 0.1 * w), round(top - 0.1 * h)),
                (round(right + 0.1 * w), round(bottom + 0.1 * h)),
                1,
                -1,
            )
        inside = scene.inside(index)
        if inside.any():
            assert held[inside].mean() > 0.95, f"frame {index}"


def test_numbers_are_numbers(seen: tuple[faces.Scene, Kept]) -> None:
    """Everything that is kept of a track is finite, and its box is a box."""
    _, kept = seen
    for label in kept.rows:
        rows = kept.whole(label)
        for name in ("box", "mesh", "light", "presence", "grain", "blur"):
            assert np.isfinite(rows[name]).all()
        assert (rows["box"][:, 2:] > rows["box"][:, :2]).all()
        fitted = rows[rows["sure"] == Sure.FITTED]
        assert (np.ptp(fitted["mesh"][:, :468, 0], axis=1) > 4).all()


def test_two_who_cross_keep_their_tracks() -> None:
    """Two people who pass each other have two tracks from the first frame to the last; one is lost for a while."""
    scene = SCENES["crossing"]
    kept = followed(scene)
    assert sorted(kept.rows) == ["T1", "T2"]
    assert all(len(kept.rows[label]) == scene.frames for label in kept.rows)
    assert any(np.any(kept.whole(label)["sure"] == Sure.LOST) for label in kept.rows)


def test_a_face_that_comes_late_is_covered_from_its_first_frame() -> None:
    """A face that comes in between two looks is followed back to where it came from."""
    came = 5

    def path(i: int) -> faces.Pose | None:
        return faces.Pose(160, 110, 70) if i >= came else None

    scene = faces.Scene((faces.Actor("farah", path),), 20)
    kept = followed(scene)
    assert min(kept.first.values()) <= came
    assert min(kept.first.values()) >= came - 8, "an empty place is covered for too long"


def test_nobody_in_an_empty_room() -> None:
    """A room without people gives no track."""
    scene = faces.Scene((), 20)
    assert not followed(scene).rows


@pytest.mark.parametrize("stop", [3, 12, 17, 20])
@pytest.mark.parametrize("name", ["crossing", "hand over the face"])
def test_resuming_is_going_on(name: str, stop: int, tmp_path: Path) -> None:
    """State, kept as JSON and taken up again, gives the same tracks as a run that was never interrupted."""
    scene = SCENES[name]
    frames = frames_of(scene)
    whole = followed(scene)

    kept = Kept()
    tracker = Tracker(*scene.size, 25.0, kept)
    tracker.cut(0)
    for frame in frames[:stop]:
        tracker.step(frame)
    stored = tmp_path / "state.json"
    write_json(stored, [tracker.state(), tracker.born])
    state, born = json.loads(stored.read_text())
    again = Tracker(*scene.size, 25.0, kept)
    again.resume(state, born)
    for frame in frames[max(0, stop - again.memory) : stop]:
        again.remember(frame)
    for frame in frames[stop:]:
        again.step(frame)
    again.finish()

    assert sorted(kept.rows) == sorted(whole.rows)
    for label in whole.rows:
        one, two = whole.whole(label), kept.whole(label)
        assert np.array_equal(one["index"], two["index"])
        assert np.array_equal(one["sure"], two["sure"])
        assert np.abs(one["box"] - two["box"]).max() < 0.5
        assert np.abs(one["mesh"] - two["mesh"]).max() < 0.5


def test_what_is_kept_of_a_face() -> None:
    """Of a track a picture for the contact sheet is kept, and a few looks, with their meshes, for the fitting room."""
    scene = SCENES["speaking"]
    ended = followed(scene).ended["T1"]
    assert ended.portrait is not None
    assert ended.portrait.shape[2] == 3
    assert ended.portrait.std() > 15
    assert ended.fittings
    for look in ended.fittings:
        height, width = look.crop.shape[:2]
        assert height == width
        assert (look.mesh[:468, :2] > 0).all()
        assert (look.mesh[:468, :2] < width).all()
