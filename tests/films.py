"""Films made on the spot for tests: moving shapes and nobody's face, whole and damaged."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from veil.nouns.picture import Pixels

Painter = Callable[[int], Pixels]
CLICK_S = 0.5  # when the sound of a test film clicks
Told = Literal["bt601", "bt709"] | None
PLANTED = "Aminata at the border"  # planted as title, comment and name: must never come out again
_TAGS = {  # matrix, primaries, transfer: ITU-T H.273
    "bt601": (6, 6, 6), "bt709": (1, 1, 1), "pq": (9, 9, 16), "hlg": (9, 9, 18), "wide": (9, 9, 14),
}  # fmt: skip
_SPACES = {"bt601": 5, "bt709": 1, "pq": 9, "hlg": 9, "wide": 9}  # swscale's names


@dataclass(frozen=True)
class Recipe:
    """What a test film is like."""

    frames: int = 12
    size: tuple[int, int] = (160, 120)  # upright, as the painter paints
    rate: Fraction = Fraction(25)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    vfr: bool = False
    rotation: int = 0  # degrees clockwise that a player must turn it
    sound: bool = False
    hdr: Literal["pq", "hlg", "wide"] | None = None
    colour: Told = "bt709"  # None: not told
    full_range: bool = False
    first_s: Fraction = Fraction(0)  # when the first frame is shown; sound starts at 0
    planted: bool = False
    options: tuple[tuple[str, str], ...] = ()  # of the encoder
    container: tuple[tuple[str, str], ...] = ()

    @property
    def instants(self) -> list[Fraction]:
        """When each frame is shown, counted from the first."""
        steps = (1, 3, 2, 1, 5) if self.vfr else (1,)
        at, found = 0, []
        for index in range(self.frames):
            found.append(Fraction(at) / self.rate)
            at += steps[index % len(steps)]
        return found


def shapes(width: int = 160, height: int = 120) -> Painter:
    """Return a painter of a coloured gradient with a bright square and a dark disc that move."""
    down, across = np.mgrid[:height, :width].astype(np.float32)

    def paint(index: int) -> Pixels:
        red, green = 40 + 150 * across / width, 40 + 150 * down / height
        pixels = np.stack([red, green, np.full_like(red, 110)], -1)
        left, top = (7 * index) % max(1, width - 24), (3 * index) % max(1, height - 24)
        pixels[top : top + 24, left : left + 24] = 230, 210, 60
        away = (across - width * (0.3 + 0.03 * (index % 10))) ** 2 + (down - height * 0.7) ** 2
        pixels[away < (height / 8) ** 2] = 30, 40, 90
        return pixels.astype(np.uint8)

    return paint


def flat(*colours: tuple[int, int, int], size: tuple[int, int] = (160, 120)) -> Painter:
    """Return a painter of frames of one colour each, the last one again and again."""

    def paint(index: int) -> Pixels:
        colour = colours[min(index, len(colours) - 1)]
        return np.full((size[1], size[0], 3), colour, np.uint8)

    return paint


def make(path: Path, recipe: Recipe = Recipe(), painter: Painter | None = None) -> Path:
    """Write a film after the recipe; the container follows the extension.

    FFmpeg once refused a 10-bit HEVC film as not implemented, in some thirty runs of all tests: it gets a second try.
    """
    painter = painter or shapes(*recipe.size)
    try:
        return _made(path, recipe, painter)
    except av.error.PatchWelcomeError:
        return _made(path, recipe, painter)


# A container draws ids for itself, and the seed of a plan comes from all bytes of its film: with this it draws none.
SAME = {"fflags": "bitexact"}


def _made(path: Path, recipe: Recipe, painter: Painter) -> Path:
    options = dict(recipe.container) or (SAME if path.suffix == ".mkv" else {})
    with av.open(str(path), "w", container_options=options) as container:
        if recipe.planted:
            container.metadata.update(title=PLANTED, comment=PLANTED, artist=PLANTED)
        video = _video(container, recipe)
        sound = container.add_stream("aac", rate=48000, layout="mono") if recipe.sound else None
        if sound:
            _put_sound(container, sound, float(recipe.first_s + (recipe.instants[-1] if recipe.frames else 0)))
        clock = Fraction(1, 90_000)
        for index, at in enumerate(recipe.instants):
            frame = _frame(painter(index), recipe)
            frame.time_base, frame.pts = clock, round((at + recipe.first_s) / clock)
            container.mux(video.encode(frame))
        if recipe.frames:
            container.mux(video.encode(None))
        else:
            container.start_encoding()
    return path


def _video(container: OutputContainer, recipe: Recipe) -> VideoStream:
    width, height = recipe.size[::-1] if recipe.rotation in (90, 270) else recipe.size
    options = dict(recipe.options)
    if recipe.codec == "libx265":
        options.setdefault("x265-params", "log-level=none")
    stream = cast(VideoStream, container.add_stream(recipe.codec, rate=recipe.rate, options=options))
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width, height, recipe.pix_fmt
    context.time_base = 1 / recipe.rate
    if recipe.hdr or recipe.colour:
        context.colorspace, context.color_primaries, context.color_trc = _TAGS[recipe.hdr or recipe.colour or "bt709"]
    if "yuv" in recipe.pix_fmt:
        context.color_range = 2 if recipe.full_range else 1
    if recipe.codec == "libx264":
        options.setdefault("crf", "12")
        context.options = {"preset": "ultrafast", **options}
    if recipe.rotation:
        stream.set_display_rotation(-recipe.rotation)
    return stream


def _frame(pixels: Pixels, recipe: Recipe) -> VideoFrame:
    stored = np.ascontiguousarray(np.rot90(pixels, recipe.rotation // 90))
    frame = VideoFrame.from_ndarray(stored, format="rgb24")
    if recipe.pix_fmt == "rgb24":
        return frame
    return frame.reformat(
        format=recipe.pix_fmt,
        dst_colorspace=_SPACES[recipe.hdr or recipe.colour or "bt601"],
        src_color_range=2,
        dst_color_range=2 if recipe.full_range or "yuv" not in recipe.pix_fmt else 1,
    )


def _put_sound(container: OutputContainer, stream: AudioStream, length_s: float) -> None:
    """Write a soft tone with one loud click at `CLICK_S`."""
    samples = 0.05 * np.sin(np.arange(round((length_s + 0.1) * 48000)) * 2 * np.pi * 440 / 48000)
    click = round(CLICK_S * 48000)
    samples[click : click + 240] = 0.9 * np.sign(np.sin(np.arange(len(samples[click : click + 240])) / 4))
    for start in range(0, len(samples), 1024):
        block = samples[None, start : start + 1024].astype(np.float32)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def tone(path: Path, length_s: float = 1) -> Path:
    """Write a file with sound only."""
    with av.open(str(path), "w") as container:
        _put_sound(container, container.add_stream("aac", rate=48000, layout="mono"), length_s)
    return path


def cover_only(path: Path) -> Path:
    """Write a sound file with a cover picture and no film."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=48000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.codec_context.width, cover.codec_context.height, cover.codec_context.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = VideoFrame.from_ndarray(shapes(64, 48)(0), format="rgb24").reformat(format="yuvj420p")
        container.mux(cover.encode(picture))
        container.mux(cover.encode(None))
        _put_sound(container, sound, 1)
    return path


def truncated(source: Path, path: Path, keep: float = 0.6) -> Path:
    """Copy the first part of a file."""
    data = source.read_bytes()
    path.write_bytes(data[: round(len(data) * keep)])
    return path


def packets(path: Path) -> list[tuple[int, int]]:
    """Return where each video packet lies in the file, and how long it is."""
    with av.open(str(path)) as container:
        return [(p.pos, p.size) for p in container.demux(video=0) if p.size and p.pos is not None]


def damaged(source: Path, path: Path, which: int) -> Path:
    """Copy a file with the inside of one video packet overwritten by noise."""
    data = bytearray(source.read_bytes())
    start, size = packets(source)[which]
    noise = np.random.default_rng(5).integers(0, 256, size, dtype=np.uint8).tobytes()
    data[start : start + size] = noise
    path.write_bytes(bytes(data))
    return path


def replaced(source: Path, path: Path, old: bytes, new: bytes) -> Path:
    """Copy a file with every `old` written as `new`, of the same length."""
    path.write_bytes(source.read_bytes().replace(old, new))
    return path
