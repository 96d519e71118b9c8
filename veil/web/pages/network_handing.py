"""Pages of handing over: all that somebody holds, or cases that are chosen, one by one."""

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case as When_
from django.db.models import IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework.cases import handing, journey
from veil.casework.network import exposure, workers
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.web.pages.declared import page
from veil.web.pages.network_shared import counts_of, worker_of

_A_PAGE = 25


class HandOver(forms.Form):
    """Who takes over, and why."""

    taker = forms.CharField(
        label=gettext_lazy("Call sign of whoever takes over"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    why = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[
            ("leaves", gettext_lazy("leaves the network")),
            ("rests", gettext_lazy("has to rest, or is ill")),
            ("much", gettext_lazy("one account held too much")),
            ("danger", gettext_lazy("is in danger, or known to them")),
        ],
    )


class HandOverCases(HandOver):
    """Which cases, and who takes them."""

    field_order = ("cases", "taker", "why")

    def __init__(self, cases: list[tuple[str, str]], *told: Any, **named: Any) -> None:
        super().__init__(*told, auto_id="f_%s", **named)
        self.fields["cases"] = forms.MultipleChoiceField(
            label=_("Which cases"), choices=cases, widget=forms.CheckboxSelectMultiple
        )
        self.order_fields(self.field_order)


@page("work.hand over", counted=False)
def hand_over(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Give what somebody holds to another: one's own, or (a coordinator who has the keys) another's."""
    one = worker_of(request, what)
    form = HandOver(request.POST or None)
    told: dict[str, Any] = {"worker": one, "form": form, "mine": what == request.hand.id}
    if request.method == "POST" and form.is_valid():
        try:
            taker = workers.called(form.cleaned_data["taker"])
            handed = workers.hand_over(request.hand, what, taker)
        except VeilError as error:
            form.add_error("taker", f"{error}. {error.hint}")
        else:
            request.hand.note(f"hand-over: {form.cleaned_data['why']}", what)
            return render(request, "network/handed.html", told | {"handed": handed, "taker": taker})
    told["yield"] = exposure.of(what)
    told["counts"] = counts_of(told["yield"], exposure.most())
    response = render(request, "network/handover.html", told, status=400 if form.errors else 200)
    response.undo = bool(form.errors)  # all of it, or nothing
    return response


@page("work.hand over", counted=False)
def hand_over_cases(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Choose cases of one's own (or, as a coordinator who holds them too, of another's), see what would change, do it.

    What would change is not guessed: it is done, counted, and undone again until somebody says yes.
    """
    one = worker_of(request, what)
    asked = _uuid(request.GET.get("case"))  # from the page of a case: it stands first, and is ticked
    first = When_(When(id=asked, then=Value(0)), default=Value(1), output_field=IntegerField())
    theirs = handing.to_give(request.hand, what).order_by(first, "code", "id")
    leaf = Paginator(theirs, _A_PAGE).get_page(request.GET.get("page"))
    form = HandOverCases(_choices(request, leaf), request.POST or None, initial={"cases": [str(asked)], "why": "rests"})
    told: dict[str, Any] = {"worker": one, "form": form, "leaf": leaf, "mine": what == request.hand.id}
    sure = request.POST.get("sure") == "yes"
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            taker = workers.called(said["taker"])
            handed = handing.hand_over(request.hand, one, taker, map(uuid.UUID, said["cases"]), said["why"])
        except VeilError as error:
            form.add_error("taker", f"{_(str(error))}. {_(error.hint)}")
        else:
            told |= _figures(request, handed, one.id, taker.id) | {"handed": handed, "taker": taker}
            template = "network/cases_handed.html" if sure else "network/cases_sure.html"
            response = render(request, template, told)
            response.undo = not sure
            return response
    response = render(request, "network/cases_handover.html", told, status=400 if form.errors else 200)
    response.undo = bool(form.errors)  # all of it, or nothing
    return response


def _choices(request: HttpRequest, leaf: Any) -> list[tuple[str, str]]:
    words = request.hand.read_all([case.id for case in leaf], Kind.FILE)
    alias = {id_: one.said.get("alias") or _("no alias yet") for id_, one in words.items()}
    return [(str(case.id), f"{alias[case.id]} · {case.code} · {journey.STATE_NAMES[case.state]}") for case in leaf]


def _figures(request: HttpRequest, handed: handing.Handed, giver: uuid.UUID, taker: uuid.UUID) -> dict[str, Any]:
    """Return the two accounts' figures: the giver's to whoever gives, the taker's to coordinators alone."""
    most = exposure.most()
    return {
        "was": counts_of(handed.before[giver], most),
        "now": counts_of(handed.after[giver], most),
        "theirs": counts_of(handed.after[taker], most) if request.hand.may("worker.see") else [],
        "too_much": bool(handed.after[taker].too_much(most)),
    }


def _uuid(told: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(told or "")
    except ValueError:
        return None


urlpatterns = [
    path("<uuid:what>/hand-over", hand_over, name="hand_over"),
    path("<uuid:what>/hand-over/cases", hand_over_cases, name="hand_over_cases"),
]
