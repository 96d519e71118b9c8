"""The real world and the decoy world from outside: pages, headers, files, growth, times. What differs is a leak."""

import re
import statistics
import time
from pathlib import Path

import pytest
from django.test import Client

from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework import world
from veil.casework.network import coercion, opening
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role
from veil.vault import guesses

SECOND = "marble ferry lantern oyster quilt raven"
PAGES = ("/", "/network/i", "/requests/", "/requests/new", "/cases/", "/nothing/here", "/houses/", "/network/workers")


def decoy_of(network: Network, role: Role) -> None:
    """Set the second passphrase of the worker of a role."""
    hand = network.hand(role)
    with world.within(hand.store):
        coercion.set_decoy(hand, passphrase_of(hand.call_sign), SECOND, role)


def inside(role: Role, words: str) -> tuple[Client, list[object]]:
    """Return a browser in which somebody has unlocked, and what could be seen of that from outside."""
    client = Client(headers={"accept-language": "en"}, SERVER_NAME="localhost")
    answer = client.post("/unlock", {"call_sign": CALL_SIGNS[role], "passphrase": words})
    cookies = sorted((name, len(morsel.value), str(morsel.items())) for name, morsel in client.cookies.items())
    cookies = [(name, size, re.sub(re.escape(client.cookies[name].value), "", told)) for name, size, told in cookies]
    return client, [answer.status_code, sorted(answer.headers.items()), cookies]


def frame_of(page: str) -> str:
    """Return a page without what stands in it about people and times: its frame, menu and forms."""
    page = re.sub(r"<main.*</main>", "", page, flags=re.DOTALL)
    return re.sub(r'value="[^"]{64}"|[0-9a-f-]{36}', "", page)


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the time of every file of a vault."""
    found = {str(path.relative_to(folder)): path.stat() for path in folder.rglob("*") if path.is_file()}
    return {name: (told.st_size, told.st_mtime_ns) for name, told in found.items()}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CASE_WORKER, Role.HOST, Role.COORDINATOR])
def test_pages_and_headers_are_the_same(network: Network, role: Role) -> None:
    """The same menu, frame, headers, cookies and answers, for each page, in both worlds."""
    decoy_of(network, role)
    seen = []
    for words in (passphrase_of(CALL_SIGNS[role]), SECOND):
        client, told = inside(role, words)
        for address in PAGES:
            answer = client.get(address)
            headers = {name: said for name, said in answer.headers.items() if name != "Content-Length"}
            frame = re.sub(r'<p class="strip.*?</p>', "", frame_of(answer.content.decode()))
            told += [address, answer.status_code, headers, frame]
        client.post("/out")
        seen.append(told)
    assert seen[0] == seen[1]


def test_the_disk_shows_the_same(network: Network) -> None:
    """An hour in either world touches the same files, leaves each as long as it was, and all with one time."""
    decoy_of(network, Role.OPERATOR)
    inside(Role.HOST, passphrase_of("Martin"))[0].post("/out")
    changes = []
    for words in (passphrase_of("Wren"), SECOND):
        before = files_of(network.folder)
        client, _ = inside(Role.OPERATOR, words)
        during = set(files_of(network.folder)) - set(before)
        client.post("/requests/new", {"happened": "somebody called"})
        client.post("/out")
        after = files_of(network.folder)
        assert {name: size for name, (size, _at) in after.items()} == {name: size for name, (size, _) in before.items()}
        stores = {after[f"{name}.store"] for name in ("a", "b")}
        assert len(stores) == 1
        assert len({after[name][1] for name in ("a.store", "b.store", "slots", "signals", "noise")}) == 1
        touched = {name for name in after if after[name] != before[name]}
        changes.append((touched, {re.sub(r"^[ab]\.", "x.", name) for name in during}))
    assert changes[0] == changes[1]


def test_slots_and_signals_change_by_the_same_number_of_bytes(network: Network) -> None:
    """One unlocking writes one signal, of one size, wherever; and no slot."""
    decoy_of(network, Role.OPERATOR)
    written = []
    for words in (passphrase_of("Wren"), SECOND):
        before = {name: (network.folder / name).read_bytes() for name in ("slots", "signals", "waits", "noise")}
        inside(Role.OPERATOR, words)[0].post("/out")
        after = {name: (network.folder / name).read_bytes() for name in before}
        differ = {
            name: [i for i, (x, y) in enumerate(zip(before[name], after[name], strict=True)) if x != y]
            for name in before
        }
        written.append({name: (max(at) - min(at)) // 80 if at else None for name, at in differ.items()})
    assert written[0] == written[1]
    assert written[0] == {"slots": None, "signals": 0, "waits": None, "noise": None}


def test_the_audit_grows_alike(network: Network) -> None:
    """The same steps leave the same events, in the same number, in both worlds."""
    decoy_of(network, Role.OPERATOR)
    grown = []
    for words in (passphrase_of("Wren"), SECOND):
        hand = opening.unlock("Wren", words)
        with world.within(hand.store):
            last = AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]
        client, _ = inside(Role.OPERATOR, words)
        client.post("/requests/new", {"happened": "somebody called"})
        client.get("/requests/")
        client.post(
            "/network/i", {"what": "other", "passphrase": words, "new_passphrase": "x", "new_passphrase_again": "x"}
        )
        new = "violin kettle plum otter tent raven quilt"
        client.post(
            "/network/i",
            {
                "what": "other",
                "passphrase": words,
                "new_passphrase": new,
                "new_passphrase_again": new,
                "role": "operator",
            },
        )
        with world.within(hand.store):
            grown.append(list(AuditEvent.objects.filter(id__gt=last).order_by("id").values_list("act", flat=True)))
        client.post("/out")
    assert grown[0] == grown[1]
    assert len(grown[0]) >= 2


def test_neither_world_is_slower(network: Network) -> None:
    """In turn, over and over: the middle time to unlock, and to show a page, differs by less than what chance makes."""
    decoy_of(network, Role.OPERATOR)
    wrong: list[object] = []
    for _again in range(5):  # a difference of the worlds is there each time, one of a busy machine is not
        took = _times()
        wrong = []
        for step in ("in", "page"):
            real, decoy = (statistics.median(took[words, step]) for words in (passphrase_of("Wren"), SECOND))
            if abs(real - decoy) >= 0.5 * max(real, decoy):
                wrong.append((step, real, decoy))
        if not wrong:
            break
    assert wrong == []
    guesses.of(network.folder).check("Wren")


def _times() -> dict[tuple[str, str], list[float]]:
    """Return how long unlocking, and a page, took in each world, in turn."""
    took: dict[tuple[str, str], list[float]] = {}
    for _ in range(9):
        for words in (passphrase_of("Wren"), SECOND):
            began = time.perf_counter()
            client, _told = inside(Role.OPERATOR, words)
            took.setdefault((words, "in"), []).append(time.perf_counter() - began)
            for _again in range(3):
                began = time.perf_counter()
                client.get("/network/i")
                took.setdefault((words, "page"), []).append(time.perf_counter() - began)
            client.post("/out")
    return took
