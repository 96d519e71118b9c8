"""Hears the sound of a file as one row of samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from veil.media.source import open_input


def listen(path: Path, rate_hz: int = 8000) -> NDArray[np.float32] | None:
    """Return every sound track in mono, one after the other, float32 (samples,), -1 to 1; None where there is none.

    All are brought to the length of the longest, so that the same track of two films lies at the same place. What
    cannot be decoded is left out; for every track of which nothing can, a nan stands at the end. Raises VeilError when
    the file cannot be opened.
    """
    with open_input(path) as container:
        tracks = {s.index: _Track(rate_hz) for s in container.streams if s.type == "audio"}
        for packet in _packets(container, list(tracks)):
            tracks[packet.stream.index].take(packet)
    there = [track for track in tracks.values() if track.packets]
    if not there:
        return None
    sounds = [sound for track in there if len(sound := track.sound())]
    longest = max((len(sound) for sound in sounds), default=0)
    deaf = np.full(len(there) - len(sounds), np.nan, np.float32)
    return np.concatenate([*(np.pad(sound, (0, longest - len(sound))) for sound in sounds), deaf])


class _Track:
    """Decodes one sound track, packet by packet."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = AudioResampler(format="flt", layout="mono", rate=rate_hz)
        self._parts = [np.zeros(0, np.float32)]
        self.packets = 0

    def take(self, packet: "Packet[AudioStream]") -> None:
        """Hear a packet; the one without content, at the end, brings what a decoder has held back."""
        self.packets += packet.size > 0
        try:
            for frame in packet.decode():
                self._keep(self._resampler.resample(frame))
        except (av.FFmpegError, ValueError, AttributeError):
            return

    def sound(self) -> NDArray[np.float32]:
        """Return all that was heard; nothing more can be taken afterwards."""
        self._keep(self._resampler.resample(None))
        return np.asarray(np.clip(np.nan_to_num(np.concatenate(self._parts)), -1, 1), np.float32)

    def _keep(self, frames: list[AudioFrame]) -> None:
        self._parts += [frame.to_ndarray().reshape(-1).astype(np.float32, copy=False) for frame in frames]


def _packets(container: InputContainer, streams: list[int]) -> Iterator["Packet[Any]"]:
    """Yield the packets of these streams; damaged ones are passed over."""
    if not streams:
        return
    packets = container.demux([container.streams[index] for index in streams])
    while True:
        try:
            packet = next(packets, None)
        except EOFError:
            return
        except (av.FFmpegError, ValueError):
            continue
        if packet is None:
            return
        yield packet
