"""The public form, as somebody with Tor Browser at its safest level meets it: no scripts, no cookies, no login."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, close
from tests.web.browser import chromium, needs_chromium, served
from veil.casework import world
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import gate, inbox, intake, introductions, receipts
from veil.casework.requests.models import Letter, Request
from veil.vault import seal
from veil.web.pages import ask

CANARY = "kestrel-over-the-river"


class Hours:
    """The gate's clocks, which go on only when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0

    def go(self, seconds: int) -> None:
        """Let time pass at the gate, or (negative) set the machine's clock back."""
        self.ahead += seconds


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    """Give a test the gate's clocks."""
    told = Hours()
    real, beat = gate._now, gate._beat
    monkeypatch.setattr(gate, "_now", lambda: real() + told.ahead)
    monkeypatch.setattr(gate, "_beat", lambda: beat() + max(0, told.ahead))
    return told


@pytest.fixture
def opened(network: Network) -> Iterator[Network]:
    """Open the public form, then lock the vault: nobody is in."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        intake.open_form(hand)
    close()
    gate._lines.clear()
    intake._looked.clear()
    yield network
    gate._lines.clear()


def somebody() -> Client:
    """Return a browser that keeps no cookies and passes every check of forms for real."""
    return Client(enforce_csrf_checks=True, SERVER_NAME="localhost")


def carried(page: str) -> dict[str, str]:
    """Return what a form carries along."""
    return {
        name: found.group(1)
        for name in ("ticket", "seed", "lang")
        if (found := re.search(rf'name="{name}" value="([^"]*)"', page))
    }


def receipt_in(page: str) -> str:
    """Return the words of the receipt on a page."""
    return " ".join(re.findall(r"<li>(\w+)</li>", page.split('class="receipt"')[1].split("</ol>", maxsplit=1)[0]))


def send(hours: Hours, language: str = "en", **words: Any) -> tuple[Client, str]:
    """Write and send as a person would, and return the last page."""
    browser = somebody()
    form = carried(browser.get(f"/ask/?lang={language}").content.decode())
    hours.go(60)
    answer = browser.post("/ask/sent", form | {"happened": CANARY} | words)
    assert answer.status_code == 200
    assert not browser.cookies
    return browser, answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_message_reaches_the_hotline_and_an_answer_comes_back(opened: Network, hours: Hours, language: str) -> None:
    """Words sent to a locked vault are on the next operator's page; the answer is read with the receipt alone."""
    browser, page = send(hours, language, danger="on", where="signal: oriole", needs=["bed", "leave"])
    words = receipt_in(page)
    assert len(words.split()) == (10 if language == "ru" else 8)
    operator = opened.browser(Role.OPERATOR)
    queue = operator.get("/requests/").content.decode()
    what = re.search(r"/requests/([0-9a-f-]{36})/take", queue)
    assert what is not None
    operator.post(f"/requests/{what.group(1)}/take")
    assert CANARY in operator.get(f"/requests/{what.group(1)}").content.decode()
    assert "oriole" in operator.get(f"/requests/{what.group(1)}/contact").content.decode()
    assert inbox.letters().used(0) + inbox.letters().used(1) == 0
    operator.post(f"/requests/{what.group(1)}/mail", {"text": "We read you."})
    box = browser.post("/ask/again", {"receipt": words.upper() + " ", "lang": language}).content.decode()
    assert "We read you." in box
    hours.go(60)
    assert browser.post("/ask/add", carried(box) | {"happened": "one more thing"}).status_code == 200
    assert "one more thing" not in operator.get(f"/requests/{what.group(1)}").content.decode()
    operator.get("/requests/")
    assert "one more thing" in operator.get(f"/requests/{what.group(1)}").content.decode()
    browser.post("/ask/destroy", carried(box))
    assert "We read you." not in browser.post("/ask/again", {"receipt": words}).content.decode()


