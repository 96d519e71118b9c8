"""Expression and flicker over a film, original against result."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.models.topology import BLENDSHAPES
from veil.nouns.cast import OtherMouth, Sure
from veil.nouns.picture import Picture
from veil.sight.meshes import Mesher, place_of_points
from veil.stages.kept import Kept, Unwrapped, _courses, correlation

RATE_HZ = 25.0
FRAMES = 36
STILL = faces.Pose(160, 104, 110.0)


def _scene(double: str = "farah", path: Callable[[int], faces.Pose] | None = None) -> faces.Scene:
    """Return one face that speaks and does not move its head."""
    return faces.Scene((faces.Actor(double, path or (lambda i: replace(STILL, moves=faces.talking(i)))),), FRAMES)


def _kept(
    result: Callable[[int], Picture], sure: Callable[[int], Sure] = lambda _: Sure.FITTED, rate_hz: float = RATE_HZ
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return expression and flicker in every frame of a result; the mesh of the original is fitted as watching does."""
    scene, kept, mesher = _scene(), Kept(rate_hz), Mesher()
    mesh = scene.actors[0].mesh(0)
    assert mesh is not None
    for index in range(FRAMES):
        original = faces.picture_of(scene.paint(index))
        mesh, presence, _ = mesher.fit(original, place_of_points(mesh))
        assert presence > 0.5
        at = index / Fraction(rate_hz)
        kept.see(index, at, "P1", faces.face_of(mesh, sure=sure(index)), original, result(index))
    at_s = np.arange(FRAMES) / rate_hz
    return kept.expression("P1", at_s), kept.flicker("P1", at_s)


def _played(scene: faces.Scene) -> Callable[[int], Picture]:
    return lambda index: faces.picture_of(scene.paint(index))


def test_a_copy_keeps_all() -> None:
    """The film itself as its own result keeps the expression up to the net's own noise, and flickers as the film."""
    expression, flicker = _kept(_played(_scene()))
    assert np.nanmin(expression) > 0.9
    assert np.nanmax(np.abs(flicker - 1)) < 1e-5
    assert np.isfinite(expression).all()
    assert np.isfinite(flicker).all()


def test_another_face_that_speaks_alike_keeps_most() -> None:
    """A double that moves as the person does keeps most of the expression."""
    expression, _ = _kept(_played(_scene("boris")))
    assert np.nanmean(expression) > 0.7


def test_a_frozen_face_keeps_nothing() -> None:
    """A double that does not move keeps nothing of the expression."""
    expression, _ = _kept(_played(_scene("boris", lambda _: STILL)))
    assert abs(np.nanmean(expression)) < 0.25


def test_a_mouth_that_says_something_else_is_not_compared() -> None:
    """Where a double says other words only the rest of its face is compared: eyes that blink alike keep all."""

    def closed(index: int) -> faces.Pose:
        return replace(STILL, moves=tuple(move for move in faces.talking(index) if "Blink" in move[0]))

    scene, other = _scene(), _scene("farah", closed)
    means = []
    for said in (True, False):
        kept = Kept(RATE_HZ)
        for index in range(FRAMES):
            mesh = scene.actors[0].mesh(index)
            assert mesh is not None
            face = faces.face_of(mesh)
            spoken = replace(face, spoken=OtherMouth(mesh, mesh, 0.0, 0.0, 1.0)) if said else face
            pictures = (faces.picture_of(s.paint(index)) for s in (scene, other))
            kept.see(index, index / Fraction(RATE_HZ), "P1", spoken, *pictures)
        means.append(float(np.nanmean(kept.expression("P1", np.arange(FRAMES) / RATE_HZ))))
    assert means[0] > 0.8 > means[1] + 0.15


