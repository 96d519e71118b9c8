"""When the disk or the store fails: a clear sentence, a next step, nothing lost, nothing shown."""

import errno
import os
import random
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.test import Client

from tests.casework.keeping.test_purge import planted
from tests.networks import CALL_SIGNS, Network, close, passphrase_of, use
from veil.casework import world
from veil.casework.keeping.verify import verify
from veil.casework.network import opening
from veil.casework.network.roles import Kind, Role
from veil.casework.troubles import said_of
from veil.errors import VeilError
from veil.vault import stores


def filled(network: Network) -> tuple[str, uuid.UUID]:
    """Put a record in, lock, and return the network's store and the record."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand, "Lena of the canary")
    close()
    return hand.store, root


def at_the_door(network: Network) -> str:
    """Try to unlock through the page, and return what it says."""
    client = Client(headers={"accept-language": "en"}, SERVER_NAME="localhost", raise_request_exception=False)
    sign = CALL_SIGNS[Role.COORDINATOR]
    answer = client.post("/unlock", {"call_sign": sign, "passphrase": passphrase_of(sign)})
    assert answer.status_code in {400, 403, 503}, answer.status_code
    assert str(network.folder) not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    return str(answer.content.decode())


def test_a_byte_changed_anywhere_in_the_store_is_noticed(network: Network) -> None:
    """Whichever byte is flipped, opening or verifying says so in words; no record is shown with a wrong word."""
    store, _root = filled(network)
    path = stores.file_of(store)
    good = path.read_bytes()
    places = random.Random(5)  # noqa: S311  (not for keys)
    for _time in range(12):
        bad = bytearray(good)
        bad[places.randrange(len(bad))] ^= 1 << places.randrange(8)
        path.write_bytes(bad)
        with pytest.raises((VeilError, DatabaseError)) as caught:
            _opened_and_verified()
        told = said_of(caught.value)
        assert "damaged" in str(told), told
        close()
    path.write_bytes(good)
    assert _opened_and_verified() > 0


def _opened_and_verified() -> int:
    sign = CALL_SIGNS[Role.COORDINATOR]
    hand = opening.unlock(sign, passphrase_of(sign))
    with world.within(hand.store):
        seen = verify(hand)
    if any("damaged pages" in one for one in seen.problems):
        raise VeilError("the store has damaged pages", "restore")
    return seen.opened


@pytest.mark.parametrize("length", [0, 100, 4096, 100_000])
def test_a_store_cut_short(network: Network, length: int) -> None:
    """A store that is empty or cut is not worked in, nor made anew; the page says what to do."""
    store, _root = filled(network)
    path = stores.file_of(store)
    short = path.read_bytes()[:length]
    path.write_bytes(short)
    assert "restore" in at_the_door(network)
    close()
    assert path.read_bytes()[:length] == short


@pytest.mark.parametrize("name", ["slots", "signals", "noise", "store"])
def test_a_file_missing(network: Network, name: str) -> None:
    """Each file of the vault that is missing is told, with a next step, and none is made anew."""
    store, _root = filled(network)
    path = network.folder / (f"{store}.store" if name == "store" else name)
    path.unlink()
    assert "veil vault" in at_the_door(network)
    assert Client(SERVER_NAME="localhost").get("/new").headers["Location"] == "/unlock"
    assert not path.exists()


def test_a_damaged_log_loses_only_what_was_in_it(network: Network, tmp_path: Path) -> None:
    """After a crash and damage to the write-ahead log the vault opens with what was in the store, whole."""
    store, root = filled(network)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        planted(hand)
    shutil.copytree(network.folder, tmp_path / "crashed")
    close()
    log = tmp_path / "crashed" / f"{store}.store-wal"
    told = bytearray(log.read_bytes())
    told[len(told) // 3] ^= 1
    log.write_bytes(told)
    (tmp_path / "crashed" / f"{store}.store-shm").unlink()
    use(tmp_path / "crashed")
    hand = opening.unlock("Heron", passphrase_of("Heron"))
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena of the canary"}
        assert not [one for one in verify(hand).problems if "file is missing" not in one]


def test_a_full_disk_loses_nothing_that_was_saved(network: Network) -> None:
    """Where the store cannot grow the step is undone and told; what was saved before stays, and room helps."""
    browser = network.browser(Role.COORDINATOR)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        connection = connections[hand.store].connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    big = {"words": "x" * 3_000_000}
    with pytest.raises(DatabaseError) as caught:
        _written(network, hand, root, big)
    assert "disk is full" in str(said_of(caught.value))
    assert browser.get("/").status_code == 200
    connection.execute("PRAGMA max_page_count = 1000000")
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        hand.write(root, root, Kind.FILE, big)


def _written(network: Network, hand: Any, root: uuid.UUID, said: dict[str, str]) -> None:  # noqa: ARG001
    with world.within(hand.store):
        hand.write(root, root, Kind.FILE, said)


def _refuse(code: int) -> Callable[..., Any]:
    def refuse(*_told: Any, **_named: Any) -> Any:
        raise OSError(code, "no")

    return refuse


def test_a_full_disk_at_the_door(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even a signal can be left nobody gets in, the small files stay whole, and the page says why."""
    filled(network)
    before = {name: (network.folder / name).read_bytes() for name in ("slots", "signals")}
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _refuse(errno.ENOSPC))
        assert "The disk is full" in at_the_door(network)
    assert {name: (network.folder / name).read_bytes() for name in before} == before
    close()
    network.browser(Role.COORDINATOR)


def test_a_folder_that_may_only_be_read(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vault does not open, and the page says what to do."""
    filled(network)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", _refuse(errno.EROFS))
        assert "make it writable" in at_the_door(network).lower()


def test_two_programs_at_once(network: Network) -> None:
    """A second process is refused while the first has the vault open, and let in after the first was killed."""
    close()
    words = [sys.executable, "-m", "tests.writer", "one", str(network.folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert "another program" in at_the_door(network).lower()
        other.kill()
    network.browser(Role.COORDINATOR)
