"""`veil vault`: made, verified, backed up, restored and purged from the command line."""

import json
import os
import shutil
from pathlib import Path

import pytest
from fido2.hid import CtapHidDevice

from tests.networks import close
from tests.vault.soft_key import SoftKey
from tests.vault.test_security_key import Person
from veil.casework import world
from veil.casework.network import opening
from veil.cli import run
from veil.vault import cost, guesses, noise, stores, usb_key
from veil.vault.security_key import Place, begin_registration, begin_unlock, salt_of
from veil.vault.usb_key import register

_WORDS = "Heron\nfour cold birds sing at five in the morning\n"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a guess cost little."""
    monkeypatch.setattr(cost, "measured", lambda: cost.CHEAP)
    close()


def veil(*told: str | Path, words: str = _WORDS) -> int:
    """Run a command whose call sign and passphrase come through a pipe."""
    source, target = os.pipe()
    os.write(target, words.encode())
    os.close(target)
    try:
        return run(["vault", *map(str, told), *([] if told[0] == "restore" else ["--passphrase-fd", str(source)])])
    finally:
        os.close(source)


def test_from_new_to_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each verb says what it did; what is owed is told until the backup is named, or told to be gone."""
    vault, copy, drawer = tmp_path / "notes", tmp_path / "stick" / "notes", tmp_path / "drawer"
    copy.parent.mkdir()
    assert veil("new", vault) == 0
    assert not list(vault.glob("*-wal"))
    assert veil("verify", vault) == 0
    assert veil("backup", vault, "--to", copy) == 0
    assert "whole" in capsys.readouterr().out
    copy.rename(drawer)
    assert veil("purge", vault, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"owed": [str(copy)]}
    assert veil("purge", vault, "--backup", drawer, "--gone", copy, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"owed": []}
    (vault / "a.store").unlink()
    assert veil("restore", vault, "--from", drawer, "--yes") == 0
    assert veil("verify", vault, "--json") == 0
    shutil.rmtree(vault)
    assert veil("restore", vault, "--from", drawer) == 0
    assert veil("verify", vault) == 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("verify", "nowhere"), "there is no vault here"),
        (("purge", "notes", "--backup", "nowhere"), "no backup of this vault"),
        (("backup", "notes", "--to", "notes/copy"), "lost with it"),
        (("verify", "notes", "--postgres", "host=x password=y"), "stays in its history"),
        (("new", "notes"), "a vault here already"),
    ],
)
def test_what_cannot_be_done(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    told: tuple[str, ...],
    said: str,
) -> None:
    """Exit code 1, a problem and a hint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(noise, "BLOCKS", 16)
    assert veil("new", "notes") == 0
    capsys.readouterr()
    assert veil(*told) == 1
    assert said in (err := capsys.readouterr().err)
    assert "! veil: hint: " in err
    assert not any(stores.is_open(store) for store in "ab")


def test_a_damaged_vault_and_a_wrong_passphrase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong passphrase, and a store that was changed, are told in words, with the exit code 1."""
    assert veil("new", tmp_path / "notes") == 0
    assert veil("verify", tmp_path / "notes", words="Heron\nsomething else entirely\n") == 1
    for path in (tmp_path / "notes").glob("*.store"):
        data = bytearray(path.read_bytes())
        data[5000] ^= 1
        path.write_bytes(data)
    assert veil("verify", tmp_path / "notes") == 1
    assert "damaged" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "words", ["Heron\ntwelve chars!\n", "Heron\n" + "a" * 30 + "\n", "Heron\nheronheronheronheron\n"]
)
def test_an_easy_passphrase_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    """The same rule as on the first page: what is short, one thing over and over, or the call sign, is refused."""
    assert veil("new", tmp_path / "notes", words=words) == 1
    assert "guessed too easily" in capsys.readouterr().err
    assert not (tmp_path / "notes" / "slots").exists()


def test_a_passphrase_is_offered_to_whoever_types(tmp_path: Path) -> None:
    """Eight words drawn by chance stand above the questions, and are taken when they are typed."""
    from click.testing import CliRunner

    from veil.cli.vault import vault
    from veil.vault import phrases

    asked = CliRunner().invoke(vault, ["new", str(tmp_path / "notes")], input="Heron\nshort\nshort\n")
    assert any(
        set(line.split()) <= set(phrases.LISTS["en"]) and len(line.split()) == 8 for line in asked.output.splitlines()
    )


def enrolled(folder: Path, capsys: pytest.CaptureFixture[str]) -> SoftKey:
    """Make a vault whose coordinator needs a security key, which has made credentials for other vaults too."""
    assert veil("new", folder) == 0
    capsys.readouterr()
    sign, passphrase = _WORDS.splitlines()
    key, person, salt = SoftKey(), Person(), salt_of(opening.slots().salt)
    register(begin_registration(salt_of(b"another vault"), Place()), key, person)
    register(begin_registration(salt, Place()), key, person)
    extra = usb_key.unlock(begin_unlock(salt, Place()), key, person)[-1]
    hand = opening.unlock(sign, passphrase)
    with world.within(hand.store):
        opening.set_key(hand, passphrase, b"", extra)
    close()
    return key


def test_a_security_key_is_asked_where_it_is_said_that_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With it each verb opens the vault; without the word, the key, its PIN or its touch a sentence says what to do."""
    folder, copy = tmp_path / "notes", tmp_path / "stick" / "notes"
    copy.parent.mkdir()
    key = enrolled(folder, capsys)
    assert veil("verify", folder) == 1
    assert "plug it in and add --key" in capsys.readouterr().err
    monkeypatch.setattr(CtapHidDevice, "list_devices", lambda: iter(()))
    assert veil("verify", folder, "--key") == 1
    assert "no security key is plugged in" in (err := capsys.readouterr().err)
    assert "! veil: hint: plug it in, and try again" in err
    monkeypatch.setattr(CtapHidDevice, "list_devices", lambda: iter((key, SoftKey())))
    assert veil("verify", folder, "--key") == 1
    assert "more than one security key" in capsys.readouterr().err
    monkeypatch.setattr(CtapHidDevice, "list_devices", lambda: iter((key,)))
    for words in (_WORDS, _WORDS + "0000\n"):
        assert veil("verify", folder, "--key", words=words) == 1
        assert "PIN" in capsys.readouterr().err
    for told in (("verify", folder), ("backup", folder, "--to", copy), ("purge", folder), ("verify", copy)):
        guesses._of.clear()  # the wrong tries of this test, and what the key gives for the other vault, cost no wait
        (folder / "waits").unlink(missing_ok=True)
        assert veil(*told, "--key", words=_WORDS + "2580\n") == 0, capsys.readouterr().err
    assert "touch the security key" in capsys.readouterr().err


def test_another_key_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key of somebody else's, or one that knows no vault, is told in the words of any wrong passphrase."""
    enrolled(tmp_path / "notes", capsys)
    other = SoftKey()
    monkeypatch.setattr(CtapHidDevice, "list_devices", lambda: iter((other,)))
    assert veil("verify", tmp_path / "notes", "--key", words=_WORDS + "2580\n") == 1
    assert "! veil: hint: " in capsys.readouterr().err
    register(begin_registration(salt_of(b"another vault"), Place()), other, Person())
    assert veil("verify", tmp_path / "notes", "--key", words=_WORDS + "2580\n") == 1
    assert "did not open" in capsys.readouterr().err
