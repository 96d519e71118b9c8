"""Motion: smoothing keeps what moves as it moves, in time, and weakens the double before it fails."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import faces
from veil.nouns.cast import ROW, Sure, Track
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Points
from veil.sight.motion import Motion, _taps

RATE = 25.0


def track_of(folder: Path, meshes: list[Points], sure: list[int] | None = None, first: int = 0) -> Track:
    """Write meshes as a track that begins in frame `first`."""
    rows = np.zeros(len(meshes), ROW)
    rows["index"] = np.arange(first, first + len(meshes))
    rows["mesh"] = np.stack(meshes)
    rows["sure"] = sure or [Sure.FITTED] * len(meshes)
    rows["box"] = [[m[:, 0].min(), m[:, 1].min(), m[:, 0].max(), m[:, 1].max()] for m in meshes]
    rows["grain"], rows["blur"] = -1, -1
    path = folder / f"T{first}.rows"
    path.write_bytes(rows.tobytes())
    return Track("T1", 0, first, first + len(meshes), path)


def smoothed(track: Track) -> NDArray[np.float32]:
    """Return the meshes of a track as they are worn."""
    motion = Motion(track, RATE)
    return np.stack([motion.face(i, Fraction(i, 25)).mesh for i in range(track.first, track.last)])


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 8), st.tuples(*[st.floats(-3, 3)] * 3))
def test_a_parabola_is_kept(half: int, before: int, after: int, parabola: tuple[float, float, float]) -> None:
    """The smoothing gives a parabola's own value, on whole windows and on windows cut short by a gap."""
    before, after = min(before, half), min(after, half)
    t = np.arange(-before, after + 1, dtype=float)
    a, b, c = parabola
    if len(t) < 3:
        c = 0
    if len(t) < 2:
        b = 0
    taps = _taps(half, before, after)
    assert np.isclose(taps.sum(), 1, atol=1e-3)
    assert np.isclose(taps @ (a + b * t + c * t * t), a, atol=2e-3 * (1 + abs(b) + abs(c)) * (1 + half))


def test_a_head_that_turns_and_speeds_up_is_where_it_is(tmp_path: Path) -> None:
    """A face on a parabola through the picture is worn exactly where it is, in the first frame and the last too."""
    still = faces.posed("farah", faces.Pose(0, 0, 80))
    meshes = [still + np.array([40 + 2 * i + 0.15 * i * i, 90 - 0.1 * i * i, 0], np.float32) for i in range(24)]
    assert np.abs(smoothed(track_of(tmp_path, meshes)) - np.stack(meshes)).max() < 0.02


@pytest.mark.parametrize("first", [0, 7, 500])
def test_no_delay(tmp_path: Path, first: int) -> None:
    """Smoothing does not shift in time: a mouth that opens and shuts is best matched with no lag, and not flattened."""
    jaw = [0.35 + 0.35 * float(np.sin(i * 2 * np.pi / 10)) for i in range(40)]
    meshes = [faces.posed("farah", faces.Pose(100, 100, 80, moves=(("jawOpen", w),))) for w in jaw]
    worn = smoothed(track_of(tmp_path, meshes, first=first))
    truth = np.array([m[14, 1] - m[13, 1] for m in meshes])
    found = worn[:, 14, 1] - worn[:, 13, 1]
    lags = {lag: float(np.corrcoef(truth[5 + lag : 35 + lag], found[5:35])[0, 1]) for lag in (-2, -1, 0, 1, 2)}
    assert max(lags, key=lambda lag: lags[lag]) == 0
    assert lags[0] > 0.98
    assert np.ptp(found) > 0.8 * np.ptp(truth)


def test_noise_is_smoothed_away(tmp_path: Path) -> None:
    """Jitter of a still face is at least halved on plain skin."""
    still = faces.posed("farah", faces.Pose(100, 100, 80))
    noise = np.random.default_rng(3).normal(0, 0.8, (30, 478, 3)).astype(np.float32)
    worn = smoothed(track_of(tmp_path, [still + n for n in noise]))
    cheek = [50, 280, 10, 9]
    before, after = np.diff(noise[:, cheek], axis=0).std(), np.diff(worn[:, cheek], axis=0).std()
    assert after < 0.5 * before


def test_nothing_is_mixed_across_a_gap(tmp_path: Path) -> None:
    """Frames on the other side of a loss do not pull: a face that comes back elsewhere is worn there at once."""
    here = faces.posed("farah", faces.Pose(80, 100, 60))
    there = faces.posed("farah", faces.Pose(240, 100, 60))
    meshes = [here] * 8 + [here] * 3 + [there] * 8
    sure = [Sure.FITTED] * 8 + [Sure.LOST] * 3 + [Sure.FITTED] * 8
    worn = smoothed(track_of(tmp_path, meshes, [int(s) for s in sure]))
    assert np.abs(worn[:8] - here).max() < 0.01
    assert np.abs(worn[11:] - there).max() < 0.01


def test_the_cover_fades_in_and_out_around_a_loss(tmp_path: Path) -> None:
    """The stronger cover is whole while the face is lost and a little around it, and comes and goes over frames."""
    mesh = faces.posed("farah", faces.Pose(100, 100, 80))
    sure = [0] * 10 + [2] * 3 + [0] * 10
    motion = Motion(track_of(tmp_path, [mesh] * 23, sure), RATE)
    strengths = [motion.face(i, Fraction(i, 25)).strength for i in range(23)]
    assert strengths[7:16] == [1.0] * 9, "a mesh is believed only when it has held for three frames"
    assert strengths[:3] == [0.0] * 3
    assert np.abs(np.diff(strengths)).max() <= 0.21
    assert [motion.face(i, Fraction(0)).sure for i in (9, 11)] == [Sure.FITTED, Sure.LOST]


@pytest.mark.parametrize(("yaw_deg", "weak"), [(0, 0.0), (40, 0.0), (-70, 0.0), (70, 0.0), (88, 1.0), (-88, 1.0)])
def test_the_double_gives_way_in_profile(tmp_path: Path, yaw_deg: float, weak: float) -> None:
    """A double is worn by a face that is turned towards us, and gives way to the shadow in profile."""
    mesh = faces.posed("farah", faces.Pose(100, 100, 80, yaw_deg))
    assert Motion(track_of(tmp_path, [mesh] * 4), RATE).face(1, Fraction(0)).strength == weak


def test_a_track_without_any_fit_is_read(tmp_path: Path) -> None:
    """A track in which the mesh never fitted is read: in full shadow, without light."""
    mesh = np.zeros((478, 3), np.float32)
    track = track_of(tmp_path, [mesh] * 3, [1, 1, 2])
    face = Motion(track, RATE).face(2, Fraction(2, 25))
    assert face.strength == 1
    assert face.light.shape == (LIGHT_TERMS, 3)
    assert not face.light.any()
    assert (face.grain, face.blur) == (0, 0)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_tracks_are_read(tmp_path: Path, count: int) -> None:
    """A track of one, two or three frames is worn where it is."""
    mesh = faces.posed("farah", faces.Pose(100, 100, 80))
    worn = smoothed(track_of(tmp_path, [mesh] * count))
    assert np.abs(worn - mesh).max() < 0.01
