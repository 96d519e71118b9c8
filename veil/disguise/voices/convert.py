"""Convert: the person's own voice, bent (a preview only). Software recognises it, whatever the parameters are.

A source-filter conversion: linear prediction takes each short frame apart into the mouth's resonances and what excites
them; resonances are moved along a warped frequency axis, the excitation to another pitch, the whole gets another tilt,
and the frames are laid over each other again (Atal and Hanauer 1971; Moulines and Charpentier 1990). Parameters are
random, by a seed that is one person's.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from veil.nouns.speech import Sound

_WORK_HZ = 16_000
_FRAME, _HOP = 512, 128  # 32 and 8 ms
_ORDER = 18
_WINDOW = np.hanning(_FRAME + 1)[:-1]
_QUIET = 1e-4


@dataclass(frozen=True)
class Bent:
    """How a voice is bent: all factors are 1, and the tilt 0, where it stays as it is."""

    warp: float  # of the resonances: above 1 a smaller mouth
    bow: float  # how much more the high ones move than the low
    pitch: float
    tilt_db: float  # an octave


class Convert:
    """Bends the sound of turns; see `Bending`."""

    name = "convert"

    def __init__(self, seed: int) -> None:
        """Draw the parameters; the same seed bends the same way."""
        random = np.random.default_rng([seed % 2**63, 0xC0])
        way = float(random.choice((-1, 1)))
        self.bent = Bent(
            warp=float(np.exp(way * random.uniform(0.10, 0.20))),
            bow=float(random.uniform(-0.06, 0.06)),
            pitch=float(np.exp(way * random.uniform(0.15, 0.35))),
            tilt_db=float(random.uniform(-2.5, 2.5)),
        )

    def bend(self, sound: Sound, rate_hz: int) -> Sound:
        """Return a new sound of the same length and rate, nothing of it above 8 kHz; see `Bending.bend`."""
        if len(sound) < 2:
            return np.zeros_like(sound)
        low = np.asarray(soxr.resample(sound, rate_hz, _WORK_HZ), np.float64)
        bent = _overlaid(low, self.bent)
        level = np.sqrt(np.mean(np.square(low)) / max(float(np.mean(np.square(bent))), 1e-12))
        high = np.asarray(soxr.resample(bent * min(level, 4.0), _WORK_HZ, rate_hz), np.float32)[: len(sound)]
        return np.clip(np.pad(high, (0, len(sound) - len(high))), -1.0, 1.0)


def _overlaid(sound: NDArray[np.float64], bent: Bent) -> NDArray[np.float64]:
    """Return the sound, frame by frame taken apart, bent and put together."""
    padded = np.pad(sound, (_FRAME, 2 * _FRAME))
    excited = np.zeros_like(padded)
    filters: list[NDArray[np.float64]] = []
    starts = range(0, len(padded) - _FRAME, _HOP)
    for start in starts:
        frame = padded[start : start + _FRAME] * _WINDOW
        prediction = _predicted(frame)
        excited[start : start + _FRAME] += lfilter(prediction, [1.0], frame) * _WINDOW
        filters.append(_warped(prediction, bent))
    source = _pitched(excited / (_FRAME / _HOP * 0.375), bent.pitch)
    out = np.zeros_like(padded)
    for start, resonances in zip(starts, filters, strict=True):
        frame = source[start : start + _FRAME] * _WINDOW
        out[start : start + _FRAME] += lfilter([1.0], resonances, frame) * _WINDOW
    return _tilted(out, bent.tilt_db)[_FRAME : _FRAME + len(sound)]


def _predicted(frame: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the predictor (order + 1,) of a frame, its first 1; nothing is predicted of silence."""
    spectrum = np.abs(np.fft.rfft(frame, 2 * _FRAME)) ** 2
    echoes = np.fft.irfft(spectrum)[: _ORDER + 1]
    if echoes[0] < _QUIET:
        return np.concatenate([[1.0], np.zeros(_ORDER)])
    echoes[0] *= 1.0001
    return np.concatenate([[1.0], -solve_toeplitz(echoes[:-1], echoes[1:])])


def _warped(prediction: NDArray[np.float64], bent: Bent) -> NDArray[np.float64]:
    """Return the predictor with its resonances at other frequencies: the roots keep their damping and turn."""
    roots = np.roots(prediction)
    if not len(roots):
        return prediction
    angles, damping = np.angle(roots), np.minimum(np.abs(roots), 0.985)
    share = np.abs(angles) / np.pi
    moved = np.clip(share * (bent.warp + bent.bow * share), 0.0, 0.98)
    turned = np.where(share < 1e-6, 0.0, np.where(share > 0.999, 1.0, moved)) * np.pi * np.sign(angles)
    return np.asarray(np.real(np.poly(damping * np.exp(1j * turned))), np.float64)


def _pitched(source: NDArray[np.float64], pitch: float) -> NDArray[np.float64]:
    """Return the excitation at another pitch and of the same length: stretched, then read anew."""
    wanted = int(len(source) * pitch)
    stretched = np.zeros(wanted + 2 * _FRAME)
    weight = np.zeros_like(stretched)
    step = _FRAME // 2
    window = np.hanning(_FRAME)
    source = np.pad(source, (step, 2 * _FRAME))
    tail = np.zeros(step)
    for start in range(0, wanted, step):
        middle = int(start / pitch) + step // 2
        places = np.arange(max(0, middle - step // 2), middle + step // 2)
        found = np.correlate(source[places[0] : places[-1] + step], tail, "valid") if start else np.zeros(1)
        at = int(places[0] + np.argmax(found))
        piece = source[at : at + _FRAME]
        stretched[start : start + _FRAME] += piece * window[: len(piece)]
        weight[start : start + _FRAME] += window[: len(piece)]
        tail = source[at + step : at + 2 * step]
    stretched /= np.maximum(weight, 0.1)
    read = np.interp(np.arange(len(source)) * pitch, np.arange(len(stretched)), stretched)
    return np.asarray(read[: len(source) - step - 2 * _FRAME], np.float64)


def _tilted(sound: NDArray[np.float64], tilt_db: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(sound)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / _WORK_HZ), 50.0) / 1000.0)
    return np.fft.irfft(spectrum * 10 ** (tilt_db * octaves / 20), len(sound))
