"""Pages of stays: a bed for somebody, until when, another house, the end; and the panel on the case's page."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases.journey import OPEN
from veil.casework.cases.models import Case
from veil.casework.houses import journey, stays
from veil.casework.houses.fields import HOUSE, NO_AMBULANCE, STAY
from veil.casework.houses.models import House, Stay
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.web.forms import form_of, shown
from veil.web.pages.declared import page
from veil.web.pages.houses_shared import Until, card_of, end_of, stay_line
from veil.web.panels import Panel, panel

_RULES = tuple(field for field in HOUSE if field.name in {"rules", "ambulance"})
_MOST_BEDS = 40


@page("stay.place")
def place(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Find a bed for the people of a case."""
    hand = request.hand
    if not hand.holds(what, Kind.FILE):
        raise NotAllowed
    sent = request.POST if request.method == "POST" else None
    form = form_of(STAY, sent)
    form.fields = {**_Place(stays.free_houses(hand, 1), hand).fields, **form.fields}
    if sent is not None and form.is_valid():
        told = form.cleaned_data
        if told["house"].free < told["beds"]:
            form.add_error("house", _("it has not that many free beds"))
        else:
            said = {field.name: told[field.name] for field in STAY}
            stays.place(hand, what, told["house"].id, told["beds"], end_of(told["until"]), said)
            return redirect(_case(what))
    free = [card_of(one, {}) for one in stays.free_houses(hand, 1)]
    return render(request, "houses/place.html", {"form": form, "free": free, "back": _case(what)})


@page("house.see")
def stay(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one stay."""
    hand = request.hand
    found = stays.stay_of(hand, what)
    rules = hand.read(found.house_id, found.house_id, Kind.FILE).said if hand.holds(found.house_id, Kind.FILE) else {}
    told = stay_line(hand, found) | {
        "case": _case(found.case) if hand.holds(found.case, Kind.FILE) else "",
        "rules": shown(_RULES, rules),
        "no_ambulance": "" if rules.get("ambulance") else NO_AMBULANCE,
        "on": found.state != journey.ENDED,
        "staying": found.state == journey.STAYING,
        "may_place": hand.may("stay.place"),
    }
    return render(request, "houses/stay.html", told)


@page("stay.rules read")
def stay_rules(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Note that the rules were read with the guests."""
    if request.method == "POST":
        stays.rules_read(request.hand, what)
    return redirect("stay", what)


@page("stay.place")
def stay_extend(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Let a stay last longer, or end sooner."""
    stays.stay_of(request.hand, what)
    form = Until(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        stays.extend(request.hand, what, form.cleaned_data["until"])
        return redirect("stay", what)
    told = {"title": _("Until when do they stay?"), "form": form, "back": reverse("stay", args=[what])}
    return render(request, "houses/ask.html", told)


@page("stay.place")
def stay_move(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Move a stay into another house."""
    found = stays.stay_of(request.hand, what)
    others = [one for one in stays.free_houses(request.hand, found.beds) if one.id != found.house_id]
    form = _Elsewhere(others, request.hand, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        stays.rehome(request.hand, what, form.cleaned_data["house"].id)
        return redirect("stay", what)
    told = {"title": _("Another house"), "form": form, "back": reverse("stay", args=[what]), "none": not others}
    return render(request, "houses/ask.html", told)


@page("stay.end")
def stay_end(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Ask once more, then end a stay."""
    found = stays.stay_of(request.hand, what)
    if request.method == "POST":
        stays.end(request.hand, what)
        return redirect("house", found.house_id)
    told = {
        "title": _("End this stay?"),
        "words": [
            _("The beds are free from now on. What the host was told of these guests is destroyed."),
            _("They still know where the house is. If they leave in anger or under threat, let the house rest."),
        ],
        "deed": _("They have left"),
        "back": reverse("stay", args=[what]),
    }
    return render(request, "veil/confirm.html", told)


@panel(50)
def sleeps(request: HttpRequest, case_id: uuid.UUID) -> Panel | None:
    """Show on a case's page in which house the people sleep, and until when."""
    hand = request.hand
    if not hand.may("house.see") or not hand.holds(case_id, Kind.FILE):
        return None
    there = Stay.objects.filter(case=case_id).exclude(state=journey.ENDED).select_related("house").order_by("until")
    told = {"stays": [stay_line(hand, one) for one in there], "case_id": case_id}
    told["may_place"] = hand.may("stay.place") and Case.objects.filter(id=case_id, state__in=OPEN).exists()
    return Panel("houses/panel.html", told)


class _Choice(forms.RadioSelect):
    """One house of several."""


class _Elsewhere(forms.Form):
    """Another house."""

    house = forms.TypedChoiceField(widget=_Choice)

    def __init__(self, free: list[House], hand: Any, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")
        words = hand.read_all([one.id for one in free], Kind.FILE)
        by_id = {str(one.id): one for one in free}
        field = self.fields["house"]
        field.label = _("House")
        field.coerce = by_id.__getitem__
        field.choices = [(id_, _in_words(one, words[one.id].said)) for id_, one in by_id.items()]


class _Place(_Elsewhere):
    """How many, until when, in which house."""

    beds = forms.IntegerField(min_value=1, max_value=_MOST_BEDS, initial=1)
    until = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    field_order = ("beds", "until", "house")

    def __init__(self, free: list[House], hand: Any) -> None:
        super().__init__(free, hand)
        self.fields["beds"].label = _("Beds")
        self.fields["beds"].help_text = _("children in a bed of their own count too")
        self.fields["until"].label = _("Until")
        self.fields["until"].help_text = _("two weeks are normal")
        self.fields["until"].initial = timezone.localdate(clock.now() + timedelta(days=14))


def _in_words(house: Any, said: dict[str, Any]) -> str:
    """Return a house in one line: its code, its beds, whom it suits, how far it is."""
    card = card_of(house, said)
    free = _("%(free)s of %(all)s beds free") % {"free": house.free, "all": house.capacity}
    return " · ".join(filter(None, [house.code, free, card.travel, ", ".join(card.suits)]))


def _case(what: uuid.UUID) -> str:
    try:
        return str(reverse("case", args=[what]))
    except NoReverseMatch:
        return str(reverse("houses"))


urlpatterns = [
    path("place/<uuid:what>", place, name="place"),
    path("stays/<uuid:what>", stay, name="stay"),
    path("stays/<uuid:what>/rules", stay_rules, name="stay-rules"),
    path("stays/<uuid:what>/until", stay_extend, name="stay-extend"),
    path("stays/<uuid:what>/move", stay_move, name="stay-move"),
    path("stays/<uuid:what>/end", stay_end, name="stay-end"),
]
