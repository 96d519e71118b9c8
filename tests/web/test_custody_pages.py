"""An envelope from its writing to its reading, through the pages."""

import re

from tests.networks import Network
from veil.casework import world
from veil.casework.cases.models import Person
from veil.casework.cases.opening import open_case
from veil.casework.network.roles import Role


def test_an_identity_is_sealed_asked_for_agreed_to_and_read(network: Network) -> None:
    """Three custodians are named, a case worker seals, asks, two agree, the case worker reads and closes."""
    chief = network.browser(Role.COORDINATOR)
    for sign in ("rook", "Owl", "Siskin"):
        assert chief.post("/custody/", {"coming": sign}).status_code == 302
    hand = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        case = open_case(hand, None, [network.worker(Role.CASE_WORKER)])
        address = f"/custody/{Person.objects.get(case=case).id}"
    worker = network.browser(Role.CASE_WORKER)
    assert worker.get(address).status_code == 200
    assert worker.post(address, {"legal_name": "Invented Person"}).status_code == 302
    assert "Invented Person" not in worker.get(address).content.decode()
    assert worker.post(address, {"motive": "a ticket", "hours": "2"}).status_code == 302
    for role in (Role.LAWYER, Role.AUDITOR):
        custodian = network.browser(role, "ru")
        found = re.search(r"/custody/asking/[0-9a-f-]+", custodian.get("/custody/").content.decode())
        assert found is not None
        assert "a ticket" in custodian.get(found.group()).content.decode()
        assert custodian.post(found.group(), {"answer": "agree"}).status_code == 302
    assert worker.post(address, {"do": "open"}).status_code == 302
    assert "Invented Person" in worker.get(address).content.decode()
    assert chief.get(address).status_code == 403
    assert worker.post(address, {"do": "close"}).status_code == 302
    assert "Invented Person" not in worker.get(address).content.decode()
