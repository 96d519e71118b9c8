"""Opens film files with FFmpeg and says in one sentence why a file cannot be used."""

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import av
import av.container
import av.logging
import numpy as np
from av.buffer import Buffer
from av.sidedata.sidedata import SideData
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream

from veil.errors import VeilError
from veil.nouns.picture import Colour, Matrix, Plane

MAX_SIDE_PX = 16384
MAX_AREA_PX = 8192 * 8192
FORMATS = (
    "mov,mp4,matroska,webm,avi,gif,mpeg,mpegts,mpegvideo,mxf,ogg,flv,asf,dv,nut,ivf,rm,obu,h264,hevc,m4v,mjpeg,"
    "yuv4mpegpipe,wav,w64,aac,mp3,flac,caf,aiff,apng,webp_pipe,png_pipe,jpeg_pipe,rawvideo"
)
"""The containers that Veil opens: none of them can name another file or an address (no playlists, no scripts)."""

COPY_AGAIN = "copy it again from the camera or card, or repair it with the tool that recorded it"
CHECK_DISK = "check the disk or card, then run again"
USE_A_FILM = "give a film such as an MP4, MOV, MKV, WebM, AVI or GIF file"

av.logging.set_level(None)  # FFmpeg's own messages name files


def locator(path: Path) -> str:
    """Return the name under which FFmpeg opens a local file, whatever characters it holds."""
    return f"file:{path.absolute()}"


