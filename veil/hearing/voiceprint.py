"""What a voice is like, moment by moment: vectors that are near for one voice and far for two.

The first two convolutions of Whisper's encoder (Radford et al. 2022; the layers above them forget who speaks, as
measured) give 384 features at 50 Hz. They are summed over blocks of a tenth of a second, so that an hour takes little
memory and any window's mean and standard deviation are quickly had. A linear map (Fisher's discriminants) that was
learnt from synthetic voices alone turns these into a print. The nets that attack a film are other ones.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from veil.models.packages import packaged_paths
from veil.models.weights import weight_path
from veil.nouns.speech import HEARING_HZ, Sound

Floats = NDArray[np.float32]

BLOCK_S = 0.1
"""The grain of time in which voices are told apart."""
_BLOCK = round(BLOCK_S * HEARING_HZ)
_HOP = 160  # samples between two columns of the spectrogram
_FFT = 400
_BANDS = 80
_PER_BLOCK = _BLOCK // (2 * _HOP)  # features in a block
_PIECE = 300  # blocks that are heard at once
_MARGIN = 2  # blocks beside them, so that pieces do not show
_FLOOR = 1e-5
_LEVEL = 0.1  # root mean square to which the loud parts of a film are brought


@dataclass(frozen=True, eq=False)
class Heap:
    """Sums and sums of squares of the features (N, 384), and the loudness (N,) of each block of a sound."""

    sums: Floats
    squares: Floats
    loud: Floats  # root mean square, of the sound as it came

    def __len__(self) -> int:
        return len(self.loud)

    def statistics(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Floats:
        """Return mean and standard deviation (M, 768) of the features in each window of blocks, half-open."""
        out = np.empty((len(starts), 2 * self.sums.shape[1]), np.float32)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            count = max(1, end - start) * _PER_BLOCK
            mean = self.sums[start:end].sum(0) / count
            out[row, : len(mean)] = mean
            out[row, len(mean) :] = np.sqrt(np.maximum(self.squares[start:end].sum(0) / count - mean**2, 0))
        return out


def heap(sound: Sound) -> Heap:
    """Hear a sound at 16 kHz; it is worked on in pieces of half a minute."""
    blocks = len(sound) // _BLOCK
    loud = np.sqrt(np.square(sound[: blocks * _BLOCK].reshape(blocks, _BLOCK)).mean(1)) if blocks else np.zeros(0)
    usual = float(np.percentile(loud[loud > 1e-4], 90)) if (loud > 1e-4).any() else 1.0
    parts = list(_pieces(sound, blocks, _LEVEL / usual))
    none = np.zeros((0, 384), np.float32)
    return Heap(
        np.concatenate([none, *(sums for sums, _ in parts)]),
        np.concatenate([none, *(squares for _, squares in parts)]),
        loud.astype(np.float32),
    )


def _pieces(sound: Sound, blocks: int, gain: float) -> Iterator[tuple[Floats, Floats]]:
    for first in range(0, blocks, _PIECE):
        last = min(blocks, first + _PIECE)
        before, after = max(0, first - _MARGIN), min(blocks, last + _MARGIN)
        features = _features(sound[before * _BLOCK : after * _BLOCK] * np.float32(gain))
        kept = features[(first - before) * _PER_BLOCK : (last - before) * _PER_BLOCK]
        kept = kept.reshape(last - first, _PER_BLOCK, -1)
        yield kept.sum(1), np.square(kept).sum(1)


def _features(sound: Sound) -> Floats:
    """Return the features (frames, 384) at 50 Hz."""
    first, first_bias, second, second_bias = _convolutions()
    return _convolved(_convolved(_spectrogram(sound), first, first_bias, 1), second, second_bias, 2)


def _spectrogram(sound: Sound) -> Floats:
    """Return 80 mel bands at 100 Hz as Whisper takes them, but for a floor that does not hang on the loudest sound."""
    padded = np.pad(sound, (_FFT // 2, _FFT // 2), mode="reflect" if len(sound) > _FFT else "constant")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][: len(sound) // _HOP]
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).astype(np.float32)
    return np.asarray((np.log10(np.maximum(power @ _mel().T, _FLOOR)) + 4) / 4, np.float32)


@lru_cache(maxsize=1)
def _mel() -> Floats:
    """Return the triangles (80, 201) on Slaney's mel scale."""

    def to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(mel >= 15, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)), mel * 200 / 3)

    top = 15 + np.log(HEARING_HZ / 2 / 1000) / (np.log(6.4) / 27)
    edges = to_hz(np.linspace(0, top, _BANDS + 2))
    bins = np.linspace(0, HEARING_HZ / 2, _FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return triangles.astype(np.float32)


def _convolved(rows: Floats, weight: Floats, bias: Floats, stride: int) -> Floats:
    """Return a convolution over time, three wide, through a Gaussian error linear unit."""
    padded = np.pad(rows, ((1, 1), (0, 0)))
    x = bias + sum(padded[k : k + len(rows)][::stride] @ weight[:, :, k].T for k in range(3))
    return np.asarray(0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))), np.float32)


@lru_cache(maxsize=1)
def _convolutions() -> tuple[Floats, Floats, Floats, Floats]:
    """Return weight and bias of the two convolutions out of the packaged net (CTranslate2's format, version 6)."""
    (path,) = (p for p in packaged_paths("whisper_tiny_en", "hearing") if p.name == "model.bin")
    wanted = [f"encoder/conv{i}/{kind}" for i in (1, 2) for kind in ("weight", "bias")]
    found: dict[str, Floats] = {}
    with path.open("rb") as file:

        def number(kind: str) -> int:
            return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0])

        def text() -> str:
            return file.read(number("H"))[:-1].decode("ascii")

        _version, _name, _revision, count = number("I"), text(), number("I"), number("I")
        for _ in range(count):
            name = text()
            shape = tuple(number("I") for _ in range(number("B")))
            _kind, size = number("B"), number("I")
            data = file.read(size)
            if name in wanted:
                found[name] = np.frombuffer(data, np.float16).reshape(shape).astype(np.float32)
            if len(found) == len(wanted):
                break
    first, first_bias, second, second_bias = (found[name] for name in wanted)
    return first, first_bias, second, second_bias


@dataclass(frozen=True, eq=False)
class _Map:
    mean: Floats
    spread: Floats
    prints: Floats  # (768, dimensions)
    overlap: Floats  # (768,)
    overlap_bias: float


@lru_cache(maxsize=1)
def _learnt() -> _Map:
    with np.load(weight_path("voiceprint", "hearing")) as kept:
        mean, spread, prints, overlap = (
            kept[name].astype(np.float32) for name in ("mean", "spread", "prints", "overlap")
        )
        return _Map(mean, spread, prints, overlap, float(kept["overlap_bias"]))


def prints(statistics: Floats) -> Floats:
    """Return one print of length 1 for each row of a heap's statistics: their products tell how alike two are."""
    learnt = _learnt()
    mapped = ((statistics - learnt.mean) / learnt.spread) @ learnt.prints
    return np.asarray(mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-6), np.float32)


def two_at_once(statistics: Floats) -> Floats:
    """Return for each row how far it speaks for two voices at once: the logarithm of odds, above 0 for two."""
    learnt = _learnt()
    return np.asarray(
        ((statistics - learnt.mean) / learnt.spread) @ learnt.overlap + np.float32(learnt.overlap_bias), np.float32
    )
