"""Sounds made on the spot: clicks, hums, and a murmur that is nobody's voice; files that hold them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.films import SAME

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


def whisper(length_s: float, rate_hz: int = 48_000, seed: int = 0) -> Samples:
    """Return noise with the syllables of speech, mono, about -20 dB: it is like no other sound but by chance."""
    rng = np.random.default_rng(seed)
    knots = np.arange(0, length_s + 1, 0.12)
    count = round(length_s * rate_hz)
    loud = np.interp(np.arange(count) / rate_hz, knots, rng.choice([0.1, 0.6, 1.0], len(knots)))
    sound = np.convolve(rng.standard_normal(count), [0.5, 0.3, 0.2], mode="same") * loud
    return np.asarray(0.1 * sound / np.sqrt((sound**2).mean()), np.float32)


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
    path: Path, streams: Sequence[Samples], rate_hz: int = 48_000, codec: str = "pcm_s16le", layout: str = "mono"
) -> Path:
    """Write a file with these streams of sound, each (samples,) or (channels, samples)."""
    with av.open(str(path), "w", container_options=SAME) as container:
        form = "fltp" if codec == "aac" else "s16"
        added = [_added(container, codec, rate_hz, layout, form) for _ in streams]
        for stream, samples in zip(added, streams, strict=True):
            _put(container, stream, np.atleast_2d(samples), form)
    return path


def _added(container: OutputContainer, codec: str, rate_hz: int, layout: str, form: str) -> AudioStream:
    stream = cast(AudioStream, container.add_stream(codec, rate=rate_hz, layout=layout))
    stream.codec_context.format = form
    return stream


def _put(container: OutputContainer, stream: AudioStream, rows: Samples, form: str) -> None:
    """Encode rows (channels, samples) into a stream."""
    for start in range(0, rows.shape[1], 1024):
        block = rows[:, start : start + 1024]
        if form == "s16":
            whole = np.round(np.clip(block, -1, 1) * 32767).astype(np.int16)
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(whole.T).reshape(1, -1), form, stream.layout.name)
        else:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), form, stream.layout.name)
        frame.sample_rate, frame.time_base, frame.pts = stream.rate, Fraction(1, stream.rate), start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def under_film(path: Path, samples: Samples, rate_hz: int = 48_000) -> Path:
    """Write a small film, 25 pictures a second, as long as its sound; the sound is in it without loss."""
    rows = np.atleast_2d(samples)
    with av.open(str(path), "w", container_options=SAME) as container:
        picture = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        stream = _added(container, "flac", rate_hz, "mono" if len(rows) == 1 else "stereo", "s16")
        for index in range(round(rows.shape[1] / rate_hz * 25)):
            shade = np.full((48, 64, 3), 40 + index % 100, np.uint8)
            container.mux(picture.encode(VideoFrame.from_ndarray(shade, format="rgb24")))
        container.mux(picture.encode(None))
        _put(container, stream, rows, "s16")
    return path


def loud_at(sound: Samples, rate_hz: int = 48_000) -> list[float]:
    """Return the instants at which something loud begins, in seconds."""
    loud = np.flatnonzero(np.abs(np.atleast_2d(sound)).max(0) > 0.25)
    first = [at for i, at in enumerate(loud) if i == 0 or at - loud[i - 1] > rate_hz // 20]
    return [float(at) / rate_hz for at in first]
