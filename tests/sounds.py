"""Sounds made on the spot: clicks, hums, and a murmur that is nobody's voice; files that hold them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def murmur(length_s: float, rate_hz: int = 48_000, seed: int = 0, pitch_hz: float = 130.0) -> Samples:
    """Return something with the melody, formants and syllables of speech that says nothing, mono, about -20 dB."""
    rng = np.random.default_rng(seed)
    count = round(length_s * rate_hz)
    time_s = np.arange(count) / rate_hz
    knots = np.arange(0, length_s + 1, 0.12)
    pitch = pitch_hz * np.interp(time_s, knots, rng.uniform(0.85, 1.2, len(knots)))
    phase = 2 * np.pi * np.cumsum(pitch) / rate_hz
    sound = np.zeros(count)
    for harmonic in range(1, 24):
        weight = np.interp(time_s, knots, rng.uniform(0.1, 1.0, len(knots))) / harmonic
        sound += weight * np.sin(harmonic * phase)
    loud = np.interp(time_s, knots, rng.choice([0.05, 0.6, 1.0], len(knots)))
    sound = sound * loud + 0.05 * loud * rng.standard_normal(count)
    return np.asarray(0.14 * sound / np.sqrt((sound**2).mean()), np.float32)


def clicks(at_s: Sequence[float], length_s: float, rate_hz: int = 48_000) -> Samples:
    """Return silence with short loud clicks, mono."""
    sound = np.zeros(round(length_s * rate_hz), np.float32)
    for instant in at_s:
        first = round(instant * rate_hz)
        sound[first : first + rate_hz // 500] = 0.8
    return sound


def hum(length_s: float, rate_hz: int = 48_000) -> Samples:
    """Return the mains as a recording has it: 50 Hz, wandering a little, with its harmonics."""
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    phase = 2 * np.pi * np.cumsum(50 + 0.05 * np.sin(2 * np.pi * time_s / 7)) / rate_hz
    return np.asarray(sum(0.02 / k * np.sin(k * phase) for k in (1, 2, 3, 4, 6)), np.float32)


def write(
    path: Path,
    streams: Sequence[Samples],
    rate_hz: int = 48_000,
    codec: str = "pcm_s16le",
    layout: str = "mono",
    starts_s: float = 0.0,
) -> Path:
    """Write a file with these streams of sound, each (samples,) or (channels, samples)."""
    with av.open(str(path), "w") as container:
        added = [container.add_stream(codec, rate=rate_hz, layout=layout) for _ in streams]
        for stream, samples in zip(added, streams, strict=True):
            form = stream.codec_context.format.name
            rows = np.atleast_2d(samples)
            for start in range(0, rows.shape[1], 1024):
                block = rows[:, start : start + 1024]
                frame = AudioFrame.from_ndarray(_packed(block, form), format=form, layout=layout)
                frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
                frame.pts = start + round(starts_s * rate_hz)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def _packed(block: Samples, form: str) -> NDArray[np.generic]:
    if form == "fltp":
        return np.ascontiguousarray(block)
    whole = np.round(np.clip(block, -1, 1) * 32767).astype(np.int16)
    return whole if form == "s16p" else np.ascontiguousarray(whole.T).reshape(1, -1)


def loud_at(sound: Samples, rate_hz: int = 48_000) -> list[float]:
    """Return the instants at which something loud begins, in seconds."""
    loud = np.flatnonzero(np.abs(np.atleast_2d(sound)).max(0) > 0.25)
    first = [at for i, at in enumerate(loud) if i == 0 or at - loud[i - 1] > rate_hz // 20]
    return [float(at) / rate_hz for at in first]
