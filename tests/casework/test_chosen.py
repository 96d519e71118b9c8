"""What a network chose for itself: its hours in the nights the clock is changed, and numbers within their bounds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.networks import Network
from veil.casework import chosen, clock, today, world, zone
from veil.casework.hand import Hand
from veil.casework.moves import ladder
from veil.casework.network import opening, workers
from veil.casework.network.models import AuditEvent, World
from veil.casework.network.roles import Role
from veil.casework.policy import NotAllowed
from veil.web.forms import Moment


@pytest.fixture
def chief(network: Network) -> Iterator[Hand]:
    """Work as the coordinator."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        yield hand


def choose(hand: Hand, place: str = "UTC", /, **told: int) -> bool:
    """Change some of the numbers, and the place."""
    return chosen.choose(hand, chosen.numbers() | told, place)


def test_each_world_lives_by_its_own_hours(network: Network) -> None:
    """The hours that were chosen hold in every later work in that world, and not in the other one."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        choose(hand, "Asia/Yekaterinburg")
    with world.within(hand.store):
        assert timezone.get_current_timezone_name() == "Asia/Yekaterinburg"
    assert timezone.get_current_timezone_name() == zone.here()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-28T02:30", "2026-03-28T01:30"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # skipped that night: the clock shows half past three then
        ("2026-03-29T09:00", "2026-03-29T07:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # comes twice: the earlier, so that nobody is missed too late
        ("2026-10-25T09:00", "2026-10-25T08:00"),
    ],
)
def test_an_hour_is_meant_by_the_clock_on_the_wall(typed: str, meant: str) -> None:
    """A typed time is that of the wall, in every night of the year; no hour is refused."""
    with timezone.override("Europe/Berlin"):
        assert Moment().clean(typed) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_the_first_moment_of_all_times_is_refused_and_breaks_nothing() -> None:
    """A moment that no clock can tell is a mistake in a field."""
    with timezone.override("Asia/Vladivostok"), pytest.raises(Exception, match="valid date"):
        Moment().clean("0001-01-01T00:00")


def test_a_check_in_at_nine_stays_at_nine_when_the_clock_is_changed(chief: Hand) -> None:
    """Every day at nine means nine by the network's own clock, before that night and after it."""
    choose(chief, "Europe/Berlin")
    with timezone.override(zone.of_this_world()):
        place = timezone.get_current_timezone()
    first = datetime(2026, 10, 23, 9, tzinfo=place).astimezone(UTC)
    due = [ladder.following(first, 1440, first.replace(day=day), place) for day in (23, 24, 25, 26)]
    assert [timezone.localtime(one, place).hour for one in due] == [9, 9, 9, 9]


def test_numbers_are_kept_within_their_bounds(chief: Hand) -> None:
    """Nobody can switch a brake off, or keep things for ever, by an outrageous number; the audit notes each change."""
    assert not choose(chief)
    assert choose(chief, **{one.key: 10**6 for one in chosen.NUMBERS})
    assert chosen.numbers() == {one.key: one.most for one in chosen.NUMBERS}
    assert choose(chief, **{one.key: -1 for one in chosen.NUMBERS})
    assert chosen.numbers() == {one.key: one.least for one in chosen.NUMBERS}
    assert AuditEvent.objects.filter(act="settings changed").count() == 2
    assert {"slots", "places", "pings"} <= set(World.objects.get().settings)


def test_what_is_usual_is_what_the_code_does_without_a_choice(chief: Hand) -> None:
    """Saving the page as it came changes nothing of what happens."""
    assert all(one.least <= one.usual <= one.most for one in chosen.NUMBERS)
    choose(chief)
    assert chosen.numbers() == {one.key: one.usual for one in chosen.NUMBERS}


def test_another_coordinator_sees_that_the_settings_were_changed(chief: Hand) -> None:
    """Whoever takes over begins with the brakes: the others' boards say who changed them."""
    _worker, words = workers.add(chief, "Stork", Role.COORDINATOR)
    choose(chief, **{"open-hour": 500})
    other = opening.unlock("Stork", words)
    said = [str(one.kind) for one in today.today(other, clock.now())]
    assert any("changed the settings" in one for one in said)
    assert not any("changed the settings" in str(one.kind) for one in today.today(chief, clock.now()))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_nobody_else_chooses(network: Network, role: Role) -> None:
    """Other roles are refused."""
    hand = network.hand(role)
    with world.within(hand.store), pytest.raises(NotAllowed):
        choose(hand)
