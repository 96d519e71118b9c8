"""A network full of canaries: every sealed field of every record holds a word of its own, put in through the pages.

`STEPS` is the story that fills it. A record that no step fills makes the matrix fail: whoever adds one adds a step.
"""

import itertools
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import get_resolver

from tests.days import SOON
from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework import world
from veil.casework.fields import FIELDS, Field, Form
from veil.casework.hand import Hand
from veil.casework.network import opening
from veil.casework.network.models import Compartment, Sealed, World, Wrap
from veil.casework.network.roles import Kind, Role
from veil.vault.seal import Damaged

TWINS = {role: f"{sign} Two" for role, sign in CALL_SIGNS.items()}  # of the same roles, with keys to nothing
LETTERS = "abcdefghijklmnop"
CANARY = re.compile(r"kanari[a-p]{3}")
WORDS = {Form.LINE, Form.TEXT}


def _canaries() -> dict[tuple[str, str], str]:
    """Return a word for each sealed field that holds free words; letters only, so that no check refuses it."""
    get_resolver().url_patterns  # noqa: B018  (every part enters its fields when its pages are known)
    told = [(name, one.name) for name, fields in FIELDS.items() for one in fields if one.form in WORDS]
    letters = itertools.product(LETTERS, repeat=3)
    return {one: "kanari" + "".join(word) for one, word in zip(told, letters, strict=False)}


CANARIES = _canaries()
OF = {word: one for one, word in CANARIES.items()}


# Words that are copied on: the field they come from, and the further kinds of compartments where they may lie.
COPIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("person", "alias"): ("health", "testimony"),
    ("health", "alias"): (),
    ("testimony", "alias"): (),
    ("check-in", "calm"): (),  # kept so that it cannot be read back from the list of what may be heard
    ("check-in", "duress"): (),
    ("house check-in", "calm"): (),
    ("house check-in", "duress"): (),
    ("stay", "who"): ("house",),  # what the host may know
    ("stay", "needs"): ("house",),
}


