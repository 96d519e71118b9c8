"""Frames come out upright, in 8-bit 4:2:0 SDR, each at its own instant, whatever goes in."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import films
from tests.films import Recipe, make
from veil.errors import VeilError
from veil.media import Reader, probe, read
from veil.media.reader import Clock
from veil.nouns.picture import Frame, Pixels


def frames_of(path: Path) -> list[Frame]:
    """Read a whole film."""
    with read(probe(path)) as reader:
        return list(reader)


def off_by(frame: Frame, pixels: Pixels) -> float:
    """Return the mean difference of a frame from what was painted, in steps of 255."""
    return float(np.abs(frame.picture.rgb().astype(int) - pixels).mean())


KINDS = {
    "h264": Recipe(),
    "h264 10 bit": Recipe(pix_fmt="yuv420p10le"),
    "h264 4:2:2": Recipe(pix_fmt="yuv422p"),
    "h264 4:4:4": Recipe(pix_fmt="yuv444p", colour="bt601"),
    "h264 full range": Recipe(full_range=True),
    "h264 4:2:2 full range": Recipe(pix_fmt="yuv422p", full_range=True),
    "hevc": Recipe(codec="libx265", options=(("x265-params", "crf=10:log-level=none"),)),
    "hevc 10 bit": Recipe(codec="libx265", pix_fmt="yuv420p10le", colour="bt601"),
    "vp9 .webm": Recipe(codec="libvpx-vp9", options=(("crf", "20"),)),
    "prores .mov": Recipe(codec="prores_ks", pix_fmt="yuv422p10le"),
    "mpeg4 .avi": Recipe(codec="mpeg4", colour=None, options=(("qmin", "2"), ("qmax", "3"))),
    "mpeg1 .mpg": Recipe(codec="mpeg1video", colour=None, options=(("qmin", "2"), ("qmax", "3"))),
    "mjpeg .avi": Recipe(codec="mjpeg", pix_fmt="yuvj420p", colour=None, options=(("qmin", "2"), ("qmax", "2"))),
    "gif .gif": Recipe(codec="gif", pix_fmt="rgb8", colour=None),
    "rgb .mov": Recipe(codec="png", pix_fmt="rgb24", colour=None),
    "bgra .mkv": Recipe(codec="ffv1", pix_fmt="bgra"),
    "odd .mkv": Recipe(codec="ffv1", size=(161, 121)),
    "odd rgb .mov": Recipe(codec="png", pix_fmt="rgb24", colour=None, size=(161, 121)),
    "odd rotated .mov": Recipe(codec="png", pix_fmt="rgb24", colour=None, size=(161, 121), rotation=90),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_film_gives_the_painted_pictures(tmp_path: Path, kind: str) -> None:
    """Codecs, depths, samplings, ranges and containers all give every frame, in order, in the painted colours."""
    recipe = KINDS[kind]
    suffix = kind.rsplit(maxsplit=1)[-1] if "." in kind else ".mp4"
    frames = frames_of(make(tmp_path / f"film{suffix}", recipe))
    paint = films.shapes(*recipe.size)
    limit = 10 if suffix == ".gif" else 3
    assert [f.index for f in frames] == list(range(recipe.frames))
    assert [f.at for f in frames] == recipe.instants
    assert max(off_by(f, paint(f.index)) for f in frames) < limit


def test_grey_films_stay_grey(tmp_path: Path) -> None:
    """A film without chroma gives pictures without colour, at the painted brightness."""
    for value in (30, 128, 220):
        recipe = Recipe(frames=1, codec="ffv1", pix_fmt="gray")
        (frame,) = frames_of(make(tmp_path / "film.mkv", recipe, films.flat((value, value, value))))
        assert np.abs(frame.picture.rgb().astype(int) - value).max() <= 2


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("size", [(160, 120), (120, 160)])
def test_turned_films_come_out_upright(tmp_path: Path, rotation: int, size: tuple[int, int]) -> None:
    """A phone film that a player must turn is turned on reading."""
    frames = frames_of(make(tmp_path / "film.mp4", Recipe(frames=3, rotation=rotation, size=size)))
    assert max(off_by(f, films.shapes(*size)(f.index)) for f in frames) < 3


def test_mirrored_films_come_out_upright(tmp_path: Path) -> None:
    """A display matrix that mirrors (a selfie camera) is followed too."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "5"})
        video.width, video.height = 160, 120
        video.set_display_rotation(0, hflip=True)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(films.shapes()(0)[:, ::-1]), format="rgb24")
        container.mux(video.encode(frame.reformat(format="yuv420p")))
        container.mux(video.encode(None))
    assert off_by(frames_of(path)[0], films.shapes()(0)) < 3


