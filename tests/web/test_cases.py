"""The pages of cases, as those who work there use them, and as somebody who wants to break them would."""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network
from veil.casework import clock, world
from veil.casework.cases import consents
from veil.casework.cases.entrusting import entrust
from veil.casework.cases.models import Case, Check, Consent, Person
from veil.casework.cases.opening import add_person, open_case
from veil.casework.fields import FIELDS
from veil.casework.hand import Hand
from veil.casework.houses.stays import place
from veil.casework.moves import checkins, plans
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind, Role

_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_APART = "the sister knows nothing of the first marriage"


@dataclass(frozen=True)
class Opened:
    """A case with a family, and the case worker who holds it."""

    hand: Hand
    case: uuid.UUID
    principal: Person
    partner: Person
    child: Person

    @property
    def people(self) -> tuple[Person, ...]:
        """Return everyone."""
        return (self.principal, self.partner, self.child)


@pytest.fixture
def opened(network: Network) -> Opened:
    """Open a case for three people, one of whom has a secret."""
    hand = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        mine = [network.worker(Role.CASE_WORKER)]
        case = open_case(hand, None, mine, carried={"alias": "Tulip", "told": "a grey car"})
        principal = Person.objects.get(case=case)
        partner, child = add_person(hand, case, "partner", mine), add_person(hand, case, "child", mine)
        hand.write(partner.apart, partner.apart, Kind.FILE, {"secret": _APART})
        consents.answered(hand, principal, consents.Answer(consents.CASEWORK, True, None, {"giver": "themselves"}))
    return Opened(hand, case.id, principal, partner, child)


def _pages(of: Opened) -> list[str]:
    """Return the address of every page of a case that can be looked at."""
    own = ["words", "holders", "people/new", "risk", "risk/assess", "checks/new", "credibility"]
    about = ["words", "alias", "consents", "consents/casework", "consents/named-partner", "consents/medical"]
    told = ["/cases/", "/cases/new", f"/cases/{of.case}", *(f"/cases/{of.case}/{page}" for page in own)]
    for person in of.people:
        told += [f"/cases/people/{person.id}", *(f"/cases/people/{person.id}/{page}" for page in about)]
    return told


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_and_shows_no_secret(network: Network, opened: Opened, language: str) -> None:
    """A case worker sees every page in their language; what is kept from the others is on its own page only."""
    browser = network.browser(Role.CASE_WORKER, language)
    for page in _pages(opened):
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert _APART not in answer.content.decode(), page
        assert f'lang="{language}"' in answer.content.decode()
    assert _APART in browser.get(f"/cases/people/{opened.partner.id}/apart").content.decode()


def test_a_worker_with_one_member_s_key_sees_one_member(network: Network, opened: Opened) -> None:
    """Their page opens without the case, its list, the others or the secret; nothing of those is hinted at."""
    with world.within(opened.hand.store):
        opened.hand.share(opened.child.id, Kind.FILE, network.worker(Role.COORDINATOR))
        opened.hand.write(opened.child.id, opened.child.id, Kind.FILE, {"alias": "Acorn"})
    browser = network.browser(Role.COORDINATOR)
    seen = browser.get(f"/cases/people/{opened.child.id}")
    assert "Acorn" in seen.content.decode()
    assert "Tulip" not in seen.content.decode()
    for page in _pages(opened)[2:]:
        if str(opened.child.id) not in page:
            assert browser.get(page).status_code == 403, page
    for page in (f"/cases/people/{opened.child.id}/apart", f"/cases/people/{opened.partner.id}/apart"):
        assert browser.get(page).status_code == 403
    assert "Tulip" not in browser.get("/cases/").content.decode()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CASE_WORKER}))
