"""Backups: whole, sealed, and true to what was destroyed since."""

import errno
import shutil
import uuid
from pathlib import Path

import pytest

from tests.casework.keeping.test_purge import planted
from tests.networks import CALL_SIGNS, Network, close, passphrase_of
from veil.casework import policy, world
from veil.casework.hand import Hand
from veil.casework.keeping import backed_up, backups, lasting, purge, sums
from veil.casework.keeping.models import Backup
from veil.casework.keeping.verify import verify
from veil.casework.network import opening
from veil.casework.network.models import Compartment, Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import inbox, intake, receipts
from veil.casework.requests.models import Request
from veil.errors import VeilError
from veil.vault import noise, seal, stores
from veil.vault.slots import STORES


def unlocked(folder: Path, role: Role = Role.COORDINATOR) -> Hand:
    """Unlock a vault that lies elsewhere."""
    close()
    stores.use(folder)
    return opening.unlock(CALL_SIGNS[role], passphrase_of(CALL_SIGNS[role]))


def as_thief(folder: Path, root: uuid.UUID) -> str:
    """Read a record from a folder with all keys, by hand: past tidying, which a thief would not let run."""
    close()
    stores.use(folder)
    slot = opening.slots().open("Heron", passphrase_of("Heron"))
    stores.unlock(slot.store, slot.store_key)
    with world.within(slot.store):
        worker = Worker.objects.get(id=uuid.UUID(bytes=slot.worker))
        return str(Hand(worker, slot.secret, slot.store).read(root, root, Kind.FILE).said["alias"])


def test_a_backup_made_while_people_work_opens_and_verifies(network: Network, tmp_path: Path) -> None:
    """A copy taken in the middle of somebody's writing holds all that was saved before, and none of what was not."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    with world.within(hand.store):
        late = planted(hand)
        with pytest.raises(VeilError):
            backups.back_up(network.hand(Role.AUDITOR), tmp_path / "copy")
        backups._fill(tmp_path / "copy", stores.folder())
        backups._put_noise(tmp_path / "copy" / "noise", stores.folder())
    hand = unlocked(tmp_path / "copy")
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        with pytest.raises(policy.NotAllowed):
            hand.read(late, late, Kind.FILE)
        assert [told for told in verify(hand).problems if "file is missing" not in told] == []


def test_what_is_purged_does_not_open_from_a_backup_in_reach(network: Network, tmp_path: Path) -> None:
    """Purging reaches the backups it knows: all keys together do not open it there any more, and the rest opens."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root, other = planted(hand), planted(hand)
    backups.back_up(hand, tmp_path / "copy")
    shutil.copytree(tmp_path / "copy", tmp_path / "before")
    with world.within(hand.store):
        purge.purge(hand, root)
        assert backups.owed().folders == ()
    assert as_thief(tmp_path / "before", root) == "Lena"  # else the next lines prove nothing
    with pytest.raises(seal.Damaged):
        as_thief(tmp_path / "copy", root)
    assert as_thief(tmp_path / "copy", other) == "Lena"


def test_a_backup_out_of_reach_is_owed_until_it_is_seen(network: Network, tmp_path: Path) -> None:
    """What a backup on a stick still holds is told, and is gone as soon as the stick is named."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    backups.back_up(hand, tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / "drawer")
    with world.within(hand.store):
        purge.purge(hand, root)
    with world.within(hand.store):
        assert backups.owed().folders == (str(tmp_path / "copy"),)
        assert any("could not be reached" in told for told in verify(hand).problems)
    (tmp_path / "drawer").rename(tmp_path / "copy")
    with world.within(hand.store):
        backed_up.follow_at(tmp_path / "copy")
        assert backups.owed().folders == ()
    with pytest.raises(seal.Damaged):
        as_thief(tmp_path / "copy", root)


def test_an_old_backup_without_its_noise_yields_nothing(network: Network, tmp_path: Path) -> None:
    """Where the noise is kept apart, a backup that nobody reaches any more does not open what was purged since."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root, other = planted(hand), planted(hand)
    backups.back_up(hand, tmp_path / "far", tmp_path / "near")
    assert not (tmp_path / "far" / "noise").exists()
    (tmp_path / "far").rename(tmp_path / "lost")
    with world.within(hand.store):
        purge.purge(hand, root)
        assert backups.owed().folders == ()
    shutil.copy(tmp_path / "near" / "noise", tmp_path / "lost" / "noise")
    with pytest.raises(seal.Damaged):
        as_thief(tmp_path / "lost", root)
    assert as_thief(tmp_path / "lost", other) == "Lena"