class _Forms(HTMLParser):
    """Reads the forms of a page as a browser would: what each control is called, and what it would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": told.get("action", ""), "method": told.get("method", "get"), "sent": {}})
            return
        if not self.forms:
            return
        sent, name = self.forms[-1]["sent"], told.get("name", "")
        if tag == "select":
            self._select = name
            sent.setdefault(name, [])
        elif tag == "option" and self._select and told.get("value") and not sent[self._select]:
            sent[self._select] = [told["value"]]
        elif tag == "textarea":
            self._area = name
            sent[name] = [""]
        elif tag == "input" and name:
            self._input(sent, name, told)

    def _input(self, sent: dict[str, list[str]], name: str, told: dict[str, str]) -> None:
        kind, value = told.get("type", "text"), told.get("value", "")
        if kind in {"checkbox", "radio"}:
            if kind == "radio" and not value:
                return
            sent[name] = sent.get(name) or [value or "on"]
        elif kind in {"date", "datetime-local", "time"} and "required" in told and not value:
            sent[name] = [{"date": "1990-01-02", "time": "10:00"}.get(kind, SOON)]
        elif kind == "number" and "required" in told and not value:
            sent[name] = [told.get("min") or "1"]
        else:
            sent[name] = [value]

    def handle_data(self, data: str) -> None:
        if self._area and data.strip():
            self.forms[-1]["sent"][self._area] = [data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


@dataclass
class Filled:
    """The network, a browser and a hand for each role, and what the story remembers between its steps."""

    network: Network
    browsers: dict[Role, Client]
    hands: dict[Role, Hand]
    ids: dict[str, uuid.UUID] = field(default_factory=dict)

    @property
    def store(self) -> str:
        """The world that is worked in."""
        return self.hands[Role.COORDINATOR].store

    def fill(self, role: Role, address: str, records: str, /, at: str = "", **more: Any) -> str:
        """Fill a page's form for a record (or two, with a + between) with canaries, and send it as a browser would.

        `at` names a control of the form that is meant, where the page has several with these fields.
        """
        browser = self.browsers[role]
        answer = browser.get(address)
        assert answer.status_code == 200, (role, address, answer.status_code, answer.headers.get("Location"))
        read = _Forms()
        read.feed(answer.content.decode())
        asked = [(record, one.name) for record in records.split(" + ") for one in FIELDS[record]]
        names = {name for _record, name in asked}
        found = [form for form in read.forms if form["method"].lower() == "post" and names & set(form["sent"])]
        found = [form for form in found if not at or at in form["sent"]]
        assert found, (address, records, "no form with these fields")
        sent = dict(found[0]["sent"])
        sent |= {
            name: [CANARIES[record, name]] for record, name in asked if name in sent and (record, name) in CANARIES
        }
        sent |= {name: value for name, value in more.items() if value is not None}
        for name, value in more.items():
            if value is None:
                sent.pop(name, None)
        answer = browser.post(found[0]["action"] or address, sent)
        assert answer.status_code == 302, (role, address, answer.status_code, _wrong(answer))
        return str(answer.headers.get("Location", ""))

    def send(self, role: Role, address: str, /, **told: Any) -> str:
        """Send a form without looking at its page."""
        answer = self.browsers[role].post(address, told)
        assert answer.status_code == 302, (role, address, answer.status_code, _wrong(answer))
        return str(answer.headers.get("Location", ""))

    def of(self, table: Any) -> uuid.UUID:
        """Return the id of the newest row of a table."""
        with world.within(self.store):
            found = table.objects.order_by("-since" if hasattr(table, "since") else "-pk").values_list("pk", flat=True)
            return uuid.UUID(str(found[0]))

    def id_of(self, role: Role) -> str:
        """Return the id of a worker."""
        return str(self.hands[role].id)


def _wrong(answer: Any) -> str:
    told = answer.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", told[told.find("<main") :]))[:600]


Step = Callable[[Filled], None]
STEPS: list[Step] = []


def step(told: Step) -> Step:
    """Add a part to the story."""
    STEPS.append(told)
    return told


def filled(network: Network) -> Filled:
    """Tell the whole story in a network: afterwards every record of `FIELDS` lies in it."""
    hands = {role: network.hand(role) for role in Role}
    with world.within(hands[Role.COORDINATOR].store):
        here = World.objects.get()
        here.settings = here.settings | {"open": {"hour": 10_000, "day": 10_000}}
        here.save()
        for role, sign in TWINS.items():
            opening.join(hands[Role.COORDINATOR], opening.Member(sign, passphrase_of(sign), role))
    told = Filled(network, {role: network.browser(role) for role in Role}, hands)
    for part in STEPS:
        part(told)
    return told


def where(told: Filled) -> dict[str, set[tuple[uuid.UUID, Kind]]]:
    """Return in which compartments each canary lies, found by opening every sealed record with the keys of all."""
    found: dict[str, set[tuple[uuid.UUID, Kind]]] = {}
    with world.within(told.store):
        rows = Sealed.objects.values_list("record", "compartment_id", "compartment__owner", "compartment__kind")
        for record, compartment, owner, kind in rows:
            for hand in told.hands.values():
                if not Wrap.objects.filter(compartment=compartment, holder_id=hand.id).exists():
                    continue
                try:
                    said = hand.read(record, owner, Kind(kind)).said
                except Damaged:
                    continue
                for word in CANARY.findall(str(said)):
                    found.setdefault(word, set()).add((compartment, Kind(kind)))
                break
    return found


def held(compartments: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who holds a key of each of these compartments now; only inside a world."""
    told: dict[uuid.UUID, set[uuid.UUID]] = {}
    rows = Wrap.objects.filter(compartment__in=Compartment.objects.filter(id__in=list(compartments)))
    for compartment, holder in rows.values_list("compartment", "holder"):
        told.setdefault(compartment, set()).add(holder)
    return told


def words_of(record: str) -> tuple[Field, ...]:
    """Return the fields of a record that hold free words."""
    return tuple(one for one in FIELDS[record] if one.form in WORDS)
