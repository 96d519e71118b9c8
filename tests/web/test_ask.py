"""The public form, as somebody with Tor Browser at its safest level meets it: no scripts, no cookies, no login."""

import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks import Network
from tests.web.asking import CANARY, Hours, carried, hours, opened, receipt_in, send, somebody
from tests.web.browser import chromium, needs_chromium, served
from veil.casework import world
from veil.casework.network.roles import Role
from veil.casework.requests import gate, inbox, intake, receipts
from veil.vault import seal

__all__ = ["hours", "opened"]


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
    for path in (inbox.folder(), *inbox.folder().iterdir()):
        assert path.name in {"key", "answers"} or path.stat().st_mtime % 86400 == 0, path.name


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