def test_a_mouth_that_is_given_back_is_no_likeness() -> None:
    """Where a mouth is taken over for a part of a second, its coming and going counts for nothing."""
    looked = np.arange(10) / 10
    shapes = np.zeros((10, 2, len(BLENDSHAPES)), np.float32)
    shapes[:, :, BLENDSHAPES.index("eyeBlinkLeft")] = np.tile([0, 1], 5)[:, None]  # alike
    shapes[:, 0, BLENDSHAPES.index("jawOpen")] = np.linspace(0, 1, 10)
    spoken = looked < 0.5
    assert np.nanmin(_courses(looked, shapes, spoken)) > 0.999
    assert np.nanmin(_courses(looked, shapes, np.zeros(10, np.bool_))) < 0.6


def test_a_flickering_face_is_seen() -> None:
    """A result that changes its brightness in every frame flickers far more than the film."""

    def result(index: int) -> Picture:
        picture = faces.picture_of(_scene().paint(index))
        picture.y[:] = np.clip(picture.y.astype(int) + 20 * (index % 2), 0, 255)
        return picture

    _, flicker = _kept(result)
    assert np.nanmin(flicker) > 3


def test_no_face_in_the_result_is_unknown() -> None:
    """Where the result shows no face there is no expression to compare: nan, not 0 and not 1."""
    expression, _ = _kept(_played(_scene().without_people()))
    assert np.isnan(expression).all()


def test_only_doubles_are_looked_at() -> None:
    """Where the mesh does not fit nothing is measured, and nothing is known there."""
    expression, flicker = _kept(_played(_scene()), lambda i: Sure.FITTED if i < 18 else Sure.SEEN)
    assert np.isfinite(expression[:12]).all()
    assert np.isnan(expression[24:]).all()
    assert np.isnan(flicker[24:]).all()


def test_who_was_never_seen_is_unknown() -> None:
    """Somebody who was never looked at has no figures, in as many frames as were asked for."""
    kept = Kept(RATE_HZ)
    assert np.isnan(kept.expression("P9", np.arange(5.0))).sum() == 5
    assert np.isnan(kept.flicker("P9", np.arange(5.0))).sum() == 5


@pytest.mark.parametrize(("rate_hz", "every"), [(8, 1), (10, 1), (24, 2), (25, 2), (29.97, 2), (30, 3), (60, 6)])
def test_at_least_ten_looks_a_second(rate_hz: float, every: int) -> None:
    """There are ten looks a second or more where the film has them, and two frames in a row for each."""
    kept = Kept(rate_hz)
    assert kept.every == every
    assert all(kept.wants(k * every) and kept.wants(k * every + 1) for k in range(5))
    assert sum(kept.wants(i) for i in range(600)) <= 600 * min(1, 2 / every)


def test_a_cut_is_not_flicker() -> None:
    """A face that jumps from one place to another between two frames is not compared with itself there."""
    kept, scene = Kept(60.0), _scene()
    mesh, picture = scene.actors[0].mesh(0), faces.picture_of(scene.paint(0))
    assert mesh is not None
    for index, shift in ((0, 0), (1, 150)):
        face = faces.face_of(mesh + np.array([shift, 0, 0], np.float32))
        kept.see(index, Fraction(index, 60), "P1", face, picture, picture)
    assert np.isnan(kept.flicker("P1", np.array([0.0]))).all()


def test_unwrapped_follows_the_mesh() -> None:
    """A face that only moves is read as the same texture."""
    unwrapped, ramp = Unwrapped(32), np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    mesh = faces.posed("ada", faces.Pose(80, 90, 60))
    there = unwrapped.read(ramp, mesh)
    moved = unwrapped.read(ramp, mesh + np.array([7, 11, 0], np.float32))
    assert np.allclose(moved - there, 7, atol=0.6)


def test_correlation() -> None:
    """A line with itself is 1, with its mirror −1, and with what never moves 0."""
    line = np.arange(5.0)
    assert correlation(line, line) == pytest.approx(1)
    assert correlation(line, -line) == pytest.approx(-1)
    assert correlation(line, np.ones(5)) == 0
