"""Every role, every page, every sealed field: what a worker has no key to is on no page of theirs.

Pages are found by introspection and fields in `FIELDS`: a page that nobody reaches, or a field that the story does not
fill, fails here.
"""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django_htmx.middleware import HtmxDetails

from tests import yields
from tests.filled import CANARIES, CANARY, COPIES, OF, TWINS, Filled, filled, held, where
from tests.networks import CALL_SIGNS, Network, close, passphrase_of
from tests.story import LATER
from veil.casework import hand as hands
from veil.casework import policy, world
from veil.casework.custody.models import Change, Slip
from veil.casework.fields import FIELDS
from veil.casework.hand import Hand
from veil.casework.network import opening
from veil.casework.network.models import Sealed, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import stores
from veil.web.pages.declared import PUBLIC

WORDS = {"purpose": ("medical",), "kind": ("health", "testimony")}  # what stands in an address besides ids


@dataclass(frozen=True)
class Page:
    """One address: its name, what it takes, and the view that answers."""

    name: str
    takes: tuple[tuple[str, str], ...]  # name and converter
    view: Any


def _walk(patterns: list[Any], before: tuple[tuple[str, str], ...] = ()) -> Iterator[Page]:
    for one in patterns:
        takes = before + tuple((name, type(told).__name__) for name, told in one.pattern.converters.items())
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, takes)
        elif isinstance(one, URLPattern):
            yield Page(str(one.name), takes, one.callback)


PAGES = [one for one in _walk(get_resolver().url_patterns) if getattr(one.view, "act", PUBLIC) != PUBLIC]


@dataclass
class Matrix:
    """The filled network, everybody's hands, and what lies where."""

    told: Filled
    twins: dict[Role, Hand]
    ids: dict[str, uuid.UUID]  # the newest row of each table
    roots: dict[uuid.UUID, uuid.UUID]  # which case, request or house each of them belongs to
    places: dict[str, set[tuple[uuid.UUID, Kind]]]
    holders: dict[uuid.UUID, set[uuid.UUID]]

    def each(self) -> Iterator[tuple[Role, Hand]]:
        """Yield everybody: those with keys, then their twins without."""
        yield from self.told.hands.items()
        yield from self.twins.items()


