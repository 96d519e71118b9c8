"""Incidents: one click opens the playbook; each step is ticked off, each person is told, and it is closed."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases.journey import OPEN
from veil.casework.cases.models import Case
from veil.casework.hand import Hand
from veil.casework.houses import shelter
from veil.casework.moves import checkins, incidents
from veil.casework.moves.fields import INCIDENT
from veil.casework.moves.models import CheckIn, Done, Incident, Move, Moved
from veil.casework.moves.places import plain
from veil.casework.moves.plans import STATES
from veil.casework.moves.playbooks import (
    CLINICIAN,
    EVERYBODY,
    HOUSES,
    INSIDE,
    LAWYER,
    PLAYBOOKS,
    RISK,
    TONIGHT,
    Step,
)
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, form_of, shown
from veil.web.pages.checkins import line_of
from veil.web.pages.declared import page
from veil.web.panels import Panel, panel

_PAGE = 25
_KNOWN = tuple(field for field in INCIDENT if field.name == "happened")
_LEARNT = tuple(field for field in INCIDENT if field.name == "learnt")
# Whose steps somebody reads first who has no part in the coordinators' work; the rest is folded away.
_THEIRS = {Role.HOST: (INSIDE, EVERYBODY), Role.LAWYER: (LAWYER, EVERYBODY), Role.CLINICIAN: (CLINICIAN, EVERYBODY)}
_DOES = {TONIGHT, RISK}  # what a step's button does here; the others open a page


@dataclass(frozen=True)
class Row:
    """One step as the page shows it."""

    step: Step
    done: Done | None
    by: str
    address: str  # where its button leads, if it leads anywhere
    acts: bool


@page("incident.see")
def incidents_list(request: HttpRequest) -> HttpResponse:
    """Show the incidents that this worker has to know of."""
    leaf = Paginator(incidents.mine(request.hand), _PAGE).get_page(request.GET.get("page"))
    lines = [(one, _code(request.hand, one), PLAYBOOKS[one.kind].title) for one in leaf]
    return render(request, "incidents/list.html", {"lines": lines, "leaf": leaf})


@page("incident.raise")
def new(request: HttpRequest, what: uuid.UUID | None = None) -> HttpResponse:
    """Ask what went wrong, with one button for each playbook, and open it."""
    if request.method == "POST":
        return redirect("incident", incidents.raise_incident(request.hand, request.POST.get("kind", ""), what).id)
    return render(request, "incidents/new.html", {"kinds": PLAYBOOKS.items()})


@page("incident.see", change="incident.raise")
def incident(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show a playbook, and tick its steps."""
    hand = request.hand
    one = incidents.visible(hand, what)
    if request.method == "POST":
        _act(hand, what, request.POST)
        return redirect("incident", what)
    book, held = PLAYBOOKS[one.kind], hand.holds(what, Kind.MOVEMENT)
    done = {row.step: row for row in Done.objects.filter(incident=one)}
    signs = dict(Worker.objects.filter(id__in={row.by for row in done.values()}).values_list("id", "call_sign"))
    rows = [_row(hand, one, step, done.get(step.name), signs) for step in book.steps]
    own = [row for row in rows if held or row.step.who in _THEIRS.get(Role(hand.role), (EVERYBODY,))]
    told = {
        "one": one,
        "code": _code(hand, one),
        "book": book,
        "rows": rows,
        "own": own,
        "others": [row for row in rows if row not in own],
        "next": next((row for row in own if row.done is None), None),
        "count": sum(row.done is not None for row in rows),
        "held": held,
        "leave": one.kind == "burned" and one.state == "open" and hand.role == Role.HOST,
        "facts": shown(INCIDENT, hand.read(what, what, Kind.MOVEMENT).said) if held else [],
        "tell": [(worker, done.get(str(worker.id))) for worker in incidents.to_tell(one)] if held else [],
        "moves": _moves(hand, one),
        "beds": incidents.beds(hand, one) if one.state == "open" else [],
        "may_close": held and one.state == "open" and hand.may("incident.close"),
    }
    return render(request, "incidents/one.html", told)


