"""Pages of keeping: what comes to its end, renewing it, destroying it with two clicks, backups."""

import errno
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connections

from tests.casework.keeping.test_purge import planted
from tests.networks import Network, Time
from veil.casework import world
from veil.casework.keeping import backups, lasting
from veil.casework.keeping.models import Clock
from veil.casework.network.models import Compartment
from veil.casework.network.roles import Kind, Role
from veil.vault.noise import Noise
from veil.vault.slots import Slots


@pytest.fixture
def root(network: Network, time_passes: Time) -> uuid.UUID:
    """Return a case that ends in a few days, which a coordinator and a case worker hold."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        hand.share(root, Kind.FILE, network.worker(Role.CASE_WORKER))
    time_passes.go(days=360)
    return root


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_ends_soon_is_told_to_who_holds_it(network: Network, root: uuid.UUID, language: str) -> None:
    """The list and the board name it to its holders, and to nobody else."""
    for role, told in ((Role.CASE_WORKER, True), (Role.OPERATOR, False)):
        browser = network.browser(role, language)
        assert (str(root) in browser.get("/keeping/").content.decode()) == told
        assert browser.get(f"/keeping/{root}").status_code == (200 if told else 400)


def test_two_clicks_destroy(network: Network, root: uuid.UUID) -> None:
    """The first says what goes; the second destroys it. A case worker can do neither."""
    worker, browser = network.browser(Role.CASE_WORKER), network.browser(Role.COORDINATOR)
    assert worker.post(f"/keeping/{root}/destroy").status_code == 403
    assert "2 files" in browser.get(f"/keeping/{root}/destroy").content.decode()
    assert browser.post(f"/keeping/{root}/destroy").headers["Location"] == "/keeping/"
    with world.within(network.hand(Role.COORDINATOR).store):
        assert not Compartment.objects.filter(root=root).exists()
    assert worker.get(f"/keeping/{root}").status_code == 400


def test_destroying_without_room_says_what_is_left(
    network: Network, root: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are gone, the noise is not: the page says that and no other thing; unlocking with room ends it."""
    browser = network.browser(Role.COORDINATOR)
    browser.raise_request_exception = False
    with world.within(network.hand(Role.COORDINATOR).store):
        places = list(Compartment.objects.filter(root=root).values_list("place", flat=True))
    before = lasting.the_noise().all()
    with monkeypatch.context() as patch:
        patch.setattr(Noise, "destroy", _full)
        answer = browser.post(f"/keeping/{root}/destroy")
    assert answer.status_code == 503
    assert "gone from the vault, but the disk is full" in answer.content.decode()
    assert "not saved" not in answer.content.decode()
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert not Compartment.objects.filter(root=root).exists()
    after = lasting.the_noise().all()
    assert places
    assert all(after[place] != before[place] for place in places)


def _full(*_told: object) -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def test_renewing(network: Network, root: uuid.UUID) -> None:
    """A coordinator keeps it longer; a case worker cannot."""
    assert network.browser(Role.CASE_WORKER).post(f"/keeping/{root}").status_code == 403
    browser = network.browser(Role.COORDINATOR)
    with world.within(network.hand(Role.COORDINATOR).store):
        before = Clock.objects.get(what=root).due
    assert browser.post(f"/keeping/{root}").status_code == 302
    with world.within(network.hand(Role.COORDINATOR).store):
        assert (Clock.objects.get(what=root).due - before).days >= 359
    assert str(root) not in browser.get("/keeping/").content.decode()


def test_a_backup_from_the_page(network: Network, tmp_path: Path) -> None:
    """A coordinator writes one while others work; where it cannot be written, the page says so and what to do."""
    browser = network.browser(Role.COORDINATOR)
    assert network.browser(Role.OPERATOR).get("/keeping/backup").status_code == 403
    assert browser.post("/keeping/backup", {"folder": str(tmp_path / "copy")}).status_code == 302
    page = browser.get("/keeping/backup").content.decode()
    assert "The backup is written." in page
    assert str(tmp_path / "copy") in page
    Slots(tmp_path / "copy" / "slots").check()
    browser.post("/keeping/backup", {"folder": str(network.folder)})
    assert "on another disk" in browser.get("/keeping/backup").content.decode()


def test_everybody_goes_on_while_a_backup_is_written(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow stick holds nobody else up: another's page is answered before the copy is done."""
    browser, other = network.browser(Role.COORDINATOR), network.browser(Role.OPERATOR)
    answered: list[int] = []
    fill = backups._fill

    def look() -> None:
        answered.append(other.get("/requests/").status_code)
        connections.close_all()

    def slowly(*told: Path) -> None:
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        thread.join(timeout=120)  # however busy the machine is
        answered.append(0)
        fill(*told)

    monkeypatch.setattr(backups, "_fill", slowly)
    assert browser.post("/keeping/backup", {"folder": str(tmp_path / "copy")}).status_code == 302
    assert answered == [200, 0]
    assert "The backup is written." in browser.get("/keeping/backup").content.decode()
