"""Pages of the network: workers, what accounts yield, revoking, the audit."""

import re
import uuid

import pytest

from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework import world
from veil.casework.network import opening, workers
from veil.casework.network.models import Sealed, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.vault.slots import WrongPassphrase


def _id(network: Network, role: Role) -> uuid.UUID:
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        return uuid.UUID(str(network.worker(role).id))


def test_a_newcomer_gets_in_with_the_passphrase_that_is_shown_once(network: Network) -> None:
    """A coordinator lets somebody in; the page shows the passphrase, it opens the vault, and it opens no key."""
    chief = network.browser(Role.COORDINATOR)
    told = chief.post("/network/", {"call_sign": "Dunlin", "role": "case worker"}).content.decode()
    first = re.search(r"<strong>([a-z ]+)</strong>", told)
    assert first is not None
    hand = opening.unlock("dunlin", first.group(1))
    with world.within(hand.store):
        assert not Wrap.objects.filter(holder_id=hand.id).exists()
    assert first.group(1) not in chief.get("/network/").content.decode()


def test_two_of_one_call_sign_are_refused_beside_the_field(network: Network) -> None:
    """A call sign that is taken, in other capitals, is refused with a sentence, and nobody joins."""
    answer = network.browser(Role.COORDINATOR).post("/network/", {"call_sign": "hERON ", "role": "lawyer"})
    assert answer.status_code == 400
    assert "taken" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_revoking_ends_the_open_session_and_the_passphrase(network: Network, language: str) -> None:
    """One click: the worker's next request leads to the lock, their passphrase opens nothing, no key is left."""
    them = network.browser(Role.CASE_WORKER)
    chief = network.browser(Role.COORDINATOR, language)
    what = _id(network, Role.CASE_WORKER)
    assert chief.post(f"/network/{what}/revoke").status_code == 200
    assert them.get("/").status_code == 403
    assert them.get("/").headers["Location"].startswith("/unlock")
    sign = CALL_SIGNS[Role.CASE_WORKER]
    with pytest.raises(WrongPassphrase):
        opening.unlock(sign, passphrase_of(sign))


def test_what_only_they_could_read_is_deleted_after_a_second_yes_only(network: Network) -> None:
    """Revoking the only holder of a key is refused once, changing nothing; confirmed, the sealed words are gone."""
    chief, root = network.browser(Role.COORDINATOR), uuid.uuid4()
    them = network.hand(Role.CASE_WORKER)
    with world.within(them.store):
        them.make(root, root, Kind.FILE, [network.worker(Role.CASE_WORKER)])
        them.write(root, root, Kind.FILE, {"alias": "Lena"})
    address = f"/network/{them.id}/revoke"
    assert chief.post(address).status_code == 409
    with world.within(them.store):
        assert Sealed.objects.filter(record=root).exists()
        assert Worker.objects.get(id=them.id).ended is None
    assert chief.post(address, {"even_if_lost": "yes"}).status_code == 200
    chief_hand = network.hand(Role.COORDINATOR)
    with world.within(chief_hand.store):
        assert not Sealed.objects.filter(record=root).exists()


def test_work_is_handed_over_in_one_page(network: Network) -> None:
    """Whoever leaves gives all their keys to another, who can read then; the one who left cannot."""
    them, root = network.hand(Role.CASE_WORKER), uuid.uuid4()
    with world.within(them.store):
        them.make(root, root, Kind.FILE, [network.worker(Role.CASE_WORKER)])
        them.write(root, root, Kind.FILE, {"alias": "Lena"})
    browser = network.browser(Role.CASE_WORKER)
    told = {"taker": "heron", "why": "leaves"}
    assert browser.post(f"/network/{them.id}/hand-over", told).status_code == 200
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        assert chief.read(root, root, Kind.FILE).said == {"alias": "Lena"}
        assert not them.holds(root, Kind.FILE)


def test_a_third_coordinator_needs_a_second_yes(network: Network) -> None:
    """With two coordinators, a third can let nobody in until the one who did not propose them has agreed."""
    one = network.hand(Role.COORDINATOR)
    with world.within(one.store):
        _second, words = workers.add(one, "Stork", Role.COORDINATOR)
    two = opening.unlock("Stork", words)
    with world.within(one.store):
        third, words = workers.add(one, "Crane", Role.COORDINATOR)
        with pytest.raises(Exception, match="proposed"):
            workers.confirm(one, third.id)
    three = opening.unlock("Crane", words)
    with world.within(one.store):
        with pytest.raises(Exception, match="second coordinator"):
            workers.add(three, "Gull", Role.OPERATOR)
        workers.confirm(two, third.id)
        workers.add(three, "Gull", Role.OPERATOR)


def test_nobody_sees_another_workers_page_but_coordinators(network: Network) -> None:
    """Every worker sees their own page; another's is refused."""
    for role in Role:
        browser = network.browser(role)
        assert browser.get(f"/network/{_id(network, role)}").status_code == 200
        other = Role.OPERATOR if role != Role.OPERATOR else Role.LAWYER
        expected = 200 if role == Role.COORDINATOR else 403
        assert browser.get(f"/network/{_id(network, other)}").status_code == expected


def test_the_audit_page_names_nobody(network: Network) -> None:
    """The auditor sees counts of acts by day, and no call sign or id, on the page or in the saved table."""
    network.browser(Role.OPERATOR)
    browser = network.browser(Role.AUDITOR)
    for address in ("/network/audit", "/network/audit?form=csv"):
        told = browser.get(address).content.decode()
        told = told[told.find("<main") if "<main" in told else 0 :].split("</main>")[0]
        assert "nlocked" in told
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", told)
        assert not any(sign in told for sign in CALL_SIGNS.values())