def _act(hand: Hand, what: uuid.UUID, sent: Any) -> None:
    deeds = {TONIGHT: incidents.tonight, RISK: incidents.risk}
    if "stay" in sent:
        incidents.rehome(hand, what, *(_id(sent.get(name, "")) for name in ("stay", "house")))
    elif sent.get("deed") in deeds:
        deeds[sent["deed"]](hand, what)
    elif "step" in sent:
        incidents.tick(hand, what, sent["step"])
    else:
        raise VeilError(_("nothing was chosen"), _("open the page again and send it once more"))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise VeilError(_("nothing was chosen"), _("open the page again and send it once more")) from error


def _row(hand: Hand, one: Incident, step: Step, done: Done | None, signs: dict[uuid.UUID, str]) -> Row:
    acts = step.deed in _DOES and hand.may("move.plan")
    address = "" if step.deed in _DOES else _address(step.deed)
    if step.deed == HOUSES and not hand.may("house.see"):
        address = ""
    elif step.deed == HOUSES and shelter.houses_of(hand).filter(id=one.of).exists():
        address = reverse("house", args=[one.of])  # the one that this is about, not all of them
    return Row(step, done, signs.get(done.by, "") if done else "", address, acts)


def _address(name: str) -> str:
    try:
        return str(reverse(name)) if name else ""
    except NoReverseMatch:
        return ""


def _moves(hand: Hand, one: Incident) -> list[tuple[Move, str]]:
    begun = Move.objects.filter(case__in=incidents.cases_of(one) or [one.root], since__gte=one.since)
    return [(move, STATES[move.state]) for move in begun.filter(id__in=hand.held(Kind.MOVEMENT))]


def _code(hand: Hand, one: Incident) -> str:
    return checkins.codes(hand, [one])[one.id]


@page("incident.raise")
def facts(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Write down what is known."""
    incidents.visible(request.hand, what)
    told = Edit(title=_("What is known so far"), act="incident: facts", check=lambda form: (plain(form), None)[1])
    return edit_record(request, what, what, _KNOWN, reverse("incident", args=[what]), told)


@page("incident.close")
def close(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Close an incident with what was learnt."""
    one = incidents.visible(request.hand, what)
    if not request.hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    form = form_of(_LEARNT, request.POST if request.method == "POST" else None)
    if request.method == "POST" and plain(form):
        incidents.close(request.hand, what, form.cleaned_data["learnt"])
        return redirect("incidents")
    book = PLAYBOOKS[one.kind]
    left = [step for step in book.steps if not Done.objects.filter(incident=one, step=step.name).exists()]
    told = {"form": form, "one": one, "left": left, "back": reverse("incident", args=[what])}
    return render(request, "incidents/close.html", told, status=400 if form.errors else 200)


@panel(30)
def on_the_case(request: HttpRequest, case_id: uuid.UUID) -> Panel | None:
    """Show the moves, check-ins and incidents of a case to those who hold its keys."""
    hand = request.hand
    if not hand.may("incident.raise") or not (hand.holds(case_id, Kind.MOVEMENT) or hand.holds(case_id, Kind.FILE)):
        return None
    held = hand.holds(case_id, Kind.MOVEMENT) and hand.may("move.see")
    rows = Move.objects.filter(case=case_id, id__in=hand.held(Kind.MOVEMENT)).order_by("-since") if held else []
    waiting = CheckIn.objects.filter(root=case_id, state="waiting", id__in=hand.held(Kind.MOVEMENT)) if held else []
    codes = checkins.codes(hand, waiting)
    told = {
        "case": case_id,
        "held": held,
        "open_case": Case.objects.filter(id=case_id, state__in=OPEN).exists(),
        "now": clock.now(),
        "moves": [(move, STATES[move.state]) for move in rows],
        "check_ins": [line_of(hand, one, codes[one.id]) for one in waiting],
        "moved": list(Moved.objects.filter(root=case_id).order_by("day")) if held else [],
        "incidents": [
            (one, PLAYBOOKS[one.kind].title) for one in incidents.mine(hand).filter(root=case_id, state="open")
        ],
    }
    return Panel("moves/panel.html", told)


urlpatterns = [
    path("incidents", incidents_list, name="incidents"),
    path("incidents/raise", new, name="incident-raise"),
    path("incidents/of/<uuid:what>", new, name="incident-new"),
    path("incidents/<uuid:what>", incident, name="incident"),
    path("incidents/<uuid:what>/facts", facts, name="incident-facts"),
    path("incidents/<uuid:what>/close", close, name="incident-close"),
]
