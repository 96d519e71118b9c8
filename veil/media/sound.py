"""Lays a sound file under a film: decoded, kept in step with the picture, encoded anew as AAC without a trace."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet

from veil.media.sound_source import SoundSource

_BLOCK = 1024  # samples in one AAC frame


class SoundTrack:
    """Encodes the sound of a file on the film's clock, a little at a time.

    `start_s` is when the sound begins, counted from the first frame of the film; below 0 it begins before.
    Raises VeilError when the file holds no sound that can be decoded.
    """

    def __init__(self, path: Path, offset_s: Fraction) -> None:
        self._source = SoundSource(path, offset_s)
        self.rate_hz, self.start_s = self._source.rate_hz, self._source.start_s
        self._done = 0  # samples encoded since `start_s`

    def attach(self, container: OutputContainer) -> None:
        """Add the track to a film that is about to be written."""
        layout = self._source.layout
        stream = container.add_stream("aac", rate=self.rate_hz, layout=layout)
        stream.codec_context.bit_rate = 96_000 if layout == "mono" else 160_000
        stream.codec_context.flags |= Flags.bitexact
        self._stream = stream

    def packets(self, until_s: Fraction | None, lead_s: Fraction) -> Iterator["Packet[AudioStream]"]:
        """Yield encoded packets up to `until_s` (None: to the end), `lead_s` later than the film's own clock."""
        while until_s is None or self.start_s + Fraction(self._done, self.rate_hz) < until_s:
            block = self._source.read(_BLOCK)
            if not block.shape[1]:
                break
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=self._source.layout)
            frame.sample_rate = self.rate_hz
            frame.time_base = Fraction(1, self.rate_hz)
            frame.pts = round((self.start_s + lead_s) * self.rate_hz) + self._done
            self._done += block.shape[1]
            yield from self._stream.encode(frame)
        if until_s is None:
            yield from self._stream.encode(None)
            self._source.close()

    def close(self) -> None:
        self._source.close()
