"""What is written is what was given: every frame, at its instant, in its size and colour, and nothing else."""

import errno
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import films
from tests.films import PLANTED, Recipe, make
from veil.errors import VeilError
from veil.media import Codec, Details, Writer, probe, read, transcode
from veil.nouns.film import Film
from veil.nouns.picture import Colour, Frame, Picture

TELLTALES = (PLANTED.encode(), b"Aminata", b"x264", b"x265", b"Lavf", b"Lavc", b"FFmpeg", b"creation_time")


def picture(width: int, height: int, value: int, colour: Colour | None = None) -> Picture:
    """Return a picture with a slope of brightness and flat colour."""
    y = np.linspace(30, 200, width).astype(np.uint8)[None].repeat(height, 0)
    half = ((height + 1) // 2, (width + 1) // 2)
    return Picture(y, np.full(half, 100, np.uint8), np.full(half, value, np.uint8), colour or Colour())


def written(path: Path, instants: list[Fraction], size: tuple[int, int] = (64, 48), **settings: Any) -> Film:
    """Write frames at these instants and probe the result."""
    colour = settings.pop("colour", Colour())
    end_s = settings.pop("end_s", None)
    rate_hz = settings.pop("rate_hz", Fraction(25))
    with Writer(path, width=size[0], height=size[1], rate_hz=rate_hz, colour=colour, **settings) as writer:
        for index, at in enumerate(instants):
            writer.put(Frame(index, at, picture(*size, 90 + index % 60, colour)))
        writer.end_s = end_s
    return probe(path)


def steady(count: int, rate_hz: Fraction = Fraction(25)) -> list[Fraction]:
    """Return the instants of a steady rate."""
    return [index / rate_hz for index in range(count)]


def copied(film: Film, path: Path, *, codec: Codec = "h264", heard: bool = False) -> Film:
    """Send a film through reader and writer and probe the result."""
    with read(film) as reader, Writer.like(reader, path, codec=codec, heard=heard) as writer:
        for frame in reader:
            writer.put(frame)
    return probe(path)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_round_trip_keeps_the_film(tmp_path: Path, suffix: str, codec: Codec) -> None:
    """Count, size, instants, length and colours survive; Matroska may round time to the millisecond."""
    recipe = Recipe(frames=15, vfr=True, rate=Fraction(30000, 1001))
    film = probe(make(tmp_path / "film.mp4", recipe))
    out = copied(film, tmp_path / f"out{suffix}", codec=codec)
    slack = Fraction(1, 1000) if suffix == ".mkv" else 0
    frames = list(read(out))
    assert (out.width, out.height, out.codec, out.colour) == (160, 120, codec, film.colour)
    assert len(frames) == 15
    assert all(abs(f.at - at) <= slack for f, at in zip(frames, recipe.instants, strict=True))
    assert abs(out.length_s - film.length_s) <= Fraction(1, 500)
    paint = films.shapes()
    assert max(np.abs(f.picture.rgb().astype(int) - paint(f.index)).mean() for f in frames) < 4


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12), st.integers(1, 5000))
def test_any_instants_survive_exactly(tmp_path: Path, steps: list[int], last: int) -> None:
    """Whatever the gaps between frames, instants and the end of the last frame come back exactly from MP4."""
    ticks = np.cumsum([0, *steps]).tolist()
    instants = [Fraction(t, 12_000) for t in ticks]
    end_s = Fraction(ticks[-1] + last, 12_000)
    details = Details(time_base=Fraction(1, 12_000))
    out = written(tmp_path / "out.mp4", instants, end_s=end_s, details=details, preset="ultrafast")
    with read(out) as reader:
        assert [f.at for f in reader] == instants
        assert reader.end_s == end_s


@pytest.mark.parametrize("rate_hz", [Fraction(24000, 1001), Fraction(25), Fraction(60000, 1001), Fraction(2997, 100)])
def test_common_rates_are_exact_without_being_asked(tmp_path: Path, rate_hz: Fraction) -> None:
    """With no time base given, frames of any common rate come back at their exact instants."""
    out = written(tmp_path / "out.mp4", steady(9, rate_hz), rate_hz=rate_hz)
    assert [f.at for f in read(out)] == steady(9, rate_hz)
    assert out.rate_hz == rate_hz


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (65, 49), (2, 2), (1, 1), (17, 200)])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_odd_and_tiny_sizes_are_kept(tmp_path: Path, size: tuple[int, int], codec: Codec) -> None:
    """Width and height come back exactly, even where 4:2:0 cannot hold them."""
    if codec == "hevc" and min(size) < 16:
        pytest.skip("the HEVC encoder has a least size")
    out = written(tmp_path / "out.mp4", steady(3), size, codec=codec)
    frames = list(read(out))
    assert {f.picture.y.shape for f in frames} == {size[::-1]}
    assert np.abs(frames[1].picture.y.astype(int) - picture(*size, 91).y).mean() < 4
    assert abs(float(frames[1].picture.v.mean()) - 91) < 4


