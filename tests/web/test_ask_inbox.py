"""The inbox behind the public form: letters are taken in once, wait a month, and none is lost or overwritten."""

import errno
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.networks import Network
from tests.web.asking import CANARY, Hours, hours, opened, send, somebody
from veil.casework import world
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import gate, inbox, intake, receipts
from veil.casework.requests.models import Letter, Request

__all__ = ["hours", "opened"]


def test_letters_that_were_taken_in_are_not_taken_twice(opened: Network, hours: Hours) -> None:
    """If the machine stops before the inbox is cleared, the letter still becomes one request."""
    send(hours)
    hand = opened.hand(Role.OPERATOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "on_commit", lambda *_told, **_named: None)
        for _ in range(2):
            with world.within(hand.store):
                intake.take_in(hand)
    with world.within(hand.store):
        assert Request.objects.count() == 1
        row = Request.objects.get()
        assert hand.read(row.id, row.id, Kind.FILE).said["happened"] == CANARY
        assert Letter.objects.count() == 0
        assert row.since.hour == 0


def test_a_place_that_was_given_again_is_not_cleared(opened: Network) -> None:
    """Two who take in at once: the slower one does not clear a letter that was laid in the same place meanwhile."""
    places = inbox.letters()
    places.put(b"a" * inbox.LETTER_BYTES, inbox.today())
    read = places.bodies()
    places.clear(read)
    while read[0][0] not in [place for place, _body in places.bodies()]:
        places.put(b"b" * inbox.LETTER_BYTES, inbox.today())
    lie = places.used()
    places.clear(read)
    assert places.used() == lie
    assert opened.folder.exists()


def test_what_nobody_took_in_goes_after_a_month(opened: Network) -> None:
    """A letter older than thirty days is overwritten at the next look; a younger one stays."""
    for days in (31, 29):
        inbox.letters().put(bytes(inbox.LETTER_BYTES), inbox.today() - timedelta(days=days))
    hand = opened.hand(Role.OPERATOR)
    with world.within(hand.store):
        intake.take_in(hand)
    assert inbox.letters().used() == 1


def test_the_key_is_renewed_and_nothing_is_lost_by_it(opened: Network, hours: Hours, time_passes: Any) -> None:
    """After some days letters are sealed to another key; one that was sealed to the key before is still read."""
    send(hours)
    old = inbox.published()
    time_passes.go(days=4)
    hand = opened.hand(Role.OPERATOR)
    with world.within(hand.store):
        assert intake.take_in(hand) == 1
    assert inbox.published() != old
    mailbox = receipts.mailbox_of(receipts.new_seed())
    inbox.leave(inbox.Letter({"happened": "late"}, mailbox.name, mailbox.public.hex()), public=old)
    send(hours)
    with world.within(hand.store):
        assert intake.take_in(hand) == 2


def test_a_full_inbox_says_so_and_keeps_the_words(opened: Network, hours: Hours) -> None:
    """When no place is left the words come back with a clear sentence; nothing that lies there is overwritten."""
    for _ in range(inbox.letters().share):
        inbox.letters().put(bytes(inbox.LETTER_BYTES), inbox.today(), gate.WAIT)
    browser = somebody()
    ticket = gate.ticket().signed()
    hours.go(60)
    answer = browser.post("/ask/sent", {"ticket": ticket, "happened": CANARY})
    assert answer.status_code == 503
    assert CANARY in answer.content.decode()
    assert inbox.letters().used(gate.WORK) == 0
    assert opened.folder.exists()


@pytest.mark.usefixtures("opened")
def test_a_full_disk_gives_the_words_back(hours: Hours, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written the words come back too, nothing is said of the disk, and the ticket stays good."""
    browser, ticket = somebody(), gate.ticket().signed()
    hours.go(60)
    sent = {"ticket": ticket, "happened": CANARY}
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "leave", _full)
        answer = browser.post("/ask/sent", sent)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert CANARY in page
    assert "disk" not in page
    assert browser.post("/ask/sent", sent).status_code == 200


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "no room")
