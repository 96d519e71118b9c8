"""What a tired worker does next: the case says it, every page comes back to it, and one click is enough."""

import os
import re
import signal
import socket
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.utils import translation

from tests.networks import Network, passphrase_of
from veil.casework import clock, world
from veil.casework.cases import consents
from veil.casework.cases.models import Case, Person
from veil.casework.cases.opening import open_case
from veil.casework.houses import due as houses_due
from veil.casework.houses import shelter, stays
from veil.casework.moves import legs, plans
from veil.casework.moves.models import CheckIn, Incident, Move
from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.casework.requests import entry
from veil.web.pages import board

SAID = {"rules": "Curtains closed.", "ambulance": "Walk to the next street first.", "address": "14 Invented Lane"}


def _page(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def _next(page: str) -> str:
    told = re.search(r'aria-labelledby="next">.*?</section>', page, re.DOTALL)
    assert told is not None
    return told[0]


def _case(network: Network, state: str = "", *, asked: bool = True) -> Case:
    heron = network.hand(Role.COORDINATOR)
    case = open_case(heron, None, [network.worker(Role.COORDINATOR), network.worker(Role.CASE_WORKER)])
    if asked:
        answer = consents.Answer(consents.CASEWORK, True, None, {"giver": "themselves"})
        consents.answered(heron, Person.objects.get(case=case), answer)
    if state:
        Case.objects.filter(id=case.id).update(state=state)
    case.refresh_from_db()
    return case


def test_one_next_step_stands_out(network: Network) -> None:
    """First what is still to do; then one green button, the likely one, and the others quiet."""
    heron = network.browser(Role.COORDINATOR)
    with world.within(network.hand(Role.COORDINATOR).store):
        case = _case(network, "verification", asked=False)
        person = Person.objects.get(case=case)
    told = _next(_page(heron.get(f"/cases/{case.id}")))
    assert "Still to do" in told
    assert told.count('class="button"') == 1
    assert '<button name="to"' not in told
    for one in (f"people/{person.id}/alias?back=case", f"people/{person.id}/consents/casework?back=case"):
        assert one in told
    with world.within(network.hand(Role.COORDINATOR).store):
        Case.objects.filter(id=case.id).update(state="sheltered")
    told = _next(_page(heron.get(f"/cases/{case.id}")))
    assert re.findall(r'<button name="to" value="([\w ]+)"', told) == ["pathway pending"]
    assert 'class="quiet" name="to" value="in transit"' in told


def test_every_page_comes_back_to_where_it_was_opened(network: Network) -> None:
    """Consent, alias, risk: back at what is still to do in the case, or at the person's page."""
    plover = network.browser(Role.CASE_WORKER)
    with world.within(network.hand(Role.COORDINATOR).store):
        case = _case(network, asked=False)
        person = Person.objects.get(case=case)
    next_, here = f"/cases/{case.id}#next", f"/cases/people/{person.id}"
    ask = f"{here}/consents/casework"
    yes = {"answer": "yes", "giver": "themselves"}
    assert f'href="{next_}"' in _page(plover.get(f"{ask}?back=case&read=ru"))
    assert plover.post(f"{ask}?back=case", yes).headers["Location"] == next_
    stands = re.search(r'name="stands" value="([^"]+)"', _page(plover.get(ask)))
    assert stands is not None
    assert plover.post(ask, yes | {"stands": stands[1]}).headers["Location"] == f"{here}#consents"
    risk = {"threats": "an uncle", "threat": "2", "vulnerability": "2", "capacity": "2", "version": "file:0"}
    assert plover.post(f"/cases/{case.id}/risk/assess", risk).headers["Location"] == next_
    offered = _page(plover.get(f"{here}/alias?back=case"))
    name, version = (
        re.search(one, offered) for one in (r'name="alias" value="([^"]+)"', r'name="version" value="(\d+)')
    )
    assert name is not None
    assert version is not None
    sent = {"alias": name[1], "version": version[1]}
    assert plover.post(f"{here}/alias?back=case", sent).headers["Location"] == next_


def _moving(network: Network, case: Case) -> uuid.UUID:
    heron = network.hand(Role.COORDINATOR)
    move = plans.plan(heron, case.id, {"kind": "extraction"})
    leg = legs.add(heron, move.id, {"meet": "under the clock"})
    legs.join(heron, leg.id, legs.Member("Heron", "lead", inside=True))
    Move.objects.filter(id=move.id).update(state="go")
    return uuid.UUID(str(leg.id))


def test_a_case_follows_its_move_and_its_bed(network: Network) -> None:
    """Setting out is in transit; a bed kept ahead is not shelter yet; arrival with a bed is."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        house = shelter.make_house(heron, network.worker(Role.HOST), 3, SAID)
        case = _case(network, "extraction planned")
        leg = _moving(network, case)
        stays.place(heron, case.id, house.id, 1)
        assert Case.objects.get(id=case.id).state == "extraction planned"
        legs.start(heron, leg)
        assert Case.objects.get(id=case.id).state == "in transit"
        legs.arrive(heron, leg)
        assert Case.objects.get(id=case.id).state == "sheltered"


def test_an_arrival_without_a_bed_of_ours_is_one_click(network: Network) -> None:
    """Whoever knows the case says whether it is shelter: the button says that they have arrived."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        case = _case(network, "accepted")
        leg = _moving(network, case)
        legs.start(heron, leg)
        legs.arrive(heron, leg)
        assert Case.objects.get(id=case.id).state == "in transit"
    browser = network.browser(Role.COORDINATOR)
    assert "They have arrived. Sheltered</button>" in _next(_page(browser.get(f"/cases/{case.id}")))


def test_a_move_of_somebody_who_was_not_asked_leaves_the_case_alone(network: Network) -> None:
    """Out of danger nobody waits for a consent; the case's state does not say that there was one."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        case = _case(network, "extraction planned", asked=False)
        legs.start(heron, _moving(network, case))
        assert Case.objects.get(id=case.id).state == "extraction planned"


def test_somebody_else_is_chosen_to_look_a_second_time(network: Network) -> None:
    """At triage another coordinator stands there already; to leave it out is a choice that says what it means."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        call = entry.enter(heron, {"happened": "A call."})
        alone = _page(network.browser(Role.COORDINATOR).get(f"/requests/{call.id}/triage"))
        assert "You alone hold the number" in alone
        opening.join(heron, opening.Member("Bittern", passphrase_of("Bittern"), Role.COORDINATOR))
    told = _page(network.browser(Role.COORDINATOR).get(f"/requests/{call.id}/triage"))
    assert re.search(r"selected>Bittern<", told)
    assert "stays with me alone" in told


@pytest.mark.parametrize(
    ("by", "en", "ru"),
    [
        (timedelta(seconds=5), "1 min late", "просрочено на 1 мин"),
        (timedelta(minutes=125), "2 h late", "просрочено на 2 ч"),
        (timedelta(days=3, hours=1), "3 days late", "просрочено на 3 дня"),
    ],
)
def test_late_says_by_how_much(by: timedelta, en: str, ru: str) -> None:
    """In the largest unit that says it, in both languages."""
    with translation.override("en"):
        assert board._late(by) == en
    with translation.override("ru"):
        assert board._late(by) == ru


def test_two_stays_of_one_house_are_told_apart(network: Network) -> None:
    """To whoever holds the case by its code, to others by its beds."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        house = shelter.make_house(heron, network.worker(Role.HOST), 3, SAID)
        cases = [_case(network) for _one in range(2)]
        for case in cases:
            stays.place(heron, case.id, house.id, 1, clock.now() + timedelta(hours=3))
        lines = [one for one in houses_due.due(heron, clock.now()) if one.kind == "stay ends"]
        assert {one.of for one in lines} == {case.code for case in cases}
        theirs = houses_due.due(network.hand(Role.HOST), clock.now())
        assert {one.of for one in theirs if one.kind == "stay ends"} == {"1 bed"}


def test_after_a_fire_one_click_expects_everybody(network: Network) -> None:
    """The page after the move sets two check-ins a case, once; when all are told, the incident asks to be closed."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        other = opening.join(heron, opening.Member("Dunnock", passphrase_of("Dunnock"), Role.HOST))
        burns = shelter.make_house(heron, network.worker(Role.HOST), 3, SAID)
        there = shelter.make_house(heron, other, 3, SAID)
        case = _case(network)
        stay = stays.place(heron, case.id, burns.id, 1)
    browser = network.browser(Role.COORDINATOR)
    browser.post(f"/houses/{burns.id}/burned")
    page = _page(browser.post(f"/houses/{burns.id}/rehome", {f"to-{stay.id}": str(there.id)}))
    assert f'name="stay" value="{stay.id}"' in page
    for _press in range(2):
        answer = browser.post(f"/houses/{burns.id}/signs", {"stay": [str(stay.id), "nonsense", str(uuid.uuid4())]})
        assert answer.headers["Location"] == f"/houses/{burns.id}"
    with world.within(heron.store):
        assert CheckIn.objects.filter(of=case.id, state="waiting").count() == 2
        incident = Incident.objects.get(of=burns.id)
    close = f"/incidents/{incident.id}/close"
    page = _page(browser.get(f"/houses/{burns.id}"))
    assert close not in page
    for told in re.findall(r'action="(/houses/[^"]+/told/[^"]+)"', page):
        browser.post(told)
    assert close in _page(browser.get(f"/houses/{burns.id}"))


def test_an_empty_folder_is_served_to_its_first_page(tmp_path: Path) -> None:
    """`veil serve` says an address at localhost, which leads to making a vault; its port is nobody else's."""
    with _served(tmp_path, "0") as served:
        assert served.stdout is not None
        address = served.stdout.readline().strip()
        try:
            assert re.fullmatch(r"http://localhost:\d+/", address)
            with urlopen(address) as answer:  # noqa: S310
                assert answer.url == f"{address}new"
                assert "Make a vault" in answer.read().decode()
            port = address.rsplit(":", 1)[1].strip("/")
            with _served(tmp_path, port) as second:
                _out, said = second.communicate(timeout=300)
            assert second.returncode == 1
            assert "! veil: error: this port is in use" in said
            assert "! veil: hint: is Veil open already?" in said
            if _has_six():
                with pytest.raises(OSError, match="in use"), socket.socket(socket.AF_INET6) as six:
                    six.bind(("::1", int(port)))
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait(timeout=300)


def _has_six() -> bool:
    """Tell whether this machine has the newer kind of loopback: some containers have not."""
    try:
        with socket.socket(socket.AF_INET6) as six:
            six.bind(("::1", 0))
    except OSError:
        return False
    return True


def _served(folder: Path, port: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "veil", "serve", str(folder / "new"), "--no-browser", "--port", port]
    told = os.environ | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=told)
