"""Sealed files: in and out, never in the clear, of rounded sizes."""

import io
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casework.keeping.test_purge import planted
from tests.networks import Network
from veil.casework import policy, world
from veil.casework.keeping import files, purge
from veil.casework.keeping.models import SealedFile
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import stores


def test_a_file_comes_back_as_it_was_and_goes_with_its_case(network: Network) -> None:
    """Any part of it can be read; who lacks the key reads nothing; purged, it is gone from the disk."""
    hand, other = network.hand(Role.COORDINATOR), network.hand(Role.CASE_WORKER)
    said = b"a film that nobody may see " * 9000
    with world.within(hand.store):
        root = planted(hand)
        SealedFile.objects.all().delete()
        row = files.put(hand, root, Kind.FILE, io.BytesIO(said))
        path = files.path_of(row.id)
        assert path.stat().st_size > files.rounded(len(said)) > len(said)
        assert b"nobody may see" not in path.read_bytes()
        with files.reader(hand, row.id) as film:
            assert film.read() == said
            assert film.seek(-11, io.SEEK_END) == len(said) - 11
            assert film.read(100) == said[-11:]
        for refused in (lambda: files.reader(other, row.id), lambda: files.put(other, root, Kind.FILE, io.BytesIO())):
            with pytest.raises(policy.NotAllowed):
                refused()
        purge.purge(hand, root)
    assert not path.exists()
    assert list((stores.folder() / "files").iterdir())  # files of noise stay


def test_a_missing_file_is_told(network: Network) -> None:
    """A row whose file was lost says so, with a next step."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        row = files.put(hand, planted(hand), Kind.FILE, io.BytesIO(b"paper"))
        files.path_of(row.id).unlink()
        with pytest.raises(VeilError, match="missing"):
            files.reader(hand, row.id)


@given(st.integers(0, 1 << 40))
def test_rounding(size: int) -> None:
    """A size grows by an eighth at most (64 KiB at the least), and few sizes are left to tell."""
    told = files.rounded(size)
    assert size <= told <= max(64 * 1024, size + size // 8 + 64 * 1024)
    assert told == files.rounded(told)
    assert told % (64 * 1024) == 0


def test_a_sealing_that_was_cut_short_goes_with_the_next_unlocking(network: Network) -> None:
    """What a kill left in the folder of sealed files, and no key opens, is removed; the files themselves stay."""
    folder = network.folder / "files"
    whole = {path.name for path in folder.iterdir()}
    (folder / f"{uuid.uuid4().hex}.0123abcd.part").write_bytes(b"half")
    network.hand(Role.HOST)
    assert {path.name for path in folder.iterdir()} == whole
