"""Noise: what is overwritten is gone, nothing else changes, and no crash or damage goes unnoticed."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.vault import noise
from veil.vault.noise import Noise, NoiseDamaged

_BLOCKS = 4


def made(folder: Path) -> Noise:
    """Return a small file of noise."""
    return Noise.made(folder / "noise", _BLOCKS)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, _BLOCKS * 254 - 1), max_size=40))
def test_only_what_is_destroyed_changes(tmp_path_factory: pytest.TempPathFactory, places: set[int]) -> None:
    """Whatever places are destroyed: those, and no others, hold other bytes afterwards; the size stays."""
    kept = made(tmp_path_factory.mktemp("noise"))
    before, size, state = kept.all(), kept.path.stat().st_size, kept.state
    kept.destroy(places)
    assert {place for place, told in enumerate(kept.all()) if told != before[place]} == places
    assert all(kept.at(place) == kept.all()[place] for place in places)
    assert kept.path.stat().st_size == size
    assert (kept.state != state) == bool(places)
    assert [path.name for path in kept.path.parent.iterdir()] == ["noise"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, (_BLOCKS + 1) * 4096 - 1), st.integers(0, 7))
def test_any_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    """No damaged block is taken for noise that was overwritten."""
    kept = made(tmp_path_factory.mktemp("noise"))
    data = bytearray(kept.path.read_bytes())
    data[at] ^= 1 << bit
    kept.path.write_bytes(data)
    with pytest.raises(NoiseDamaged):
        kept.all()


@pytest.mark.parametrize("length", [0, 1, 4096, 4097, 3 * 4096 + 5])
def test_a_file_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    """A file that was cut is not read past its end, nor taken for whole."""
    kept = made(tmp_path)
    kept.path.write_bytes(kept.path.read_bytes()[:length])
    with pytest.raises(NoiseDamaged):
        kept.at(_BLOCKS * 254 - 1)


def test_the_power_goes_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A destruction that was cut short while it overwrote is finished by whoever reads next; no other place is lost."""
    kept = made(tmp_path)
    before = kept.all()
    with monkeypatch.context() as patch:
        patch.setattr(Noise, "_finish", lambda _self: None)
        kept.destroy([7, 300])
    torn = bytearray(kept.path.read_bytes())
    torn[4096 : 4096 + 2000] = bytes(2000)
    kept.path.write_bytes(torn)
    after = kept.all()
    assert {place for place, told in enumerate(after) if told != before[place]} == {7, 300}


def test_a_copy_follows_only_its_own(tmp_path: Path) -> None:
    """A copy becomes the same again; the noise of another vault is left alone."""
    kept = made(tmp_path)
    copy, other = tmp_path / "copy", Noise.made(tmp_path / "other", _BLOCKS)
    copy.write_bytes(kept.whole())
    kept.destroy([1])
    assert Noise(copy).follow(kept)
    assert Noise(copy).all() == kept.all()
    before = other.all()
    assert not other.follow(kept)
    assert other.all() == before


def test_the_key_needs_both_parts() -> None:
    """Another key, or another half, gives another key."""
    keys = {noise.joined(bytes([a]) * 32, bytes([b]) * 16) for a in range(3) for b in range(3)}
    assert len(keys) == 9
