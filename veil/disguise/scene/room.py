"""A synthetic room: the air that is heard where nobody speaks, and what walls add to a voice.

A room is a few coarse numbers. Its noise is generated, its echo too: nothing of a recording can be in it, and no tone
(a hum of the mains dates a recording; a machine tells the place), since the noise has ten broad bands and no more.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from veil.nouns.speech import Sound

ROOM_HZ = 48_000
BANDS_HZ = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
ECHOES_HZ = (500.0, 2000.0)  # between the three bands in which an echo dies away
LOUDNESS_STEP_DB, NOISE_STEP_DB = 2.0, 3.0
ECHOES_S = (0.2, 0.3, 0.45, 0.7, 1.0)  # to fall by 60 dB
DIRECT_DB = (15.0, 12.0, 9.0, 6.0, 4.0)  # the voice itself against its echo

_TAPS = 4096
_BLOCK = 48_000  # samples of noise that one draw of the seed gives
_COMMON = 0.5  # of the noise's power is the same in both channels
_BEFORE_ECHO_S = 0.006
_LOUDEST = 0.9


@dataclass(frozen=True)
class Room:
    """What is kept of a place: the density of its noise by octaves (dB of full scale a hertz) and its echo.

    `echo_s` is the time in which an echo falls by 60 dB, below 500 Hz, up to 2 kHz, above; `direct_db` is how much
    louder the voice itself is.
    """

    noise_db: tuple[float, ...] = (-84.0, -90.0, -96.0, -99.0, -102.0, -105.0, -108.0, -111.0, -114.0, -120.0)
    echo_s: tuple[float, float, float] = (0.3, 0.3, 0.3)
    direct_db: float = 12.0

    def __post_init__(self) -> None:
        if len(self.noise_db) != len(BANDS_HZ):
            raise ValueError(f"a room has {len(BANDS_HZ)} bands of noise")
        if any(s not in ECHOES_S for s in self.echo_s):
            raise ValueError("an echo is one of a few lengths")


NEUTRAL = Room()
"""A quiet furnished room, for where the original does not tell of one that can be trusted."""


def air(room: Room, seed: int, start: int, count: int, channels: int = 1) -> NDArray[np.float32]:
    """Return the noise of a room from sample `start` on, float32 (channels, count) at ROOM_HZ.

    The same seed gives the same noise at the same place, however it is cut into pieces.
    """
    shape = _noise_taps(room.noise_db)
    first = start - _TAPS
    rows = [oaconvolve(row, shape, mode="valid") for row in _white(seed, first, start + count, channels)]
    return np.asarray(rows, np.float32)


def placed(sound: Sound, room: Room, seed: int, channels: int = 1) -> NDArray[np.float32]:
    """Return a dry voice, float32 (samples,) at ROOM_HZ, as it is heard in a room: (channels, samples and echo)."""
    if sound.ndim != 1:
        raise ValueError(f"a voice is one row of samples, not {sound.shape}")
    if not len(sound):
        return np.zeros((channels, 0), np.float32)
    rows = np.stack([oaconvolve(sound, _echo(room, seed, channel)) for channel in range(channels)])
    loudest = float(np.abs(rows).max())
    return np.asarray(rows * min(1.0, _LOUDEST / max(loudest, 1e-9)), np.float32)


def loudness_db(sound: Sound) -> float | None:
    """Return how loud a voice is while it speaks, dB of full scale; None where there is nothing to hear.

    Pauses do not count: blocks of 50 ms more than 10 dB below the mean are left out (as in ITU-R BS.1770).
    """
    length = ROOM_HZ // 20
    blocks = sound[: len(sound) // length * length].reshape(-1, length)
    power = (blocks.astype(np.float64) ** 2).mean(1)
    power = power[power > 1e-7]
    if not len(power):
        return None
    return float(10 * np.log10(power[power > power.mean() / 10].mean()))


def _white(seed: int, first: int, end: int, channels: int) -> NDArray[np.float64]:
    """Return white noise of power 1 for the samples from `first` to `end`, (channels, end - first)."""
    blocks = range(first // _BLOCK, (end - 1) // _BLOCK + 1)
    rows = []
    for block in blocks:
        drawn = np.random.default_rng([seed & 0xFFFFFFFF, block + 1]).standard_normal((channels + 1, _BLOCK))
        rows.append(np.sqrt(_COMMON) * drawn[:1] + np.sqrt(1 - _COMMON) * drawn[1:] if channels > 1 else drawn[:1])
    begins = blocks.start * _BLOCK
    return np.concatenate(rows, axis=1)[:, first - begins : end - begins]


@lru_cache(maxsize=64)
def _noise_taps(noise_db: tuple[float, ...]) -> NDArray[np.float64]:
    """Return a filter that gives white noise of power 1 the density of a room, smooth over frequency."""
    at_hz = np.fft.rfftfreq(_TAPS, 1 / ROOM_HZ)
    density_db = np.interp(np.log2(np.maximum(at_hz, 10.0)), np.log2(BANDS_HZ), noise_db)
    height = 10 ** (density_db / 20) * np.sqrt(ROOM_HZ / 2)
    height *= np.clip(at_hz / 20.0, 0, 1)  # nothing is heard below
    taps: NDArray[np.float64] = np.roll(np.fft.irfft(height), _TAPS // 2) * np.hanning(_TAPS)
    return np.append(taps, 0.0)


@lru_cache(maxsize=64)
def _echo(room: Room, seed: int, channel: int) -> NDArray[np.float64]:
    """Return the response of a room to a click: the click itself, then noise that dies away, by three bands."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 77, channel])
    count, begins = round(max(room.echo_s) * ROOM_HZ), round(_BEFORE_ECHO_S * ROOM_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    at_hz = np.fft.rfftfreq(count, 1 / ROOM_HZ)
    edges = (0.0, *ECHOES_HZ, ROOM_HZ)
    time_s = np.arange(count) / ROOM_HZ
    echo = np.zeros(count)
    for (low_hz, high_hz), fall_s in zip(pairwise(edges), room.echo_s, strict=True):
        band = np.fft.irfft(spectrum * ((at_hz >= low_hz) & (at_hz < high_hz)), count)
        echo += band * 10 ** (-3 * time_s / fall_s)
    echo *= np.minimum(1, np.arange(count)[::-1] / (ROOM_HZ * 0.02))
    echo *= 10 ** (-room.direct_db / 20) / np.sqrt((echo**2).sum())
    return np.concatenate([[1.0], np.zeros(begins), echo])
