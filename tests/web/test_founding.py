"""The first page of all: a vault is made through it once, and never over another."""

import errno
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import Client

from tests.networks import Network, close
from veil.casework.network import opening
from veil.vault import stores
from veil.vault.cost import CHEAP
from veil.web.pages import founding

_SAID = "eleven quiet herons over the flooded meadow"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Give a test a browser before a folder without a vault."""
    stores.use(tmp_path / "new")
    real = opening.found

    def cheap(folder: Path, first: opening.Member, place: str, *, decoy: bool) -> object:
        return real(folder, first, CHEAP, place=place, decoy=decoy)

    monkeypatch.setattr(opening, "found", cheap)
    yield Client(SERVER_NAME="localhost")
    close()


def test_the_first_coordinator_makes_the_vault_and_is_in(empty: Client) -> None:
    """Without a vault the lock leads to this page; a good passphrase makes it, and its maker sees the board."""
    assert empty.get("/unlock").headers["Location"] == "/new"
    assert "Make the vault" in empty.get("/new").content.decode()
    answer = empty.post("/new", {"call_sign": "Heron", "passphrase": _SAID, "again": _SAID})
    assert answer.headers["Location"] == "/"
    assert "Heron" in empty.get("/").content.decode()
    empty.get("/lock")
    assert empty.get("/new").headers["Location"] == "/unlock"


def _told(passphrase: str, again: str) -> dict[str, str]:
    return {"call_sign": "Heron", "passphrase": passphrase, "again": again, "offered": "kettle moss otter"}


@pytest.mark.parametrize(("passphrase", "again"), [("heron", "heron"), (_SAID, _SAID + "s"), ("a" * 30, "a" * 30)])
def test_an_easy_or_mistyped_passphrase_makes_nothing(empty: Client, passphrase: str, again: str) -> None:
    """What is easily guessed, or was typed two ways, is sent back beside its field; what was offered stays."""
    answer = empty.post("/new", _told(passphrase, again))
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "kettle moss otter" in answer.content.decode()
    assert not founding.is_founded()


def test_nobody_makes_a_vault_over_another(network: Network) -> None:
    """Where there is a vault, sending the form leads to its lock and changes nothing."""
    before = (network.folder / "slots").read_bytes()
    answer = Client(SERVER_NAME="localhost").post("/new", {"call_sign": "Heron", "passphrase": _SAID, "again": _SAID})
    assert answer.headers["Location"] == "/unlock"
    assert (network.folder / "slots").read_bytes() == before


def test_a_founding_without_room_is_told_and_can_be_done_again(empty: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle: a clear sentence, the same page again, and with room the vault is made."""
    real, left = opening.enter, [OSError(errno.ENOSPC, "no space left on device")]

    def enter(*told: object, **named: object) -> object:
        if left:
            raise left.pop()
        return real(*told, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "enter", enter)
    empty.raise_request_exception = False
    told = {"call_sign": "Heron", "passphrase": _SAID, "again": _SAID}
    answer = empty.post("/new", told)
    assert "disk is full" in answer.content.decode()
    assert empty.get("/unlock").headers["Location"] == "/new"
    assert empty.post("/new", told).headers["Location"] == "/"
    empty.get("/lock")
    names = {path.name for path in stores.folder().iterdir()}
    assert "founding" not in names
    assert empty.post("/unlock", told).headers["Location"] == "/"


def test_of_two_clicks_one_makes_the_vault(empty: Client) -> None:
    """Whoever presses twice does not wipe what the first press is making: the second is told that there is a vault."""
    told = {"call_sign": "Heron", "passphrase": _SAID, "again": _SAID}
    other: Client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    answers: list[Any] = []
    empty.raise_request_exception = False
    threads = [Thread(target=lambda one=one: answers.append(one.post("/new", told))) for one in (empty, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.headers.get("Location", "") == "/" for answer in answers) == [False, True]
    assert empty.post("/unlock", told).headers["Location"] == "/"
