"""Reads the sound of a file in pieces: whatever its layout and rate, on the film's clock, silence where it has gaps."""

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.media.source import open_input

Channels = NDArray[np.float32]
"""Float32 (1 or 2 channels, samples), -1 to 1."""

SOUND_HZ = 48_000
"""The rate at which a film's new sound is made."""

PIECE_S = 10
"""So much sound is held at once."""

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_TOLERANCE_S = Fraction(1, 25)  # stamps this near to where the samples lie are taken for jitter, not for gaps
_AFTER_DAMAGE_S = Fraction(1, 200)  # right after something that could not be decoded there is a gap for sure
_LONGEST_GAP_S = 3600


class SoundSource:
    """The first sound stream of a file that Veil can decode, as float32 in mono or stereo.

    `start_s` is when the sound begins, counted from the first frame of the film, which lies at `offset_s` on the
    file's own clock; below 0 it begins before. `rate_hz` None takes the nearest that AAC knows. What is damaged or
    missing is silence. Raises VeilError when the file holds no sound that can be decoded.
    """

    def __init__(self, path: Path, offset_s: Fraction, rate_hz: int | None = None) -> None:
        self._input = open_input(path)
        known = [s for s in self._input.streams.audio if getattr(s, "codec_context", None)]
        self._damaged = False
        for source in known:
            self._begin(source, rate_hz)
            first = next(self._frames, None)
            if first is not None:
                self._held: AudioFrame | None = first
                break
        else:
            self._input.close()
            raise VeilError("the file holds no sound that Veil can read", "give a file with sound, such as WAV or M4A")
        self._zero_s = offset_s
        self._damaged = False
        self.start_s = self._time_of(first) - offset_s
        self._samples = np.zeros((self.channels, 0), np.float32)
        self._done = 0  # samples given out since `start_s`

    def _begin(self, source: AudioStream, rate_hz: int | None) -> None:
        self._source = source
        known_hz = source.codec_context.sample_rate
        self.rate_hz = rate_hz or min((r for r in _RATES if r >= known_hz), default=SOUND_HZ)
        self.layout = "mono" if source.codec_context.channels == 1 else "stereo"
        self.channels = 1 if self.layout == "mono" else 2
        self._form: tuple[object, ...] = ()  # of what comes in; none before the first frame
        self._resampler = AudioResampler(format="fltp", layout=self.layout, rate=self.rate_hz)
        self._next_s = Fraction(0)
        if source.index != self._input.streams.audio[0].index:
            self._input.seek(0)
        self._frames = self._decoded()

    def read(self, wanted: int) -> Channels:
        """Return the next `wanted` samples (channels, samples); fewer at the end, and then none."""
        parts, waiting = [self._samples], self._samples.shape[1]
        while waiting < wanted and self._held is not None:
            part = self._placed(self._held, self._done + waiting)
            parts.append(part)
            waiting += part.shape[1]
            self._held = next(self._frames, None)
        samples = np.concatenate(parts, axis=1)
        given, self._samples = samples[:, :wanted], samples[:, wanted:]
        self._done += given.shape[1]
        return given

    def close(self) -> None:
        self._frames.close()
        self._input.close()

    def _placed(self, frame: AudioFrame, position: int) -> Channels:
        """Return the samples of a frame, with silence before them for a gap, or without those that overlap."""
        samples = np.nan_to_num(frame.to_ndarray().astype(np.float32, copy=False), posinf=0, neginf=0)
        due = round((self._time_of(frame) - self._zero_s - self.start_s) * self.rate_hz)
        gap = due - position
        allowed_s, self._damaged = _AFTER_DAMAGE_S if self._damaged else _TOLERANCE_S, False
        if abs(gap) <= allowed_s * self.rate_hz or gap > _LONGEST_GAP_S * self.rate_hz:
            return samples
        if gap < 0:
            return samples[:, -gap:]
        return np.concatenate([np.zeros((samples.shape[0], gap), np.float32), samples], axis=1)

    def _time_of(self, frame: AudioFrame) -> Fraction:
        if frame.pts is None or frame.time_base is None:
            return self._next_s
        at = Fraction(frame.pts * frame.time_base)
        self._next_s = at + Fraction(frame.samples, self.rate_hz)
        return at

    def _decoded(self) -> Generator[AudioFrame]:
        """Yield resampled frames; damaged packets leave a gap."""
        packets = self._input.demux(self._source)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                for frame in packet.decode():
                    yield from self._resampled(frame)
            except EOFError:
                break
            except (av.FFmpegError, ValueError):
                self._damaged = True
        if self._form:
            yield from self._resampler.resample(None)

    def _resampled(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """Yield a frame at the rate and layout of the result; some recordings change theirs on the way."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base)
        if form != self._form:
            if self._form:
                yield from self._resampler.resample(None)
            self._form = form
            self._resampler = AudioResampler(format="fltp", layout=self.layout, rate=self.rate_hz)
        yield from self._resampler.resample(frame)


def pieces(
    path: Path, offset_s: Fraction, end_s: Fraction, *, from_s: Fraction = Fraction(0), piece_s: int = PIECE_S
) -> Iterator[Channels]:
    """Yield a film's sound from its first frame to `end_s`, or the part from `from_s` on, in pieces at SOUND_HZ.

    Together they have exactly the samples of that span; where the file has no sound (any more) there is silence.
    Nothing comes of a file in which no sound can be decoded.
    """
    try:
        source = SoundSource(path, offset_s, SOUND_HZ)
    except VeilError:
        return
    try:
        due = round((source.start_s - from_s) * SOUND_HZ)  # samples of silence before the sound begins
        while due < 0 and (dropped := source.read(min(-due, piece_s * SOUND_HZ)).shape[1]):
            due += dropped
        left = round((end_s - from_s) * SOUND_HZ)
        while left > 0:
            wanted = min(left, piece_s * SOUND_HZ)
            quiet = min(max(due, 0), wanted)
            there = source.read(wanted - quiet) if quiet < wanted else np.zeros((source.channels, 0), np.float32)
            yield np.pad(there, ((0, 0), (quiet, wanted - quiet - there.shape[1])))
            due, left = due - quiet, left - wanted
    finally:
        source.close()
