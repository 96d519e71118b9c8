"""Files that are written whole or not at all."""

import os
from pathlib import Path

import pytest

from veil import whole


def test_the_old_or_the_new_and_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails on the way leaves the old bytes and no draft; what is written is its owner's only."""
    path = tmp_path / "names.toml"
    whole.write_whole(path, b"old")
    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, _full)
            with pytest.raises(OSError, match="no room"):
                whole.write_whole(path, b"new")
        assert path.read_bytes() == b"old"
        assert [found.name for found in tmp_path.iterdir()] == ["names.toml"]
    with pytest.raises(KeyError):
        _failing(path)
    assert path.read_bytes() == b"old"
    whole.write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_kill_left_goes_with_the_next_writing(tmp_path: Path) -> None:
    """A draft of the same file that is older than a minute is removed; not a fresh one, nor what only looks alike."""
    left, fresh, others = (tmp_path / name for name in (".noise.0123abcd", ".noise.4567cdef", ".noise.next.0123abcd"))
    for path in (left, fresh, others, tmp_path / "noise.0123abcd"):
        path.write_bytes(b"half")
    for path in (left, others):
        os.utime(path, (1e9, 1e9))
    whole.write_whole(tmp_path / "noise", b"all")
    assert {path.name for path in tmp_path.iterdir()} == {"noise", "noise.0123abcd", fresh.name, others.name}


def _full(*_: object) -> None:
    raise OSError("no room")


def _failing(path: Path) -> None:
    with whole.whole(path) as file:
        file.write(b"new")
        raise KeyError
