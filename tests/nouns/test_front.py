"""What is in front of a face: kept on disk as it was, and coming and going softly."""

from pathlib import Path

import numpy as np
import pytest

from veil.nouns.front import Front, cut_off, load_fronts, steady, unpacked
from veil.nouns.picture import Box


def _front(seed: int = 1) -> Front:
    mask = np.random.default_rng(seed).integers(0, 256, (30, 20), dtype=np.uint8)
    return Front(Box(-4, 10, 36, 70), mask)


def test_it_comes_back_from_disk() -> None:
    """What was packed is unpacked bit for bit; a record that was cut short is left out."""
    data = b"".join(_front(i).packed(i) for i in range(3))
    found = list(unpacked(data))
    assert [i for i, _, _ in found] == [0, 1, 2]
    assert all(np.array_equal(f.mask, _front(i).mask) and f.box == _front(i).box for i, _, f in found)
    assert len(list(unpacked(data[:-1]))) == 2


def test_damage_is_noticed() -> None:
    """A record whose mask is damaged is a ValueError, not another mask."""
    data = bytearray(_front().packed(0))
    data[40:60] = b"x" * 20
    with pytest.raises(ValueError, match="damaged"):
        list(unpacked(bytes(data)))


def test_interrupted_work_drops_what_came_later(tmp_path: Path) -> None:
    """Cut off at a frame, a file holds the frames before it and can be added to."""
    path = tmp_path / "T1.front"
    path.write_bytes(b"".join(_front(i).packed(i) for i in range(6)) + b"rest")
    cut_off(path, 4)
    with path.open("ab") as out:
        out.write(_front(4).packed(4))
    assert [i for i, _, _ in unpacked(path.read_bytes())] == [0, 1, 2, 3, 4]
    assert load_fronts(tmp_path / "none.front") == {}


def test_what_is_damaged_is_not_in_front(tmp_path: Path) -> None:
    """Of a damaged file nothing stays before the face, and interrupted work goes on from what is whole."""
    path, whole = tmp_path / "T1.front", [_front(i).packed(i) for i in range(6)]
    path.write_bytes(b"".join(whole[:4]) + whole[4][:30] + b"x" * (len(whole[4]) - 30) + whole[5])
    assert load_fronts(path) == {}
    cut_off(path, 6)
    assert path.read_bytes() == b"".join(whole[:4])


def test_what_flits_by_is_left_out() -> None:
    """What shows for two frames is not kept; what stays comes and goes softly."""
    kept = dict(steady({i: _front() for i in (3, 4, 12, 13, 14, 15, 16)}))
    assert sorted(kept) == [12, 13, 14, 15, 16]
    assert [int(kept[i].mask.max()) // 80 for i in sorted(kept)] == [1, 3, 3, 3, 1]
    assert np.array_equal(kept[14].mask, _front().mask)
    assert not list(steady({i: _front() for i in (3, 4, 5, 6, 8, 9, 10, 11)})), "what flickers is left out"


def test_it_lies_where_its_box_is() -> None:
    """Laid onto a place, the mask is stretched over its box and 0 beside it."""
    front = Front(Box(10, 10, 30, 50), np.full((20, 10), 255, np.uint8))
    onto = front.onto(Box(0, 20, 40, 60))
    assert onto.shape == (40, 40)
    assert onto[:30, 10:30].min() == 1
    assert onto[:, :10].max() == onto[30:].max() == 0
