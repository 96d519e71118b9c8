"""Reads the sound of a film for hearing: one channel at 16 kHz, piece by piece, on the film's own clock."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles.subtitle import AssSubtitle, SubtitleSet
from numpy.typing import NDArray

from veil.media.reader import read
from veil.media.source import open_input
from veil.nouns.film import Film
from veil.nouns.speech import HEARING_HZ, Sound
from veil.nouns.time import Instant, Span

PIECE_S = 30
_TOLERANCE_S = Fraction(1, 25)  # stamps this near to where the samples lie are taken for jitter, not for gaps
_LONGEST_GAP_S = 3600
_CANCELLED = 0.25  # of the loudest channel: a sum softer than this has lost what the channels hold
_FAINT = 0.1  # of the loudest channel: a channel softer than this does not make the others softer


@dataclass(frozen=True)
class SoundStream:
    """A sound track of a film as its container tells of it; `language` as written there, "" where it is not."""

    index: int
    channels: int
    rate_hz: int
    language: str
    default: bool


def sound_streams(film: Film) -> tuple[SoundStream, ...]:
    """Return the sound tracks that may be decoded, the default one first; raise VeilError when there is no film."""
    with open_input(film.path) as container:
        found = [
            SoundStream(
                stream.index,
                stream.codec_context.channels,
                stream.codec_context.sample_rate,
                stream.metadata.get("language", "").replace("und", ""),
                bool(stream.disposition & Disposition.default),
            )
            for stream in container.streams.audio
            if getattr(stream, "codec_context", None)
        ]
    return tuple(sorted(found, key=lambda s: not s.default))


def film_offset_s(film: Film) -> Fraction:
    """Return where the first frame lies on the file's own clock."""
    with read(film) as frames:
        return frames.offset_s


def pieces(film: Film, stream: int, offset_s: Fraction) -> Iterator[Sound]:
    """Yield a sound track in mono at 16 kHz, float32 (samples,), from the first frame of the film on.

    Every piece is `PIECE_S` long, but the last one. What cannot be decoded is silence; sound before the first frame
    is left out. Channels are added; where they cancel each other, the loudest is taken.
    """
    wanted = PIECE_S * HEARING_HZ
    waiting: list[NDArray[np.float32]] = []
    with open_input(film.path) as container:
        for part in _placed(_decoded(container, stream), offset_s):
            waiting.append(part)
            while sum(p.shape[1] for p in waiting) >= wanted:
                together = _side_by_side(waiting)
                yield to_mono(together[:, :wanted])
                waiting = [together[:, wanted:]]
    if sum(p.shape[1] for p in waiting):
        yield to_mono(_side_by_side(waiting))


def _side_by_side(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Join parts in time; where the number of channels changes, the missing ones are silent."""
    most = max(p.shape[0] for p in parts)
    return np.concatenate([np.pad(p, ((0, most - p.shape[0]), (0, 0))) for p in parts], axis=1)


def to_mono(channels: NDArray[np.float32]) -> Sound:
    """Return the sum of all channels (channels, samples), or the loudest where they cancel.

    It is as loud as the mean of those that are not faint; a faint one is added all the same, since somebody may say
    one word in it.
    """
    loudness = np.sqrt(np.mean(np.square(channels, dtype=np.float64), axis=1))
    loudest = int(np.argmax(loudness))
    mono = channels.sum(axis=0) / np.count_nonzero(loudness >= _FAINT * loudness[loudest])
    if np.sqrt(np.mean(np.square(mono, dtype=np.float64))) < _CANCELLED * loudness[loudest]:
        mono = channels[loudest]
    return np.asarray(np.clip(np.nan_to_num(mono), -1, 1), np.float32)


def _placed(frames: Iterator[AudioFrame], offset_s: Fraction) -> Iterator[NDArray[np.float32]]:
    """Yield the samples (channels, samples) of frames on the film's clock: gaps are silence, overlaps are cut off."""
    done: int | None = None  # samples since the first frame of the film; below 0 before it
    for frame in frames:
        samples = np.nan_to_num(frame.to_ndarray().astype(np.float32, copy=False), posinf=0, neginf=0)
        due = done or 0
        if frame.pts is not None and frame.time_base is not None:
            due = round((frame.pts * frame.time_base - offset_s) * HEARING_HZ)
        if done is None:
            done = min(due, 0)
        gap = due - done
        if _TOLERANCE_S * HEARING_HZ < gap <= _LONGEST_GAP_S * HEARING_HZ:
            yield from _from_zero(np.zeros((samples.shape[0], gap), np.float32), done)
            done = due
        elif -_LONGEST_GAP_S * HEARING_HZ < gap < -_TOLERANCE_S * HEARING_HZ:
            samples = samples[:, -gap:]
        yield from _from_zero(samples, done)
        done += samples.shape[1]


def _from_zero(samples: NDArray[np.float32], at: int) -> Iterator[NDArray[np.float32]]:
    kept = samples[:, max(0, -at) :]
    if kept.shape[1]:
        yield kept


def _decoded(container: InputContainer, index: int) -> Generator[AudioFrame]:
    """Yield frames at 16 kHz in all their channels; damaged packets leave a gap."""
    packets = container.demux([container.streams[index]])
    ear = AudioResampler(format="fltp", rate=HEARING_HZ)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            for frame in cast("list[AudioFrame]", packet.decode()):
                try:
                    resampled = ear.resample(frame)
                except ValueError:  # the sound changed its form on the way: a new ear for it
                    yield from ear.resample(None)
                    ear = AudioResampler(format="fltp", rate=HEARING_HZ)
                    resampled = ear.resample(frame)
                yield from resampled
        except EOFError:
            break
        except (av.FFmpegError, ValueError, AttributeError):
            continue
    yield from ear.resample(None)


@dataclass(frozen=True)
class SubtitleStream:
    """Subtitles inside a film: what is shown when, tags and all; `language` as the container tells it."""

    language: str
    shown: tuple[tuple[Span, str], ...]


def subtitles_inside(film: Film, offset_s: Fraction) -> tuple[SubtitleStream, ...]:
    """Return the subtitles in text form that are in the film; those that are pictures are left out."""
    with open_input(film.path) as container:
        found: dict[int, list[tuple[Span, str]]] = {
            s.index: [] for s in container.streams.subtitles if getattr(s, "codec_context", None)
        }
        if not found:
            return ()
        names = {i: container.streams[i].metadata.get("language", "").replace("und", "") for i in found}
        for packet in container.demux([container.streams[i] for i in found]):
            if packet.pts is None or packet.time_base is None:
                continue
            start = Instant(packet.pts * packet.time_base) - offset_s
            length_s = Fraction((packet.duration or 0) * packet.time_base)
            if start >= 0 and length_s > 0:
                texts = [text for text in _texts(packet) if text.strip()]
                found[packet.stream.index] += [(Span(start, start + length_s), text) for text in texts]
    return tuple(SubtitleStream(names[i], tuple(shown)) for i, shown in found.items() if shown)


def _texts(packet: Any) -> Iterator[str]:
    """Yield the text of a packet of subtitles, lines divided by a line feed; nothing where it is a picture."""
    try:
        decoded = packet.decode()
    except (av.FFmpegError, ValueError, AttributeError):
        return
    for part in decoded:
        rows = part.rects if isinstance(part, SubtitleSet) else [part]
        for row in rows:
            if isinstance(row, AssSubtitle):
                text = row.dialogue or b""
                yield text.decode("utf-8", "replace").replace("\\N", "\n")
