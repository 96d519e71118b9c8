"""Lays a sound file under a film: decoded, kept in step with the picture, encoded anew as AAC without a trace."""

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.media.source import open_input

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_BLOCK = 1024  # samples in one AAC frame
_TOLERANCE_S = Fraction(1, 25)  # stamps this near to where the samples lie are taken for jitter, not for gaps
_LONGEST_GAP_S = 3600


class SoundTrack:
    """Encodes the sound of a file on the film's clock, a little at a time.

    `start_s` is when the sound begins, counted from the first frame of the film; below 0 it begins before.
    Raises VeilError when the file holds no sound that can be decoded.
    """

    def __init__(self, path: Path, offset_s: Fraction) -> None:
        self._input = open_input(path)
        known = [s for s in self._input.streams.audio if getattr(s, "codec_context", None)]
        if not known:
            self._input.close()
            raise VeilError("the file holds no sound that Veil can read", "give a file with sound, such as WAV or M4A")
        self._source = known[0]
        self.rate_hz = min((r for r in _RATES if r >= self._source.codec_context.sample_rate), default=48000)
        self._layout = "mono" if self._source.codec_context.channels == 1 else "stereo"
        self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=self.rate_hz)
        self._frames = self._decoded()
        first = next(self._frames, None)
        if first is None:
            self._input.close()
            raise VeilError("the file holds no sound that Veil can read", "give a file with sound, such as WAV or M4A")
        self._held: AudioFrame | None = first
        self._zero_s = offset_s
        self.start_s = self._time_of(first) - offset_s
        self._samples = np.zeros((1 if self._layout == "mono" else 2, 0), np.float32)
        self._done = 0  # samples encoded since `start_s`

    def attach(self, container: OutputContainer) -> None:
        """Add the track to a film that is about to be written."""
        stream = container.add_stream("aac", rate=self.rate_hz, layout=self._layout)
        stream.codec_context.bit_rate = 96_000 if self._layout == "mono" else 160_000
        stream.codec_context.flags |= Flags.bitexact
        self._stream = stream

    def packets(self, until_s: Fraction | None, lead_s: Fraction) -> Iterator["Packet[AudioStream]"]:
        """Yield encoded packets up to `until_s` (None: to the end), `lead_s` later than the film's own clock."""
        while until_s is None or self.start_s + Fraction(self._done, self.rate_hz) < until_s:
            if not self._fill(_BLOCK) and not self._samples.shape[1]:
                break
            block, self._samples = self._samples[:, :_BLOCK], self._samples[:, _BLOCK:]
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=self._layout)
            frame.sample_rate = self.rate_hz
            frame.time_base = Fraction(1, self.rate_hz)
            frame.pts = round((self.start_s + lead_s) * self.rate_hz) + self._done
            self._done += block.shape[1]
            yield from self._stream.encode(frame)
        if until_s is None:
            yield from self._stream.encode(None)
            self._input.close()

    def close(self) -> None:
        self._frames.close()
        self._input.close()

    def _fill(self, wanted: int) -> bool:
        """Decode until that many samples wait; tell whether they do."""
        parts, waiting = [self._samples], self._samples.shape[1]
        while waiting < wanted and self._held is not None:
            part = self._placed(self._held, self._done + waiting)
            parts.append(part)
            waiting += part.shape[1]
            self._held = next(self._frames, None)
        self._samples = np.concatenate(parts, axis=1)
        return waiting >= wanted

    def _placed(self, frame: AudioFrame, position: int) -> NDArray[np.float32]:
        """Return the samples of a frame, with silence before them for a gap, or without those that overlap."""
        samples = np.nan_to_num(frame.to_ndarray().astype(np.float32, copy=False), posinf=0, neginf=0)
        due = round((self._time_of(frame) - self._zero_s - self.start_s) * self.rate_hz)
        gap = due - position
        if abs(gap) <= _TOLERANCE_S * self.rate_hz or gap > _LONGEST_GAP_S * self.rate_hz:
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

    _next_s = Fraction(0)

    def _decoded(self) -> Generator[AudioFrame]:
        """Yield resampled frames; damaged packets leave a gap."""
        packets = self._input.demux(self._source)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                for frame in packet.decode():
                    yield from self._resampler.resample(frame)
            except EOFError:
                break
            except (av.FFmpegError, ValueError):
                continue
        yield from self._resampler.resample(None)
