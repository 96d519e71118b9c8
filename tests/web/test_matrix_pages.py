"""Every role on every page with every id: no word is shown whose key is not held, and nothing foreign is changed."""

import re
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse

from tests import planted
from tests.days import SOON, SOON_DAY
from tests.networks import Network, passphrase_of
from tests.planted import Planted
from veil.casework import policy, world
from veil.casework.fields import FIELDS, Form
from veil.casework.hand import Hand
from veil.casework.network import chiefs
from veil.casework.network.models import Opened, Wrap
from veil.casework.network.roles import Kind, Role
from veil.web.pages.declared import PUBLIC

NOBODY = uuid.UUID(int=77 << 64)
MORE: dict[str, tuple[Any, ...]] = {
    "kind": ("health", "testimony"),
    "purpose": ("casework", "medical"),
    "worker": (NOBODY,),
    "ticket": ("x",),
}
_MARK = re.compile(r"[zZ]q[0-9a-f]{10}qz")
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{64}|[0-9]+")
_OF = {  # which things the pages of each part are about; each is also asked for one that is of another part
    "requests": ("request", "case"),
    "cases": ("case", "person", "relative", "consent", "request"),
    "moves": ("case", "move", "leg", "check-in", "house check-in", "house", "incident"),
    "houses": ("house", "stay", "case"),
    "custody": ("person", "relative", "access", "slip"),
    "keeping": ("request", "case", "move", "house", "incident"),
    "network": ("case",),
}
_ENDS = {"lock", "exit", "unlock", "keep", "kept", "here", "found", "language"}
_BROAD = {
    "worker",
    "revoke",
    "confirm_worker",
    "lift",
    "hand_over",
    "hand_over_cases",
    "forced",
    "means",
}  # coordinators act on colleagues
_REFUSED = {"request", "case-words", "identity", "care", "move-edit"}  # forms that come back with words
_OURS = (Opened,)


@cache
def routes() -> tuple[tuple[str, str, str, tuple[str, ...]], ...]:
    """Return each route's name, the acts that reading and sending it need, and what it takes."""
    told = []
    for name, (possible, *_rest) in sorted(
        (name, one) for name, one in get_resolver().reverse_dict.items() if isinstance(name, str)
    ):
        for _shape, takes in possible:
            address = reverse(name, kwargs=_told(takes, NOBODY, 0))
            view: Any = get_resolver().resolve(address).func
            told.append((name, view.act, view.change, tuple(takes)))
    return tuple(told)


def _told(takes: Any, what: uuid.UUID, turn: int) -> dict[str, Any]:
    return {name: what if name == "what" else MORE[name][turn % len(MORE[name])] for name in takes}


def addresses(name: str, takes: tuple[str, ...], ids: Any) -> Iterator[str]:
    """Yield the addresses of a route with each of these ids."""
    for id_ in ids if "what" in takes else (NOBODY,):
        for turn in range(max((len(MORE[one]) for one in takes if one != "what"), default=1)):
            try:
                yield reverse(name, kwargs=_told(takes, id_, turn))
            except NoReverseMatch:
                continue


def ids_of(made: Planted, name: str, takes: tuple[str, ...]) -> list[uuid.UUID]:
    """Return the things that a route's pages may be about."""
    part = next(addresses(name, takes, [NOBODY])).split("/")[1]
    own = [hand.id for role, hand in made.hands.items() if role in {Role.COORDINATOR, Role.OPERATOR}]
    return [made.ids[one] for one in _OF.get(part, ("case",))] + (own if part == "network" else [])


def readable(made: Planted, hand: Hand) -> tuple[set[tuple[uuid.UUID, str]], set[uuid.UUID]]:
    """Return the compartments whose keys a worker holds, and the roots that they may know by code."""
    wraps = Wrap.objects.filter(holder_id=hand.id)
    held = set(wraps.values_list("compartment__owner", "compartment__kind"))
    own = wraps.exclude(compartment__owner=made.ids["stay"]).exclude(compartment__kind__in=(Kind.HEALTH,))
    return held, set(own.values_list("compartment__root", flat=True))


def look(made: Planted, hand: Hand, keys: Any, answer: HttpResponse, seen: set[str]) -> None:
    """Fail where an answer holds a mark whose key this worker does not hold, or the code of what is not theirs."""
    told = answer.content.decode() + str(sorted(answer.headers.items()))
    held, roots = keys
    for mark in set(_MARK.findall(told)):
        name, owner, kind = made.marks[mark]
        assert (owner, kind) in held, f"{hand.role} reads {name}"
        seen.add(name)
    for code, root in made.codes.items():
        assert code not in told or root in roots, f"{hand.role} reads a code"


