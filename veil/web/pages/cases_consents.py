"""Pages of consent: asked in plain words, to be read aloud or shown; given, refused, taken back."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases import consents
from veil.casework.cases.asking import QUESTIONS
from veil.casework.cases.fields import CONSENT
from veil.casework.cases.models import Consent, Person
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.web.forms import form_of, shown
from veil.web.pages.cases_shared import address, back_to, person_of
from veil.web.pages.declared import page

_SLUGS = {purpose.replace(" ", "-"): purpose for purpose in consents.PURPOSES}
_LANGUAGES = ("en", "ru")


def _fields(person: Person, purpose: str) -> tuple[Any, ...]:
    told = CONSENT if person.role == "child" else tuple(one for one in CONSENT if one.name != "child_view")
    wanted = {consents.PARTNER, consents.MEDICAL, consents.LEGAL}
    return tuple(one for one in told if one.name != "recipient" or purpose in wanted)


@page("person.see")
def consent_list(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show what a person has answered, purpose by purpose."""
    person = person_of(request, what)
    signs = dict(Worker.objects.values_list("id", "call_sign"))
    lines = []
    for slug, purpose in _SLUGS.items():
        rows = Consent.objects.filter(owner=what, purpose=purpose).order_by("-at")
        answers = [
            {
                "consent": one,
                "state": consents.state_now(one),
                "answer": consents.ANSWERS[consents.state_now(one)],
                "by": signs.get(one.by, ""),
                "words": shown(CONSENT, request.hand.read(one.id, what, Kind.FILE).said),
            }
            for one in rows
        ]
        lines.append({"slug": slug, "name": consents.PURPOSES[purpose], "answers": answers})
    told = {"person": person, "alias": request.hand.read(what, what, Kind.FILE).said.get("alias", ""), "lines": lines}
    return render(request, "cases/consents.html", told | {"back": address("person", what)})


@page("person.see", change="consent.ask")
def consent_ask(request: HttpRequest, what: uuid.UUID, purpose: str) -> HttpResponse:
    """Ask for one consent: the words to read aloud, and the answer."""
    person = person_of(request, what)
    told = _SLUGS.get(purpose)
    if told is None:
        raise NotAllowed
    form = _form(person, told, request.POST if request.method == "POST" else None)
    last = Consent.objects.filter(owner=what, purpose=told).order_by("-at").first()
    stands = f"{last.at.isoformat()} {last.state}" if last else ""
    # a yes from before somebody else wrote down a no would undo it unseen; a no never waits
    late = request.method == "POST" and request.POST.get("stands", "") != stands and request.POST.get("answer") == "yes"
    if request.method == "POST" and form.is_valid() and not late:
        consents.answered(request.hand, person, _answer(form, told))
        return redirect(back_to(request, person, "#consents"))
    language = request.GET.get("read", get_language() or "en")
    language = language if language in _LANGUAGES else "en"
    with override(language):
        question = {name: str(text) for name, text in QUESTIONS[told]._asdict().items()}
        withdraw = _("You can take this back at any time, without giving a reason. Nobody will be angry with you.")
    page_told = {"person": person, "form": form, "question": question, "withdraw": withdraw, "language": language}
    page_told |= {
        "purpose": consents.PURPOSES[told],
        "back": back_to(request, person, "#consents"),
        "from_case": request.GET.get("back") == "case",
        "child": person.role == "child",
        "stands": stands,
    }
    if late and last is not None:
        page_told |= {"last": last, "last_answer": consents.ANSWERS[consents.state_now(last)]}
    return render(request, "cases/ask.html", page_told, status=409 if late else 200)


def _form(person: Person, purpose: str, data: Any) -> forms.Form:
    form = form_of(_fields(person, purpose), data)
    answers = (("yes", _("Yes")), ("no", _("No")))
    form.fields["answer"] = forms.ChoiceField(choices=answers, label=_("The answer"), widget=forms.RadioSelect)
    if "child_view" in form.fields:
        form.fields["child_view"].required = True
    off = {"type": "date", "autocomplete": "off"}
    form.fields["until"] = forms.DateField(
        label=_("Until when"),
        required=False,
        widget=forms.DateInput(off),
        help_text=_("leave it open if it holds until they take it back"),
    )
    form.order_fields(["answer"])
    return form


def _answer(form: forms.Form, purpose: str) -> consents.Answer:
    told = dict(form.cleaned_data)
    given, day = told.pop("answer") == "yes", told.pop("until")
    until = None
    if day is not None:
        end = datetime.combine(day, datetime.max.time().replace(microsecond=0))
        until = max(timezone.make_aware(end), clock.now())
    return consents.Answer(purpose, given, until, {name: value for name, value in told.items() if value})


@page("person.see", change="consent.ask")
def consent_withdraw(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what ends when this consent is taken back; then end it at once."""
    consent = Consent.objects.filter(id=what).first()
    if consent is None:
        raise NotAllowed
    person = person_of(request, consent.owner)
    if request.method == "POST":
        consents.withdraw(request.hand, consent)
        return redirect(address("consents", person.id))
    told = {"consent": consent, "purpose": consents.PURPOSES[consent.purpose], "back": address("consents", person.id)}
    return render(request, "cases/withdraw.html", told | {"ends": QUESTIONS[consent.purpose].ends})


urlpatterns = [
    path("people/<uuid:what>/consents", consent_list, name="consents"),
    path("people/<uuid:what>/consents/<slug:purpose>", consent_ask, name="consent-ask"),
    path("consents/<uuid:what>/withdraw", consent_withdraw, name="consent-withdraw"),
]
