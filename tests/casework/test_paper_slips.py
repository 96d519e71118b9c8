"""Slips on paper: shown once, compared, typed; two of three open an envelope, and a new split ends every sheet."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http import QueryDict

from tests.networks import Network
from veil.casework import policy, world
from veil.casework.cases.models import Person
from veil.casework.cases.opening import open_case
from veil.casework.custody import custodians, envelopes, paper
from veil.casework.custody.models import Access, Slip
from veil.casework.hand import Hand
from veil.casework.network import workers
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role
from veil.errors import VeilError
from veil.vault import seal, slips
from veil.web import drafts

THREE = (Role.LAWYER, Role.AUDITOR, Role.CLINICIAN)
SAID = {"legal_name": "Invented Person"}


@dataclass
class Sealed:
    """An envelope, its custodians, and a case worker who may ask."""

    network: Network
    hands: dict[Role, Hand]
    person: uuid.UUID

    def slip(self, role: Role) -> uuid.UUID:
        """Return a custodian's only slip."""
        (one,) = paper.sheets(self.hands[role])
        return one.what

    def sheet(self, role: Role, *, only: bool = False) -> str:
        """Have a custodian write their slip down and compare it; return what stands on the sheet."""
        words = " ".join(paper.show(self.hands[role], self.slip(role)))
        paper.check(self.hands[role], self.slip(role), words, only=only)
        return words

    def ask(self, role: Role = Role.CASE_WORKER) -> Access:
        """Ask to open the envelope."""
        return envelopes.ask(self.hands[role], self.person, "a ticket for Tuesday", 4)


@pytest.fixture
def sealed(network: Network) -> Iterator[Sealed]:
    """Give a test an envelope in the hands of three."""
    hands = {role: network.hand(role) for role in (*THREE, Role.COORDINATOR, Role.CASE_WORKER, Role.PRESS)}
    with world.within(hands[Role.COORDINATOR].store):
        for role in THREE:
            custodians.name(hands[Role.COORDINATOR], network.worker(role))
        worker = hands[Role.CASE_WORKER]
        case = open_case(worker, None, [network.worker(Role.CASE_WORKER)])
        person = uuid.UUID(str(Person.objects.get(case=case).id))
        envelopes.seal_up(worker, person, SAID)
        yield Sealed(network, hands, person)


def test_a_slip_is_shown_once_and_the_audit_tells(sealed: Sealed) -> None:
    """A second time is refused to its custodian too; nobody else has such a page; both audited without a word."""
    lawyer = sealed.hands[Role.LAWYER]
    what = sealed.slip(Role.LAWYER)
    words = paper.show(lawyer, what)
    assert len(words) == 33
    with pytest.raises(VeilError, match="once already"):
        paper.show(lawyer, what)
    with pytest.raises(policy.NotAllowed):
        paper.show(sealed.hands[Role.AUDITOR], what)
    with pytest.raises(policy.NotAllowed):
        paper.sheet(lawyer, uuid.UUID(int=1 << 100))
    acts = list(AuditEvent.objects.filter(who=lawyer.id, what=sealed.person).values_list("act", flat=True))
    assert acts == ["slip shown"]
    row = Slip.objects.get(custodian_id=lawyer.id)
    assert bytes(row.head) + bytes(row.mark) != b""
    assert slips.pack(" ".join(words))[6:] not in bytes(row.head) + bytes(row.mark) + bytes(row.box)


def test_a_sheet_is_compared_word_by_word(sealed: Sealed) -> None:
    """A wrong word is named by its place; another custodian's sheet is not taken; nothing is changed by either."""
    lawyer, what = sealed.hands[Role.LAWYER], sealed.slip(Role.LAWYER)
    words = paper.show(lawyer, what)
    other = sealed.sheet(Role.AUDITOR)
    with pytest.raises(slips.SlipMisread, match="word 7"):
        paper.check(lawyer, what, " ".join([*words[:6], "xylophone", *words[7:]]), only=True)
    with pytest.raises(paper.WrongSheet):
        paper.check(lawyer, what, other, only=True)
    assert paper.sheet(lawyer, what).in_vault
    paper.check(lawyer, what, " ".join(words), only=True)
    assert not paper.sheet(lawyer, what).in_vault


