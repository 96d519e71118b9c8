"""A camera is recognised by its sensor's noise where it is there, and by nothing else."""

import numpy as np
import pytest

from tests import sensors
from veil.adversary import camera
from veil.adversary.camera import LIMIT, CameraHunt, Fingerprint, pce
from veil.nouns.picture import Box, Frame
from veil.nouns.report import Attack


def hunt(original: list[Frame], result: list[Frame], painted: tuple[Box, ...] = ()) -> Attack:
    """Send two films through a hunt."""
    hunting = CameraHunt(len(original))
    for one, other in zip(original, result, strict=True):
        hunting.original(one)
        hunting.result(other, painted)
    return hunting.attack()


def fingerprint(film: list[Frame]) -> sensors.Field:
    """Return the pattern of a whole film."""
    gathered = Fingerprint()
    for frame in film:
        gathered.see(frame.picture.y)
    return gathered.pattern()


def test_the_same_camera_is_recognised() -> None:
    """A film that keeps its sensor's pattern is exposed, far above the limit."""
    film = sensors.filmed(sensors.pattern(1))
    attack = hunt(film, film)
    assert attack.verdict == "exposed"
    assert attack.score is not None
    assert attack.score > 3 * LIMIT
    assert (attack.channel, attack.person, attack.limit) == ("camera", None, 60)


def test_the_same_scene_is_no_camera() -> None:
    """The same moving scene through another sensor, or a perfect one, is not taken for the same camera."""
    film = sensors.filmed(sensors.pattern(1), seed=3)
    for sensor in (sensors.pattern(2), None):
        attack = hunt(film, sensors.filmed(sensor, seed=3))
        assert attack.verdict == "safe"
        assert attack.score is not None
        assert attack.score < LIMIT


def test_no_pattern_is_not_found() -> None:
    """A perfect sensor gives a film in which nothing is recognised."""
    film = sensors.filmed(None)
    assert hunt(film, film).verdict == "safe"


def test_a_scene_that_stands_still_is_not_proven() -> None:
    """Where nothing moves, the scene's own texture cannot be told from a sensor's pattern: no verdict of safety."""
    film = sensors.filmed(sensors.pattern(1), moves=False)
    attack = hunt(film, film)
    assert attack.verdict == "not proven"
    assert "moves" in attack.said
    drawn = sensors.filmed(None, moves=False, noise=0)
    assert hunt(drawn, drawn).said == "the original holds no noise of a sensor"


def test_too_short_is_not_proven() -> None:
    """Two frames prove nothing."""
    film = sensors.filmed(None, frames=2)
    assert hunt(film, film).verdict == "not proven"


def test_painted_places_do_not_count() -> None:
    """What is painted over holds no pattern, and is left out of the search."""
    film = sensors.filmed(sensors.pattern(1), frames=40)
    whole = film[0].picture.box
    assert hunt(film, film, (whole,)).verdict != "exposed"
    half = Box(0, 0, whole.right // 2, whole.bottom)
    assert hunt(film, film, (half,)).verdict == "exposed"


def test_other_cameras_stay_below_the_limit() -> None:
    """No two of eight sensors are taken for one, and each is known again in another scene."""
    firsts = [fingerprint(sensors.filmed(sensors.pattern(s), frames=24, seed=s)) for s in range(4)]
    seconds = [fingerprint(sensors.filmed(sensors.pattern(s), frames=24, seed=50 + s)) for s in range(4)]
    for i, first in enumerate(firsts):
        for j, second in enumerate(seconds):
            assert (pce(first, second) > LIMIT) == (i == j)


def test_a_pattern_taken_away_twice_is_found() -> None:
    """The negative of a pattern points at the camera as well."""
    known = sensors.pattern(4)
    assert pce(known, -known) > LIMIT
    assert pce(known, np.zeros_like(known)) == 0


@pytest.mark.parametrize("size", [(240, 320), (241, 323), (40, 50)])
def test_the_residual_is_the_noise(size: tuple[int, int]) -> None:
    """Of a flat noisy picture of any size the residual is the noise, and its mean is nothing."""
    y = np.clip(120 + 2 * np.random.default_rng(0).standard_normal(size), 0, 255).astype(np.uint8)
    noise = camera.residual(y)
    assert noise.shape == size
    assert np.corrcoef(noise.ravel(), y.ravel().astype(float))[0, 1] > 0.97
    assert abs(float(noise.mean())) < 0.05


def test_frames_of_one_size() -> None:
    """Frames of different sizes are a mistake of the caller."""
    gathered = Fingerprint()
    gathered.see(np.full((64, 64), 100, np.uint8))
    with pytest.raises(ValueError, match="after frames of"):
        gathered.see(np.full((64, 66), 100, np.uint8))


def test_a_moving_camera_is_asked_with_all_it_saw() -> None:
    """Where the whole scene moves, mean pictures differ; where it stands still, they are the same."""
    moving, still = (sensors.filmed(None, moves=moves, frames=40) for moves in (True, False))
    for film, alike in ((moving, False), (still, True)):
        early, late = Fingerprint(), Fingerprint()
        for frame in film[:14]:
            early.see(frame.picture.y)
        for frame in film[20:]:
            late.see(frame.picture.y)
        assert (early.shows_what(late) > 0.5) == alike