def test_the_seized_machine_yields_nothing_of_what_was_sent(opened: Network, hours: Hours) -> None:
    """In no file of a locked vault do words, receipt or mailbox stand; only the day can be read, and how many."""
    _browser, page = send(hours, where="signal: oriole")
    words = receipt_in(page)
    seed = receipts.seed_of(words)
    mailbox = receipts.mailbox_of(seed)
    told = [CANARY, "oriole", words, seed, mailbox.name, mailbox.public.hex(), mailbox.secret.hex()]
    raw = [bytes.fromhex(seed), mailbox.public, mailbox.secret, *(one.encode() for one in told)]
    raw += [one.encode("utf-16-le") for one in told]
    for path in opened.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not [one for one in raw if one in data], path.name
    assert inbox.letters().path.stat().st_mtime % 86400 == 0


def test_sizes_do_not_tell_what_was_sent(opened: Network, hours: Hours) -> None:
    """No file of the inbox but the gate's list of used tickets changes its size, whatever is written."""
    before = {path.name: path.stat().st_size for path in inbox.folder().iterdir() if path.name != "gate"}
    send(hours, happened="x")
    send(hours, happened="ж" * 2500)
    after = {path.name: path.stat().st_size for path in inbox.folder().iterdir() if path.name != "gate"}
    assert before == after
    assert opened.folder.exists()


def test_another_world_neither_reads_nor_takes_these_letters(opened: Network, hours: Hours) -> None:
    """A world with a key of its own takes in its own letters only; the others stay, and look like them."""
    send(hours)
    secret = seal.new_secret()
    mailbox = receipts.mailbox_of(receipts.new_seed())
    inbox.leave(
        inbox.Letter({"happened": "plausible"}, mailbox.name, mailbox.public.hex()), public=seal.public_of(secret)
    )
    found = inbox.opened([secret])
    assert [letter.words["happened"] for _place, letter in found] == ["plausible"]
    inbox.letters().clear([place for place, _letter in found])
    hand = opened.hand(Role.OPERATOR)
    with world.within(hand.store):
        assert intake.take_in(hand) == 1


def test_a_ticket_is_good_for_one_message(opened: Network, hours: Hours) -> None:
    """Sent twice (a reload, a replay, another's copy), also after a restart, it is taken once, and says so."""
    browser = somebody()
    form = carried(browser.get("/ask/").content.decode())
    hours.go(60)
    first = browser.post("/ask/sent", form | {"happened": "one"}).content.decode()
    gate._lines.clear()  # a restart
    second = browser.post("/ask/sent", form | {"happened": "two"}).content.decode()
    assert "Sent</h1>" in first
    assert "It was sent already" in second
    assert receipt_in(first) == receipt_in(second)
    assert inbox.letters().used(gate.WAIT) == 1
    assert opened.folder.exists()


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("seconds", [-86400 * 3, -120, 0, 5, 86400 * 2])
def test_words_survive_every_clock(hours: Hours, seconds: int) -> None:
    """Too early, too late, or with the clock set back: the words come back in the form, and go the next time."""
    browser = somebody()
    form = carried(browser.get("/ask/").content.decode())
    hours.go(seconds)
    page = browser.post("/ask/sent", form | {"happened": CANARY, "danger": "on"}).content.decode()
    assert CANARY in page
    hours.go(60)
    assert "Sent</h1>" in browser.post("/ask/sent", carried(page) | {"happened": CANARY}).content.decode()


@pytest.mark.usefixtures("opened")
def test_a_flood_waits_and_pushes_nobody_out(hours: Hours) -> None:
    """Two hundred fakes at once fill no more than the lane's room; an honest message gets its turn, in order."""
    fakes = [gate.ticket() for _ in range(200)]
    hours.go(60)
    taken = 0
    for fake in fakes:
        word = gate.ask(fake)
        taken += not word.wait_s
        if not word.wait_s:
            with gate.admit(fake, word):
                pass
    assert taken <= gate.BURST[gate.WAIT] + gate.BURST[gate.FRESH]
    browser = somebody()
    page = browser.get("/ask/").content.decode()
    assert 'http-equiv="refresh"' in page
    address = re.search(r"url=(/ask/wait/[^?]+)", page)
    assert address is not None
    waited = 0
    while 'name="happened"' not in page:  # the fakes' owner has gone; ours calls as its page does
        hours.go(gate.CALLS_EVERY_S)
        waited += gate.CALLS_EVERY_S
        assert waited < 4 * 3600
        page = browser.get(address.group(1)).content.decode()
    assert "Sent</h1>" in browser.post("/ask/sent", carried(page) | {"happened": CANARY}).content.decode()


