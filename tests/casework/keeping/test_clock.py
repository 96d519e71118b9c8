"""A machine's clock that leaps: nothing is destroyed, and one word of a coordinator sets it right."""

import uuid
from datetime import timedelta

import pytest

from tests.casework.keeping.test_purge import mentions, planted
from tests.networks import Network, Time
from veil.casework import clock, policy, world
from veil.casework.keeping.models import Clock
from veil.casework.network import coercion, desks
from veil.casework.network.models import World
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import inbox, intake, receipts


def _opened(network: Network, root: uuid.UUID) -> bool:
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        return bool(hand.read(root, root, Kind.FILE).said)


def test_a_leap_of_years_destroys_nothing_however_long_it_lasts(network: Network, time_passes: Time) -> None:
    """Ten years ahead for a week: cases, letters and plans stay; set right again, time goes on from where it was."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
        intake.open_form(hand)
        before = clock.now()
    box = receipts.mailbox_of(receipts.new_seed())
    inbox.leave(inbox.Letter({"happened": "x"}, box.name, box.public.hex()))
    time_passes.leap(days=3650)
    for _day in range(4):
        assert _opened(network, root)
        time_passes.leap(days=2)
    assert inbox.letters().used() == 1
    with world.within(hand.store):
        assert clock.now() - before < timedelta(hours=1)
        assert clock.in_doubt()
        assert Clock.objects.get(what=root).warned is None
    time_passes.leap(days=-3658)
    assert _opened(network, root)
    with world.within(hand.store):
        assert not clock.in_doubt()


def test_every_page_says_so_and_a_coordinator_sets_it_right(network: Network, time_passes: Time) -> None:
    """A laptop that rested for a year: a strip says what stands still; after two clicks what is due is announced."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        root = planted(hand)
    time_passes.leap(days=400)
    worker, browser = network.browser(Role.CASE_WORKER), network.browser(Role.COORDINATOR)
    assert "ahead of the last time" in worker.get("/").content.decode()
    assert "/keeping/time" not in worker.get("/").content.decode()
    assert worker.post("/keeping/time").status_code == 403
    assert "/keeping/time" in browser.get("/").content.decode()
    assert "calendar" in browser.get("/keeping/time").content.decode()
    assert browser.post("/keeping/time").status_code == 302
    assert "ahead of the last time" not in browser.get("/").content.decode()
    assert _opened(network, root)
    time_passes.leap(days=1, minutes=1)
    network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert list(mentions({root})) == []


def test_a_wrong_word_is_taken_back(network: Network, time_passes: Time) -> None:
    """Whoever said that 2036 is right, and sees that it is not, sets both worlds back, and only a coordinator can."""
    hand = network.hand(Role.COORDINATOR)
    time_passes.leap(days=3650)
    with world.within(hand.store):
        coercion.set_right(hand)
    time_passes.leap(days=-3650)
    with world.within(hand.store):
        assert clock.set_back() is not None
        with pytest.raises(policy.NotAllowed):
            coercion.set_right(network.hand(Role.OPERATOR))
        coercion.set_right(hand)
        assert clock.set_back() is None
        assert World.objects.get().latest - clock.told() < timedelta(minutes=1)
        other = desks.other_of(hand)
    assert other is not None
    with coercion._open(other):
        assert clock.set_back() is None, "the other world would tell that something was set right elsewhere"


def test_a_rest_of_a_week_is_no_leap(network: Network, time_passes: Time) -> None:
    """Over a holiday time simply passes."""
    network.hand(Role.COORDINATOR)
    time_passes.leap(days=9)
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert not clock.in_doubt()
        assert abs(clock.now() - clock.told()) < timedelta(minutes=1)