def test_nobody_without_a_key_gets_in(network: Network, opened: Opened, role: Role) -> None:
    """No role opens or changes anything of a case that it does not hold, and a wrong id looks the same as another's."""
    browser = network.browser(role)
    nowhere = Opened(opened.hand, uuid.uuid4(), opened.principal, opened.partner, opened.child)
    for page in [*_pages(opened)[2:], f"/cases/{opened.case}/close", f"/cases/{opened.case}/step"]:
        for answer in (browser.get(page), browser.post(page, {"to": "screening", "alias": "Oak", "answer": "yes"})):
            assert answer.status_code == 403, page
            assert "Tulip" not in answer.content.decode()
    one, other = (browser.get(f"/cases/{case}").content for case in (opened.case, nowhere.case))
    assert _without_tokens(one) == _without_tokens(other).replace(str(nowhere.case), str(opened.case))


def _without_tokens(content: bytes) -> str:
    return re.sub(r'value="[^"]{64}"', "", content.decode())


def test_two_who_write_at_once_lose_nothing(network: Network, opened: Opened) -> None:
    """The second one sees the first one's words beside their own; sent once more, theirs stand."""
    page = f"/cases/{opened.case}/words"
    one, other = network.browser(Role.CASE_WORKER), network.browser(Role.CASE_WORKER)
    version = re.search(r'name="version" value="([^"]*)"', one.get(page).content.decode())
    assert version is not None
    assert one.post(page, {"version": version[1], "phrase": "the kettle is blue"}).status_code == 302
    refused = other.post(page, {"version": version[1], "phrase": "the kettle is red"})
    assert refused.status_code == 409
    told = refused.content.decode()
    assert "the kettle is blue" in told
    assert 'value="the kettle is red"' in told
    with world.within(opened.hand.store):
        said = opened.hand.read(opened.case, opened.case, Kind.FILE).said
    assert said["phrase"] == "the kettle is blue"
    assert said["alias"] == "Tulip", "what is not on the form stays"
    again = re.search(r'name="version" value="([^"]*)"', told)
    assert again is not None
    assert other.post(page, {"version": again[1], "phrase": "the kettle is red"}).status_code == 302


def test_a_consent_taken_back_while_its_page_is_open(network: Network, opened: Opened) -> None:
    """The clinician who had the notes open is told so, in both languages; nothing is saved, nothing shown."""
    with world.within(opened.hand.store):
        yes = consents.Answer(consents.MEDICAL, True, None, {"giver": "themselves"})
        consent = consents.answered(opened.hand, opened.principal, yes)
        entrust(opened.hand, opened.principal, Kind.HEALTH, network.worker(Role.CLINICIAN), {"alias": "Tulip"})
    page = f"/cases/care/{opened.principal.id}"
    for_english, for_russian = network.browser(Role.CLINICIAN), network.browser(Role.CLINICIAN, "ru")
    assert "Tulip" in for_english.get(page).content.decode()
    assert for_english.post(page, {"version": "health:1", "notes": "sleeps badly"}).status_code == 302
    network.browser(Role.CASE_WORKER).post(f"/cases/consents/{consent.id}/withdraw")
    for browser, words in ((for_english, "the consent was withdrawn"), (for_russian, "согласие отозвали")):
        for answer in (browser.get(page), browser.post(page, {"version": "health:2", "notes": "sleeps better"})):
            assert answer.status_code in {400, 403}
            assert words in answer.content.decode().lower()
            assert "Tulip" not in answer.content.decode()
            assert "sleeps badly" not in answer.content.decode()
        assert "sleeps better" in answer.content.decode(), "what was being written is given back"
    assert "Tulip" not in for_english.get("/cases/care").content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_old_yes_does_not_undo_what_was_taken_back(network: Network, opened: Opened, language: str) -> None:
    """The page to ask stood open while a colleague wrote down that they took it back: the yes is not kept unseen."""
    page = f"/cases/people/{opened.principal.id}/consents/medical"
    with world.within(opened.hand.store):
        yes = consents.Answer(consents.MEDICAL, True, None, {"giver": "themselves"})
        consent = consents.answered(opened.hand, opened.principal, yes)
    worker = network.browser(Role.CASE_WORKER, language)
    before = _sent(worker.get(page))
    network.browser(Role.CASE_WORKER).post(f"/cases/consents/{consent.id}/withdraw")
    answer = worker.post(page, before | {"answer": "yes", "giver": "themselves"})
    assert answer.status_code == 409
    said = {"en": "another answer while this page was open: withdrawn", "ru": "открыта, кто-то записал другой ответ"}
    assert said[language] in answer.content.decode()
    with world.within(opened.hand.store):
        assert consents.state_of(opened.principal.id, consents.MEDICAL) == "withdrawn"
    assert worker.post(page, before | {"answer": "no", "giver": "themselves"}).status_code == 302, "a no never waits"
    again = _sent(worker.get(page))
    assert worker.post(page, again | {"answer": "yes", "giver": "themselves"}).status_code == 302
    with world.within(opened.hand.store):
        assert consents.state_of(opened.principal.id, consents.MEDICAL) == "given"


