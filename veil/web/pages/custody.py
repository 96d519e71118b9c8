"""Pages of custody: what custodians answer, and the envelope of one person."""

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy

from veil.casework import policy
from veil.casework.custody import custodians, envelopes, paper
from veil.casework.custody.fields import IDENTITY
from veil.casework.custody.models import Access, Change, Envelope
from veil.casework.network import workers
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.vault import slips
from veil.web.forms import form_of
from veil.web.pages import custody_slips
from veil.web.pages.custody_slips import TYPED, Words, said_of
from veil.web.pages.declared import page

_OFF = {"autocomplete": "off", "spellcheck": "false"}


class Ask(forms.Form):
    """Why, and for how long."""

    motive = forms.CharField(
        label=gettext_lazy("Why it has to be opened"),
        max_length=1000,
        widget=forms.Textarea(_OFF | {"rows": 4}),
        help_text=gettext_lazy("Only the custodians read this. No names."),
    )
    hours = forms.IntegerField(
        label=gettext_lazy("For how many hours"), min_value=1, max_value=envelopes.MOST_HOURS, initial=4
    )


class Sheets(Words):
    """The words of the sheets that custodians have brought."""

    slip_words_2 = forms.CharField(
        label=gettext_lazy("The words of a second sheet"), max_length=600, required=False, widget=forms.Textarea(TYPED)
    )

    def typed(self) -> list[str]:
        """Return the sheets that were typed."""
        told = (self.cleaned_data["slip_words"], self.cleaned_data["slip_words_2"])
        return [words for words in told if words]


class Name(forms.Form):
    """Who becomes a custodian, and in whose place."""

    coming = forms.CharField(
        label=gettext_lazy("Call sign of the custodian"), max_length=40, widget=forms.TextInput(_OFF)
    )
    leaving = forms.CharField(
        label=gettext_lazy("In whose place"),
        max_length=40,
        required=False,
        widget=forms.TextInput(_OFF),
        help_text=gettext_lazy("Leave this empty where a place is free."),
    )


@page("custody.see", change="custodian.name")
def custody(request: HttpRequest) -> HttpResponse:
    """Show what waits for this worker; coordinators name custodians here."""
    form = Name(request.POST or None) if request.hand.may("custodian.name") else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _name(request, form.cleaned_data)
        except VeilError as error:
            form.add_error("coming", f"{error}. {error.hint}")
        else:
            return redirect("custody")
    three = custodians.custodians()
    mine = custodians.is_custodian(request.hand.id)
    return render(
        request,
        "custody/custody.html",
        {
            "waiting": envelopes.waiting(request.hand),
            "asked": [(one, envelopes.agreed(one)) for one in envelopes.asked_by(request.hand)],
            "mine": mine,
            "slips": paper.count(request.hand),
            "form": form,
            "three": three if mine or form is not None else [],
            "enough": len(three) == custodians.OF,
            "change": Change.objects.first() if mine or form is not None else None,
        },
        status=400 if form is not None and form.errors else 200,
    )


