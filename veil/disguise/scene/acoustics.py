"""Measures a place in its sound, coarsely: noise by octaves, echo in three bands. No tone and no moment survives it.

Noise: quiet frames, a low percentile over time and the median over each octave, so that neither a passing sound nor a
line of hum counts (after minimum statistics: Martin, IEEE Trans. Speech and Audio Processing 9(5), 2001). Echo: how
fast the sound falls where it falls fastest (after Ratnam et al., J. Acoust. Soc. Am. 114(5), 2003).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from veil.disguise.scene.room import BANDS_HZ, DIRECT_DB, ECHOES_HZ, ECHOES_S, NEUTRAL, NOISE_STEP_DB, ROOM_HZ, Room
from veil.nouns.speech import Sound

_FRAME, _HOP = 16384, 8192  # 3 Hz a bin: a hum fills few of an octave's bins
_MOST = 400  # frames that are kept
_LEAST = 6  # quiet frames, below which the quietest moments between words are taken
_SHORT = 4096  # samples of such a moment
_CALM_OF = 20  # of which one is calm
_LEAST_FALLS = 8
_LOW = 0.3  # percentile of the quiet frames over time
_LOUDEST_DB = -48.0  # of all noise together; what is louder is no room's air
_LOUDEST_CALM_DB = -56.0  # the same where no frame is quiet: between words, or beats of music, all that sounds is in it
_SILENT = 1e-10  # mean power
_STEP = 480  # samples between two looks at a fall: 10 ms
_FASTEST = 0.05  # percentile of the falls: a voice falls more slowly than the room alone
_FALL = 12  # looks


class Acoustics:
    """Takes a film's sound in pieces and tells the room that it was recorded in."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)  # which frames are kept where there are too many
        self._quiet = _Kept(self._rng)
        self._calm = _Kept(self._rng)
        self._falls: list[list[float]] = [[], [], []]

    def take(self, sound: Sound, voiced: NDArray[np.bool_]) -> None:
        """Hear a piece, float32 (samples,) at ROOM_HZ; `voiced` (samples // 480,) is where somebody is heard."""
        shape = np.hanning(_FRAME)
        scale = 2 / (ROOM_HZ * (shape**2).sum())  # to a density by the hertz
        for start in range(0, len(sound) - _FRAME + 1, _HOP):
            frame = sound[start : start + _FRAME]
            if not np.any(frame):
                continue  # silence that nobody recorded
            if not voiced[start // _STEP : (start + _FRAME) // _STEP + 1].any():
                self._quiet.keep((np.abs(np.fft.rfft(frame * shape)) ** 2 * scale).astype(np.float32))
        for power in _calmest(sound):
            self._calm.keep(power)
        self._hear_falls(sound, voiced)

    def room(self, usual: Room = NEUTRAL) -> Room:
        """Return the room; where something of it could not be measured, that of the `usual` one."""
        noise = self.noise_db() or usual.noise_db
        falls = [_echo_of(found) for found in self._falls]
        known = [fall for fall in falls if fall is not None]
        if not known:
            return Room(noise, usual.echo_s, usual.direct_db)
        middle = sorted(known)[len(known) // 2]
        mid = middle if falls[1] is None else falls[1]
        low, high = (mid if fall is None else min(mid, fall) for fall in (falls[0], falls[2]))  # rather too dry
        return Room(noise, (low, mid, high), DIRECT_DB[ECHOES_S.index(mid)])

    def noise_db(self) -> tuple[float, ...] | None:
        """Return the density of the noise by octaves, in coarse steps; None where too little was heard of it."""
        quiet = len(self._quiet.frames) >= _LEAST
        kept = self._quiet.frames if quiet else self._calm.frames
        if len(kept) < _LEAST:
            return None
        density = _by_octaves(np.quantile(np.stack(kept), _LOW, axis=0) / -np.log(1 - _LOW))  # of what noise is
        smooth = np.convolve(np.pad(density, 1, mode="edge"), [0.2, 0.6, 0.2], mode="valid")
        total_db = 10 * np.log10((10 ** (smooth / 10) * np.array(BANDS_HZ) * (2**0.5 - 2**-0.5)).sum())
        smooth -= max(0.0, total_db - (_LOUDEST_DB if quiet else _LOUDEST_CALM_DB))
        return tuple(float(step) for step in np.round(smooth / NOISE_STEP_DB) * NOISE_STEP_DB)

    def _hear_falls(self, sound: Sound, voiced: NDArray[np.bool_]) -> None:
        """Note how long the sound would take to fall by 60 dB, wherever a voice falls steadily."""
        count = len(sound) // _STEP - 2
        if count < 2 * _FALL:
            return
        rows = np.lib.stride_tricks.sliding_window_view(sound, 2 * _STEP)[::_STEP][:count]
        power = np.abs(np.fft.rfft(rows * np.hanning(2 * _STEP).astype(np.float32))) ** 2
        at_hz = np.fft.rfftfreq(2 * _STEP, 1 / ROOM_HZ)
        edges = (100.0, *ECHOES_HZ, 8000.0)
        for band, (low_hz, high_hz) in enumerate(pairwise(edges)):
            level = 10 * np.log10(power[:, (at_hz >= low_hz) & (at_hz < high_hz)].sum(1) + 1e-12)
            floor = np.quantile(level, 0.1) + 8
            self._falls[band] += _falls(level, voiced, floor)


def _by_octaves(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the usual density in each octave, dB; a line in it, be it a hum or a whistle, does not count."""
    at_hz = np.linspace(0, ROOM_HZ / 2, len(power))
    bins = [(at_hz >= band / 2**0.5) & (at_hz < band * 2**0.5) for band in BANDS_HZ]
    return np.asarray(10 * np.log10([np.median(power[chosen]) + 1e-15 for chosen in bins]))


def _calmest(sound: Sound) -> list[NDArray[np.float32]]:
    """Return the power of the calmest short moments of a piece: what is heard of a room between words.

    Moments of digital silence, and of what codecs make of it, are none.
    """
    rows = sound[: len(sound) // _SHORT * _SHORT].reshape(-1, _SHORT)
    loud = (rows.astype(np.float64) ** 2).mean(1)
    chosen = [i for i in np.argsort(loud) if loud[i] > _SILENT][: len(rows) // _CALM_OF + 1]
    shape = np.hanning(_SHORT)
    scale = 2 / (ROOM_HZ * (shape**2).sum())
    return [(np.abs(np.fft.rfft(rows[i] * shape)) ** 2 * scale).astype(np.float32) for i in chosen]


class _Kept:
    """Keeps a fair share of many frames (reservoir sampling)."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.frames: list[NDArray[np.float32]] = []
        self._rng, self._seen = rng, 0

    def keep(self, frame: NDArray[np.float32]) -> None:
        self._seen += 1
        if len(self.frames) < _MOST:
            self.frames.append(frame)
        elif (at := int(self._rng.integers(self._seen))) < _MOST:
            self.frames[at] = frame


def _falls(level: NDArray[np.float64], voiced: NDArray[np.bool_], floor: float) -> list[float]:
    """Return the times to fall by 60 dB of all falls of `_FALL` looks that are steady, deep and above the noise."""
    windows = np.lib.stride_tricks.sliding_window_view(level, _FALL)
    time_s = np.arange(_FALL) * _STEP / ROOM_HZ
    centred = time_s - time_s.mean()
    slope = (windows * centred).sum(1) / (centred**2).sum()
    off = windows - windows.mean(1, keepdims=True) - slope[:, None] * centred
    steady = (np.sqrt((off**2).mean(1)) < 2.0) & (windows[:, -1] > floor) & (slope < -30)
    steady &= voiced[: len(windows)]
    return [float(-60 / s) for s in slope[steady]]


def _echo_of(found: list[float]) -> float | None:
    """Return the echo of the room by the falls in one band: the fast ones, since a voice may fall more slowly."""
    if len(found) < _LEAST_FALLS:
        return None
    fall_s = float(np.quantile(found, _FASTEST))
    return min(ECHOES_S, key=lambda known: abs(np.log(known / fall_s)))
