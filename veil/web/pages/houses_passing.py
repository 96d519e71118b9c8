"""Pages of passing a house on: another host or another coordinator comes in the place of who had it."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from veil.casework.houses import shelter
from veil.casework.network import chiefs, exposure, workers
from veil.casework.network.models import Worker
from veil.casework.network.roles import ROLE_NAMES, Kind, Role
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.pages.declared import page


@page("house.address")
def house_pass_on(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Give the address to another coordinator, or the house to another host, in place of who had it."""
    hand = request.hand
    if not hand.holds(what, Kind.HOUSE):
        raise NotAllowed
    found = shelter.house_of(hand, what)
    others = _others(what)
    if hand.role == Role.HOST and shelter.holder(what, Role.COORDINATOR) is not None:
        others = others.filter(role=Role.HOST)  # that place is not a host's to give
    form = (_Sign if hand.role == Role.HOST else _Whom)(others, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _passed(request, found, form.cleaned_data["whom"])
    lead = _("One host and one coordinator know where it is. Whoever you choose takes the place of one of them.")
    if hand.role == Role.HOST:
        lead = _("Another host takes your place, and then you have no key of this house any more.")
        if shelter.holder(what, Role.COORDINATOR) is None:
            lead = _("No coordinator knows where it is any more. Name one, or another host who takes your place.")
    told = {"title": _("Pass it on"), "lead": lead, "form": form, "back": reverse("house-address", args=[what])}
    return render(request, "houses/ask.html", told, status=400 if form.errors else 200)


def _passed(request: HttpRequest, found: Any, to: Worker) -> HttpResponse:
    before = shelter.holder(found.id, Role(to.role))
    who = [one for one in (before, to) if one is not None]
    was = exposure.of_each([one.id for one in who])
    done = shelter.pass_on(request.hand, found.id, to)
    now = exposure.of_each([one.id for one in who])
    figures = [(one.call_sign, was[one.id].things["houses"], now[one.id].things["houses"]) for one in who]
    if not request.hand.may("worker.see"):  # how much a colleague holds is for coordinators
        figures = [one for one in figures if one[0] == request.hand.call_sign]
    told = {
        "house": found,
        "to": to,
        "done": done,
        "figures": figures,
        "mine": request.hand.holds(found.id, Kind.HOUSE),
    }
    return render(request, "houses/passed.html", told | {"board": request.hand.within(found.id)})


def _others(what: uuid.UUID) -> Any:
    """Return the workers who may come in somebody's place."""
    knowing = [one.id for role in (Role.HOST, Role.COORDINATOR) if (one := shelter.holder(what, role))]
    hosts = Worker.objects.filter(role=Role.HOST, ended=None)
    return (hosts | chiefs.of_the_network()).exclude(id__in=knowing).order_by("role", "call_sign")


class _Whom(forms.Form):
    """Somebody who works here, from a list: coordinators know who does."""

    whom = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, workers: Any, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")
        self._others = workers
        self.fields["whom"].label = _("To whom")
        self.fields["whom"].choices = [(str(one.id), f"{one.call_sign} · {ROLE_NAMES[one.role]}") for one in workers]

    def clean_whom(self) -> Worker:
        """Return them."""
        found: Worker = self._others.get(id=self.cleaned_data["whom"])
        return found


class _Sign(forms.Form):
    """Somebody who works here, by the call sign that a host was told; no list of them is shown to a host."""

    whom = forms.CharField(max_length=40, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))

    def __init__(self, others: Any, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")
        self._others = others
        self.fields["whom"].label = _("Call sign of whoever takes over")

    def clean_whom(self) -> Worker:
        """Return them."""
        try:
            told = workers.called(self.cleaned_data["whom"])
        except VeilError as error:
            raise forms.ValidationError(f"{error}. {error.hint}") from error
        if told not in self._others:
            raise forms.ValidationError(_("A house goes to another host."))
        return told


urlpatterns = [path("<uuid:what>/pass-on", house_pass_on, name="house-pass-on")]
