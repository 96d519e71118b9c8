"""The invented network: what it holds, that it says what it is, and that nothing of it is left."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from veil.casework import clock, today, world
from veil.casework.cases.models import Case, Consent, Person
from veil.casework.demo import Demo
from veil.casework.demo.stage import CREW
from veil.casework.due import Weight
from veil.casework.houses.models import House
from veil.casework.moves.models import Move
from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.casework.requests.models import Request


def browser(demo: Demo, place: int) -> Client:
    """Return a browser in which a worker of the invented network is in."""
    client = Client(SERVER_NAME="localhost")
    told = {"call_sign": demo.workers[place][0], "passphrase": demo.passphrase}
    assert client.post("/unlock", told).status_code == 302
    return client


def test_everything_has_something_to_show(demo: Demo) -> None:
    """There are workers of all roles, requests and cases in many states, houses in all, and a move under way."""
    assert {role for _sign, role in CREW.values()} == set(Role)
    hand = opening.unlock(demo.workers[0][0], demo.passphrase)
    with world.within(hand.store):
        assert Request.objects.count() >= 8
        assert len(set(Request.objects.values_list("state", flat=True))) >= 6
        assert Case.objects.count() >= 12
        assert len(set(Case.objects.values_list("state", flat=True))) >= 8
        assert {"partner", "child", "relative at risk"} <= set(Person.objects.values_list("role", flat=True))
        assert Consent.objects.filter(state="withdrawn").exists()
        assert {"open", "resting", "burned"} <= set(House.objects.values_list("state", flat=True))
        assert Move.objects.filter(state="under way", legs__state="under way").exists()
        told = today.today(hand, clock.now())
    assert sum(one.weight == Weight.ALARM for one in told) >= 3
    pages = {one.page for one in told}
    assert {"request", "case", "checkin", "stay"} <= pages, pages


@pytest.mark.parametrize("doubt", [False, True])
def test_every_page_rings_for_what_the_board_rings_for(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, doubt: bool
) -> None:
    """For every worker, now and later, and with a clock that cannot be believed: the same alarms as on the board."""
    monkeypatch.setattr(clock, "in_doubt", lambda: doubt)
    rang = 0
    for sign, _role in demo.workers:
        hand = opening.unlock(sign, demo.passphrase)
        with world.within(hand.store):
            for hours in (0, 3, 30):
                now = clock.now() + timedelta(hours=hours)
                told = [one for one in today.today(hand, now) if one.weight == Weight.ALARM]
                assert today.alarms(hand, now) == told
                rang += len(told)
    assert rang > 10


def test_every_worker_has_a_page_that_says_it_is_invented(demo: Demo) -> None:
    """Each of them gets in, and every page before and after that says that nobody in this network exists."""
    said = "An invented network"
    assert said in Client(SERVER_NAME="localhost").get("/unlock").content.decode()
    assert said in Client(SERVER_NAME="localhost").get("/ask/").content.decode()
    for place in range(len(demo.workers)):
        assert said in browser(demo, place).get("/").content.decode(), demo.workers[place]


def test_the_decoy_opens_another_world(demo: Demo) -> None:
    """The decoy passphrase that is printed gets its worker in, and shows none of the real cases."""
    hand = opening.unlock(demo.forced, demo.decoy)
    true = opening.unlock(demo.forced, demo.passphrase)
    assert hand.store != true.store
    with world.within(true.store):
        codes = set(Case.objects.values_list("code", flat=True))
    with world.within(hand.store):
        assert not codes & set(Case.objects.values_list("code", flat=True))


def test_nothing_is_left_when_it_is_stopped(tmp_path: Path) -> None:
    """`veil serve --demo` says where it is and who can get in; ended from outside, it removes its folder."""
    words = [sys.executable, "-m", "veil", "serve", "--demo", "--no-browser", "--port", "0", "--language", "ru"]
    told = os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", env=told
    ) as served:
        assert served.stdout is not None
        lines = [served.stdout.readline() for _line in range(2)]
        assert lines[0].startswith("http://localhost:"), lines
        assert "никого из этой сети на свете нет" in lines[1]
        assert list(tmp_path.glob("notes-*"))
        served.send_signal(signal.SIGTERM)
        served.wait(timeout=300)
    assert not list(tmp_path.glob("notes-*"))