def _sent(page: Any) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(stands)" value="([^"]*)"', page.content.decode()))


def test_a_testimony_goes_to_the_press_by_consent_only(network: Network, opened: Opened) -> None:
    """A lawyer gives a press officer the key when the person agreed to publication, who reads and cannot write."""
    lawyer, press = network.browser(Role.LAWYER), network.browser(Role.PRESS)
    page = f"/cases/testimony/{opened.principal.id}"
    with world.within(opened.hand.store):
        for purpose in (consents.LEGAL, consents.PUBLICATION):
            if purpose == consents.PUBLICATION:
                assert lawyer.post(page + "/share", {"worker": "Jay"}).status_code == 400
            yes = consents.Answer(purpose, True, None, {"giver": "themselves"})
            consents.answered(opened.hand, opened.principal, yes)
            if purpose == consents.LEGAL:
                entrust(opened.hand, opened.principal, Kind.TESTIMONY, network.worker(Role.LAWYER), {"alias": "Tulip"})
    assert lawyer.post(page, {"version": "testimony:1", "notes": "four of them"}).status_code == 302
    assert press.get(page).status_code == 403
    assert lawyer.post(page + "/share", {"worker": "Jay"}).status_code == 302
    assert "four of them" in press.get(page).content.decode()
    assert press.post(page, {"notes": "none"}).status_code == 403
    assert "Tulip" in press.get("/cases/testimony").content.decode()


def test_after_casework_is_taken_back_nothing_is_written(network: Network, opened: Opened) -> None:
    """A form that was open when the person said stop saves nothing; the pages still say what happened."""
    browser = network.browser(Role.CASE_WORKER)
    with world.within(opened.hand.store):
        consent = Consent.objects.get(purpose=consents.CASEWORK)
    assert browser.get(f"/cases/consents/{consent.id}/withdraw").status_code == 200
    browser.post(f"/cases/consents/{consent.id}/withdraw")
    for page, sent in (
        (f"/cases/{opened.case}/words", {"version": "file:1", "phrase": "new"}),
        (f"/cases/{opened.case}/people/new", {"role": "child", "holders": [str(opened.hand.id)]}),
        (f"/cases/{opened.case}/risk/assess", {"threats": "x", "threat": "1", "vulnerability": "1", "capacity": "1"}),
        (f"/cases/{opened.case}/checks/new", {"method": "interview", "outcome": "likely"}),
    ):
        assert browser.post(page, sent).status_code == 400, page
    assert "taken back their consent" in browser.get(f"/cases/{opened.case}").content.decode()
    with world.within(opened.hand.store):
        assert Person.objects.count() == 3
        assert not Check.objects.exists()


def test_an_alias_is_chosen_from_what_is_offered(network: Network, opened: Opened) -> None:
    """A name that was typed is refused, one that is offered becomes the case's too, and is not offered again."""
    browser = network.browser(Role.CASE_WORKER)
    page = f"/cases/people/{opened.principal.id}/alias"
    assert browser.post(page, {"alias": "Ramsan Achmatowitsch", "version": "0"}).status_code == 200
    offered = re.findall(r'name="alias" value="([^"]*)"', browser.get(page).content.decode())
    assert len(offered) == 6
    assert browser.post(page, {"alias": offered[0], "version": "0"}).status_code == 302
    with world.within(opened.hand.store):
        for owner in (opened.case, opened.principal.id):
            assert opened.hand.read(owner, owner, Kind.FILE).said["alias"] == offered[0]
    refused = browser.post(f"/cases/people/{opened.child.id}/alias", {"alias": offered[0], "version": "0"})
    assert refused.status_code == 200
    assert browser.post(page, {"community": "ce"}).content.decode().count('name="alias"') == 6


def test_no_file_is_taken(network: Network, opened: Opened) -> None:
    """Whoever attaches a paper to a check is told to give it back; nothing of it is kept."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    paper = SimpleUploadedFile("passport.jpg", b"\xff\xd8 a scan")
    sent = {"method": "document", "outcome": "confirmed", "paper": paper}
    answer = network.browser(Role.CASE_WORKER).post(f"/cases/{opened.case}/checks/new", sent)
    assert answer.status_code == 400
    number = {"method": "document", "outcome": "confirmed", "note": "passport 96 04 123456"}
    assert network.browser(Role.CASE_WORKER).post(f"/cases/{opened.case}/checks/new", number).status_code == 200
    with world.within(opened.hand.store):
        assert not Check.objects.exists()


def test_households_and_removal(network: Network, opened: Opened) -> None:
    """People of one case live together; whoever is taken out leaves no key, no household and no consent behind."""
    browser = network.browser(Role.CASE_WORKER)
    for person in (opened.partner, opened.child):
        sent = {"household": "new" if person == opened.partner else "1"}
        browser.post(f"/cases/people/{person.id}/household", sent)
    with world.within(opened.hand.store):
        assert Person.objects.filter(household__number=1).count() == 2
    assert browser.post(f"/cases/people/{opened.principal.id}/remove").status_code == 400
    assert browser.post(f"/cases/people/{opened.partner.id}/remove").status_code == 302
    with world.within(opened.hand.store):
        assert set(Person.objects.values_list("id", flat=True)) == {opened.principal.id, opened.child.id}
        assert not opened.hand.holds(opened.partner.apart, Kind.FILE)


def test_letting_in_and_taking_back(network: Network, opened: Opened) -> None:
    """A colleague gets the case and those who were ticked, not what is kept apart; the last key stays."""
    browser, other = network.browser(Role.CASE_WORKER), network.browser(Role.COORDINATOR)
    page = f"/cases/{opened.case}/holders"
    with world.within(opened.hand.store):
        chief = network.worker(Role.COORDINATOR)
    browser.post(page, {"do": "share", "worker": str(chief.id), "people": [str(opened.partner.id)]})
    assert other.get(f"/cases/{opened.case}").status_code == 200
    assert other.get(f"/cases/people/{opened.partner.id}").status_code == 200
    for page_ in (f"/cases/people/{opened.partner.id}/apart", f"/cases/people/{opened.child.id}"):
        assert other.get(page_).status_code == 403
    assert browser.post(page, {"do": "withdraw", "worker": str(chief.id)}).status_code == 302
    assert other.get(f"/cases/{opened.case}").status_code == 403
    assert browser.post(page, {"do": "withdraw", "worker": str(opened.hand.id)}).status_code == 400


_JUNK = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\0", "-1", "9" * 40, "2026-02-30", "file:", "file:-1 x", str(uuid.UUID(int=1)), "<b>", "%s"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
@given(data=st.data())
def test_no_form_breaks(network: Network, opened: Opened, data: st.DataObject) -> None:
    """Whatever is sent to any form of a case, the answer is a page or a redirect, never a fault."""
    browser = _kept(network)
    names = sorted({field.name for part in FIELDS.values() for field in part})
    extra = ["version", "to", "here", "do", "worker", "household", "community", "holders", "answer", "until", "sure"]
    changing = [f"/cases/{opened.case}/{page}" for page in ("step", "priority", "risk/keep", "credibility/again")]
    aside = [f"/cases/people/{opened.child.id}/{page}" for page in ("household", "entrust/health", "entrust/x")]
    page = data.draw(st.sampled_from([*_pages(opened), *changing, *aside]))
    keys = st.sampled_from([*names, *extra, "priority", "milestone", "role"])
    sent = data.draw(st.dictionaries(keys, st.one_of(_JUNK, st.lists(_JUNK, max_size=3)), max_size=8))
    answer = browser.post(page, sent)
    assert answer.status_code in {200, 302, 400, 403, 409}, page
    assert browser.get(page).status_code in {200, 302, 400, 403, 409}, page


_browsers: dict[str, Client] = {}


def _kept(network: Network) -> Client:
    """Return one browser for all examples of a test."""
    key = str(network.folder)
    if key not in _browsers:
        _browsers[key] = network.browser(Role.CASE_WORKER)
    return _browsers[key]


def test_every_page_of_cases_is_declared() -> None:
    """Each address under /cases/ names the act that it needs."""
    found = [one for one in get_resolver().url_patterns if str(one.pattern) == "cases/"]
    views = [one.callback for part in found for one in part.url_patterns]
    assert len(views) > 20
    assert all(getattr(view, "act", None) for view in views)


def test_new_cases_come_from_the_page(network: Network) -> None:
    """A worker opens a case for themselves or for others; at their own they choose an alias next."""
    browser = network.browser(Role.CASE_WORKER)
    hand = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        chief = Worker.objects.get(role=Role.COORDINATOR)
    answer = browser.post("/cases/new", {"priority": "emergency", "holders": [str(hand.id)]})
    assert "/alias?" in answer.headers["Location"]
    answer = browser.post("/cases/new", {"priority": "normal", "holders": [str(chief.id)]})
    assert answer.headers["Location"] == "/cases/"
    with world.within(hand.store):
        assert sorted(Case.objects.values_list("priority", flat=True)) == ["emergency", "normal"]
        assert hand.held(Kind.FILE).filter(compartment__owner__in=Case.objects.values("id")).count() == 1


def test_no_bed_and_no_move_without_consent(network: Network, opened: Opened) -> None:
    """After casework was taken back nobody plans a move or gives a bed; the refusal says why."""
    browser, hand = network.browser(Role.COORDINATOR), network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        chief, house = network.worker(Role.COORDINATOR), uuid.uuid4()
        for kind in (Kind.FILE, Kind.MOVEMENT):
            opened.hand.share(opened.case, kind, chief)
        hand.make(house, house, Kind.FILE, [chief])
    assert browser.get(f"/moves/of/{opened.case}").status_code == 200
    with world.within(hand.store):
        consents.withdraw(opened.hand, Consent.objects.get(purpose=consents.CASEWORK))
        with pytest.raises(consents.NoConsent):
            place(hand, opened.case, house, 1)
    refused = browser.get(f"/moves/of/{opened.case}")
    assert refused.status_code == 400
    assert "withdrawn" in refused.content.decode()


def test_whoever_is_taken_off_a_case_keeps_no_key_of_it(network: Network, opened: Opened) -> None:
    """Neither of its people, nor of its plans and check-ins, with the words that mean danger."""
    chief = network.hand(Role.COORDINATOR)
    page = f"/cases/{opened.case}/holders"
    with world.within(chief.store):
        me = network.worker(Role.COORDINATOR)
        opened.hand.share(opened.case, Kind.FILE, me)
        opened.hand.share(opened.case, Kind.MOVEMENT, me)
        checkins.set_check_in(opened.hand, opened.case, opened.case, clock.now(), timedelta(0))
        plans.tonight(opened.hand, opened.case)
        held = Wrap.objects.filter(compartment__root=opened.case, compartment__kind=Kind.MOVEMENT)
        assert held.filter(holder=me).count() == 3
    told = {"do": "withdraw", "worker": str(chief.id)}
    assert network.browser(Role.CASE_WORKER).post(page, told).status_code == 302
    with world.within(chief.store):
        assert not Wrap.objects.filter(compartment__root=opened.case, holder=me).exists()
        assert held.filter(holder_id=opened.hand.id).count() == 3
