"""People: a calm face without its expression, and tracks joined only when nothing speaks against it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import faces
from veil.models.topology import BLENDSHAPES, INNER_LIPS
from veil.nouns.cast import ROW, Sure, Track
from veil.sight.meshes import Mesher
from veil.sight.people import Likeness, cast_of, expressions, far, likeness
from veil.sight.recogniser import Recogniser


@pytest.fixture(scope="module")
def mesher() -> Mesher:
    """Return one mesher for all tests."""
    return Mesher()


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    """Return one recogniser for all tests."""
    return Recogniser()


def track_of(folder: Path, label: str, poses: list[faces.Pose], double: str = "farah", bright: float = 4.8) -> Track:
    """Write a track of a double in these poses."""
    rows = np.zeros(len(poses), ROW)
    rows["mesh"] = np.stack([faces.posed(double, p) for p in poses])
    rows["index"] = np.arange(len(poses))
    rows["light"][:, 0] = bright
    path = folder / f"{label}.rows"
    path.write_bytes(rows.tobytes())
    return Track(label, 0, 0, len(poses), path)


def _poses(moves: tuple[tuple[str, float], ...], yaw_deg: float = 0.0, ears_px: float = 90) -> list[faces.Pose]:
    return [faces.Pose(120 + i, 100, ears_px, yaw_deg + i, moves=moves) for i in range(12)]


def _mouth(like: Likeness | None) -> float:
    assert like is not None
    return float(np.ptp(like.neutral[INNER_LIPS, 1]))


def test_a_neutral_face_has_no_expression(tmp_path: Path, mesher: Mesher, recogniser: Recogniser) -> None:
    """Of somebody who speaks with an open mouth in every frame the calm face is found, with the mouth all but shut."""
    calm = likeness([track_of(tmp_path, "T1", _poses(()))], mesher, recogniser)
    speaking = likeness([track_of(tmp_path, "T2", _poses((("jawOpen", 0.5),)))], mesher, recogniser)
    assert calm is not None
    assert speaking is not None
    raw = np.ptp(faces.posed("farah", faces.Pose(0, 0, 90, moves=(("jawOpen", 0.5),)))[INNER_LIPS, 1])
    shut = np.ptp(faces.posed("farah", faces.Pose(0, 0, 90))[INNER_LIPS, 1])
    scale = np.ptp(calm.neutral[:468, 1]) / np.ptp(faces.posed("farah", faces.Pose(0, 0, 90))[:468, 1])
    opened = _mouth(speaking) - _mouth(calm)
    assert opened < 0.4 * (raw - shut) * scale, "the mouth of the calm face stands open"


def test_the_calm_face_is_of_a_size_and_turn_of_its_own(tmp_path: Path, mesher: Mesher, recogniser: Recogniser) -> None:
    """Near or far, straight or turned: the calm face is the same."""
    near = likeness([track_of(tmp_path, "T1", _poses((), 0, 140))], mesher, recogniser)
    turned = likeness([track_of(tmp_path, "T2", _poses((), 18, 40))], mesher, recogniser)
    other = likeness([track_of(tmp_path, "T3", _poses((), 0, 140), "goran")], mesher, recogniser)
    assert near is not None
    assert turned is not None
    assert other is not None
    assert far(near, turned) < far(near, other)
    assert far(near, near) < 1e-3


def test_a_track_that_never_fitted_has_no_likeness(tmp_path: Path, mesher: Mesher, recogniser: Recogniser) -> None:
    """Where no mesh ever fitted nothing is known of the calm face, and nothing is guessed."""
    track = track_of(tmp_path, "T1", _poses(()))
    rows = np.array(track.rows())
    rows["sure"] = Sure.SEEN
    track.path.write_bytes(rows.tobytes())
    assert likeness([track], mesher, recogniser) is None


def test_expressions_move_what_they_name() -> None:
    """The basis opens the jaw downwards and shuts the lids; it belongs to the shipped net."""
    basis = expressions()
    assert basis.deltas.shape == (52, 478, 3)
    assert basis.rest.shape == (52,)
    jaw = basis.deltas[BLENDSHAPES.index("jawOpen")]
    assert jaw[14, 1] - jaw[13, 1] > 0.3
    blink = basis.deltas[BLENDSHAPES.index("eyeBlinkLeft")]
    assert blink[386, 1] - blink[374, 1] > 0.1


def _vector(which: int) -> NDArray[np.float32]:
    """Return a recogniser's vector: near itself, far from every other."""
    vector = np.zeros(8, np.float32)
    vector[which] = 1
    return vector


def _like(shape: int, colour: float = 4.8, frames: int = 20, face: int | None = None) -> Likeness:
    names = ("farah", "goran", "hana")
    vector = _vector(shape if face is None else face)
    return Likeness(faces.calm_face(names[shape]), np.full(3, colour, np.float32), frames, vector)


TRACKS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from([None, 0, 1, 2])), min_size=1, max_size=10
)


@settings(max_examples=60, deadline=None)
@given(TRACKS)
def test_tracks_that_share_a_frame_are_never_joined(told: list[tuple[int, int, int | None]]) -> None:
    """Nobody is in two places at once: whoever has two tracks never has both in one frame; every track has an owner."""
    tracks = [Track(f"T{i}", 0, first, first + n, Path("x")) for i, (first, n, _) in enumerate(told)]
    likes = {t.label: None if like is None else _like(like) for t, (_, _, like) in zip(tracks, told, strict=True)}
    cast = cast_of(tracks, likes)
    by_label = {t.label: t for t in tracks}
    assert sorted(label for p in cast.people for label in p.tracks) == sorted(by_label)
    for person in cast.people:
        mine = [by_label[label] for label in person.tracks]
        frames = [i for t in mine for i in range(t.first, t.last)]
        assert len(frames) == len(set(frames))
        if len(mine) > 1:
            shapes = {told[tracks.index(t)][2] for t in mine}
            assert len(shapes) == 1, "two shapes were taken for one person"
            assert None not in shapes


def test_one_person_in_two_shots_is_one() -> None:
    """Two tracks with the same face, shape and colour are one person; where one of them differs, two."""
    tracks = [Track("T1", 0, 0, 20, Path("x")), Track("T2", 1, 30, 50, Path("x"))]

    def people(a: Likeness, b: Likeness | None) -> int:
        return len(cast_of(tracks, {"T1": a, "T2": b}).people)

    assert people(_like(0), _like(0)) == 1
    assert people(_like(0), _like(0, 7.0)) == 2, "another colour"
    assert people(_like(0), _like(0, frames=2)) == 2, "too little to go by"
    assert people(_like(0), _like(0, face=5)) == 2, "another face"
    assert people(_like(0), replace(_like(0), vector=None)) == 2, "no look was kept"
    assert people(_like(0), None) == 2, "nothing is known"


def test_labels_do_not_depend_on_the_order() -> None:
    """Whoever is longest on screen is P1, whatever the order of the tracks."""
    tracks = [Track("T1", 0, 0, 5, Path("x")), Track("T2", 0, 0, 50, Path("x")), Track("T3", 0, 0, 20, Path("x"))]
    likes: dict[str, Likeness | None] = dict.fromkeys(("T1", "T2", "T3"))
    for order in (tracks, tracks[::-1]):
        assert [p.tracks for p in cast_of(order, likes).people] == [("T2",), ("T3",), ("T1",)]
