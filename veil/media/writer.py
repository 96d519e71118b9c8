"""Writes a film frame by frame: H.264 or HEVC at exact instants, with nothing in it that tells where it came from."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from veil.errors import VeilError
from veil.media.reader import Reader
from veil.media.sound import SoundTrack
from veil.media.source import locator, plane_rows
from veil.media.target import blank_names, cannot_write, check_writable, clock_of, container_of, options_of
from veil.nouns.picture import Colour, Frame, Picture

Codec = Literal["h264", "hevc"]
CODECS: tuple[Codec, ...] = ("h264", "hevc")
_ENCODERS = {"h264": "libx264", "hevc": "libx265"}
_SCRUB = {"h264": "filter_units=remove_types=6", "hevc": "filter_units=remove_types=39|40"}  # supplemental messages
_MATRIX = {"bt601": 6, "bt709": 1, "bt2020": 9}  # ITU-T H.273
_THREADS = 2


@dataclass(frozen=True)
class Details:
    """What a film has beside size, rate and colour matrix; `Writer.like` takes it from a reader."""

    time_base: Fraction | None = None  # instants are exact where it divides them; None: a clock fit for the rate
    pixel_aspect: Fraction = Fraction(1)  # width of a pixel for its height
    tags: tuple[int, int] | None = None  # colour primaries and transfer, ITU-T H.273; None: those of the matrix
    sound_offset_s: Fraction = Fraction(0)  # where the first frame lies on the sound file's own clock


class Writer:
    """Takes frames in order and writes them to exactly the path it is given; a context manager.

    The container follows the last extension that names one (`film.part.mp4`, `film.mp4.part`). A picture of odd width
    or height is written as 4:4:4, which keeps its exact size. When the block is left by an error, or writing fails,
    the file is removed unless `keep`. Raises VeilError when the file cannot be written.
    """

    def __init__(  # noqa: PLR0913 - plain facts of a film; `like` takes them all from a reader
        self,
        path: Path,
        *,
        width: int,
        height: int,
        rate_hz: Fraction,
        colour: Colour,
        codec: Codec = "h264",
        quality: int = 20,
        preset: str = "veryfast",
        sound: Path | None = None,
        details: Details = Details(),
        keep: bool = False,
    ) -> None:
        """Create the file.

        `quality` is the encoder's CRF (0 best, 51 worst). Matroska rounds instants to the millisecond. `sound` is a
        file that is heard as it is, whole.
        """
        self.path, self.keep = Path(path), keep
        self.end_s: Fraction | None = None  # when the last frame stops being shown; None: after one step of the rate
        self._size, self._colour, self._step_s = (width, height), colour, 1 / Fraction(rate_hz)
        self._details = details
        self._like: Reader | None = None
        self._waiting: tuple[VideoFrame, Fraction] | None = None
        self._last_pts = -1
        self._container: OutputContainer | None = None
        self._sound: SoundTrack | None = None
        self._lead_s = Fraction(0)  # how much earlier than the picture the sound begins
        form = container_of(self.path)
        self._clock = clock_of(form, details.time_base, rate_hz)
        check_writable(self.path)
        with self._removing():
            container = av.open(locator(self.path), "w", format=form, container_options=options_of(form))
            self._container = container
            self._stream = self._add_stream(container, codec, {"crf": str(quality), "preset": preset})
            if sound:
                self._sound = SoundTrack(sound, details.sound_offset_s)
                self._sound.attach(container)
                self._lead_s = max(Fraction(0), -self._sound.start_s)
            container.start_encoding()
            self._scrub = BitStreamFilterContext(_SCRUB[codec], in_stream=self._stream)

    @classmethod
    def like(
        cls,
        reader: Reader,
        path: Path,
        *,
        codec: Codec = "h264",
        quality: int = 20,
        preset: str = "veryfast",
        heard: bool = False,
    ) -> "Writer":
        """Return a writer of a film with the size, rate, clock, pixels and length of what `reader` reads.

        With `heard` the film's own sound goes in as it is: only for a film whose every voice may be heard.
        """
        film = reader.film
        writer = cls(
            path,
            width=film.width,
            height=film.height,
            rate_hz=film.rate_hz,
            colour=film.colour,
            codec=codec,
            quality=quality,
            preset=preset,
            sound=film.path if heard and film.has_sound else None,
            details=Details(reader.time_base, reader.pixel_aspect, reader.tags, reader.offset_s),
        )
        writer._like = reader
        return writer

    def _add_stream(self, container: OutputContainer, codec: Codec, options: dict[str, str]) -> VideoStream:
        if codec == "hevc":
            options["x265-params"] = f"info=0:log-level=none:pools={_THREADS}:frame-threads={_THREADS}"
        added = container.add_stream(_ENCODERS[codec], rate=1 / self._step_s, options=options, time_base=self._clock)
        stream = cast(VideoStream, added)
        context, colour = stream.codec_context, self._colour
        context.width, context.height = self._size
        context.pix_fmt = "yuv444p" if context.width & 1 or context.height & 1 else "yuv420p"
        context.thread_count = _THREADS
        context.flags |= Flags.bitexact | Flags.frame_duration
        context.sample_aspect_ratio = self._details.pixel_aspect
        context.color_range = 2 if colour.full_range else 1
        context.colorspace = _MATRIX[colour.matrix]
        usual = 6 if colour.matrix == "bt601" else 1
        context.color_primaries, context.color_trc = self._details.tags or (usual, usual)
        if codec == "hevc":
            context.codec_tag = "hvc1"  # without which Apple's players show nothing
        return stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def put(self, frame: Frame) -> None:
        """Write one frame; raise ValueError when it has another size or colour, or is not later than the last one."""
        picture = frame.picture
        if (picture.width, picture.height) != self._size:
            raise ValueError(f"a frame of {picture.width}x{picture.height} in a film of {self._size}")
        if picture.colour != self._colour:
            raise ValueError(f"a frame in {picture.colour} in a film in {self._colour}")
        if self._waiting:
            if frame.at <= self._waiting[1]:
                raise ValueError("frames must come in order of time")
            self._encode(*self._waiting, frame.at)
        self._waiting = self._filled(picture), frame.at
        if self._like:
            self.end_s = self._like.end_s

    def close(self) -> None:
        """Finish the file; raise VeilError when that fails or no frame was put."""
        if not self._container:
            return
        if not self._waiting:
            self.abandon()
            raise VeilError("there is no frame to write", "check that the film has frames in the chosen span")
        frame, at = self._waiting
        self._encode(frame, at, self.end_s if self.end_s and self.end_s > at else at + self._step_s)
        with self._removing():
            self._mux(None)
            self._mux_sound(None)
            self._container.close()
            self._container = None
            blank_names(self.path)

    def _filled(self, picture: Picture) -> VideoFrame:
        """Return the picture in memory of FFmpeg's own."""
        frame = VideoFrame(picture.width, picture.height, "yuv420p")
        for plane, source in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
            np.copyto(plane_rows(plane)[:, : source.shape[1]], source)
        form = self._stream.codec_context.pix_fmt
        return frame if form == "yuv420p" else frame.reformat(format=form)

    def _encode(self, frame: VideoFrame, at: Fraction, until: Fraction) -> None:
        frame.time_base = self._clock
        frame.pts = self._last_pts = max(self._last_pts + 1, round((at + self._lead_s) / self._clock))
        frame.duration = max(1, round((until + self._lead_s) / self._clock) - frame.pts)
        with self._removing():
            self._mux_sound(until)
            self._mux(frame)

    def _mux(self, frame: VideoFrame | None) -> None:
        if self._container:
            for packet in self._stream.encode(frame):
                self._container.mux(self._scrub.filter(packet))

    def _mux_sound(self, until: Fraction | None) -> None:
        if self._container and self._sound:
            for packet in self._sound.packets(until, self._lead_s):
                self._container.mux_one(packet)

    @contextmanager
    def _removing(self) -> Iterator[None]:
        """Remove the file when what is done fails, and say why."""
        try:
            yield
        except VeilError:
            self.abandon()
            raise
        except (av.FFmpegError, OSError, ValueError) as error:
            self.abandon()
            raise cannot_write(error) from error

    def abandon(self) -> None:
        """Close what is open and remove the file, unless it is to be kept."""
        if self._sound:
            self._sound.close()
        if not self.keep:
            with suppress(OSError):  # while it is open, so that nothing goes on writing it (POSIX)
                self.path.unlink(missing_ok=True)
        if self._container:
            with suppress(av.FFmpegError, OSError, ValueError):
                self._container.close()
            self._container = None
        if not self.keep:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
