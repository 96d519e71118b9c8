"""The gate before the public form: tickets, lines and floods; and nothing that is sent breaks it or is lost."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.asking import CANARY, Hours, carried, hours, opened, somebody
from veil.casework.requests import gate, inbox
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
    assert taken <= gate.BURST[gate.WAIT]
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
    """Behind thirty who keep calling, an honest ticket gets in after them, and nobody later delays it."""
    gate._line().lanes[gate.WAIT].room = 0
    before = [gate.ticket() for _ in range(30)]
    hours.go(60)
    ours = gate.ticket()
    hours.go(60)
    waited = 0
    while gate.wait_s(ours):
        assert waited <= 31 * 3600 / gate.AN_HOUR[gate.WAIT] + 60
        after = gate.ticket()
        for fake in [*before, after]:
            if not gate.wait_s(fake):
                with gate.admit(fake, gate.Word()):
                    before.remove(fake)
        hours.go(gate.CALLS_EVERY_S)
        waited += gate.CALLS_EVERY_S
    assert before == []


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
