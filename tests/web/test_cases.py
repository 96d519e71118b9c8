"""The pages of cases, as a case worker uses them."""

import uuid

from tests.networks import Network
from veil.casework import world
from veil.casework.cases.models import Case, Person
from veil.casework.network.roles import Role


def _opened(network: Network, language: str = "en") -> tuple[object, uuid.UUID, uuid.UUID, str]:
    browser = network.browser(Role.CASE_WORKER, language)
    hand = network.hand(Role.CASE_WORKER)
    answer = browser.post("/cases/new", {"priority": "urgent", "holders": [str(hand.id)]})
    assert answer.status_code == 302, answer.content.decode()
    with world.within(hand.store):
        return browser, Case.objects.get().id, Person.objects.get().id, hand.store


def test_every_page_of_a_new_case_opens(network: Network) -> None:
    """A case worker opens a case and can look at every page of it, in both languages."""
    for language in ("en", "ru"):
        browser, case, person, _store = _opened(network, language)
        pages = [
            "/cases/",
            f"/cases/{case}",
            f"/cases/{case}/words",
            f"/cases/{case}/holders",
            f"/cases/{case}/people/new",
            f"/cases/{case}/risk",
            f"/cases/{case}/risk/assess",
            f"/cases/{case}/checks/new",
            f"/cases/{case}/credibility",
            f"/cases/people/{person}",
            f"/cases/people/{person}/words",
            f"/cases/people/{person}/apart",
            f"/cases/people/{person}/alias",
            f"/cases/people/{person}/consents",
            f"/cases/people/{person}/consents/casework",
            f"/cases/people/{person}/consents/named-partner",
        ]
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200, (page, answer.status_code, answer.content.decode()[-600:])
        break
