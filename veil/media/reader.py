"""Reads a film frame by frame: decoded, upright, 8-bit 4:2:0 SDR, each at its exact instant."""

import threading
from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import chain
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from veil.errors import VeilError
from veil.media.damage import Trust, hidden
from veil.media.hdr import ToneMap
from veil.media.source import (
    CHECK_DISK,
    COPY_AGAIN,
    SDR,
    SPACES,
    Coding,
    Upright,
    check_size,
    coding_of,
    film_stream,
    open_input,
    plane_rows,
    tags_of,
    upright_of,
)
from veil.nouns.film import Film
from veil.nouns.picture import Colour, Frame, Picture, Plane

_PLANAR = frozenset({"yuv420p", "yuvj420p"})
_LONGEST_S, _JITTER_S = 3600, Fraction(1, 2)
_SCALING = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


class Reader:
    """Yields every decodable frame of a film once, in display order; a context manager.

    A frame that gives no picture is left out: `undecodable` counts the packets that gave an error. A damaged frame,
    and what leans on it up to the next whole key frame, is flat grey: `hidden` counts those, see `damage.py`.
    Instants are exact, start at 0 and strictly increase.
    """

    def __init__(self, film: Film, *, start: int = 0) -> None:
        """Open the film; raise VeilError when it cannot be read. Frames before number `start` are decoded unseen."""
        self.film = film
        self.undecodable = 0
        self.hidden = 0
        self._start = start
        self._container = open_input(film.path)
        try:
            self._stream = film_stream(self._container)
        except VeilError:
            self._container.close()
            raise
        _prepare(self._stream)
        self.time_base = Fraction(self._stream.time_base or Fraction(1, 90000))
        self.pixel_aspect = _pixel_aspect(self._stream, film)  # how wide an upright pixel is for its height: mostly 1
        self.end_s = Fraction(0)  # when the last frame read so far stops being shown, counted like `Frame.at`
        self._maker = _Maker(film)
        self._trust = Trust(self._stream)
        self.tags = (1, 1)  # colour primaries and transfer of what is read: ITU-T H.273
        self._decoding = self._decoded()
        self._first = next(self._decoding, None)
        if self._first is None:
            self._container.close()
            raise VeilError("no frame of the film can be decoded", COPY_AGAIN)
        self.tags = tags_of(self._first[0])
        self._clock = Clock(self.time_base, film.rate_hz, self._first[0].pts)
        self._frames = self._read(self._first)
        self._busy = threading.Lock()  # frames may be fetched by another thread than the one that closes

    @property
    def offset_s(self) -> Fraction:
        """Where the first frame lies on the file's own clock, by which its sound is kept in step."""
        return self._clock.offset_s

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        with self._busy:
            return next(self._frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after the frame that is being read; the frames already handed out stay good."""
        with self._busy:
            self._frames.close()
            self._decoding.close()
            self._container.close()

    def _read(self, first: tuple[VideoFrame, bool]) -> Generator[Frame]:
        self._first = None
        for index, (decoded, trusted) in enumerate(chain([first], self._decoding)):
            at = self._clock.next(decoded.pts)
            self.end_s = at + (decoded.duration * self.time_base if decoded.duration else 1 / self.film.rate_hz)
            self.hidden += not trusted
            if index >= self._start:
                film = self.film
                picture = self._maker.picture(decoded) if trusted else hidden(film.width, film.height, film.colour)
                yield Frame(index, at, picture)

    def _decoded(self) -> Generator[tuple[VideoFrame, bool]]:
        """Yield decoded frames, and whether each can be trusted."""
        for packet in self._packets():
            self._trust.send(packet)
            try:
                frames = packet.decode()
            except EOFError:
                return
            except av.FFmpegError:
                self.undecodable += 1
                self._trust.lose()
                continue
            for frame in frames:
                yield frame, self._trust.holds(frame)

    def _packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yield packets past damaged places; give up where the file goes on giving errors."""
        failures = 0
        while failures < 64:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
                return
            except OSError as error:
                raise VeilError("the film file can no longer be read", CHECK_DISK) from error
            except av.FFmpegError:
                failures += 1
                self.undecodable += 1
                self._trust.lose()


def _pixel_aspect(stream: VideoStream, film: Film) -> Fraction:
    stored = stream.sample_aspect_ratio
    aspect = Fraction(stored) if stored and stored > 0 else Fraction(1)
    return 1 / aspect if film.rotation_deg in (90, 270) else aspect


def read(film: Film, *, start: int = 0) -> Reader:
    """Return an iterator over the frames of a film, from number `start` on; see `Reader`."""
    return Reader(film, start=start)


def first_frame(container: av.container.InputContainer, stream: VideoStream) -> VideoFrame:
    """Decode one frame; raise VeilError when no frame can be decoded. The container is used up by it."""
    _prepare(stream)
    packets = 0
    try:
        for packet in container.demux(stream):
            packets += bool(packet.size)
            try:
                frames = packet.decode()
            except EOFError:
                break
            except av.FFmpegError:
                continue
            if frames:
                check_size(frames[0].width, frames[0].height)
                return frames[0]
    except av.FFmpegError as error:
        raise VeilError("no frame of the film can be decoded", COPY_AGAIN) from error
    if not packets:
        raise VeilError("the film holds no frames", COPY_AGAIN)
    raise VeilError("no frame of the film can be decoded", COPY_AGAIN)


def _prepare(stream: VideoStream) -> None:
    stream.thread_type = "AUTO"
    stream.codec_context.options = {"max_pixels": str(8192 * 8192)}


class Clock:
    """Turns time stamps into instants that start at 0 and strictly increase."""

    def __init__(self, time_base: Fraction, rate_hz: Fraction, first: int | None) -> None:
        self._time_base = time_base
        self._step_s = 1 / rate_hz
        self._last: Fraction | None = None
        self._shift_s = Fraction(0)
        self.offset_s = (first or 0) * time_base

    def next(self, pts: int | None) -> Fraction:
        """Return the instant of the next frame.

        A missing stamp is one step on, a repeated one half a step. Where the clock itself jumps (back, or hours
        ahead), time goes on by one step and later stamps are counted from there.
        """
        if self._last is None:
            self._last = Fraction(0)
            return self._last
        last, due = self._last, self._last + self._step_s
        self._last = due if pts is None else self._placed(pts * self._time_base - self.offset_s, last, due)
        return self._last

    def _placed(self, told: Fraction, last: Fraction, due: Fraction) -> Fraction:
        """Return where a stamp lies after `last`: on the clock as it was shifted, on the first one, or where `due`."""
        likely = [at for at in (told + self._shift_s, told) if last < at <= last + _LONGEST_S]
        at = min(likely, key=lambda at: abs(at - due), default=due)
        if not likely and last - _JITTER_S < told + self._shift_s <= last:
            return last + self._step_s / 2
        self._shift_s = at - told
        return at


class _Maker:
    """Makes upright pictures of one size and colour from decoded frames."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._upright: Upright | None = None
        self._scaler = VideoReformatter()
        self._coding: Coding | None = None
        self._tone: ToneMap | None = None
        self._marks: tuple[int | str, ...] = ()
        self._plain = False

    def picture(self, frame: VideoFrame) -> Picture:
        """Return the frame as a picture that owns its memory."""
        size, tags = (frame.width, frame.height), (frame.colorspace, frame.color_range)
        marks = (*size, frame.format.name, *tags, frame.color_trc, frame.color_primaries)
        if marks != self._marks:
            self._marks = marks
            self._adapt(frame)
        planes = _copied(frame if self._plain else self._converted(frame))
        if self._upright and not self._upright.plain:
            planes = [_turned(p, self._upright) for p in planes]
        y, u, v = planes
        return Picture(y, u, v, self._film.colour)

    def _adapt(self, frame: VideoFrame) -> None:
        """Decide how frames with these marks become pictures of the film."""
        check_size(frame.width, frame.height)
        self._upright = self._upright or upright_of(frame)
        self._coding = coding_of(frame)
        same_size = (frame.width, frame.height) == self._stored_size()
        same_colour = self._coding.result == self._film.colour
        self._plain = frame.format.name in _PLANAR and same_size and same_colour and self._coding.transfer == "sdr"
        self._tone = None

    def _stored_size(self) -> tuple[int, int]:
        return (self._upright or Upright()).size(self._film.width, self._film.height)

    def _converted(self, frame: VideoFrame) -> VideoFrame:
        coding = self._coding or coding_of(frame)
        width, height = self._stored_size()
        if coding.transfer != "sdr":
            self._tone = self._tone or ToneMap(coding)
            frame, stored = self._tone.mapped(frame), SDR
        else:
            stored = coding.colour
        target = self._film.colour
        if not coding.rgb and stored.matrix != target.matrix:
            frame = self._scaled(frame, width, height, "gbrp", stored, Colour(target.matrix, full_range=True))
            stored = Colour(target.matrix, full_range=True)
        return self._scaled(frame, width, height, "yuv420p", stored, target)

    def _scaled(
        self, frame: VideoFrame, width: int, height: int, form: str, stored: Colour, target: Colour
    ) -> VideoFrame:
        full_in = stored.full_range or frame.format.is_rgb or frame.format.has_palette
        return self._scaler.reformat(
            frame,
            width,
            height,
            form,
            src_colorspace=SPACES[stored.matrix],
            dst_colorspace=SPACES[target.matrix],
            interpolation=_SCALING,
            src_color_range=ColorRange.JPEG if full_in else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG if target.full_range else ColorRange.MPEG,
        )


def _copied(frame: VideoFrame) -> list[Plane]:
    """Copy the planes of a yuv420p frame out of FFmpeg's memory."""
    half = (frame.width + 1) // 2, (frame.height + 1) // 2
    sizes = [(frame.width, frame.height), half, half]
    return [_plane(p, *size).copy() for p, size in zip(frame.planes, sizes, strict=True)]


def _plane(plane: VideoPlane, width: int, height: int) -> Plane:
    """Return a view of a plane as rows, valid as long as the frame lives."""
    rows = plane_rows(plane)[:height, :width]
    return rows if plane.line_size > 0 else rows[::-1]


def _turned(plane: Plane, upright: Upright) -> Plane:
    turned = cv2.transpose(plane) if upright.swap else plane
    if upright.mirror_across and upright.mirror_down:
        turned = cv2.flip(turned, -1)
    elif upright.mirror_across or upright.mirror_down:
        turned = cv2.flip(turned, 1 if upright.mirror_across else 0)
    return np.asarray(turned, np.uint8)
