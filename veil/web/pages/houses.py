"""Pages of houses: the board without addresses, one house, its words, its rest, and where it is for two who know."""

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from veil.casework.houses import burning, journey, shelter
from veil.casework.houses.fields import HOUSE, NO_AMBULANCE, RULES
from veil.casework.houses.models import House, ToTell
from veil.casework.moves import checkins
from veil.casework.network.models import Compartment, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.web.forms import Edit, edit_record, form_of, shown
from veil.web.pages import houses_fire, houses_passing, houses_signs, houses_stays
from veil.web.pages.checkins import line_of
from veil.web.pages.declared import page
from veil.web.pages.houses_shared import Until, card_of, stay_line

_A_PAGE = 25
_BOARD = tuple(field for field in HOUSE if field.kind == Kind.FILE)
_WHERE = tuple(field for field in HOUSE if field.kind == Kind.HOUSE)


@page("house.see")
def houses(request: HttpRequest) -> HttpResponse:
    """Show the houses whose keys this worker holds: what is free, what is not, and nothing about where."""
    hand = request.hand
    moving = Count("stays", filter=Q(stays__state=journey.MUST_MOVE), distinct=True)
    mine = shelter.houses_of(hand).annotate(moving=moving).order_by("-moving", "code")
    leaf = Paginator(mine, _A_PAGE).get_page(request.GET.get("page"))
    words = hand.read_all([house.id for house in leaf], Kind.FILE)
    cards = [card_of(house, words[house.id].said if house.id in words else {}, house.moving) for house in leaf]
    return render(request, "houses/list.html", {"cards": cards, "leaf": leaf, "unseen": _unseen(request)})


@page("house.change")
def houses_seen(request: HttpRequest) -> HttpResponse:
    """Let coordinators who joined later see the board; where the houses are they do not learn."""
    if request.method == "POST":
        shelter.let_all_coordinators_see(request.hand)
    return redirect("houses")