def test_no_page_shows_a_word_whose_key_is_not_held(network: Network) -> None:
    """Eight workers with the keys of their work, every page, every id; and every field is seen by somebody."""
    made = planted.plant(network)
    seen: set[str] = set()
    for role in Role:
        browser, hand = network.browser(role), network.hand(role)
        with world.within(hand.store):
            keys = readable(made, hand)
        for name, act, change, takes in routes():
            if name in _ENDS or act == PUBLIC:
                continue
            if not policy.may(role, act):
                (address, *_others) = addresses(name, takes, [made.ids["case"]])
                asked = RequestFactory().get(address)
                asked.hand = hand
                with pytest.raises(policy.NotAllowed):  # past all of the frame, for there are many of them
                    get_resolver().resolve(address).func(asked, **_told(takes, NOBODY, 0))
                continue
            for address in addresses(name, takes, ids_of(made, name, takes)):
                answer = browser.get(address)
                assert answer.status_code < 500, (role, name)
                look(made, hand, keys, answer, seen)
            if role is Role.CASE_WORKER:
                assert browser.options(address).status_code == 403, name
            if policy.may(role, change) and name in _REFUSED:
                look(made, hand, keys, browser.post(address, {"version": "x", "how": ["x"]}), seen)
    every = {
        f"{record}.{one.name}"
        for record, fields in FIELDS.items()
        for one in fields
        if one.form in {Form.LINE, Form.TEXT} and record not in planted.NEVER_SHOWN
    }
    assert every - seen == set()


POISON = {
    "how": "over", "to": "", "do": "share", "step": "destroy", "tick": "asked", "turn": "0", "part": "Plover",
    "deed": "tonight", "stop": "1", "take": "1", "rung": "0", "heard": "x", "sure": "yes", "here": "requested",
    "version": "0", "priority": "emergency", "state": "resting", "until": SOON_DAY, "answer": "agree",
    "household": "new", "on": "yes", "milestone": "x", "capacity": "9", "taker": "Plover", "why": "rests",
    "passphrase": "x", "even_if_lost": "yes", "call": "talked", "urgency": "days", "weighed": "x", "alias": "Reed",
    "motive": "x", "hours": "72", "legal_name": "x", "beds": "1", "address": "x", "learnt": "x", "happened": "x",
    "sign": "Plover", "inside": "yes", "kind": "door", "due": SOON, "grace": "0", "meet": "x",
    "ambulance": "x", "secret": "x", "danger": "x", "notes": "x", "no_go": "x", "text": "x", "where": "x",
}  # fmt: skip


def test_a_stranger_of_every_role_learns_and_changes_nothing(network: Network) -> None:
    """Somebody who holds no key gets the same answers for a thing as for an id of nothing, and no row is changed."""
    made = planted.plant(network)
    signs = planted.strangers(network)
    before = rows(made)
    for role, sign in signs.items():
        browser = Client(headers={"accept-language": "en"}, SERVER_NAME="localhost")
        answer = browser.post("/unlock", {"call_sign": sign, "passphrase": passphrase_of(sign)})
        assert answer.status_code == 302
        for name, act, change, takes in routes():
            if "what" not in takes or act == PUBLIC or name in _BROAD:
                continue
            sent = POISON | {"worker": _own(made, sign), "holders": _own(made, sign), "to": _own(made, sign)}
            if not policy.may(role, act):
                continue
            nothing = [_plain(browser, address, None) for address in addresses(name, takes, [NOBODY])]
            sends = policy.may(role, change)
            refused = [_plain(browser, address, sent) for address in addresses(name, takes, [NOBODY]) if sends]
            for id_ in ids_of(made, name, takes):
                told = [_plain(browser, address, None) for address in addresses(name, takes, [id_])]
                assert told == nothing, (role, name)
                if sends:
                    told = [_plain(browser, address, sent) for address in addresses(name, takes, [id_])]
                    assert told == refused, (role, name)
    after = rows(made)
    assert {name for name in after if after[name] != before[name]} == set()


def _plain(browser: Client, address: str, sent: Any) -> tuple[int, str, str]:
    answer = browser.get(address) if sent is None else browser.post(address, sent)
    told = _CHANGING.sub("", answer.content.decode())
    assert not _MARK.search(answer.content.decode()), address
    return answer.status_code, told, _CHANGING.sub("", answer.headers.get("Location", ""))


def _own(made: Planted, sign: str) -> str:
    with world.within(made.hands[Role.COORDINATOR].store):
        return str(apps.get_model("casework", "Worker").objects.get(call_sign=sign).id)


def rows(made: Planted) -> dict[str, list[Any]]:
    """Return every row of every table but those that say who was here, the coordinators' desk among them."""
    asked = {"Sealed": {"compartment__root": chiefs.SHARED}}
    with world.within(made.hands[Role.COORDINATOR].store):
        return {
            model.__name__: sorted(
                map(repr, model.objects.exclude(**asked.get(model.__name__, {"pk": None})).values_list())
            )
            for model in apps.get_app_config("casework").get_models()
            if model not in _OURS and model.__name__ not in {"AuditEvent", "World"}
        }


GRAVE = {
    "purge": "record.purge", "revoke": "worker.revoke", "confirm_worker": "worker.confirm", "lift": "worker.limits",
    "bait": "bait.set", "backup": "vault.backup", "audit": "audit.see", "forced": "alarm.see",
    "settings": "settings.change", "request_accept": "request.accept", "request_clear": "request.clear trap",
    "request_form": "request.open form", "house-address": "house.address", "house-where": "house.address",
    "house-pass-on": "house.address", "place": "stay.place", "case-close": "case.close", "asking": "identity.answer",
    "slip": "slip.write down", "slips": "slip.write down",
}  # fmt: skip


def test_pages_with_grave_effect_need_what_they_always_needed() -> None:
    """Neither reading nor sending one of them is let to more people by the way."""
    needs = {name: {act, change} for name, act, change, _takes in routes()}
    assert {name: needs[name] for name in GRAVE} == {name: {act} for name, act in GRAVE.items()}
