"""What the page for coordinators promises in figures is what the code does; what is never to be built is not there."""

import re
from pathlib import Path

import click
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.networks import Network
from veil.casework import chosen, world
from veil.casework.cases import risk
from veil.casework.houses import stays
from veil.casework.keeping import clocks
from veil.casework.moves import ladder, plans
from veil.casework.network.roles import Role
from veil.cli import veil
from veil.web import door

_M = re.MULTILINE
PAGE = (Path(__file__).parents[2] / "docs" / "casework.md").read_text(encoding="utf-8")
_NEVER = re.compile(
    r"search|export|import|(^|[^a-z])maps?([^a-z]|$)|graph|duplicat|match|merge|everybody|contacts", re.IGNORECASE
)


def _told(words: str) -> tuple[int, ...]:
    """Return the figures in a sentence of the page, which is written here with `#` for each."""
    found = re.search(re.escape(words).replace(r"\#", r"(\d+)").replace(r"\ ", r"\s+"), PAGE)
    assert found is not None, f"the page does not say any more: {words}"
    return tuple(int(one) for one in found.groups())


def test_what_is_kept_and_until_when() -> None:
    """The table of days is the clocks': every row, every figure."""
    rows = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \|$", PAGE, _M))
    names = {
        "closed or withdrawn case": "closed case",
        "plan of a move that nobody goes on with": "move",
        "incident that is about no case and no house": "incident",
    }
    assert {names.get(name, name): int(days) for name, days in rows.items()} == clocks.DAYS


def test_the_ladder_climbs_as_it_is_told() -> None:
    """Call again at once, then each step after the minutes that the page says."""
    told = _told("(after # minutes), a coordinator (#), the trusted person near by (#), the playbook (#)")
    assert told == tuple(minutes for minutes, _step in ladder.USUAL[1:])
    assert [step for _minutes, step in ladder.USUAL] == ["again", "second", "coordinator", "near", "incident"]


def test_the_risk_is_due_again_when_it_is_told() -> None:
    """After the days of each level."""
    days = sorted(one.days for one in risk.RENEW.values())
    assert _told("after #, #, # or # days") == tuple(days)


def test_the_other_figures(network: Network) -> None:
    """The lock, the plans that destroy themselves, the stays: in words on the page, in figures in the code."""
    for words in (
        "locks after ten minutes without a hand on it, and after twelve hours in any case",
        "A day after\narrival the plan destroys itself (three days after it was broken off)",
        "Two weeks are a normal stay",
        "Three calls that nobody answers: contact lost",
    ):
        assert words in PAGE
    assert (door.IDLE_S, door.LONGEST_S) == (10 * 60, 12 * 3600)
    assert plans.HOURS == {"arrived": 24, "aborted": 72}
    assert stays.NORMAL.days == 14
    with world.within(network.hand(Role.COORDINATOR).store):
        assert chosen.numbers()["idle_minutes"] == 10
        assert chosen.numbers()["missed_calls"] == 3


def _addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    told = []
    for one in patterns:
        where = before + str(one.pattern)
        told += _addresses(one.url_patterns, where) if isinstance(one, URLResolver) else [f"{where} {one.name}"]
    return told


def test_what_is_never_to_be_built_is_not_there() -> None:
    """No page and no verb searches, exports, imports, matches, draws a map or a graph, or lists everybody."""
    verbs = [*veil.commands["vault"].commands, *veil.commands["serve"].params]  # type: ignore[attr-defined]
    told = [*_addresses(get_resolver().url_patterns), *(getattr(one, "name", one) for one in verbs)]
    assert len(told) > 50
    assert [one for one in told if _NEVER.search(str(one))] == []


@pytest.mark.parametrize("verb", ["new", "verify", "backup", "restore", "purge"])
def test_the_verbs_of_the_vault_are_there(verb: str) -> None:
    """Each that the page names, and no more than those that it could name."""
    group = veil.commands["vault"]
    assert isinstance(group, click.Group)
    assert f"veil vault {verb}" in PAGE
    assert verb in group.commands


def test_every_proof_that_is_named_exists() -> None:
    """The table of promises names no test that is not there."""
    told = (Path(__file__).parents[2] / "docs" / "proofs.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", told))
    files = Path(__file__).parents[1].rglob("test_*.py")
    there = {name for path in files for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), _M)}
    assert len(named) > 50
    assert named - there == set()