def test_on_paper_only_the_account_yields_no_slip_and_the_sheet_agrees(sealed: Sealed) -> None:
    """With their secret nothing is found; to agree they type it; it goes back into the vault by being typed."""
    words = sealed.sheet(Role.LAWYER, only=True)
    lawyer, asker = sealed.hands[Role.LAWYER], sealed.hands[Role.CASE_WORKER]
    for row in Slip.objects.all():
        with pytest.raises(seal.Damaged):
            lawyer.unseal(bytes(row.box))
    access = sealed.ask()
    with pytest.raises(VeilError, match="only on paper"):
        envelopes.answer(lawyer, access.id, agree=True)
    envelopes.answer(lawyer, access.id, agree=True, words=words)
    envelopes.answer(sealed.hands[Role.AUDITOR], access.id, agree=True)
    envelopes.open_(asker, access.id)
    assert envelopes.read(asker, sealed.person).said == SAID
    paper.put_back(lawyer, sealed.slip(Role.LAWYER), words)
    assert paper.sheet(lawyer, sealed.slip(Role.LAWYER)).in_vault


@pytest.mark.parametrize("in_vault", [False, True])
def test_two_sheets_or_one_and_one_in_the_vault_open_it(sealed: Sealed, in_vault: bool) -> None:
    """Typed in the asker's session, with motive and hours as ever; one sheet alone, or one twice, opens nothing."""
    one, two = sealed.sheet(Role.LAWYER), sealed.sheet(Role.AUDITOR)
    asker, access = sealed.hands[Role.CASE_WORKER], sealed.ask()
    for typed in ([one], [one, one]):
        with pytest.raises(VeilError, match="two custodians"):
            envelopes.open_(asker, access.id, typed)
    if in_vault:
        envelopes.answer(sealed.hands[Role.CLINICIAN], access.id, agree=True)
    envelopes.open_(asker, access.id, [one] if in_vault else [one, two])
    assert envelopes.read(asker, sealed.person).said == SAID
    assert Access.objects.get().state == "open"
    assert AuditEvent.objects.filter(act="identity opened by paper", what=sealed.person).exists()


def test_a_custodian_who_asks_cannot_type_their_own_sheet(network: Network) -> None:
    """Two others have to agree, on paper too; half of what one of them gave in the vault does not count."""
    hands = {role: network.hand(role) for role in (Role.COORDINATOR, Role.CASE_WORKER, Role.AUDITOR, Role.LAWYER)}
    with world.within(hands[Role.COORDINATOR].store):
        for role in (Role.CASE_WORKER, Role.AUDITOR, Role.LAWYER):
            custodians.name(hands[Role.COORDINATOR], network.worker(role))
        asker = hands[Role.CASE_WORKER]
        person = Person.objects.get(case=open_case(asker, None, [network.worker(Role.CASE_WORKER)])).id
        envelopes.seal_up(asker, person, SAID)
        told = Sealed(network, hands, person)
        own, others = told.sheet(Role.CASE_WORKER, only=True), told.sheet(Role.LAWYER)
        access = told.ask()
        with pytest.raises(VeilError, match="your own slip"):
            envelopes.open_(asker, access.id, [own, others])
        envelopes.answer(hands[Role.AUDITOR], access.id, agree=True)
        with pytest.raises(VeilError, match="two custodians"):
            envelopes.open_(asker, access.id, [others])


def test_a_sheet_outlives_its_account_until_the_next_split_ends_it(sealed: Sealed) -> None:
    """With two accounts gone a sheet and the third custodian open it; after a split anew no old sheet, and no old key.

    Old sheets join to a key that nothing is sealed under any more.
    """
    chief, asker = sealed.hands[Role.COORDINATOR], sealed.hands[Role.CASE_WORKER]
    one, two = sealed.sheet(Role.CLINICIAN), sealed.sheet(Role.LAWYER)
    workers.revoke(chief, sealed.hands[Role.CLINICIAN].id)
    assert envelopes.left(sealed.person) == 3
    access = sealed.ask()
    envelopes.answer(sealed.hands[Role.AUDITOR], access.id, agree=False)
    envelopes.open_(asker, access.id, [one, two])
    assert envelopes.read(asker, sealed.person).said == SAID
    change = custodians.begin_change(chief, sealed.network.worker(Role.PRESS))
    custodians.agree_to_change(sealed.hands[Role.LAWYER], change.id)
    custodians.agree_to_change(sealed.hands[Role.AUDITOR], change.id)
    with pytest.raises(policy.NotAllowed):
        envelopes.read(asker, sealed.person)
    again = sealed.ask()
    with pytest.raises(paper.WrongSheet):
        envelopes.open_(asker, again.id, [one, two])
    for role in (Role.PRESS, Role.LAWYER):
        envelopes.answer(sealed.hands[role], again.id, agree=True)
    envelopes.open_(asker, again.id)
    assert envelopes.read(asker, sealed.person).said == SAID
    assert not Slip.objects.exclude(shown=None).exists()


