"""Writes sound in pieces as FLAC: what the new sound of a film waits in until it is laid under the picture."""

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.codec.context import Flags

from veil.media.sound_source import SOUND_HZ, Channels
from veil.media.source import locator
from veil.media.target import cannot_write

_BLOCK = 4096
_LOUDEST = 32767


class SoundWriter:
    """Takes pieces of float32 (channels, samples) at SOUND_HZ; the file has its name when the last one is written.

    A context manager; 16 bits, without loss beyond that. Raises VeilError when the file cannot be written.
    """

    def __init__(self, path: Path, channels: int) -> None:
        self.path, self._draft = path, path.with_suffix(".part")
        self._layout = "mono" if channels == 1 else "stereo"
        self._waiting = np.zeros((channels, 0), np.int16)
        self._done = 0
        try:
            self._container = av.open(locator(self._draft), "w", format="flac")
            self._stream = self._container.add_stream("flac", rate=SOUND_HZ, layout=self._layout)
            self._stream.codec_context.format = "s16"
            self._stream.codec_context.flags |= Flags.bitexact
        except (av.FFmpegError, OSError) as error:
            raise cannot_write(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            with suppress(av.FFmpegError, OSError, ValueError):
                self._container.close()
            self._draft.unlink(missing_ok=True)
            return
        try:
            self._encode(1)
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._draft.chmod(0o600)
            os.replace(self._draft, self.path)
        except (av.FFmpegError, OSError) as problem:
            self._draft.unlink(missing_ok=True)
            raise cannot_write(problem) from problem

    def put(self, piece: Channels) -> None:
        """Write a piece; what is louder than full scale is clipped."""
        whole = np.round(np.clip(piece, -1, 1) * _LOUDEST).astype(np.int16)
        self._waiting = np.concatenate([self._waiting, whole], axis=1)
        try:
            self._encode(_BLOCK)
        except (av.FFmpegError, OSError) as error:
            raise cannot_write(error) from error

    def _encode(self, least: int) -> None:
        while self._waiting.shape[1] >= least:
            block, self._waiting = self._waiting[:, :_BLOCK], self._waiting[:, _BLOCK:]
            packed = np.ascontiguousarray(block.T).reshape(1, -1)  # interleaved
            frame = AudioFrame.from_ndarray(packed, format="s16", layout=self._layout)
            frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, self._done, Fraction(1, SOUND_HZ)
            self._done += block.shape[1]
            self._container.mux(self._stream.encode(frame))