@pytest.mark.usefixtures("opened")
def test_a_flood_that_stays_delays_by_its_own_length_only(hours: Hours) -> None:
    """Behind thirty who keep calling, an honest ticket gets in after them at the latest; nobody later delays it."""
    for lane in (gate.WAIT, gate.FRESH):
        gate._line().lanes[lane].room = 0
    before = [gate.ticket() for _ in range(30)]
    hours.go(60)
    ours, waited, after = gate.ticket(), 0, 0
    hours.go(60)
    gate._line().lanes[gate.FRESH].an_hour = 0.0  # whoever knows of the second line may be always first there
    while not sent(ours):
        assert waited <= 31 * 3600 / gate.AN_HOUR[gate.WAIT] + 60
        before = [fake for fake in before if not sent(fake)]
        after += sent(gate.ticket())
        hours.go(300)
        waited += 300
    assert not before
    assert not after


@pytest.mark.usefixtures("opened")
def test_whoever_comes_after_a_thousand_that_stay_is_let_in_within_the_hour(hours: Hours) -> None:
    """Behind a thousand pages opened at once and kept alive, which send when they may, one waits an hour at most."""
    flood = [gate.ticket() for _ in range(1000)]
    hours.go(60)
    for _again in range(2):  # they take what room there is
        flood = [fake for fake in flood if not sent(fake)]
        hours.go(600)
    ours, waited = gate.ticket(), 0
    hours.go(60)
    while not sent(ours):
        flood = [fake for fake in flood if not sent(fake)]
        hours.go(300)
        waited += 300
        assert waited < 3600
    assert len(flood) > 900


def sent(ticket: gate.Ticket) -> bool:
    """Try to send with a ticket, and tell whether it was let in."""
    word = gate.ask(ticket)
    if word.wait_s:
        return False
    with gate.admit(ticket, word):
        return True


@pytest.mark.parametrize("language", ["en", "ru"])
def test_words_that_one_of_us_gave_pass_the_line_once(opened: Network, language: str) -> None:
    """In a flood an operator gives words by voice: with them one message is taken at once, and no second one."""
    for lane in (gate.WAIT, gate.FRESH, gate.WORK):
        gate._line().lanes[lane].room = -100
    page = opened.browser(Role.OPERATOR).post("/requests/words", {"tongue": language}).content.decode()
    found = re.search(r'class="offered">([^<]+)<', page)
    assert found is not None
    words = found.group(1)
    assert len(words.split()) == (5 if language == "ru" else 4)
    close()
    for said, let_in in (("acorn apple anchor apron", False), (words.upper(), True), (words, False)):
        browser = somebody()
        page = browser.get(f"/ask/?lang={language}").content.decode()
        address = re.search(r'action="(/ask/wait/[^"]+)"', page)
        assert address is not None
        asks = browser.get(f"{address.group(1)}?lang={language}&asks=yes").content.decode()
        assert 'name="said"' in asks
        assert "http-equiv" not in asks  # nothing that somebody types is lost to the page's own looking
        form = browser.post(address.group(1), {"lang": language, "said": said}).content.decode()
        assert ('name="happened"' in form) == let_in
        if let_in:
            assert f'value="{said}"' in form
            sent = carried(form) | {"said": said, "happened": CANARY}
            assert browser.post("/ask/sent", sent).status_code == 200
    assert inbox.letters().used(gate.KNOWN) == 1
    assert not browser.cookies


