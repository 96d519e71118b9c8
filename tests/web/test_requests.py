"""The operator's pages: a call taken down half filled, the queue, and what another role sees of them."""

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import Network
from tests.web.browser import address, browser, log_in, needs_chromium
from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import entry, fields, taking
from veil.casework.requests.models import Request

__all__ = ["address", "browser"]


def _new(client: Client, **said: Any) -> str:
    """Enter a call and return its page's address."""
    answer = client.post("/requests/new", said)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_call_is_taken_down_in_any_order(network: Network, language: str) -> None:
    """An empty form is saved, then one field, then others: nothing that was said is lost, and no title tells of it."""
    client = network.browser(Role.OPERATOR, language)
    at = _new(client)
    for version, said in ((1, {"happened": "Canary of the first call"}), (2, {"danger": "on", "stop": "wrong number"})):
        page = client.get(at).content.decode()
        held = {"happened": "Canary of the first call"} if version == 2 else {}
        assert client.post(at, held | said | {"version": version}).status_code == 302
    page = client.get(at).content.decode()
    assert "Canary of the first call" in page
    assert "wrong number" in page
    assert 'class="card danger"' in page
    title = re.search(r"<title>(.*?)</title>", page)
    assert title is not None
    assert title.group(1) in {"Notes", "Заметки"}


def test_the_queue_puts_danger_first(network: Network) -> None:
    """Danger before age, then the oldest; codes and states, not a word of what was said; 25 a page."""
    client = network.browser(Role.OPERATOR)
    for number in range(27):
        _new(client, happened=f"Canary {number}", **({"danger": "on"} if number == 26 else {}))
    page = client.get("/requests/").content.decode()
    assert "Canary" not in page
    assert page.count('class="code"') == 25
    assert page.index("danger now") < page.index('class="code"', page.index('class="code"') + 5)
    assert client.get("/requests/?page=2").content.decode().count('class="code"') == 2
    assert client.get("/requests/?page=x&show=answered").status_code == 200


def test_a_conflict_shows_both_and_loses_none(network: Network) -> None:
    """When somebody saved in between, the page has their words and one's own, and saving again is possible."""
    client = network.browser(Role.OPERATOR)
    at = _new(client, happened="as it was")
    client.post(at, {"happened": "theirs", "version": 1})
    answer = client.post(at, {"happened": "mine", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in page
    assert "mine" in page
    assert client.post(at, {"happened": "both", "version": 2}).status_code == 302


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OPERATOR, Role.COORDINATOR}])
def test_other_roles_see_no_request(network: Network, role: Role) -> None:
    """Every address of a request is refused to every other role."""
    hand = network.hand(Role.OPERATOR)
    with world.within(hand.store):
        what = entry.enter(hand, {"happened": "Canary"}).id
    client = network.browser(role)
    for end in ("", "/contact", "/screening", "/triage", "/answer", "/trap", "/purge"):
        assert client.get(f"/requests/{what}{end}").status_code == 403
        assert client.post(f"/requests/{what}{end}", {}).status_code == 403
    assert client.get("/requests/").status_code == 403


def test_a_trap_leaves_the_operators_pages(network: Network) -> None:
    """After the suspicion the operator's own page is refused, and the coordinator's says nothing of houses or moves."""
    client, chief = network.browser(Role.OPERATOR), network.browser(Role.COORDINATOR)
    at = _new(client, happened="Canary")
    assert client.post(f"{at}/trap", {"why": "asks for addresses"}).headers["Location"] == "/requests/"
    assert client.get(at).status_code == 403
    page = chief.get(at).content.decode().split("<main", maxsplit=1)[1]
    page = re.sub(r'(value|action|href)="[^"]*"', "", page)  # ids and tokens, in which any short word may stand
    assert "asks for addresses" in page
    assert not re.search(r"house|move|bed", page.split('class="two"')[0])