@pytest.mark.parametrize("lost", [(), ("noise",), ("slots", "noise", "a.store", "b.store")])
def test_restoring_brings_back_the_rest_and_not_what_was_purged(
    network: Network, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    """After a restore the records of the backup's day are there, except those that were purged since."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root, other = planted(hand), planted(hand)
    backups.back_up(hand, tmp_path / "copy")
    with world.within(hand.store):
        purge.purge(hand, root)
        late = planted(hand)
    close()
    for name in lost:
        (network.folder / name).unlink()
    backups.restore(tmp_path / "copy", network.folder)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert not Compartment.objects.filter(root__in=(root, late)).exists()
        assert hand.read(other, other, Kind.FILE).said == {"alias": "Lena"}
        assert not [told for told in verify(hand).problems if "file is missing" not in told]


def test_a_backup_goes_nowhere_it_should_not(network: Network, tmp_path: Path) -> None:
    """Inside the vault, over something else, or of another vault: refused with a next step, and nothing is touched."""
    hand = network.hand(Role.COORDINATOR)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter").write_text("dear")
    for folder in (network.folder, network.folder / "copy", tmp_path / "papers", tmp_path):
        with pytest.raises(VeilError):
            backups.back_up(hand, folder)
    with pytest.raises(policy.NotAllowed):
        backups.back_up(network.hand(Role.CASE_WORKER), tmp_path / "copy")
    assert [path.name for path in (tmp_path / "papers").iterdir()] == ["letter"]
    assert not (tmp_path / "copy").exists()


def test_another_vaults_backup_is_refused(network: Network, tmp_path: Path) -> None:
    """A backup does not replace a vault that it is not a backup of."""
    hand = network.hand(Role.COORDINATOR)
    backups.back_up(hand, tmp_path / "copy")
    noise.Noise.made(tmp_path / "copy" / "noise")
    close()
    before = {store: stores.file_of(store).read_bytes() for store in STORES}
    with pytest.raises(VeilError, match="another vault"):
        backups.restore(tmp_path / "copy", network.folder)
    assert {store: stores.file_of(store).read_bytes() for store in STORES} == before


def test_the_next_backup_takes_the_place_of_the_last(network: Network, tmp_path: Path) -> None:
    """Backing up into the same folder leaves one backup there, and nothing of the one before."""
    hand = network.hand(Role.COORDINATOR)
    for _again in range(2):
        with world.within(hand.store):
            root = planted(hand)
        backups.back_up(hand, tmp_path / "copy")
    with world.within(hand.store):
        assert Backup.objects.count() == 1
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".copy")]
    assert as_thief(tmp_path / "copy", root) == "Lena"
    assert lasting.the_noise().tag == noise.Noise(tmp_path / "copy" / "noise").tag


def _letter() -> inbox.Letter:
    box = receipts.mailbox_of(receipts.new_seed())
    return inbox.Letter({"happened": "canary of a letter", "where": "by the bridge"}, box.name, box.public.hex())


def test_the_public_form_goes_on_after_a_restore(network: Network, tmp_path: Path) -> None:
    """What came before the backup is in it as a request; on another machine, and here after the key was changed since,
    letters that come afterwards open.
    """
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        intake.open_form(hand)
    inbox.leave(_letter())
    backups.back_up(hand, tmp_path / "copy")
    with world.within(hand.store):
        assert Request.objects.count() == 1
        intake.open_form(hand)  # another key
    close()
    for folder in (tmp_path / "new", network.folder):
        stores.use(folder)
        backups.restore(tmp_path / "copy", folder)
        inbox.leave(_letter())
        hand = unlocked(folder)
        with world.within(hand.store):
            assert intake.take_in(hand) == 1
            assert Request.objects.count() == 2


def test_a_letter_does_not_open_from_a_backup_after_its_request_was_purged(network: Network, tmp_path: Path) -> None:
    """Neither its own place in the inbox nor the request made of it: all keys of that day together read nothing."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        intake.open_form(hand)
    inbox.leave(_letter())
    backups.back_up(hand, tmp_path / "copy")
    with world.within(hand.store):
        purge.purge(hand, Request.objects.get().id)
    close()
    stores.use(tmp_path / "copy")
    slot = opening.slots().open("Heron", passphrase_of("Heron"))
    stores.unlock(slot.store, slot.store_key)
    with world.within(slot.store):
        thief = Hand(Worker.objects.get(id=uuid.UUID(bytes=slot.worker)), slot.secret, slot.store)
        key = bytes.fromhex(thief.read(intake.DESK, intake.DESK, Kind.FILE).said["secret"])
        assert inbox.opened([key]) == []
        assert len(inbox.letters().bodies(all_of_them=True)) == inbox.LETTERS_OF
        with pytest.raises(seal.Damaged):
            thief.read(Request.objects.get().id, Request.objects.get().id, Kind.FILE)


def test_every_flipped_byte_of_a_backup_is_found(network: Network, tmp_path: Path) -> None:
    """In any file of it, of either world, and without a key; it is not restored unless somebody says so."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        intake.open_form(hand)
    backups.back_up(hand, tmp_path / "copy")
    close()
    assert sums.differing(tmp_path / "copy") == []
    told = sums.files_of(tmp_path / "copy")
    assert {"slots", "signals", "waits", "time", "noise", "a.store", "b.store", "key", "letters"} <= {
        path.name for path in told
    }
    for path in told:
        good = path.read_bytes()
        if not good:
            continue
        bad = bytearray(good)
        bad[len(bad) // 2] ^= 1
        path.write_bytes(bad)
        with pytest.raises(VeilError):
            backups.restore(tmp_path / "copy", tmp_path / "new")
        path.write_bytes(good)
    backups.restore(tmp_path / "copy", tmp_path / "new")
    hand = unlocked(tmp_path / "new")
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}


def test_a_strange_backup_is_refused(network: Network, tmp_path: Path) -> None:
    """Links out of it, and a small file that is huge: nothing is read from there, nothing here is touched."""
    hand = network.hand(Role.COORDINATOR)
    backups.back_up(hand, tmp_path / "copy")
    close()
    before = {path.name: path.read_bytes() for path in network.folder.glob("*") if path.is_file()}
    (tmp_path / "secret").write_bytes(b"of somebody else")
    (tmp_path / "copy" / "files" / uuid.uuid4().hex).symlink_to(tmp_path / "secret")
    with pytest.raises(VeilError, match="not a backup"):
        backups.restore(tmp_path / "copy", network.folder)
    for path in (tmp_path / "copy" / "files").iterdir():
        path.unlink()
    with (tmp_path / "copy" / "signals").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(VeilError, match="not a backup"):
        backups.restore(tmp_path / "copy", network.folder)
    assert {path.name: path.read_bytes() for path in network.folder.glob("*") if path.is_file()} == before


def test_nobody_else_may_read_any_file(network: Network, tmp_path: Path) -> None:
    """Whatever the umask: folders are the owner's, files too, in a vault at work and in its backup."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        planted(hand)
        intake.open_form(hand)
    backups.back_up(hand, tmp_path / "copy")
    for folder in (network.folder, tmp_path / "copy"):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
        assert {name for name, mode in modes.items() if mode & 0o077} == set()


def test_a_backup_that_was_killed_follows_too(network: Network, tmp_path: Path) -> None:
    """What a backup leaves that is cut short gets its name if it is whole, and does not open what is purged later."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backups, "_put_away", _killed)
        patch.setattr(shutil, "rmtree", lambda *_told, **_named: None)
        with pytest.raises(KeyboardInterrupt):
            backups.back_up(hand, tmp_path / "copy")
    left = next(path for path in tmp_path.iterdir() if path.name.startswith(".copy"))
    shutil.copytree(left, tmp_path / "before")
    with world.within(hand.store):
        purge.purge(hand, root)
    assert as_thief(tmp_path / "before", root) == "Lena"  # else the next lines prove nothing
    assert not left.exists()
    with pytest.raises(seal.Damaged):
        as_thief(tmp_path / "copy", root)
    hand = unlocked(network.folder)
    backups.back_up(hand, tmp_path / "copy")
    assert not left.exists()


def test_there_is_always_a_whole_backup(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed just before the next one has its place: the last is brought back, and a full disk does not cost it."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    backups.back_up(hand, tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / ".copy.00c0ffee")  # as a kill between two steps leaves it
    monkeypatch.setattr(backups, "_fill", _full)
    with pytest.raises(VeilError, match="disk is full"):
        backups.back_up(hand, tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / ".copy.00c0ffee")
    with world.within(hand.store):
        assert backed_up.follow() == 0, "it is found under its other name, and nothing is owed"
    assert (tmp_path / "copy").exists()
    (tmp_path / "copy").rename(tmp_path / ".copy.00c0ffee")
    close()
    backups.restore(tmp_path / "copy", tmp_path / "anew")
    hand = unlocked(tmp_path / "anew")
    with world.within(hand.store):
        assert hand.read(root, root, Kind.FILE).said == {"alias": "Lena"}


def test_two_clicks_write_one_backup(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a backup while one is written there is told to wait, and harms nothing of the first."""
    hand = network.hand(Role.COORDINATOR)
    real, refused = backups._fill, []

    def fill(part: Path, here: Path) -> None:
        real(part, here)
        with pytest.raises(VeilError, match="written to this folder already") as told:
            backups.back_up(hand, tmp_path / "copy")
        refused.append(told)
        with world.within(hand.store):
            backed_up.follow()
        assert part.exists()

    monkeypatch.setattr(backups, "_fill", fill)
    backups.back_up(hand, tmp_path / "copy")
    assert len(refused) == 1
    assert sums.differing(tmp_path / "copy") == []


def _full(*_told: object) -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def _killed(*_told: object) -> None:
    raise KeyboardInterrupt


def test_another_vaults_noise_is_not_overwritten(network: Network, tmp_path: Path) -> None:
    """One stick for the key files of two vaults: the second is refused, else all backups of the first are lost."""
    hand = network.hand(Role.COORDINATOR)
    (tmp_path / "stick").mkdir()
    kept = noise.Noise.made(tmp_path / "stick" / "noise").whole()
    with pytest.raises(VeilError, match="another vault"):
        backups.back_up(hand, tmp_path / "copy", tmp_path / "stick")
    assert (tmp_path / "stick" / "noise").read_bytes() == kept
    assert not (tmp_path / "copy").exists()