@pytest.mark.usefixtures("opened")
def test_words_are_for_this_month_and_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of the month before are still good, older ones are not; others' words, and guesses, never were."""
    told = gate.introduce()
    for ago, good in ((0, True), (1, True), (2, False)):
        monkeypatch.setattr(
            introductions, "_month", lambda ago=ago: inbox.today().year * 12 + inbox.today().month + ago
        )
        for language in ("en", "ru"):
            assert (gate.known(introductions.words_of(told, language)) == told) == good
    assert not any(gate.known(introductions.words_of(f"{number:010x}", "en")) for number in range(0, 1 << 40, 1 << 32))


@pytest.mark.usefixtures("opened")
def test_two_who_were_given_the_same_words_do_not_lose_theirs(hours: Hours) -> None:
    """The second one is told, keeps the ticket, and stands in the line."""
    words = introductions.words_of(gate.introduce(), "en")
    first, second = gate.ticket(), gate.ticket()
    hours.go(60)
    both = [gate.ask(one, said=words) for one in (first, second)]
    assert [one.lane for one in both] == [gate.KNOWN] * 2
    with gate.admit(first, both[0]) as taken:
        assert taken
    with pytest.raises(gate.Spent), gate.admit(second, both[1]):
        pass
    assert not gate.ask(second).used


def test_signs_that_nobody_sees_are_taken_out_of_a_letter(opened: Network, hours: Hours) -> None:
    """What turns the order of words round, or marks each copy of a text, does not reach whoever reads it."""
    send(hours, happened=f"{CANARY} \u202egnihton\u2066 si\u200b t\u0007here\u2069\nнет")
    operator = opened.browser(Role.OPERATOR)
    what = re.search(r"/requests/([0-9a-f-]{36})/take", operator.get("/requests/").content.decode())
    assert what is not None
    operator.post(f"/requests/{what.group(1)}/take")
    page = operator.get(f"/requests/{what.group(1)}").content.decode()
    assert f"{CANARY} gnihton si there" in page
    assert not set(page) & set("\u202e\u2066\u2069\u200b\u0007")


@pytest.mark.usefixtures("opened")
def test_work_lets_in_without_waiting() -> None:
    """Who worked for the ticket is let in by a lane of their own, at once; work for another ticket is none."""
    from bench.requests import worked

    one, other = gate.ticket(), gate.ticket()
    told = worked(one)
    assert gate.ask(one, told) == gate.Word(lane=gate.WORK)
    assert gate.ask(other, told).wait_s > 0


@given(
    told=st.text(max_size=120) | st.from_regex(r"[0-9a-f]{32}\.[0-9]{1,12}\.[0-9]{1,2}\.[0-9a-f]{32}", fullmatch=True)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("opened")
def test_no_ticket_is_made_elsewhere(told: str) -> None:
    """Whatever is said to be a ticket, none that we did not sign is one; and one changed letter unmakes ours."""
    assert gate.read(told) is None
    ours = gate.ticket().signed()
    place = len(told) % len(ours)
    other = ours[:place] + ("1" if ours[place] != "1" else "2") + ours[place + 1 :]
    assert gate.read(ours) is not None
    assert gate.read(other) is None


@given(seed=st.binary(min_size=10, max_size=10), language=st.sampled_from(["en", "ru"]))
def test_a_receipt_leads_back_to_its_mailbox(seed: bytes, language: str) -> None:
    """In both languages, in capitals, with commas and lines: the words stand for one mailbox."""
    words = receipts.words_of(seed.hex(), language)
    assert receipts.seed_of("\n 1. ".join(words).upper()) == seed.hex()
    assert receipts.seed_of(", ".join(words).replace("е", "ё")) == seed.hex()


@pytest.mark.usefixtures("opened")
def test_an_unknown_receipt_is_answered_like_one_that_waits() -> None:
    """A receipt without an answer, one of nobody, and nonsense get the same page, after looking in as many places."""
    looked: list[int] = []
    real = seal.unwrapped

    def counted(box: bytes, secret: bytes) -> bytes:
        looked.append(1)
        return bytes(real(box, secret))

    pages, counts = set(), set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "unwrapped", counted)
        mine = " ".join(receipts.words_of(receipts.new_seed(), "en"))
        for words in (mine, "заяц " * 10, "nonsense", "x" * 400, "\N{SNOWMAN}"):
            looked.clear()
            answer = somebody().post("/ask/again", {"receipt": words})
            pages.add(re.sub(r'(value|data-id)="[^"]*"', "", answer.content.decode()))
            counts.add((answer.status_code, len(looked)))
    assert len(pages) == 1
    assert counts == {(200, inbox.ANSWERS_OF)}


