"""Parts of nets: what is cut out computes what the whole computes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from veil.models import onnx_session, packaged_paths
from veil.models.graphs import INT64, Entry, part_of

IDS = np.array([[0, 50, 83, 156, 54, 31, 4, 0]], np.int64)
LENGTHS = Entry("/Clip_output_0")
EXITS = tuple(Entry(name, axes=3) for name in ("lh", "theta", "ln", "lr", "phi")) + (Entry("f0", axes=2),)


@pytest.fixture(scope="module")
def whole() -> bytes:
    """Return the bytes of a net that ships."""
    (path,) = packaged_paths("hibari", "disguise")
    return path.read_bytes()


def test_parts_compute_what_the_whole_does(whole: bytes) -> None:
    """A net in two parts, the second fed with what the first gave, gives what the whole net gives."""
    ids, speed = Entry("ids", INT64, 2), Entry("speed")
    first = part_of(whole, (ids, speed), (LENGTHS,))
    second = part_of(whole, (ids, LENGTHS), EXITS)
    given_: dict[str, NDArray[Any]] = {"ids": IDS, "speed": np.ones(1, np.float32)}
    (lengths,) = onnx_session(first)(given_)
    parts = onnx_session(second)({"ids": IDS, LENGTHS.name: lengths})
    for mine, theirs in zip(parts, onnx_session(whole)(given_), strict=True):
        assert np.corrcoef(mine.ravel(), theirs.ravel())[0, 1] > 0.99  # the runtime may fuse other steps
    assert max(len(first), len(second)) < len(whole)


def test_what_must_be_known_is_asked_for(whole: bytes) -> None:
    """A part that would need something that is not given is refused, and so is one that nothing makes."""
    with pytest.raises(ValueError, match="nothing makes"):
        part_of(whole, (Entry("ids", INT64, 2),), (LENGTHS,))
    with pytest.raises(ValueError, match="nothing makes"):
        part_of(whole, (Entry("ids", INT64, 2),), (Entry("no such thing"),))


@given(st.binary(max_size=200))
def test_what_is_no_net_is_refused(content: bytes) -> None:
    """Bytes that are no net raise ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011 - the messages differ by what is wrong
        part_of(content, (), (Entry("audio"),))


def test_a_net_cut_short_is_refused(whole: bytes) -> None:
    """A file that ends early is refused."""
    with pytest.raises(ValueError, match="cut short"):
        part_of(whole[: len(whole) // 2], (), EXITS)
