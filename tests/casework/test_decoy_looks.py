"""The invented caseload before somebody who holds its keys, reads its tables and has this program's source."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.networks import Network, Time, passphrase_of
from tests.web.test_alike import SECOND
from veil.casework import chosen, clock, world
from veil.casework.cases import journey
from veil.casework.cases.models import Case, Consent, Risk
from veil.casework.hand import Hand
from veil.casework.network import coercion, opening
from veil.casework.network.coercion import Second
from veil.casework.network.models import AuditEvent, Opened
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import inbox, intake
from veil.casework.requests.models import Request

SENTENCES = ("Her brother has her passport.", "Sleeps in the garage of a friend.", "Cannot speak before ten.")


def lived_in(network: Network, time_passes: Time, role: Role, days: int) -> Hand:
    """Set a worker's second passphrase with sentences of their own, let days pass, and unlock with it."""
    hand = network.hand(role)
    with world.within(hand.store):
        second = Second(SECOND, role, SENTENCES)
        coercion.set_second(hand, passphrase_of(hand.call_sign), second)
    for _day in range(days):
        time_passes.go(days=1)
        chief = network.hand(Role.COORDINATOR)
        with world.within(chief.store):
            coercion.keep_alive(chief)
    return opening.unlock(hand.call_sign, SECOND)


def test_three_weeks_look_like_three_weeks(network: Network, time_passes: Time) -> None:
    """Calls are answered, cases go on, people moved, pages were looked at; by day, and not all in one instant."""
    forced = lived_in(network, time_passes, Role.COORDINATOR, 21)
    with world.within(forced.store):
        now = clock.now()
        events = list(AuditEvent.objects.order_by("id").values_list("at", "who", "act"))
        acts = Counter(act for _at, _who, act in events)
        assert {"move: arrived", "consent asked", "alias chosen", "risk assessed", "call noted"} <= set(acts)
        assert sum(acts[f"request {end}"] for end in ("accepted", "referred", "declined")) > 5
        assert not Request.objects.filter(danger=True, state="new", since__lt=now - timedelta(days=1)).exists()
        assert not Request.objects.filter(state="new", since__lt=now - timedelta(days=8)).exists()
        states = Counter(Case.objects.values_list("state", flat=True))
        assert len(states) > 1
        assert sum(states[one] for one in journey.BEFORE_ACCEPTED) < Case.objects.count()
        assert Consent.objects.exists()
        assert Risk.objects.exists()
        assert Opened.objects.exclude(worker_id=forced.id).exists()
        week = [(at, who) for at, who, _act in events if at < now - timedelta(hours=1)]
        twice = sum(one[0] == two[0] for one, two in pairwise(week))
        assert twice < len(week) / 5
        begun = min(at for at, _who in week) + timedelta(days=1)
        assert sum(at.hour < 6 for at, _who in week if at > begun) < len(week) / 6


def test_nobody_there_does_anything_without_having_unlocked(network: Network, time_passes: Time) -> None:
    """Before each thing that an invented colleague did they came in, no longer before than a session lasts."""
    forced = lived_in(network, time_passes, Role.OPERATOR, 8)
    with world.within(forced.store):
        came: dict[object, datetime] = {}
        founded = AuditEvent.objects.filter(act="worker joined").order_by("id").values_list("at", flat=True)
        first = list(founded)[-1]
        for at, who, act in AuditEvent.objects.order_by("id").values_list("at", "who", "act"):
            if act == "unlocked":
                came[who] = at
            elif at > first and act not in {"purged", "move destroyed", "key withdrawn"}:
                assert who in came, act
                assert at - came[who] < timedelta(hours=12), act


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CASE_WORKER])
def test_what_the_people_told_can_be_ones_own_words(network: Network, time_passes: Time, role: Role) -> None:
    """Sentences that a worker invented stand in what they can open there; they are kept nowhere in their own world."""
    forced = lived_in(network, time_passes, role, 0)
    with world.within(forced.store):
        owners = list(forced.held(Kind.FILE))
        told = " ".join(str(one.said) for one in forced.read_all(owners, Kind.FILE).values())
        assert all(sentence in told for sentence in SENTENCES)
    hand = network.hand(role)
    with world.within(hand.store):
        told = " ".join(str(one.said) for one in hand.read_all(list(hand.held(Kind.FILE)), Kind.FILE).values())
        assert not any(sentence in told for sentence in SENTENCES)


def test_what_the_network_chose_for_itself_is_chosen_there_too(network: Network, time_passes: Time) -> None:
    """After how long the page locks, whose hours are kept: whoever saw it before sees no other under force."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        chosen.choose(chief, chosen.numbers() | {"idle_minutes": 4, "days-case": 100}, "Asia/Tbilisi")
        told = chosen.numbers()
    forced = lived_in(network, time_passes, Role.OPERATOR, 1)
    with world.within(forced.store):
        assert chosen.numbers() == told
        assert chosen.settings()["zone"] == "Asia/Tbilisi"
        assert {"slots", "places", "pings"} <= set(chosen.settings())


def test_a_form_that_is_open_is_open_there_too(network: Network, time_passes: Time) -> None:
    """The invented hotline has a key of the public form, of its own, and the real one goes on being published."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        public = intake.open_form(chief)
    forced = lived_in(network, time_passes, Role.OPERATOR, 2)
    with world.within(forced.store):
        assert forced.holds(intake.DESK, Kind.FILE)
        assert intake.take_in(forced) == 0
        assert AuditEvent.objects.filter(act="public form opened").count() == 1
    assert inbox.published() == public