@page("identity.answer", counted=False)
def asking(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one asking to a custodian, and take their answer."""
    one = next((one for one in envelopes.waiting(request.hand) if one.access_id == what), None)
    if one is None:
        raise policy.NotAllowed
    begins = paper.needed_for(request.hand, one.access.envelope_id)
    form = Words(request.POST if begins and request.POST.get("answer") == "agree" else None)
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        words = form.cleaned_data["slip_words"] if form.is_bound else ""
        try:
            envelopes.answer(request.hand, what, agree=request.POST.get("answer") == "agree", words=words)
        except (slips.SlipMisread, paper.WrongSheet) as error:
            form.add_error("slip_words", said_of(error))
        else:
            return redirect("custody")
    told = {"one": one, "motive": envelopes.motive_of(request.hand, one), "begins": begins, "form": form}
    return render(request, "custody/asking.html", told, status=400 if form.errors else 200)


@page("identity.answer", counted=False)
def custodian_change(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Agree, as a custodian who stays, to a new one."""
    change = Change.objects.filter(id=what).select_related("coming").first()
    if change is None or not custodians.is_custodian(request.hand.id) or request.hand.id == change.leaving:
        raise policy.NotAllowed
    if request.method == "POST":
        custodians.agree_to_change(request.hand, what, without=request.POST.get("without") == "yes")
        return redirect("custody")
    told = {"change": change, "agreed": change.first_id == request.hand.id, "paper": paper.on_paper_only(request.hand)}
    return render(request, "custody/change.html", told)


@page("identity.see", change="identity.ask")
def identity(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one person's envelope: write it, ask for it, read it while it is open."""
    envelopes.root_of(request.hand, what)
    if not envelopes.sealed(what):
        return _write(request, what)
    if request.hand.holds(what, Kind.IDENTITY):
        return _opened(request, what)
    asked = next((one for one in envelopes.asked_by(request.hand, what) if one.state == "asked"), None)
    if asked is not None:
        return _waiting(request, what, asked)
    form = Ask(request.POST or None)
    if request.method == "POST" and form.is_valid():
        envelopes.ask(request.hand, what, form.cleaned_data["motive"], form.cleaned_data["hours"])
        return redirect("identity", what=what)
    left = envelopes.left(what)
    told = {"form": form, "what": what, "left": left, "openable": left >= custodians.NEEDED}
    return render(request, "custody/sealed.html", told, status=400 if form.errors else 200)


def _write(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    form = form_of(IDENTITY, request.POST or None)
    enough = len(custodians.custodians()) == custodians.OF
    if request.method == "POST" and form.is_valid():
        envelopes.seal_up(request.hand, what, _said(form))
        return redirect("identity", what=what)
    told = {"form": form, "what": what, "enough": enough}
    return render(request, "custody/write.html", told, status=400 if form.errors else 200)


def _opened(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    if request.method == "POST" and request.POST.get("do") == "close":
        envelopes.close(request.hand, what)
        return redirect("identity", what=what)
    form = form_of(IDENTITY, request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = request.POST.get("version", "")
        request.hand.write(what, what, Kind.IDENTITY, _said(form), int(version) if version.isdigit() else None)
        request.hand.note("identity changed", what)
        return redirect("identity", what=what)
    words = envelopes.read(request.hand, what)
    if request.method != "POST":
        form = form_of(IDENTITY, said=words.said)
    shown = [(field.label, words.said.get(field.name)) for field in IDENTITY if words.said.get(field.name)]
    until = next((one.until for one in envelopes.asked_by(request.hand, what) if one.state == "open"), None)
    told = {"shown": shown, "form": form, "what": what, "until": until, "version": words.version}
    return render(request, "custody/open.html", told, status=400 if form.errors else 200)


def _waiting(request: HttpRequest, what: uuid.UUID, asked: Access) -> HttpResponse:
    do = request.POST.get("do")
    form = Sheets(request.POST if do == "sheets" else None)
    if request.method == "POST" and do != "sheets":
        if do == "close":
            envelopes.close(request.hand, what)
        else:
            envelopes.open_(request.hand, asked.id)
        return redirect("identity", what=what)
    if form.is_bound and form.is_valid():
        try:
            envelopes.open_(request.hand, asked.id, form.typed())
        except VeilError as error:
            form.add_error("slip_words_2" if getattr(error, "slip", 1) == 2 else "slip_words", said_of(error))
        else:
            return redirect("identity", what=what)
    count = envelopes.agreed(asked)
    told = {"what": what, "asked": asked, "count": count, "ready": count >= custodians.NEEDED}
    told |= {"form": form, "out": envelopes.sheets_out(request.hand, what), "begins": paper.begins(what)}
    response = render(request, "custody/waiting.html", told, status=400 if form.errors else 200)
    response.undo = bool(form.errors)
    return response


def _name(request: HttpRequest, told: dict[str, str]) -> None:
    coming = workers.called(told["coming"])
    if told["leaving"]:
        custodians.begin_change(request.hand, coming, workers.called(told["leaving"]).id)
    elif Envelope.objects.exists():
        custodians.begin_change(request.hand, coming)
    else:
        custodians.name(request.hand, coming)


def _said(form: forms.Form) -> dict[str, str]:
    return {name: str(told) for name, told in form.cleaned_data.items() if told not in (None, "")}


urlpatterns = [
    path("", custody, name="custody"),
    *custody_slips.urlpatterns,
    path("asking/<uuid:what>", asking, name="asking"),
    path("change/<uuid:what>", custodian_change, name="custodian_change"),
    path("<uuid:what>", identity, name="identity"),
]