def test_the_whole_way_to_a_case(network: Network) -> None:
    """A call is entered, screened, triaged with a second looker named, then accepted by a coordinator."""
    client, chief = network.browser(Role.OPERATOR), network.browser(Role.COORDINATOR)
    at = _new(client, happened="Canary", safe="after eleven")
    client.post(f"{at}/contact", {"where": "oriole", "version": 0})
    assert client.post(f"{at}/screening", {"weighed": "true", "version": 0}).status_code == 302
    hand = network.hand(Role.COORDINATOR)
    triaged = {"urgency": "tonight", "version": 0, "second": str(hand.id)}
    assert client.post(f"{at}/triage", triaged).status_code == 302
    page = chief.get(f"{at}/answer").content.decode()
    assert 'value="contact"' in page
    with world.within(hand.store):
        worker = network.worker(Role.CASE_WORKER).id
    answer = chief.post(f"{at}/accept", {"worker": str(worker), "carry": ["happened", "safe", "contact"]})
    assert answer.status_code == 302
    assert client.get(at).status_code == 403
    theirs = network.hand(Role.CASE_WORKER)
    with world.within(hand.store):
        case = next(iter(set(theirs.held(Kind.FILE)) & set(theirs.held(Kind.MOVEMENT))))
        told = theirs.read(case, case, Kind.FILE).said
    assert "oriole" in str(told)
    assert "Canary" in str(told)


_NAMES = sorted(
    {
        field.name
        for made in (
            fields.REQUEST,
            fields.CONTACT,
            fields.NOTE,
            fields.SCREENING,
            fields.TRIAGE,
            fields.REFERRAL,
            fields.DECLINE,
            fields.TRAP,
            fields.ANSWER,
        )
        for field in made
    }
)
_ANY = st.text(max_size=200) | st.sampled_from(["\0", "x" * 70000, "\u202e", "'\"<b>", "٣", "9" * 40, "-1"])


@given(
    data=st.dictionaries(
        st.sampled_from([*_NAMES, "version", "next", "to", "how", "second", "worker", "carry"]),
        _ANY | st.lists(_ANY, max_size=2),
    ),
    end=st.sampled_from(["", "/contact", "/note", "/screening", "/triage", "/answer", "/accept", "/give", "/mail"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_breaks_a_page(network: Network, data: dict[str, Any], end: str) -> None:
    """Any text in any field of any form of a request: saved, or asked for again with the words; never our fault."""
    client, hand = _at_work(network)
    with world.within(hand.store):
        what = entry.enter(hand, {"happened": "Canary"}).id
    answer = client.post(f"/requests/{what}{end}", data)
    assert answer.status_code in {200, 302, 400, 403, 409}
    with world.within(hand.store):
        assert Request.objects.filter(id=what).exists()
        if end:
            assert hand.read(what, what, Kind.FILE).said["happened"] == "Canary"
    if end == "/contact" and answer.status_code == 200:
        kept = data.get("where")
        assert not isinstance(kept, str) or not kept.isalnum() or kept in answer.content.decode()
    assert client.post("/requests/new", data).status_code in {200, 302}


_WORKING: dict[Any, tuple[Client, Hand]] = {}


def _at_work(network: Network) -> tuple[Client, Hand]:
    """Return one browser, and one hand, for all examples of a test."""
    if network.folder not in _WORKING:
        _WORKING.clear()
        _WORKING[network.folder] = network.browser(Role.COORDINATOR), network.hand(Role.COORDINATOR)
    return _WORKING[network.folder]


def test_two_operators_do_not_call_the_same_person(network: Network) -> None:
    """Once a call is taken, nobody else can take it, and the page says what to do instead."""
    hand = network.hand(Role.OPERATOR)
    with world.within(hand.store):
        what = entry.enter(hand, {}).id
        taking.give_back(hand, what)
    client, chief = network.browser(Role.OPERATOR), network.browser(Role.COORDINATOR)
    assert client.post(f"/requests/{what}/take").status_code == 302
    answer = chief.post(f"/requests/{what}/take")
    assert answer.status_code == 400
    assert "taken this call" in answer.content.decode()


@needs_chromium
def test_danger_shows_what_to_say_at_once(network: Network, address: str, browser: Any) -> None:
    """In a browser: ticking “In danger now” opens the script before anything is saved, without any script of ours."""
    page = browser.new_page()
    log_in(page, address, Role.OPERATOR)
    page.goto(f"{address}/requests/new")
    assert not page.locator(".when-danger").is_visible()
    page.check("[name=danger]")
    assert page.locator(".when-danger li").first.is_visible()
    assert network.folder.exists()
