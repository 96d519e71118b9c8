"""When things go wrong from outside: killed at any moment, the disk full, a folder closed. Nobody is shown by it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tests import faces
from tests.films import Recipe, damaged, make, packets
from veil.cli import run
from veil.desk import Desk
from veil.errors import VeilError
from veil.media import Writer, probe, read
from veil.nouns.picture import Frame
from veil.stages.case import load_case

ROOT = Path(__file__).parent.parent.parent
SCENE = faces.wearing(faces.speaking(100, (240, 180)), faces.speckled(14))
PATIENCE_S = 120


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of four seconds of somebody whose skin is marked."""
    return faces.film(tmp_path_factory.mktemp("film") / "film.mp4", SCENE)


def _veil(words: list[str], folder: Path, **options: object) -> subprocess.Popen[str]:
    """Start the command line as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "veil", *words]
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def _leaks(scene: faces.Scene, path: Path) -> Iterator[tuple[int, float]]:
    """Yield how much skin shows in every frame that can be decoded, however broken the file is."""
    try:
        with av.open(str(path)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                yield index, faces.leak(scene, index, frame.to_ndarray(format="rgb24").astype(np.uint8))
    except av.FFmpegError:
        return


def _size(path: Path) -> int:
    """Return the size of a file that may be renamed at any moment."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _watching(folder: Path) -> bool:
    return any(_size(p) for p in (folder / "film.veil" / "tracks").glob("*.rows"))


def _cutting(folder: Path) -> bool:
    return (folder / "film.veil" / "case.json").is_file() and any(_size(p) > 2000 for p in folder.rglob("*.part"))


def _attacking(folder: Path) -> bool:
    return (folder / "film.veil" / "ledger.json").is_file()


@pytest.mark.parametrize("moment", [_watching, _cutting, _attacking], ids=["watching", "cutting", "attacking"])
def test_kill(moment: Callable[[Path], bool], film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`kill -9` leaves no final film and nobody uncovered in any part; run again, it finishes and leaves no part."""
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    process = _veil(["disguise", "film.mp4", "-o", "result.mp4"], tmp_path)
    began = time.monotonic()
    while not moment(tmp_path):
        assert process.poll() is None, f"it ended before it could be killed: {process.communicate()}"
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "result.mp4").exists()
    for part in [p for p in tmp_path.rglob("*") if p.suffix in {".part", ".mp4"} and p.name != "film.mp4"]:
        assert not [i for i, share in _leaks(SCENE, part) if share > 0.05], f"{part.name} shows a face"

    monkeypatch.chdir(tmp_path)
    assert run(["disguise", "film.mp4", "-o", "result.mp4"]) == 0
    assert probe(tmp_path / "result.mp4").frames == SCENE.frames
    assert not list(tmp_path.rglob("*.part"))
    shares = [share for _, share in _leaks(SCENE, tmp_path / "result.mp4")]
    assert len(shares) == SCENE.frames
    assert max(shares) < 0.05


def test_no_writer_ever_gets_a_bare_frame(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies on the disk at the moment of a kill came through a writer, and every frame it got was covered."""
    got: list[Frame] = []
    real = Writer.put

    def put(self: Writer, frame: Frame) -> None:
        got.append(frame)
        real(self, frame)

    monkeypatch.setattr(Writer, "put", put)
    Desk(film, tmp_path / "case").disguise(tmp_path / "result.mp4")
    rounds = len(got) // SCENE.frames  # what the attack finds is cut again
    assert rounds
    assert [frame.index for frame in got] == list(range(SCENE.frames)) * rounds
    for frame in got[::3]:
        assert faces.leak(SCENE, frame.index, frame.picture.rgb()) < 0.05


def _limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize(("verb", "size"), [("watch", 300_000), ("cut", 3_000)])
def test_disk_full(verb: str, size: int, film: Path, tmp_path: Path) -> None:
    """When the disk is full Veil stops with one clear sentence and a hint, exit code 1, and no film is left."""
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    if verb == "cut":
        Desk(tmp_path / "film.mp4").watch()
        Desk(tmp_path / "film.mp4").plan()
    words = ["watch", "film.mp4"] if verb == "watch" else ["cut", "film.veil", "-o", "result.mp4"]
    process = _veil(words, tmp_path, preexec_fn=_limited(size))
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, said
    errors = [line for line in said.splitlines() if line.startswith("! veil:")]
    assert "Traceback" not in said, said[-600:]
    assert len(errors) == 2
    assert "disk is full" in errors[0]
    assert errors[1].startswith("! veil: hint: ")
    assert not list(tmp_path.glob("result*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
@pytest.mark.parametrize("closed", ["result", "case"])
def test_closed_folders(closed: str, film: Path, tmp_path: Path) -> None:
    """Folders that may not be written are told of in one sentence, exit code 1."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    desk = Desk(film, (folder if closed == "case" else tmp_path) / "case")
    with pytest.raises(VeilError) as caught:
        desk.disguise((folder if closed == "result" else tmp_path) / "result.mp4")
    assert caught.value.exit_code == 1
    assert not list(folder.iterdir())


@pytest.mark.parametrize("number", [-1, 5, 20])
def test_a_damaged_frame_shows_nobody(number: int, tmp_path: Path) -> None:
    """A damaged packet costs frames, never a cover: what cannot be decoded is not replaced by what shows somebody."""
    scene = faces.wearing(faces.speaking(30, (240, 180)), faces.speckled(14))
    whole = faces.film(tmp_path / "whole.mp4", scene, Recipe(options=(("g", "10"),)))
    film = damaged(whole, tmp_path / "film.mp4", number % len(packets(whole)))
    desk = Desk(film)
    report = desk.disguise(tmp_path / "result.mp4")
    assert report.safe
    assert report.frames == load_case(desk.folder).frames > 15
    with read(probe(tmp_path / "result.mp4")) as reader:
        for frame in reader:
            at = round(frame.at * 25)
            assert faces.leak(scene, min(at, 29), frame.picture.rgb()) < 0.05


def test_damage_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When parts of the film could not be read the answer says so, and `disguise` and `watch` say the same number."""
    whole = faces.film(tmp_path / "whole.mp4", faces.speaking(30, (240, 180)), Recipe(options=(("g", "10"),)))
    film = damaged(whole, tmp_path / "film.mp4", 20)
    unread = Desk(film).watch().undecodable
    assert unread > 0
    assert run(["disguise", str(film)]) == 0
    assert f"{unread} damaged packets could not be read" in capsys.readouterr().out


def test_a_picture_larger_than_the_screen(tmp_path: Path) -> None:
    """A film of 8K goes through: the face in it is covered, the size kept."""
    near = faces.Actor("farah", lambda _: faces.Pose(950, 450, 210), look=faces.speckled(24))
    small = faces.Scene((near,), 2, (1920, 1080))
    film = make(
        tmp_path / "film.mkv",
        Recipe(frames=2, size=(7680, 4320), codec="mpeg4", options=(("qscale", "2"),)),
        lambda i: small.paint(i).repeat(4, 0).repeat(4, 1),
    )
    Desk(film).disguise(tmp_path / "result.mp4")
    after = probe(tmp_path / "result.mp4")
    assert (after.width, after.height, after.frames) == (7680, 4320, 2)
    with read(after) as reader:
        for frame in reader:
            assert faces.leak(small, frame.index, frame.picture.rgb()[1::4, 1::4]) < 0.05


def test_the_scene_is_what_the_tests_think() -> None:
    """The control: the film that is killed over shows its witness's skin in every frame."""
    for index in (0, 50, 99):
        assert faces.leak(SCENE, index, SCENE.paint(index)) > 0.9