@pytest.mark.parametrize("colour", [Colour("bt601"), Colour("bt709"), Colour("bt709", full_range=True)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_colour_is_told(tmp_path: Path, colour: Colour, suffix: str) -> None:
    """Matrix and range are written as tags, so that every player shows the same colours."""
    path = tmp_path / f"out{suffix}"
    assert written(path, steady(2), colour=colour).colour == colour
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.colorspace == (6 if colour.matrix == "bt601" else 1)
        assert context.color_range == (2 if colour.full_range else 1)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_nothing_tells_where_it_came_from(tmp_path: Path, suffix: str, codec: Codec) -> None:
    """No title, name, date, encoder, chapter or picture of the original is anywhere in the bytes."""
    recipe = Recipe(frames=6, planted=True, sound=True, first_s=Fraction(1, 5))
    film = probe(make(tmp_path / "Aminata.mp4", recipe))
    assert PLANTED.encode() in film.path.read_bytes()
    path = tmp_path / f"Aminata_out{suffix}"
    copied(film, path, codec=codec, heard=True)
    data = path.read_bytes()
    assert [word for word in TELLTALES if word in data] == []
    with av.open(str(path)) as container:
        assert not container.chapters()
        assert len(container.streams) == 2
        assert all(not s.metadata.get("title") for s in container.streams)


def test_sound_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    """A film with sound gives a silent one."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=6, sound=True)))
    assert film.has_sound
    assert not copied(film, tmp_path / "out.mp4").has_sound


def _clicks_s(path: Path) -> tuple[Fraction, float]:
    """Return when the first frame is shown, and when the sound first gets loud, on the file's own clock."""
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        shown = Fraction((first.pts or 0) * (first.time_base or 0))
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        for frame in container.decode(stream):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.5)
            if len(loud) and frame.time is not None:
                return shown, frame.time + float(loud[0]) / frame.sample_rate
    raise AssertionError("the sound has no click")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("first_s", [Fraction(0), Fraction(2, 5)])
def test_sound_stays_in_step(tmp_path: Path, suffix: str, first_s: Fraction) -> None:
    """A click in the sound stays where it was against the picture, also when the sound begins first."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=30, sound=True, first_s=first_s)))
    out = copied(film, tmp_path / f"out{suffix}", heard=True)
    assert out.has_sound
    before, after = _clicks_s(film.path), _clicks_s(out.path)
    assert abs(float(after[0]) - after[1] - (float(before[0]) - before[1])) < 0.003


def test_a_voice_from_another_file_is_laid_under(tmp_path: Path) -> None:
    """A sound file of its own starts with the first frame."""
    voice = films.tone(tmp_path / "voice.m4a", 1.0)
    out = written(tmp_path / "out.mp4", steady(25), sound=voice)
    shown, click = _clicks_s(out.path)
    assert abs(click - float(shown) - films.CLICK_S) < 0.003


@pytest.mark.parametrize("gap_s", [0.0, 0.25])
def test_gaps_in_the_sound_stay_in_step(tmp_path: Path, gap_s: float) -> None:
    """Where sound is missing there is silence, so that a click after the gap stays in step."""
    voice = tmp_path / "voice.mkv"
    with av.open(str(voice), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for start in range(0, 48000, 1000):
            samples = np.full((1, 1000), 20000 if start == 36000 else 0, np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.time_base = 48000, Fraction(1, 48000)
            frame.pts = start + (round(gap_s * 48000) if start >= 24000 else 0)
            container.mux(stream.encode(frame))
    out = written(tmp_path / "out.mp4", steady(30), sound=voice)
    shown, click = _clicks_s(out.path)
    assert abs(click - float(shown) - (0.75 + gap_s)) < 0.01


def test_sound_that_is_none_is_refused(tmp_path: Path) -> None:
    """A sound file without sound gives a sentence, and no film is left behind."""
    silent = make(tmp_path / "silent.mp4", Recipe(frames=2))
    with pytest.raises(VeilError, match="no sound"):
        written(tmp_path / "out.mp4", steady(2), sound=silent)
    assert not (tmp_path / "out.mp4").exists()


def test_non_square_pixels_keep_their_shape(tmp_path: Path) -> None:
    """The pixel aspect of a DV or DVD film is written as it was read."""
    out = written(tmp_path / "out.mp4", steady(2), details=Details(pixel_aspect=Fraction(16, 15)))
    with read(out) as reader:
        assert reader.pixel_aspect == Fraction(16, 15)


@pytest.mark.parametrize(
    ("name", "form"), [("a.mp4.part", "mp4"), ("a.part.mkv", "matroska"), ("a.MOV.part", "mov"), ("a.v2.m4v", "mp4")]
)
def test_the_container_follows_the_last_known_extension(tmp_path: Path, name: str, form: str) -> None:
    """The file has exactly the given name, whatever is put after the extension."""
    assert written(tmp_path / name, steady(2)).path.name == name
    with av.open(str(tmp_path / name)) as container:
        assert form in container.format.name


@pytest.mark.parametrize("name", ["film", "film.xyz", "film.part"])
def test_an_unclear_container_is_refused(tmp_path: Path, name: str) -> None:
    """A name that tells no container gives a sentence."""
    with pytest.raises(VeilError, match="kind of film"):
        written(tmp_path / name, steady(1))


def test_a_folder_that_is_missing_or_in_the_way_is_refused(tmp_path: Path) -> None:
    """Writing into no folder, or over a folder, gives a sentence."""
    with pytest.raises(VeilError, match="folder to write into does not exist"):
        written(tmp_path / "none" / "out.mp4", steady(1))
    (tmp_path / "dir.mp4").mkdir()
    with pytest.raises(VeilError, match="a folder has the name"):
        written(tmp_path / "dir.mp4", steady(1))


def test_a_film_without_frames_is_not_written(tmp_path: Path) -> None:
    """No frame, no file."""
    with pytest.raises(VeilError, match="no frame to write"):
        written(tmp_path / "out.mp4", [])
    assert list(tmp_path.iterdir()) == []


def _interrupted(path: Path, *, keep: bool) -> None:
    with Writer(path, width=64, height=48, rate_hz=Fraction(25), colour=Colour(), keep=keep) as writer:
        for index, at in enumerate(steady(3)):
            writer.put(Frame(index, at, picture(64, 48, 90)))
        raise RuntimeError("the roof fell in")


def _put(path: Path, *frames: Frame) -> None:
    with Writer(path, width=64, height=48, rate_hz=Fraction(25), colour=Colour()) as writer:
        for frame in frames:
            writer.put(frame)


def test_an_error_in_the_block_removes_the_file(tmp_path: Path) -> None:
    """When the work fails half-way nothing is left, unless it is to be kept; the error goes on."""
    for keep in (False, True):
        path = tmp_path / f"out{keep}.mp4"
        with pytest.raises(RuntimeError, match="the roof fell in"):
            _interrupted(path, keep=keep)
        assert path.exists() is keep


def test_frames_that_do_not_fit_are_bugs(tmp_path: Path) -> None:
    """Another size or colour, or a time that does not go on, is a ValueError, and no file is left."""
    good = Frame(0, Fraction(0), picture(64, 48, 90))
    for bad in (
        Frame(1, Fraction(1), picture(62, 48, 90)),
        Frame(1, Fraction(1), picture(64, 48, 90, Colour("bt601"))),
        Frame(1, Fraction(0), picture(64, 48, 90)),
    ):
        path = tmp_path / "out.mp4"
        with pytest.raises(ValueError, match="frame"):
            _put(path, good, bad)
        assert not path.exists()


FULL_DISK = """
import resource, signal, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from veil.errors import VeilError
from veil.media import Writer
from veil.nouns.picture import Colour, Frame, Picture
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
random = np.random.default_rng(1)
try:
    with Writer(Path(sys.argv[1]), width=320, height=240, rate_hz=Fraction(25), colour=Colour(), quality=1) as writer:
        for index in range(12):
            planes = [random.integers(16, 236, s, np.uint8) for s in ((240, 320), (120, 160), (120, 160))]
            writer.put(Frame(index, Fraction(index, 25), Picture(*planes)))
except VeilError as error:
    print(error, "|", error.hint)
"""


@pytest.mark.parametrize("room", [20, 60_000])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, room: int, suffix: str) -> None:
    """When there is no more room, one sentence says so and the partial file is gone."""
    path = tmp_path / f"out{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(room)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("the disk is full |"), done.stderr
    assert not path.exists()


@pytest.mark.parametrize(("number", "words"), [(errno.EROFS, "may not be written"), (errno.EIO, "cannot be written")])
def test_other_troubles_with_writing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    """A disk that may not be written, or is broken, gives a sentence of its own."""

    def refuse(*_: object, **__: object) -> Iterator[None]:
        raise OSError(number, "no")

    monkeypatch.setattr("av.open", refuse)
    with pytest.raises(VeilError, match=words):
        written(tmp_path / "out.mp4", steady(1))


def test_plain_transcode_is_the_whole_film(tmp_path: Path) -> None:
    """The yardstick copies every frame and tells how many."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=12)))
    assert transcode(film, tmp_path / "out.mp4") == 12
    assert len(list(read(probe(tmp_path / "out.mp4")))) == 12
