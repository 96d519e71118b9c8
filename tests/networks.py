"""Networks for tests: a vault with one worker of every role, made once, copied for each test; all of it invented."""

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from veil.casework.ready import ready

os.environ["TZ"] = "UTC"  # the hours of tests are nobody's own
# The same tests run on PostgreSQL where this says how to reach it (tests/casework/test_postgres.py starts one).
POSTGRES = os.environ.get("VEIL_TEST_POSTGRES")
ready(Path("nowhere"), POSTGRES and f"{POSTGRES} dbname=postgres", settings="veil.web.settings")

from django.db import connections
from django.test import Client
from django.utils import translation

from veil.casework import clock, hours, world
from veil.casework.hand import Hand
from veil.casework.keeping import files
from veil.casework.network import opening
from veil.casework.network.models import Worker
from veil.casework.network.roles import Role
from veil.vault import level, noise, stores
from veil.vault.cost import CHEAP
from veil.web import door

files.SCATTERED = 1
level.STEP_BYTES, level.SPARE_BYTES, noise.BLOCKS = 1024 * 1024, 256 * 1024, 16  # so that a copy a test is quick

CALL_SIGNS = {
    Role.COORDINATOR: "Heron",
    Role.OPERATOR: "Wren",
    Role.CASE_WORKER: "Plover",
    Role.HOST: "Martin",
    Role.CLINICIAN: "Siskin",
    Role.LAWYER: "Rook",
    Role.PRESS: "Jay",
    Role.AUDITOR: "Owl",
}


def passphrase_of(call_sign: str) -> str:
    """Return the passphrase that a worker of the test network uses."""
    return f"{call_sign.lower()} sings at four in the morning"


@dataclass
class Network:
    """A vault for one test."""

    folder: Path

    def hand(self, role: Role) -> Hand:
        """Unlock the vault as the worker of a role."""
        sign = CALL_SIGNS[role]
        return opening.unlock(sign, passphrase_of(sign))

    def reopened(self, role: Role) -> Hand:
        """Unlock it here again after another process had it."""
        use(self.folder)
        return self.hand(role)

    def worker(self, role: Role) -> Worker:
        """Return the row of the worker of a role; only inside a world."""
        found: Worker = Worker.objects.get(call_sign=CALL_SIGNS[role])
        return found

    def browser(self, role: Role, language: str = "en") -> Client:
        """Return a browser in which the worker of a role has unlocked the vault."""
        client = Client(headers={"accept-language": language}, SERVER_NAME="localhost")
        sign = CALL_SIGNS[role]
        answer = client.post("/unlock", {"call_sign": sign, "passphrase": passphrase_of(sign)})
        assert answer.status_code == 302, answer.content.decode()
        return client


class Time:
    """A clock for tests that goes on only when it is told to."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._real = clock._told

    def __call__(self) -> Any:
        return self._real() + self.ahead

    def go(self, **by: float) -> None:
        """Let time pass, the vault in use now and then (or, with a negative figure, set the machine's clock back)."""
        self.ahead += timedelta(**by)
        if self() > self._real() and by and max(by.values()) > 0:
            hours.believe(self())

    def stop(self) -> None:
        """Stand still from now on, but for what the test says."""
        here = self._real()
        self._real = lambda: here

    def leap(self, **by: float) -> None:
        """Have the machine's clock leap, as one does whose battery is dead."""
        self.ahead += timedelta(**by)


class Still:
    """The module `time` for what counts seconds: it stands still, so that no machine is too slow for a test."""

    def __init__(self) -> None:
        self._beat, self._told = time.monotonic(), time.time()

    def monotonic(self) -> float:
        """Return the seconds since the machine was started, as they were."""
        return self._beat

    def time(self) -> float:
        """Return the seconds since 1970, as they were."""
        return self._told


def close() -> None:
    """Forget every session, key and connection."""
    for token in list(door._sessions):
        door.leave(token)
    for store in ("a", "b"):
        stores.lock(store)
        connections[store].close()


def use(folder: Path, database: str = "") -> None:
    """Work on a vault (and on a database, where the tests run on PostgreSQL)."""
    stores.use(folder, POSTGRES and f"{POSTGRES} dbname={database}")
    for store in ("a", "b") if POSTGRES else ():
        connections[store].settings_dict["NAME"] = database


def copied(database: str, template: str) -> None:
    """Make a database from another on the tests' own server."""
    import psycopg

    with psycopg.connect(f"{POSTGRES} dbname=postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {database} TEMPLATE {template}")


def found(folder: Path) -> None:
    """Found a network with one worker of every role."""
    if POSTGRES:
        copied(folder.parent.name, "template0")
    use(folder, folder.parent.name)
    sign = CALL_SIGNS[Role.COORDINATOR]
    hand = opening.found(folder, opening.Member(sign, passphrase_of(sign), Role.COORDINATOR), CHEAP)
    with world.within(hand.store):
        for role, sign in CALL_SIGNS.items():
            if role != Role.COORDINATOR:
                opening.join(hand, opening.Member(sign, passphrase_of(sign), role))
    close()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the network that every test gets a copy of."""
    folder = tmp_path_factory.getbasetemp() / "founded" / "vault"
    if not folder.exists():  # each folder of tests has this fixture for itself, and one network serves all
        found(folder)
    return folder


@pytest.fixture
def network(founded: Path, tmp_path: Path) -> Iterator[Network]:
    """Give a test a vault of its own with one worker of every role."""
    folder = tmp_path / "vault"
    shutil.copytree(founded, folder)
    database = f"test_{uuid.uuid4().hex}"
    if POSTGRES:
        copied(database, founded.parent.name)
    use(folder, database)
    translation.deactivate()  # whoever was answered last in this process read another language
    yield Network(folder)
    translation.deactivate()
    close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Give a test the clock."""
    passing = Time()
    monkeypatch.setattr(clock, "_told", passing)
    return passing
