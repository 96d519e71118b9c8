"""Pages of people: who is in a case, under which alias, in which household, and what is kept from the others."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from veil.casework import naming
from veil.casework.cases import consents, entrusting, journey
from veil.casework.cases.fields import APART, PERSON, RELATIVE, ROLES
from veil.casework.cases.models import Case, Consent, Household, Person
from veil.casework.cases.opening import add_person
from veil.casework.hand import Changed
from veil.casework.keeping import purge
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, shown
from veil.web.pages.cases_shared import (
    address,
    back_to,
    case_of,
    head,
    holders_of,
    people_of,
    person_of,
    require_open,
)
from veil.web.pages.declared import page
from veil.web.panels import Panel, panel

COMMUNITIES = {
    "neutral": gettext_lazy("Neutral words"),
    "en": gettext_lazy("English names"),
    "ru": gettext_lazy("Russian names"),
    "ce": gettext_lazy("Chechen names"),
}
_ROLES = dict(ROLES)
_WORDS = tuple(field for field in PERSON if field.name != "alias")


def fields_of(person: Person) -> tuple[Any, ...]:
    """Return the sealed fields that a person of this role has."""
    return (*RELATIVE, *_WORDS) if person.role == "relative at risk" else _WORDS


def lines(request: HttpRequest, case: Case) -> list[dict[str, Any]]:
    """Return one line for each person of a case whom this worker may see."""
    return [
        {
            "person": one["person"],
            "alias": one["said"].get("alias", ""),
            "role": _ROLES.get(one["person"].role, one["person"].role),
            "hands_off": bool(one["said"].get("do_not_contact")),
            "household": one["person"].household,
        }
        for one in people_of(request, case)
    ]


@panel(10)
def people(request: HttpRequest, case_id: uuid.UUID) -> Panel | None:
    """Show the people of a case."""
    if not request.hand.may("person.see"):
        return None
    case = Case.objects.get(id=case_id)
    return Panel(
        "cases/_people.html", {"case": case, "people": lines(request, case), "open_case": case.state in journey.OPEN}
    )


@page("person.see", change="person.change")
def person_new(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Add a person to a case: in which role, and which of its workers may know of them."""
    case = case_of(request, what)
    require_open(request, case)
    holders = holders_of(what)
    form = _Added(holders, str(request.hand.id), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = [worker for worker in holders if str(worker.id) in form.cleaned_data["holders"]]
        if request.hand.id not in {worker.id for worker in chosen}:
            form.add_error("holders", _("you are adding them: you must be one of those who know"))
        else:
            person = add_person(request.hand, case, form.cleaned_data["role"], chosen)
            return redirect(address("person-alias", person.id))
    told = {"form": form, "title": _("Add a person"), "button": _("Add"), "back": address("case", what)}
    lead = _("Each person has a key of their own. What one of them tells you, the others do not read here.")
    return render(request, "cases/form.html", told | {"lead": lead})


class _Added(forms.Form):
    """A new person: the role, and who may know."""

    def __init__(self, holders: list[Any], me: str, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")
        self.fields["role"] = forms.ChoiceField(
            choices=[one for one in ROLES if one[0] != "principal"], label=_("Who they are in this case")
        )
        self.fields["holders"] = forms.MultipleChoiceField(
            choices=[(str(worker.id), worker.call_sign) for worker in holders],
            label=_("Who may know of them"),
            widget=forms.CheckboxSelectMultiple,
            initial=[me],
        )


@page("person.see")
def person(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one person; what is kept from the others is behind a page of its own."""
    found = person_of(request, what)
    said = request.hand.read(what, what, Kind.FILE).said
    answers = {one.purpose: one for one in Consent.objects.filter(owner=what).order_by("at")}
    told = _head(request, found) | {
        "person": found,
        "name": said.get("alias", ""),
        "role": _ROLES.get(found.role, found.role),
        "words": shown(fields_of(found), said),
        "hands_off": bool(said.get("do_not_contact")),
        "apart": request.hand.holds(found.apart, Kind.FILE),
        "consents": [
            (name, consents.ANSWERS.get(consents.state_of(what, purpose)) if purpose in answers else "")
            for purpose, name in consents.PURPOSES.items()
        ],
        "knowing": holders_of(what),
        "identity": _identity(what),
        "entrusted": [_entrusted(what, kind) for kind in entrusting.TO],
        "households": Household.objects.filter(case=found.case).order_by("number"),
    }
    return render(request, "cases/person.html", told)


def _entrusted(what: uuid.UUID, kind: Kind) -> dict[str, Any]:
    """Return who holds a person's health or testimony; or the page that comes before entrusting it."""
    holder, purpose = entrusting.holder_of(what, kind), entrusting.PURPOSE[kind]
    agreed = consents.state_of(what, purpose) == consents.GIVEN
    told = {"kind": kind.value, "holder": holder.call_sign if holder else "", "agreed": agreed}
    return told | {
        "page": address("entrust", what, kind=kind.value) if agreed else address("consent-ask", what, purpose=purpose)
    }


def _identity(what: uuid.UUID) -> str:
    """Return the address of the person's identity envelope, where custodians keep one."""
    try:
        return address("identity", what)
    except NoReverseMatch:
        return ""


def _head(request: HttpRequest, found: Person) -> dict[str, Any]:
    return head(request, found.case) if request.hand.holds(found.case_id, Kind.FILE) else {}


@page("person.see", change="person.change")
def person_words(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change what a person's own file says."""
    found = person_of(request, what)
    require_open(request, found)
    edit = Edit(title=_("About this person"), act="person changed")
    return edit_record(request, what, what, fields_of(found), address("person", what), edit)


@page("person.see", change="person.change")
def person_apart(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show and change what must not be told to the others of the case."""
    found = person_of(request, what)
    require_open(request, found)
    edit = Edit(
        title=_("Kept from the others"),
        lead=_("Look around before you read on. This has a key of its own and is shown on no other page."),
        act="person changed",
    )
    return edit_record(request, found.apart, found.apart, APART, address("person", what), edit)


@page("person.see", change="person.change")
def person_alias(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Offer a handful of invented names; the person chooses."""
    found = person_of(request, what)
    require_open(request, found)
    words = request.hand.read(what, what, Kind.FILE)
    chosen, version = request.POST.get("alias", ""), request.POST.get("version", "")
    used = _in_use(request)
    problem = ""
    if request.method == "POST" and chosen:
        if naming.is_ours(chosen) and chosen.casefold() not in used:
            if version != str(words.version):
                raise Changed
            _name(request, found, words.said | {"alias": chosen}, words.version)
            return redirect(back_to(request, found))
        problem = _("choose one of the names that are offered here")
    community = request.POST.get("community", "neutral")
    if community not in COMMUNITIES:
        community = "neutral"
    pool = "neutral ru" if community == "neutral" and (get_language() or "").startswith("ru") else community
    told = {
        "person": found,
        "offered": naming.offered(pool, used),
        "community": community,
        "communities": COMMUNITIES.items(),
        "version": words.version,
        "now": words.said.get("alias", ""),
        "problem": problem,
        "back": back_to(request, found),
    }
    return render(request, "cases/alias.html", told)


def _in_use(request: HttpRequest) -> set[str]:
    """Return the aliases in what this worker holds, and nobody else's."""
    held = request.hand.held(Kind.FILE)
    owners = [*Case.objects.filter(id__in=held).values_list("id", flat=True)]
    owners += Person.objects.filter(id__in=held).exclude(role="principal").values_list("id", flat=True)
    words = request.hand.read_all(owners, Kind.FILE).values()
    return {str(one.said["alias"]).casefold() for one in words if one.said.get("alias")}


def _name(request: HttpRequest, found: Person, said: dict[str, Any], version: int) -> None:
    request.hand.write(found.id, found.id, Kind.FILE, said, version)
    case = found.case_id
    if found.role == "principal" and request.hand.holds(case, Kind.FILE):
        words = request.hand.read(case, case, Kind.FILE)
        request.hand.write(case, case, Kind.FILE, words.said | {"alias": said["alias"]}, words.version)
    request.hand.note("alias chosen", found.id)


@page("person.see", change="person.change")
def person_household(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Put a person into a household of their case, a new one, or none."""
    found = person_of(request, what)
    if request.method == "POST":
        require_open(request, found)
        households = Household.objects.filter(case=found.case)
        told = request.POST.get("household", "")
        household = households.filter(number=int(told)).first() if told.isdecimal() and len(told) < 6 else None
        if told == "new":
            last = households.order_by("-number").values_list("number", flat=True).first() or 0
            household = Household.objects.create(root=found.case_id, case=found.case, number=last + 1)
        Person.objects.filter(id=what).update(household=household)
        Household.objects.filter(case=found.case, people=None).delete()
        request.hand.note("household changed", what)
    return redirect(address("person", what))


@page("person.see", change="person.change")
def person_remove(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Ask once more, then take a person out of a case and destroy every key of theirs."""
    found = person_of(request, what)
    if found.role == "principal":
        raise VeilError(
            _("this case is about this person"),
            _("close the case instead; its keys are destroyed with it"),
        )
    if request.method != "POST":
        return render(request, "cases/remove.html", {"person": found, "back": address("person", what)})
    case = found.case_id
    purge.destroy(request.hand, [what, found.apart])
    Household.objects.filter(case_id=case, people=None).delete()
    request.hand.note("person removed", what)
    return redirect(address("case", case) if request.hand.holds(case, Kind.FILE) else "cases")


urlpatterns = [
    path("<uuid:what>/people/new", person_new, name="person-new"),
    path("people/<uuid:what>", person, name="person"),
    path("people/<uuid:what>/words", person_words, name="person-words"),
    path("people/<uuid:what>/apart", person_apart, name="person-apart"),
    path("people/<uuid:what>/alias", person_alias, name="person-alias"),
    path("people/<uuid:what>/household", person_household, name="person-household"),
    path("people/<uuid:what>/remove", person_remove, name="person-remove"),
]