@page("house.see")
def house(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one house."""
    hand = request.hand
    found = shelter.house_of(hand, what)
    board = hand.holds(what, Kind.FILE)
    said = hand.read(what, what, Kind.FILE).said if board else {}
    mine = hand.may("stay.place") or hand.holds(what, Kind.HOUSE)
    there = found.stays.exclude(state=journey.ENDED).order_by("until") if mine else ()
    told = {
        "card": card_of(found, said),
        "words": shown([field for field in _BOARD if field.name not in {"suits", "travel"}], said),
        "board": board,
        "stays": [stay_line(hand, stay) for stay in there],
        "knows_where": hand.holds(what, Kind.HOUSE),
        "check_ins": [line_of(hand, one, found.code) for one in checkins.of_house(hand, what)],
        "burned": found.state == journey.BURNED,
        "must_move": burning.must_move(what).count(),
        "may_change": hand.may("house.change") and board,
        "may_burn": hand.may("house.burn"),
        "no_ambulance": said.get("ambulance") or NO_AMBULANCE,
    }
    if told["burned"] and told["may_change"]:
        told |= {"to_tell": _to_tell(what), "slept": burning.slept_there(what)}
        if not told["must_move"] and all(one["row"].told for one in told["to_tell"]):
            told |= {"to_close": houses_signs.to_close(hand, what)}
    return render(request, "houses/house.html", told)


@page("house.make")
def house_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new house, and make it."""
    hosts = Worker.objects.filter(role=Role.HOST, ended=None).order_by("call_sign")
    first = {"rules": str(RULES), "ambulance": str(NO_AMBULANCE)}
    form = form_of(HOUSE, request.POST if request.method == "POST" else None, first)
    form.fields = {**_Beds(hosts).fields, **form.fields}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = shelter.make_house(request.hand, hosts.get(id=said["host"]), said["capacity"], said)
        return redirect("house", made.id)
    return render(request, "houses/new.html", {"form": form, "hosts": hosts, "back": reverse("houses")})


@page("house.change")
def house_edit(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change what placing needs to know of a house."""
    found = shelter.house_of(request.hand, what)
    edit = Edit(_("House %(code)s") % {"code": found.code}, _("Nothing here may say where it is."), act="house changed")
    return edit_record(request, what, what, _BOARD, reverse("house", args=[what]), edit)


@page("house.change")
def house_beds(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change how many beds a house has."""
    found = shelter.house_of(request.hand, what)
    form = _Capacity(request.POST if request.method == "POST" else None, initial={"capacity": found.capacity})
    if request.method == "POST" and form.is_valid():
        shelter.resize(request.hand, what, form.cleaned_data["capacity"])
        return redirect("house", what)
    told = {"title": _("Beds in %(code)s") % {"code": found.code}, "form": form, "back": reverse("house", args=[what])}
    return render(request, "houses/ask.html", told)


@page("house.change")
def house_state(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Open a house, call it full, or let it rest."""
    found = shelter.house_of(request.hand, what)
    form = Until(request.POST if request.method == "POST" else None)
    to = request.POST.get("state", "")
    if request.method == "POST" and to in {journey.OPEN, journey.FULL}:
        shelter.set_state(request.hand, what, to)
        return redirect("house", what)
    if request.method == "POST" and to == journey.RESTING and form.is_valid():
        shelter.set_state(request.hand, what, to, form.cleaned_data["until"])
        return redirect("house", what)
    told = {"house": found, "card": card_of(found, {}), "form": form, "guests": found.taken.count()}
    return render(request, "houses/state.html", told)


@page("house.address")
def house_address(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show where a house is, to its host and its one coordinator; the audit notes that it was read."""
    found = shelter.house_of(request.hand, what)
    words = request.hand.read(what, what, Kind.HOUSE)
    request.hand.note("address read", what)
    who = [one for role in (Role.HOST, Role.COORDINATOR) if (one := shelter.holder(what, role))]
    told = {"house": found, "words": shown(_WHERE, words.said, empty=True), "who": who}
    return render(request, "houses/address.html", told)


@page("house.address")
def house_where(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change where a house is, and how to get in; whoever sees the form has read it, and the audit notes that."""
    edit = Edit(_("Where it is"), _("Only its host and one coordinator can ever read this."), act="address changed")
    answer = edit_record(request, what, what, _WHERE, reverse("house-address", args=[what]), edit)
    if not isinstance(answer, HttpResponseRedirect):
        request.hand.note("address read", what)
    return answer


class _Capacity(forms.Form):
    """How many can sleep there."""

    capacity = forms.IntegerField(min_value=1, max_value=99)

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, auto_id="f_%s", **named)
        self.fields["capacity"].label = _("Beds")


class _Beds(_Capacity):
    """A new house: its host, and how many can sleep there."""

    host = forms.ChoiceField()

    def __init__(self, hosts: Any) -> None:
        super().__init__()
        self.fields["host"].label = _("Host")
        self.fields["host"].choices = [(str(one.id), one.call_sign) for one in hosts]


def _unseen(request: HttpRequest) -> int:
    """Return how many coordinators do not see the whole board yet."""
    if not request.hand.may("house.change"):
        return 0
    mine = list(House.objects.filter(request.hand.holding(Kind.FILE)).values_list("id", flat=True))
    count = len(mine)
    coordinators = list(shelter.coordinators())
    keys = list(Compartment.objects.filter(owner__in=mine, kind=Kind.FILE).values_list("id", flat=True))
    seeing = Counter(Wrap.objects.filter(compartment__in=keys).values_list("holder", flat=True))
    return sum(seeing[one.id] < count for one in coordinators)


def _to_tell(what: uuid.UUID) -> list[dict[str, Any]]:
    rows = list(ToTell.objects.filter(house_id=what).order_by("told", "id"))
    signs = dict(Worker.objects.filter(id__in=[row.worker for row in rows]).values_list("id", "call_sign"))
    return [{"row": row, "call_sign": signs.get(row.worker, "—")} for row in rows]


urlpatterns = [
    path("", houses, name="houses"),
    path("new", house_new, name="house-new"),
    path("seen", houses_seen, name="houses-seen"),
    *houses_stays.urlpatterns,
    *houses_fire.urlpatterns,
    *houses_signs.urlpatterns,
    path("<uuid:what>", house, name="house"),
    path("<uuid:what>/edit", house_edit, name="house-edit"),
    path("<uuid:what>/beds", house_beds, name="house-beds"),
    path("<uuid:what>/state", house_state, name="house-state"),
    path("<uuid:what>/where", house_address, name="house-address"),
    path("<uuid:what>/where/edit", house_where, name="house-where"),
    *houses_passing.urlpatterns,
]
