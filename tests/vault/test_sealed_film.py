"""A sealed film plays, and is sought in, as if it were open; nothing of it is written anywhere."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from tests.films import Recipe, make
from veil.nouns.picture import Pixels
from veil.vault.age import AgeReader, Identity, Sealer, Spoiled, seal

OURS = Identity(bytes(range(32)))
RECIPE = Recipe(frames=60, size=(320, 240), sound=True, options=(("g", "12"), ("crf", "2")))


@pytest.fixture(scope="module", params=["film.mp4", "film.mkv", "film.mov"])
def films(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a film, open and sealed."""
    plain = make(tmp_path_factory.mktemp("film") / request.param, RECIPE)
    sealed = plain.with_name(plain.name + ".age")
    seal(plain, sealed, [OURS.recipient])
    return plain, sealed


def shown(source: AgeReader | str, from_s: Fraction | None = None) -> Iterator[tuple[int | None, Pixels]]:
    """Yield the frames of a film with their stamps, all or from a key frame before a time."""
    with av.open(source, "r") as container:
        stream = container.streams.video[0]
        if from_s is not None:
            container.seek(int(from_s / cast(Fraction, stream.time_base)), stream=stream)
        for frame in container.decode(stream):
            yield frame.pts, cast(Pixels, frame.to_ndarray(format="rgb24"))


def heard(source: AgeReader | str) -> bytes:
    """Return the samples of a film's sound."""
    with av.open(source, "r") as container:
        return b"".join(frame.to_ndarray().tobytes() for frame in container.decode(audio=0))


def test_same_frames(films: tuple[Path, Path]) -> None:
    """Every frame, its stamp, and every sample of the sealed film are those of the open one."""
    plain, sealed = films
    assert plain.stat().st_size > 3 << 16  # several chunks, or this proves little
    for mine, its in zip(shown(AgeReader(sealed, [OURS])), shown(str(plain)), strict=True):
        assert mine[0] == its[0]
        assert np.array_equal(mine[1], its[1])
    assert heard(AgeReader(sealed, [OURS])) == heard(str(plain))


@pytest.mark.parametrize("from_s", [Fraction(2), Fraction(1, 2), Fraction(0)])
def test_seeking(films: tuple[Path, Path], from_s: Fraction) -> None:
    """From any place in it, the sealed film goes on with the frames that the open one has."""
    plain, sealed = films
    mine, its = list(shown(AgeReader(sealed, [OURS]), from_s)), list(shown(str(plain), from_s))
    assert [stamp for stamp, _ in mine] == [stamp for stamp, _ in its]
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(mine, its, strict=True))


def test_nothing_plain_is_written(films: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it plays, no file but the sealed one is open, and no folder for temporary files gets one."""
    _, sealed = films
    for name in ("TMPDIR", "TEMP", "TMP", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = _open_files()
    frames = shown(AgeReader(sealed, [OURS]))
    next(frames)
    assert _open_files() - before == {str(sealed.resolve())}
    assert sum(1 for _ in frames) == RECIPE.frames - 1
    assert not list(tmp_path.iterdir())


def _open_files() -> set[str]:
    """Return the files that this process has open (Linux; elsewhere the test is skipped)."""
    links = Path("/proc/self/fd")
    if not links.is_dir():
        pytest.skip("open files are told by /proc only")
    found = {str(link.readlink()) for link in links.iterdir() if link.is_symlink()}
    return {name for name in found if name.startswith("/") and not name.startswith(("/proc", "/dev"))}


def test_damage_stops_the_film(films: tuple[Path, Path], tmp_path: Path) -> None:
    """A film that was changed inside stops with a sentence where it was changed; what came before is true."""
    plain, sealed = films
    data = bytearray(sealed.read_bytes())
    data[len(data) * 6 // 10] ^= 1
    bad = tmp_path / "bad.age"
    bad.write_bytes(data)
    truth, given = shown(str(plain)), 0
    with pytest.raises(Spoiled):  # noqa: PT012
        for mine in shown(AgeReader(bad, [OURS])):
            assert np.array_equal(mine[1], next(truth)[1])
            given += 1
    assert given < RECIPE.frames


def test_written_sealed(tmp_path: Path) -> None:
    """A film that is being made is sealed as it is made: Matroska, as a stream, through PyAV."""
    target = tmp_path / "made.mkv.age"
    with Sealer(target, [OURS.recipient]) as sealer, av.open(sealer, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(10):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * shade, np.uint8), format="rgb24")
            container.mux(stream.encode(picture.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    assert sum(1 for _ in shown(AgeReader(target, [OURS]))) == 10
    assert list(tmp_path.iterdir()) == [target]
