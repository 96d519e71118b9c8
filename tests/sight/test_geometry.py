"""Similarities and angles: there and back again, for any head anywhere."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import faces
from veil.models.topology import STILL
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.sight.motion import FRONT

ANGLES = st.tuples(*[st.floats(-180, 180)] * 3)
SHIFTS = st.tuples(*[st.floats(-2000, 2000)] * 3)


def turned(yaw: float, pitch: float, roll: float) -> NDArray[np.float32]:
    """Return the turn of these angles in degrees, as `yaw_pitch_roll_deg` counts them."""
    return (
        faces._about(2, np.radians(roll)) @ faces._about(1, np.radians(yaw)) @ faces._about(0, np.radians(pitch))
    ).astype(np.float32)


@given(ANGLES, SHIFTS, st.floats(0.05, 60))
def test_a_similarity_is_found_again(
    angles: tuple[float, float, float], shift: tuple[float, float, float], scale: float
) -> None:
    """Scale, turn and shift that carried a face are found again from its points."""
    source = FRONT[STILL]
    target = (scale * source @ turned(*angles).T + np.array(shift, np.float32)).astype(np.float32)
    found = similarity(source, target)
    slack = 1e-3 * scale * 20 + 2e-3
    assert np.isclose(found.scale, scale, rtol=2e-3)
    assert np.abs(found.of(source) - target).max() < slack
    assert np.isclose(np.linalg.det(found.turn), 1, atol=1e-4)


@given(ANGLES, SHIFTS, st.floats(0.05, 60), st.integers(0, 10**6))
def test_there_and_back(
    angles: tuple[float, float, float], shift: tuple[float, float, float], scale: float, seed: int
) -> None:
    """`back` undoes `of`, and `directions` forgets the shift."""
    points = np.random.default_rng(seed).normal(0, 10, (40, 3)).astype(np.float32)
    carried = similarity(points, (scale * points @ turned(*angles).T + np.array(shift, np.float32)).astype(np.float32))
    assert np.abs(carried.back(carried.of(points)) - points).max() < 2e-3 * (10 + np.abs(shift).max() / scale)
    steps = carried.of(points[1:]) - carried.of(points[:-1])
    assert np.abs(carried.directions(np.diff(points, axis=0)) - steps).max() < 1e-2 * scale + 2e-3


@given(st.integers(0, 10**6))
def test_a_mirror_is_no_turn(seed: int) -> None:
    """Even a mirrored face gives a proper turn: a similarity never mirrors."""
    points = np.random.default_rng(seed).normal(0, 10, (40, 3)).astype(np.float32)
    assert np.linalg.det(similarity(points, points * np.array([-1, 1, 1], np.float32)).turn) > 0.99


def test_points_that_are_one_point() -> None:
    """Where all points are one the similarity is finite: nothing is divided by nothing."""
    one = np.full((24, 3), 7, np.float32)
    found = similarity(one, FRONT[STILL])
    assert np.isfinite(found.turn).all()
    assert np.isfinite(found.scale)


@given(st.floats(-80, 80), st.floats(-60, 60), st.floats(-80, 80))
def test_angles_are_read(yaw: float, pitch: float, roll: float) -> None:
    """Yaw and roll are read as they were turned, and a turn to the picture's right is positive."""
    read = yaw_pitch_roll_deg(turned(yaw, 0, 0))
    assert np.isclose(read[0], yaw, atol=0.1)
    read = yaw_pitch_roll_deg(turned(0, 0, roll))
    assert np.isclose(read[2], roll, atol=0.1)
    assert np.isclose(abs(yaw_pitch_roll_deg(turned(0, pitch, 0))[1]), abs(pitch), atol=0.1)
    mesh = faces.posed("farah", faces.Pose(0, 0, 100, 30))
    assert mesh[4, 0] > mesh[[234, 454], 0].mean()