@pytest.mark.parametrize(
    ("hdr", "code", "expected"),
    [
        ("pq", 148, 230),  # 203 cd/m2, reference white: about 90 % of SDR
        ("pq", 117, 154),  # 60 cd/m2, a bright face, as bright as on an SDR screen with white at 203
        ("pq", 255, 255),
        ("pq", 0, 0),
        ("hlg", 191, 230),  # 75 %, reference white
        ("hlg", 97, 109),  # 38 %, grey card
        ("wide", 140, 140),
    ],
)
def test_hdr_greys_land_where_the_standards_put_them(tmp_path: Path, hdr: str, code: int, expected: int) -> None:
    """PQ, HLG and BT.2020 greys stay grey, and come out at the SDR level that hdr.py states."""
    recipe = Recipe(frames=1, codec="ffv1", pix_fmt="yuv420p10le", hdr=hdr)  # type: ignore[arg-type]
    (frame,) = frames_of(make(tmp_path / "film.mkv", recipe, films.flat((code, code, code))))
    pixel = frame.picture.rgb()[60, 80].astype(int)
    assert np.abs(pixel - expected).max() <= 3
    assert np.ptp(pixel) <= 2


def test_rotated_hdr_is_upright_sdr(tmp_path: Path) -> None:
    """The colours of an upright phone's HDR film are mapped and its frames turned."""
    recipe = Recipe(frames=2, codec="libx265", pix_fmt="yuv420p10le", hdr="hlg", rotation=90, size=(120, 160))
    frames = frames_of(make(tmp_path / "film.mov", recipe))
    assert {f.picture.y.shape for f in frames} == {(160, 120)}
    top, bottom = frames[0].picture.y[:20].mean(), frames[0].picture.y[-20:].mean()
    assert bottom > top + 10  # the painted gradient brightens downwards


def test_variable_rates_keep_their_instants(tmp_path: Path) -> None:
    """Every frame of a film of variable rate is at its exact instant, and the last one's end is known."""
    recipe = Recipe(vfr=True, frames=14)
    film = probe(make(tmp_path / "film.mp4", recipe))
    with read(film) as reader:
        assert [f.at for f in reader] == recipe.instants
        assert reader.end_s > recipe.instants[-1]


def test_time_starts_at_the_first_frame(tmp_path: Path) -> None:
    """Instants count from the first frame; where that lies on the file's clock is kept for the sound."""
    recipe = Recipe(frames=5, sound=True, first_s=Fraction(2, 5))
    with read(probe(make(tmp_path / "film.mp4", recipe))) as reader:
        assert [f.at for f in reader] == recipe.instants
        assert abs(reader.offset_s - Fraction(2, 5)) < Fraction(1, 500)


@given(st.lists(st.none() | st.integers(-40, 400), min_size=1, max_size=40))
def test_instants_strictly_increase_whatever_the_stamps(stamps: list[int | None]) -> None:
    """Missing, repeated and backward time stamps are repaired: every instant is later than the one before."""
    clock = Clock(Fraction(1, 100), Fraction(25), stamps[0])
    instants = [clock.next(s) for s in stamps]
    assert instants[0] == 0
    assert all(a < b for a, b in pairwise(instants))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True))
def test_sound_stamps_are_kept_exactly(stamps: list[int]) -> None:
    """Time stamps that increase are not changed at all, only counted from the first."""
    stamps = sorted(stamps)
    clock = Clock(Fraction(1, 90), Fraction(30), stamps[0])
    assert [clock.next(s) for s in stamps] == [Fraction(s - stamps[0], 90) for s in stamps]