@pytest.fixture(scope="session")
def story(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tell the story once."""
    folder = tmp_path_factory.mktemp("story") / "vault"
    shutil.copytree(founded, folder)
    stores.use(folder)
    filled(Network(folder))
    close()
    return folder


@pytest.fixture
def matrix(story: Path, tmp_path: Path) -> Iterator[Matrix]:
    """Give a test the filled network with everybody in it."""
    folder = tmp_path / "vault"
    shutil.copytree(story, folder)
    stores.use(folder)
    network = Network(folder)
    told = Filled(network, {}, {role: network.hand(role) for role in Role})
    twins = {role: opening.unlock(sign, passphrase_of(sign)) for role, sign in TWINS.items()}
    places = where(told)
    with world.within(told.store):
        holders = held(place for each in places.values() for place, _kind in each)
        yield Matrix(told, twins, _ids(), _roots(), places, holders)
    close()


def _ids() -> dict[str, uuid.UUID]:
    found: dict[str, Any] = {}
    for model in apps.get_app_config("casework").get_models():
        if model.__name__ == "Clock" or not isinstance(model._meta.pk, models.UUIDField):
            continue
        if _rooted(model) or model in {Worker, Change}:
            rows = list(model._default_manager.values_list("pk", flat=True))
            most = 3 if model.__name__ in {"Case", "Person", "Access"} else 1
            found |= {f"{model.__name__} {place}": one for place, one in enumerate(rows[-most:])}
    found |= {f"Slip {place}": uuid.UUID(int=one) for place, one in enumerate(_slips())}  # as its page is called
    return {name: one for name, one in found.items() if isinstance(one, uuid.UUID)}


def _slips() -> list[int]:
    return list(Slip.objects.order_by("id").values_list("id", flat=True))[:3]


def _roots() -> dict[uuid.UUID, uuid.UUID]:
    found: dict[uuid.UUID, uuid.UUID] = {}
    for model in apps.get_app_config("casework").get_models():
        if _rooted(model):
            found |= dict(model._default_manager.values_list("pk", "root"))
    return found


def _rooted(model: Any) -> bool:
    return any(field.name == "root" for field in model._meta.fields)


@cache
def _factory() -> RequestFactory:
    return RequestFactory(SERVER_NAME="localhost")


def _ask(page: Page, hand: Hand, named: dict[str, Any], sent: dict[str, str] | None = None) -> HttpResponse | None:
    """Return what a page answers to a worker, or None where it refuses; nothing it writes is kept."""
    request = _factory().get("/") if sent is None else _factory().post("/", sent)
    request.hand, request.htmx, request.leaving = hand, HtmxDetails(request), False
    kept = transaction.savepoint(using=hand.store)
    try:
        answer: HttpResponse = page.view(request, **named)
    except (VeilError, Http404):
        return None
    finally:
        transaction.savepoint_rollback(kept, using=hand.store)
    return answer


def _named(page: Page, ids: dict[str, uuid.UUID]) -> Iterator[dict[str, Any]]:
    """Yield everything that could stand in a page's address."""
    told: list[dict[str, Any]] = [{}]
    for name, converter in page.takes:
        values: Any = WORDS[name] if converter != "UUIDConverter" else sorted(set(ids.values()))
        if name == "worker":
            values = list(Worker.objects.filter(ended=None).values_list("id", flat=True)[:1])
        told = [one | {name: value} for one in told for value in values]
    yield from told


def _strangers(told: Matrix, hand: Hand, answer: HttpResponse) -> set[tuple[str, str]]:
    """Return the fields whose words an answer shows to somebody who has no key to any place where they lie."""
    found = set(CANARY.findall(answer.content.decode())) & set(OF)
    return {
        OF[word]
        for word in found
        if not any(hand.id in told.holders.get(place, ()) for place, _kind in told.places.get(word, ()))
    }


def test_every_sealed_field_of_every_record_is_filled(matrix: Matrix) -> None:
    """The story leaves no field empty, and each word lies sealed in its own kind of compartment and in no other."""
    missing = {one for one in CANARIES if CANARIES[one] not in matrix.places and one not in COPIES}
    assert {record for record, _name in missing} == set(LATER)
    for word, places in matrix.places.items():
        record, name = OF[word]
        kind = next(one.kind for one in FIELDS[record] if one.name == name)
        allowed = {kind, *(Kind(one) for one in COPIES.get((record, name), ()))}
        assert {told for _place, told in places} <= allowed, (record, name)


def test_a_page_shows_only_what_its_worker_holds_keys_to(matrix: Matrix) -> None:
    """Each page, to each worker and each worker without keys, for each id: no word without its key, nothing breaks."""
    shown: dict[str, set[tuple[str, str]]] = {role: set() for role in Role}
    reached: dict[str, list[dict[str, Any]]] = {}
    for page in PAGES:
        named = list(_named(page, matrix.ids))
        for role, hand in matrix.told.hands.items():
            if not hand.may(page.view.act):
                assert _ask(page, hand, named[0]) is None, (page.name, role)
                continue
            # once a page has answered, only what it answered to is tried
            for one in list(reached.get(page.name, named)):
                words = _looked_at(matrix, page, hand, one)
                if words is not None:
                    shown[role] |= words
                    if one not in reached.setdefault(page.name, []):
                        reached[page.name].append(one)
                    _looked_at(matrix, page, matrix.twins[role], one)
    REACHED.update(reached)
    assert {page.name for page in PAGES} - set(reached) <= UNREACHED, "a page that the story does not lead to"
    # that every field is shown to who holds it is tried in test_matrix_pages; here, that the search sees what is shown
    assert len(shown[Role.CASE_WORKER]) > 15
    assert shown[Role.AUDITOR] == set()


def _looked_at(matrix: Matrix, page: Page, hand: Hand, named: dict[str, Any]) -> set[tuple[str, str]] | None:
    """Return the fields whose words a page shows to a worker, or None where it refuses; fail at a stranger's."""
    answer = _ask(page, hand, named)
    if answer is None:
        return None
    assert answer.status_code < 500, (page.name, hand.role, answer.status_code)
    assert _strangers(matrix, hand, answer) == set(), (page.name, hand.role)
    return {OF[word] for word in set(CANARY.findall(answer.content.decode())) & set(OF)}


def test_sending_without_the_act_or_the_keys_changes_nothing(matrix: Matrix) -> None:
    """A form sent by a role without the act, or by somebody without keys to the record, changes no sealed word."""
    of_cases = {name: one for name, one in matrix.ids.items() if one in matrix.roots and name.endswith(" 0")}
    before = _state(matrix)
    for page in PAGES:
        for role, hand in matrix.each():
            if not hand.may(page.view.change):
                named = next(_named(page, matrix.ids))
                assert _ask(page, hand, named, {"words": "x"}) is None, (page.name, role)
        for hand in matrix.twins.values():
            if hand.may(page.view.change) and any(name == "what" for name, _told in page.takes):
                for one in REACHED.get(page.name) or _named(page, of_cases):
                    root = matrix.roots.get(one["what"])
                    if root is not None and not hand.within(root):
                        _untouched(page, hand, one, matrix, before)


REACHED: dict[str, list[dict[str, Any]]] = {}  # what each page answered to, for the test that sends
_State = tuple[int, int, int]


def _untouched(page: Page, hand: Hand, named: dict[str, Any], matrix: Matrix, before: _State) -> None:
    request_words = {"do": "close", "step": "ready", "turn": "0", "version": "1", "motive": "x", "hours": "1"}
    kept = transaction.savepoint(using=hand.store)
    request = _factory().post("/", request_words)
    request.hand, request.htmx, request.leaving = hand, HtmxDetails(request), False
    try:
        answer = page.view(request, **named)
        assert _strangers(matrix, hand, answer) == set(), page.name
        assert _state(matrix) == before, (page.name, hand.role)
    except (VeilError, Http404):
        pass
    finally:
        transaction.savepoint_rollback(kept, using=hand.store)


def _state(matrix: Matrix) -> _State:
    """Return what would differ if a sealed word, or a key of one that is not new, were changed."""
    places = [place for each in matrix.places.values() for place, _kind in each]
    total = Sealed.objects.filter(compartment__in=places).aggregate(models.Sum("version"), models.Count("id"))
    return (*total.values(), Wrap.objects.filter(compartment__in=places).count())


@pytest.mark.parametrize("role", Role)
def test_the_bare_secret_opens_no_more_than_the_pages(matrix: Matrix, role: Role) -> None:
    """With every wrap of the store at hand, a worker's secret opens those sealed to them and no other."""
    hand = matrix.told.hands[role]
    for holder, box in Wrap.objects.values_list("holder", "box"):
        try:
            hand.unseal(bytes(box))
        except VeilError:
            assert holder != hand.id
        else:
            assert holder == hand.id


def test_a_page_that_declares_nothing_is_not_there(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that forgets to declare its act answers 404 to every role, before it runs."""
    pages = [one.view for one in PAGES if one.name == "me"]
    monkeypatch.delattr(pages[0], "act")
    for role in CALL_SIGNS:
        assert network.browser(role).get("/network/me").status_code == 404


def test_all_acts_in_use_are_written_down() -> None:
    """No page asks for an act that has no rule: it would be closed to all without anybody noticing."""
    assert {act for page in PAGES for act in (page.view.act, page.view.change)} <= set(policy.RULES)


def test_what_was_lent_is_gone_from_the_pages_with_its_time(matrix: Matrix) -> None:
    """Past its hours an identity is on no page of the one who had it open."""
    Wrap.objects.filter(compartment__kind=Kind.IDENTITY).update(until="2020-01-01T00:00:00+00:00")
    hands.expire()
    page = next(one for one in PAGES if one.name == "identity")
    answer = _ask(page, matrix.told.hands[Role.CASE_WORKER], {"what": matrix.ids["Envelope 0"]})
    assert answer is not None
    assert CANARIES["identity", "legal_name"] not in answer.content.decode()


def test_threats_says_what_a_seizure_yields_now(matrix: Matrix) -> None:
    """The table in THREATS.md is what the code computes: where it is not, run `python tools/yields.py write`."""
    text = (Path(__file__).parents[2] / "THREATS.md").read_text(encoding="utf-8")
    assert yields.standing(text) == yields.table(matrix.told)


UNREACHED = {  # what the story does not lead to yet
    "case-close",  # of a case whose journey is at its end
    "incident",
    "incident-facts",
    "incident-close",
    "forced",  # of a worker who was forced
}