_ANY = st.text(max_size=300) | st.sampled_from(
    ["", "\0", "ж" * 70000, "\u202e\ufeff", "'\"<script>", "\N{GRINNING FACE}" * 2500]
)


@given(
    data=st.dictionaries(
        st.sampled_from([*(field.name for field in ask.ASKED), "ticket", "seed", "work", "lang", "receipt", "version"]),
        _ANY | st.lists(_ANY, max_size=3),
    ),
    address=st.sampled_from(["/ask/sent", "/ask/add", "/ask/again", "/ask/destroy", "/ask/", "/ask/wait/x"]),
    good=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("opened")
def test_nothing_that_is_sent_breaks_the_form_or_loses_words(data: dict[str, Any], address: str, *, good: bool) -> None:
    """Any text in any field: an answer that is no fault of ours; what was written is in it, or was taken."""
    browser = somebody()
    if good:
        one = gate.ticket()
        data = data | {"ticket": gate.Ticket(one.id, one.born - 60, one.bits).signed()}
    before = inbox.letters().used(0)
    answer = browser.post(address, data)
    assert answer.status_code in {200, 302, 400, 503}
    said = data.get("happened")
    if isinstance(said, str) and said.isalnum() and address in {"/ask/sent", "/ask/add"}:
        assert inbox.letters().used(0) > before or said in answer.content.decode()


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


@pytest.mark.usefixtures("network")
def test_a_form_that_nobody_opened_says_so() -> None:
    """Before a coordinator opens it there is no form, in both languages."""
    assert "not open" in somebody().get("/ask/?lang=en").content.decode()
    assert somebody().get("/ask/?lang=ru").status_code == 404


@pytest.mark.usefixtures("opened")
@needs_chromium
def test_it_works_in_a_browser_without_scripts(tmp_path: Path, hours: Hours) -> None:
    """In a real browser with scripts off: written, sent, the receipt shown, the answer looked for; no cookie is set."""
    with served() as at, chromium(tmp_path / "profile", scripts=False) as context:
        page = context.new_page()
        elsewhere: list[str] = []
        page.on("request", lambda asked: elsewhere.append(asked.url) if not asked.url.startswith(at) else None)
        page.goto(f"{at}/ask/?lang=ru")
        page.check("[name=danger]")
        page.fill("[name=happened]", CANARY)
        hours.go(60)
        page.click("main form button")
        words = page.locator(".receipt li").all_inner_texts()
        page.goto(f"{at}/ask/again?lang=ru")
        page.fill("[name=receipt]", " ".join(words))
        page.click("main form button")
        assert page.locator("[name=happened]").count() == 1
        assert context.cookies() == []
        assert elsewhere == []
    assert inbox.letters().used(gate.WAIT) == 1


@pytest.mark.usefixtures("opened")
@needs_chromium
def test_a_browser_with_scripts_works_for_its_ticket(tmp_path: Path) -> None:
    """With scripts on, the page works by itself, and the message goes through the lane of those who worked."""
    with served() as at, chromium(tmp_path / "profile") as context:
        page = context.new_page()
        page.goto(f"{at}/ask/?lang=en")
        page.fill("[name=happened]", CANARY)
        page.wait_for_selector('[name=work][value*=","]', state="attached", timeout=30_000)
        page.click("main form button")
        assert page.locator(".receipt li").count() == 8
    assert inbox.letters().used(gate.WORK) == 1


def test_ids_are_random() -> None:
    """A letter's id tells nothing of its ticket to whoever has only the id."""
    mailbox = receipts.mailbox_of(receipts.new_seed())
    one = inbox.Letter({}, mailbox.name, mailbox.public.hex())
    assert uuid.UUID(one.id).version == 4