def test_reading_can_start_in_the_middle(tmp_path: Path) -> None:
    """From frame 7 on, numbers, instants and pictures are those of the whole film."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=12, vfr=True)))
    whole, rest = list(read(film)), list(read(film, start=7))
    assert [(f.index, f.at) for f in rest] == [(f.index, f.at) for f in whole[7:]]
    assert all(np.array_equal(a.picture.y, b.picture.y) for a, b in zip(whole[7:], rest, strict=True))
    assert list(read(film, start=50)) == []


def test_pictures_own_their_memory(tmp_path: Path) -> None:
    """Frames that were kept, or written on, change neither later frames nor each other."""
    path = make(tmp_path / "film.mp4", Recipe(frames=20))
    kept = frames_of(path)
    again = []
    for frame in read(probe(path)):
        again.append(frame.picture.y.copy())
        for plane in (frame.picture.y, frame.picture.u, frame.picture.v):
            plane[:] = 0
    assert all(np.array_equal(a.picture.y, b) for a, b in zip(kept, again, strict=True))


def test_a_damaged_packet_costs_at_most_its_neighbours(tmp_path: Path) -> None:
    """Noise inside one packet hides what it spoils, up to the next key frame; the rest is there, in order."""
    whole = make(tmp_path / "whole.mp4", Recipe(frames=40, options=(("g", "10"), ("bf", "0"))))
    path = films.damaged(whole, tmp_path / "film.mp4", 13)
    with Reader(probe(path)) as reader:
        frames = list(reader)
        assert reader.undecodable + reader.hidden >= 1
        assert reader.hidden <= 17
    assert 38 <= len(frames) <= 40
    shown = {round(f.at * 25): np.ptp(f.picture.y) > 0 for f in frames}
    assert all(off_by(f, films.shapes()(round(f.at * 25))) < 3 for f in frames if shown[round(f.at * 25)])
    assert all(shown[n] for n in (*range(12), *range(30, 40)))
    assert all(a.at < b.at for a, b in pairwise(frames))


def test_damaged_films_read_the_same_every_time(tmp_path: Path) -> None:
    """What comes of damage does not depend on threads or memory: two readings are equal bit for bit."""
    whole = make(tmp_path / "whole.mp4", Recipe(frames=40, options=(("g", "12"),)))
    for which in (3, 14, 27):
        film = probe(films.damaged(whole, tmp_path / "film.mp4", which))
        once, again = list(read(film)), list(read(film))
        assert [f.at for f in once] == [f.at for f in again]
        assert all(np.array_equal(a.picture.y, b.picture.y) for a, b in zip(once, again, strict=True))


@pytest.fixture(scope="module")
def small_films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return films of several kinds, to be damaged."""
    folder = tmp_path_factory.mktemp("films")
    kinds = [("libx264", ".mp4"), ("libx264", ".mkv"), ("mpeg4", ".avi"), ("mpeg1video", ".mpg")]
    return [make(folder / f"film{s}", Recipe(frames=12, size=(64, 48), codec=c, colour=None)) for c, s in kinds]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6))
def test_no_damage_does_more_than_a_sentence(
    small_films: list[Path], which: int, blows: list[tuple[float, bytes]]
) -> None:
    """However a file is damaged, it is read as far as it goes or refused with a sentence; time always goes on."""
    source = small_films[which]
    data = bytearray(source.read_bytes())
    for where, blow in blows:
        at = int(where * (len(data) - len(blow)))
        data[at : at + len(blow)] = blow
    path = source.with_name(f"damaged{source.suffix}")
    path.write_bytes(bytes(data))
    try:
        frames = frames_of(path)
    except VeilError:
        return
    assert frames
    assert all(a.at < b.at for a, b in pairwise(frames))


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi"])
def test_damage_between_frames_is_passed(tmp_path: Path, suffix: str) -> None:
    """Noise over 3 KiB in the middle of a file, headers included, does not end the film."""
    whole = make(tmp_path / f"whole{suffix}", Recipe(frames=60, options=(("g", "10"), ("bf", "0"))))
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    path = tmp_path / f"film{suffix}"
    path.write_bytes(bytes(data))
    frames = frames_of(path)
    assert 20 <= len(frames) < 60
    assert all(a.at < b.at for a, b in pairwise(frames))


def test_a_change_of_size_is_scaled_to_the_first(tmp_path: Path) -> None:
    """When the picture changes size in mid-stream, later frames are brought to the first size."""
    path = tmp_path / "film.ts"
    parts = [make(tmp_path / f"{i}.ts", Recipe(frames=4, size=s)) for i, s in enumerate([(160, 120), (80, 60)])]
    path.write_bytes(b"".join(p.read_bytes() for p in parts))
    frames = frames_of(path)
    assert len(frames) >= 6
    assert {f.picture.y.shape for f in frames} == {(120, 160)}


def test_the_first_frame_alone_is_a_film(tmp_path: Path) -> None:
    """A film of one frame gives that frame."""
    (frame,) = frames_of(make(tmp_path / "film.mp4", Recipe(frames=1)))
    assert (frame.index, frame.at) == (0, Fraction(0))


def test_a_film_that_vanished_is_refused(tmp_path: Path) -> None:
    """A film removed after probing gives a sentence, not a traceback of the decoder."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=2)))
    film.path.unlink()
    with pytest.raises(VeilError, match="no such film"):
        read(film)
