"""Pages of what was entrusted: health to a clinician, testimony to a lawyer; whoever sent it cannot read it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from veil.casework.cases import consents, entrusting
from veil.casework.cases.fields import CARE, TESTIMONY
from veil.casework.fields import Field
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, form_of, shown
from veil.web.pages.cases_shared import address, person_of, require_open
from veil.web.pages.declared import page

_FIELDS = {Kind.HEALTH: CARE, Kind.TESTIMONY: TESTIMONY}
_HAND_OVER = ("languages", "asked")


def _picked(kind: Kind, names: Iterable[str]) -> list[Field]:
    return [field for field in _FIELDS[kind] if field.name in names]


@page("person.see", change="entrust")
def entrust(request: HttpRequest, what: uuid.UUID, kind: str) -> HttpResponse:
    """Entrust a person's health or testimony to one worker, with a few words about what is asked of them."""
    person = person_of(request, what)
    told = Kind(kind) if kind in {one.value for one in _FIELDS} else None
    if told is None:
        raise NotAllowed
    require_open(request, person)
    consents.require(person, entrusting.PURPOSE[told])
    alias = request.hand.read(what, what, Kind.FILE).said
    workers = Worker.objects.filter(ended=None, role=entrusting.TO[told]).order_by("call_sign")
    form = form_of(_picked(told, _HAND_OVER), request.POST or None, said={"languages": alias.get("languages", "")})
    form.fields["worker"] = forms.ModelChoiceField(workers, label=_("To whom"), empty_label="—")
    form.fields["worker"].label_from_instance = lambda worker: worker.call_sign
    form.order_fields(["worker"])
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        worker = said.pop("worker")
        entrusting.entrust(request.hand, person, told, worker, said | {"alias": alias.get("alias", "")})
        return redirect(address("person", what))
    lead = _("A new key is made for them alone. What they write, you cannot read, and nobody can make you tell it.")
    title = _("Entrust health to a clinician") if told is Kind.HEALTH else _("Entrust testimony to a lawyer")
    page_told = {"form": form, "title": title, "lead": lead, "button": _("Entrust"), "back": address("person", what)}
    return render(request, "cases/form.html", page_told)


def _list(request: HttpRequest, kind: Kind, route: str, title: str) -> HttpResponse:
    told = Paginator(sorted(request.hand.held(kind)), 25).get_page(request.GET.get("page"))
    words = request.hand.read_all(list(told), kind)
    lines = [{"what": owner, "alias": words[owner].said.get("alias", "")} for owner in told if owner in words]
    return render(request, "cases/entrusted.html", {"lines": lines, "page": told, "route": route, "title": title})


def _notes(request: HttpRequest, what: uuid.UUID, kind: Kind, routes: tuple[str, str], act: str) -> HttpResponse:
    entrusting.require_open(request.hand, what, kind)
    said = request.hand.read(what, what, kind).said
    edit = Edit(
        title=said.get("alias") or _("Notes"),
        lead=" · ".join(f"{one.label}: {one.text}" for one in shown(_picked(kind, _HAND_OVER), said)),
        act="notes written",
        template="veil/edit.html" if kind is Kind.HEALTH else "cases/testimony.html",
    )
    if not request.hand.may(act):
        words = shown(_picked(kind, ("languages", "asked", "notes")), said)
        return render(request, "cases/notes.html", {"name": edit.title, "words": words, "route": routes[0]})
    return edit_record(request, what, what, _picked(kind, ("notes",)), address(routes[1], what), edit)


@page("care.see")
def care_list(request: HttpRequest) -> HttpResponse:
    """Show the people whose health was entrusted to this clinician."""
    return _list(request, Kind.HEALTH, "care", _("In my care"))


@page("care.see", change="care.note")
def care(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show and change the health notes of one person."""
    return _notes(request, what, Kind.HEALTH, ("care-list", "care"), "care.note")


@page("testimony.see")
def testimony_list(request: HttpRequest) -> HttpResponse:
    """Show the people whose testimony was entrusted to this worker."""
    return _list(request, Kind.TESTIMONY, "testimony", _("Testimony"))


@page("testimony.see", change="testimony.note")
def testimony(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show the notes on one person's testimony; a lawyer writes them."""
    return _notes(request, what, Kind.TESTIMONY, ("testimony-list", "testimony"), "testimony.note")


@page("testimony.note")
def testimony_share(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Let a press officer read a testimony that may be published anonymously."""
    entrusting.require_open(request.hand, what, Kind.TESTIMONY)
    workers = Worker.objects.filter(ended=None, role="press officer").order_by("call_sign")
    if request.method == "POST":
        consents.require(what, consents.PUBLICATION)
        worker = workers.filter(call_sign=request.POST.get("worker", "").replace("\0", "")).first()
        if worker is None:
            raise VeilError(_("there is no such worker"), _("choose one from the list"))
        request.hand.share(what, Kind.TESTIMONY, worker)
    return redirect(address("testimony", what))


urlpatterns: list[Any] = [
    path("people/<uuid:what>/entrust/<slug:kind>", entrust, name="entrust"),
    path("care", care_list, name="care-list"),
    path("care/<uuid:what>", care, name="care"),
    path("testimony", testimony_list, name="testimony-list"),
    path("testimony/<uuid:what>", testimony, name="testimony"),
    path("testimony/<uuid:what>/share", testimony_share, name="testimony-share"),
]