def test_a_change_waits_for_slips_on_paper_unless_they_are_left_out(sealed: Sealed) -> None:
    """Nobody is replaced over a custodian's head: they type them back, or say that those envelopes stay as they are."""
    chief, lawyer = sealed.hands[Role.COORDINATOR], sealed.hands[Role.LAWYER]
    words = sealed.sheet(Role.LAWYER, only=True)
    leaving = sealed.hands[Role.CLINICIAN].id
    change = custodians.begin_change(chief, sealed.network.worker(Role.PRESS), leaving)
    with pytest.raises(custodians.OnPaper):
        custodians.agree_to_change(lawyer, change.id)
    custodians.agree_to_change(lawyer, change.id, without=True)
    custodians.agree_to_change(sealed.hands[Role.AUDITOR], change.id)
    assert set(Slip.objects.values_list("custodian", flat=True)) == {lawyer.id, sealed.hands[Role.AUDITOR].id, leaving}
    access = sealed.ask()
    envelopes.answer(lawyer, access.id, agree=True, words=words)
    envelopes.answer(sealed.hands[Role.AUDITOR], access.id, agree=True)
    envelopes.open_(sealed.hands[Role.CASE_WORKER], access.id)


def test_through_the_pages_from_the_sheet_to_the_name(sealed: Sealed) -> None:
    """Shown, compared with a mistake and without, kept on paper only, typed by two at the asker's table."""
    sheets = []
    for role in (Role.LAWYER, Role.AUDITOR):
        browser = sealed.network.browser(role)
        (address,) = set(re.findall(r"/custody/slips/[0-9a-f-]{36}", browser.get("/custody/slips").content.decode()))
        assert not re.search(r"<li>\w+</li>", browser.get(address).content.decode())
        shown = browser.post(address, {"do": "show"})
        assert shown["Cache-Control"] == "no-store"
        words = re.findall(r"<li>(\w+)</li>", shown.content.decode())
        assert len(words) == 33
        assert browser.post(address, {"do": "show"}).status_code == 400
        wrong = browser.post(address, {"do": "only", "slip_words": " ".join(words[:-1])})
        assert (wrong.status_code, "more or fewer" in wrong.content.decode()) == (400, True)
        assert browser.post(address, {"do": "only", "slip_words": " ".join(words)}).status_code == 302
        assert "nowhere else" in browser.get(f"{address}?right=1").content.decode()
        assert not set(words) <= set(re.findall(r"\w+", browser.get(address).content.decode()))
        sheets.append(" ".join(words))
    asker = sealed.network.browser(Role.CASE_WORKER)
    address = f"/custody/{sealed.person}"
    asker.post(address, {"motive": "a ticket", "hours": "2"})
    assert "begin with" in asker.get(address).content.decode()
    sent = {"do": "sheets", "slip_words": sheets[0], "slip_words_2": sheets[1].replace(" ", ", ")}
    assert asker.post(address, sent | {"slip_words_2": ""}).status_code == 400
    told = asker.post(address, sent | {"slip_words_2": f"{sheets[1]} x"}).content.decode()
    assert "Word 34 of slip 2" in told
    assert asker.post(address, sent).status_code == 302
    assert "Invented Person" in asker.get(address).content.decode()


def test_words_of_a_sheet_are_not_kept_when_the_lock_falls() -> None:
    """What is offered again to whoever was locked out while typing holds no slip."""
    sent = QueryDict(mutable=True)
    sent.update({"slip_words": "one two three", "slip_words_2": "four five six", "motive": "seven eight nine"})
    assert drafts.words_of(sent) == ["seven eight nine"]
