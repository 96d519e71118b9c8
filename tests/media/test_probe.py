"""What Veil says of a film before it is watched, and of files that are none."""

import hashlib
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests import films
from tests.films import Recipe, make
from veil.errors import VeilError
from veil.media import probe, read
from veil.media.source import check_size
from veil.nouns.picture import Colour

Maker = Callable[[Path], Path]


def test_a_film_is_known_by_its_facts(tmp_path: Path) -> None:
    """Size, rate, length, codec, colour, sound and fingerprint of a plain film are exact."""
    path = make(tmp_path / "film.mp4", Recipe(frames=10, rate=Fraction(30000, 1001), sound=True))
    film = probe(path)
    assert (film.path, film.width, film.height, film.frames) == (path, 160, 120, 10)
    assert film.rate_hz == Fraction(30000, 1001)
    assert abs(film.length_s - 10 / film.rate_hz) < Fraction(1, 10000)
    assert (film.codec, film.colour, film.hdr) == ("h264", Colour("bt709"), False)
    assert (film.rotation_deg, film.has_sound) == (0, True)
    assert film.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_sizes_are_upright(tmp_path: Path, rotation: int) -> None:
    """A film that a player must turn is as wide as a person sees it."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=2, rotation=rotation)))
    assert (film.width, film.height, film.rotation_deg) == (160, 120, rotation)


@pytest.mark.parametrize(
    ("size", "colour", "full_range", "expected"),
    [
        ((160, 120), None, False, Colour("bt601")),
        ((1280, 720), None, False, Colour("bt709")),
        ((160, 120), "bt709", False, Colour("bt709")),
        ((1280, 720), "bt601", False, Colour("bt601")),
        ((160, 120), "bt709", True, Colour("bt709", full_range=True)),
    ],
)
def test_colour_is_told_or_guessed_by_size(
    tmp_path: Path, size: tuple[int, int], colour: films.Told, full_range: bool, expected: Colour
) -> None:
    """The matrix and the range come from the film; where it tells nothing, small films are BT.601."""
    recipe = Recipe(frames=1, size=size, colour=colour, full_range=full_range)
    assert probe(make(tmp_path / "film.mp4", recipe)).colour == expected


def test_hdr_is_recognised(tmp_path: Path) -> None:
    """PQ and HLG are HDR, BT.2020 alone is not; all of them are read as BT.709."""
    for hdr, expected in (("pq", True), ("hlg", True), ("wide", False)):
        recipe = Recipe(frames=1, codec="libx265", pix_fmt="yuv420p10le", hdr=hdr)  # type: ignore[arg-type]
        film = probe(make(tmp_path / f"{hdr}.mp4", recipe))
        assert (film.hdr, film.colour) == (expected, Colour("bt709"))


def test_strange_colours_are_refused(tmp_path: Path) -> None:
    """A film in YCgCo would show faces in wrong colours, in which they are not found: it is refused."""
    path = make(tmp_path / "film.mp4", Recipe(frames=1, options=(("x264-params", "colormatrix=YCgCo"),)))
    with pytest.raises(VeilError, match="codes its colours"):
        probe(path)


def _plain(path: Path) -> Path:
    return make(path, Recipe(frames=40, sound=True))


def _text(path: Path) -> Path:
    path.write_text("Dear diary, today I met nobody.\n" * 40)
    return path


def _playlist(path: Path) -> Path:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n")
    return path


def _script(path: Path) -> Path:
    other = make(path.with_name("other.mp4"), Recipe(frames=2))
    path.write_text(f"ffconcat version 1.0\nfile {other.name}\n")
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _empty(path: Path) -> Path:
    path.touch()
    return path


def _missing(path: Path) -> Path:
    return path


def _no_index(path: Path) -> Path:
    return films.truncated(_plain(path.with_name("whole.mp4")), path)


def _half(path: Path) -> Path:
    whole = make(path.with_name("whole.mp4"), Recipe(frames=40, container=(("movflags", "faststart"),)))
    return films.truncated(whole, path)


def _half_matroska(path: Path) -> Path:
    path = path.with_suffix(".mkv")
    return films.truncated(make(path.with_name("whole.mkv"), Recipe(frames=40)), path)


def _unknown_codec(path: Path) -> Path:
    return films.replaced(_plain(path.with_name("whole.mp4")), path, b"avc1", b"zzq1")


def _no_frames(path: Path) -> Path:
    return make(path.with_suffix(".mkv"), Recipe(frames=0))


def _all_noise(path: Path) -> Path:
    whole = make(path.with_name("whole.mp4"), Recipe(frames=3))
    for index in range(3):
        whole = films.damaged(whole, path, index)
    return path


def _wide(path: Path) -> Path:
    return make(path.with_suffix(".mkv"), Recipe(frames=1, size=(16400, 16), codec="ffv1"))


@pytest.mark.parametrize(
    ("maker", "problem"),
    [
        (_missing, "there is no such film file"),
        (_folder, "this is a folder, not a film"),
        (_empty, "the film file is empty"),
        (_text, "this is not a film that Veil can read"),
        (_playlist, "this is not a film that Veil can read"),
        (_script, "this is not a film that Veil can read"),
        (films.tone, "the file holds no moving picture"),
        (films.cover_only, "the file holds a cover picture, but no film"),
        (_no_index, "the film is cut short or damaged: its index is missing"),
        (_half, "the film is cut short: its end is missing"),
        (_half_matroska, "the film is cut short: its end is missing"),
        (_unknown_codec, "the film is in a codec that Veil does not know"),
        (_no_frames, "the film holds no frames"),
        (_all_noise, "no frame of the film can be decoded"),
        (_wide, "the picture is too large: 16400 by 16 pixels"),
    ],
)
def test_what_is_no_film_is_refused_in_one_sentence(tmp_path: Path, maker: Maker, problem: str) -> None:
    """Every file that cannot be used gives one clear sentence and a hint, neither of which names the file."""
    with pytest.raises(VeilError) as caught:
        probe(maker(tmp_path / "Aminata.mp4"))
    assert str(caught.value) == problem
    assert caught.value.hint
    assert "Aminata" not in str(caught.value) + caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_film_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """A file without read permission gives a sentence about permission."""
    path = make(tmp_path / "film.mp4", Recipe(frames=1))
    path.chmod(0)
    with pytest.raises(VeilError, match="may not be read"):
        probe(path)


def test_8k_is_read_and_more_is_refused(tmp_path: Path) -> None:
    """7680 by 4320 pixels work, upright or on the side; beyond 8192 squared a film is refused."""
    recipe = Recipe(frames=1, size=(7680, 4320), codec="mjpeg", pix_fmt="yuvj420p", colour=None)
    film = probe(make(tmp_path / "film.avi", recipe, films.flat((90, 120, 150), size=(7680, 4320))))
    (frame,) = read(film)
    assert frame.picture.y.shape == (4320, 7680)
    check_size(4320, 7680)
    with pytest.raises(VeilError, match="too large"):
        check_size(16384, 8192)


def test_names_of_any_kind_open(tmp_path: Path) -> None:
    """Spaces, colons, percent signs, other scripts and bytes that are no UTF-8 in a name do no harm."""
    for name in ("a b.mp4", "http:x.mp4", "%03d.mp4", "фильм «1».mp4", os.fsdecode(b"caf\xe9.mp4")):
        path = tmp_path / name
        make(tmp_path / "plain.mp4", Recipe(frames=1)).rename(path)
        assert probe(path).width == 160
