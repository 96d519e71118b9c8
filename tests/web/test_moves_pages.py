"""The pages of moves: from a plan to arrival, and what each team sees."""

import re
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.days import SOON, SOON_TOO
from tests.moving import case_of
from tests.networks import Network
from veil.casework import world
from veil.casework.moves import legs, plans
from veil.casework.moves.models import Leg, Move
from veil.casework.network.roles import Kind, Role


def page(answer: Any) -> str:
    """Return what an answer shows."""
    return str(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_move_from_the_first_draft_to_arrival(network: Network, language: str) -> None:
    """Two browsers plan a leg, say go, set out and arrive; a leg's sheet shows its team what it needs, no more."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
    heron, plover = network.browser(Role.COORDINATOR, language), network.browser(Role.CASE_WORKER, language)
    sent = {"kind": "extraction", "story": "cousins going to a wedding", "no_go": "a grey car in the yard"}
    made = heron.post(f"/moves/of/{case}", sent).headers["Location"]
    leg = heron.post(f"{made}/legs", {"meet": "by the third bench of the park"}).headers["Location"]
    assert heron.post(leg, {"sign": "Nobody", "part": "lead", "inside": "yes"}).status_code == 400
    assert heron.post(leg, {"sign": "Plover", "part": "lead", "inside": "yes"}).status_code == 302
    assert heron.post(leg, {"sign": "Kestrel", "part": "driver", "inside": "no"}).status_code == 302
    sheet = page(plover.get(f"{leg}/seen"))
    assert "by the third bench" in sheet
    assert "cousins" in sheet
    assert "grey car" not in sheet
    assert heron.post(made, {"turn": "0", "step": "ready"}).status_code == 302
    assert heron.post(made, {"turn": "1", "step": "go"}).status_code == 400
    first, *others = plans.CHECKLIST
    assert plover.post(made, {"turn": "1", "step": "tick", "seen": "", "tick": first}).status_code == 302
    short = heron.post(made, {"turn": "1", "step": "go", "seen": "", "tick": others[1:]})
    assert short.headers["Location"].endswith("?left=1#go")
    kept = page(heron.get(short.headers["Location"]))
    assert kept.count(" checked") == len(others)  # the colleague's stays, and so do one's own
    assert re.search(r"Nobody goes yet|Пока никто не выезжает", kept)
    gone = heron.post(made, {"turn": "1", "step": "go", "seen": ["", *others[1:]], "tick": others})
    assert gone.headers["Location"] == made
    assert heron.post(made, {"turn": "1", "step": "go"}).status_code == 400
    assert plover.post(made, {"turn": "1", "step": "go"}).status_code == 409
    assert plover.post(made, {"turn": "2", "step": "go"}).status_code == 302
    assert plover.post(leg, {"step": "start"}).status_code == 302
    assert plover.post(leg, {"step": "start"}).status_code == 400
    assert plover.post(leg, {"step": "arrive"}).status_code == 302
    assert heron.get("/moves/").status_code == 200
    shown = page(heron.get(made))
    assert re.search(r"destroys itself|уничтожит", shown)
    assert heron.post(made, {"turn": "5", "step": "destroy"}).headers["Location"] == "/moves/"
    assert heron.get(made).status_code == 403


def test_a_map_is_refused_beside_its_field(network: Network) -> None:
    """Coordinates or a link in a plan or a leg come back with a sentence, and nothing is kept."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
    browser = network.browser(Role.CASE_WORKER)
    made = browser.post(f"/moves/of/{case}", {"kind": "house"}).headers["Location"]
    for text in ("meet at 55.7558, 37.6173", "https://maps.example/?q=1"):
        answer = browser.post(f"{made}/legs", {"meet": text})
        assert answer.status_code == 400
        assert "say it in words" in page(answer)
    assert browser.post(f"{made}/legs", {"meet": "x", "begins": SOON_TOO, "ends": SOON}).status_code == 400
    with world.within(chief.store):
        assert Leg.objects.count() == 0


def test_others_get_nothing(network: Network) -> None:
    """A case worker of another case, and every other role, is refused the plan, the leg, the sheet and the forms."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = uuid.uuid4()
        chief.make(case, case, Kind.MOVEMENT, [network.worker(Role.COORDINATOR)])
        move = plans.plan(chief, case, {"kind": "house"})
        leg = legs.add(chief, move.id, {"meet": "x"})
    under = [f"/moves/{move.id}", f"/moves/{move.id}/change", f"/moves/{move.id}/legs", f"/moves/of/{case}"]
    under += [f"/moves/legs/{leg.id}", f"/moves/legs/{leg.id}/change", f"/moves/legs/{leg.id}/seen"]
    for role in set(Role) - {Role.COORDINATOR}:
        browser = network.browser(role)
        for address in under:
            assert browser.get(address).status_code == 403, (role, address)
            sent = {"meet": "y", "kind": "house", "turn": "0", "step": "start", "version": ""}
            assert browser.post(address, sent).status_code == 403, (role, address)
        if role == Role.CASE_WORKER:
            assert str(move.id) not in page(browser.get("/moves/"))
    with world.within(chief.store):
        assert (Move.objects.count(), Leg.objects.count()) == (1, 1)


def test_no_form_of_a_move_breaks(network: Network) -> None:
    """Whatever is sent to the forms of moves, the answer is a page that says what to do."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
        move = plans.plan(chief, case, {"kind": "house"})
        leg = legs.add(chief, move.id, {"meet": "x"})
    browser = network.browser(Role.CASE_WORKER)
    names = ["kind", "earliest", "latest", "story", "meet", "begins", "ends", "sign", "part", "inside", "step", "turn"]
    pages = [f"/moves/of/{case}", f"/moves/{move.id}", f"/moves/{move.id}/change", f"/moves/{move.id}/legs"]
    pages += [f"/moves/legs/{leg.id}", f"/moves/legs/{leg.id}/change"]
    values = st.text(max_size=40) | st.sampled_from(["go", "ready", "no-go", "draft", "start", "house", "0", "1"])
    fields = st.dictionaries(st.sampled_from([*names, "tick", "version"]), values, max_size=5)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(pages), fields)
    def sends(address: str, sent: dict[str, str]) -> None:
        assert browser.post(address, sent).status_code in {200, 302, 400, 403, 404, 409}

    sends()
