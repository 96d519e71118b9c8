"""Work done ahead in threads: in order, each item once, errors in their place, and nothing left running."""

import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import faces
from veil.media import Reader, probe, read
from veil.nouns.picture import Frame
from veil.stages.ahead import ahead, in_order


class Stopped(Exception):
    """What a test raises in the middle of the work."""


def _count(up_to: int, raises_at: int | None = None) -> Iterator[int]:
    for i in range(up_to):
        if i == raises_at:
            raise Stopped
        yield i


def _threads() -> set[str]:
    return {t.name for t in threading.enumerate() if t.name.startswith(("reading", "working"))}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(1, 3))
def test_every_item_once_and_in_order(count: int, workers: int) -> None:
    """What comes out is what went in, in order, whatever takes longer."""

    def work(i: int) -> int:
        time.sleep(0.0005 * (i % 3))
        return i * 10

    assert list(ahead(_count(count))) == list(range(count))
    assert list(in_order(work, ahead(_count(count)), workers)) == [10 * i for i in range(count)]


@pytest.mark.parametrize("at", [0, 1, 5, 9])
def test_an_error_comes_in_its_place(at: int) -> None:
    """Everything before an error is handed over first; then the error is raised, as it was."""
    got: list[int] = []
    with pytest.raises(Stopped):
        got.extend(ahead(_count(10, at)))
    assert got == list(range(at))

    def work(i: int) -> int:
        if i == at:
            raise Stopped
        return i

    with pytest.raises(Stopped):
        list(in_order(work, range(10)))


def test_nothing_runs_on() -> None:
    """Who stops listening leaves no thread behind."""
    for _ in range(3):
        for item in ahead(_count(100)):
            if item == 3:
                break
        for item in in_order(lambda i: i, ahead(_count(100)), 2):
            if item == 3:
                break
    patience = time.monotonic() + 60
    while _threads() and time.monotonic() < patience:
        time.sleep(0.01)
    assert not _threads()


def test_stopping_while_a_frame_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while the reader is at work in its thread is raised as it is: closing the reader does not mask it."""
    film = faces.film(tmp_path / "film.mp4", faces.speaking(12))
    real = Reader._read

    def slow(self: Reader, first: object) -> Generator[Frame]:
        for frame in real(self, first):  # type: ignore[arg-type]
            time.sleep(0.15)
            yield frame

    monkeypatch.setattr(Reader, "_read", slow)

    def stops(frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            if frame.index == 2:
                raise Stopped
            yield frame

    with pytest.raises(Stopped), read(probe(film)) as reader:
        for _ in stops(ahead(reader)):
            pass
