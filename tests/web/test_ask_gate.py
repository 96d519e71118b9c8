"""The gate before the public form: tickets, lines and floods; and nothing that is sent breaks it or is lost."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network, close
from tests.web.asking import CANARY, Hours, carried, hours, opened, somebody
from veil.casework.network.roles import Role
from veil.casework.requests import gate, inbox, introductions
from veil.web.pages import ask

__all__ = ["hours", "opened"]


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
