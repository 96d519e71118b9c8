"""The synthetic room: coarse, made of nothing but its numbers and a seed, near enough to the original's."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import fftconvolve, welch

from tests import sounds
from veil.disguise.scene.acoustics import Acoustics
from veil.disguise.scene.room import BANDS_HZ, ECHOES_S, NEUTRAL, NOISE_STEP_DB, Room, air, loudness_db, placed

HZ = 48_000
RUMBLE = Room((-80.0, -80.0, -83.0, -86.0, -92.0, -98.0, -104.0, -107.0, -110.0, -113.0))


def measured(sound: sounds.Samples, voiced: np.ndarray | None = None) -> Room:
    acoustics = Acoustics()
    quiet = np.zeros(len(sound) // 480 + 1, bool)
    for start in range(0, len(sound), 10 * HZ):
        part = sound[start : start + 10 * HZ]
        acoustics.take(part, (quiet if voiced is None else voiced)[start // 480 : (start + len(part)) // 480 + 1])
    return acoustics.room()


def test_the_air_is_the_same_however_it_is_cut() -> None:
    """Noise at a place in the film depends on seed and place alone; another seed gives other noise."""
    whole = air(NEUTRAL, 5, 0, 3 * HZ, 2)
    parts = np.concatenate(
        [air(NEUTRAL, 5, at, HZ // 2 + HZ // 2 * (at > HZ), 2) for at in (0, HZ // 2, HZ, HZ + HZ // 2)], 1
    )
    assert np.abs(whole[:, : parts.shape[1]] - parts).max() < 1e-6
    other = air(NEUTRAL, 6, 0, 3 * HZ, 2)
    assert abs(np.corrcoef(whole[0], other[0])[0, 1]) < 0.1


def test_a_room_is_measured_and_made_again() -> None:
    """The noise that is made from a measured room is as loud as the original's, in every octave, to its step."""
    room = measured(air(RUMBLE, 1, 0, 20 * HZ)[0])
    off = np.array(room.noise_db) - RUMBLE.noise_db
    assert np.abs(off).max() <= NOISE_STEP_DB
    at_hz, was = welch(air(RUMBLE, 1, 0, 20 * HZ)[0], HZ, nperseg=8192)
    _, now = welch(air(room, 9, 0, 20 * HZ)[0], HZ, nperseg=8192)
    for band in BANDS_HZ[1:]:
        here = (at_hz > band / 1.4) & (at_hz < band * 1.4)
        assert abs(10 * np.log10(now[here].mean() / was[here].mean())) < 5


def test_no_tone_crosses() -> None:
    """A hum of the mains with its harmonics changes the room by a step at most, and leaves no line in its noise."""
    plain = air(RUMBLE, 1, 0, 30 * HZ)[0]
    hummed = plain + sounds.hum(30)
    room = measured(hummed)
    assert np.abs(np.array(room.noise_db) - measured(plain).noise_db).max() <= NOISE_STEP_DB
    assert lines_of(hummed) > 15, "the control: the hum stands out in the original"
    assert lines_of(air(room, 2, 0, 30 * HZ)[0]) < 2


def lines_of(sound: sounds.Samples) -> float:
    """Return by how many dB the harmonics of 50 Hz stand out of what is beside them."""
    at_hz, power = welch(sound, HZ, nperseg=HZ)
    lines = [50 * k for k in (1, 2, 3, 4, 6)]
    near = [(np.abs(at_hz - f) > 4) & (np.abs(at_hz - f) < 14) for f in lines]
    return float(
        max(
            10 * np.log10(power[np.abs(at_hz - f) <= 1].max() / power[n].mean())
            for f, n in zip(lines, near, strict=True)
        )
    )


@pytest.mark.parametrize("echo_s", [0.3, 0.7])
def test_an_echo_is_told_roughly(echo_s: float) -> None:
    """A room in which sound dies away fast and one in which it does slowly are told apart, to a step."""
    bursts = sounds.murmur(20, seed=4) * (np.arange(20 * HZ) % HZ < 0.4 * HZ)
    wet = placed(bursts.astype(np.float32), Room(NEUTRAL.noise_db, (echo_s,) * 3, 4.0), 3)[0][: 20 * HZ]
    voiced = np.ones(len(wet) // 480 + 1, bool)
    room = measured(wet + air(NEUTRAL, 1, 0, 20 * HZ)[0], voiced)
    assert abs(ECHOES_S.index(room.echo_s[1]) - ECHOES_S.index(echo_s)) <= 1


def test_where_nothing_can_be_measured_the_room_is_neutral() -> None:
    """Too little sound, or digital silence, tells of no room."""
    assert measured(np.zeros(5 * HZ, np.float32)) == NEUTRAL
    assert measured(sounds.murmur(0.3)) == NEUTRAL


def test_a_loud_place_is_not_made_loud() -> None:
    """Music or a crowd is no room's air: the noise that is made stays below -40 dB."""
    loud = np.asarray(0.2 * np.random.default_rng(1).standard_normal(10 * HZ), np.float32)
    made = air(measured(loud), 1, 0, 5 * HZ)[0]
    assert 20 * np.log10(np.sqrt((made**2).mean())) < -38


def test_music_is_not_made_a_loud_place() -> None:
    """Where something sounds all the time, as in music, what is calmest in it is not taken for a room as loud."""
    music = 0.05 * np.random.default_rng(1).standard_normal(20 * HZ).astype(np.float32)
    room = measured(music, np.ones(len(music) // 480 + 1, bool))
    rms_db = 10 * np.log10(np.mean(np.square(air(room, 1, 0, 4 * HZ)[0], dtype=np.float64)))
    assert -62 < rms_db < -54


def test_a_voice_in_a_room_stays_where_it_was() -> None:
    """The voice itself is not moved or bent; what the walls add comes after it and dies away."""
    click = np.zeros(HZ // 10, np.float32)
    click[1000] = 0.5
    wet = placed(click, replace(NEUTRAL, echo_s=(0.45,) * 3, direct_db=6.0), 3, 2)
    assert wet.shape[0] == 2
    assert np.argmax(np.abs(wet[0])) == 1000
    energy = fftconvolve(wet[0] ** 2, np.ones(HZ // 50), mode="same")
    assert energy[1000 + HZ // 20] > 30 * energy[1000 + HZ // 3]
    assert not np.array_equal(wet[0], wet[1])
    assert np.array_equal(wet, placed(click, replace(NEUTRAL, echo_s=(0.45,) * 3, direct_db=6.0), 3, 2))


def test_loudness_does_not_count_pauses() -> None:
    """A voice is as loud with pauses as without; silence has no loudness."""
    voice = sounds.murmur(3)
    level = loudness_db(voice)
    spaced = loudness_db(np.concatenate([voice, np.zeros(3 * HZ, np.float32)]))
    assert level is not None
    assert spaced == pytest.approx(level, abs=0.5)
    assert loudness_db(np.zeros(HZ, np.float32)) is None