def check_readable(path: Path) -> None:
    """Raise VeilError unless `path` is an ordinary file, not empty, that may be read."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise VeilError("this is a folder, not a film", "give the film file inside it")
        if not stat.S_ISREG(found.st_mode):
            raise VeilError("this is a device or a pipe, not a film", "save the film as an ordinary file first")
        if not found.st_size:
            raise VeilError("the film file is empty", COPY_AGAIN)
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise VeilError("there is no such film file", "check the name and the folder") from error
    except PermissionError as error:
        raise VeilError("the film file may not be read", "ask for permission to read it, or copy it") from error
    except (OSError, ValueError) as error:
        raise VeilError("the film file cannot be read", "check the disk and the name") from error


def open_input(path: Path) -> av.container.InputContainer:
    """Open a local media file; raise VeilError when it is none. Nothing outside the file is ever opened."""
    check_readable(path)
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        return av.open(locator(path), "r", container_options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise _not_a_film(path, ended=isinstance(error, EOFError)) from error


def _not_a_film(path: Path, *, ended: bool) -> VeilError:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") or head[:4] in (b"\x1a\x45\xdf\xa3", b"RIFF"):
        if ended:
            return VeilError("the film holds no frames", COPY_AGAIN)
        return VeilError("the film is cut short or damaged: its index is missing", COPY_AGAIN)
    return VeilError("this is not a film that Veil can read", USE_A_FILM)


def film_stream(container: av.container.InputContainer) -> VideoStream:
    """Return the moving picture of a file; raise VeilError when it has none, or one of an unknown kind."""
    every = list(container.streams.video)
    moving = [s for s in every if not s.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)]
    if not moving:
        problem = "a cover picture, but no film" if every else "no moving picture"
        raise VeilError(f"the file holds {problem}", USE_A_FILM)
    known = [s for s in moving if getattr(s, "codec_context", None)]
    if not known:
        raise VeilError("the film is in a codec that Veil does not know", "convert it to H.264 in MP4 first")
    stream = max(known, key=lambda s: bool(s.disposition & Disposition.default))
    check_size(stream.codec_context.width, stream.codec_context.height)
    return stream


def check_size(width: int, height: int) -> None:
    """Raise VeilError when a picture is larger than Veil can hold."""
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_AREA_PX:
        raise VeilError(
            f"the picture is too large: {width} by {height} pixels",
            "scale the film to 8192 by 8192 pixels or less first",
        )


SDR = Colour("bt709", full_range=False)
SPACES = {"bt601": Colorspace.ITU601, "bt709": Colorspace.ITU709, "bt2020": Colorspace.BT2020}
Transfer = Literal["sdr", "wide", "pq", "hlg"]
"""How light is coded: SDR BT.709, SDR BT.2020 (wide gamut), SMPTE ST 2084, ARIB STD-B67."""

_MATRICES: dict[int, Matrix] = {
    1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 7: "bt709", 9: "bt2020", 10: "bt2020",
}  # fmt: skip  # ITU-T H.273, MatrixCoefficients
_PRIMARIES, _TRANSFERS = {1, 4, 5, 6, 7, 8, 11, 12, 22}, {1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15}
_STRANGE = {8, 14, 15, 16, 17}  # YCgCo, ICtCp, IPT-C2, YCgCo-Re, YCgCo-Ro
_BT2020, _PQ, _HLG = 9, 16, 18  # ITU-T H.273: ColourPrimaries, TransferCharacteristics


@dataclass(frozen=True)
class Coding:
    """How one decoded frame codes colour, all doubts settled."""

    width: int
    height: int
    pixel_format: str
    rgb: bool
    colour: Colour  # as stored; for RGB: as it will be converted
    transfer: Transfer

    @property
    def result(self) -> Colour:
        """Return the colour of the SDR picture made from it."""
        return self.colour if self.transfer == "sdr" else SDR


def coding_of(frame: VideoFrame) -> Coding:
    """Return how a frame codes colour: from its tags, else by size as ITU-R BT.601 and BT.709 are used."""
    form = frame.format
    rgb = bool(form.is_rgb or form.has_palette)
    small = frame.height <= 576 and frame.width < 1280
    matrix = _MATRICES.get(frame.colorspace, "bt601" if small else "bt709")
    wide = frame.color_primaries == _BT2020 or matrix == "bt2020"
    transfer: Transfer = "wide" if wide else "sdr"
    if frame.color_trc in (_PQ, _HLG):
        transfer = "pq" if frame.color_trc == _PQ else "hlg"
        matrix = "bt2020" if frame.colorspace not in _MATRICES else matrix
    full = not rgb and (form.name.startswith("yuvj") or frame.color_range == 2)
    return Coding(frame.width, frame.height, form.name, rgb, Colour(matrix, full_range=full), transfer)


def check_colour(frame: VideoFrame) -> None:
    """Raise VeilError for codings of colour in which Veil would not see faces as they are.

    These are YCgCo, ICtCp and IPT, and Dolby Vision without a compatible base (profile 5), which tells no coding.
    """
    names = {side.type.name for side in cast("Iterable[SideData]", frame.side_data)}
    dolby = bool(names & {"DOVI_METADATA", "DOVI_RPU_BUFFER"})
    if frame.colorspace in _STRANGE or (dolby and frame.colorspace == frame.color_trc == 2):
        raise VeilError(
            "the film codes its colours in a way that Veil does not know", "convert it to SDR or HDR10 or HLG first"
        )


def tags_of(frame: VideoFrame) -> tuple[int, int]:
    """Return colour primaries and transfer (ITU-T H.273) of the picture made from a frame; 2 is "not told"."""
    if coding_of(frame).transfer != "sdr":
        return 1, 1
    primaries, transfer = frame.color_primaries, frame.color_trc
    return primaries if primaries in _PRIMARIES else 2, transfer if transfer in _TRANSFERS else 2


@dataclass(frozen=True)
class Upright:
    """What to do with a stored picture so that it stands upright: first swap rows and columns, then mirror."""

    swap: bool = False
    mirror_across: bool = False
    mirror_down: bool = False

    @property
    def rotation_deg(self) -> int:
        """Return the clockwise turn: 0, 90, 180 or 270 (of the unmirrored picture)."""
        if self.swap:
            return 90 if self.mirror_across else 270
        return 180 if self.mirror_down else 0

    @property
    def plain(self) -> bool:
        return not (self.swap or self.mirror_across or self.mirror_down)

    def size(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self.swap else (width, height)


def upright_of(frame: VideoFrame) -> Upright:
    """Read the display matrix of a frame (ISO/IEC 14496-12, `tkhd`), to the nearest quarter turn."""
    try:
        matrix = bytes(cast("Mapping[str, Buffer]", frame.side_data)["DISPLAYMATRIX"])
    except KeyError:
        return Upright()
    if len(matrix) < 36:
        return Upright()
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Upright(swap=True, mirror_across=c < 0, mirror_down=b < 0)
    return Upright(mirror_across=a < 0, mirror_down=d < 0)


def rate_of(stream: VideoStream) -> Fraction:
    """Return the average frame rate; 25 where the file tells nothing sensible."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and Fraction(1, 3600) <= rate <= 1000:
            return Fraction(rate)
    return Fraction(25)


def plane_rows(plane: VideoPlane) -> Plane:
    """Return a view of a plane's memory, shape (rows, bytes a row), valid as long as its frame lives."""
    return np.frombuffer(cast("memoryview[int]", plane), np.uint8).reshape(-1, abs(plane.line_size))
