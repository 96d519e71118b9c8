"""The pages of incidents."""

import uuid
from typing import Any

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.moving import case_of, expect
from tests.networks import Network
from veil.casework import world
from veil.casework.moves import incidents
from veil.casework.moves.models import Incident, Move
from veil.casework.network.roles import Role
from veil.web.pages.incidents import on_the_case


def page(answer: Any) -> str:
    """Return what an answer shows."""
    return str(answer.content.decode())


@pytest.mark.parametrize(("language", "first"), [("en", "Do not open."), ("ru", "Не открывайте.")])
def test_two_men_at_the_door(network: Network, language: str, first: str) -> None:
    """One press on the case's panel opens the playbook, in the reader's language; each step acts and is ticked off."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
        expect(chief, case, hours=1)
        request = HttpRequest()
        request.hand = network.hand(Role.CASE_WORKER)
        panel = on_the_case(request, case)
        assert panel is not None
        shown = render_to_string(panel.template, panel.told)
        assert f"/moves/incidents/of/{case}" in shown
        assert f"/moves/of/{case}" in shown
        request.hand = network.hand(Role.PRESS)
        assert on_the_case(request, case) is None
    browser = network.browser(Role.CASE_WORKER, language)
    made = browser.post(f"/moves/incidents/of/{case}", {"kind": "door"}).headers["Location"]
    assert first in page(browser.get(made))
    assert browser.post(made, {"deed": "tonight"}).status_code == 302
    assert browser.post(made, {"deed": "risk"}).status_code == 302
    assert browser.post(made, {"step": "still"}).status_code == 302
    assert browser.post(made, {"step": str(chief.id)}).status_code == 302
    shown = page(browser.get(made))
    assert "Plover" in shown
    with world.within(chief.store):
        assert str(Move.objects.get().id) in shown
    assert browser.post(f"{made}/facts", {"happened": "a grey car", "version": "movement:0"}).status_code == 302
    assert "a grey car" in page(network.browser(Role.COORDINATOR).get(made))
    assert browser.post(f"{made}/close", {"learnt": "ring first"}).headers["Location"] == "/moves/incidents"
    assert browser.post(made, {"step": "still"}).status_code == 400


def test_an_incident_is_not_for_everybody(network: Network) -> None:
    """Roles that have nothing to do with it are refused; whoever holds no key of the case cannot raise one about it."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = incidents.raise_incident(chief, "door", case_of(network, chief))
    for role in set(Role) - {Role.COORDINATOR, Role.CASE_WORKER}:
        browser = network.browser(role)
        for address in (f"/moves/incidents/{one.id}", f"/moves/incidents/{one.id}/facts"):
            assert browser.get(address).status_code == 403, role
            assert browser.post(address, {"step": "still"}).status_code == 403, role
        assert browser.post(f"/moves/incidents/of/{one.root}", {"kind": "door"}).status_code == 403, role
        assert str(one.id) not in page(browser.get("/moves/incidents"))
    with world.within(chief.store):
        assert Incident.objects.count() == 1


def test_no_form_of_an_incident_breaks(network: Network) -> None:
    """Whatever is sent to the forms of incidents, the answer is a page that says what to do."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = incidents.raise_incident(chief, "medical", case_of(network, chief))
    browser = network.browser(Role.CASE_WORKER)
    pages = [f"/moves/incidents/{one.id}{tail}" for tail in ("", "/facts", "/close")]
    pages += [f"/moves/incidents/of/{one.root}", f"/moves/incidents/of/{uuid.uuid4()}", "/moves/incidents/raise"]
    values = st.text(max_size=40) | st.sampled_from(["door", "tonight", "risk", "call", "house"])
    fields = st.dictionaries(st.sampled_from(["kind", "deed", "step", "happened", "learnt", "version"]), values)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(pages), fields)
    def sends(address: str, sent: dict[str, str]) -> None:
        assert browser.post(address, sent).status_code in {200, 302, 400, 403, 409}
        assert browser.get(address).status_code in {200, 403}

    sends()
