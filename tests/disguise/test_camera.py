"""The camera's pattern is taken out of the picture: not seen, not found, and nothing else is touched."""

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import sensors
from tests.adversary.test_camera import fingerprint, hunt
from veil.adversary.camera import pce
from veil.disguise.scene.camera import SensorNoise
from veil.media import Writer, probe, read
from veil.nouns.picture import Box, Colour, Frame, Picture


def cleared(film: list[Frame]) -> tuple[SensorNoise, list[Frame]]:
    """Return the pattern of a film, and the film without it."""
    noise = SensorNoise.estimate(film, len(film))
    return noise, [Frame(f.index, f.at, noise.remove(f.picture, f.index)) for f in film]


def psnr(one: list[Frame], other: list[Frame]) -> float:
    """Return the likeness of two films' luma in dB."""
    wrong = [np.square(a.picture.y.astype(float) - b.picture.y).mean() for a, b in zip(one, other, strict=True)]
    return float(10 * np.log10(255**2 / max(float(np.mean(wrong)), 1e-9)))


def test_the_camera_is_no_longer_recognised() -> None:
    """A film whose camera is exposed is safe afterwards, against its own original and against the true sensor."""
    sensor = sensors.pattern(1, 0.005)
    film = sensors.filmed(sensor)
    noise, result = cleared(film)
    assert noise.pattern is not None
    assert hunt(film, film).verdict == "exposed"
    assert hunt(film, result).verdict == "safe"
    assert pce(sensor, fingerprint(result)) < pce(sensor, fingerprint(film)) / 50


def test_nobody_sees_it() -> None:
    """The picture stays within 45 dB, and as bright as it was, in every part."""
    film = sensors.filmed(sensors.pattern(1, 0.005))
    _, result = cleared(film)
    assert psnr(film, result) > 45
    for one, other in zip(film[::20], result[::20], strict=True):
        drift = cv2.blur(other.picture.y.astype(np.float32) - one.picture.y, (41, 41))
        assert float(np.abs(drift).max()) < 0.5
        assert other.picture.u is one.picture.u


def test_without_a_pattern_nothing_changes() -> None:
    """A perfect sensor's film, a drawn one and a short one stay bit for bit."""
    films = [sensors.filmed(None), sensors.filmed(None, moves=False, noise=0), sensors.filmed(None, frames=6)]
    for film in films:
        noise, result = cleared(film)
        assert noise.pattern is None
        assert all(a.picture is b.picture for a, b in zip(film, result, strict=True))


def test_no_ghost_of_a_still_scene() -> None:
    """The lines of a scene that never moves are not in what is taken away."""
    film = sensors.filmed(sensors.pattern(1, 0.005), moves=False)
    noise, result = cleared(film)
    assert noise.pattern is not None
    calm = cv2.GaussianBlur(film[0].picture.y, (0, 0), 1.5)
    edges = cv2.dilate(cv2.Canny(calm, 20, 60), np.ones((5, 5))) > 0
    assert edges.mean() > 0.005
    level = noise.pattern * film[0].picture.y
    assert float(np.abs(level[edges]).mean()) <= float(np.abs(level[~edges]).mean())
    assert psnr(film, result) > 45


def test_kept_and_read_again(tmp_path: Path) -> None:
    """What is kept in the case takes away the same, to a rounding; so does nothing."""
    film = sensors.filmed(sensors.pattern(1))
    noise, _ = cleared(film)
    noise.save(tmp_path / "camera.npz")
    again = SensorNoise.load(tmp_path / "camera.npz")
    one, other = (n.remove(film[3].picture, 3).y.astype(int) for n in (noise, again))
    assert np.abs(one - other).max() <= 1
    SensorNoise().save(tmp_path / "none.npz")
    assert SensorNoise.load(tmp_path / "none.npz").pattern is None


def test_the_seed_alone_draws() -> None:
    """The same picture and seed give the same result; what is given is not written to."""
    film = sensors.filmed(sensors.pattern(1))
    noise, _ = cleared(film)
    before = film[3].picture.y.copy()
    one, other, third = (noise.remove(film[3].picture, seed).y for seed in (3, 3, 4))
    assert (one == other).all()
    assert (one != third).any()
    assert (film[3].picture.y == before).all()


def test_flat_pictures_and_wrong_sizes() -> None:
    """The picture that stands for a damaged frame stays flat; a picture of another size is a mistake."""
    noise = SensorNoise(sensors.pattern(1))
    half = np.full((120, 160), 128, np.uint8)
    grey = Picture(np.full(sensors.SIZE, 60, np.uint8), half, half)
    assert noise.remove(grey, 0) is grey
    film = sensors.filmed(sensors.pattern(1, size=(64, 64)), frames=1)
    with pytest.raises(ValueError, match="for a picture of"):
        noise.remove(film[0].picture, 0)


@pytest.mark.slow
def test_costs_little() -> None:
    """A frame of 1280 by 720 takes a few milliseconds at most."""
    noise = SensorNoise(sensors.pattern(1, size=(720, 1280)))
    film = sensors.filmed(sensors.pattern(1, size=(720, 1280)), frames=6)
    took = []
    for frame in film:
        began = time.perf_counter()
        noise.remove(frame.picture, frame.index)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.01


@pytest.mark.slow
def test_after_the_encoder_too(tmp_path: Path) -> None:
    """A coded film whose camera survives another encoding at CRF 20 is safe when its pattern was taken away before."""

    def coded(film: list[Frame], name: str, quality: int) -> list[Frame]:
        path = tmp_path / name
        height, width = film[0].picture.y.shape
        with Writer(path, width=width, height=height, rate_hz=Fraction(25), colour=Colour(), quality=quality) as writer:
            for frame in film:
                writer.put(frame)
        return list(read(probe(path)))

    original = coded(sensors.filmed(sensors.pattern(3, 0.006, (480, 640)), frames=100), "original.mp4", 14)
    _, result = cleared(original)
    kept, gone = (hunt(original, coded(f, f"{i}.mp4", 20)) for i, f in enumerate((original, result)))
    assert (kept.verdict, gone.verdict) == ("exposed", "safe")


@pytest.mark.parametrize("moves", [False, True])
def test_nothing_of_a_hidden_face_is_in_the_pattern(moves: bool) -> None:
    """Films that differ only inside of what is owed a cover give one pattern, bit for bit (law 2)."""

    def hidden(index: int) -> list[Box]:
        left = 60 + (3 * (index % 40) if moves else 0)
        return [Box(left, 70, left + 90, 190), Box(-20, -20, 30, 30)]

    film, skin = sensors.filmed(sensors.pattern(1, 0.005)), sensors.filmed(sensors.pattern(9, 0.02), seed=7)
    other = []
    for frame, mark in zip(film, skin, strict=True):
        y = frame.picture.y.copy()
        for box in hidden(frame.index):
            rows, columns = slice(max(0, box.top), box.bottom), slice(max(0, box.left), box.right)
            y[rows, columns] = mark.picture.y[rows, columns]
        other.append(replace(frame, picture=replace(frame.picture, y=y)))
    one, two, open_ = (SensorNoise.estimate(f, len(f), h) for f, h in ((film, hidden), (other, hidden), (other, _open)))
    assert one.pattern is not None
    assert two.pattern is not None
    assert open_.pattern is not None
    assert (one.pattern == two.pattern).all()
    assert (open_.pattern != two.pattern).any()
    assert one.pattern.any()
    assert not one.pattern[:30, :30].any()  # always hidden: nothing is known
    assert moves or not one.pattern[70:190, 60:150].any()


def _open(_: int) -> list[Box]:
    return []
